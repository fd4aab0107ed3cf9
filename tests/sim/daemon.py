"""The daemon of one practice, without its sockets: the lines to the colleagues, on the simulated network."""

import asyncio
from collections.abc import Callable, Coroutine

from localstore import departures, postbox
from localstore.arrivals import IncomingLimits
from localstore.database import Connection, DatabaseError
from localstore.errors import Busy, ConfrereError
from localstore.postbox import Peer
from sync.errors import NotReached
from sync.post_office import certificate
from sync.post_office.door import Correspondent
from sync.post_office.exchange import Surroundings
from sync.post_office.knock import Pair
from sync.post_office.line import Line
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.transport import Address, Link
from sync.post_office.worker import PostboxWorker
from sync.protocol import Farewell, Role
from tests.sim.book import Watch
from tests.sim.disk import Process
from tests.sim.loop import VirtualLoop
from tests.sim.network import Network, Station

PATIENCE = Patience()


class SimulatedLine(Line):
    """The line as it is, which calls over the simulated network."""

    network: Network
    host: str
    der: bytes

    async def _call(self, address: Address) -> bool:
        around, (peer, _) = self._around, self.correspondent
        try:
            before = await around.worker.do(departures.acknowledged, peer.id)
            link = await self.network.dial(self.host, self.der, address.host, peer.certificate, around.patience)
        except NotReached as error:
            self._trouble(error)
            return False
        return await self._converse(link, Role.CLIENT, before)


class Daemon:
    """It runs from its making until it is stopped or killed."""

    def __init__(
        self,
        host: str,
        connection: Connection,
        process: Process,
        clock: Watch,
        network: Network,
        loop: VirtualLoop,
        hosts_of: Callable[[bytes], list[str]],
        failed: Callable[[str], None],
    ) -> None:
        """`hosts_of` says where a certificate may be called, `failed` is told what no honest peer can bring about."""
        self.host, self.process = host, process
        self._network, self._loop, self._hosts_of, self._failed = network, loop, hosts_of, failed
        self._worker = PostboxWorker(connection)
        seed, self._der = postbox.transport(connection)
        own = Identity(seed, self._der, certificate.public_key(self._der))
        self._around = Surroundings(
            own, self._worker, IncomingLimits(), PATIENCE, clock, lambda _count: None, lambda _count: None
        )
        self._lines: dict[str, SimulatedLine] = {}
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._gone = self._noticing = False
        network.stations[host] = Station(self._der, self._welcome)
        self.look_again()

    def look_again(self) -> None:
        """The desk has changed the postbox: this is noticed within a moment."""
        if not self._gone and not self._noticing:
            self._noticing = True
            self._loop.call_later(self._network.dice.random() * PATIENCE.poll, self._notice)

    def _notice(self) -> None:
        self._noticing = False
        if not self._gone:
            self._spawn(self._refresh())

    def rediscover(self) -> None:
        """The network is another one: whoever is there is found anew."""
        for line in self._lines.values():
            line.found_at(frozenset())
        self.look_again()

    async def _refresh(self) -> None:
        peers = {peer.id: peer for peer in await self._worker.do(postbox.peers) if self._hosts_of(peer.certificate)}
        for peer_id in [one for one in self._lines if one not in peers]:
            self._spawn(self._hang_up(self._lines.pop(peer_id), self._calls.pop(peer_id)))
        for peer in peers.values():
            if peer.id not in self._lines:
                self._add(peer)
            addresses = frozenset(Address(host, 1) for host in self._hosts_of(peer.certificate))
            self._lines[peer.id].found_at(addresses)
        for line in self._lines.values():
            line.look_again()

    def _add(self, peer: Peer) -> None:
        pair = Pair(peer.id, peer.pair_secret, self._around.own.key, certificate.public_key(peer.certificate))
        line = SimulatedLine(Correspondent(peer, pair), self._around, self._trouble, lambda _live: None)
        line.network, line.host, line.der = self._network, self.host, self._der
        self._lines[peer.id] = line
        self._calls[peer.id] = self._spawn(line.keep_calling())

    async def _hang_up(self, line: Line, call: "asyncio.Task[None]") -> None:
        await line.hang_up(Farewell.STOPPING)
        call.cancel()

    def _welcome(self, der: bytes, link: Link) -> None:
        for line in self._lines.values():
            if line.correspondent.peer.certificate == der:
                self._spawn(line.answer(link))
                return
        link.abort()

    def _trouble(self, error: ConfrereError) -> None:
        if not isinstance(error, NotReached | Busy) and self.process.alive:
            self._failed(f"{self.host}: {error}")

    def _spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = self._loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(task, None)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._gone and isinstance(error, DatabaseError):
            return  # its connection was closed under it
        self._failed(f"{self.host}: {error!r}")

    async def stop(self) -> None:
        """Say goodbye to everybody."""
        await asyncio.gather(*(line.hang_up(Farewell.STOPPING) for line in self._lines.values()))

    def kill(self, *, silently: bool) -> None:
        """End it here and now; `silently` as a power cut does, which no colleague is told of."""
        if self._gone:
            return
        self._gone = True
        self.process.alive = False
        self._network.leave(self.host, silently)
        for task in list(self._tasks):
            task.cancel()
        self.process.forget()
        self._worker.close()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self._gone

    @property
    def is_quiet(self) -> bool:
        """Whether nothing of it runs any more."""
        return self._gone and not self._tasks
