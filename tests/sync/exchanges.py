"""Sessions in this process for the tests: real postboxes, a socket pair in the place of TLS, a peer moved by hand."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from localstore import departures, postbox
from localstore.arrivals import IncomingLimits
from localstore.clock import system_clock
from localstore.database import Connection
from sync.post_office.exchange import Exchange, Surroundings
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.transport import Link
from sync.post_office.worker import PostboxWorker
from sync.protocol import Ended, Event, Message, Role, Session
from tests.sync.doors import BERNARD, correspondent

SHORT = Patience(greeting=5, keepalive=5, idle=10, farewell=1)
KEY = bytes(range(32))


@dataclass
class Side:
    """One practice: its postbox as the desk and as the daemon hold it."""

    name: str
    own: Identity
    desk: Connection
    around: Surroundings
    counts: dict[str, int]
    live: list[Exchange] = field(default_factory=list)

    def exchange(self, link: Link, role: Role, other: "Side", wanted: bool = True) -> Exchange:
        """A session with the other side."""
        known = correspondent(other.name, self.own, other.own)
        before = departures.acknowledged(self.desk, other.name)
        return Exchange(link, role, known, self.around, lambda: wanted, self.live.append, before)

    def states(self) -> list[str]:
        """How far each outgoing envelope has come."""
        return [one.state.value for one in postbox.progress(self.desk)]

    def received(self) -> list[bytes]:
        """What arrived."""
        return [one.envelope for one in postbox.arrived(self.desk)]


@asynccontextmanager
async def side(
    folder: Path, name: str, own: Identity, limits: IncomingLimits | None = None, patience: Patience = SHORT
) -> AsyncIterator[Side]:
    """A practice with an empty postbox."""
    desk = postbox.create(folder / f"{name}.db", KEY)
    worker = PostboxWorker(postbox.open_postbox(folder / f"{name}.db", KEY))
    counts = {"sent": 0, "received": 0}

    def count(what: str) -> Callable[[int], None]:
        def add(number: int) -> None:
            counts[what] += number

        return add

    around = Surroundings(
        own, worker, limits or IncomingLimits(), patience, system_clock, count("sent"), count("received")
    )
    try:
        yield Side(name, own, desk, around, counts)
    finally:
        worker.close()
        desk.close()


async def links(patience: Patience = SHORT) -> tuple[Link, Link]:
    """The two ends of one connection."""
    ends = []
    for one in socket.socketpair():
        reader, writer = await asyncio.open_connection(sock=one)
        ends.append(Link(reader, writer, patience))
    return ends[0], ends[1]


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` is true."""
    for _ in range(4000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the condition did not come true")


@asynccontextmanager
async def conversation(server: Side, client: Side) -> AsyncIterator[tuple[Exchange, Exchange]]:
    """A session of two practices, cut when the block ends."""
    one, other = await links()
    exchanges = (server.exchange(one, Role.SERVER, client), client.exchange(other, Role.CLIENT, server))
    tasks = [asyncio.create_task(exchange.run()) for exchange in exchanges]
    try:
        yield exchanges
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Puppet:
    """A peer whose every word is chosen by the test. It plays Alice, the client, towards Bernard's post office."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.session = Session(Role.CLIENT, BERNARD.key)
        self._heard: list[Event] = []

    async def hear(self) -> Event:
        """The next event."""
        while not self._heard:
            data = await self._link.receive()
            self._heard += self.session.receive_data(data) if data else self.session.receive_eof()
        return self._heard.pop(0)

    async def say(self, *messages: Message) -> None:
        """Say all of these at once."""
        for message in messages:
            self.session.send(message)
        await self._link.transmit(self.session.data_to_send())

    async def say_bytes(self, data: bytes) -> None:
        """Say anything."""
        await self._link.transmit(data)

    async def ended(self) -> list[Event]:
        """Everything that is still said, until the connection ends."""
        events: list[Event] = []
        with suppress(OSError):
            while not isinstance(event := await self.hear(), Ended):
                events.append(event)
        return events

    async def close(self) -> None:
        """End the connection."""
        await self._link.close()


@asynccontextmanager
async def puppet(bernard: Side, alice: Side) -> AsyncIterator[tuple[Puppet, "asyncio.Task[None]"]]:
    """Bernard's session, with a puppet in the place of Alice, whose name and key it has."""
    one, other = await links(bernard.around.patience)
    task = asyncio.create_task(bernard.exchange(one, Role.SERVER, alice).run())
    hand = Puppet(other)
    try:
        yield hand, task
    finally:
        await hand.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
