"""What every part of the gateway stands on: the open practice, and the one thread for all work on its databases."""

import asyncio
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from localstore import followed, reported
from localstore.database import DatabaseError
from localstore.errors import Busy, ConfrereError, DamagedStore, DiskFull
from sync.desk import Desk
from sync.sending import standing
from tui import values
from tui.cli.errors import of_system
from tui.words.catalogue import sentence

Answer = TypeVar("Answer")

_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_FULL = 5, 6, 13


def told(work: Callable[[], Answer]) -> Answer:
    """Do the work; what the disk or the database refuse becomes a sentence."""
    try:
        return work()
    except DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte; above it stands the kind of the kind
        if code == _SQLITE_FULL:
            raise DiskFull from error
        if code in (_SQLITE_BUSY, _SQLITE_LOCKED):
            raise Busy from error
        if reported.is_own_fault(error):
            raise reported.own_fault(error) from error
        raise DamagedStore(file="record.db", seen="SQLite cannot read or write it") from error
    except OSError as error:
        raise of_system(error) from error


class OpenGateway:
    """An open practice. Every method of a gateway raises ConfrereError."""

    def __init__(self, desk: Desk, executor: ThreadPoolExecutor) -> None:
        self._desk = desk
        self._executor = executor
        self._followed: list[values.Followed] = []
        self._put_off = ""
        self.on_followed: Callable[[], object] | None = (
            None  # told, in the screens' loop, when something went by itself
        )
        self._daemon: subprocess.Popen[bytes] | None = None

    async def _ask(self, work: Callable[[], Answer]) -> Answer:
        """The answer of work that touches the databases. What it saved goes out where a standing consent covers it."""
        answer = await asyncio.get_running_loop().run_in_executor(self._executor, self._done, work)
        if self._followed and self.on_followed is not None:
            self.on_followed()
        return answer

    def _done(self, work: Callable[[], Answer]) -> Answer:
        record = self._desk.record
        before = record.total_changes
        answer = told(work)
        if self._desk.record is not record or (self._desk.practice.is_open and record.total_changes != before):
            self._follow()
        return answer

    def _follow(self) -> None:
        """Let go out what standing consents cover. Whatever keeps it from that: what was saved is saved, and the next
        look tries again."""
        try:
            told(self._follow_now)
        except ConfrereError as error:
            self._put_off = sentence(error)

    def _follow_now(self) -> None:
        practice = self._desk.practice
        if not followed.due(practice.connection, practice.today()):
            self._put_off = ""
            return
        for one in standing.follow(self._desk):
            refused = sentence(one.refused) if one.refused is not None else ""
            self._followed.append(values.Followed(one.colleague, one.entries, one.too_large, refused))
        self._put_off = ""
