"""An open practice: unlocking it with a passphrase, and who works in it.

`Practice` is what the rest of the unlocked half works on. It holds the open record, who is working, and his keys.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, history, occupancy, paths, reserve, roles, segments, users
from localstore.backup import scratch
from localstore.clock import Clock, local_day, stamp, system_clock
from localstore.database import Connection, row, transaction
from localstore.documents import sweeping
from localstore.errors import AccessEnded, AccessEndedMeanwhile, Busy, DamagedStore, DiskFull, MissingHead, StaleStore
from localstore.head import HeadFile
from localstore.history import Signer
from localstore.keys import archive_key, earlier, keyring, passphrase
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.occupancy import Occupancy
from localstore.opening import open_existing
from localstore.users import User

MONTH = 7  # characters of `YYYY-MM`
DAY = 10  # characters of `YYYY-MM-DD`
INCARNATION_BYTES = 16


@dataclass(frozen=True, slots=True)
class Practice:
    """An unlocked practice. `id` is 16 bytes; `incarnation` changes whenever a backup is restored. `founder` is the
    doctor in whose name the practice's card speaks, whoever works. `seen` is the moment of the last history line before
    this session wrote any, empty where there was none."""

    folder: Path
    connection: Connection = field(repr=False)
    id: bytes
    incarnation: bytes
    name: str
    town: str
    user: User
    founder: User
    clock: Clock = field(repr=False)
    signer: Signer = field(repr=False)
    key: bytes = field(repr=False)
    lock: Occupancy = field(repr=False)
    witness: HeadFile = field(repr=False)
    seen: str = ""

    def now(self) -> str:
        """The present moment as the record writes it."""
        return stamp(self.clock())

    def today(self) -> str:
        """The day on the calendar at the practice's place, which is what a consent's dates mean."""
        return self.clock().astimezone().date().isoformat()

    def require(self, right: roles.Right) -> None:
        """Raise NotYourRole unless whoever works here has the right."""
        roles.require(self.user.role, right)

    def log(
        self, action: str, *, patient: int | None = None, subject: str = "", detail: str = "", kind: str = ""
    ) -> None:
        """Add a history line, signed by the user, after the change and inside of its transaction.

        `kind` is that of the entry, where the action is about one. Raises NotYourRole when the user's role does not
        allow the action, AccessEnded when he may no longer work here, and DiskFull: the transaction ends with that, and
        the change is undone.
        """
        self.require(roles.right_for(action, kind))
        if reserve.is_given_up(self.folder):
            raise DiskFull
        self._append(action, patient, subject, detail)

    def _append(self, action: str, patient: int | None, subject: str, detail: str) -> None:
        self._require_standing()
        history.append(
            self.connection,
            self.signer,
            at=self.now(),
            user=self.user.id,
            action=action,
            patient=patient,
            subject=subject,
            detail=detail,
        )

    def _require_standing(self) -> None:
        """Raise AccessEnded when the user's access, or the key that he signs with, ended while this window was open."""
        found = users.standing(self.connection, self.signer.key)
        if found is None:
            return  # the line will be refused: it refers to a key that there is not
        over = found.until if found.until and found.until < self.today() else ""
        if ended := found.removed or found.ended or over:
            raise AccessEndedMeanwhile(date=ended[:DAY])

    def log_reading(self, action: str, patient: int | None, subject: str, why: str) -> None:
        """Add the line of a reading, in a transaction of its own; also on a full disk, as long as the reserve lasts.
        Raises NotYourRole, and AccessEnded as `log`."""

        self.require(roles.right_for(action))

        def write() -> None:
            with transaction(self.connection):
                self._append(action, patient, subject, why)

        reserve.through(self.folder, self.connection, write)

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it yet: changing the record's key does."""
        return self.lock.is_held

    def close(self) -> None:
        """Close the record. The keys stay in this process's memory until it ends."""
        self.connection.close()
        self.witness.close()
        self.lock.close()


class OpenRecord(NamedTuple):
    """A record that is open: its connection, the key that opened it, and its head."""

    connection: Connection
    key: bytes
    witness: HeadFile


