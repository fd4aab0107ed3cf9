"""Opening a practice after a fault, as the product does, and telling whether it is whole.

The passphrase is stretched once: to do it for each of ten thousand states would only test Argon2id. Every other step of
opening is taken, from the keyring's file on.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from localstore import crypto, head, inspection, paths
from localstore.clock import Clock
from localstore.database import Connection, DatabaseError, rows
from localstore.errors import ConfrereError
from localstore.keys import earlier, keyring
from localstore.practice import Practice, enter
from tests import practices

# Not compared: on which page of a full-text index a word lies. An older list that still leads to every word is as good
# as the newer one, and `verify` looks for each word.
_LEFT_OUT = {"entry_words_idx", "concept_words_idx", "patient_words_idx"}
_BESIDE = {"record.lock", "reserve"}


class Keys(msgspec.Struct, frozen=True):
    """What a passphrase opens, in the clear: of a practice of these tests only."""

    user: str
    records: tuple[bytes, ...]
    seed: bytes
    sealing: bytes
    voucher: bytes


class Verdict(NamedTuple):
    """What was found. `contents` digests all that the record holds, empty when it did not open; `fault` says what is
    wrong with it, empty when nothing is. `error` is the class of the error that kept it from opening."""

    contents: str
    fault: str
    error: str = ""


def keys_of(folder: Path, passphrase: str = practices.PASSPHRASE) -> Keys:
    """The keys of a practice."""
    opened = keyring.unlock(keyring.read(folder), passphrase)
    mine = opened.keys
    return Keys(opened.user, opened.record_keys, mine.seed, mine.sealing.secret, mine.voucher)


def reopen(folder: Path, keys: Keys, clock: Clock | None = None) -> Practice:
    """Open the practice, through every step but the passphrase. Raises as `practice.unlock`."""
    paths.require_practice(folder)
    ring = keyring.read(folder)
    assert not isinstance(ring, earlier.Keyring)  # its keys would have to be made first
    user = keyring.UserKeys(keys.seed, crypto.sealing_pair(keys.sealing), keys.voucher)
    opened = keyring.Opened(keys.user, keys.records, user, ring)
    return enter(folder, opened, clock or practices.SteppingClock())


def judge(folder: Path, keys: Keys) -> Verdict:
    """Open the practice, look at all of it, and close it."""
    try:
        practice = reopen(folder, keys)
    except ConfrereError as error:
        return Verdict("", f"it does not open: {error}", type(error).__name__)
    try:
        return Verdict(contents(practice.connection), ", ".join(faults(practice)))
    except DatabaseError as error:
        return Verdict("", f"it cannot be read: {error}", type(error).__name__)
    finally:
        practice.close()


def contents(connection: Connection) -> str:
    """A digest of every row of every table."""
    tables = rows(connection, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    found = hashlib.blake2b(digest_size=16)
    for name, sql in tables:
        if name not in _LEFT_OUT and "VIRTUAL" not in sql:  # a virtual table's rows are those of its shadows
            found.update(repr((name, sorted(rows(connection, f'SELECT * FROM "{name}"')))).encode())  # noqa: S608
    return found.hexdigest()


def everything(folder: Path) -> dict[str, bytes]:
    """All files with their bytes: what an attempt to open the practice must leave as it is. Not what it makes beside
    them, which holds nothing: locks, room kept free, SQLite's shared memory, an empty write-ahead log."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {
        name: data
        for name, data in files.items()
        if name not in _BESIDE and not name.endswith("-shm") and (data or not name.endswith("-wal"))
    }


def faults(practice: Practice) -> list[str]:
    """Everything that is wrong inside of a record that has opened: what the product's inspection finds, and what SQLite
    and SQLCipher say by themselves."""
    connection = practice.connection
    found = [f"{finding.check}: {finding.seen}" for finding in inspection.findings(connection) if finding.seen]
    rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)")  # before it, the cipher's own check gives false alarms
    found += [str(line) for (line,) in rows(connection, "PRAGMA integrity_check") if line != "ok"]
    found += [str(line) for (line,) in rows(connection, "PRAGMA cipher_integrity_check")]
    if head.read(paths.head(practice.folder), practice.key).commits > head.current(connection).commits:
        found.append("the head is ahead of the record")
    return found
