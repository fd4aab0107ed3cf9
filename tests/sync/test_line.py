"""One colleague's line: two sessions at once, dead connections, and calling again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from localstore import postbox
from localstore.errors import ConfrereError
from sync.errors import NotReached
from sync.post_office.line import Line, chance
from sync.post_office.patience import Patience
from sync.post_office.transport import Address
from sync.protocol import Farewell, Role
from tests.sync.doors import ALICE, BERNARD, SECRET, correspondent
from tests.sync.exchanges import SHORT, Side, links, side, until

FEED, OTHER_FEED = b"f" * 16, b"g" * 16


@pytest.fixture
async def alice(tmp_path: Path) -> AsyncIterator[Side]:
    """A practice."""
    async with side(tmp_path, "alice", ALICE) as made:
        yield made


@pytest.fixture
async def bernard(tmp_path: Path) -> AsyncIterator[Side]:
    """Its colleague."""
    async with side(tmp_path, "bernard", BERNARD) as made:
        yield made


class Ends:
    """The two lines of a pair, and sessions between them."""

    def __init__(self, alice: Side, bernard: Side) -> None:
        self.troubles: list[ConfrereError] = []
        self.alice = self._line(alice, bernard)
        self.bernard = self._line(bernard, alice)
        self._tasks: list[asyncio.Task[object]] = []

    def _line(self, own: Side, other: Side) -> Line:
        known = correspondent(other.name, own.own, other.own, SECRET)
        return Line(known, own.around, self.troubles.append, lambda live: None)

    async def connect(self, caller: Line, called: Line) -> None:
        """Begin a session."""
        one, other = await links()
        self._tasks += [
            asyncio.create_task(called.answer(one)),
            asyncio.create_task(caller._converse(other, Role.CLIENT)),
        ]

    def sessions(self) -> tuple[int, int]:
        """How many are live on each side."""
        return len(self.alice._live), len(self.bernard._live)

    async def end(self) -> None:
        """End everything."""
        await asyncio.gather(self.alice.hang_up(Farewell.STOPPING), self.bernard.hang_up(Farewell.STOPPING))
        await asyncio.gather(*self._tasks)


@pytest.fixture
async def ends(alice: Side, bernard: Side) -> AsyncIterator[Ends]:
    """The two lines of a pair."""
    made = Ends(alice, bernard)
    yield made
    await made.end()


@pytest.mark.parametrize("rounds", range(5))
async def test_of_two_sessions_at_once_one_is_kept_and_nothing_is_lost(
    ends: Ends, alice: Side, bernard: Side, rounds: int
) -> None:
    for number in range(1, 31):
        postbox.queue(alice.desk, "bernard", FEED, number, b"%d" % number)
        postbox.queue(bernard.desk, "alice", OTHER_FEED, number, b"%d" % number)
    await asyncio.gather(ends.connect(ends.alice, ends.bernard), ends.connect(ends.bernard, ends.alice))
    await until(lambda: alice.states() == bernard.states() == ["stored"] * 30)
    await until(lambda: ends.sessions() == (1, 1))
    assert alice.received() == bernard.received() == [b"%d" % number for number in range(1, 31)]
    assert ends.troubles == []
    postbox.queue(alice.desk, "bernard", FEED, 31, b"31")
    ends.alice.look_again()
    await until(lambda: alice.states() == ["stored"] * 31)


@pytest.mark.parametrize("caller", ["alice", "bernard"])
async def test_a_new_session_takes_the_place_of_one_that_died_unnoticed(
    ends: Ends, alice: Side, bernard: Side, caller: str
) -> None:
    await ends.connect(ends.alice, ends.bernard)
    await until(lambda: ends.sessions() == (1, 1))
    dead = ends.alice._live[0]
    calling, called = (ends.alice, ends.bernard) if caller == "alice" else (ends.bernard, ends.alice)
    calling._live.clear()  # this side has noticed, and calls again
    await ends.connect(calling, called)
    await until(lambda: alice.live is not None and any(one is not dead for one in ends.alice._live))
    postbox.queue(alice.desk, "bernard", FEED, 1, b"one")
    ends.alice.look_again()
    await until(lambda: alice.states() == ["stored"])
    assert bernard.received() == [b"one"]


async def test_hanging_up_ends_every_session(ends: Ends) -> None:
    await ends.connect(ends.alice, ends.bernard)
    await until(lambda: ends.sessions() == (1, 1))
    await ends.alice.hang_up(Farewell.STOPPING)
    assert not ends.alice.is_live
    await until(lambda: not ends.bernard.is_live)
    assert ends.troubles == []


async def test_hanging_up_on_somebody_who_does_not_listen_takes_a_moment_only(tmp_path: Path, bernard: Side) -> None:
    patience = replace(SHORT, farewell=0.1, idle=30)
    async with side(tmp_path, "alice", ALICE, patience=patience) as alice:
        postbox.queue(alice.desk, "bernard", FEED, 1, bytes(8_000_000))
        ends = Ends(alice, bernard)
        await ends.connect(ends.alice, ends.bernard)
        await until(lambda: ends.sessions() == (1, 1))
        for exchange in ends.bernard._live:
            exchange.cut()
        await asyncio.wait_for(ends.alice.hang_up(Farewell.STOPPING), 2)
        await until(lambda: not ends.alice._exchanges)
        await ends.end()


async def test_calls_are_repeated_at_every_address_until_cancelled(alice: Side) -> None:
    troubles: list[ConfrereError] = []
    around = alice.around._replace(patience=Patience(again_first=0.01, again_bound=0.05))
    known = correspondent("bernard", ALICE, BERNARD)
    peer = postbox.Peer("bernard", BERNARD.certificate, SECRET, ("127.0.0.1:1", "no address"))
    line = Line(known._replace(peer=peer), around, troubles.append, lambda live: None)
    line.found_at(frozenset({Address("127.0.0.1", 2)}))
    calling = asyncio.create_task(line.keep_calling())
    await until(lambda: len(troubles) >= 6)
    assert all(isinstance(one, NotReached) for one in troubles)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)


async def test_a_new_address_ends_the_pause(alice: Side) -> None:
    troubles: list[ConfrereError] = []
    around = alice.around._replace(patience=Patience(again_first=1000, again_bound=1000))
    line = Line(correspondent("bernard", ALICE, BERNARD), around, troubles.append, lambda live: None)
    calling = asyncio.create_task(line.keep_calling())
    await asyncio.sleep(0)
    line.found_at(frozenset({Address("127.0.0.1", 1)}))
    await until(lambda: len(troubles) == 1)
    line.found_at(frozenset({Address("127.0.0.1", 2)}))
    await until(lambda: len(troubles) == 2)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)


def test_chance_is_a_fraction() -> None:
    drawn = [chance() for _ in range(200)]
    assert all(0 <= one < 1 for one in drawn)
    assert min(drawn) < 0.2 < 0.8 < max(drawn)
