"""What the screens ask about backups: whether one is due, making it, and how old the last one is."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from localstore import anchors
from localstore.backup import automatic
from tui import values
from tui.gateways.base import OpenGateway

Progress = Callable[[int, int], None]

TOO_OLD = timedelta(days=2)  # of the last backup: something keeps them from being made


class BackupGateway(OpenGateway):
    """The backups of an open practice. Every method raises ConfrereError."""

    async def backup_due(self) -> bool:
        """Whether the last backup is older than a day, in any of the places that are there."""
        here = self._desk.practice
        return await self._ask(lambda: automatic.due(here.folder, here.clock()))

    async def back_up(self, progress: Progress) -> None:
        """Make the backups that are due; `progress` is told bytes done and bytes in all, in the screens' thread."""
        loop = asyncio.get_running_loop()

        def tell(_stage: str, done: int, total: int) -> None:
            loop.call_soon_threadsafe(progress, done, total)

        await self._ask(lambda: automatic.automatic(self._desk.practice, tell))

    async def alarms(self) -> values.Alarms:
        """What is wrong with the backups, and with what colleagues were told of this record."""
        here = self._desk.practice

        def look() -> values.Alarms:
            own, *_ = automatic.places(here.folder).there
            now = here.clock()
            newest = automatic.newest(own, now, here.key)
            age = now - newest if newest else timedelta()
            names = tuple(one.name for one in anchors.contradictions(here.connection))
            return values.Alarms(age.days if age > TOO_OLD else 0, names)

        return await self._ask(look)
