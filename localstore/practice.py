"""A practice: making one, and opening it with a passphrase.

`Practice` is what the rest of the unlocked half works on. It holds the open record and who is working; the record's key
itself is dropped as soon as the database is open.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from localstore import crypto, history, keyring, passphrase, paths, settings
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, create, open_existing, row, transaction
from localstore.errors import AlreadyThere, BadInput, DamagedStore
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.model import Author

MAX_NAME_LENGTH = 200
DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class User:
    """Who is working. `role` is `doctor`, `locum` or `secretary`."""

    id: str
    name: str
    rpps: str
    profession: str
    role: str = DOCTOR

    @property
    def author(self) -> Author:
        """This user as the author of an entry."""
        return Author(self.name, self.rpps)


@dataclass(frozen=True, slots=True)
class Practice:
    """An unlocked practice. `id` is 16 bytes; `incarnation` changes whenever a backup is restored."""

    folder: Path
    connection: Connection
    id: bytes
    incarnation: bytes
    name: str
    town: str
    user: User
    clock: Clock

    def now(self) -> str:
        """The present moment as the record writes it."""
        return stamp(self.clock())

    def today(self) -> str:
        """The day on the calendar at the practice's place, which is what a consent's dates mean."""
        return self.clock().astimezone().date().isoformat()

    def log(self, action: str, *, patient: int | None = None, subject: str = "", detail: str = "") -> None:
        """Add a history line in the name of the user; inside the transaction of its change."""
        history.append(
            self.connection,
            at=self.now(),
            user=self.user.id,
            action=action,
            patient=patient,
            subject=subject,
            detail=detail,
        )

    def close(self) -> None:
        """Close the record. The key stays in this process's memory until it ends."""
        self.connection.close()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a new practice is told about itself and its first doctor."""

    practice: str
    town: str
    doctor: str
    rpps: str
    profession: str = "Médecin généraliste"


def _check_identity(identity: Identity) -> None:
    if not identity.doctor.strip():
        raise BadInput(what="The doctor's name is missing.", remedy="Give it with --name.")
    for text in (identity.practice, identity.town, identity.doctor, identity.rpps, identity.profession):
        if len(text) > MAX_NAME_LENGTH:
            raise BadInput(
                what="A name is longer than {limit} characters.", limit=MAX_NAME_LENGTH, remedy="Shorten it."
            )


def check_new_folder(folder: Path) -> None:
    """Raise AlreadyThere unless a practice can be made in `folder`: it must be absent or empty."""
    if paths.holds_practice(folder):
        remedy = "Open it with: confrere, or choose another folder."
        raise AlreadyThere(what="A practice in {folder}", folder=str(folder), remedy=remedy)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlreadyThere(what="Something in {folder}", folder=str(folder), remedy="Choose another folder.")


def make(
    folder: Path,
    identity: Identity,
    secret: str,
    *,
    clock: Clock = system_clock,
    memory: int = keyring.DEFAULT_MEMORY,
) -> str:
    """Make a practice and return its 24 recovery words, which exist nowhere else.

    Everything is built in a folder beside it and renamed into place, so a crash leaves no half practice. Raises
    AlreadyThere, BadInput.
    """
    _check_identity(identity)
    if not keyring.MIN_MEMORY <= memory <= keyring.MAX_MEMORY:
        raise BadInput(what="The memory for the passphrase must be 64 to 1,024 MiB.", remedy="Choose another figure.")
    secret = passphrase.check(secret)
    check_new_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        words = _fill(scratch, identity, secret, clock, memory)
        os.replace(scratch, folder)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    paths.sync_folder(folder.parent)
    return words


def _fill(folder: Path, identity: Identity, secret: str, clock: Clock, memory: int) -> str:
    record_key, recovery_key = crypto.random_bytes(crypto.KEY_BYTES), crypto.random_bytes(crypto.KEY_BYTES)
    practice, user = crypto.random_bytes(16), crypto.random_bytes(4).hex()
    connection = create(paths.record(folder), record_key, APPLICATION_ID, MIGRATIONS)
    with transaction(connection):
        now = stamp(clock())
        connection.execute(
            "INSERT INTO practice (one, id, incarnation, name, town, created) VALUES (1, ?, ?, ?, ?, ?)",
            (practice, crypto.random_bytes(16), identity.practice, identity.town, now),
        )
        connection.execute(
            "INSERT INTO user (id, name, rpps, profession, role) VALUES (?, ?, ?, ?, ?)",
            (user, identity.doctor, identity.rpps, identity.profession, DOCTOR),
        )
        history.append(connection, at=now, user=user, action="practice-made")
    connection.close()
    wraps = (
        keyring.wrap_for_user(record_key, practice, user, DOCTOR, secret, memory=memory),
        keyring.wrap_for_recovery(record_key, practice, recovery_key),
    )
    keyring.write(folder, keyring.Keyring(keyring.FORMAT, practice, wraps))
    settings.write(folder, settings.Settings())
    return passphrase.recovery_words(recovery_key)


def unlock(folder: Path, secret: str, *, clock: Clock = system_clock) -> Practice:
    """Open the practice in `folder`. Raises NoPractice, WrongPassphrase, DamagedStore, NewerStore."""
    paths.require_practice(folder)
    ring = keyring.read(folder)
    if not paths.record(folder).exists():
        raise DamagedStore(file="record.db", seen="it is missing")
    user, record_key = keyring.unlock(ring, passphrase.check(secret))
    connection = open_existing(paths.record(folder), record_key, APPLICATION_ID, MIGRATIONS)
    try:
        return _identify(folder, connection, ring.practice, user, clock)
    except BaseException:
        connection.close()
        raise


def _identify(folder: Path, connection: Connection, practice: bytes, user: str, clock: Clock) -> Practice:
    found = row(connection, "SELECT id, incarnation, name, town FROM practice WHERE one = 1")
    if found is None or found[0] != practice:
        raise DamagedStore(file="record.db", seen="it belongs to another practice than the keyring beside it")
    known = row(connection, "SELECT id, name, rpps, profession, role FROM user WHERE id = ?", (user,))
    if known is None:
        raise DamagedStore(file="keyring", seen="it names a user whom the record does not know")
    return Practice(folder, connection, found[0], found[1], found[2], found[3], User(*known), clock)
