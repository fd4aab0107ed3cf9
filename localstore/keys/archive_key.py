"""The archive's next key: when the record's key is changed, archive.db is written anew under a new key of its own.

Its key lies in record.db, so the record decides here too. The new file lies beside the old one, whole and durable,
before the new record is put in place, which alone knows its key; after that it takes the old one's place. Whatever is
killed in between, the next unlocking finds by the key in the record which of the two is the archive (`settle`).
"""

import os
from contextlib import closing, suppress
from pathlib import Path

from localstore import crypto, keystore, paths
from localstore.backup import still
from localstore.backup.still import Store
from localstore.database import Connection, DatabaseError, rows, transaction
from localstore.errors import Busy, ConfrereError, DamagedStore, Occupied
from localstore.opening import open_existing
from localstore.rights.archive_tables import APPLICATION, MIGRATIONS


def copy(folder: Path, connection: Connection, progress: still.Progress) -> bytes | None:
    """Write archive.db anew, under a new key, beside itself; returns the key, or None where there is no archive.

    Whoever calls is alone with the practice. Raises DamagedStore when the archive is missing or damaged: what cannot be
    read is not carried over as if it were sound. Raises OSError.
    """
    old = keystore.get(connection, keystore.ARCHIVE)
    if old is None:
        return None
    path, new = paths.archive(folder), crypto.random_bytes(crypto.KEY_BYTES)
    if path.exists():
        _write(path, old, paths.rekeyed_archive(folder), new, progress)
        paths.sync_folder(folder)
    elif keystore.get(connection, keystore.ARCHIVE_MADE) is not None:
        raise DamagedStore(file=path.name, seen="it is missing")
    return new


def _write(path: Path, old: bytes, target: Path, new: bytes, progress: still.Progress) -> None:
    paths.remove_database(target)
    try:
        with closing(open_existing(path, old, APPLICATION, MIGRATIONS)) as held:
            still.copy_pages(held, target, new, progress)
            if rows(held, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
                raise Occupied
        with closing(still.open_still(Store(target, new, APPLICATION))) as copied:
            seen = still.first_damage(copied, every_page=True)
    except DatabaseError as error:
        raise DamagedStore(file=path.name, seen="a page of it cannot be read") from error
    if seen:
        raise DamagedStore(file=path.name, seen=seen)
    _remove_log(path)  # nothing is in it, and it must not be found beside the file that takes this one's place


def _remove_log(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def put_in_place(folder: Path) -> None:
    """The new file takes the old one's place, if there is one. The record that knows its key stands. Raises OSError."""
    new, path = paths.rekeyed_archive(folder), paths.archive(folder)
    if new.exists():
        _remove_log(path)
        os.replace(new, path)
        paths.sync_folder(folder)


def settle(folder: Path, connection: Connection) -> None:
    """What an interrupted change left: put in place where it is the file that the record knows the key of, and removed
    where it is not. Somebody whose change is under way would be alone."""
    new = paths.rekeyed_archive(folder)
    if not new.exists():
        return
    with suppress(OSError, Busy), transaction(connection):
        key = keystore.get(connection, keystore.ARCHIVE)
        if key is not None and new.exists() and _opens(new, key):
            put_in_place(folder)
        else:
            paths.remove_database(new)


def _opens(path: Path, key: bytes) -> bool:
    try:
        still.open_still(Store(path, key, APPLICATION)).close()
    except (ConfrereError, DatabaseError):
        return False
    return True
