"""Being found while pairing: one announcement under random names, and the others who pair on the same network.

What is announced: the service type, a random instance name, a random host name, a port and addresses. There is no text
in it, no name and no key. It is gone when the meeting is over.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from contextlib import suppress

from zeroconf import BadTypeInNameException, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf import Error as ZeroconfError
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from localstore.crypto import random_bytes
from sync.post_office.discovery import MAX_OF_ONE, MAX_RESOLVING, RANDOM_NAME_BYTES, RESOLVE_MS, STOP_SECONDS
from sync.post_office.transport import Address, is_near

SERVICE = "_confrere-pair._tcp.local."
MAX_FOUND = 64  # others who pair at this moment; a network has one, a flood must not fill the memory

Found = Callable[[tuple[Address, ...]], None]


class Beacon:
    """One presence, from `start` to `stop`. `found` is told the addresses of each other one, once."""

    def __init__(self, addresses: Sequence[str], port: int, found: Found, everywhere: bool) -> None:
        """`addresses` are announced; they are also where announcements are made, unless that is `everywhere`."""
        self._addresses, self._everywhere, self._port, self._found = tuple(addresses), everywhere, port, found
        self._name = f"{random_bytes(RANDOM_NAME_BYTES).hex()}.{SERVICE}"
        self._seen: set[str] = set()
        self._resolving: set[asyncio.Task[None]] = set()
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None

    async def start(self) -> None:
        """Announce, and look for others. Raises OSError and ZeroconfError where multicast is impossible."""
        self._zeroconf = AsyncZeroconf(
            interfaces=InterfaceChoice.All if self._everywhere else list(self._addresses),
            ip_version=IPVersion.V4Only if self._everywhere else None,
        )
        await self._zeroconf.zeroconf.async_wait_for_start()
        self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, SERVICE, handlers=[self._changed])
        info = AsyncServiceInfo(
            SERVICE,
            self._name,
            port=self._port,
            addresses=[ipaddress.ip_address(one).packed for one in self._addresses],
            server=f"{random_bytes(RANDOM_NAME_BYTES).hex()}.local.",
        )
        await (await self._zeroconf.async_register_service(info))

    async def stop(self) -> None:
        """Take the announcement back and leave the network."""
        for task in list(self._resolving):
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

    def _changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if name == self._name or state_change is ServiceStateChange.Removed:
            return
        if name in self._seen or len(self._seen) >= MAX_FOUND or len(self._resolving) >= MAX_RESOLVING:
            return
        self._seen.add(name)
        task = asyncio.get_running_loop().create_task(self._resolve(zeroconf, name))
        self._resolving.add(task)
        task.add_done_callback(self._resolving.discard)

    async def _resolve(self, zeroconf: Zeroconf, name: str) -> None:
        try:
            info = AsyncServiceInfo(SERVICE, name)
            if not await info.async_request(zeroconf, RESOLVE_MS):
                self._seen.discard(name)
                return
        except (BadTypeInNameException, OSError, ZeroconfError):
            return
        hosts = sorted(host for host in info.parsed_scoped_addresses() if is_near(host))[:MAX_OF_ONE]
        if info.port and hosts:
            self._found(tuple(Address(host, info.port) for host in hosts))
