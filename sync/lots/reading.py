"""Reading a lot: everything of it is checked before any of it is used.

    check    the whole file: every chunk authentic, every message in its place. Nothing changes
    apply    the same again, and now receipts are believed, envelopes kept: as in a session

A file that was cut off gives what stands before the cut. Reading one again changes nothing, and after a crash it goes
on where it was. An old lot is only old: what it says less than is known here is no sign of a backup that was restored
there, unless its writer had read a lot from here first (`lots.acknowledged_before`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from localstore import arrivals, crypto, departures, lots
from localstore.arrivals import IncomingLimits, Reception
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection
from localstore.departures import OFFER_BYTES, OFFER_COUNT, Acknowledgement
from localstore.feeds import Holding, Piece
from localstore.postbox import IncidentKind
from sync.errors import DamagedLot, LotInterrupted, LotRefused, MisshapenLot, NotALot, OwnLot
from sync.lots import files, layout
from sync.lots.content import NO_LOT, PREAMBLE_BYTES, Content, Preamble, read_preamble
from sync.lots.files import Tell
from sync.lots.layout import CHUNK_BYTES, HEAD_BYTES, SEALED_CHUNK_BYTES, Keys
from sync.lots.parties import Parties
from sync.post_office.knock import Pair
from sync.protocol import Envelope, Hello, Message, Refusal

# These close a feed for the rest of the lot: what follows on it would only seem to be a gap.
_CLOSING = frozenset({Reception.FULL, Reception.FORK, Reception.FOREIGN, Reception.TOO_MANY_FEEDS})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a lot gave. `envelopes` counts what became of each; `confirmed` how many of ours the colleague turns out to
    hold; `disputed` how many receipts were for something else than was sent from here; `lost_there` in how many feeds
    he holds less than he had acknowledged; `whole` is False for a file that was cut off before its end."""

    peer: str
    lot: str
    envelopes: dict[Reception, int] = field(default_factory=dict)
    confirmed: int = 0
    disputed: int = 0
    lost_there: int = 0
    whole: bool = True

    @property
    def stored(self) -> int:
        """How many envelopes are new here."""
        return self.envelopes.get(Reception.STORED, 0)

    @property
    def changed(self) -> bool:
        """Whether anything is otherwise than before."""
        return bool(self.stored or self.confirmed or self.disputed or self.lost_there)


def read_file(
    connection: Connection,
    parties: Parties,
    path: Path,
    tell: Tell,
    limits: IncomingLimits | None = None,
    clock: Clock = system_clock,
    not_in: Path | None = None,
) -> Outcome:
    """Read one file, which does not lie in the folder `not_in`. Raises LotRefused and OSError, and then nothing was
    changed; LotInterrupted, and then reading it again goes on."""
    try:
        with files.reading(path, not_in) as (file, size):
            return read(connection, parties, file, size, tell, limits, clock)
    except LotRefused as error:
        raise error.of(str(path)) from error
    except LotInterrupted as error:
        raise LotInterrupted(file=str(path)) from error


def read(
    connection: Connection,
    parties: Parties,
    file: BinaryIO,
    size: int,
    tell: Tell,
    limits: IncomingLimits | None = None,
    clock: Clock = system_clock,
) -> Outcome:
    """As `read_file`, of `size` bytes that can be read twice."""
    head = layout.split_head(file.read(HEAD_BYTES))
    found = layout.recognise(head, parties.pairs.values())
    if found is None:
        raise NotALot
    pair, is_own = found
    if is_own:
        raise OwnLot
    if size < HEAD_BYTES + SEALED_CHUNK_BYTES:
        raise _cut_off()
    opened = _Opened(file, size, pair, layout.incoming(pair, head.lot), head.header, tell)
    for _ in opened.messages(0):
        pass  # each was checked
    try:
        return _Application(connection, pair.peer, head.lot, limits, clock).run(opened)
    except (LotRefused, OSError) as error:
        raise LotInterrupted from error


def _cut_off() -> DamagedLot:
    return DamagedLot(reason="it ends before anything in it is whole")


