"""The network: connections in memory, with delays, chunks, losses at any byte, partitions and one-way links.

A connection carries what a TLS stream would: bytes in order, or the end. Whoever calls reaches the machine of that
name, and it is the colleague's only if it has the pinned certificate.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from sync.errors import NotReached, OtherCertificate
from sync.post_office.patience import Patience
from sync.post_office.transport import READ_BYTES, Link
from tests.sim.dice import Dice
from tests.sim.totals import Totals

SLOWEST_HOP = 0.3  # seconds
CONNECT = 5.0
HIGH_WATER, LOW_WATER = 64 * 1024, 16 * 1024


class Station(NamedTuple):
    """A daemon on the network: its certificate, and what it does with a caller who has one."""

    certificate: bytes
    welcome: Callable[[bytes, Link], None]


class End(asyncio.Transport):
    """One end of a connection."""

    other: "End"

    def __init__(self, network: "Network", here: str, there: str) -> None:
        super().__init__()
        self.here, self.there = here, there
        self._network, self._loop = network, network.loop
        self._protocol: asyncio.StreamReaderProtocol | None = None
        self._closing = False
        self._over = False
        self._underway = 0  # bytes written here that the other end has not taken
        self._full = False
        self._arrival = 0.0  # of the last chunk
        self._road: deque[bytes | None] = deque()  # on its way, in order; None is the end of the stream
        self._due = 0  # how many of those have been long enough on their way
        self._unread: list[bytes] = []
        self._paused = False
        self.left = -1  # bytes until the connection breaks; -1 is never
        self._cut = False

    def open(self, patience: Patience) -> Link:
        """What the sessions use."""
        reader = asyncio.StreamReader(limit=READ_BYTES, loop=self._loop)
        self._protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        self._protocol.connection_made(self)
        return Link(reader, asyncio.StreamWriter(self, self._protocol, reader, self._loop), patience)

    # --- what asyncio asks of a transport ---------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """There is nothing to know."""
        return default

    def is_closing(self) -> bool:
        """Whether it is being closed."""
        return self._closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, in one piece or several."""
        if self._closing or not data:
            return
        rest = bytes(data)
        self._underway += len(rest)
        while rest:
            size = len(rest) if self._network.dice.happens(0.8) else self._network.dice.randint(1, len(rest))
            self._depart(rest[:size])
            rest = rest[size:]
        if self._underway > HIGH_WATER and not self._full and self._protocol is not None:
            self._full = True
            self._protocol.pause_writing()

    def close(self) -> None:
        """Send what is left and end."""
        if not self._closing:
            self._closing = True
            self._depart(None)
            self._loop.call_soon(self._end, None)

    def abort(self) -> None:
        """End at once."""
        if not self._over:
            self._closing = True
            self._road.clear()
            self._loop.call_soon(self._end, None)
            self._loop.call_later(self._network.delay(), self.other._end, ConnectionResetError())

    def pause_reading(self) -> None:
        """The reader has enough."""
        self._paused = True

    def resume_reading(self) -> None:
        """The reader wants more."""
        self._paused = False
        while self._unread and not self._paused:
            self._feed(self._unread.pop(0))

    # --- on its way -------------------------------------------------------------------------------------------------

    def _depart(self, chunk: bytes | None) -> None:
        self._road.append(chunk)
        self._arrival = max(self._arrival, self._loop.time() + self._network.delay())
        self._loop.call_at(self._arrival, self._arrive)

    def _arrive(self) -> None:
        self._due += 1
        self.go_on()

    def go_on(self) -> None:
        """Whatever is due arrives, unless nothing passes now: then it waits, as what is sent again and again does."""
        while self._due and self._road and not self._cut and not self._network.is_blocked(self.here, self.there):
            self._due -= 1
            self._deliver(self._road.popleft())

    def _deliver(self, chunk: bytes | None) -> None:
        if chunk is None:
            self.other._hear_end()
            return
        if 0 <= self.left < len(chunk):
            self.other._take(chunk[: self.left])
            self.break_off()
            return
        self.left -= len(chunk) if self.left > 0 else 0
        self.other._take(chunk)
        self._underway -= len(chunk)
        if self._full and self._underway < LOW_WATER and self._protocol is not None:
            self._full = False
            self._protocol.resume_writing()

    def break_off(self) -> None:
        """The connection is lost; each end notices when it notices."""
        self._network.totals.losses += 1
        for end in (self, self.other):
            end._cut = True
            self._loop.call_later(self._network.delay(), end._end, ConnectionResetError())

    def vanish(self, silently: bool) -> None:
        """The machine at this end is gone. The other one is told so, or waits for nothing."""
        self._over = self._closing = True
        self._road.clear()
        if not silently:
            self._loop.call_later(self._network.delay(), self.other._end, ConnectionResetError())

    def _take(self, chunk: bytes) -> None:
        if self._over or self._closing:
            return
        if self._paused or self._unread:
            self._unread.append(chunk)
        else:
            self._feed(chunk)

    def _feed(self, chunk: bytes) -> None:
        if self._protocol is not None and not self._over:
            self._protocol.data_received(chunk)

    def _hear_end(self) -> None:
        if self._protocol is not None and not self._over and not self._closing:
            for chunk in self._unread:
                self._protocol.data_received(chunk)
            self._unread = []
            self._protocol.eof_received()

    def _end(self, error: Exception | None) -> None:
        if self._over:
            return
        self._over = self._closing = True
        self._network.over(self)
        if self._protocol is not None:
            self._protocol.connection_lost(error)

    @property
    def is_over(self) -> bool:
        """Whether nobody uses it any more."""
        return self._over


