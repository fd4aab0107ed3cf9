"""The post office: it watches the postbox, keeps a line to each colleague, and opens its door while there are any.

Before the first pairing nothing listens and nothing is announced. What the desk changes in the postbox, from another
process, is seen within a moment by SQLite's own change counter.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import NamedTuple, TypeVar

from localstore import arrivals, postbox
from localstore.database import Connection, DatabaseError
from localstore.errors import Busy, DamagedStore
from localstore.postbox import Peer
from localstore.settings import Network
from sync import certificate
from sync.door import Correspondent, Door, Household, listen
from sync.errors import BadCertificate, NotReached
from sync.exchange import Surroundings
from sync.knock import Knock, Pair
from sync.ledger import Ledger
from sync.line import Line
from sync.presence import Presence
from sync.protocol import Farewell
from sync.status import Report
from sync.transport import Address, Link

Task = asyncio.Task[None]
T = TypeVar("T")


class House(NamedTuple):
    """What the post office is given: its network settings, where it writes what it did, and whether the practice's
    folder is still there."""

    network: Network
    write: Callable[[Report], None]
    stands: Callable[[], bool]


class PostOffice:
    """Everything that one daemon does, between `run` and its stop event."""

    def __init__(self, house: House, around: Surroundings, ledger: Ledger) -> None:
        self._house = house
        self._around = around
        self._ledger = ledger
        self._lines: dict[str, Line] = {}
        self._calls: dict[str, Task] = {}
        self._tasks: set[Task] = set()
        self._door: Door | None = None
        self._presence: Presence | None = None
        self._visible: Task | None = None
        self._failure: BaseException | None = None
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Work until `stop` is set. Calls `ready` once the postbox was read and the door, if any, is open.

        Raises DamagedStore when the postbox cannot be read, NotReached when no port could be opened.
        """
        self._stop = stop
        try:
            await self._watch(ready)
        finally:
            await self._close_down()
        if self._failure is not None:
            raise self._failure

    async def _watch(self, ready: Callable[[], None]) -> None:
        patience, loop = self._around.patience, asyncio.get_running_loop()
        seen, written = -1, -patience.status
        while not self._stop.is_set() and self._house.stands():
            now = await self._read(arrivals.changes)
            if now != seen:
                await self._refresh()
                if seen == -1:
                    await self._write()  # so that whoever was told "ready" finds a status
                    ready()
                seen = now
            if self._ledger.changed and loop.time() - written >= patience.status:
                written = loop.time()
                await self._write()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience.poll):
                    await self._stop.wait()

    # --- the postbox -------------------------------------------------------------------------------------------

    async def _read(self, function: Callable[[Connection], T]) -> T:
        try:
            return await self._around.worker.do(function)
        except DatabaseError as error:
            raise DamagedStore(file="postbox.db", seen="it can no longer be read") from error

    async def _write(self) -> None:
        self._ledger.is_connected_to(sum(line.is_live for line in self._lines.values()))
        with suppress(OSError):  # a full disk: the status is the least of what is missing
            await asyncio.to_thread(self._house.write, self._ledger.report())

    async def _refresh(self) -> None:
        """Make the lines those of the postbox's peers, and tell them that something may have changed."""
        wanted = self._correspondents(await self._read(postbox.peers))
        for peer_id, line in list(self._lines.items()):
            there = wanted.get(peer_id)
            if there is None or there.pair != line.correspondent.pair:
                self._drop(peer_id)
            elif there != line.correspondent:
                line.readdress(there)
        for peer_id, correspondent in wanted.items():
            if peer_id not in self._lines:
                self._add(peer_id, correspondent)
        await self._open_or_close()
        for line in self._lines.values():
            line.look_again()

    def _correspondents(self, peers: list[Peer]) -> dict[str, Correspondent]:
        own = self._around.own.key
        found = {}
        for peer in peers:
            try:
                key = certificate.public_key(peer.certificate)
            except BadCertificate as error:
                self._ledger.trouble(error)
                continue
            found[peer.id] = Correspondent(peer, Pair(peer.id, peer.pair_secret, own, key))
        return found

    def _add(self, peer_id: str, correspondent: Correspondent) -> None:
        line = Line(correspondent, self._around, self._ledger.trouble, self._met)
        self._lines[peer_id] = line
        self._calls[peer_id] = self._spawn(line.keep_calling())

    def _drop(self, peer_id: str) -> None:
        self._spawn(self._hang_up(self._lines.pop(peer_id), self._calls.pop(peer_id)))

    async def _hang_up(self, line: Line, call: Task) -> None:
        """Say goodbye before the call is cancelled: the session may be the call's own."""
        await line.hang_up(Farewell.STOPPING)
        call.cancel()

    def _met(self, live: bool) -> None:
        if live:
            self._ledger.met()
        self._ledger.is_connected_to(sum(line.is_live for line in self._lines.values()))

    # --- the door ----------------------------------------------------------------------------------------------

    async def _open_or_close(self) -> None:
        if self._lines and self._door is None:
            self._open()
        elif not self._lines:
            await self._shut()
        elif self._presence is not None:
            self._presence.renew()

    def _open(self) -> None:
        network = self._house.network
        try:
            sockets = listen(network.interfaces, network.port)
        except OSError as error:
            raise NotReached(reason="no port could be opened on this machine") from error
        household = Household(
            self._around.own, self._known, self._admit, self._welcome, self._ledger.trouble, self._spawn
        )
        self._door = Door(household, sockets, self._around.clock, self._around.patience)
        self._ledger.listens_on(self._door.port)
        if network.discovery:
            self._presence = Presence(
                network.interfaces, self._door.port, self._pairs, self._around.clock, self._found, self._ledger.trouble
            )
            self._visible = self._spawn(self._presence.run())

    async def _shut(self) -> None:
        visible, self._visible, self._presence = self._visible, None, None
        if visible is not None:
            visible.cancel()
            await asyncio.gather(visible, return_exceptions=True)
        door, self._door = self._door, None
        if door is not None:
            await door.close()
            self._ledger.listens_on(0)

    def _known(self) -> Mapping[str, Correspondent]:
        return {peer_id: line.correspondent for peer_id, line in self._lines.items()}

    def _pairs(self) -> list[Pair]:
        return [line.correspondent.pair for line in self._lines.values()]

    async def _admit(self, heard: Knock, slot: int) -> bool:
        """Whether the knock is new. One that cannot be remembered is not admitted: it could come again."""
        try:
            return await self._around.worker.do(arrivals.admit_knock, heard.peer, heard.nonce, heard.slot, slot)
        except Busy as error:
            self._ledger.trouble(error)
        except DatabaseError:
            self._ledger.trouble(DamagedStore(file="postbox.db", seen="it cannot be written; the disk may be full"))
        return False

    async def _welcome(self, peer_id: str, link: Link) -> None:
        line = self._lines.get(peer_id)
        if line is None:
            link.abort()
            return
        await line.answer(link)

    def _found(self, peer_id: str, addresses: frozenset[Address]) -> None:
        line = self._lines.get(peer_id)
        if line is not None:
            line.found_at(addresses)

    # --- tasks -------------------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[object, object, None]) -> Task:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: Task) -> None:
        """A task that fails in a way that nobody foresaw ends the daemon, loudly, instead of leaving half of it."""
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = self._failure or failure
            self._stop.set()

    async def _close_down(self) -> None:
        leaving = [self._hang_up(line, self._calls[peer_id]) for peer_id, line in self._lines.items()]
        await asyncio.gather(self._shut(), *leaving)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._ledger.is_connected_to(0)
        await self._write()
