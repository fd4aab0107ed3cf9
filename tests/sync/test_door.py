"""Who gets in, over real sockets on the loopback interface, and what everybody else gets: nothing."""

import asyncio
import contextlib
import errno
import os
import resource
import socket
import ssl
import time
from collections.abc import Callable

import pytest

from localstore.crypto import random_bytes
from sync.errors import NotReached, OtherCertificate
from sync.post_office import knock
from sync.post_office.door import MAX_OF_ONE_PEER, MAX_UNKNOWN, UNKNOWN_SHARE, listen
from sync.post_office.patience import Patience
from tests.sync.doors import (
    ALICE,
    BERNARD,
    MALLORY,
    QUICK,
    HandMadeTls,
    call,
    correspondent,
    door,
    everything_from,
    identity,
    old_tls,
    slot_now,
)

ALICE_AT_BERNARD = correspondent("alice", BERNARD, ALICE)
BERNARD_AT_ALICE = correspondent("bernard", ALICE, BERNARD)


def fresh_knock() -> bytes:
    """What Alice says first."""
    return knock.knock(BERNARD_AT_ALICE.pair, slot_now(), random_bytes(16))


async def test_a_colleague_gets_in_and_is_known_by_name() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        link = await call(house, ALICE)
        assert await link.receive() == b"welcome"
        assert [peer for peer, _ in house.guests] == ["alice"]
        house.leave.set()
        assert await link.receive() == b""
        await link.close()


async def test_the_first_bytes_of_tls_may_come_together_with_the_knock() -> None:
    """Exactly the knock is read before TLS, however the network cuts the stream."""
    async with door(ALICE_AT_BERNARD) as house:
        client = HandMadeTls(ALICE, BERNARD)
        reader, writer = await asyncio.open_connection(*house.address)
        writer.write(fresh_knock() + client.first_bytes())
        await client.finish(reader, writer)
        assert await client.read(reader) == b"welcome"
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(200), os.urandom(48), os.urandom(5000)],
    ids=["silence", "HTTP", "a TLS hello", "a random knock", "noise"],
)
async def test_a_probe_gets_no_byte_and_is_closed_at_the_deadline(said: bytes) -> None:
    async with door(ALICE_AT_BERNARD) as house:
        began = time.monotonic()
        assert await everything_from(house, said) == b""
        assert QUICK.knock * 0.9 <= time.monotonic() - began < QUICK.knock + 5
        assert house.guests == []


async def test_a_stranger_with_another_secret_gets_no_byte() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        with pytest.raises(NotReached):
            await call(house, MALLORY, secret=b"m" * 32)
        stranger = correspondent("bernard", MALLORY, BERNARD, b"m" * 32)
        said = knock.knock(stranger.pair, slot_now(), random_bytes(16))
        assert await everything_from(house, said + bytes(300)) == b""
        assert house.guests == []


async def test_what_an_honest_caller_said_gets_no_byte_when_it_is_said_again() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        said = fresh_knock() + HandMadeTls(ALICE, BERNARD).first_bytes()
        reader, writer = await asyncio.open_connection(*house.address)
        writer.write(said)
        assert await reader.read(1) != b""
        writer.close()
        await writer.wait_closed()
        assert await everything_from(house, said) == b""


async def test_a_knock_of_another_slot_gets_no_byte() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        for slot in (slot_now() - 2, slot_now() + 2):
            assert await everything_from(house, knock.knock(BERNARD_AT_ALICE.pair, slot, random_bytes(16))) == b""


async def test_an_own_knock_sent_back_gets_no_byte() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        reflected = knock.knock(ALICE_AT_BERNARD.pair, slot_now(), random_bytes(16))
        assert await everything_from(house, reflected) == b""


