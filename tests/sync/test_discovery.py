"""Announcements over real multicast on the loopback interface: colleagues find each other, nobody else does."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from zeroconf import ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from sync.errors import NotReached
from sync.post_office import discovery, knock
from sync.post_office.discovery import MAX_OF_ONE, MAX_SIGHTINGS, SERVICE, Discovery, in_turn, text_of
from sync.post_office.knock import TEXT_BYTES, Pair
from sync.post_office.places import Place, local_addresses, places, to_listen_on
from sync.post_office.presence import Presence
from sync.post_office.transport import Address
from tests.sync.doors import ALICE, BERNARD, MALLORY, NOW, SECRET, slot_now
from tests.sync.exchanges import until

LOOPBACK = ("127.0.0.1",)
AT_HOME = Place("", LOOPBACK)
AT_ALICE = Pair("bernard", SECRET, ALICE.key, BERNARD.key)
AT_BERNARD = Pair("alice", SECRET, BERNARD.key, ALICE.key)
AT_MALLORY = Pair("alice", b"m" * 32, MALLORY.key, ALICE.key)


class Found(dict[str, frozenset[Address]]):
    """Where each colleague was last found."""

    def at(self, peer: str, addresses: frozenset[Address]) -> None:
        """He is there now."""
        self[peer] = addresses


@asynccontextmanager
async def presence(port: int, pairs: Sequence[Pair]) -> AsyncIterator[Found]:
    """A practice that announces itself."""
    found, troubles = Found(), list[Exception]()
    one = Presence(LOOPBACK, port, lambda: pairs, lambda: NOW, found.at, troubles.append)
    task = asyncio.create_task(one.run())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert troubles == []


@asynccontextmanager
async def listener(port: int) -> AsyncIterator[dict[str, AsyncServiceInfo]]:
    """Everything that anybody on the network can hear of our services on this port."""
    heard: dict[str, AsyncServiceInfo] = {}
    tasks: list[asyncio.Task[None]] = []
    network = AsyncZeroconf(interfaces=list(LOOPBACK))

    async def ask(name: str) -> None:
        info = AsyncServiceInfo(SERVICE, name)
        if await info.async_request(network.zeroconf, 3000) and info.port == port:
            heard[name] = info

    def changed(zeroconf: object, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed:
            tasks.append(asyncio.get_running_loop().create_task(ask(name)))

    browser = AsyncServiceBrowser(network.zeroconf, SERVICE, handlers=[changed])
    try:
        yield heard
    finally:
        await browser.async_cancel()
        await asyncio.gather(*tasks)
        await network.async_close()


async def test_colleagues_find_each_other_and_a_stranger_finds_nobody() -> None:
    async with (
        presence(1111, [AT_ALICE]) as alice,
        presence(2222, [AT_BERNARD]) as bernard,
        presence(3333, [AT_MALLORY]) as mallory,
    ):
        await until(lambda: alice and bernard)
        assert alice == {"bernard": {Address("127.0.0.1", 2222)}}
        assert bernard == {"alice": {Address("127.0.0.1", 1111)}}
        assert mallory == {}


async def test_a_colleague_who_leaves_is_no_longer_found() -> None:
    async with presence(1111, [AT_ALICE]) as alice:
        async with presence(2222, [AT_BERNARD]):
            await until(lambda: alice.get("bernard"))
        await until(lambda: alice["bernard"] == frozenset())


async def test_nothing_that_is_announced_is_the_same_after_a_restart() -> None:
    seen: list[tuple[str, str | None, bytes]] = []
    port = 40_000 + os.getpid() % 20_000  # other tests announce themselves at the same time
    async with listener(port) as heard:
        for _ in range(2):
            known = set(heard)
            async with presence(port, [AT_ALICE]):
                await until(partial(_has_more, heard, known))
            (name,) = set(heard) - known
            seen.append((name, heard[name].server, text_of(heard[name].text or b"")))
    (name, server, text), (other_name, other_server, other_text) = seen
    assert name != other_name
    assert server != other_server
    assert len(text) == len(other_text) == TEXT_BYTES
    assert all(word not in name + str(server) for word in ("alice", "bernard"))
    assert not {text[at : at + 4] for at in range(2, TEXT_BYTES)} & {
        other_text[at : at + 4] for at in range(2, TEXT_BYTES)
    }


async def test_an_address_that_this_machine_does_not_have_is_trouble_and_no_end() -> None:
    troubles: list[Exception] = []
    one = Presence(("203.0.113.77",), 1111, lambda: [AT_ALICE], lambda: NOW, Found().at, troubles.append)
    task = asyncio.create_task(one.run())
    await until(lambda: troubles)
    assert isinstance(troubles[0], NotReached)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_announcement_makes_nobody_call_an_address_on_the_internet() -> None:
    (text,) = knock.announcements([AT_ALICE], slot_now(), b"r" * 32)
    packed = [socket.inet_aton(address) for address in ("8.8.8.8", "127.0.0.1")]
    properties = bytes([len(text)]) + text
    name = f"{os.urandom(8).hex()}.{SERVICE}"
    info = AsyncServiceInfo(SERVICE, name, port=1111, addresses=packed, server="x.local.", properties=properties)
    network = AsyncZeroconf(interfaces=list(LOOPBACK))
    async with presence(2222, [AT_BERNARD]) as bernard:
        await (await network.async_register_service(info))
        await until(lambda: bernard.get("alice"))
        found = bernard["alice"]
        await network.async_close()
        assert found == {Address("127.0.0.1", 1111)}


def _has_more(heard: dict[str, AsyncServiceInfo], known: set[str]) -> bool:
    return bool(set(heard) - known)


def sighting(port: int = 1111, known: bool = True) -> tuple[bytes, list[Address]]:
    """An announcement of Alice's, or of a stranger's."""
    pair = AT_ALICE if known else AT_ALICE._replace(secret=port.to_bytes(32, "big"))
    (text,) = knock.announcements([pair], slot_now(), port.to_bytes(32, "big"))
    return text, [Address("127.0.0.1", port)]


def test_a_flood_of_announcements_does_not_push_a_colleague_out_or_fill_the_memory() -> None:
    found = Found()
    one = Discovery(AT_HOME, 0, lambda text: knock.announcer(text, [AT_BERNARD], slot_now()), found.at)
    one._see("alice", *sighting())
    for number in range(MAX_SIGHTINGS + 100):
        one._see(f"stranger {number}", *sighting(number + 1, known=False))
    assert found == {"alice": {Address("127.0.0.1", 1111)}}
    assert len(one._sightings) == MAX_SIGHTINGS
    one._see("late", *sighting(2222))
    assert found["alice"] == {Address("127.0.0.1", 1111), Address("127.0.0.1", 2222)}


def test_a_colleague_is_sought_at_a_bounded_number_of_addresses() -> None:
    found = Found()
    one = Discovery(AT_HOME, 0, lambda text: "alice", found.at)
    for number in range(1, 20):
        one._see(str(number), b"", [Address("127.0.0.1", number * 100 + more) for more in range(20)])
    assert len(found["alice"]) == MAX_OF_ONE


def test_a_repeated_announcement_with_other_addresses_does_not_push_out_the_colleagues_own() -> None:
    found = Found()
    one = Discovery(AT_HOME, 0, lambda text: "alice", found.at)
    honest = Address("192.168.1.20", 47800)
    one._see("alice", b"", [honest])
    for number in range(3):
        one._see(f"stranger {number}", b"", [Address(f"10.0.{number}.{last}", 1) for last in range(1, 9)])
        one._see("alice", b"", [honest])  # hers is renewed
        assert honest in found["alice"] and len(found["alice"]) == MAX_OF_ONE


def test_two_networks_share_the_addresses_of_a_colleague() -> None:
    many = [Address(f"10.0.0.{last}", 1) for last in range(1, 20)]
    honest = Address("192.168.1.20", 47800)
    assert honest in in_turn([many, [honest]]) and len(in_turn([many, [honest]])) == MAX_OF_ONE


def test_only_a_record_of_one_whole_string_is_read() -> None:
    assert text_of(b"\3abc") == b"abc"
    for malformed in (b"", b"\3ab", b"\2abc", b"\1a\1b"):
        assert text_of(malformed) == b""


def test_the_loopback_is_announced_only_where_it_was_asked_for() -> None:
    assert local_addresses(LOOPBACK) == LOOPBACK
    assert local_addresses((*LOOPBACK, "203.0.113.77")) == LOOPBACK
    assert not any(address.startswith("127.") or address == "::1" for address in local_addresses(()))
    assert places(LOOPBACK) == (AT_HOME,)
    assert places(("203.0.113.77",)) == ()
    assert not any(one.device in ("", "lo") for one in places(()))
    assert discovery.SERVICE == "_confrere._tcp.local."


def test_an_interface_may_be_named_by_an_address_or_by_its_name() -> None:
    assert to_listen_on(LOOPBACK) == LOOPBACK
    assert "127.0.0.1" in to_listen_on(("lo",))
    assert "127.0.0.1" in local_addresses(("lo",))
    assert to_listen_on(("confrere-none",)) == local_addresses(("confrere-none",)) == ()
    assert to_listen_on(("203.0.113.77",)) == ("203.0.113.77",)  # it may come; listening says that it is not there


async def test_a_practice_that_begins_anew_is_found_under_other_names() -> None:
    port = 40_000 + os.getpid() % 20_000
    troubles: list[Exception] = []
    async with listener(port) as heard:
        one = Presence(LOOPBACK, port, lambda: [AT_ALICE], lambda: NOW, Found().at, troubles.append)
        task = asyncio.create_task(one.run())
        await until(lambda: len(heard) == 1)
        one.begin_anew()
        await until(lambda: len(heard) == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        (first, second) = heard.values()
        assert first.server != second.server
    assert troubles == []


async def test_who_came_unheard_is_found_by_asking_again() -> None:
    """An announcement that was lost is not repeated by itself: whoever misses a colleague asks."""
    found = Found()
    one = Discovery(AT_HOME, 2222, lambda text: knock.announcer(text, [AT_BERNARD], slot_now()), found.at)
    await one.start()
    async with presence(1111, [AT_ALICE]):
        await until(lambda: found.get("alice") and not one._resolving)
        found.clear()
        one._told.clear()
        one._sightings.clear()
        await one.ask_again()
        await until(lambda: found.get("alice"))
    await one.stop()
