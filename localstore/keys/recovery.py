"""What the recovery words are good for: a new passphrase where the old one is lost, and new words.

The words open the record without naming a user, so whoever holds them says for whom the new passphrase is. The record
must know that user; his next unlocking writes his new key and a line into the history.
"""

from pathlib import Path

from localstore import crypto, occupancy, paths, practice, users
from localstore.clock import Clock, system_clock
from localstore.database import transaction
from localstore.errors import DamagedStore, UnknownUser, WrongPassphrase
from localstore.keys import keyring, passphrase
from localstore.practice import OpenRecord, Practice
from localstore.roles import Right
from localstore.users import User


def opens(folder: Path, words: str) -> bool:
    """Whether these words open the practice in `folder`. Changes nothing. Raises BadInput for words that are none, and
    DamagedStore."""
    try:
        keyring.unlock_with_recovery(keyring.read(folder), passphrase.recovery_key(words))
    except WrongPassphrase:
        return False
    return True


def users_of(folder: Path, words: str) -> list[User]:
    """The users who may get a new passphrase, the founder first. Raises WrongPassphrase, BadInput, DamagedStore."""
    _, record = _open(folder, words)
    try:
        founder = practice.founder_of(record.connection)
        return sorted(users.listing(record.connection), key=lambda user: user.id != founder.id)
    finally:
        _close(record)


def set_passphrase(
    folder: Path,
    words: str,
    user: User,
    secret: str,
    *,
    clock: Clock = system_clock,
    memory: int = keyring.DEFAULT_MEMORY,
) -> Practice:
    """Give a user a new passphrase with the recovery words, and open the practice with it.

    The other users' wraps and the words stay as they are. Raises WrongPassphrase, BadInput, UnknownUser, Occupied,
    DamagedStore.
    """
    secret = passphrase.check(secret)
    ring, record = _open(folder, words)
    try:
        known = users.by_identifier(record.connection, user.id)
        if known is None or known.removed:
            raise UnknownUser(reference=user.id)
    finally:
        _close(record)
    keys = keyring.new_user_keys()
    wrap = keyring.wrap_for_user(record.key, ring.practice, user.id, known.role, secret, keys=keys, memory=memory)
    keyring.write(folder, ring.with_wrap(wrap))
    opened = practice.unlock(folder, secret, clock=clock)
    with transaction(opened.connection):
        opened.log("passphrase-changed", subject=user.id, detail="recovery")
    return opened


def renew(here: Practice) -> str:
    """Make new recovery words and return them; the old ones open nothing any more. Raises NotYourRole."""
    here.require(Right.GOVERN)
    recovery_key = crypto.random_bytes(crypto.KEY_BYTES)
    ring = keyring.read(here.folder)
    if not isinstance(ring, keyring.Keyring):
        raise DamagedStore(file="keyring", seen="it is of an earlier release than the record")
    with transaction(here.connection):
        here.log("recovery-renewed")
        keyring.write(here.folder, ring.with_wrap(keyring.wrap_for_recovery(here.key, here.id, recovery_key)))
    return passphrase.recovery_words(recovery_key)


def _open(folder: Path, words: str) -> tuple[keyring.Keyring, OpenRecord]:
    """The keyring and the open record, with the lock already let go: only the founder and the users are read."""
    paths.require_practice(folder)
    ring = keyring.read(folder)
    recovery_key = passphrase.recovery_key(words)
    keys = keyring.unlock_with_recovery(ring, recovery_key)
    lock = occupancy.share(folder)
    try:
        record = practice.open_record(folder, keys)
    finally:
        lock.close()
    if not isinstance(ring, keyring.Keyring):
        # The first release knew one user, who gets his wrap anew.
        ring = keyring.Keyring(keyring.FORMAT, ring.practice, ())
    wrap = ring.wrap_of(keyring.RECOVERY)
    if wrap is None or not wrap.public:  # words of the first release: the same ones go on, in the present format
        ring = ring.with_wrap(keyring.wrap_for_recovery(record.key, ring.practice, recovery_key))
    return ring, record


def _close(record: OpenRecord) -> None:
    record.connection.close()
    record.witness.close()
