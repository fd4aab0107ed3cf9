"""Writing a lot: what a session would say to a colleague, as bytes for a file.

    prepare  marks everything that goes into it as offered, and notes the lot; committed before the first byte exists
    pieces   the bytes, one chunk after the other; no more than an envelope is ever held

A lot repeats what was offered before and not acknowledged since, so a lost one needs nothing but the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from localstore import arrivals, crypto, departures, lots
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, transaction
from localstore.departures import OFFER_BYTES, OFFER_COUNT
from localstore.feeds import MAX_ENVELOPE_BYTES, Piece
from sync.lots import layout
from sync.lots.content import END, NO_LOT, Preamble, write_preamble
from sync.lots.layout import CHUNK_BYTES, LOT_BYTES, MAX_BYTES, MAX_ENVELOPES
from sync.post_office.knock import Pair
from sync.protocol import Envelope, Hello, Message, Reason, Refusal, sign_receipt
from sync.protocol.framing import HEADER_BYTES, frame
from sync.protocol.messages import LAYOUTS

CHANCE_BYTES = LOT_BYTES + crypto.STREAM_HEADER_BYTES
_AROUND_ENVELOPE = HEADER_BYTES + LAYOUTS[Envelope].smallest - 1  # feed and number


class Span(NamedTuple):
    """Envelopes of a feed that follow each other, from `first` to `last`."""

    feed: bytes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A lot that was noted and not yet written. `envelopes` is how many it carries, `size` how large the file will be;
    `more` is whether others wait that go into the next one, after the colleague's receipts."""

    lot: bytes
    envelopes: int
    size: int
    more: bool
    head: bytes = field(repr=False)
    key: bytes = field(repr=False)
    preamble: Preamble = field(repr=False)
    said: bytes = field(repr=False)
    spans: tuple[Span, ...] = field(repr=False)


class _Offered(NamedTuple):
    """What was marked as offered: how many envelopes, and how many bytes of frames."""

    spans: tuple[Span, ...]
    envelopes: int
    size: int
    more: bool


def prepare(connection: Connection, seed: bytes, pair: Pair, chance: bytes, clock: Clock = system_clock) -> Plan:
    """Decide what goes into a lot for a colleague, and commit that. `seed` is that of the own transport key, `chance`
    40 random bytes."""
    lot, header = chance[:LOT_BYTES], chance[LOT_BYTES:CHANCE_BYTES]
    keys = layout.outgoing(pair, lot)
    offered = _offer(connection, pair.peer, clock)
    with transaction(connection):
        lots.begin(connection, pair.peer, lot, departures.acknowledged(connection, pair.peer), stamp(clock()))
        held = arrivals.holdings(connection, pair.peer)
        forks = lots.forks(connection, pair.peer)
        echo = lots.newest_read(connection, pair.peer) or NO_LOT
    receipts = tuple(sign_receipt(seed, one.feed, one.up_to, one.head) for one in held)
    refusals = [Refusal(one.feed, one.sequence, Reason.FORK) for one in forks]
    messages: list[Message] = [Hello(receipts), *refusals]
    said = b"".join(map(frame, messages))
    content = len(write_preamble(Preamble(0, echo))) + len(said) + offered.size + len(END)
    length = layout.padded(content)
    head = keys.lot + keys.hint + header
    size = layout.file_bytes(length)
    preamble = Preamble(length, echo)
    return Plan(lot, offered.envelopes, size, offered.more, head, keys.key, preamble, said, offered.spans)


def _offer(connection: Connection, peer: str, clock: Clock) -> _Offered:
    held = dict(departures.acknowledged(connection, peer))
    spans: list[Span] = []
    count = size = 0
    while batch := departures.offer(connection, peer, held, clock=clock):
        for piece in batch:
            held[piece.feed] = piece.sequence
            _extend(spans, piece)
            size += _AROUND_ENVELOPE + len(piece.envelope)
        count += len(batch)
        # One batch more might not fit any more: what is marked as offered, and not in the lot, could be kept back no
        # more, and would wait for nothing.
        if count + OFFER_COUNT > MAX_ENVELOPES or size + OFFER_BYTES + 2 * MAX_ENVELOPE_BYTES > MAX_BYTES:
            return _Offered(tuple(spans), count, size, departures.lacks(connection, peer, held))
    return _Offered(tuple(spans), count, size, False)


def _extend(spans: list[Span], piece: Piece) -> None:
    if spans and spans[-1].feed == piece.feed and spans[-1].last == piece.sequence - 1:
        spans[-1] = spans[-1]._replace(last=piece.sequence)
    else:
        spans.append(Span(piece.feed, piece.sequence, piece.sequence))


def pieces(connection: Connection, plan: Plan) -> Iterator[bytes]:
    """The bytes of the file, in pieces of some 16 kB. What is acknowledged while it is written is left out of it."""
    yield plan.head
    stream = crypto.Stream(plan.key, plan.head[-crypto.STREAM_HEADER_BYTES :], layout.PURPOSE)
    left = plan.preamble.length
    buffer = bytearray()
    for part in _parts(connection, plan):
        buffer += part
        while len(buffer) >= CHUNK_BYTES and left > CHUNK_BYTES:
            yield stream.seal(bytes(memoryview(buffer)[:CHUNK_BYTES]))
            del buffer[:CHUNK_BYTES]
            left -= CHUNK_BYTES
    while left > 0:
        size = min(CHUNK_BYTES, left)
        piece = bytes(buffer[:size]).ljust(size, b"\0")
        del buffer[:size]
        left -= size
        yield stream.seal(piece, last=left == 0)


def _parts(connection: Connection, plan: Plan) -> Iterator[bytes]:
    yield write_preamble(plan.preamble)
    yield plan.said
    for span in plan.spans:
        for sequence in range(span.first, span.last + 1):
            sealed = lots.envelope(connection, span.feed, sequence)
            if sealed is not None:  # else the colleague has it meanwhile, over the network
                yield frame(Envelope(span.feed, sequence, sealed))
    yield END