class _Opened:
    """A lot whose keys are known."""

    def __init__(self, file: BinaryIO, size: int, pair: Pair, keys: Keys, header: bytes, tell: Tell) -> None:
        self._file, self._size, self._pair, self._keys, self._header = file, size, pair, keys, header
        self._tell = tell
        self.preamble = Preamble(0, NO_LOT)
        self.is_whole = False  # whether the last message was met

    def messages(self, turn: int) -> Iterator[Message]:
        """Every message that stands whole in the file; `turn` is 0 for the first time and 1 for the second. Raises
        DamagedLot, MisshapenLot, OtherLot."""
        content, done = Content(self._pair.peer_key), 0
        for piece in self._pieces():
            start = 0 if done else PREAMBLE_BYTES
            done += len(piece)
            yield from content.receive(piece[start:])
            self._tell(turn * self._size + min(done, self._size), 2 * self._size)
        self.is_whole = content.is_complete
        if self._size == layout.file_bytes(self.preamble.length) and not self.is_whole:
            raise MisshapenLot(reason="it does not end")

    def _pieces(self) -> Iterator[bytes]:
        self._file.seek(HEAD_BYTES)
        stream = crypto.Stream(self._keys.key, self._header, layout.PURPOSE)
        first, is_last = self._piece(stream, SEALED_CHUNK_BYTES)
        self.preamble = read_preamble(first)
        there, length = self._size - HEAD_BYTES - SEALED_CHUNK_BYTES, self.preamble.length
        if self._size > layout.file_bytes(length):
            raise DamagedLot(reason="there is more in it than was written")
        left = length - CHUNK_BYTES
        yield self._in_place(first, is_last, left)
        while left > 0 and there >= min(CHUNK_BYTES, left) + crypto.STREAM_TAG_BYTES:
            sealed = min(CHUNK_BYTES, left) + crypto.STREAM_TAG_BYTES
            piece, is_last = self._piece(stream, sealed)
            there -= sealed
            left -= len(piece)
            yield self._in_place(piece, is_last, left)

    def _piece(self, stream: crypto.Stream, sealed: int) -> tuple[bytes, bool]:
        data = self._file.read(sealed)
        if len(data) < sealed:
            raise _cut_off()
        try:
            return stream.open(data)
        except crypto.CryptoError as error:
            raise DamagedLot(reason="its bytes are not those that were written") from error

    def _in_place(self, piece: bytes, is_last: bool, left: int) -> bytes:
        if is_last != (left == 0):
            raise MisshapenLot(reason="it ends elsewhere than it says")
        return piece


class _Application:
    """A checked lot on its way into the postbox."""

    def __init__(
        self, connection: Connection, peer: str, lot: bytes, limits: IncomingLimits | None, clock: Clock
    ) -> None:
        self._connection, self._peer, self._lot, self._limits, self._clock = connection, peer, lot, limits, clock
        self._counts: Counter[Reception] = Counter()
        self._closed: dict[bytes, Reception] = {}
        self._waiting: list[Piece] = []
        self._disputed = self._lost = 0

    def run(self, opened: _Opened) -> Outcome:
        """Believe and keep everything; then the lot counts as read."""
        before = departures.acknowledged(self._connection, self._peer)
        confirmed = 0
        for message in opened.messages(1):
            match message:
                case Hello():
                    confirmed = self._confirm(message, before, opened.preamble.echo)
                case Refusal():
                    self._respect(message)
                case Envelope(feed, sequence, sealed):
                    self._keep(Piece(feed, sequence, sealed))
        self._store()
        lots.mark_read(self._connection, self._peer, self._lot, stamp(self._clock()))
        counts = dict(self._counts)
        return Outcome(self._peer, self._lot.hex(), counts, confirmed, self._disputed, self._lost, opened.is_whole)

    def _confirm(self, hello: Hello, before: dict[bytes, int], echo: bytes) -> int:
        """Take the receipts. Those of a writer who had read a lot from here were made after that: what they say less
        than was acknowledged before it, he has lost with a backup. How many envelopes they confirm."""
        connection, peer, clock = self._connection, self._peer, self._clock
        for receipt in hello.receipts:
            holding = Holding(receipt.feed, receipt.up_to, receipt.head)
            worth = departures.acknowledge(connection, peer, holding, receipt.signature, clock)
            self._disputed += worth is Acknowledgement.MISMATCH
        now = departures.acknowledged(connection, peer)
        known = lots.acknowledged_before(connection, peer, echo)
        if known is not None:
            held = {receipt.feed: receipt.up_to for receipt in hello.receipts}
            going_on = departures.reconcile(connection, peer, known, held, clock)
            self._lost = len(now) - len(going_on)
        return sum(now[feed] - before.get(feed, 0) for feed in now)

    def _respect(self, refusal: Refusal) -> None:
        """A fork that he saw in our feed: nothing more of it is sent. One of a feed that is none of ours to him means
        nothing."""
        kind = IncidentKind.FORK_SENT
        args = (self._connection, self._peer, refusal.feed, refusal.sequence, kind, self._clock)
        departures.halt(*args)

    def _keep(self, piece: Piece) -> None:
        self._waiting.append(piece)
        if len(self._waiting) >= OFFER_COUNT or sum(len(one.envelope) for one in self._waiting) >= OFFER_BYTES:
            self._store()

    def _store(self) -> None:
        """Commit what waits, and count what became of each."""
        waiting, self._waiting = self._waiting, []
        outcomes = arrivals.receive(self._connection, self._peer, waiting, self._limits, self._clock) if waiting else []
        for piece, outcome in zip(waiting, outcomes, strict=True):
            if outcome in _CLOSING:
                self._closed.setdefault(piece.feed, outcome)
            self._counts[self._closed.get(piece.feed, outcome)] += 1
