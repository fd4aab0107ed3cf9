"""Connections to encrypted SQLite files, and what is done on them: the only importer of sqlcipher3.

A connection is opened by `localstore.opening` alone, which knows in which order. Nothing here knows what tables mean.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlcipher3 import dbapi2

from localstore.errors import Busy
from localstore.reported import is_busy

if TYPE_CHECKING:  # sqlcipher3 ships no types; its classes have the interface of the standard library's
    from sqlite3 import Connection as Connection
    from sqlite3 import DatabaseError as DatabaseError
else:
    Connection, DatabaseError = dbapi2.Connection, dbapi2.DatabaseError


class Witness(Protocol):
    """Who watches over what is committed, from outside of the database."""

    def check(self, connection: Connection) -> None:
        """Compare what the witness remembers with what the database holds. Raises DamagedStore."""

    def before_commit(self, connection: Connection) -> None:
        """Inside a transaction that changed something, last of all."""

    def after_commit(self) -> None:
        """The change is on disk."""


class Room(Protocol):
    """Who sees to it that what is committed will also have room in the database file, to which the log brings it."""

    def before_commit(self, connection: Connection) -> None:
        """Inside a transaction that changed something, last of all. Raises DiskFull."""

    def after_commit(self, connection: Connection) -> None:
        """The change is on disk, in the log. Raises nothing that SQLite reports."""

    def after_rollback(self, connection: Connection, error: BaseException) -> None:
        """The change was undone because of this error."""


class _Watched(Connection):
    """A connection whose commits somebody watches."""

    witness: Witness | None = None
    room: Room | None = None


def watch(connection: Connection, witness: Witness | None) -> None:
    """Let a witness see every further commit of this connection."""
    assert isinstance(connection, _Watched)  # noqa: S101 - `connect` makes no other
    connection.witness = witness


def keep_room(connection: Connection, room: Room) -> None:
    """Let somebody see to the room for every further commit of this connection."""
    assert isinstance(connection, _Watched)  # noqa: S101 - `connect` makes no other
    connection.room = room


def version(connection: Connection) -> int:
    """How many migrations the file has seen."""
    return int(rows(connection, "PRAGMA user_version")[0][0])


def connect(path: Path, mode: str = "rw") -> Connection:
    """A connection to an existing file, before any step of opening it."""
    uri = f"{path.resolve().as_uri()}?mode={mode}"  # never rwc: nothing but `create` may make a file
    connection: Connection = dbapi2.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, factory=_Watched
    )
    return connection


def cipher_version() -> str:
    """The release of SQLCipher in use, e.g. `4.9.0 community`; empty when this SQLite has no cipher."""
    with closing(dbapi2.connect(":memory:")) as connection:
        found = connection.execute("PRAGMA cipher_version").fetchone()
    return str(found[0]) if found else ""


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One atomic change: committed and on disk when the block ends, undone when it raises. Nested blocks join in.

    Raises Busy; what else SQLite reports, a full disk above all, comes out as its DatabaseError.
    """
    if connection.in_transaction:
        yield
        return
    witness, room = (connection.witness, connection.room) if isinstance(connection, _Watched) else (None, None)
    before = connection.total_changes
    try:
        connection.execute("BEGIN IMMEDIATE")
    except DatabaseError as error:
        if is_busy(error):
            raise Busy from error
        raise
    try:
        yield
        if connection.total_changes == before:
            witness = room = None
        if witness is not None:
            witness.before_commit(connection)
        if room is not None:
            room.before_commit(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if room is not None:
            room.after_rollback(connection, error)
        raise
    try:
        if witness is not None:
            witness.after_commit()
    finally:
        if room is not None:
            room.after_commit(connection)


@contextmanager
def attempt(connection: Connection) -> Iterator[None]:
    """A part of the caller's transaction that is undone alone when it raises; what came before it stays."""
    if not connection.in_transaction:
        raise RuntimeError("an attempt is part of a transaction")
    connection.execute("SAVEPOINT attempt")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite ends it by itself on a full disk
            connection.execute("ROLLBACK TO attempt")
            connection.execute("RELEASE attempt")
        raise
    connection.execute("RELEASE attempt")


def rows(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return list(connection.execute(sql, parameters))


def row(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row of a query, or None."""
    found: tuple[Any, ...] | None = connection.execute(sql, parameters).fetchone()
    return found
