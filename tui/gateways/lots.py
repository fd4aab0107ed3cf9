"""What the screens ask about lots: writing one for a colleague, reading one that he gave."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from localstore import colleagues
from localstore.arrivals import Reception
from sync import handing
from tui.gateways.base import OpenGateway
from tui.values_lots import LotRead, LotWritten

Progress = Callable[[int, int], None]


def written_value(name: str, path: Path, done: handing.Written) -> LotWritten:
    """A finished lot, as the words need it."""
    return LotWritten(name, str(path), done.envelopes, done.size, done.more)


def read_value(path: Path, done: handing.Read) -> LotRead:
    """A lot that was read, as the words need it."""
    outcome = done.outcome
    counts = outcome.envelopes
    return LotRead(
        name=done.name,
        file=str(path),
        whole=outcome.whole,
        stored=outcome.stored,
        already_here=counts.get(Reception.HELD, 0),
        full=counts.get(Reception.FULL, 0),
        fork=counts.get(Reception.FORK, 0),
        foreign=counts.get(Reception.FOREIGN, 0),
        too_many_feeds=counts.get(Reception.TOO_MANY_FEEDS, 0),
        gap=counts.get(Reception.GAP, 0),
        confirmed=outcome.confirmed,
        disputed=outcome.disputed,
        lost_there=outcome.lost_there,
    )


class LotsGateway(OpenGateway):
    """Lots of an open practice. Every method raises ConfrereError."""

    async def write_lot(self, colleague: str, typed: str, progress: Progress) -> LotWritten:
        """Write all that waits for a colleague into a new file; `progress` is called in the screens' thread."""
        tell = _in_this_thread(progress)

        def write() -> LotWritten:
            path = Path(typed.strip()).expanduser()
            recipient = colleagues.resolve(self._desk.record, colleague)
            return written_value(recipient.name, path, handing.write(self._desk, recipient, path, tell))

        return await self._ask(write)

    async def read_lot(self, typed: str, progress: Progress) -> LotRead:
        """Take what a lot brings; what came is opened with the next look at the mail."""
        tell = _in_this_thread(progress)

        def read() -> LotRead:
            path = Path(typed.strip()).expanduser()
            return read_value(path, handing.read(self._desk, path, tell))

        return await self._ask(read)


def _in_this_thread(progress: Progress) -> Progress:
    """Calls on `progress` from another thread, each per cent once."""
    loop, told = asyncio.get_running_loop(), [-1]

    def tell(done: int, total: int) -> None:
        part = 100 * done // max(1, total)
        if part != told[0]:
            told[0] = part
            loop.call_soon_threadsafe(progress, done, total)

    return tell
