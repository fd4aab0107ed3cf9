"""Opening a database file, in the one safe order.

Every step exists because its absence was measured to lose or leak data (docs/decisions/0002), and each has a test that
shows what happens without it. A file is created only by `create`; `open_existing` never makes, empties or repairs one.
Nothing here knows what the tables mean.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from localstore.database import Connection, DatabaseError, Witness, connect, transaction, version, watch
from localstore.errors import ConfrereError, DamagedStore, NewerStore, NoPractice
from localstore.reported import refusal

KEY_HEX_DIGITS = 64  # 63 would silently become a passphrase
BUSY_TIMEOUT_MS = 10_000  # two terminals may write at once; a writer holds the lock for milliseconds
SQLITE_MAGIC = b"SQLite format 3\0"
SMALLEST_DATABASE = 4096  # one page; a shorter file would open as an empty database with any key

# All that may be set after opening. Others could write the record elsewhere in the clear, change its key or weaken it:
# SQLCipher alone has key, rekey, hexkey, textkey, cipher_log, cipher_profile and more.
_ALLOWED_PRAGMAS = frozenset({"user_version", "wal_checkpoint"})
_SQLITE_OK, _SQLITE_DENY, _SQLITE_ATTACH, _SQLITE_DETACH, _SQLITE_PRAGMA = 0, 1, 24, 25, 19

# A step is a statement, or what statements alone cannot do.
Migration = Sequence[str | Callable[[Connection], None]]


@dataclass(frozen=True, slots=True)
class Opening:
    """What is needed to open a database: the file, its raw key of 32 bytes, whose database it is, and its witness."""

    path: Path
    key: bytes = field(repr=False)
    application: int
    witness: Witness | None = None


Step = Callable[[Connection, Opening], None]


def create(path: Path, key: bytes, application: int, migrations: Sequence[Migration]) -> Connection:
    """Make a new database file (mode 0600) with its identity and its tables. Raises FileExistsError."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    opening = Opening(path, key, application)
    connection = connect(path)
    for step in KEYING:
        step(connection, opening)
    connection.execute(f"PRAGMA application_id = {application}")
    for step in SETTLING:
        step(connection, opening)
    _migrate(connection, path, migrations)
    return connection


def open_existing(
    path: Path,
    key: bytes,
    application: int,
    migrations: Sequence[Migration],
    *,
    witness: Witness | None = None,
    before_migrating: Callable[[Connection], None] = lambda _: None,
) -> Connection:
    """Open an existing database. Raises NoPractice when it is missing, DamagedStore when it is not what it was.

    `before_migrating` is called once, when the file is of an earlier release, before anything in it is changed.
    """
    _check_file(path)
    opening = Opening(path, key, application, witness)
    # A log is looked at without the right to write: to close a connection that has it empties the log, damaged or not.
    if _has_log(path):
        with closing(connect(path, "ro")) as reader:
            _take(reader, (*KEYING, *CHECKING), opening)
    connection = connect(path)
    try:
        _take(connection, STEPS, opening)
        if version(connection) < len(migrations):
            before_migrating(connection)
        _migrate(connection, path, migrations)
        watch(connection, witness)
    except BaseException:
        connection.close()
        raise
    return connection


def _take(connection: Connection, steps: Sequence[Step], opening: Opening) -> None:
    for step in steps:
        try:
            step(connection, opening)
        except DatabaseError as error:
            damaged = DamagedStore(file=opening.path.name, seen="SQLite cannot read or write it")
            raise refusal(opening.path.parent, error, damaged) from error


def _check_file(path: Path) -> None:
    # Only stat: to read the header here, and close the file, would drop the locks of a connection that this process may
    # have. A plaintext file is refused all the same: with a key, and a cipher that answers, it does not open.
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NoPractice(folder=str(path.parent)) from None
    if not stat.S_ISREG(found.st_mode):
        raise DamagedStore(file=path.name, seen="it is no plain file")
    # A checkpoint that a power cut ended may leave a part of a page: then the log, which repairs it, is there.
    size = found.st_size
    torn = size % SMALLEST_DATABASE and not _has_log(path)
    if size < SMALLEST_DATABASE or torn:
        raise DamagedStore(file=path.name, seen="it is only {size} bytes long", size=size)


def _has_log(path: Path) -> bool:
    """Whether a write-ahead log with something in it lies beside the database."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


# --- the steps of opening, in their order -----------------------------------------------------------------------


def silence_log(connection: Connection, _opening: Opening) -> None:
    """SQLCipher's default is to log to stderr, across the screen."""
    connection.execute("PRAGMA cipher_log_level = NONE")


def give_key(connection: Connection, opening: Opening) -> None:
    """A raw key has exactly 64 hex digits; 63 would silently become a passphrase."""
    hexadecimal = opening.key.hex()
    if len(hexadecimal) != KEY_HEX_DIGITS:
        raise ValueError(f"a raw key has {KEY_HEX_DIGITS} hex digits")
    connection.execute(f"PRAGMA key = \"x'{hexadecimal}'\"")


