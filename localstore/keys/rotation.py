"""Changing the record's key: a new file under a new key, put in the old one's place once it has been verified.

For when somebody may have taken the old key along: a removed user, a lost machine. Every holder in the keyring gets the
new key sealed beside the old one before anything else happens, and the old one is dropped last. So whatever is killed
wherever, the passphrases and the recovery words open what lies there: the old file or the new one. What was copied
before the change, backups above all, stays readable with the old key.
"""

import os
from collections.abc import Callable
from pathlib import Path

from localstore import crypto, head, inspection, paths, users
from localstore.backup.still import copy_pages
from localstore.database import Connection, open_existing, transaction
from localstore.errors import DamagedStore
from localstore.head import Head
from localstore.keys import keyring
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.practice import Practice
from localstore.roles import Right
from localstore.staff import present

SUFFIX = ".rekeyed"
Progress = Callable[[int], None]  # told how many bytes more were copied


def change(here: Practice, progress: Progress = lambda _bytes: None) -> None:
    """Change the record's key. Closes the practice: whoever called opens it again with the passphrase.

    Raises NotYourRole, Occupied (another window has the practice open), DamagedStore (the copy is not what it should
    be; the old file stays), and for a recovery wrap of the first release, to which nothing can be sealed.
    """
    here.require(Right.GOVERN)
    ring = _believable(here)
    here.lock.alone()
    try:
        with transaction(here.connection):
            here.log("record-key-changed")
        new_key = crypto.random_bytes(crypto.KEY_BYTES)
        keyring.write(here.folder, keyring.seal_next(keyring.settle_next(ring, keep_new=False), new_key))
        expected = _copy(here, new_key, progress)
        here.connection.close()
        _put_in_place(here.folder, new_key, expected)
        keyring.write(here.folder, keyring.settle_next(keyring_on_disk(here.folder), keep_new=True))
    finally:
        here.close()


def _believable(here: Practice) -> keyring.Keyring:
    """The keyring, if the keys that the record is to be sealed to are those that the record itself knows: somebody who
    can write to the disk, and no more, must not be given the next key."""
    ring, known = present(here), users.sealing_keys(here.connection)
    for wrap in ring.wraps:
        if wrap.user != keyring.RECOVERY and known.get(wrap.user) != wrap.public:
            raise DamagedStore(file="keyring", seen="it holds a key that is not the one of its user")
    return ring


def _copy(here: Practice, key: bytes, progress: Progress) -> Head:
    """The whole record in a new file under the new key, verified by opening it. Returns its head."""
    path = scratch(here.folder)
    discard(here.folder)
    copy_pages(here.connection, path, key, progress)
    expected = head.current(here.connection)
    copied = open_existing(path, key, APPLICATION_ID, MIGRATIONS)
    try:
        if head.current(copied) != expected:
            raise DamagedStore(file=path.name, seen="the copy does not end where the record does")
        inspection.require_sound(copied, path.name)
        _fold_log(copied)
    finally:
        copied.close()
    return expected


def _fold_log(connection: Connection) -> None:
    """Bring the whole database into its one file, so that renaming it moves everything."""
    connection.execute("PRAGMA wal_checkpoint (TRUNCATE)")


def _put_in_place(folder: Path, key: bytes, expected: Head) -> None:
    """The new file and its head instead of the old ones. A crash between the two leaves a head under the other key of
    the keyring, which still holds both."""
    for suffix in ("-wal", "-shm"):
        paths.record(folder).with_name(paths.record(folder).name + suffix).unlink(missing_ok=True)
    os.replace(scratch(folder), paths.record(folder))
    paths.sync_folder(folder)
    head.write(paths.head(folder), key, expected)


def scratch(folder: Path) -> Path:
    """The file under the new key, until it is put in place."""
    return paths.record(folder).with_name(paths.record(folder).name + SUFFIX)


def discard(folder: Path) -> None:
    """Remove what an interrupted change left behind."""
    for suffix in ("", "-wal", "-shm"):
        scratch(folder).with_name(scratch(folder).name + suffix).unlink(missing_ok=True)


def keyring_on_disk(folder: Path) -> keyring.Keyring:
    """The keyring as it was just written."""
    ring = keyring.read(folder)
    assert isinstance(ring, keyring.Keyring)  # noqa: S101 - this process wrote it
    return ring
