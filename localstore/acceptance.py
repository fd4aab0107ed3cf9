"""Going on with a record whose head is gone or remembers more: the last resort, when there is no backup to restore.

Nothing is repaired. The record is checked as it is, the history says that it was accepted, and what the old head
remembered, and the head is written anew. As after a restore, a new incarnation begins: what it had sent since is in
feeds that it must not continue.
"""

from functools import partial
from pathlib import Path

from localstore import head, history, inspection, occupancy, paths, practice, roles, users
from localstore.clock import Clock, stamp, system_clock
from localstore.database import transaction
from localstore.errors import DamagedStore
from localstore.head import HeadFile
from localstore.keys import keyring, passphrase
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.opening import open_existing
from localstore.practice import OpenRecord, Practice


def accept(folder: Path, secret: str, *, clock: Clock = system_clock) -> Practice:
    """Take the record as it stands, and open it. Raises as `practice.unlock`, NotYourRole for anybody but a doctor,
    Occupied, and DamagedStore when the record is not sound in itself.

    The head comes last: whatever ends this before leaves a record that is refused, and that can be accepted again.
    """
    secret = passphrase.check(secret)
    paths.require_practice(folder)
    lock = occupancy.alone(folder)
    try:
        opened = keyring.unlock(keyring.read(folder), secret)
        record = _open(folder, opened.record_keys, clock)
        try:
            _write_down(folder, opened, record, clock)
            head.write(paths.head(folder), record.key, head.current(record.connection))
        finally:
            record.connection.close()
    finally:
        lock.close()
    return practice.unlock(folder, secret, clock=clock)


def _open(folder: Path, keys: tuple[bytes, ...], clock: Clock) -> OpenRecord:
    """The record, whatever its head says, by the key that opens it: there are two after a change of the key that was
    interrupted. Its commits are not counted, and no head is written after them."""
    if not paths.record(folder).exists():
        raise DamagedStore(file="record.db", seen="it is missing")
    refused: DamagedStore | None = None
    for key in keys:
        before = partial(practice.back_up_first, folder, key, clock)
        try:
            connection = open_existing(paths.record(folder), key, APPLICATION_ID, MIGRATIONS, before_migrating=before)
        except DamagedStore as error:
            refused = refused or error
        else:
            return OpenRecord(connection, key, HeadFile(paths.head(folder), key))
    raise refused or DamagedStore(file="keyring", seen="it holds no key")


def _write_down(folder: Path, opened: keyring.Opened, record: OpenRecord, clock: Clock) -> None:
    """The new incarnation and the line about it, in one transaction, by a user who may."""
    connection = record.connection
    user = users.by_identifier(connection, opened.user)
    if user is None:
        raise DamagedStore(file="keyring", seen="it names a user whom the record does not know")
    wrap = opened.keyring.wrap_of(user.id)
    if wrap is None or wrap.role != user.role:
        raise DamagedStore(file="keyring", seen="it names another user than the one who works here")
    practice.require_access(connection, user, clock)
    roles.require(user.role, roles.Right.GOVERN)
    inspection.require_sound(connection, "record.db")
    remembered = _remembered(folder, opened.record_keys)
    with transaction(connection):
        signer = practice.settled(folder, opened, record, clock)
        practice.begin_incarnation(connection)
        history.append(connection, signer, at=stamp(clock()), user=user.id, action="head-accepted", detail=remembered)


def _remembered(folder: Path, keys: tuple[bytes, ...]) -> str:
    """What the old head says, under any key of the record; else what is wrong with it."""
    seen = ""
    for key in keys:
        try:
            old = head.read(paths.head(folder), key)
        except DamagedStore as error:
            seen = seen or str(error.details.get("seen", "missing"))
        else:
            return f"line {old.line}, commit {old.commits}"
    return seen
