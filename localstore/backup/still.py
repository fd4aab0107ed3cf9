"""Databases that stand still: a live one, held at one moment while it is copied; a copy, opened without changing it.

A live database is held by a reading transaction that needs nothing of its write-ahead log: then SQLite lets nobody
write to the file itself until it ends, and others go on committing to the log (WAL-mode file format, "read lock 0"). So
the bytes of the file are one moment, and can be copied as they are. Where another reader keeps the log from being
emptied, the pages are copied by SQLite's backup interface instead, which is slower (docs/decisions/0007).
"""

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from localstore import database, opening, paths
from localstore.backup import copying
from localstore.database import Connection, DatabaseError, row, rows
from localstore.errors import DamagedStore
from localstore.opening import Opening

ATTEMPTS = 20  # to empty the log: another reader needs it for milliseconds
PAUSE_SECONDS = 0.025  # between two of them
_FULL = "database or disk is full"  # sqlite3_errstr(SQLITE_FULL)
PAGE_BYTES = 4096  # of SQLCipher, unless it is told otherwise
COPIED_AT_ONCE = 2048  # pages, 8 MiB: a step of the backup interface between two signs of progress
_OPEN_STILL = (
    opening.require_identity,
    opening.keep_temporary_in_memory,
    opening.distrust_schema,
    opening.bound_cache,
    opening.forbid_extensions,
    opening.restrict,
)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Store:
    """A database of a practice: its file, its raw key of 32 bytes, and what its `application_id` must be."""

    path: Path
    key: bytes = field(repr=False)
    application: int


@dataclass(frozen=True, slots=True)
class Held:
    """A database held at one moment. `connection` reads that moment; the file is that moment when `in_file`."""

    store: Store
    connection: Connection
    in_file: bool

    @property
    def size(self) -> int:
        """How long a copy will be, in bytes."""
        pages = row(self.connection, "PRAGMA page_count")
        return int(pages[0]) * PAGE_BYTES if pages else 0

    def copy(self, target: Path, progress: Progress) -> None:
        """Copy the database as it is at this moment into a new file, durably. Raises OSError and DatabaseError."""
        if self.in_file:
            copying.copy(self.store.path, target, progress)
        else:
            copy_pages(self.connection, target, self.store.key, progress)


def attach(store: Store) -> Connection:
    """A further connection to a live database, which changes nothing in it: no migration, no commit."""
    connection = database.connect(store.path)
    try:
        for step in opening.STEPS:
            step(connection, Opening(store.path, store.key, store.application))
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def held(stores: Sequence[Store]) -> Iterator[list[Held]]:
    """Hold several databases, the last one first locked against writers, so that all are held at one moment of it.

    Writers of the last one wait for as long as this takes to begin: milliseconds, at most half a second.
    """
    with ExitStack() as stack:
        writer = stack.enter_context(closing(attach(stores[-1])))
        with database.transaction(writer):
            found = [_hold(stack, store, writer if store is stores[-1] else None) for store in stores]
        yield found


@contextmanager
def closing(connection: Connection) -> Iterator[Connection]:
    """Close a connection at the end of a block."""
    try:
        yield connection
    finally:
        connection.close()


def _hold(stack: ExitStack, store: Store, writer: Connection | None) -> Held:
    """Hold one database; `writer` is the connection that already keeps other writers away from it."""
    reader = stack.enter_context(closing(attach(store)))
    if writer is None:
        writer = stack.enter_context(closing(attach(store)))
        with database.transaction(writer):
            return Held(store, reader, _begin(reader))
    return Held(store, reader, _begin(reader))


def _begin(reader: Connection) -> bool:
    """Empty the log, and begin to read; whether the log was emptied. Nobody else writes meanwhile."""
    emptied = any(_empty_log(reader, attempt) for attempt in range(ATTEMPTS))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the transaction begins with the first reading
    return emptied


def _empty_log(reader: Connection, attempt: int) -> bool:
    if attempt:
        time.sleep(PAUSE_SECONDS)
    busy, frames, moved = reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(busy == 0 and frames == moved)


def copy_pages(connection: Connection, target: Path, key: bytes, progress: Progress) -> None:
    """Copy an open database into a new file under `key`, page by page, by the backup interface of SQLite; durable on
    return. Inside a reading transaction of the connection, the copy is of that one moment.

    Raises OSError: FileExistsError, and ENOSPC when there is no room; DatabaseError for all else.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, paths.FILE_MODE))
    done = 0

    def tell(_status: int, left: int, pages: int) -> None:
        nonlocal done
        progress((pages - left - done) * PAGE_BYTES)
        done = pages - left

    with closing(database.connect(target)) as copy:
        for step in opening.KEYING:
            step(copy, Opening(target, key, 0))
        copy.execute("PRAGMA journal_mode = OFF")  # a new file: an unfinished one is thrown away whole
        copy.execute("PRAGMA synchronous = OFF")  # once, below
        with _no_room(target):
            connection.backup(copy, pages=COPIED_AT_ONCE, progress=tell)
    paths.sync_file(target)


@contextmanager
def _no_room(target: Path) -> Iterator[None]:
    # The backup interface of sqlcipher3 says what went wrong in SQLite's words alone, without a code.
    try:
        yield
    except DatabaseError as error:
        if str(error) != _FULL:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error


def open_still(store: Store) -> Connection:
    """Open a database that nobody changes: read only, from a write-protected stick too, and as it is: no log is made
    beside it, no migration is applied. Raises DamagedStore."""
    if store.path.stat().st_size < opening.SMALLEST_DATABASE:
        raise DamagedStore(file=store.path.name, seen="it is shorter than any database")
    connection = database.connect(store.path, "ro&immutable=1")
    try:
        for step in (*opening.KEYING, *_OPEN_STILL):
            step(connection, Opening(store.path, store.key, store.application))
    except BaseException:
        connection.close()
        raise
    return connection


def first_damage(connection: Connection, *, every_page: bool) -> str:
    """What is wrong with the file (a key of the catalogue); empty when nothing is. Each page in use is read and its MAC
    checked; with `every_page`, the free ones too, which takes two and a half times as long."""
    try:
        if every_page and rows(connection, "PRAGMA cipher_integrity_check"):
            return "a page of it was altered"
        sound = rows(connection, "PRAGMA integrity_check" if every_page else "PRAGMA quick_check") == [("ok",)]
    except DatabaseError:
        return "a page of it cannot be read"
    return "" if sound else "its tables do not fit together"