async def test_an_impostor_with_the_pair_secret_but_another_key_is_refused() -> None:
    """He stole the secret, not the transport key: he can knock as Alice, and shows his own certificate."""
    async with door(ALICE_AT_BERNARD) as house:
        thief = MALLORY._replace(key=ALICE.key)
        link = await call(house, thief)  # a TLS 1.3 client sees a finished handshake before it is refused
        with contextlib.suppress(OSError):  # an alert, a reset, or the end
            assert await link.receive() == b""
        await link.close()
        assert house.guests == []
        await _until(lambda: bool(house.troubles))
        assert isinstance(house.troubles[0], NotReached)


async def test_an_impostor_behind_the_door_is_refused_by_the_caller() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        with pytest.raises(OtherCertificate):
            await call(house, ALICE, pinned=MALLORY)
        assert house.guests == []


async def test_tls_1_2_is_refused() -> None:
    async with door(ALICE_AT_BERNARD) as house:
        loop = asyncio.get_running_loop()
        plain = socket.create_connection(house.address)
        plain.setblocking(False)
        await loop.sock_sendall(plain, fresh_knock())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(sock=plain, ssl=old_tls(ALICE, BERNARD), server_hostname="")
        await _until(lambda: bool(house.troubles))
        assert house.guests == []


async def test_a_hundred_idle_connections_do_not_keep_a_colleague_out() -> None:
    async with door(ALICE_AT_BERNARD, patience=Patience(knock=30)) as house:
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(house.address))
            link = await asyncio.wait_for(call(house, ALICE), 10)
            assert await link.receive() == b"welcome"
            house.leave.set()
            await link.close()


async def test_more_idle_connections_than_places_do_not_keep_a_colleague_out_either() -> None:
    async with door(ALICE_AT_BERNARD, patience=Patience(knock=30)) as house:
        with contextlib.ExitStack() as stack:
            for _ in range(MAX_UNKNOWN + 50):
                stack.enter_context(socket.create_connection(house.address))
                await asyncio.sleep(0)
            link = await asyncio.wait_for(call(house, ALICE), 10)
            assert await link.receive() == b"welcome"
            house.leave.set()
            await link.close()


async def test_a_burst_of_strangers_never_takes_more_than_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    places = 20
    monkeypatch.setattr(resource, "getrlimit", lambda _: (places * UNKNOWN_SHARE, places * UNKNOWN_SHARE))
    async with door(ALICE_AT_BERNARD, patience=Patience(knock=30)) as house:
        before = len(os.listdir("/proc/self/fd"))
        with contextlib.ExitStack() as stack:
            for _ in range(200):  # all of them wait before the door comes to accept one
                stack.enter_context(socket.create_connection(house.address))
            most = 0
            while len(house.tasks) < 200:
                await asyncio.sleep(0)
                most = max(most, len(os.listdir("/proc/self/fd")) - before - 200)
            assert most <= places + 4
            link = await asyncio.wait_for(call(house, ALICE), 10)
            assert await link.receive() == b"welcome"
            house.leave.set()
            await link.close()


async def test_one_colleague_has_a_bounded_number_of_connections() -> None:
    others = [correspondent("carole", BERNARD, identity(4), b"c" * 32)]
    async with door(ALICE_AT_BERNARD, *others) as house:
        links = [await call(house, ALICE) for _ in range(MAX_OF_ONE_PEER)]
        with pytest.raises(NotReached):
            await call(house, ALICE)
        links.append(await call(house, identity(4), secret=b"c" * 32))
        house.leave.set()
        for link in links:
            await link.close()


async def test_a_caller_who_meets_nobody_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with door() as house:
        house.port = port
        with pytest.raises(NotReached):
            await call(house, ALICE)


def test_all_interfaces_share_one_port() -> None:
    sockets = listen(["127.0.0.1", "127.0.0.2"], 0)
    try:
        assert [one.getsockname()[0] for one in sockets] == ["127.0.0.1", "127.0.0.2"]
        assert len({one.getsockname()[1] for one in sockets}) == 1
    finally:
        for one in sockets:
            one.close()


def test_a_port_that_is_taken_is_an_error_when_it_was_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError, match="in use") as raised:
            listen(["127.0.0.1"], taken.getsockname()[1])
    assert raised.value.errno == errno.EADDRINUSE


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the condition did not come true")
