"""The listening side: who may come in. A stranger gets no byte, whatever he sends and however often he comes.

An accepted connection has a few seconds for its knock. One that is not recognised, or came before, is left without an
answer until that deadline and then closed: from outside, a wrong knock, an old one and none at all look the same.
"""

import asyncio
import errno
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import NamedTuple

from localstore.clock import Clock
from localstore.postbox import Peer
from sync.errors import NotReached
from sync.post_office import knock, transport
from sync.post_office.knock import Knock, Pair
from sync.post_office.patience import Patience
from sync.post_office.places import to_listen_on
from sync.post_office.tls import Identity
from sync.post_office.transport import Link
from sync.protocol import Role

MAX_UNKNOWN = 256  # connections without a knock; the oldest gives way, because an honest one knocks at once
UNKNOWN_SHARE = 4  # of the file descriptors of the process, at most one in so many is a stranger's
MAX_OF_ONE_PEER = 4  # connections of one colleague: one, one that it replaces, and both sides calling at once
BACKLOG = 256
SAME_PORT_ATTEMPTS = 16  # to find one random port that is free on each interface
PAUSE_WITHOUT_DESCRIPTORS = 0.5  # seconds; accepting fails at once while the process has no file descriptor left
EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104 - what a practice listens on unless its settings name addresses


class Correspondent(NamedTuple):
    """A peer together with what its knock is recognised by."""

    peer: Peer
    pair: Pair


class Household(NamedTuple):
    """What the door needs from the house: who may come in, whether a knock is new, and who looks after the guest."""

    own: Identity
    known: Callable[[], Mapping[str, Correspondent]]
    admit: Callable[[Knock, int], Awaitable[bool]]
    welcome: Callable[[str, Link], Awaitable[None]]
    trouble: Callable[[NotReached], None]
    spawn: Callable[[Coroutine[object, object, None]], "asyncio.Task[None]"]


def listen(interfaces: Sequence[str], port: int) -> list[socket.socket]:
    """Sockets that listen on one port of each interface (an address, or the name of one); a random free port for 0.
    Raises OSError, also when none of the named interfaces has an address now."""
    hosts = to_listen_on(interfaces) if interfaces else EVERY_INTERFACE
    if not hosts:
        raise OSError(errno.EADDRNOTAVAIL, "this machine has no such interface now")
    for _ in range(SAME_PORT_ATTEMPTS):
        try:
            return _listen_once(hosts, port, optional=() if interfaces else ("::",))
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, "no port is free on every interface")


def _listen_once(hosts: Sequence[str], port: int, optional: Sequence[str]) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            try:
                one = socket.create_server((host, port), family=family, backlog=BACKLOG)
            except OSError as error:
                if host in optional and error.errno != errno.EADDRINUSE:
                    continue  # a machine without IPv6
                raise
            made.append(one)
            one.setblocking(False)
            port = int(one.getsockname()[1])
        return made
    except BaseException:
        for one in made:
            one.close()
        raise


def places_for_unknown() -> int:
    """How many connections without a knock are kept: never so many that the process has no file descriptor left."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_UNKNOWN if soft == resource.RLIM_INFINITY else max(1, min(MAX_UNKNOWN, soft // UNKNOWN_SHARE))


class Door:
    """Accepts connections on listening sockets until it is closed."""

    def __init__(
        self, household: Household, sockets: Sequence[socket.socket], clock: Clock, patience: Patience
    ) -> None:
        self._household = household
        self._sockets = list(sockets)
        self._clock = clock
        self._patience = patience
        self._places = places_for_unknown()
        self._unknown: dict[asyncio.Task[None], None] = {}
        self._guests: Counter[str] = Counter()
        self._accepting = [household.spawn(self._accept(one)) for one in self._sockets]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Accept nobody any more, and drop those who have not knocked. Guests stay until their sessions end."""
        waiting = [*self._accepting, *self._unknown]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for one in self._sockets:
            one.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(PAUSE_WITHOUT_DESCRIPTORS)
                continue
            if len(self._unknown) >= self._places:
                oldest = next(iter(self._unknown))
                self._forget(oldest)  # at once, so that the next one takes another's place
                oldest.cancel()
            task = self._household.spawn(self._attend(accepted))
            self._unknown[task] = None
            task.add_done_callback(self._forget)
            # While others wait, accepting does not: those who give way would never come to closing their sockets.
            await asyncio.sleep(0)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._unknown.pop(task, None)

    async def _attend(self, accepted: socket.socket) -> None:
        try:
            heard = await self._hear(accepted)
        except BaseException:
            accepted.close()
            raise
        correspondent = self._household.known().get(heard.peer) if heard else None
        if heard is None or correspondent is None:
            accepted.close()
            return
        this = asyncio.current_task()
        if this is not None:
            self._forget(this)
        await self._let_in(accepted, correspondent)

    async def _hear(self, accepted: socket.socket) -> Knock | None:
        """The knock, if it is recognised and new. Otherwise None, and that only when the deadline has come."""
        try:
            async with asyncio.timeout(self._patience.knock):
                data = await _read_exactly(accepted, knock.KNOCK_BYTES)
                heard = await self._recognise(data)
                if heard is not None:
                    return heard
                await asyncio.Event().wait()
        except OSError:  # the deadline, or a connection that was reset
            return None
        return None

    async def _recognise(self, data: bytes) -> Knock | None:
        slot = knock.slot_of(self._clock())
        heard = knock.recognise(data, [one.pair for one in self._household.known().values()], slot)
        if heard is None or self._guests[heard.peer] >= MAX_OF_ONE_PEER:
            return None
        return heard if await self._household.admit(heard, slot) else None

    async def _let_in(self, accepted: socket.socket, correspondent: Correspondent) -> None:
        peer = correspondent.peer
        self._guests[peer.id] += 1
        try:
            link = await transport.secure(accepted, Role.SERVER, self._household.own, peer.certificate, self._patience)
            await self._household.welcome(peer.id, link)
        except NotReached as error:
            self._household.trouble(error)
        finally:
            self._guests[peer.id] -= 1


async def _read_exactly(accepted: socket.socket, size: int) -> bytes:
    """`size` bytes and not one more, or fewer when the other side ended. Raises OSError."""
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < size:
        piece = await loop.sock_recv(accepted, size - len(data))
        if not piece:
            break
        data += piece
    return data
