"""Who has the record open: a lock that every process holds meanwhile, so that nobody puts another file in its place.

Two terminals share it. Changing the record's key, or restoring over a practice, wants to be alone: a process that went
on writing to a file that was replaced would lose what it wrote. The lock is a file of its own, because a database file
must not be opened beside SQLite: closing that handle would drop SQLite's locks.

The system does not exchange a shared lock for one of its own: it lets go of the first before it asks for the second. So
whoever wants to be alone takes the gate first, a second file: nobody else can then become alone in between.
"""

import os
from pathlib import Path

from localstore import paths
from localstore.errors import Occupied

ATTEMPTS = 3  # to lock the file that has the name: it is another one only while a restoration puts a folder in place


class Occupancy:
    """The lock, held until `close`, or until the process ends in whatever way."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder, self._descriptor, self._gate = folder, descriptor, -1

    @property
    def is_held(self) -> bool:
        """Whether it was not let go."""
        return self._descriptor >= 0

    def close(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)
        self._close_gate()

    def alone(self) -> None:
        """Become the only one that has the practice open. Raises Occupied, and stays as it was."""
        if self._gate >= 0:
            return
        gate = _locked(paths.gate(self._folder), shared=False)
        try:
            _lock(self._descriptor, shared=False)
        except Occupied:
            _lock(self._descriptor, shared=True)
            os.close(gate)
            raise
        self._gate = gate

    def shared(self) -> None:
        """Let others in again."""
        _lock(self._descriptor, shared=True)
        self._close_gate()

    def _close_gate(self) -> None:
        if self._gate >= 0:
            gate, self._gate = self._gate, -1
            os.close(gate)


def share(folder: Path) -> Occupancy:
    """Hold the lock beside others. Raises Occupied while somebody is alone, and OSError."""
    path = paths.occupancy(folder)
    for attempt in range(ATTEMPTS):
        try:
            descriptor = _locked(path, shared=True)
        except FileNotFoundError:
            if attempt:
                break
            raise
        if _is_at(descriptor, path):
            return Occupancy(folder, descriptor)
        os.close(descriptor)
    raise Occupied


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether this is the file of that name. A restoration may have moved the folder away, with the file, after it was
    opened and before it was locked; then the lock is on what nobody else looks at."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def alone(folder: Path) -> Occupancy:
    """Hold the lock alone. Raises Occupied while anybody has the practice open."""
    taken = share(folder)
    try:
        taken.alone()
    except BaseException:
        taken.close()
        raise
    return taken


def _locked(path: Path, *, shared: bool) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, paths.FILE_MODE)
    try:
        _lock(descriptor, shared=shared)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, *, shared: bool) -> None:
    if os.name == "nt":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Occupied from None