class Network:
    """Who is where, and what passes."""

    def __init__(self, dice: Dice, loop: asyncio.AbstractEventLoop, totals: Totals) -> None:
        self.dice, self.loop, self.totals = dice, loop, totals
        self.stations: dict[str, Station] = {}
        self.chance_of_loss = 0.0
        self.met: dict[frozenset[str], float] = {}  # when two last began to converse
        self._blocked: set[tuple[str, str]] = set()  # nothing passes from the first to the second
        self._uncalled: set[tuple[str, str]] = set()  # the first cannot call the second
        self._ends: dict[End, None] = {}

    def delay(self) -> float:
        """Of one hop, in seconds."""
        return self.dice.random() ** 3 * SLOWEST_HOP

    def is_blocked(self, here: str, there: str) -> bool:
        """Whether nothing passes from here to there."""
        return (here, there) in self._blocked

    def block(self, here: str, there: str) -> None:
        """Let nothing pass from here to there; the other direction is another matter."""
        self._blocked.add((here, there))

    def refuse_calls(self, here: str, there: str) -> None:
        """Here can no longer call there, which may call here: a router stands between them."""
        self._uncalled.add((here, there))

    def heal(self) -> None:
        """Everything passes, and what waited goes on."""
        self._blocked.clear()
        self._uncalled.clear()
        self.chance_of_loss = 0.0
        for end in list(self._ends):
            end.left = -1
            end.go_on()

    def break_some(self, chance: float) -> None:
        """Lose each connection with this chance."""
        for end in list(self._ends):
            if end in self._ends and self.dice.happens(chance):
                end.break_off()

    def connections(self, host: str) -> list[End]:
        """The ends at this host."""
        return [end for end in self._ends if end.here == host]

    def over(self, end: End) -> None:
        """Forget an end."""
        self._ends.pop(end, None)

    def leave(self, host: str, silently: bool) -> None:
        """A daemon was killed: its connections with it."""
        self.stations.pop(host, None)
        for end in self.connections(host):
            end.vanish(silently)
            self.over(end)

    async def dial(self, here: str, own: bytes, there: str, pinned: bytes, patience: Patience) -> Link:
        """A connection from here to there, if somebody answers who has the pinned certificate. Raises NotReached."""
        await asyncio.sleep(self.delay())
        station = self.stations.get(there)
        if self.is_blocked(here, there) or self.is_blocked(there, here):
            await asyncio.sleep(CONNECT)
            raise NotReached(reason="no connection")
        if station is None or (here, there) in self._uncalled:
            raise NotReached(reason="no connection")
        if station.certificate != pinned:
            raise OtherCertificate(reason="its certificate is another one")
        caller, called = End(self, here, there), End(self, there, here)
        caller.other, called.other = called, caller
        for end in (caller, called):
            self._ends[end] = None
            if self.dice.happens(self.chance_of_loss):
                end.left = int(self.dice.moment(1, 20_000))
        self.totals.connections += 1
        self.met[frozenset((here, there))] = self.loop.time()
        link = caller.open(patience)
        station.welcome(own, called.open(patience))
        return link
