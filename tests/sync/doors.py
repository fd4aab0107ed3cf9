"""Doors in this process for the tests, and callers of all kinds."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from localstore import crypto
from localstore.postbox import Peer
from sync.errors import NotReached
from sync.post_office import certificate, tls
from sync.post_office.door import Correspondent, Door, Household, listen
from sync.post_office.knock import Knock, Pair
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.transport import Address, Link, dial
from sync.protocol import Role

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
QUICK = Patience(knock=0.4, connect=5, handshake=2, farewell=1)
SECRET = b"s" * 32


def identity(seed: int) -> Identity:
    """A transport identity."""
    key = crypto.signing_key(bytes([seed]) * 32)
    return Identity(key.secret, certificate.make(key.secret), key.public)


ALICE, BERNARD, MALLORY = identity(1), identity(2), identity(3)


def correspondent(name: str, own: Identity, other: Identity, secret: bytes = SECRET) -> Correspondent:
    """`other` as `own` knows him."""
    return Correspondent(Peer(name, other.certificate, secret), Pair(name, secret, own.key, other.key))


@dataclass
class House:
    """A door of Bernard's, and what happened at it."""

    guests: list[tuple[str, Link]] = field(default_factory=list)
    troubles: list[NotReached] = field(default_factory=list)
    knocks: set[bytes] = field(default_factory=set)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def address(self) -> Address:
        """Where the door is."""
        return Address("127.0.0.1", self.port)

    async def admit(self, heard: Knock, slot: int) -> bool:
        """Whether the knock is new."""
        new = heard.nonce not in self.knocks
        self.knocks.add(heard.nonce)
        return new

    async def welcome(self, peer: str, link: Link) -> None:
        """Greet the guest with one word, and keep the connection until the house is left."""
        self.guests.append((peer, link))
        await link.transmit(b"welcome")
        await self.leave.wait()
        await link.close()

    def spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        """Run a task of the door."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task


@asynccontextmanager
async def door(*known: Correspondent, patience: Patience = QUICK) -> AsyncIterator[House]:
    """Bernard's door, open to these, closed when the block ends; whatever failed in it fails the test."""
    house = House()
    people = {one.peer.id: one for one in known}
    household = Household(BERNARD, lambda: people, house.admit, house.welcome, house.troubles.append, house.spawn)
    opened = Door(household, listen(["127.0.0.1"], 0), lambda: NOW, patience)
    house.port = opened.port
    try:
        yield house
    finally:
        house.leave.set()
        await opened.close()
        for task in house.tasks:
            task.cancel()
        ended = await asyncio.gather(*house.tasks, return_exceptions=True)
        assert [one for one in ended if isinstance(one, Exception)] == []


async def call(house: House, caller: Identity, pinned: Identity = BERNARD, secret: bytes = SECRET) -> Link:
    """Knock at the door as `caller`, and expect `pinned` behind it."""
    known = correspondent("bernard", caller, BERNARD, secret)
    peer = Peer("bernard", pinned.certificate, secret)
    return await dial(caller, peer, known.pair, house.address, slot_now(), QUICK)


def slot_now() -> int:
    """The slot of the door's clock."""
    return int(NOW.timestamp()) // 900


async def everything_from(house: House, data: bytes) -> bytes:
    """Say `data` to the door over a plain connection; every byte it ever answers."""
    loop = asyncio.get_running_loop()
    with socket.create_connection(house.address) as plain:
        plain.setblocking(False)
        answer = b""
        try:
            await loop.sock_sendall(plain, data)
            while piece := await loop.sock_recv(plain, 4096):
                answer += piece
        except ConnectionResetError:
            pass  # closed while something that was said lay unread
        return answer


class HandMadeTls:
    """A TLS client whose bytes are moved by hand."""

    def __init__(self, own: Identity, pinned: Identity) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = tls.context(Role.CLIENT, own, pinned.certificate)
        self.client = context.wrap_bio(self.incoming, self.outgoing)

    def first_bytes(self) -> bytes:
        """The client's hello."""
        with suppress(ssl.SSLWantReadError):
            self.client.do_handshake()
        return self.outgoing.read()

    async def finish(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The rest of the handshake."""
        done = False
        while not done:
            self.incoming.write(await reader.read(65536))
            with suppress(ssl.SSLWantReadError):
                self.client.do_handshake()
                done = True
            writer.write(self.outgoing.read())

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next words of the server."""
        while True:
            with suppress(ssl.SSLWantReadError):
                return self.client.read()
            self.incoming.write(await reader.read(65536))


def old_tls(own: Identity, pinned: Identity) -> ssl.SSLContext:
    """A client that knows TLS 1.2 only."""
    context = tls.context(Role.CLIENT, own, pinned.certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
