"""Going on with a record whose head is gone or remembers more: the last resort, when there is no backup to restore.

Nothing is repaired. The record is checked as it is, the head is written anew from it, and the history says that it was,
and what the old head remembered. As after a restore, a new incarnation begins: what it had sent since is in feeds that
it must not continue.
"""

from pathlib import Path

from localstore import head, inspection, occupancy, paths, practice, roles, users
from localstore.clock import Clock, system_clock
from localstore.database import transaction
from localstore.errors import DamagedStore
from localstore.keys import keyring, passphrase
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.opening import open_existing
from localstore.practice import Practice


def accept(folder: Path, secret: str, *, clock: Clock = system_clock) -> Practice:
    """Take the record as it stands, and open it. Raises as `practice.unlock`, NotYourRole for anybody but a doctor,
    Occupied, and DamagedStore when the record is not sound in itself."""
    opened = keyring.unlock(keyring.read(paths.require_practice(folder)), passphrase.check(secret))
    lock = occupancy.alone(folder)
    try:
        remembered = _write_head(folder, opened)
    finally:
        lock.close()
    here = practice.unlock(folder, secret, clock=clock)
    with transaction(here.connection):
        practice.begin_incarnation(here.connection)
        here.log("head-accepted", detail=remembered)
    here.close()
    return practice.unlock(folder, secret, clock=clock)


def _write_head(folder: Path, opened: keyring.Opened) -> str:
    key, *_ = opened.record_keys
    connection = open_existing(paths.record(folder), key, APPLICATION_ID, MIGRATIONS)
    try:
        user = users.by_identifier(connection, opened.user)
        roles.require(user.role if user else "", roles.Right.GOVERN)
        inspection.require_sound(connection, "record.db")
        remembered = _remembered(folder, key)
        head.write(paths.head(folder), key, head.current(connection))
    finally:
        connection.close()
    return remembered


def _remembered(folder: Path, key: bytes) -> str:
    try:
        old = head.read(paths.head(folder), key)
    except DamagedStore as error:
        return str(error.details.get("seen", "missing"))
    return f"line {old.line}, commit {old.commits}"
