"""The primitives, bytes in and bytes out: the only importer of nacl, and of cryptography's HPKE.

Every hash, signature, derivation and associated data begins with a label `confrere/v1/<purpose>`, so that bytes made
for one purpose mean nothing for another. There is one suite and no negotiation. This module does no I/O and keeps no
state; it must never log, and never choose a policy.
"""

import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from nacl import bindings, exceptions, pwhash, utils

KEY_BYTES = 32
NONCE_BYTES = 24
TAG_BYTES = 16
SIGNATURE_BYTES = 64
SALT_BYTES = pwhash.argon2id.SALTBYTES
SEALING_PUBLIC_BYTES = 1184 + 32  # ML-KEM-768 encapsulation key (FIPS 203), then the X25519 key
SEALING_SECRET_BYTES = 64 + 32  # ML-KEM-768 seed, then the X25519 key
HPKE_OVERHEAD = 1088 + 32 + TAG_BYTES  # both KEM ciphertexts, then the tag
STREAM_HEADER_BYTES = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
STREAM_TAG_BYTES = bindings.crypto_secretstream_xchacha20poly1305_ABYTES  # of each piece

_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class CryptoError(Exception):
    """What was checked did not hold: a wrong key, an altered byte, a forged signature. Carries no detail on purpose."""


class KeyPair(NamedTuple):
    """A secret key and its public half, both raw bytes."""

    secret: bytes
    public: bytes


def label(purpose: str) -> bytes:
    """The domain separation label of `purpose`, ended by a zero byte so that no label is the beginning of another."""
    return b"confrere/v1/" + purpose.encode("ascii") + b"\0"


def random_bytes(size: int) -> bytes:
    """`size` bytes from the operating system's generator."""
    return utils.random(size)


def _join(purpose: str, parts: tuple[bytes, ...]) -> bytes:
    # Each part is preceded by its length: ("ab", "c") and ("a", "bc") must not hash alike.
    joined = [label(purpose)]
    for part in parts:
        joined += (len(part).to_bytes(8, "big"), part)
    return b"".join(joined)


def digest(purpose: str, *parts: bytes, size: int = 32) -> bytes:
    """BLAKE2b over the label and the parts; `size` from 16 to 64 bytes."""
    return hashlib.blake2b(_join(purpose, parts), digest_size=size).digest()


class Running:
    """BLAKE2b-256 over the label of a purpose and bytes that come one after the other: of what is too long to hold.

    There is one part only, so it needs no length before it."""

    def __init__(self, purpose: str) -> None:
        self._hash = hashlib.blake2b(label(purpose), digest_size=32)

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """32 bytes, of what was added so far."""
        return self._hash.digest()


def keyed_digest(key: bytes, purpose: str, *parts: bytes, size: int = 32) -> bytes:
    """Keyed BLAKE2b: a MAC, and the derivation of one key from another. `size` from 12 to 64 bytes."""
    return hashlib.blake2b(_join(purpose, parts), digest_size=size, key=key).digest()


def equal(left: bytes, right: bytes) -> bool:
    """Compare in a time that does not depend on where two equally long values differ."""
    return len(left) == len(right) and bindings.sodium_memcmp(left, right)


# --- passphrases -----------------------------------------------------------------------------------------------


def stretch(passphrase: str, salt: bytes, *, memory_bytes: int, passes: int) -> bytes:
    """Argon2id of the UTF-8 passphrase: 32 bytes. The caller has checked the costs against its limits."""
    return pwhash.argon2id.kdf(KEY_BYTES, passphrase.encode("utf-8"), salt, opslimit=passes, memlimit=memory_bytes)


