"""What the recovery words are good for: a new passphrase where the old one is lost, and new words.

The words open the record without naming a user, so whoever holds them says for whom the new passphrase is. The record
must know that user; his next unlocking writes his new key and a line into the history.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, keystore, occupancy, paths, practice, staff, users
from localstore.clock import Clock, stamp, system_clock
from localstore.database import transaction
from localstore.errors import Busy, UnknownUser, WrongPassphrase
from localstore.keys import earlier, keyring, passphrase
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
    with _opened(folder, words, system_clock) as found:
        founder = practice.founder_of(found.record.connection)
        return sorted(users.listing(found.record.connection), key=lambda user: user.id != founder.id)


def set_passphrase(
    folder: Path,
    words: str,
    user: User,
    secret: str,
    *,
    clock: Clock = system_clock,
    memory: int = 0,
) -> Practice:
    """Give a user a new passphrase with the recovery words, and open the practice with it. `memory` 0: as much as the
    practice's passphrases cost so far.

    The other users' wraps and the words stay as they are. Raises WrongPassphrase, BadInput, UnknownUser, Occupied,
    DamagedStore.
    """
    secret = passphrase.check(secret)
    with _opened(folder, words, clock) as found:
        _write_wrap(folder, found, user, secret, memory, clock)
    return practice.unlock(folder, secret, clock=clock)  # which writes the new key down, and how it came


def new_words() -> str:
    """Recovery words that open nothing yet: they are written down first, and then given to `adopt`."""
    return passphrase.recovery_words(crypto.random_bytes(crypto.KEY_BYTES))


def adopt(here: Practice, words: str) -> None:
    """Let these words open the record; the old ones open nothing any more.

    The record knows of them before they are in the keyring: until then, the old ones open it. Raises NotYourRole,
    BadInput.
    """
    here.require(Right.GOVERN)
    recovery_key = passphrase.recovery_key(words)
    wrap = keyring.wrap_for_recovery(here.key, here.id, recovery_key)
    with transaction(here.connection):
        here.log("recovery-renewed")
        voucher = keyring.recovery_voucher(recovery_key, here.id)
        keystore.note_recovery(here.connection, wrap.public, voucher, here.now())
    with transaction(here.connection):  # one process at a time changes the keyring
        keyring.write(here.folder, staff.present(here).with_wrap(wrap))


class _Found(NamedTuple):
    # The keyring as it lies on the disk; the same in the present format, with the one key that opened the record.
    on_disk: keyring.Keyring | earlier.Keyring
    ring: keyring.Keyring
    record: OpenRecord
    voucher: bytes  # the key of the vouchers for what is sealed to these words


@contextmanager
def _opened(folder: Path, words: str, clock: Clock) -> Iterator[_Found]:
    """The keyring and the open record; nobody changes the record's key meanwhile."""
    paths.require_practice(folder)
    recovery_key = passphrase.recovery_key(words)
    lock = occupancy.share(folder)
    try:
        on_disk = keyring.read(folder)
        keys = keyring.unlock_with_recovery(on_disk, recovery_key)
        record = practice.open_record(folder, keys, clock)
        try:
            voucher = keyring.recovery_voucher(recovery_key, on_disk.practice)
            yield _Found(on_disk, _present(on_disk, keys, record.key, recovery_key), record, voucher)
        finally:
            record.connection.close()
            record.witness.close()
    finally:
        lock.close()


def _present(
    on_disk: keyring.Keyring | earlier.Keyring, keys: tuple[bytes, ...], record_key: bytes, recovery_key: bytes
) -> keyring.Keyring:
    if isinstance(on_disk, keyring.Keyring):
        ring = keyring.settle_next(on_disk, keep_new=record_key != keys[0])
    else:  # the first release knew one user, who gets his wrap anew
        ring = keyring.Keyring(keyring.FORMAT, on_disk.practice, ())
    wrap = ring.wrap_of(keyring.RECOVERY)
    if wrap is None or not wrap.public:  # words of the first release: the same ones go on, in the present format
        ring = ring.with_wrap(keyring.wrap_for_recovery(record_key, ring.practice, recovery_key))
    return ring


def _write_wrap(folder: Path, found: _Found, user: User, secret: str, memory: int, clock: Clock) -> None:
    connection, ring = found.record.connection, found.ring
    known = users.by_identifier(connection, user.id)
    if known is None or known.removed:
        raise UnknownUser(reference=user.id)
    staff.require_unused(ring.without(user.id), secret)
    keys, memory = keyring.new_user_keys(), memory or keyring.cost(ring)
    wrap = keyring.wrap_for_user(found.record.key, ring.practice, user.id, known.role, secret, keys=keys, memory=memory)
    words = ring.wrap_of(keyring.RECOVERY)
    with transaction(connection):
        if keyring.read(folder) != found.on_disk:
            raise Busy
        if words is not None and keystore.recovery_voucher(connection, words.public) is None:
            keystore.note_recovery(connection, words.public, found.voucher, stamp(clock()))
    with transaction(connection):  # once that is on the disk; one process at a time changes the keyring
        if keyring.read(folder) != found.on_disk:
            raise Busy
        keyring.write(folder, ring.with_wrap(wrap))
