"""Making a practice: its folder, its keys, its first doctor. Atomic: there is a whole practice afterwards, or none."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from localstore import crypto, head, history, keystore, paths, settings, users
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, transaction
from localstore.errors import AlreadyThere, BadInput
from localstore.history import Signer
from localstore.keys import keyring, passphrase
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.opening import create
from localstore.roles import DOCTOR
from localstore.users import User

MAX_NAME_LENGTH = 200
ID_BYTES = 16
USER_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """What a new practice is told about itself and its first doctor."""

    practice: str
    town: str
    doctor: str
    rpps: str
    profession: str = "Médecin généraliste"


def check_names(doctor: str, *others: str) -> None:
    """Raise BadInput for a person without a name, and for names that are too long."""
    if not doctor.strip():
        raise BadInput(what="The name is missing.", remedy="Give it with --name.")
    for text in (doctor, *others):
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
    check_names(identity.doctor, identity.practice, identity.town, identity.rpps, identity.profession)
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
    practice, keys = crypto.random_bytes(ID_BYTES), keyring.new_user_keys()
    user = User(crypto.random_bytes(USER_ID_BYTES).hex(), identity.doctor, identity.rpps, identity.profession, DOCTOR)
    connection = create(paths.record(folder), record_key, APPLICATION_ID, MIGRATIONS)
    try:
        with transaction(connection):
            _write(connection, practice, identity, user, keys, stamp(clock()))
            public = keyring.recovery_pair(recovery_key, practice).public
            voucher = keyring.recovery_voucher(recovery_key, practice)
            keystore.note_recovery(connection, public, voucher, stamp(clock()))
        head.write(paths.head(folder), record_key, head.current(connection))
    finally:
        connection.close()
    wraps = (
        keyring.wrap_for_user(record_key, practice, user.id, user.role, secret, keys=keys, memory=memory),
        keyring.wrap_for_recovery(record_key, practice, recovery_key),
    )
    keyring.write(folder, keyring.Keyring(keyring.FORMAT, practice, wraps))
    settings.write(folder, settings.Settings())
    return passphrase.recovery_words(recovery_key)


def _write(
    connection: Connection, practice: bytes, identity: Identity, user: User, keys: keyring.UserKeys, now: str
) -> None:
    connection.execute(
        "INSERT INTO practice (one, id, incarnation, name, town, created, founder) VALUES (1, ?, ?, ?, ?, ?, ?)",
        (practice, crypto.random_bytes(ID_BYTES), identity.practice, identity.town, now, user.id),
    )
    users.insert(connection, user)
    pair = crypto.signing_key(keys.seed)
    number = users.add_keys(connection, user.id, keys, now)
    history.append(connection, Signer(number, pair), at=now, user=user.id, action="practice-made")
