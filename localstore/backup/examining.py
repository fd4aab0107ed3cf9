"""Whether a backup is what it should be: found out by opening it, without changing a byte of it."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, database, head, inspection, keystore, paths
from localstore.backup import manifest, shelf, still
from localstore.backup.errors import DamagedBackup
from localstore.backup.manifest import Manifest
from localstore.backup.still import Store
from localstore.database import Connection, DatabaseError, row
from localstore.errors import DamagedStore, NewerStore
from localstore.keys import keyring
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.postbox_tables import APPLICATION as POSTBOX_APPLICATION
from localstore.rights.archive_tables import APPLICATION as ARCHIVE_APPLICATION


class Examined(NamedTuple):
    """A good backup: its manifest, and the key of its record (32 bytes)."""

    manifest: Manifest
    key: bytes


class _Fault(Exception):
    """What is wrong with one file of a backup: (file, what was seen)."""


def examine(folder: Path, keys: Collection[bytes], *, every_page: bool) -> Examined:
    """The backup in `folder`, opened with that of the record keys which it was made under.

    Its files are there and unaltered, both databases are whole, and the record has come as far as the manifest says.
    `every_page` also reads the free pages and the whole history. Raises NoBackup, NewerStore, OSError, and
    DamagedBackup with the file and what was seen in it.
    """
    one = shelf.look_at(folder)
    if one.manifest is None or one.seen:
        raise DamagedBackup(folder=str(folder), file=one.file, seen=one.seen)
    try:
        key = _key_of(one.manifest, keys)
        _examine_keyring(folder, one.manifest)
        _examine_databases(folder, one.manifest, key, every_page)
    except _Fault as fault:
        raise DamagedBackup(folder=str(folder), file=fault.args[0], seen=fault.args[1]) from fault
    except NewerStore:
        raise
    except DamagedStore as error:
        told = {"file": manifest.RECORD, **error.details, "folder": str(folder)}
        raise DamagedBackup(**told) from error
    return Examined(one.manifest, key)


def _key_of(found: Manifest, keys: Collection[bytes]) -> bytes:
    for key in keys:
        if manifest.is_sealed(found, manifest.key_of(key, found.practice)):
            return key
    raise _Fault(manifest.NAME, "it was altered, or belongs to another practice")


def _examine_keyring(folder: Path, found: Manifest) -> None:
    if keyring.read(folder).practice != found.practice:
        raise _Fault(manifest.KEYRING, "it belongs to another practice than the manifest beside it")


def _examine_databases(folder: Path, found: Manifest, key: bytes, every_page: bool) -> None:
    store = Store(paths.record(folder), key, APPLICATION_ID)
    with still.closing(still.open_still(store)) as connection:
        release = _known_release(connection)
        if every_page and release == len(MIGRATIONS):
            inspection.require_sound(connection, manifest.RECORD)
        else:
            _require_whole(connection, manifest.RECORD, every_page)
        _require_ours(connection, found)
        _require_head(connection, found)
        others = (
            (paths.postbox(folder), keystore.get(connection, keystore.POSTBOX), POSTBOX_APPLICATION),
            (paths.archive(folder), keystore.get(connection, keystore.ARCHIVE), ARCHIVE_APPLICATION),
        )
    named = {piece.name for piece in found.files}
    for path, other_key, application in others:
        if path.name not in named:
            continue
        if other_key is None:
            raise _Fault(path.name, "the record does not know its key")
        with still.closing(still.open_still(Store(path, other_key, application))) as connection:
            _require_whole(connection, path.name, every_page)


def _require_whole(connection: Connection, name: str, every_page: bool) -> None:
    if seen := still.first_damage(connection, every_page=every_page):
        raise _Fault(name, seen)


def _known_release(connection: Connection) -> int:
    found = database.version(connection)
    if found > len(MIGRATIONS):
        raise NewerStore(file=manifest.RECORD, found=found, known=len(MIGRATIONS))
    return found


def identity_of(connection: Connection) -> tuple[bytes, bytes]:
    """The identifier of the practice and of its incarnation, 16 bytes each. Raises DamagedStore."""
    try:
        found = row(connection, "SELECT id, incarnation FROM practice WHERE one = 1")
    except DatabaseError as error:
        raise DamagedStore(file=manifest.RECORD, seen="SQLite cannot read or write it") from error
    if found is None:
        raise DamagedStore(file=manifest.RECORD, seen="it names no practice")
    return found[0], found[1]


def _require_ours(connection: Connection, found: Manifest) -> None:
    if identity_of(connection) != (found.practice, found.incarnation):
        raise _Fault(manifest.RECORD, "it is another practice's, or of another time, than the manifest says")


def _require_head(connection: Connection, found: Manifest) -> None:
    there = head.current(connection)
    same = there[:2] == (found.head.commits, found.head.line) and crypto.equal(there.hash, found.head.hash)
    if not same:
        raise _Fault(manifest.RECORD, "it has come less far, or further, than the manifest says")