# --- symmetric encryption --------------------------------------------------------------------------------------


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, purpose: str, associated: bytes) -> bytes:
    """XChaCha20-Poly1305. The nonce is 24 random bytes: random 192 bits never meet again, and a restored backup
    cannot rewind them as it would a counter."""
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, label(purpose) + associated, nonce, key)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, purpose: str, associated: bytes) -> bytes:
    """Undo `encrypt`. Raises CryptoError when the key, the nonce, any byte or the associated data differ."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, label(purpose) + associated, nonce, key)
    except (exceptions.CryptoError, ValueError, TypeError) as error:
        raise CryptoError from error


class Stream:
    """XChaCha20-Poly1305 in pieces that follow each other (libsodium's secretstream), for what is too long to hold: a
    piece that was altered, moved, repeated or left out does not open, nor does any behind it.

    Each value either seals or opens. The key is used for one stream only; `header` is 24 random bytes, which lead it.
    Raises CryptoError for a key or a header of another length.
    """

    def __init__(self, key: bytes, header: bytes, purpose: str) -> None:
        if len(key) != KEY_BYTES or len(header) != STREAM_HEADER_BYTES:
            raise CryptoError
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        # Sealing begins with the same steps as opening; libsodium's own beginning only draws the header itself.
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)
        self._label = label(purpose)

    def seal(self, piece: bytes, *, last: bool = False) -> bytes:
        """The next piece, 17 bytes longer; `last` says within it that none follows."""
        final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
        tag = final if last else bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
        return bindings.crypto_secretstream_xchacha20poly1305_push(self._state, piece, self._label, tag)

    def open(self, sealed: bytes) -> tuple[bytes, bool]:
        """The next piece, and whether it is the last. Raises CryptoError; the stream is of no use after that."""
        try:
            piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, self._label)
        except (exceptions.CryptoError, RuntimeError, ValueError, TypeError) as error:
            raise CryptoError from error
        return piece, tag == bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


# --- signatures ------------------------------------------------------------------------------------------------


def signing_key(seed: bytes | None = None) -> KeyPair:
    """A new Ed25519 pair; the secret is its 32-byte seed."""
    seed = random_bytes(KEY_BYTES) if seed is None else seed
    public, _ = bindings.crypto_sign_seed_keypair(seed)
    return KeyPair(seed, public)


def sign(seed: bytes, purpose: str, message: bytes) -> bytes:
    """A detached Ed25519 signature over the label and the exact bytes: 64 bytes."""
    return sign_with(signing_key(seed), purpose, message)


def sign_with(pair: KeyPair, purpose: str, message: bytes) -> bytes:
    """As `sign`, for who signs often: without the scalar multiplication that finds the public half again.

    The pair must be one that `signing_key` made: a signature under another public half gives the secret away.
    """
    return bindings.crypto_sign(label(purpose) + message, pair.secret + pair.public)[:SIGNATURE_BYTES]


def verify(public: bytes, purpose: str, message: bytes, signature: bytes) -> None:
    """Return if `signature` is that of `message` under `public`; raise CryptoError otherwise."""
    check_ed25519(public, label(purpose) + message, signature)


def check_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    """Plain Ed25519 verification, without a label: what the published test vectors speak of."""
    if len(signature) != SIGNATURE_BYTES or len(public) != KEY_BYTES:
        raise CryptoError
    try:
        bindings.crypto_sign_open(signature + message, public)
    except (exceptions.BadSignatureError, ValueError, TypeError) as error:
        raise CryptoError from error


# --- agreement -------------------------------------------------------------------------------------------------


def agreement_key(seed: bytes | None = None) -> KeyPair:
    """A new X25519 pair."""
    secret = random_bytes(KEY_BYTES) if seed is None else seed
    return KeyPair(secret, bindings.crypto_scalarmult_base(secret))


def agree(secret: bytes, public: bytes) -> bytes:
    """X25519. Raises CryptoError on a public key of small order, which would give everybody the same secret."""
    if len(secret) != KEY_BYTES or len(public) != KEY_BYTES:  # the binding would read past a shorter one
        raise CryptoError
    try:
        return bindings.crypto_scalarmult(secret, public)
    except (RuntimeError, ValueError, TypeError) as error:
        raise CryptoError from error


# --- sealing to a public key -----------------------------------------------------------------------------------


def sealing_key() -> KeyPair:
    """A new HPKE pair: ML-KEM-768 and X25519 side by side, so that breaking one of them is not enough."""
    lattice, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return KeyPair(
        lattice.private_bytes_raw() + curve.private_bytes_raw(),
        lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw(),
    )


def sealing_pair(secret: bytes) -> KeyPair:
    """The HPKE pair of a secret that `sealing_key` made, or that was derived. Raises CryptoError on another length."""
    if len(secret) != SEALING_SECRET_BYTES:
        raise CryptoError
    lattice = MLKEM768PrivateKey.from_seed_bytes(secret[:64])
    curve = X25519PrivateKey.from_private_bytes(secret[64:])
    return KeyPair(secret, lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw())


def seal(public: bytes, plaintext: bytes, purpose: str, context: bytes) -> bytes:
    """HPKE base mode (RFC 9180): encapsulations, then ciphertext. Each call uses a fresh ephemeral key."""
    if len(public) != SEALING_PUBLIC_BYTES:
        raise CryptoError
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:1184]),
            X25519PublicKey.from_public_bytes(public[1184:]),
        )
        return _HPKE.encrypt(plaintext, key, label(purpose) + context)
    except ValueError as error:
        raise CryptoError from error


def unseal(secret: bytes, sealed: bytes, purpose: str, context: bytes) -> bytes:
    """Undo `seal`. Raises CryptoError when the key, any byte or the context differ."""
    key = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(secret[:64]), X25519PrivateKey.from_private_bytes(secret[64:])
    )
    try:
        return _HPKE.decrypt(sealed, key, label(purpose) + context)
    except (InvalidTag, ValueError) as error:
        raise CryptoError from error
