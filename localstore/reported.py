"""What SQLite reports, in our words. Apart from `database`, and without its driver: an error is known by its code."""

import shutil
from pathlib import Path

from localstore.errors import Busy, ConfrereError, DamagedStore, NoRoomToRead

SHARED_MEMORY_BYTES = 32 * 1024  # the index of a write-ahead log

_UNKNOWN, _ERROR, _MISUSE, _RANGE = 0, 1, 21, 25  # the driver's own complaints have no code
_BUSY, _LOCKED, _READONLY, _IOERR, _FULL = 5, 6, 8, 10, 13  # sqlite.org/rescode.html


def _kind(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # above the low byte stands the kind of the kind


def is_busy(error: Exception) -> bool:
    """Whether another process held a lock for too long."""
    return _kind(error) in (_BUSY, _LOCKED)


def is_read_only(error: Exception) -> bool:
    """Whether the database is open for reading only."""
    return _kind(error) == _READONLY


def is_own_fault(error: Exception) -> bool:
    """Whether the statement is wrong, and not the file: no such column, a syntax error, a closed connection."""
    return _kind(error) in (_UNKNOWN, _ERROR, _MISUSE, _RANGE)


def own_fault(error: Exception) -> ConfrereError:
    """The sentence for it. What SQLite says of a statement may quote what was typed, so its kind alone is told."""
    return ConfrereError(detail=type(error).__name__)


def is_full(error: Exception) -> bool:
    """Whether SQLite says that the disk has no room left."""
    return _kind(error) == _FULL


def refusal(folder: Path, error: Exception, damaged: DamagedStore) -> Exception:
    """What to raise for what SQLite reports while it opens a database in `folder`: `damaged`, where its code says no
    more. Where nothing may be written, it is the error itself: the command line has words for that."""
    if is_busy(error):
        return Busy()
    if is_own_fault(error):
        return own_fault(error)
    if is_read_only(error):
        return error
    # Without room for the index of its log, SQLite speaks of an error of the disk.
    no_room = _kind(error) == _IOERR and shutil.disk_usage(folder).free < SHARED_MEMORY_BYTES
    if is_full(error) or no_room:
        return NoRoomToRead()
    if _kind(error) == _IOERR:
        return DamagedStore(file=str(damaged.details["file"]), seen="the disk reports an error")
    return damaged
