"""One session of two practices in this process: their real postboxes, TLS 1.3, and a line that counts what passes."""

import asyncio
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from localstore import departures, paths, postbox
from localstore.arrivals import IncomingLimits
from localstore.clock import system_clock
from localstore.colleagues import Colleague
from localstore.database import row, transaction
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import DocumentBody, Extract
from sync.post_office import certificate, transport
from sync.post_office.door import Correspondent
from sync.post_office.exchange import Exchange, Surroundings
from sync.post_office.knock import Pair
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.transport import Link
from sync.post_office.worker import PostboxWorker
from sync.protocol import Farewell, Role
from tests import practices
from tests.bench.sealing import PER_COMMIT

READ = 65536
LOOK = 0.001  # seconds
PATIENCE = Patience(farewell=0.2)


class Passed(NamedTuple):
    """What a session cost: bytes from the first to the second and back, with those of TLS, and seconds from the first
    byte to the last receipt."""

    there: int
    back: int
    seconds: float


class Town(NamedTuple):
    """Alpha and Beta, and each as the other knows it."""

    alpha: Desk
    beta: Desk
    of_beta: Colleague
    of_alpha: Colleague

    def send(self, bodies: Iterable[DocumentBody]) -> None:
        """Alpha signs, seals and queues documents for Beta, PER_COMMIT in a transaction."""
        waiting = list(bodies)
        for at in range(0, len(waiting), PER_COMMIT):
            with transaction(self.alpha.record):
                for body in waiting[at : at + PER_COMMIT]:
                    entries = len(body.entries) if isinstance(body, Extract) else 0
                    desk_room.post(self.alpha, self.of_beta, body, entries=entries)
        assert desk_room.dispatch(self.alpha) == []

    def meet(self) -> Passed:
        """One session, until each has acknowledged all that the other one had queued."""
        return asyncio.run(_meet(self))

    def close(self) -> None:
        """Close both."""
        self.alpha.close()
        self.beta.close()


class _Wire:
    """Two ends of a line, and the count of bytes in each direction."""

    def __init__(self) -> None:
        self.counts = [0, 0]
        (self.near, near), (self.far, far) = socket.socketpair(), socket.socketpair()
        self._inner = (near, far)
        for one in (self.near, self.far, near, far):
            one.setblocking(False)

    async def run(self) -> None:
        """Pass on what comes, until both ends are closed."""
        near, far = self._inner
        try:
            await asyncio.gather(self._pass(near, far, 0), self._pass(far, near, 1))
        finally:
            near.close()
            far.close()

    async def _pass(self, source: socket.socket, target: socket.socket, way: int) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(source, READ):
            self.counts[way] += len(data)
            await loop.sock_sendall(target, data)
        target.shutdown(socket.SHUT_WR)


def town(folder: Path) -> Town:
    """Two paired practices."""
    return Town(*practices.two_desks(folder))


async def _meet(pair: Town) -> Passed:
    wire = _Wire()
    passing = asyncio.create_task(wire.run())
    own, other = _identity(pair.alpha), _identity(pair.beta)
    workers = [
        PostboxWorker(postbox.open_postbox(paths.postbox(desk.practice.folder), desk.postbox_key))
        for desk in (pair.beta, pair.alpha)
    ]
    begun = time.perf_counter()
    links = await asyncio.gather(
        transport.secure(wire.far, Role.SERVER, other, own.certificate, PATIENCE),
        transport.secure(wire.near, Role.CLIENT, own, other.certificate, PATIENCE),
    )
    live: list[Exchange] = []
    exchanges = [
        _exchange(pair.beta, pair.of_alpha.id, links[0], Role.SERVER, (other, own), workers[0], live),
        _exchange(pair.alpha, pair.of_beta.id, links[1], Role.CLIENT, (own, other), workers[1], live),
    ]
    tasks = [asyncio.create_task(one.run()) for one in exchanges]
    while not (len(live) == 2 and _at_rest(pair.alpha) and _at_rest(pair.beta)):
        assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
        await asyncio.sleep(LOOK)
    passed = Passed(wire.counts[0], wire.counts[1], time.perf_counter() - begun)
    exchanges[0].leave(Farewell.STOPPING)
    await asyncio.gather(*tasks)
    await passing
    for worker in workers:
        worker.close()
    return passed


def _exchange(
    desk: Desk,
    peer_id: str,
    link: Link,
    role: Role,
    keys: tuple[Identity, Identity],
    worker: PostboxWorker,
    live: list[Exchange],
) -> Exchange:
    own, other = keys
    (peer,) = [one for one in postbox.peers(desk.postbox) if one.id == peer_id]
    known = Correspondent(peer, Pair(peer.id, peer.pair_secret, own.key, other.key))
    around = Surroundings(own, worker, IncomingLimits(envelopes=10**6), PATIENCE, system_clock, _ignore, _ignore)
    before = departures.acknowledged(desk.postbox, peer.id)
    return Exchange(link, role, known, around, lambda: True, live.append, before)


def _identity(desk: Desk) -> Identity:
    seed, der = postbox.transport(desk.postbox)
    return Identity(seed, der, certificate.public_key(der))


def _at_rest(desk: Desk) -> bool:
    """Whether all that was queued is acknowledged. Asked often, so it looks at the last number of each feed alone."""
    found = row(
        desk.postbox,
        "SELECT 1 FROM outgoing_feed WHERE frozen = '' AND up_to <"
        " (SELECT coalesce(max(sequence), 0) FROM outgoing WHERE outgoing.feed = outgoing_feed.feed)",
    )
    return found is None


def _ignore(_count: int) -> None:
    pass
