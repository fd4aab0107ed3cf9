"""Who has the record open: a lock that every process holds meanwhile, so that nobody puts another file in its place.

Two terminals share it. Changing the record's key, or restoring over a practice, wants to be alone: a process that went
on writing to a file that was replaced would lose what it wrote. The lock is a file of its own, because a database file
must not be opened beside SQLite: closing that handle would drop SQLite's locks.
"""

import os
from pathlib import Path

from localstore import paths
from localstore.errors import Occupied


class Occupancy:
    """The lock, held until `close`, or until the process ends in whatever way."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def alone(self) -> None:
        """Become the only one that has the practice open. Raises Occupied, and stays as it was."""
        _lock(self._descriptor, shared=False)

    def shared(self) -> None:
        """Let others in again."""
        _lock(self._descriptor, shared=True)


def share(folder: Path) -> Occupancy:
    """Hold the lock beside others. Raises Occupied while somebody wants to be alone."""
    return _take(folder, shared=True)


def alone(folder: Path) -> Occupancy:
    """Hold the lock alone. Raises Occupied while anybody has the practice open."""
    return _take(folder, shared=False)


def _take(folder: Path, *, shared: bool) -> Occupancy:
    descriptor = os.open(paths.occupancy(folder), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, paths.FILE_MODE)
    try:
        _lock(descriptor, shared=shared)
    except BaseException:
        os.close(descriptor)
        raise
    return Occupancy(descriptor)


def _lock(descriptor: int, *, shared: bool) -> None:
    if os.name == "nt":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Occupied from None
