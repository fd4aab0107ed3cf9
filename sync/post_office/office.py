"""The post office: it watches the postbox, keeps a line to each colleague, and opens its door while there are any.

Before the first pairing nothing listens and nothing is announced. What the desk changes in the postbox, from another
process, is seen within a moment by SQLite's own change counter; changed settings, another network and a sleep of the
machine within a few seconds.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import NamedTuple, TypeVar

from localstore import arrivals, postbox
from localstore.database import Connection, DatabaseError
from localstore.errors import Busy, DamagedStore
from localstore.postbox import Peer
from localstore.settings import Network
from sync.errors import BadCertificate
from sync.post_office import certificate
from sync.post_office.door import Correspondent
from sync.post_office.entrance import Entrance, Guests
from sync.post_office.exchange import Surroundings
from sync.post_office.interruption import Interruption
from sync.post_office.knock import Knock, Pair
from sync.post_office.ledger import Ledger
from sync.post_office.line import Line
from sync.post_office.status import Report
from sync.post_office.transport import Address, Link
from sync.protocol import Farewell

Task = asyncio.Task[None]
T = TypeVar("T")


class House(NamedTuple):
    """What the post office is given: its network settings as they are now (raising BadInput), where it writes what it
    did, and whether the practice's folder is still there."""

    network: Callable[[], Network]
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
        guests = Guests(self._known, self._admit, self._welcome, self._pairs, self._found, self._is_missing)
        self._entrance = Entrance(guests, around, ledger, self._spawn)
        self._interruption = Interruption(around.clock(), time.monotonic())
        self._looked = time.monotonic()
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
            await self._look_around()
            now = await self._read(arrivals.changes)
            if now != seen:
                await self._refresh(first=seen == -1)
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

    async def _look_around(self) -> None:
        """Notice another network, other settings, and a sleep of the machine."""
        seconds = time.monotonic()
        if self._interruption.happened(self._around.clock(), seconds):
            self._ledger.woke()
            self._entrance.begin_anew()
            for line in self._lines.values():
                line.call_anew()
        if seconds - self._looked < self._around.patience.look:
            return
        self._looked = seconds
        here = await self._entrance.look(self._house.network)
        if here is not None:
            for line in self._lines.values():
                line.call_anew(here)

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

    async def _refresh(self, first: bool) -> None:
        """Make the lines those of the postbox's peers, and tell them that something may have changed. The `first` time
        a door that cannot be opened is an error: whoever starts the daemon is told."""
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
        await self._open_or_close(first)
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

    async def _open_or_close(self, first: bool) -> None:
        if not self._lines:
            await self._entrance.shut()
        elif not self._entrance.is_open and first:
            self._entrance.open(self._house.network())
        elif not self._entrance.is_open:
            await self._entrance.open_when_possible(self._house.network)
        else:
            self._entrance.renew()

    def _known(self) -> Mapping[str, Correspondent]:
        return {peer_id: line.correspondent for peer_id, line in self._lines.items()}

    def _pairs(self) -> list[Pair]:
        return [line.correspondent.pair for line in self._lines.values()]

    def _is_missing(self) -> bool:
        return not all(line.is_live for line in self._lines.values())

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
        await asyncio.gather(self._entrance.shut(), *leaving)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._ledger.is_connected_to(0)
        await self._write()
