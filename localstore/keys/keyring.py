"""The keyring: the record's key, sealed once for each user and once for the printed recovery key.

Each holder has a pair of sealing keys. A user's secret half lies in the wrap, under the passphrase; that of the
recovery key is derived from the words on paper. So a new record key can be sealed for everybody who stays without
anybody's passphrase being there. The file is JSON. It holds no secret in the clear, and everything in it is checked
before it is believed: a hostile header must not be able to ask for a terabyte of memory (docs/formats.md, "keyring").
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from localstore import crypto, paths
from localstore.errors import DamagedStore, NoPractice, OtherRecoveryWords, WrongPassphrase
from localstore.keys import earlier

FORMAT = 2
MIB = 1024 * 1024
MAX_KEYRING_BYTES = 512 * 1024  # as many wraps as are allowed take 350 kB
MAX_WRAPS = 64
MIN_MEMORY, DEFAULT_MEMORY, MAX_MEMORY = 64 * MIB, 256 * MIB, 1024 * MIB
MIN_PASSES, DEFAULT_PASSES, MAX_PASSES = 3, 3, 16
# Of all wraps together, in bytes times passes: a wrong passphrase tries each. This is 64 users, and about a minute.
MAX_TOTAL_COST = 64 * DEFAULT_MEMORY * DEFAULT_PASSES
MAX_PASSPHRASE_BYTES = 1024
RECOVERY = "recovery"
VOUCHER_BYTES = 32
SECRETS_BYTES = crypto.KEY_BYTES + crypto.SEALING_SECRET_BYTES + crypto.KEY_BYTES + crypto.TAG_BYTES
SEALED_BYTES = crypto.KEY_BYTES + VOUCHER_BYTES + crypto.HPKE_OVERHEAD


class Wrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's key for one holder. `memory` in bytes; for the recovery key, which needs no stretching, both costs
    are 0 and `salt`, `nonce` and `secrets` empty. `next` is the record's next key while it is being changed, else
    empty. Bytes are Base64. A recovery wrap without `public` is one of format 1, carried over."""

    user: str
    role: str
    memory: int
    passes: int
    salt: bytes
    nonce: bytes
    secrets: bytes
    public: bytes
    sealed: bytes
    next: bytes = b""


class Keyring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `practice` is the 16-byte identifier of the practice that it opens."""

    format: int
    practice: bytes
    wraps: tuple[Wrap, ...]

    def wrap_of(self, user: str) -> Wrap | None:
        """The wrap of this holder."""
        return next((wrap for wrap in self.wraps if wrap.user == user), None)

    def with_wrap(self, new: Wrap) -> "Keyring":
        """The same keyring, with this wrap in the place of its holder's, or as the last."""
        if self.wrap_of(new.user) is None:
            return msgspec.structs.replace(self, wraps=(*self.wraps, new))
        wraps = tuple(new if wrap.user == new.user else wrap for wrap in self.wraps)
        return msgspec.structs.replace(self, wraps=wraps)

    def without(self, user: str) -> "Keyring":
        """The same keyring without this holder."""
        return msgspec.structs.replace(self, wraps=tuple(wrap for wrap in self.wraps if wrap.user != user))


@dataclass(frozen=True, slots=True)
class UserKeys:
    """What the passphrase of a user opens: the seed that signs the history, the pair that keys are sealed to, and the
    key of the vouchers for these, which the record knows as well. Nothing of it is shown."""

    seed: bytes = field(repr=False)
    sealing: crypto.KeyPair = field(repr=False)
    voucher: bytes = field(repr=False)

    @property
    def signing_public(self) -> bytes:
        """The public half of the key that signs this user's lines: 32 bytes."""
        return crypto.signing_key(self.seed).public


@dataclass(frozen=True, slots=True)
class Opened:
    """What a passphrase opened. `record_keys` are the record's key, and the next one while it is being changed."""

    user: str
    record_keys: tuple[bytes, ...] = field(repr=False)
    keys: UserKeys = field(repr=False)
    keyring: Keyring = field(repr=False)
    renewed: bool = False  # the keyring was of an earlier format: `keyring` is what should be saved in its place


