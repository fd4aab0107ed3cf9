"""Room kept for reading: on a full disk the records can still be opened, and each reading still gets its history line.

A file of random bytes lies beside the record. When the disk is full it is removed, and what it held is enough for
SQLite's own files and for hundreds of lines of reading: the write-ahead log is written from its beginning again and
again. Nothing else is written meanwhile. It is made anew once there is room.

That takes a log that can be brought home to the record. So a commit is refused unless the record, too, has room to grow
by it; where room grows short, the log never owes the record more than a part of the reserve; and what an undone change
leaves in the log, which is all the room that there was, is cut off.
"""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from localstore import crypto, paths
from localstore.database import Connection, DatabaseError, keep_room, rows
from localstore.errors import DiskFull, NoRoomToRead
from localstore.reported import is_full

BYTES = 256 * 1024  # the log's index of 32 KiB, a few commits of 20 KiB each in the log, and growth of the record
ENOUGH = 2 * BYTES  # free space from which on the reserve is made, and makes nothing else fail
SCARCE = 128 * 1024  # free space below which SQLite could not even open its log
OWED = 64 * 1024  # how much the record may have to grow when the log is brought home: a quarter of the reserve
PLENTY = 64 * 1024 * 1024  # free space with which the log may owe what SQLite lets it owe: 4 MB
LONG = BYTES  # a log of this size holds back more than the reserve
PAGE = 4096  # bytes of a page of the record
FRAME = PAGE + 24  # bytes of a page in the log: sqlite.org/fileformat.html, 4.1
_PIECE = 64 * 1024

Value = TypeVar("Value")


class Room:
    """The room for the commits of one connection to the record."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._owed = folder, 0

    def before_commit(self, connection: Connection) -> None:
        """See to it that the record has room for all that the log will owe it, beside the log. Raises DiskFull."""
        pages = int(rows(connection, "PRAGMA page_count")[0][0])
        self._owed = pages * PAGE - paths.record(self._folder).stat().st_size
        if self._owed <= OWED:
            return
        # What is changed is not told; it is at most every page.
        if shutil.disk_usage(self._folder).free < self._owed + pages * FRAME + BYTES:
            self._hold()

    def after_commit(self, connection: Connection) -> None:
        """Bring home what the log owes, while there is room. What keeps it from that, the next opening will say: the
        change itself stands."""
        self._release()
        if self._owed > OWED and shutil.disk_usage(self._folder).free < PLENTY:
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except DatabaseError:
                return

    def after_rollback(self, connection: Connection, error: BaseException) -> None:
        """Give back what the undone change took, when it was the room that was missing."""
        self._release()
        if isinstance(error, DiskFull) or (isinstance(error, DatabaseError) and is_full(error)):
            shorten(self._folder, connection)

    def _hold(self) -> None:
        """Make the reserve larger by what is owed, so that the log cannot take it. Without one, readings alone are
        written, which owe next to nothing."""
        path = paths.reserve(self._folder)
        if not path.exists():
            return
        try:
            with path.open("ab", buffering=0) as file:
                for _ in range(-(-self._owed // _PIECE)):
                    if file.write(crypto.random_bytes(_PIECE)) < _PIECE:
                        raise DiskFull
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull from error

    def _release(self) -> None:
        path = paths.reserve(self._folder)
        try:
            if path.stat().st_size > BYTES:
                os.truncate(path, BYTES)
        except OSError:
            return


def prepare(folder: Path) -> None:
    """Before the record is opened: make the reserve where there is room, give it up where there is none.

    That it cannot be made is nobody's concern: a folder that cannot be written to needs none.
    """
    path = paths.reserve(folder)
    try:
        free = shutil.disk_usage(folder).free
        if free < SCARCE:
            path.unlink(missing_ok=True)
        elif free >= ENOUGH and not path.exists():
            # Random, so that a file system that compresses, or leaves holes, keeps real room for it.
            paths.write_private(path, crypto.random_bytes(BYTES))
    except OSError:
        return


def keep(folder: Path, connection: Connection) -> None:
    """After the record was opened: keep room for its commits, and give back what an interrupted change left in the log
    of a disk that is full."""
    keep_room(connection, Room(folder))
    if shutil.disk_usage(folder).free < ENOUGH:
        shorten(folder, connection)


def shorten(folder: Path, connection: Connection) -> None:
    """Cut off a long log, if need be with the reserve, which is then made anew where there is room again. That there is
    no room even for this is what the next commit will say."""
    if not _is_long(folder):
        return
    if not _empty_log(connection):
        paths.reserve(folder).unlink(missing_ok=True)
        paths.sync_folder(folder)
        _empty_log(connection)
    prepare(folder)


def is_given_up(folder: Path) -> bool:
    """Whether the disk is so full that only readings are written."""
    return not paths.reserve(folder).exists() and is_scarce(folder)


def is_scarce(folder: Path) -> bool:
    """Whether the disk has no more room than a reserve and what goes with it."""
    return shutil.disk_usage(folder).free < ENOUGH


def through(folder: Path, connection: Connection, write: Callable[[], Value]) -> Value:
    """Do `write`, one short transaction that a reading needs; when the disk is full, give up the reserve and try once
    more. Raises what it raises, and NoRoomToRead where the reserve is used up."""
    try:
        value = write()
    except DatabaseError as error:
        if not is_full(error) or connection.in_transaction:
            raise
        paths.reserve(folder).unlink(missing_ok=True)
        paths.sync_folder(folder)
        _rewind_log(folder, connection)
        value = _last(write)
    if shutil.disk_usage(folder).free < BYTES:
        _rewind_log(folder, connection)  # at once, or the log would take the room that the record needs to grow
    return value


def _last(write: Callable[[], Value]) -> Value:
    try:
        return write()
    except DatabaseError as error:
        if is_full(error):
            raise NoRoomToRead from error
        raise


def _rewind_log(folder: Path, connection: Connection) -> None:
    """Let the next commit begin at the front of the log again, in room that it has already; a long one is cut off. That
    there is no room even for this is what the next commit will say."""
    if _is_long(folder):
        _empty_log(connection)
        return
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except DatabaseError as error:
        if not is_full(error):
            raise


def _is_long(folder: Path) -> bool:
    try:
        return Path(f"{paths.record(folder)}-wal").stat().st_size > LONG
    except FileNotFoundError:
        return False


def _empty_log(connection: Connection) -> bool:
    """Bring home what the log holds, and cut it off unless another window reads in it; whether there was room."""
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except DatabaseError as error:
        if not is_full(error):
            raise
        return False
    return True
