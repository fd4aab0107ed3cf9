"""Two meetings over real sockets on this machine: being called, saying yes and no, stalling, floods, the end of it."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import pytest

from sync.meeting import greeting
from sync.meeting.conversation import Kind, frame
from sync.meeting.events import Agreed, Candidate, Disturbed, Ending, Event, Gone, Over, Pace
from sync.meeting.live import MAX_DISTURBANCES, MAX_SILENT, Meeting, Whereabouts
from sync.post_office import certificate
from sync.post_office.transport import Address, Link, secure
from sync.protocol import Role
from tests.sync.exchanges import until
from tests.sync.introduced import Doctor, doctor

HERE = Whereabouts(interfaces=("127.0.0.1",), announced=False)
PACE = Pace(visible=20, comparing=20, step=5, again=0.05)
HASTY = Pace(visible=20, comparing=20, step=0.3, again=0.05)
SECONDS = 20.0
One = TypeVar("One", bound=Event)


def alpha() -> Doctor:
    """Who listens."""
    return doctor("Alpha")


def beta() -> Doctor:
    """Who calls."""
    return doctor("Beta", "10001234575")


@asynccontextmanager
async def listening(pace: Pace = PACE) -> AsyncIterator[Meeting]:
    """Alpha is there."""
    async with Meeting(*alpha(), HERE, pace) as meeting:
        yield meeting


@asynccontextmanager
async def calling(there: Meeting, who: Doctor | None = None, pace: Pace = PACE) -> AsyncIterator[Meeting]:
    """Somebody calls there."""
    async with Meeting(*(who or beta()), Whereabouts(at=there.addresses[0]), pace) as meeting:
        yield meeting


async def expect(meeting: Meeting, kind: type[One], *, among: tuple[type[Event], ...] = ()) -> One:
    """The next event, which is of this kind; those of other kinds are passed over."""
    async with asyncio.timeout(SECONDS):
        while isinstance(event := await meeting.next(), among):
            pass
    assert isinstance(event, kind), event
    return event


def nothing_listens(address: Address) -> bool:
    """Whether nobody accepts a connection there."""
    with socket.socket() as trying:
        return trying.connect_ex(address) != 0


async def test_both_see_the_same_and_agree() -> None:
    async with listening() as here, calling(here) as there:
        at = here.addresses[0]
        mine, theirs = await expect(here, Candidate), await expect(there, Candidate)
        assert mine.spoken == theirs.spoken
        assert (mine.card.body.name, theirs.card.body.name) == ("Dr Beta", "Dr Alpha")
        await here.confirm(mine.number)
        await there.confirm(theirs.number)
        assert (await expect(here, Agreed)).card == mine.card
        assert (await expect(there, Agreed)).card == theirs.card
    assert nothing_listens(at)


async def test_the_last_yes_arrives_although_its_sender_leaves_at_once() -> None:
    async with listening() as here:
        async with calling(here) as there:
            mine, theirs = await expect(here, Candidate), await expect(there, Candidate)
            await here.confirm(mine.number)
            await there.confirm(theirs.number)
            await expect(there, Agreed)
        await expect(here, Agreed)


@pytest.mark.parametrize("after_a_yes", [True, False])
async def test_a_no_is_told_to_the_other_and_a_second_candidate_follows(after_a_yes: bool) -> None:
    async with listening() as here:
        async with calling(here, doctor("Gamma", "10001234583")) as stranger:
            first, at_stranger = await expect(here, Candidate), await expect(stranger, Candidate)
            if after_a_yes:
                await stranger.confirm(at_stranger.number)
            await here.refuse(first.number)
            assert await expect(here, Gone) == Gone(first.number, Ending.REFUSED_HERE)
            assert await expect(stranger, Gone) == Gone(at_stranger.number, Ending.REFUSED_THERE)
            async with calling(here) as there:
                second, theirs = await expect(here, Candidate), await expect(there, Candidate)
                assert second.card.body.name == "Dr Beta"
                await here.confirm(second.number)
                await there.confirm(theirs.number)
                await expect(here, Agreed)
                await expect(there, Agreed)


async def test_two_at_once_are_two_candidates() -> None:
    async with listening() as here, calling(here) as one, calling(here, doctor("Gamma", "10001234583")) as other:
        found = [await expect(here, Candidate), await expect(here, Candidate)]
        assert {one.card.body.name for one in found} == {"Dr Beta", "Dr Gamma"}
        right = next(one for one in found if one.card.body.name == "Dr Beta")
        await here.confirm(right.number)
        await one.confirm((await expect(one, Candidate)).number)
        await expect(here, Agreed)
        await expect(one, Agreed)
        await expect(other, Candidate)


async def test_leaving_is_a_no() -> None:
    async with listening() as here:
        async with calling(here) as there:
            mine = await expect(here, Candidate)
            await here.confirm(mine.number)
            await expect(there, Candidate)
        assert await expect(here, Gone) == Gone(mine.number, Ending.REFUSED_THERE)
        await here.confirm(mine.number)  # too late: means nothing


async def test_a_broken_link_keeps_nothing_and_a_new_call_has_other_digits() -> None:
    async with listening() as here, calling(here) as there:
        first = await expect(here, Candidate)
        await here.confirm(first.number)
        again = await expect(there, Candidate)
        for talk in list(there._talks.values()):
            talk.link.abort()
        assert await expect(here, Gone) == Gone(first.number, Ending.BROKEN)
        assert await expect(there, Gone) == Gone(again.number, Ending.BROKEN)
        second = await expect(here, Candidate)
        assert second.spoken != first.spoken


async def test_the_time_is_over() -> None:
    async with listening(Pace(visible=0.2, comparing=0.2, step=5, again=0.05)) as here:
        at = here.addresses[0]
        await expect(here, Over)
        assert nothing_listens(at) and not here.is_visible


async def test_a_comparison_goes_on_when_nothing_listens_any_more_and_then_ends_too() -> None:
    async with listening(Pace(visible=0.6, comparing=1, step=5, again=0.05)) as here, calling(here) as there:
        at = here.addresses[0]
        mine = await expect(here, Candidate)
        await expect(there, Candidate)
        await until(lambda: not here.is_visible)
        assert nothing_listens(at)
        assert await expect(here, Gone) == Gone(mine.number, Ending.TOO_LATE)
        await expect(here, Over)


async def test_both_calling_each_other_at_once_is_one_candidate_each() -> None:
    async with listening() as here, Meeting(*beta(), HERE, PACE) as there:
        here._found((there.addresses[0],))
        there._found((here.addresses[0],))
        mine, theirs = await expect(here, Candidate), await expect(there, Candidate)
        assert mine.spoken == theirs.spoken
        await asyncio.sleep(0.3)  # several more calls would have been made by now
        assert here._events.empty() and there._events.empty()
        await here.confirm(mine.number)
        await there.confirm(theirs.number)
        await expect(here, Agreed)
        await expect(there, Agreed)


async def test_one_that_calls_itself_meets_nobody() -> None:
    async with listening(Pace(visible=1, comparing=1, step=1, again=0.05)) as here:
        here._found((here.addresses[0],))
        await expect(here, Over)


# --- those who do not keep to it -------------------------------------------------------------------------------------


async def raw(at: Address) -> socket.socket:
    """A bare connection."""
    return await greeting.connect(at, SECONDS)


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\n\r\n", bytes(176), b"\x16\x03\x01" + bytes(500)])
async def test_a_stranger_gets_no_byte(words: bytes) -> None:
    async with listening(HASTY) as here:
        with await raw(here.addresses[0]) as stranger:
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(stranger, words)
            with suppress(ConnectionResetError):
                assert await loop.sock_recv(stranger, 100) == b""


async def test_a_tls_probe_gets_no_byte() -> None:
    async with listening(HASTY) as here:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises(OSError):
            await asyncio.open_connection(*here.addresses[0], ssl=context)


async def linked(at: Address) -> Link:
    """A connection up to its TLS, by somebody who may then say anything."""
    own = greeting.new_identity()
    connected = await greeting.connect(at, SECONDS)
    theirs = await greeting.exchange(connected, Role.CLIENT, own, SECONDS)
    return await secure(connected, Role.CLIENT, own, theirs, Meeting(*beta(), HERE, PACE)._patience)


async def stall_silent(at: Address) -> object:
    """Says nothing."""
    return await raw(at)


async def stall_within_the_certificate(at: Address) -> object:
    """Stops within its certificate."""
    stalling = await raw(at)
    await asyncio.get_running_loop().sock_sendall(stalling, greeting.new_identity().certificate[:100])
    return stalling


async def stall_before_tls(at: Address) -> object:
    """Has both certificates and stops."""
    stalling, own = await raw(at), greeting.new_identity()
    assert len(await greeting.exchange(stalling, Role.CLIENT, own, SECONDS)) == certificate.CERTIFICATE_BYTES
    return stalling


async def stall_after_tls(at: Address) -> object:
    """Stops once the connection is secure."""
    return await linked(at)


async def stall_within_a_commit(at: Address) -> object:
    """Stops within its first message."""
    link = await linked(at)
    await link.transmit(frame(Kind.COMMIT, b"\x01" + bytes(32))[:20])
    return link


async def stall_after_the_commit(at: Address) -> object:
    """Is committed, and reveals nothing."""
    link = await linked(at)
    await link.transmit(frame(Kind.COMMIT, b"\x01" + bytes(32)))
    return link


STALLS = [
    stall_silent,
    stall_within_the_certificate,
    stall_before_tls,
    stall_after_tls,
    stall_within_a_commit,
    stall_after_the_commit,
]


@pytest.mark.parametrize("stall", STALLS, ids=lambda one: one.__name__)
async def test_one_who_stalls_at_any_step_is_left_and_an_honest_one_comes_through(stall: object) -> None:
    assert callable(stall)
    async with listening(HASTY) as here:
        stalled = [await stall(here.addresses[0]) for _ in range(3)]
        async with calling(here) as there:
            mine = await expect(here, Candidate, among=(Disturbed,))
            theirs = await expect(there, Candidate)
            assert mine.spoken == theirs.spoken
            await until(lambda: len(here._tasks) <= 3)  # accepting, the end of the time, this one conversation
        for one in stalled:
            one.close() if isinstance(one, socket.socket) else one.abort()


async def test_one_who_stalls_while_comparing_is_gone_in_the_end() -> None:
    async with listening(Pace(visible=20, comparing=0.4, step=5, again=0.05)) as here, calling(here) as there:
        mine = await expect(here, Candidate)
        await here.confirm(mine.number)
        await expect(there, Candidate)  # and says nothing
        assert await expect(here, Gone) == Gone(mine.number, Ending.TOO_LATE)


async def test_one_who_breaks_the_rules_is_told_as_a_disturbance_and_no_more_often_than_helps() -> None:
    async with listening() as here:
        for _ in range(MAX_DISTURBANCES + 2):
            link = await linked(here.addresses[0])
            await link.transmit(b"\xff" * 40)
            with suppress(OSError):
                while await link.receive():
                    pass
            await link.close()
        for _ in range(MAX_DISTURBANCES):
            await expect(here, Disturbed)
        async with calling(here) as there:
            await expect(here, Candidate)
            await expect(there, Candidate)


async def test_five_hundred_idle_connections_do_not_keep_an_honest_one_out() -> None:
    loop = asyncio.get_running_loop()
    async with listening() as here:
        with contextlib.ExitStack() as stack:
            for _ in range(500):
                stack.enter_context(await raw(here.addresses[0]))
                assert len(here._silent) <= MAX_SILENT
            began = loop.time()
            async with calling(here) as there:
                await expect(here, Candidate)
                await expect(there, Candidate)
            assert loop.time() - began < 10


# --- announced -------------------------------------------------------------------------------------------------------


async def test_two_that_announce_themselves_on_the_loopback_find_each_other() -> None:
    where = Whereabouts(interfaces=("127.0.0.1",))
    async with Meeting(*alpha(), where, PACE) as here:
        if not here.is_announced:
            pytest.skip("multicast is impossible on this machine's loopback")
        async with Meeting(*beta(), where, PACE) as there:
            mine, theirs = await expect(here, Candidate), await expect(there, Candidate)
            assert mine.spoken == theirs.spoken
            await here.confirm(mine.number)
            await there.confirm(theirs.number)
            await expect(here, Agreed)
            await expect(there, Agreed)
