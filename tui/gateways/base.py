"""What every part of the gateway stands on: the open practice, and the one thread for all work on its databases."""

import asyncio
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from localstore import reported
from localstore.database import DatabaseError
from localstore.errors import Busy, DamagedStore, DiskFull
from sync.desk import Desk
from tui.cli.errors import of_system

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
        self._daemon: subprocess.Popen[bytes] | None = None

    async def _ask(self, work: Callable[[], Answer]) -> Answer:
        """The answer of work that touches the databases."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, told, work)
