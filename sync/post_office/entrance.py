"""The entrance of a post office: its door and its announcement, opened, shut and moved together.

Where they are depends on settings that a doctor may change and on addresses that the machine may lose. Both are looked
at every few seconds. A door on all interfaces stays where it is; one on chosen interfaces moves with their addresses.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import NamedTuple

from localstore.errors import BadInput
from localstore.settings import Network
from sync.errors import NotReached
from sync.post_office.discovery import Found
from sync.post_office.door import Correspondent, Door, Household, listen
from sync.post_office.exchange import Surroundings
from sync.post_office.knock import Knock, Pair
from sync.post_office.ledger import Ledger
from sync.post_office.places import local_addresses, to_listen_on
from sync.post_office.presence import Presence
from sync.post_office.transport import Link

Task = asyncio.Task[None]


class Guests(NamedTuple):
    """What the entrance asks the post office: who may come in, whether a knock is new, who looks after a guest; whom
    to announce to, who wants to know where a colleague is, and whether one is missing."""

    known: Callable[[], Mapping[str, Correspondent]]
    admit: Callable[[Knock, int], Awaitable[bool]]
    welcome: Callable[[str, Link], Awaitable[None]]
    pairs: Callable[[], Sequence[Pair]]
    found: Found
    missing: Callable[[], bool]


class Entrance:
    """The way in, while there are colleagues."""

    def __init__(
        self,
        guests: Guests,
        around: Surroundings,
        ledger: Ledger,
        spawn: Callable[[Coroutine[object, object, None]], Task],
    ) -> None:
        self._guests = guests
        self._around = around
        self._ledger = ledger
        self._spawn = spawn
        self._is_open = False  # otherwise shut on purpose
        self._wanted: Network | None = None  # the settings as they were last read
        self._door: Door | None = None
        self._listens_on: tuple[str, ...] = ()
        self._presence: Presence | None = None
        self._visible: Task | None = None
        self._here = frozenset[str]()

    @property
    def is_open(self) -> bool:
        """Whether it is meant to be open; its network may have gone away for the moment."""
        return self._is_open

    def open(self, network: Network) -> None:
        """Listen, and announce that unless the settings forbid it. Raises NotReached when no port can be opened."""
        try:
            listens_on, here = to_listen_on(network.interfaces), _every_address()
            sockets = listen(network.interfaces, network.port)
        except OSError as error:
            raise NotReached(reason="no port could be opened on this machine") from error
        guests, around = self._guests, self._around
        household = Household(around.own, guests.known, guests.admit, guests.welcome, self._ledger.trouble, self._spawn)
        self._is_open, self._wanted = True, network
        self._listens_on, self._here = listens_on, here
        self._door = Door(household, sockets, around.clock, around.patience)
        self._ledger.listens_on(self._door.port)
        if network.discovery:
            self._presence = Presence(
                network.interfaces,
                self._door.port,
                guests.pairs,
                around.clock,
                guests.found,
                self._ledger.trouble,
                guests.missing,
            )
            self._visible = self._spawn(self._presence.run())

    async def shut(self) -> None:
        """Take the announcement back and listen no more."""
        self._is_open = False
        await self._withdraw()

    async def _withdraw(self) -> None:
        visible, self._visible, self._presence = self._visible, None, None
        if visible is not None:
            visible.cancel()
            await asyncio.gather(visible, return_exceptions=True)
        door, self._door = self._door, None
        if door is not None:
            await door.close()
            self._ledger.listens_on(0)

    def renew(self) -> None:
        """The colleagues have changed."""
        if self._presence is not None:
            self._presence.renew()

    def begin_anew(self) -> None:
        """Announce again, under other names."""
        if self._presence is not None:
            self._presence.begin_anew()

    async def look(self, settings: Callable[[], Network]) -> Collection[str] | None:
        """Follow the settings and the network. This machine's addresses, if they have changed, else None."""
        if not self._is_open:
            return None
        network = self._read(settings)
        try:
            here, listens_on = _every_address(), to_listen_on(network.interfaces) if network else ()
        except OSError:
            self._ledger.trouble(NotReached(reason="the addresses of this machine could not be read"))
            return None
        moved = network is not None and network.interfaces != () and listens_on != self._listens_on
        if network is not None and (network != self._wanted or moved or self._door is None):
            await self._move(network)
        if here == self._here:
            return None
        self._here = here
        self.renew()
        return here

    async def open_when_possible(self, settings: Callable[[], Network]) -> None:
        """Open; where that is impossible now, or the settings cannot be read, the next look tries again."""
        self._is_open = True
        network = self._read(settings)
        if network is not None:
            await self._move(network)

    def _read(self, settings: Callable[[], Network]) -> Network | None:
        """The settings as they are now; the former ones while the file cannot be read, None where there are none."""
        try:
            return settings()
        except BadInput as error:
            self._ledger.trouble(error)
        except OSError:
            self._ledger.trouble(NotReached(reason="practice.toml could not be read"))
        return self._wanted

    async def _move(self, network: Network) -> None:
        """Shut here and open there; where that is impossible now, the next look tries again."""
        await self._withdraw()
        try:
            self.open(network)
        except NotReached as error:
            self._wanted = network
            self._ledger.trouble(error)


def _every_address() -> frozenset[str]:
    return frozenset(local_addresses(()))