def _associated(practice: bytes, user: str, role: str) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in (practice, user.encode(), role.encode()))


def stretch(passphrase: str, salt: bytes, memory: int, passes: int) -> bytes:
    """The key of a passphrase: 32 bytes. The costs were checked."""
    # Normalised, because the same accented letter is typed as one code point or two, depending on the keyboard.
    normal = unicodedata.normalize("NFKC", passphrase)
    return crypto.stretch(normal, salt, memory_bytes=memory, passes=passes)


def cost(keyring: Keyring) -> int:
    """The memory in bytes that a try of a passphrase costs in this practice: the dearest of its users' wraps."""
    return max((wrap.memory for wrap in keyring.wraps if wrap.user != RECOVERY), default=DEFAULT_MEMORY)


def new_user_keys() -> UserKeys:
    """Fresh keys of a user."""
    return UserKeys(crypto.random_bytes(crypto.KEY_BYTES), crypto.sealing_key(), crypto.random_bytes(crypto.KEY_BYTES))


def _seal(practice: bytes, user: str, role: str, public: bytes, voucher: bytes, record_key: bytes) -> bytes:
    """The record's key, sealed to a holder, with a voucher that only who knows the record or the holder's own secret
    can make: to a public key anybody can seal anything, also the key of a record of his own making."""
    vouched = crypto.keyed_digest(voucher, "keyring-voucher", practice, user.encode(), record_key)
    return crypto.seal(public, record_key + vouched, "keyring-sealed", _associated(practice, user, role))


def wrap_for_user(
    record_key: bytes,
    practice: bytes,
    user: str,
    role: str,
    passphrase: str,
    *,
    keys: UserKeys,
    memory: int = DEFAULT_MEMORY,
) -> Wrap:
    """The wrap of a user under a passphrase; each wrap has its own salt."""
    salt, nonce = crypto.random_bytes(crypto.SALT_BYTES), crypto.random_bytes(crypto.NONCE_BYTES)
    key = stretch(passphrase, salt, memory, DEFAULT_PASSES)
    associated = _associated(practice, user, role)
    plain = keys.seed + keys.sealing.secret + keys.voucher
    secrets = crypto.encrypt(key, nonce, plain, "keyring-secrets", associated)
    sealed = _seal(practice, user, role, keys.sealing.public, keys.voucher, record_key)
    return Wrap(user, role, memory, DEFAULT_PASSES, salt, nonce, secrets, keys.sealing.public, sealed)


def recovery_pair(recovery_key: bytes, practice: bytes) -> crypto.KeyPair:
    """The sealing keys that follow from the 256-bit recovery key, which is random and needs no stretching."""
    lattice = crypto.keyed_digest(recovery_key, "recovery-lattice", practice, size=64)
    return crypto.sealing_pair(lattice + crypto.keyed_digest(recovery_key, "recovery-curve", practice))


def recovery_voucher(recovery_key: bytes, practice: bytes) -> bytes:
    """The key of the vouchers for what is sealed to the recovery key."""
    return crypto.keyed_digest(recovery_key, "recovery-voucher", practice)


def wrap_for_recovery(record_key: bytes, practice: bytes, recovery_key: bytes) -> Wrap:
    """The wrap of the recovery key."""
    public, voucher = recovery_pair(recovery_key, practice).public, recovery_voucher(recovery_key, practice)
    sealed = _seal(practice, RECOVERY, RECOVERY, public, voucher, record_key)
    return Wrap(RECOVERY, RECOVERY, 0, 0, b"", b"", b"", public, sealed)