def unlock(folder: Path, secret: str, *, clock: Clock = system_clock) -> Practice:
    """Open the practice in `folder`. Raises NoPractice, WrongPassphrase, AccessEnded, Occupied, DamagedStore,
    NewerStore."""
    paths.require_practice(folder)
    secret = passphrase.check(secret)
    lock = occupancy.share(folder)  # before the keyring is read: nobody changes the record's key in between
    try:
        ring = keyring.read(folder)
        if not paths.record(folder).exists():
            raise DamagedStore(file="record.db", seen="it is missing")
        return enter(folder, keyring.unlock(ring, secret), clock)
    finally:
        lock.close()


def enter(folder: Path, opened: keyring.Opened, clock: Clock) -> Practice:
    """Open the record for the user whose passphrase was right. Raises as `unlock`."""
    reserve.prepare(folder)
    lock = occupancy.share(folder)
    try:
        record = open_record(folder, opened.record_keys, clock)
    except BaseException:
        lock.close()
        raise
    try:
        return _enter(folder, opened, clock, lock, record)
    except BaseException:
        record.connection.close()
        record.witness.close()
        lock.close()
        raise


def open_record(folder: Path, keys: tuple[bytes, ...], clock: Clock) -> OpenRecord:
    """Open record.db with the one of these keys that opens it: there are two while the record's key is being changed.

    A record of an earlier release is backed up first, and then upgraded. Raises DamagedStore when no key opens it, and
    what making a backup raises: then nothing was upgraded.
    """
    refused: DamagedStore | None = None
    for key in keys:
        witness = HeadFile(paths.head(folder), key, tuple(other for other in keys if other != key))
        try:
            connection = open_existing(
                paths.record(folder),
                key,
                APPLICATION_ID,
                MIGRATIONS,
                witness=witness,
                before_migrating=partial(back_up_first, folder, key, clock),
            )
        except DamagedStore as error:
            witness.close()
            # With two keys, one of them opens nothing: what the other one meets is what there is to say.
            refused = error if refused is None or isinstance(error, (StaleStore, MissingHead)) else refused
        except BaseException:
            witness.close()
            raise
        else:
            reserve.keep(folder, connection)
            return OpenRecord(connection, key, witness)
    raise refused or DamagedStore(file="keyring", seen="it holds no key")


def back_up_first(folder: Path, key: bytes, clock: Clock, connection: Connection) -> None:
    """A verified backup of a record that is about to be upgraded."""
    from localstore.backup import making  # which knows of open practices: it cannot be known here before

    archive_key.settle(folder, connection)
    making.write(making.Source(folder, key, clock), paths.backups(folder))


def _enter(folder: Path, opened: keyring.Opened, clock: Clock, lock: Occupancy, record: OpenRecord) -> Practice:
    connection = record.connection
    found = row(connection, "SELECT id, incarnation, name, town FROM practice WHERE one = 1")
    if found is None or found[0] != opened.keyring.practice:
        raise DamagedStore(file="record.db", seen="it belongs to another practice than the keyring beside it")
    founder, user = founder_of(connection), users.by_identifier(connection, opened.user)
    if user is None:
        raise DamagedStore(file="keyring", seen="it names a user whom the record does not know")
    wrap = opened.keyring.wrap_of(user.id)
    if wrap is None or wrap.role != user.role:
        raise DamagedStore(file="keyring", seen="it names another user than the one who works here")
    seen = require_access(connection, user, clock)
    signer = settled(folder, opened, record, clock)
    practice = Practice(
        folder=folder,
        connection=connection,
        id=found[0],
        incarnation=found[1],
        name=found[2],
        town=found[3],
        user=user,
        founder=founder,
        clock=clock,
        signer=signer,
        key=record.key,
        lock=lock,
        witness=record.witness,
        seen=seen,
    )
    _end_replaced_keys(practice)
    scratch.sweep(folder, clock())
    sweeping.sweep(folder, connection)
    paths.remove_database(paths.rekeyed(folder))  # of a change that was interrupted: one under way would be alone
    archive_key.settle(folder, connection)
    _sweep_archive(practice)
    _seal_months(practice)
    return practice


def begin_incarnation(connection: Connection) -> bytes:
    """Give the record a new incarnation, inside the caller's transaction: it goes on from an earlier state, and may not
    continue what it had sent since. Returns its identifier."""
    incarnation = crypto.random_bytes(INCARNATION_BYTES)
    connection.execute("UPDATE practice SET incarnation = ? WHERE one = 1", (incarnation,))
    return incarnation


