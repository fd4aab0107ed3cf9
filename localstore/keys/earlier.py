"""The keyring's first format, of release 0.1.0: read, opened once, and then replaced by the present one.

There each wrap held the record's key directly, under the passphrase's key or one derived from the recovery key.
"""

from collections.abc import Callable

import msgspec

from localstore import crypto
from localstore.errors import DamagedStore, OtherRecoveryWords, WrongPassphrase

FORMAT = 1
MAX_WRAPS = 8  # that release wrote two: one user, and the recovery key
MIN_MEMORY, MAX_MEMORY = 64 * 1024 * 1024, 1024 * 1024 * 1024
MIN_PASSES, MAX_PASSES = 3, 16
RECOVERY = "recovery"


class Wrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's key under one secret."""

    user: str
    role: str
    memory: int
    passes: int
    salt: bytes
    nonce: bytes
    wrapped: bytes


class Keyring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    practice: bytes
    wraps: tuple[Wrap, ...]


def _associated(practice: bytes, user: str, role: str) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in (practice, user.encode(), role.encode()))


def checked(ring: Keyring) -> Keyring:
    """The keyring, if its figures can be believed. Raises DamagedStore."""
    if not 1 <= len(ring.wraps) <= MAX_WRAPS:
        raise DamagedStore(file="keyring", seen="it has no user, or too many")
    if len(ring.practice) != 16:
        raise DamagedStore(file="keyring", seen="a field has the wrong length")
    for wrap in ring.wraps:
        if (len(wrap.nonce), len(wrap.wrapped)) != (crypto.NONCE_BYTES, crypto.KEY_BYTES + crypto.TAG_BYTES):
            raise DamagedStore(file="keyring", seen="a field has the wrong length")
        if wrap.user == RECOVERY:
            continue
        if not (MIN_MEMORY <= wrap.memory <= MAX_MEMORY and MIN_PASSES <= wrap.passes <= MAX_PASSES):
            raise DamagedStore(file="keyring", seen="it asks for a key derivation outside of the allowed limits")
        if len(wrap.salt) != crypto.SALT_BYTES:
            raise DamagedStore(file="keyring", seen="a salt has the wrong length")
    return ring


def unlock(ring: Keyring, key_of: Callable[[Wrap], bytes]) -> tuple[Wrap, bytes]:
    """The wrap that opens, and the record's key; `key_of` stretches the passphrase. Raises WrongPassphrase."""
    for wrap in ring.wraps:
        if wrap.user == RECOVERY:
            continue
        associated = _associated(ring.practice, wrap.user, wrap.role)
        try:
            return wrap, crypto.decrypt(key_of(wrap), wrap.nonce, wrap.wrapped, "keyring-user", associated)
        except crypto.CryptoError:
            continue
    raise WrongPassphrase


def unlock_with_recovery(ring: Keyring, recovery_key: bytes) -> bytes:
    """The record's key. Raises OtherRecoveryWords."""
    for wrap in ring.wraps:
        if wrap.user == RECOVERY:
            return open_recovery(ring.practice, wrap.nonce, wrap.wrapped, recovery_key)
    raise OtherRecoveryWords


def open_recovery(practice: bytes, nonce: bytes, wrapped: bytes, recovery_key: bytes) -> bytes:
    """The record's key out of a recovery wrap of this format. Raises OtherRecoveryWords."""
    key = crypto.keyed_digest(recovery_key, "keyring-recovery-key", practice)
    try:
        return crypto.decrypt(key, nonce, wrapped, "keyring-recovery", _associated(practice, RECOVERY, RECOVERY))
    except crypto.CryptoError as error:
        raise OtherRecoveryWords from error