def require_cipher(connection: Connection, _opening: Opening) -> None:
    """A SQLite without SQLCipher accepts a key, ignores it, and writes plaintext."""
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise ConfrereError(detail="this SQLite has no cipher, and would have written plaintext")


def wait_for_writers(connection: Connection, _opening: Opening) -> None:
    """Two terminals may write at once; the second waits instead of failing."""
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def require_identity(connection: Connection, opening: Opening) -> None:
    """A file cut to nothing opens as an empty database with any key: this one has a name and tables."""
    try:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    except DatabaseError as error:
        seen = "the keyring beside it does not open it: one of the two is another practice's, an older one, or altered"
        damaged = DamagedStore(file=opening.path.name, seen=seen)
        raise refusal(opening.path.parent, error, damaged) from error
    if found != opening.application or tables == 0:
        raise DamagedStore(file=opening.path.name, seen="it is not the database that was expected here")


def require_head(connection: Connection, opening: Opening) -> None:
    """One flipped bit in the write-ahead log drops commits in silence: the witness outside remembers them."""
    if opening.witness is not None:
        opening.witness.check(connection)


def write_ahead(connection: Connection, _opening: Opening) -> None:
    """Readers and a writer at once, and a commit that is one fsync."""
    connection.execute("PRAGMA journal_mode = WAL")


def sync_fully(connection: Connection, _opening: Opening) -> None:
    """NORMAL lost acknowledged commits at power loss."""
    connection.execute("PRAGMA synchronous = FULL")


def keep_temporary_in_memory(connection: Connection, _opening: Opening) -> None:
    """FILE is accepted, and writes plaintext to the temporary folder."""
    connection.execute("PRAGMA temp_store = MEMORY")


def delete_securely(connection: Connection, _opening: Opening) -> None:
    """What is deleted is overwritten, not only forgotten."""
    connection.execute("PRAGMA secure_delete = ON")


def enforce_foreign_keys(connection: Connection, _opening: Opening) -> None:
    """SQLite leaves references unchecked unless it is told."""
    connection.execute("PRAGMA foreign_keys = ON")


def distrust_schema(connection: Connection, _opening: Opening) -> None:
    """A view or trigger in an altered schema may not call functions with side effects."""
    connection.execute("PRAGMA trusted_schema = OFF")


def bound_cache(connection: Connection, _opening: Opening) -> None:
    """At most 16 MiB of pages in memory, however large the record."""
    connection.execute("PRAGMA cache_size = -16000")


def forbid_extensions(connection: Connection, _opening: Opening) -> None:
    """Nothing is loaded into this process by a statement."""
    connection.enable_load_extension(False)


def restrict(connection: Connection, _opening: Opening) -> None:
    """From here on no statement may attach a file, change the key or weaken a setting."""
    connection.set_authorizer(_authorize)


@contextmanager
def unreferenced(connection: Connection) -> Iterator[None]:
    """Without SQLite's own check of references, for a change that takes all of a record's rows out or puts all of them
    in: deleting a version would read the whole table of versions once for each, as half of the references have no
    index. Whoever uses this leaves no reference dangling; `confrere verify` looks."""
    if connection.in_transaction:
        raise RuntimeError("inside of a transaction SQLite keeps its check of references")
    connection.set_authorizer(None)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.set_authorizer(_authorize)
        yield
    finally:
        connection.set_authorizer(None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.set_authorizer(_authorize)


KEYING: tuple[Step, ...] = (silence_log, give_key, require_cipher, wait_for_writers)
CHECKING: tuple[Step, ...] = (require_identity, require_head)
SETTLING: tuple[Step, ...] = (
    write_ahead,
    sync_fully,
    keep_temporary_in_memory,
    delete_securely,
    enforce_foreign_keys,
    distrust_schema,
    bound_cache,
    forbid_extensions,
    restrict,
)
STEPS: tuple[Step, ...] = (*KEYING, *CHECKING, *SETTLING)


def _authorize(action: int, first: str | None, second: str | None, _db: str | None, _trigger: str | None) -> int:
    if action in (_SQLITE_ATTACH, _SQLITE_DETACH):
        return _SQLITE_DENY
    if action == _SQLITE_PRAGMA and second is not None and (first or "").lower() not in _ALLOWED_PRAGMAS:
        return _SQLITE_DENY
    return _SQLITE_OK


def _migrate(connection: Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, each migration and its number in one transaction (executescript would commit first)."""
    found = version(connection)
    if found > len(migrations):
        raise NewerStore(file=path.name, found=found, known=len(migrations))
    for number, steps in enumerate(migrations[found:], start=found + 1):
        with transaction(connection):
            if version(connection) >= number:
                continue  # another process was faster
            for step in steps:
                if callable(step):
                    step(connection)
                else:
                    connection.execute(step)
            connection.execute(f"PRAGMA user_version = {number:d}")
