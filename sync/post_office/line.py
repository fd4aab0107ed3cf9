"""The line to one colleague: calling him while no session is live, and keeping one of several.

Both practices call, because only one of them may be reachable. When two sessions come about at once, the side with the
smaller transport key keeps the one that became live last and ends the others; the other side never does. A session
that replaces a dead connection is always the younger one, and what was on its way is sent again: nothing is lost.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from localstore import departures
from localstore.crypto import random_bytes
from localstore.database import DatabaseError
from localstore.errors import ConfrereError, DamagedStore
from sync.errors import BadAddress, NotReached
from sync.post_office import knock
from sync.post_office.door import Correspondent
from sync.post_office.exchange import Exchange, Surroundings
from sync.post_office.patience import before_again
from sync.post_office.places import is_here
from sync.post_office.transport import Address, Link, dial, is_near, parse_address
from sync.protocol import Farewell, Role

LEAST_PAUSE = 0.25  # seconds between two rounds of calls, however often new addresses turn up
STEADY_SECONDS = 5.0  # after a session that lasted this long, the pauses begin anew


def chance() -> float:
    """A number from 0 to 1 at random, to spread repeated attempts."""
    return int.from_bytes(random_bytes(4), "big") / 2**32


class Line:
    """One colleague, from the moment that the postbox names him until it no longer does."""

    def __init__(
        self,
        correspondent: Correspondent,
        around: Surroundings,
        trouble: Callable[[ConfrereError], None],
        changed: Callable[[bool], None],
    ) -> None:
        """`changed` is called when a session becomes live (True) and when one ends (False)."""
        self.correspondent = correspondent
        self._around = around
        self._trouble = trouble
        self._changed = changed
        self._exchanges: set[Exchange] = set()
        self._live: list[Exchange] = []
        self._idle = asyncio.Event()  # set while no session is live
        self._idle.set()
        self._silent = asyncio.Event()  # set while no connection is open at all
        self._silent.set()
        self._discovered: frozenset[Address] = frozenset()
        self._answered: Address | None = None  # where he was met last
        self._found = asyncio.Event()

    @property
    def is_live(self) -> bool:
        """Whether a session with the colleague is live."""
        return bool(self._live)

    def found_at(self, addresses: frozenset[Address]) -> None:
        """Where the colleague is on the local network now."""
        if addresses - self._discovered:
            self._found.set()
        self._discovered = addresses

    def readdress(self, correspondent: Correspondent) -> None:
        """The same colleague with other configured addresses."""
        self.correspondent = correspondent
        self._found.set()

    def look_again(self) -> None:
        """The desk has changed the postbox."""
        for exchange in self._live:
            exchange.look_again()

    def call_anew(self, here: Collection[str] | None = None) -> None:
        """The network has changed, or the machine has slept: call at once. Sessions over addresses that are not among
        those that this machine has now are ended; for None, all: nobody may be at their other end any more."""
        for exchange in self._exchanges:
            if here is None or not is_here(exchange.own_host, here):
                exchange.cut()
        self._found.set()

    async def hang_up(self, reason: Farewell) -> None:
        """End every session: politely if that can be done at once, and surely after that."""
        for exchange in self._exchanges:
            exchange.leave(reason)
        try:
            async with asyncio.timeout(self._around.patience.farewell):
                await self._silent.wait()
        except TimeoutError:
            for exchange in self._exchanges:
                exchange.cut()

    async def keep_calling(self) -> None:
        """Call the colleague whenever no session is live, with growing pauses, until cancelled."""
        failures = 0
        while True:
            await self._idle.wait()
            self._found.clear()
            steady = await self._round()
            failures = 0 if steady else failures + 1
            if await self._pause(before_again(self._around.patience, failures, chance(), self._is_near())):
                failures = 0

    async def answer(self, link: Link) -> None:
        """Converse with the colleague, who has called."""
        await self._converse(link, Role.SERVER)

    def _addresses(self) -> list[Address]:
        configured = []
        for text in self.correspondent.peer.addresses:
            with suppress(BadAddress):  # it came with a contact card; the others may be good
                configured.append(parse_address(text))
        known = dict.fromkeys([*sorted(self._discovered), *configured])
        return sorted(known, key=lambda one: one != self._answered)  # what others announce does not come before it

    def _is_near(self) -> bool:
        return any(is_near(address.host) for address in self._addresses())

    async def _round(self) -> bool:
        """Try each address once, until a session has come about and ended. Whether it lasted."""
        for address in self._addresses():
            if self.is_live:
                return True
            if await self._call(address):
                return True
        return False

    async def _call(self, address: Address) -> bool:
        around, (peer, pair) = self._around, self.correspondent
        slot = knock.slot_of(around.clock())
        try:
            before = await around.worker.do(departures.acknowledged, peer.id)
            link = await dial(around.own, peer, pair, address, slot, around.patience)
        except NotReached as error:
            self._trouble(error)
            return False
        except DatabaseError:
            self._trouble(DamagedStore(file="postbox.db", seen="it can no longer be read"))
            return False
        self._answered = address
        return await self._converse(link, Role.CLIENT, before)

    async def _converse(self, link: Link, role: Role, before: Mapping[bytes, int] | None = None) -> bool:
        """Run one session to its end. Whether it lasted."""
        exchange = Exchange(link, role, self.correspondent, self._around, self._is_wanted, self._went_live, before)
        self._exchanges.add(exchange)
        self._silent.clear()
        began = time.monotonic()
        try:
            await exchange.run()
        except ConfrereError as error:
            self._trouble(error)
        except DatabaseError:
            self._trouble(DamagedStore(file="postbox.db", seen="it cannot be written; the disk may be full"))
        except OSError:
            self._trouble(NotReached(reason="the connection was lost"))
        finally:
            self._ended(exchange)
        return time.monotonic() - began > STEADY_SECONDS

    def _is_wanted(self) -> bool:
        return not self._live

    def _went_live(self, exchange: Exchange) -> None:
        pair = self.correspondent.pair
        if pair.own_key < pair.peer_key:
            for older in self._live:
                older.leave(Farewell.DUPLICATE)
        self._live.append(exchange)
        self._idle.clear()
        self._changed(True)

    def _ended(self, exchange: Exchange) -> None:
        self._exchanges.discard(exchange)
        if not self._exchanges:
            self._silent.set()
        if exchange in self._live:
            self._live.remove(exchange)
        if not self._live:
            self._idle.set()
        self._changed(False)

    async def _pause(self, seconds: float) -> bool:
        """Wait so long, or until the colleague turns up at a new address: whether he did."""
        await asyncio.sleep(min(LEAST_PAUSE, seconds))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._found.wait()
        return self._found.is_set()
