"""Keeping a practice visible to its colleagues on whatever network the machine is on at the moment.

The announcement is renewed with each 15-minute slot and whenever the colleagues change, and begun anew, under new
random names, when the machine's addresses change. Where the network allows no multicast, configured addresses remain.
"""

import asyncio
import errno
from collections.abc import Callable, Sequence
from contextlib import suppress

from zeroconf import Error as ZeroconfError

from localstore.clock import Clock
from localstore.crypto import KEY_BYTES, random_bytes
from localstore.errors import ConfrereError
from sync import knock
from sync.discovery import Discovery, Found, local_addresses
from sync.errors import NotReached
from sync.knock import Pair

LOOK_SECONDS = 15.0  # between two looks at our own addresses and at the slot


class Presence:
    """The announcement of one open door, and the ear for those of others."""

    def __init__(
        self,
        interfaces: Sequence[str],
        port: int,
        pairs: Callable[[], Sequence[Pair]],
        clock: Clock,
        found: Found,
        trouble: Callable[[ConfrereError], None],
    ) -> None:
        self._interfaces = interfaces
        self._port = port
        self._pairs = pairs
        self._clock = clock
        self._found = found
        self._trouble = trouble
        self._changed = asyncio.Event()
        self._discovery: Discovery | None = None
        self._addresses: tuple[str, ...] = ()
        self._announced: tuple[int, list[Pair]] | None = None

    def renew(self) -> None:
        """The colleagues have changed."""
        self._changed.set()

    async def run(self) -> None:
        """Be visible until cancelled."""
        try:
            while True:
                self._changed.clear()
                try:
                    await self._settle()
                except (OSError, ZeroconfError):
                    self._trouble(NotReached(reason="this network allows no announcement"))
                    await self._vanish()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._changed.wait()
        finally:
            await self._vanish()

    async def _settle(self) -> None:
        """Announce what is true now. Raises OSError and ZeroconfError."""
        addresses = local_addresses(self._interfaces)
        if addresses != self._addresses:
            await self._vanish()
            self._addresses = addresses
        if not addresses:
            raise OSError(errno.EADDRNOTAVAIL, "this machine has no such address now")
        if self._discovery is None:
            everywhere = not self._interfaces
            self._discovery = Discovery(addresses, self._port, self._identify, self._found, everywhere)
            await self._discovery.start()
        state = (self._slot(), list(self._pairs()))
        if state != self._announced:
            self._discovery.reconsider()
            await self._discovery.announce(knock.announcements(state[1], state[0], random_bytes(KEY_BYTES)))
            self._announced = state

    async def _vanish(self) -> None:
        discovery, self._discovery, self._announced = self._discovery, None, None
        if discovery is not None:
            await discovery.stop()

    def _slot(self) -> int:
        return knock.slot_of(self._clock())

    def _identify(self, text: bytes) -> str | None:
        return knock.announcer(text, self._pairs(), self._slot())
