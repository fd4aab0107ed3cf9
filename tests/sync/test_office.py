"""A post office in this process: what it does when the machine has slept, and when its settings change."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from localstore import postbox
from localstore.arrivals import IncomingLimits
from localstore.errors import BadInput
from localstore.settings import Network
from sync.post_office import entrance
from sync.post_office.exchange import Surroundings
from sync.post_office.ledger import Ledger
from sync.post_office.office import House, PostOffice
from sync.post_office.patience import Patience
from sync.post_office.status import Report
from sync.post_office.worker import PostboxWorker
from tests.sync.exchanges import until
from tests.sync.offices import identity_of, make, pair

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
# Whoever was not reached is not called again in the time of a test, unless there is a reason.
RARELY = Patience(poll=0.01, look=0.02, status=0.01, again_first=1000, again_bound=1000, again_near=1000)
QUIET = Network(interfaces=("127.0.0.1",), discovery=False)


@dataclass
class Running:
    """A post office at work: its clock, its settings (None: they cannot be read), what it said and reported."""

    moment: datetime = NOON
    network: Network | None = QUIET
    said: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    meet_bernard: Callable[[], object] = bool

    def clock(self) -> datetime:
        """The present moment."""
        return self.moment

    def settings(self) -> Network:
        """The settings as they are now."""
        if self.network is None:
            raise BadInput(what="practice.toml cannot be read.", remedy="Correct the file.")
        return self.network

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.reports[-1].port if self.reports else 0


@asynccontextmanager
async def office(folder: Path, *addresses: str, paired: bool = True) -> AsyncIterator[Running]:
    """Alice's post office; her one colleague is at these addresses. Whatever ends it fails the test."""
    alice, bernard = make(folder / "alice", QUIET), make(folder / "bernard", QUIET)
    one = Running(meet_bernard=partial(pair, alice, bernard, addresses_of_other=addresses))
    if paired:
        one.meet_bernard()
    worker = PostboxWorker(postbox.open_postbox(alice.folder / "postbox.db", alice.key))
    ledger = Ledger(1, one.clock, one.said.append)
    around = Surroundings(identity_of(alice), worker, IncomingLimits(), RARELY, one.clock, ledger.sent, ledger.received)
    stop, ready = asyncio.Event(), asyncio.Event()
    post = PostOffice(House(one.settings, one.reports.append, lambda: True), around, ledger)
    task = asyncio.create_task(post.run(stop, ready.set))
    try:
        await asyncio.wait({asyncio.create_task(ready.wait()), task}, return_when=asyncio.FIRST_COMPLETED)
        yield one
    finally:
        stop.set()
        await task
        worker.close()


async def test_after_a_sleep_everybody_is_called_at_once(tmp_path: Path) -> None:
    calls = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.close()

    called = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = called.sockets[0].getsockname()[1]
    async with called, office(tmp_path, f"127.0.0.1:{port}") as alice:
        await until(lambda: calls == 1 and any("could not be reached" in line for line in alice.said))
        alice.moment += timedelta(seconds=5)  # a busy machine
        await asyncio.sleep(0.1)
        assert calls == 1
        alice.moment += timedelta(hours=8)
        await until(lambda: calls == 2)
        assert sum("slept" in line for line in alice.said) == 1


async def test_changed_settings_are_followed_and_unreadable_ones_change_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        wanted = free.getsockname()[1]
    async with office(tmp_path) as alice:
        await until(lambda: alice.port != 0)
        first = alice.port
        alice.network = None
        await until(lambda: any("practice.toml cannot be read" in line for line in alice.said))
        assert alice.port == first
        alice.network = Network(interfaces=("127.0.0.1",), port=wanted, discovery=False)
        await until(lambda: alice.port == wanted)
        _, writer = await asyncio.open_connection("127.0.0.1", wanted)
        writer.close()
        await writer.wait_closed()


async def test_a_first_colleague_while_the_settings_cannot_be_read_ends_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, paired=False) as alice:
        alice.network = None
        alice.meet_bernard()
        await until(lambda: any("practice.toml cannot be read" in line for line in alice.said))
        assert alice.port == 0
        alice.network = QUIET
        await until(lambda: alice.port != 0)


async def test_a_first_colleague_while_the_port_is_taken_ends_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, paired=False) as alice:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            alice.network = Network(interfaces=("127.0.0.1",), port=port, discovery=False)
            alice.meet_bernard()
            await until(lambda: any("no port could be opened" in line for line in alice.said))
        await until(lambda: alice.port == port)


async def test_without_a_free_descriptor_for_a_look_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as alice:
        await until(lambda: alice.port != 0)
        with monkeypatch.context() as full:
            full.setattr(entrance, "local_addresses", none_left)
            await until(lambda: any("addresses of this machine" in line for line in alice.said))
        before = alice.port
        alice.network = Network(interfaces=("127.0.0.2",), discovery=False)
        await until(lambda: alice.port not in (0, before))


def none_left(_: object) -> tuple[str, ...]:
    """As the system answers to whoever has no file descriptor left."""
    raise OSError(errno.EMFILE, "Too many open files")


async def test_an_interface_that_is_gone_shuts_the_door_until_it_is_back(tmp_path: Path) -> None:
    async with office(tmp_path) as alice:
        await until(lambda: alice.port != 0)
        alice.network = Network(interfaces=("confrere-none",), discovery=False)
        await until(lambda: alice.port == 0)
        assert any("could not be reached" in line for line in alice.said)
        alice.network = QUIET
        await until(lambda: alice.port != 0)
