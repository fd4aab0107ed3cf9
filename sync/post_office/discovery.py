"""Finding colleagues on the local network: DNS-SD names that are random at every start, and tokens that only they know.

What is announced: the service type, a random instance name, a random host name, a port, the addresses of the one
interface where it is said, random bytes, and 16 tokens of 12 bytes. No name, no key, nothing that is the same after a
restart but the machine's addresses. What is heard from others is hostile until a token in it is recognised, and even
then it is only an address to knock at.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import NamedTuple

from zeroconf import BadTypeInNameException, ServiceStateChange, Zeroconf
from zeroconf import Error as ZeroconfError
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from localstore.crypto import random_bytes
from sync.post_office.places import Place
from sync.post_office.transport import Address, is_near

SERVICE = "_confrere._tcp.local."
RANDOM_NAME_BYTES = 8
MAX_SIGHTINGS = 512  # announcements kept; a network has a handful, a flood must not fill the memory
MAX_RESOLVING = 16  # announcements being asked about at once
MAX_OF_ONE = 8  # addresses taken from one announcement, and kept for one colleague
RESOLVE_MS = 3000
STOP_SECONDS = 3.0  # for taking the announcement back
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what zeroconf's ear is bound to

Identify = Callable[[bytes], str | None]
Found = Callable[[str, frozenset[Address]], None]


class Sighting(NamedTuple):
    """One announcement as it was heard: the text of its TXT record, where it says it is, and which colleague it is."""

    text: bytes
    addresses: frozenset[Address]
    peer: str | None


def in_turn(places: Iterable[Iterable[Address]]) -> frozenset[Address]:
    """At most MAX_OF_ONE addresses, taken from each announcement in turn: one that somebody repeats in the colleague's
    name, with addresses of his own, does not push out those of the colleague."""
    taken: dict[Address, None] = {}
    for turn in zip_longest(*(sorted(one) for one in places)):
        taken.update((address, None) for address in turn if address is not None)
    return frozenset(list(taken)[:MAX_OF_ONE])


def text_of(record: bytes) -> bytes:
    """The one string of a TXT record, or nothing when it is malformed or has several."""
    return record[1:] if record and record[0] == len(record) - 1 else b""


def _hear_only(zeroconf: Zeroconf, device: str) -> None:
    """Make the socket that hears multicast deaf to every other interface: it is bound to all addresses of the machine,
    and would answer a question that came in over another network. Where the system does not let us (Linux before 5.7,
    other systems), it hears those; what it says still leaves by this interface only."""
    if not device or not hasattr(socket, "SO_BINDTODEVICE"):
        return
    for reader in zeroconf.engine.readers:
        if reader.sock.getsockname()[0] in _EVERY_ADDRESS:
            with suppress(PermissionError):
                reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")


class Discovery:
    """One presence on the network of one interface, from `start` to `stop`.

    `identify` says which colleague announces a text; `found` is told the addresses of a colleague whenever they change.
    """

    def __init__(self, place: Place, port: int, identify: Identify, found: Found) -> None:
        self._place = place
        self._port = port
        self._identify = identify
        self._found = found
        self._host = f"{random_bytes(RANDOM_NAME_BYTES).hex()}.local."
        self._announced: list[AsyncServiceInfo] = []
        self._sightings: dict[str, Sighting] = {}
        self._told: dict[str, frozenset[Address]] = {}
        self._resolving: dict[str, asyncio.Task[None]] = {}
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None

    async def start(self) -> None:
        """Begin to listen to announcements. Raises OSError where multicast is impossible."""
        spoken = [one for one in self._place.addresses if ":" not in one]
        self._zeroconf = AsyncZeroconf(interfaces=spoken or list(self._place.addresses))
        await self._zeroconf.zeroconf.async_wait_for_start()
        _hear_only(self._zeroconf.zeroconf, self._place.device)
        self._browser = self._ask(self._zeroconf)

    async def ask_again(self) -> None:
        """Ask who is there, as at the start: an announcement may have been lost with the network."""
        if self._zeroconf is not None and self._browser is not None:
            await self._browser.async_cancel()
            self._browser = self._ask(self._zeroconf)

    def _ask(self, zeroconf: AsyncZeroconf) -> AsyncServiceBrowser:
        return AsyncServiceBrowser(zeroconf.zeroconf, SERVICE, handlers=[self._changed])

    async def announce(self, texts: Sequence[bytes]) -> None:
        """Announce these texts, one service each, in place of those before. Raises OSError and ZeroconfError."""
        if self._zeroconf is None:
            return
        for place, text in enumerate(texts):
            if place < len(self._announced):
                info = self._info(self._announced[place].name, text)
                await (await self._zeroconf.async_update_service(info))
                self._announced[place] = info
            else:
                info = self._info(f"{random_bytes(RANDOM_NAME_BYTES).hex()}.{SERVICE}", text)
                self._announced.append(info)
                await (await self._zeroconf.async_register_service(info))
        for info in self._announced[len(texts) :]:
            await (await self._zeroconf.async_unregister_service(info))
        del self._announced[len(texts) :]

    def reconsider(self) -> None:
        """The colleagues, or the slot, have changed: look again at what was heard."""
        for name, seen in self._sightings.items():
            self._sightings[name] = seen._replace(peer=self._identify(seen.text))
        self._tell()

    async def stop(self) -> None:
        """Take the announcement back and leave the network."""
        for task in list(self._resolving.values()):
            task.cancel()
        if self._zeroconf is None:
            return
        with suppress(OSError, ZeroconfError):  # TimeoutError is an OSError: the records expire by themselves
            async with asyncio.timeout(STOP_SECONDS):
                if self._browser is not None:
                    await self._browser.async_cancel()
                await self._zeroconf.async_unregister_all_services()
        await self._zeroconf.async_close()
        self._zeroconf = None

    def _info(self, name: str, text: bytes) -> AsyncServiceInfo:
        packed = [ipaddress.ip_address(one).packed for one in self._place.addresses]
        record = bytes([len(text)]) + text
        return AsyncServiceInfo(SERVICE, name, port=self._port, addresses=packed, server=self._host, properties=record)

    def _changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if any(info.name == name for info in self._announced):
            return
        if state_change is ServiceStateChange.Removed:
            self._sightings.pop(name, None)
            self._tell()
            return
        if name in self._resolving or len(self._resolving) >= MAX_RESOLVING:
            return
        task = asyncio.get_running_loop().create_task(self._resolve(zeroconf, name))
        self._resolving[name] = task
        task.add_done_callback(lambda _: self._resolving.pop(name, None))

    async def _resolve(self, zeroconf: Zeroconf, name: str) -> None:
        try:
            info = AsyncServiceInfo(SERVICE, name)
            if not await info.async_request(zeroconf, RESOLVE_MS):
                return
        except (BadTypeInNameException, OSError, ZeroconfError):
            return
        addresses = sorted(host for host in info.parsed_scoped_addresses() if is_near(host))
        port = info.port or 0
        self._see(name, text_of(info.text or b""), (Address(host, port) for host in addresses if port))

    def _see(self, name: str, text: bytes, addresses: Iterable[Address]) -> None:
        # One that is renewed keeps its place: whoever was there first is asked first.
        if name not in self._sightings and len(self._sightings) >= MAX_SIGHTINGS:
            stranger = next((old for old, seen in self._sightings.items() if seen.peer is None), None)
            if stranger is None:
                return
            del self._sightings[stranger]
        self._sightings[name] = Sighting(text, frozenset(list(addresses)[:MAX_OF_ONE]), self._identify(text))
        self._tell()

    def _tell(self) -> None:
        """Tell the owner where each colleague is now, where that has changed."""
        seen: dict[str, list[frozenset[Address]]] = {}
        for sighting in self._sightings.values():
            if sighting.peer is not None:
                seen.setdefault(sighting.peer, []).append(sighting.addresses)
        now = {peer: in_turn(places) for peer, places in seen.items()}
        before, self._told = self._told, now
        for peer in before.keys() | now.keys():
            if before.get(peer, frozenset()) != now.get(peer, frozenset()):
                self._found(peer, now.get(peer, frozenset()))
