"""The keyring: the record's key, wrapped once for each user and once for the printed recovery key.

The file is JSON. It holds no secret in the clear, and everything in it is checked before it is believed: a hostile
header must not be able to ask for a terabyte of memory (docs/formats.md, "keyring").
"""

import unicodedata
from pathlib import Path

import msgspec

from localstore import crypto, paths
from localstore.errors import DamagedStore, NoPractice, WrongPassphrase

FORMAT = 1
MIB = 1024 * 1024
MAX_KEYRING_BYTES = 256 * 1024  # as many wraps as are allowed take 100 kB
MAX_WRAPS = 256
MIN_MEMORY, DEFAULT_MEMORY, MAX_MEMORY = 64 * MIB, 256 * MIB, 1024 * MIB
MIN_PASSES, DEFAULT_PASSES, MAX_PASSES = 3, 3, 16
# Of all wraps together, in bytes times passes: a wrong passphrase tries each. This is 64 users, and about a minute.
MAX_TOTAL_COST = 64 * DEFAULT_MEMORY * DEFAULT_PASSES
MAX_PASSPHRASE_BYTES = 1024
RECOVERY = "recovery"


class Wrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's key under one secret. `memory` in bytes; for the recovery key, which needs no stretching, both costs
    are 0. Bytes are Base64."""

    user: str
    role: str
    memory: int
    passes: int
    salt: bytes
    nonce: bytes
    wrapped: bytes


class Keyring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `practice` is the 16-byte identifier of the practice that it opens."""

    format: int
    practice: bytes
    wraps: tuple[Wrap, ...]


def _associated(practice: bytes, user: str, role: str) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in (practice, user.encode(), role.encode()))


def _stretch(passphrase: str, salt: bytes, memory: int, passes: int) -> bytes:
    # Normalised, because the same accented letter is typed as one code point or two, depending on the keyboard.
    normal = unicodedata.normalize("NFKC", passphrase)
    return crypto.stretch(normal, salt, memory_bytes=memory, passes=passes)


def wrap_for_user(
    record_key: bytes, practice: bytes, user: str, role: str, passphrase: str, *, memory: int = DEFAULT_MEMORY
) -> Wrap:
    """Wrap the record's key under a passphrase; each wrap has its own salt."""
    salt, nonce = crypto.random_bytes(crypto.SALT_BYTES), crypto.random_bytes(crypto.NONCE_BYTES)
    key = _stretch(passphrase, salt, memory, DEFAULT_PASSES)
    wrapped = crypto.encrypt(key, nonce, record_key, "keyring-user", _associated(practice, user, role))
    return Wrap(user, role, memory, DEFAULT_PASSES, salt, nonce, wrapped)


def wrap_for_recovery(record_key: bytes, practice: bytes, recovery_key: bytes) -> Wrap:
    """Wrap the record's key under the 256-bit recovery key, which is random and needs no stretching."""
    nonce = crypto.random_bytes(crypto.NONCE_BYTES)
    key = crypto.keyed_digest(recovery_key, "keyring-recovery-key", practice)
    wrapped = crypto.encrypt(key, nonce, record_key, "keyring-recovery", _associated(practice, RECOVERY, RECOVERY))
    return Wrap(RECOVERY, RECOVERY, 0, 0, b"", nonce, wrapped)


def unlock(keyring: Keyring, passphrase: str, user: str = "") -> tuple[str, bytes]:
    """Return (user, record key). Tries the wraps of `user`, or of all users in turn. Raises WrongPassphrase.

    One user's practice costs one derivation, whether the passphrase is right or wrong.
    """
    for wrap in keyring.wraps:
        if wrap.user == RECOVERY or (user and wrap.user != user):
            continue
        key = _stretch(passphrase, wrap.salt, wrap.memory, wrap.passes)
        associated = _associated(keyring.practice, wrap.user, wrap.role)
        try:
            return wrap.user, crypto.decrypt(key, wrap.nonce, wrap.wrapped, "keyring-user", associated)
        except crypto.CryptoError:
            continue
    raise WrongPassphrase


def unlock_with_recovery(keyring: Keyring, recovery_key: bytes) -> bytes:
    """Return the record key. Raises WrongPassphrase."""
    key = crypto.keyed_digest(recovery_key, "keyring-recovery-key", keyring.practice)
    associated = _associated(keyring.practice, RECOVERY, RECOVERY)
    for wrap in keyring.wraps:
        if wrap.user == RECOVERY:
            try:
                return crypto.decrypt(key, wrap.nonce, wrap.wrapped, "keyring-recovery", associated)
            except crypto.CryptoError:
                continue
    raise WrongPassphrase


def read(folder: Path) -> Keyring:
    """The keyring of the practice in `folder`. Raises NoPractice or DamagedStore."""
    path = paths.keyring(folder)
    try:
        if path.stat().st_size > MAX_KEYRING_BYTES:
            raise DamagedStore(file="keyring", seen="it is larger than any keyring can be")
        keyring = msgspec.json.decode(path.read_bytes(), type=Keyring)
    except FileNotFoundError:
        if paths.record(folder).exists():
            raise DamagedStore(file="keyring", seen="it is missing") from None
        raise NoPractice(folder=str(folder)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedStore(file="keyring", seen="it is not a keyring") from error
    for reason in filter(None, (check(keyring) for check in CHECKS)):
        raise DamagedStore(file="keyring", seen=reason)
    return keyring


def write(folder: Path, keyring: Keyring) -> None:
    """Save the keyring atomically."""
    paths.write_private(paths.keyring(folder), msgspec.json.format(msgspec.json.encode(keyring), indent=1))


def _known_format(keyring: Keyring) -> str:
    return "" if keyring.format == FORMAT else "its format is unknown to this release"


def _reasonable_count(keyring: Keyring) -> str:
    return "" if 1 <= len(keyring.wraps) <= MAX_WRAPS else "it has no user, or too many"


def _reasonable_costs(keyring: Keyring) -> str:
    for wrap in keyring.wraps:
        if wrap.user == RECOVERY:
            continue
        if not (MIN_MEMORY <= wrap.memory <= MAX_MEMORY and MIN_PASSES <= wrap.passes <= MAX_PASSES):
            return "it asks for a key derivation outside of the allowed limits"
        if len(wrap.salt) != crypto.SALT_BYTES:
            return "a salt has the wrong length"
    return ""


def _reasonable_total(keyring: Keyring) -> str:
    total = sum(wrap.memory * wrap.passes for wrap in keyring.wraps if wrap.user != RECOVERY)
    return "" if total <= MAX_TOTAL_COST else "it asks for a key derivation outside of the allowed limits"


def _reasonable_lengths(keyring: Keyring) -> str:
    expected = (crypto.NONCE_BYTES, crypto.KEY_BYTES + crypto.TAG_BYTES)
    good = all((len(wrap.nonce), len(wrap.wrapped)) == expected for wrap in keyring.wraps)
    return "" if good and len(keyring.practice) == 16 else "a field has the wrong length"


CHECKS = (_known_format, _reasonable_count, _reasonable_costs, _reasonable_total, _reasonable_lengths)
