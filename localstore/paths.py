"""Where a practice lives on disk: the names of its files, and the default folder."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from localstore.errors import DamagedStore, NoPractice

FOLDER_MODE = 0o700
FILE_MODE = 0o600
HOME_VARIABLE = "CONFRERE_HOME"
# Not every platform has each: not to be inherited, not to wait for a pipe's other end, bytes as they are.
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY"))


def default_folder() -> Path:
    """`CONFRERE_HOME`, else the platform's user data folder."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("confrere", appauthor=False))


def keyring(folder: Path) -> Path:
    """The record's key, wrapped once for each user."""
    return folder / "keyring"


def record(folder: Path) -> Path:
    """The encrypted record."""
    return folder / "record.db"


def postbox(folder: Path) -> Path:
    """The sealed envelopes, in and out, under a key of their own."""
    return folder / "postbox.db"


def archive(folder: Path) -> Path:
    """The records that are kept and no longer used, under a key of their own."""
    return folder / "archive.db"


def settings(folder: Path) -> Path:
    """Settings in TOML; no secret, no name."""
    return folder / "practice.toml"


def head(folder: Path) -> Path:
    """How far the record has come, outside of it."""
    return folder / "head"


def occupancy(folder: Path) -> Path:
    """Locked by every process that has the record open."""
    return folder / "record.lock"


def gate(folder: Path) -> Path:
    """Locked by the one process that wants to be alone with the record."""
    return folder / "gate.lock"


def pieces(folder: Path) -> Path:
    """Locked by every process that is writing a file into the record in pieces."""
    return folder / "pieces.lock"


def rekeyed(folder: Path) -> Path:
    """The record under its next key, until it is put in place."""
    return folder / "record.db.rekeyed"


def rekeyed_archive(folder: Path) -> Path:
    """The archive under its next key, until it is put in place."""
    return folder / "archive.db.rekeyed"


def remove_database(path: Path) -> None:
    """Remove a database that nobody has open, with its write-ahead log. Raises OSError."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def backups(folder: Path) -> Path:
    """The backups that are made without being asked for."""
    return folder / "backups"


def reserve(folder: Path) -> Path:
    """Room kept for reading on a full disk."""
    return folder / "reserve"


def daemon_lock(folder: Path) -> Path:
    """Held by the one daemon of this practice while it runs."""
    return folder / "daemon.lock"


def daemon_status(folder: Path) -> Path:
    """What the daemon says of itself: counts and times, no name and no key."""
    return folder / "daemon.json"


def daemon_log(folder: Path) -> Path:
    """What the daemon did and what did not work: moments and sentences, no name and no key."""
    return folder / "daemon.log"


def holds_practice(folder: Path) -> bool:
    """Whether any of a practice's own files stands in `folder`."""
    return keyring(folder).exists() or record(folder).exists()


def require_practice(folder: Path) -> Path:
    """`folder`, if it holds a practice; raises NoPractice otherwise, and never creates anything."""
    if not holds_practice(folder):
        raise NoPractice(folder=str(folder))
    return folder


def read_small(path: Path, limit: int) -> bytes:
    """A plain file, of which at most `limit` + 1 bytes are read: a pipe or a device could go on without end.

    Raises FileNotFoundError, DamagedStore for what is no plain file, and OSError.
    """
    try:
        descriptor = os.open(path, _READING)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link to itself; a socket
            raise DamagedStore(file=path.name, seen="it is no plain file") from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise DamagedStore(file=path.name, seen="it is no plain file")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)


def write_private(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Replace the file at `path` atomically and durably, readable by its owner only. Raises OSError."""
    try:
        temporary = write_beside(path, data)
    except OSError as error:
        error.filename = str(path)  # the name that the user knows, not that of the file beside it
        raise
    try:
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_beside(path: Path, data: bytes | Iterable[bytes]) -> Path:
    """The data, whole or in pieces, durable, in a new file beside `path`, to be renamed over it. Raises OSError, and
    what giving the next piece raises: then nothing stays.

    Its name is nobody's to guess, and its mode 0600: the folder may be one where others can write.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable. Never of a database that this process has open."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, where the platform can. Raises OSError."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = str(folder)
        raise
    finally:
        os.close(descriptor)