def seal_next(keyring: Keyring, record_key: bytes, vouchers: Mapping[str, bytes]) -> Keyring:
    """The same keyring with a next record key, sealed to everybody in it; `vouchers` are the keys of each holder's, as
    the record knows them. Raises DamagedStore for a recovery wrap of the first format, to which nothing can be sealed,
    and for a holder whom the record does not know."""

    def sealed(wrap: Wrap) -> Wrap:
        if not wrap.public:
            raise DamagedStore(file="keyring", seen="its recovery words are of the first release")
        if wrap.user not in vouchers:
            raise DamagedStore(file="keyring", seen="it names a user whom the record does not know")
        voucher = vouchers[wrap.user]
        found = _seal(keyring.practice, wrap.user, wrap.role, wrap.public, voucher, record_key)
        return msgspec.structs.replace(wrap, next=found)

    return msgspec.structs.replace(keyring, wraps=tuple(map(sealed, keyring.wraps)))


def settle_next(keyring: Keyring, *, keep_new: bool) -> Keyring:
    """The end of a change of the record's key: the next key takes the place of the present one, or is dropped."""
    wraps = tuple(
        msgspec.structs.replace(wrap, sealed=wrap.next if keep_new and wrap.next else wrap.sealed, next=b"")
        for wrap in keyring.wraps
    )
    return msgspec.structs.replace(keyring, wraps=wraps)


def unlock(keyring: Keyring | earlier.Keyring, passphrase: str) -> Opened:
    """Try the wraps of all users in turn. Raises WrongPassphrase.

    One user's practice costs one derivation, whether the passphrase is right or wrong.
    """
    if isinstance(keyring, earlier.Keyring):
        return _unlock_earlier(keyring, passphrase)
    for wrap in keyring.wraps:
        if wrap.user == RECOVERY:
            continue
        key = stretch(passphrase, wrap.salt, wrap.memory, wrap.passes)
        associated = _associated(keyring.practice, wrap.user, wrap.role)
        try:
            secrets = crypto.decrypt(key, wrap.nonce, wrap.secrets, "keyring-secrets", associated)
        except crypto.CryptoError:
            continue
        seed, secret = secrets[: crypto.KEY_BYTES], secrets[crypto.KEY_BYTES : -crypto.KEY_BYTES]
        keys = UserKeys(seed, crypto.sealing_pair(secret), secrets[-crypto.KEY_BYTES :])
        return Opened(wrap.user, _unseal(keyring.practice, wrap, secret, keys.voucher), keys, keyring)
    raise WrongPassphrase


def _unseal(practice: bytes, wrap: Wrap, secret: bytes, voucher: bytes) -> tuple[bytes, ...]:
    """The record's keys of a wrap. Raises DamagedStore: the holder's own secret was good."""
    associated, found = _associated(practice, wrap.user, wrap.role), []
    try:
        for sealed in filter(None, (wrap.sealed, wrap.next)):
            plain = crypto.unseal(secret, sealed, "keyring-sealed", associated)
            record_key, vouched = plain[: crypto.KEY_BYTES], plain[crypto.KEY_BYTES :]
            expected = crypto.keyed_digest(voucher, "keyring-voucher", practice, wrap.user.encode(), record_key)
            if not crypto.equal(vouched, expected):
                raise crypto.CryptoError
            found.append(record_key)
    except crypto.CryptoError as error:
        raise DamagedStore(file="keyring", seen="a record key in it was altered") from error
    return tuple(found)


def _unlock_earlier(ring: earlier.Keyring, passphrase: str) -> Opened:
    """Unlock a keyring of format 1, and make it into one of format 2 with fresh keys of the user."""
    old, record_key = earlier.unlock(ring, lambda wrap: stretch(passphrase, wrap.salt, wrap.memory, wrap.passes))
    keys = new_user_keys()
    new = wrap_for_user(record_key, ring.practice, old.user, old.role, passphrase, keys=keys, memory=old.memory)
    recovery = tuple(
        Wrap(RECOVERY, RECOVERY, 0, 0, b"", wrap.nonce, b"", b"", wrap.wrapped)
        for wrap in ring.wraps
        if wrap.user == RECOVERY
    )
    return Opened(old.user, (record_key,), keys, Keyring(FORMAT, ring.practice, (new, *recovery)), renewed=True)


