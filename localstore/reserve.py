"""Room kept for reading: on a full disk the records can still be opened, and each reading still gets its history line.

A file of random bytes lies beside the record. When the disk is full it is removed, and what it held is enough for
SQLite's own files and for hundreds of lines of reading: the write-ahead log is written from its beginning again and
again. Nothing else is written meanwhile. It is made anew once there is room.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from localstore import crypto, paths
from localstore.database import Connection, DatabaseError
from localstore.reported import is_full

BYTES = 256 * 1024  # the log's index of 32 KiB, a few commits of 20 KiB each in the log, and growth of the record
ENOUGH = 2 * BYTES  # free space from which on the reserve is made, and makes nothing else fail
SCARCE = 128 * 1024  # free space below which SQLite could not even open its log

Value = TypeVar("Value")


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


def is_given_up(folder: Path) -> bool:
    """Whether the disk is so full that only readings are written."""
    return not paths.reserve(folder).exists() and shutil.disk_usage(folder).free < ENOUGH


def through(folder: Path, connection: Connection, write: Callable[[], Value]) -> Value:
    """Do `write`, one short transaction that a reading needs; when the disk is full, give up the reserve and try once
    more. Raises what it raises."""
    try:
        value = write()
    except DatabaseError as error:
        if not is_full(error) or connection.in_transaction:
            raise
        paths.reserve(folder).unlink(missing_ok=True)
        paths.sync_folder(folder)
        _rewind_log(connection)
        value = write()
    if shutil.disk_usage(folder).free < BYTES:
        _rewind_log(connection)  # at once, or the log would take the room that the record needs to grow
    return value


def _rewind_log(connection: Connection) -> None:
    """Let the next commit begin at the front of the log again, in room that it has already. That there is no room even
    for this is what the next commit will say."""
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except DatabaseError as error:
        if not is_full(error):
            raise
