"""Keeping a practice visible to its colleagues on whatever network the machine is on at the moment.

Each interface has an announcement of its own, under its own random names, with its own addresses. It is renewed with
each 15-minute slot and whenever the colleagues change, and begun anew when the addresses change or the machine has
slept. Where the network allows no multicast, configured addresses remain.
"""

import asyncio
import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from zeroconf import Error as ZeroconfError

from localstore.clock import Clock
from localstore.crypto import KEY_BYTES, random_bytes
from localstore.errors import ConfrereError
from sync.errors import NotReached
from sync.post_office import knock
from sync.post_office.discovery import Discovery, Found, in_turn
from sync.post_office.knock import Pair
from sync.post_office.places import Place, places
from sync.post_office.transport import Address

LOOK_SECONDS = 10.0  # between two looks at our own addresses and at the slot; also between two questions who is there
Heard = dict[str, frozenset[Address]]


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
        missing: Callable[[], bool] = lambda: False,
    ) -> None:
        """`missing` says whether some colleague is not met at present: then others are asked who is there."""
        self._interfaces = interfaces
        self._port = port
        self._pairs = pairs
        self._clock = clock
        self._found = found
        self._trouble = trouble
        self._missing = missing
        self._changed = asyncio.Event()
        self._anew = False
        self._discoveries: dict[Place, Discovery] = {}
        self._heard: dict[Place, Heard] = {}
        self._announced: tuple[int, list[Pair], frozenset[Place]] | None = None

    def renew(self) -> None:
        """The colleagues, or our addresses, have changed."""
        self._changed.set()

    def begin_anew(self) -> None:
        """The network may have forgotten us: announce again, under new names."""
        self._anew = True
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
        if self._anew:
            self._anew = False
            await self._vanish()
        here = places(self._interfaces)
        if not here:
            raise OSError(errno.EADDRNOTAVAIL, "this machine has no such address now")
        await self._leave(set(self._discoveries) - set(here))
        for place in here:
            if place not in self._discoveries:
                one = Discovery(place, self._port, self._identify, partial(self._hear, place))
                self._discoveries[place] = one
                await one.start()
            elif self._missing():
                await self._discoveries[place].ask_again()
        state = (self._slot(), list(self._pairs()), frozenset(here))
        if state != self._announced:
            await self._announce()
            self._announced = state

    async def _announce(self) -> None:
        for one in self._discoveries.values():
            one.reconsider()
            # Random bytes of their own, so that not even the two networks of one machine hear the same.
            await one.announce(knock.announcements(list(self._pairs()), self._slot(), random_bytes(KEY_BYTES)))

    async def _vanish(self) -> None:
        self._announced = None
        await self._leave(set(self._discoveries))

    async def _leave(self, gone: set[Place]) -> None:
        leaving = [self._discoveries.pop(place) for place in gone]
        for place in gone:
            for peer in list(self._heard.get(place, {})):
                self._hear(place, peer, frozenset())
        await asyncio.gather(*(one.stop() for one in leaving))

    def _hear(self, place: Place, peer: str, addresses: frozenset[Address]) -> None:
        """Where a colleague is, by what one interface hears; told together with what the others hear."""
        self._heard.setdefault(place, {})[peer] = addresses
        everywhere = [heard.get(peer, frozenset()) for heard in self._heard.values()]
        self._found(peer, in_turn(everywhere))

    def _slot(self) -> int:
        return knock.slot_of(self._clock())

    def _identify(self, text: bytes) -> str | None:
        return knock.announcer(text, self._pairs(), self._slot())
