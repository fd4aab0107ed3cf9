"""Opening an encrypted SQLite file, in the one safe order: the only importer of sqlcipher3.

Every step exists because its absence was measured to lose or leak data (docs/decisions/0002). A file is created only by
`create`; `open_existing` never makes, empties or repairs one. Nothing here knows what the tables mean.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from localstore.errors import Busy, ConfrereError, DamagedStore, NewerStore, NoPractice

if TYPE_CHECKING:  # sqlcipher3 ships no types; its classes have the interface of the standard library's
    from sqlite3 import Connection as Connection
    from sqlite3 import DatabaseError as DatabaseError
else:
    Connection, DatabaseError = dbapi2.Connection, dbapi2.DatabaseError

KEY_HEX_DIGITS = 64  # 63 would silently become a passphrase
BUSY_TIMEOUT_MS = 10_000  # two terminals may write at once; a writer holds the lock for milliseconds
SQLITE_MAGIC = b"SQLite format 3\0"
SMALLEST_DATABASE = 4096  # one page; a shorter file would open as an empty database with any key

# All that may be set after opening. Others could write the record elsewhere in the clear, change its key or weaken it:
# SQLCipher alone has key, rekey, hexkey, textkey, cipher_log, cipher_profile and more.
_ALLOWED_PRAGMAS = frozenset({"user_version", "wal_checkpoint"})
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
_SQLITE_OK, _SQLITE_DENY, _SQLITE_ATTACH, _SQLITE_DETACH, _SQLITE_PRAGMA = 0, 1, 24, 25, 19

Migration = Sequence[str]


def create(path: Path, key: bytes, application: int, migrations: Sequence[Migration]) -> Connection:
    """Make a new database file (mode 0600) with its identity and its tables. Raises FileExistsError."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    connection = _connect(path, key)
    connection.execute(f"PRAGMA application_id = {application}")
    connection.execute("PRAGMA journal_mode = WAL")
    _settle(connection)
    _migrate(connection, path, migrations)
    return connection


def open_existing(path: Path, key: bytes, application: int, migrations: Sequence[Migration]) -> Connection:
    """Open an existing database. Raises NoPractice when it is missing, DamagedStore when it is not what it was."""
    _check_file(path)
    connection = _connect(path, key)
    try:
        _check_identity(connection, path, application)
        _settle(connection)
        _migrate(connection, path, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_file(path: Path) -> None:
    # Only stat: to read the header here, and close the file, would drop the locks of a connection that this process may
    # have. A plaintext file is refused all the same: with a key, and a cipher that answers, it does not open.
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise NoPractice(folder=str(path.parent)) from None
    if size < SMALLEST_DATABASE:
        raise DamagedStore(file=path.name, seen="it is only {size} bytes long", size=size)


def _connect(path: Path, key: bytes) -> Connection:
    hexadecimal = key.hex()
    if len(hexadecimal) != KEY_HEX_DIGITS:
        raise ValueError(f"a raw key has {KEY_HEX_DIGITS} hex digits")
    uri = f"{path.resolve().as_uri()}?mode=rw"
    connection: Connection = dbapi2.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")  # its default logs to stderr, across the screen
    connection.execute(f"PRAGMA key = \"x'{hexadecimal}'\"")
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise ConfrereError(detail="this SQLite has no cipher, and would have written plaintext")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return connection


def cipher_version() -> str:
    """The release of SQLCipher in use, e.g. `4.9.0 community`; empty when this SQLite has no cipher."""
    connection = dbapi2.connect(":memory:")
    try:
        found = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    return str(found[0]) if found else ""


def _check_identity(connection: Connection, path: Path, application: int) -> None:
    try:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    except DatabaseError as error:
        if _is_busy(error):
            raise Busy from error
        raise DamagedStore(file=path.name, seen="its key does not open it, or its first page was altered") from error
    if found != application or tables == 0:
        raise DamagedStore(file=path.name, seen="it is not the database that was expected here")


def _settle(connection: Connection) -> None:
    """The settings of every connection, each measured in docs/decisions/0002."""
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL lost acknowledged commits at power loss
        "temp_store = MEMORY",  # FILE is accepted, and writes plaintext to the temporary folder
        "secure_delete = ON",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cache_size = -16000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.enable_load_extension(False)
    connection.set_authorizer(_authorize)


def _authorize(action: int, first: str | None, second: str | None, _db: str | None, _trigger: str | None) -> int:
    if action in (_SQLITE_ATTACH, _SQLITE_DETACH):
        return _SQLITE_DENY
    if action == _SQLITE_PRAGMA and second is not None and (first or "").lower() not in _ALLOWED_PRAGMAS:
        return _SQLITE_DENY
    return _SQLITE_OK


def _migrate(connection: Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, each migration and its number in one transaction (executescript would commit first)."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations):
        raise NewerStore(file=path.name, found=found, known=len(migrations))
    for number, steps in enumerate(migrations[found:], start=found + 1):
        with transaction(connection):
            if connection.execute("PRAGMA user_version").fetchone()[0] >= number:
                continue  # another process was faster
            for step in steps:
                connection.execute(step)
            connection.execute(f"PRAGMA user_version = {number:d}")


def _is_busy(error: DatabaseError) -> bool:
    # The low byte of the code; above it stands the kind of the kind.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED)


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One atomic change: committed and on disk when the block ends, undone when it raises. Nested blocks join in.

    Raises Busy; what else SQLite reports, a full disk above all, comes out as its DatabaseError.
    """
    if connection.in_transaction:
        yield
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
    except DatabaseError as error:
        if _is_busy(error):
            raise Busy from error
        raise
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def rows(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return list(connection.execute(sql, parameters))


def row(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row of a query, or None."""
    found: tuple[Any, ...] | None = connection.execute(sql, parameters).fetchone()
    return found
