"""How a lot lies in its file: sizes, limits, padding, and the keys of one lot. Pure.

     0  lot        16 random bytes, its identifier
    16  hint       16 bytes, by which reader and writer recognise it
    32  header     24 random bytes of the stream
    56  chunks     each of 16,384 bytes and its tag of 17; the last one may be shorter

Without the secret of the pair, all of it is random bytes, and no two lots have a run of bytes in common.
"""

from collections.abc import Iterable
from typing import NamedTuple

from localstore import crypto
from localstore.feeds import MAX_ENVELOPE_BYTES, MAX_FEEDS
from sync.post_office.knock import Pair
from sync.protocol import Envelope, Refusal
from sync.protocol.framing import HEADER_BYTES
from sync.protocol.messages import LAYOUTS, RECEIPT_BYTES

VERSION = 1  # of lots; another one is refused with a sentence
LOT_BYTES = 16  # a random identifier
HINT_BYTES = 16
HEAD_BYTES = LOT_BYTES + HINT_BYTES + crypto.STREAM_HEADER_BYTES
CHUNK_BYTES = 16 * 1024  # what a file that was cut off loses at most of what is there; 0.1 % of it are tags
SEALED_CHUNK_BYTES = CHUNK_BYTES + crypto.STREAM_TAG_BYTES
SMALLEST = CHUNK_BYTES  # so that the first chunk is always a full one, and a lot without an envelope is like one with
MAX_ENVELOPES = 16_384  # as many as a colleague takes before he opens them (`IncomingLimits`)
MAX_BYTES = 1024 * 1024 * 1024  # of envelopes; the same
_FRAMES_BYTES = MAX_ENVELOPES * (HEADER_BYTES + LAYOUTS[Envelope].smallest)
_FEEDS_BYTES = MAX_FEEDS * (RECEIPT_BYTES + HEADER_BYTES + LAYOUTS[Refusal].largest)
PURPOSE = "lot"


class Keys(NamedTuple):
    """One lot as those two see it who can: its identifier, its hint, and its key."""

    lot: bytes
    hint: bytes
    key: bytes


class Head(NamedTuple):
    """The first 56 bytes of a file."""

    lot: bytes
    hint: bytes
    header: bytes


def padded(length: int) -> int:
    """Padmé (https://arxiv.org/abs/1806.03160): at most 12 % more, and few distinct lengths; never below `SMALLEST`."""
    if length <= SMALLEST:
        return SMALLEST
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


MAX_CONTENT = padded(MAX_BYTES + MAX_ENVELOPE_BYTES + _FRAMES_BYTES + _FEEDS_BYTES + SMALLEST)


def is_length(content: int) -> bool:
    """Whether the content of a lot can have this length."""
    return SMALLEST <= content <= MAX_CONTENT and padded(content) == content


def file_bytes(content: int) -> int:
    """How large the file is with so much content, padding included."""
    return HEAD_BYTES + content + -(-content // CHUNK_BYTES) * crypto.STREAM_TAG_BYTES


def split_head(data: bytes) -> Head:
    """The parts of the first 56 bytes."""
    end_of_hint = LOT_BYTES + HINT_BYTES
    return Head(data[:LOT_BYTES], data[LOT_BYTES:end_of_hint], data[end_of_hint:HEAD_BYTES])


def outgoing(pair: Pair, lot: bytes) -> Keys:
    """A lot from this side to the pair's other."""
    return _keys(pair.secret, pair.own_key, pair.peer_key, lot)


def incoming(pair: Pair, lot: bytes) -> Keys:
    """A lot from the pair's other side to this one."""
    return _keys(pair.secret, pair.peer_key, pair.own_key, lot)


def _keys(secret: bytes, writer: bytes, reader: bytes, lot: bytes) -> Keys:
    # The two raw transport keys give the direction: a lot that is brought back to its writer is not taken for the
    # other's.
    hint = crypto.keyed_digest(secret, "lot-hint", writer, reader, lot, size=HINT_BYTES)
    return Keys(lot, hint, crypto.keyed_digest(secret, "lot-key", writer, reader, lot))


def recognise(head: Head, pairs: Iterable[Pair]) -> tuple[Pair, bool] | None:
    """Whose lot it is, and whether it was written here for him instead; None for a stranger's."""
    found = None
    for pair in pairs:
        for keys, is_own in ((incoming(pair, head.lot), False), (outgoing(pair, head.lot), True)):
            if crypto.equal(keys.hint, head.hint):
                found = pair, is_own
    return found