def founder_of(connection: Connection) -> User:
    """The doctor in whose name the practice's card speaks. Raises DamagedStore."""
    found = row(connection, "SELECT founder FROM practice WHERE one = 1")
    founder = users.by_identifier(connection, found[0]) if found else None
    if founder is None:
        raise DamagedStore(file="record.db", seen="it names no founding doctor")
    return founder


def require_access(connection: Connection, user: User, clock: Clock) -> str:
    """Raise AccessEnded for a user who was removed, and after the last day of a locum.

    The last line of the history counts as well as the clock: setting the clock back opens nothing. Returns the moment
    of that line, or an empty string.
    """
    if user.removed:
        raise AccessEnded(date=user.removed[:DAY])
    last = row(connection, "SELECT at FROM history ORDER BY num DESC LIMIT 1")
    seen = str(last[0]) if last else ""
    moments = (stamp(clock()), seen)
    if user.until and any(moment and local_day(moment) > user.until for moment in moments):
        raise AccessEnded(date=user.until)
    return seen


def settled(folder: Path, opened: keyring.Opened, record: OpenRecord, clock: Clock) -> Signer:
    """Who signs; and the keyring of this release on the disk, with the one key that opened the record."""
    settled = keyring.settle_next(opened.keyring, keep_new=record.key != opened.record_keys[0])
    if settled == opened.keyring and not opened.renewed:
        return _signer(record.connection, opened, clock)
    with transaction(record.connection):  # one process at a time: what another has written since is not written over
        on_disk = keyring.read(folder)
        if (not isinstance(on_disk, earlier.Keyring)) if opened.renewed else on_disk != opened.keyring:
            raise Busy
        signer = _signer(record.connection, opened, clock)
        keyring.write(folder, settled)
    return signer


def _signer(connection: Connection, opened: keyring.Opened, clock: Clock) -> Signer:
    """The user's key for signing; written down, with its own first line, where the record does not know it yet: after
    the upgrade from the first release, and after a passphrase that was set with the recovery words."""
    pair = crypto.signing_key(opened.keys.seed)
    number = users.key_number(connection, opened.user, pair.public)
    if number is None:
        with transaction(connection):
            number = users.key_number(connection, opened.user, pair.public) or _register(connection, opened, clock)
    return Signer(number, pair)


def _register(connection: Connection, opened: keyring.Opened, clock: Clock) -> int:
    """Write the user's new key down, with its own first line; returns its number. A key that is not of the upgrade came
    with a passphrase that was set with the recovery words: that is told beside it, as no line stands for such a key
    otherwise. Raises DamagedStore for a key that has ended: then the keyring is one that was put back."""
    if users.has_ended(connection, opened.keys.signing_public):
        raise DamagedStore(file="keyring", seen="it is an old one: this passphrase was replaced since")
    now = stamp(clock())
    users.end_keys(connection, opened.user, now)
    number = users.add_keys(connection, opened.user, opened.keys, now)
    signer = Signer(number, crypto.signing_key(opened.keys.seed))
    history.append(connection, signer, at=now, user=opened.user, action="key-registered")
    if not opened.renewed:
        user, action = opened.user, "passphrase-changed"
        history.append(connection, signer, at=now, user=user, action=action, subject=user, detail="recovery")
    return number


def _sweep_archive(practice: Practice) -> None:
    from localstore.rights import archive  # which knows of open practices: it cannot be known here before

    archive.sweep_if_possible(practice)


def _end_replaced_keys(practice: Practice) -> None:
    """End the user's earlier keys, where a crash kept whoever replaced them from it: that the passphrase of the newer
    one opened the practice shows that it is in the keyring. Until then the earlier one had to work."""
    connection, user, number = practice.connection, practice.user.id, practice.signer.key
    if not users.has_earlier_keys(connection, user, number):
        return

    def write() -> None:
        with transaction(connection):
            users.end_earlier_keys(connection, user, number, practice.now())

    reserve.through(practice.folder, connection, write)


def _seal_months(practice: Practice) -> None:
    """Seal the months of the history that are over."""
    month = practice.now()[:MONTH]
    if not segments.is_due(practice.connection, month):
        return

    def write() -> None:
        with transaction(practice.connection):
            segments.seal(practice.connection, practice.signer, month)

    reserve.through(practice.folder, practice.connection, write)
