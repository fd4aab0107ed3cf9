"""Labels, digests, signatures, encryption, padding."""

import hashlib
from typing import Any

import msgspec.msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite
from nacl import bindings, exceptions
from nacl.signing import SigningKey, VerifyKey

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Refused(Exception):
    """What was read is not as the pages say. `cause` is one word."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


def require(condition: object, cause: str) -> None:
    """Refuse for this cause unless the condition holds."""
    if not condition:
        raise Refused(cause)


def label(purpose: str) -> bytes:
    """The label of a purpose."""
    return f"confrere/v1/{purpose}\0".encode()


def _joined(purpose: str, parts: tuple[bytes, ...]) -> bytes:
    return label(purpose) + b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def digest(purpose: str, *parts: bytes, size: int = 32) -> bytes:
    """A digest over parts."""
    return hashlib.blake2b(_joined(purpose, parts), digest_size=size).digest()


def keyed(key: bytes, purpose: str, *parts: bytes, size: int = 32) -> bytes:
    """A keyed digest over parts."""
    return hashlib.blake2b(_joined(purpose, parts), digest_size=size, key=key).digest()


def public_of(seed: bytes) -> bytes:
    """The Ed25519 key of a seed."""
    return bytes(SigningKey(seed).verify_key)


def signature_of(seed: bytes, purpose: str, message: bytes) -> bytes:
    """A signature."""
    return SigningKey(seed).sign(label(purpose) + message).signature


def verify(public: bytes, purpose: str, message: bytes, signature: bytes, cause: str = "signature") -> None:
    """Refuse a signature that is wrong."""
    try:
        VerifyKey(public).verify(label(purpose) + message, signature)
    except (exceptions.BadSignatureError, ValueError) as error:
        raise Refused(cause) from error


def decrypted(key: bytes, nonce: bytes, sealed: bytes, purpose: str, associated: bytes) -> bytes:
    """XChaCha20-Poly1305."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, label(purpose) + associated, nonce, key)
    except exceptions.CryptoError as error:
        raise Refused("encryption") from error


def encrypted(key: bytes, nonce: bytes, plain: bytes, purpose: str, associated: bytes) -> bytes:
    """The way back of `decrypted`."""
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, label(purpose) + associated, nonce, key)


def sealed(public: bytes, plain: bytes, purpose: str, context: bytes) -> bytes:
    """The way back of `unsealed`, by the public half of 1216 bytes."""
    lattice = MLKEM768PublicKey.from_public_bytes(public[:1184])
    curve = X25519PublicKey.from_public_bytes(public[1184:])
    return SUITE.encrypt(plain, MLKEM768X25519PublicKey(lattice, curve), label(purpose) + context)


def unsealed(secret: bytes, sealed: bytes, purpose: str, context: bytes) -> bytes:
    """HPKE, by the secret of 96 bytes."""
    lattice, curve = MLKEM768PrivateKey.from_seed_bytes(secret[:64]), X25519PrivateKey.from_private_bytes(secret[64:])
    try:
        return SUITE.decrypt(sealed, MLKEM768X25519PrivateKey(lattice, curve), label(purpose) + context)
    except (InvalidTag, ValueError) as error:
        raise Refused("encryption") from error


def sealing_public(secret: bytes) -> bytes:
    """The public half of a sealing secret."""
    lattice, curve = MLKEM768PrivateKey.from_seed_bytes(secret[:64]), X25519PrivateKey.from_private_bytes(secret[64:])
    return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def padded(length: int, smallest: int = 512) -> int:
    """The Padmé length, as its paper gives it."""
    if length <= smallest:
        return smallest
    exponent = length.bit_length() - 1
    last_bits = exponent - exponent.bit_length()
    return -(-length >> last_bits) << last_bits


def packed(value: Any) -> bytes:
    """The one encoding of a value: each head in its shortest form. But the head of a map is that of the fields that its
    form has, whether they stand or not: an identity has more than 15."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _packed_number(value)
    if isinstance(value, str):
        text = value.encode()
        return _head(len(text), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + text
    if isinstance(value, bytes):
        return _head(len(value), 0, 0, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, list):
        return _head(len(value), 0x90, 16, (0, 0xDC, 0xDD)) + b"".join(map(packed, value))
    require(isinstance(value, dict), "form")
    is_wide = value.get("kind") == "patient"
    inner = b"".join(packed(name) + packed(one) for name, one in value.items())
    return _head(len(value), 0x80, 0 if is_wide else 16, (0, 0xDE, 0xDF)) + inner


def _head(length: int, short: int, below: int, wide: tuple[int, int, int]) -> bytes:
    """The head of a text, of bytes, of an array or a map; `wide[0]` is 0 where there is no head of two bytes."""
    if length < below:
        return bytes([short | length])
    if wide[0] and length < 1 << 8:
        return bytes([wide[0], length])
    if length < 1 << 16:
        return bytes([wide[1]]) + length.to_bytes(2, "big")
    return bytes([wide[2]]) + length.to_bytes(4, "big")


def _packed_number(value: int) -> bytes:
    if -32 <= value < 128:
        return value.to_bytes(1, "big", signed=value < 0)
    signed, first = value < 0, 0xD0 if value < 0 else 0xCC
    for place, size in enumerate((1, 2, 4, 8)):
        if -(1 << 8 * size - 1) <= value < (1 << 8 * size):
            return bytes([first + place]) + value.to_bytes(size, "big", signed=signed)
    raise Refused("form")


def unpacked(encoded: bytes) -> Any:
    """What one MessagePack value holds; refused in any but its one encoding."""
    try:
        value = msgspec.msgpack.decode(encoded)
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError) as error:
        raise Refused("form") from error
    require(packed(value) == encoded, "form")
    return value