def unlock_with_recovery(keyring: Keyring | earlier.Keyring, recovery_key: bytes) -> tuple[bytes, ...]:
    """The record's key, and the next one while it is being changed. Raises OtherRecoveryWords."""
    if isinstance(keyring, earlier.Keyring):
        return (earlier.unlock_with_recovery(keyring, recovery_key),)
    wrap = keyring.wrap_of(RECOVERY)
    if wrap is None:
        raise OtherRecoveryWords
    if not wrap.public:
        return (earlier.open_recovery(keyring.practice, wrap.nonce, wrap.sealed, recovery_key),)
    pair = recovery_pair(recovery_key, keyring.practice)
    if not crypto.equal(pair.public, wrap.public):
        raise OtherRecoveryWords
    return _unseal(keyring.practice, wrap, pair.secret, recovery_voucher(recovery_key, keyring.practice))


def read(folder: Path) -> Keyring | earlier.Keyring:
    """The keyring of the practice in `folder`. Raises NoPractice or DamagedStore."""
    try:
        return read_file(paths.keyring(folder))
    except FileNotFoundError:
        if paths.record(folder).exists():
            raise DamagedStore(file="keyring", seen="it is missing") from None
        raise NoPractice(folder=str(folder)) from None


def read_file(path: Path) -> Keyring | earlier.Keyring:
    """The keyring in this file. Raises FileNotFoundError and DamagedStore."""
    data = paths.read_small(path, MAX_KEYRING_BYTES)
    if len(data) > MAX_KEYRING_BYTES:
        raise DamagedStore(file="keyring", seen="it is larger than any keyring can be")
    try:
        found = msgspec.json.decode(data, type=_OnlyFormat).format
        if found == earlier.FORMAT:
            return earlier.checked(msgspec.json.decode(data, type=earlier.Keyring))
        if found != FORMAT:
            raise DamagedStore(file="keyring", seen="its format is unknown to this release")
        ring = msgspec.json.decode(data, type=Keyring)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedStore(file="keyring", seen="it is not a keyring") from error
    if reason := first_objection(ring):
        raise DamagedStore(file="keyring", seen=reason)
    return ring


class _OnlyFormat(msgspec.Struct):
    format: int


def write(folder: Path, keyring: Keyring) -> None:
    """Save the keyring atomically and durably."""
    paths.write_private(paths.keyring(folder), msgspec.json.format(msgspec.json.encode(keyring), indent=1))


def _reasonable_count(keyring: Keyring) -> str:
    return "" if 1 <= len(keyring.wraps) <= MAX_WRAPS else "it has no user, or too many"


def _one_wrap_each(keyring: Keyring) -> str:
    holders = {wrap.user for wrap in keyring.wraps}
    return "" if len(holders) == len(keyring.wraps) else "it names a user twice"


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


_USER = (crypto.NONCE_BYTES, SECRETS_BYTES, crypto.SEALING_PUBLIC_BYTES, SEALED_BYTES)
_PAPER = (0, 0, crypto.SEALING_PUBLIC_BYTES, SEALED_BYTES)
_PAPER_OF_FORMAT_1 = (crypto.NONCE_BYTES, 0, 0, crypto.KEY_BYTES + crypto.TAG_BYTES)


def _reasonable_lengths(keyring: Keyring) -> str:
    for wrap in keyring.wraps:
        lengths = (len(wrap.nonce), len(wrap.secrets), len(wrap.public), len(wrap.sealed))
        allowed = (_PAPER, _PAPER_OF_FORMAT_1) if wrap.user == RECOVERY else (_USER,)
        if lengths not in allowed or len(wrap.next) not in (0, SEALED_BYTES):
            return "a field has the wrong length"
    return "" if len(keyring.practice) == 16 else "a field has the wrong length"


def first_objection(keyring: Keyring) -> str:
    """Why a keyring cannot be believed (a key of the catalogue); empty when it can. What is written must pass as well:
    it would open nothing any more."""
    return next(filter(None, (check(keyring) for check in CHECKS)), "")


CHECKS = (_reasonable_count, _one_wrap_each, _reasonable_costs, _reasonable_total, _reasonable_lengths)
