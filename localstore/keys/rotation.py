"""Changing the record's key: a new file under a new key, put in the old one's place once it has been verified.

For when somebody may have taken the old key along: a removed user, a lost machine. Every holder in the keyring gets the
new key sealed beside the old one before anything else happens, and the old one is dropped last. So whatever is killed
wherever, the passphrases and the recovery words open what lies there: the old file or the new one. What was copied
before the change, backups above all, stays readable with the old key. The archive, whose key lies in the record, is
written anew with it (`archive_key`); the postbox keeps its key, which the post office holds while it runs.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from localstore import crypto, head, inspection, keystore, paths, users
from localstore.backup.still import copy_pages
from localstore.database import Connection, DatabaseError, rows, transaction
from localstore.errors import ConfrereError, DamagedStore, Occupied, Refused
from localstore.head import Head
from localstore.keys import archive_key, keyring
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.opening import open_existing
from localstore.practice import Practice
from localstore.roles import Right
from localstore.staff import present

Progress = Callable[[int], None]  # told how many bytes more were copied


def change(here: Practice, progress: Progress = lambda _bytes: None) -> None:
    """Change the record's key. Closes the practice: whoever called opens it again with the passphrase.

    Raises NotYourRole, Occupied (another window has the practice open), DamagedStore (the copy is not what it should
    be; the old file stays), and Refused for recovery words of the first release, to which nothing can be sealed.
    """
    ring = require_possible(here)
    try:
        new_key = crypto.random_bytes(crypto.KEY_BYTES)
        expected = _exchange(here, ring, new_key, progress)
        paths.sync_folder(here.folder)
        head.write(paths.head(here.folder), new_key, expected)
        keyring.write(here.folder, keyring.settle_next(keyring_on_disk(here.folder), keep_new=True))
        with suppress(OSError):  # the next unlocking does it
            archive_key.put_in_place(here.folder)
    finally:
        here.close()


def _exchange(here: Practice, ring: keyring.Keyring, new_key: bytes, progress: Progress) -> Head:
    """The new file in the place of the old one, with both keys in the keyring; an error leaves the old file, and of the
    new key nothing. Closes the connection. Returns the new file's head.

    A crash after this leaves a head under the other key of the keyring, which still holds both.
    """
    try:
        with transaction(here.connection):
            keyring.write(here.folder, keyring.seal_next(ring, new_key, _vouchers(here.connection, ring)))
        of_archive = archive_key.copy(here.folder, here.connection, progress)
        expected = _copy(here, new_key, of_archive, progress)
        _fold_log(here.connection)  # the old log goes away before the old file does: nothing may be in it
        here.connection.close()
        for suffix in ("-wal", "-shm"):
            paths.record(here.folder).with_name(paths.record(here.folder).name + suffix).unlink(missing_ok=True)
        os.replace(paths.rekeyed(here.folder), paths.record(here.folder))  # last of all: once it is done, nothing fails
    except (ConfrereError, DatabaseError, OSError):
        _drop_new(here.folder)
        raise
    return expected


def _drop_new(folder: Path) -> None:
    """Take away what a change that failed has made, as far as the disk lets us: the next unlocking does it too."""
    with suppress(OSError, ConfrereError):
        paths.remove_database(paths.rekeyed(folder))
        paths.remove_database(paths.rekeyed_archive(folder))
        keyring.write(folder, keyring.settle_next(keyring_on_disk(folder), keep_new=False))


def require_possible(here: Practice) -> keyring.Keyring:
    """Raise as `change` unless the key can be changed now; nobody else can open the practice from then on. Changes
    nothing. Returns the keyring."""
    here.require(Right.GOVERN)
    here.lock.alone()
    try:
        return _believable(here)
    except BaseException:
        here.lock.shared()
        raise


def _believable(here: Practice) -> keyring.Keyring:
    """The keyring, if the keys that the record is to be sealed to are those that the record itself knows: somebody who
    can write to the disk, and no more, must not be given the next key. Wraps of nobody, and of those whose access is
    over, are left out. Raises Refused and DamagedStore."""
    found, known = present(here), users.sealing_keys(here.connection)
    for user in users.listing(here.connection):
        if user.until and user.until < here.today():
            known.pop(user.id, None)
    wraps = tuple(wrap for wrap in found.wraps if wrap.user == keyring.RECOVERY or wrap.user in known)
    ring = msgspec.structs.replace(keyring.settle_next(found, keep_new=False), wraps=wraps)
    if any(wrap.user == keyring.RECOVERY and not wrap.public for wrap in ring.wraps):
        reason = "The recovery words are of the first release: a new key cannot be sealed to them."
        raise Refused(reason=reason, remedy="Make new words first, with: confrere recovery renew")
    for wrap in ring.wraps:
        if wrap.user == keyring.RECOVERY and keystore.recovery_voucher(here.connection, wrap.public) is None:
            reason = "The recovery words in the keyring are not those that the record knows."
            raise Refused(reason=reason, remedy="Make new words first, with: confrere recovery renew")
        if wrap.user != keyring.RECOVERY and all(key.public != wrap.public for key in known[wrap.user]):
            raise DamagedStore(file="keyring", seen="it holds a key that is not the one of its user")
    return ring


def _vouchers(connection: Connection, ring: keyring.Keyring) -> dict[str, bytes]:
    """The keys of the vouchers of everybody in the keyring."""
    known = users.sealing_keys(connection)
    found = {
        wrap.user: key.voucher for wrap in ring.wraps for key in known.get(wrap.user, ()) if key.public == wrap.public
    }
    words = ring.wrap_of(keyring.RECOVERY)
    if words is not None and (voucher := keystore.recovery_voucher(connection, words.public)) is not None:
        found[keyring.RECOVERY] = voucher
    return found


def _copy(here: Practice, key: bytes, of_archive: bytes | None, progress: Progress) -> Head:
    """The whole record in a new file under the new key, verified by opening it, with the archive's new key and the line
    of the change, which the old file never has. Returns its head."""
    path = paths.rekeyed(here.folder)
    paths.remove_database(path)
    copy_pages(here.connection, path, key, progress)
    expected = head.current(here.connection)
    copied = open_existing(path, key, APPLICATION_ID, MIGRATIONS)
    try:
        if head.current(copied) != expected:
            raise DamagedStore(file=path.name, seen="the copy does not end where the record does")
        inspection.require_sound(copied, path.name)
        with transaction(copied):
            if of_archive is not None:
                keystore.exchange(copied, keystore.ARCHIVE, of_archive, here.now())
            replace(here, connection=copied).log("record-key-changed")
        expected = head.current(copied)
        _fold_log(copied)
    finally:
        copied.close()
    return expected


def _fold_log(connection: Connection) -> None:
    """Bring the whole database into its one file, so that renaming it moves everything. Raises Occupied."""
    if rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
        raise Occupied


def keyring_on_disk(folder: Path) -> keyring.Keyring:
    """The keyring as it was just written."""
    ring = keyring.read(folder)
    assert isinstance(ring, keyring.Keyring)  # noqa: S101 - this process wrote it
    return ring
