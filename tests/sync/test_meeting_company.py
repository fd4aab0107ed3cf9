"""Strangers who take the places of a meeting, or the card of whoever holds it."""

import asyncio
import os
import socket

import pytest

from sync.meeting import greeting
from sync.meeting.company import MAX_OF_ONE_HOST, MAX_TALKING, Present, leaving
from sync.meeting.conversation import Conversation, Kind, frame
from sync.meeting.events import Agreed, Candidate, Disturbed, Gone, Unanswered
from sync.meeting.live import Meeting, Whereabouts
from sync.post_office.patience import Patience
from sync.post_office.transport import Address, Link, secure
from sync.protocol import Role
from tests.sync.introduced import doctor
from tests.sync.test_meeting_live import HASTY, PACE, SECONDS, alpha, beta, calling, expect, linked, listening


def came(*hosts: str, role: Role = Role.SERVER) -> list[Present]:
    """Those who are there, one from each of these hosts, in this order; each has a conversation."""
    return [Present(bytes([place]), host, role, place + 1) for place, host in enumerate(hosts)]


def four_of_each(*hosts: str) -> list[Present]:
    """All the places, taken."""
    return came(*(host for host in hosts for _ in range(MAX_OF_ONE_HOST)))


FULL = four_of_each("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")


def test_a_newcomer_takes_the_place_of_the_oldest_of_those_who_are_many() -> None:
    new = Present(b"new", "10.0.0.9", Role.SERVER)
    assert len(FULL) == MAX_TALKING and leaving(FULL[:-1], new, 0) == []
    assert leaving(FULL, new, 0) == [FULL[0]]
    assert leaving(FULL, new, FULL[0].number) == [FULL[1]]  # the doctor looks at the first
    alone = [*came("10.0.0.8"), *FULL[1:]]
    assert leaving(alone, new, 0) == [FULL[4]]  # three are left of the first host, and one of another


def test_a_host_has_its_places_and_no_more_and_who_was_called_has_others() -> None:
    assert leaving(FULL[:4], Present(b"new", "10.0.0.1", Role.SERVER), 0) is None
    assert leaving(FULL, Present(b"new", "10.0.0.1", Role.CLIENT), 0) == []
    called = [Present(one.certificate, one.host, Role.CLIENT) for one in FULL]
    assert leaving(called, Present(b"new", "10.0.0.9", Role.CLIENT), 0) is None
    assert leaving(called, Present(b"new", "10.0.0.9", Role.SERVER), 0) == []


def test_half_an_ipv6_address_is_one_machine() -> None:
    many = came("10.0.0.1", *(f"2001:db8::{place:x}%eth0" for place in range(1, MAX_TALKING)))
    assert leaving(many, Present(b"new", "10.0.0.9", Role.SERVER), 0) == [many[1]]
    assert Present(b"", "::ffff:10.0.0.1", Role.SERVER).network == "10.0.0.1"
    assert Present(b"", "unknown", Role.SERVER).network == "unknown"


async def stranger(at: Address, source: str, number: int) -> Link:
    """Somebody on another address of this machine, up to the digits."""
    own, loop = greeting.new_identity(), asyncio.get_running_loop()
    connected = socket.socket()
    connected.bind((source, 0))
    connected.setblocking(False)
    await loop.sock_connect(connected, at)
    theirs = await greeting.exchange(connected, Role.CLIENT, own, SECONDS)
    link = await secure(connected, Role.CLIENT, own, theirs, Patience())
    talk = Conversation(doctor(f"Stranger {number % 2}").own(own.certificate), theirs, os.urandom(32))
    await link.transmit(talk.data_to_send())
    while talk.compared is None:
        talk.receive(await link.receive())
        await link.transmit(talk.data_to_send())
    return link


async def test_a_machine_with_many_addresses_keeps_no_colleague_out() -> None:
    async with listening() as here:
        at = here.addresses[0]
        held = [await stranger(at, f"127.0.0.{2 + number % 4}", number) for number in range(MAX_TALKING)]
        first = await expect(here, Candidate)
        here.look_at(first.number)
        async with calling(here) as there:
            theirs = await expect(there, Candidate)
            while (mine := await expect(here, Candidate, among=(Gone,))).card != beta().card:
                pass
            assert any(one.number == first.number for one in here._present)
            await here.confirm(mine.number)
            await there.confirm(theirs.number)
            await expect(here, Agreed, among=(Gone,))
            assert here.agreed == Agreed(mine.number, beta().card)
            await expect(there, Agreed)
        for link in held:
            link.abort()


@pytest.mark.parametrize("stalls", [True, False])
async def test_who_takes_the_card_and_shows_none_is_told(stalls: bool) -> None:
    async with listening(HASTY if stalls else PACE) as here:
        link = await linked(here.addresses[0])
        await link.transmit(frame(Kind.COMMIT, b"\x01" + b"x" * 32))
        got = b""
        while alpha().card.signed not in got:
            got += await link.receive()
        if not stalls:
            await link.close()
        assert await expect(here, Disturbed) == Disturbed(has_card=True)
        link.abort()


async def test_that_nobody_answers_is_told_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        at = Address("127.0.0.1", closed.getsockname()[1])
    async with Meeting(*beta(), Whereabouts(at=at), PACE) as there:
        await expect(there, Unanswered)
        await asyncio.sleep(5 * PACE.again)  # several more calls
        assert there._events.empty()


async def test_another_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as open_here:
        port = open_here.getsockname()[1]
        real = [await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM) for host in ("127.0.0.9", "127.0.0.1")]

        async def both(*_: object, **__: object) -> list[object]:
            return [one for found in real for one in found]

        monkeypatch.setattr(loop, "getaddrinfo", both)
        (await greeting.connect(Address("colleague.local", port), SECONDS)).close()
