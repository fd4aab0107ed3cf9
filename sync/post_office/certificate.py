"""The TLS certificate of a post office: 176 bytes, self-signed, without a name, one encoding for each key.

      0  header: version 3, serial number 1, Ed25519, no issuer, valid 1970 to 9999, no subject, Ed25519
     70  the public key (32)
    102  header of the signature
    112  Ed25519 over bytes 3 to 102 (64)

It says one thing, a public key. It is pinned whole by the colleagues who have it from a contact card, so nothing in it
is ever believed on its own, and its dates are as wide as the format allows: a wrong clock must not part two practices.
Because all but key and signature is fixed, a certificate from outside is compared, never parsed.
"""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from localstore import crypto
from sync.errors import BadCertificate

# RFC 5280, 4.1 and RFC 8410; 9999-12-31 means "no well-defined end" there (4.1.2.5).
_HEADER = bytes.fromhex(
    "3081ad3061a003020102020101300506032b657030003020170d3730303130313030303030305a180f39393939313233313233353935395a"
    "3000302a300506032b6570032100"
)
_BETWEEN = bytes.fromhex("300506032b6570034100")
_SIGNED_FROM = 3  # what is signed begins after the header of the whole
_KEY_END = len(_HEADER) + crypto.KEY_BYTES
_SIGNATURE_START = _KEY_END + len(_BETWEEN)
CERTIFICATE_BYTES = _SIGNATURE_START + crypto.SIGNATURE_BYTES


def make(seed: bytes) -> bytes:
    """The certificate (DER) of the Ed25519 key with this 32-byte seed: always the same bytes."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    content = _HEADER + key.public_key().public_bytes_raw()
    return content + _BETWEEN + key.sign(content[_SIGNED_FROM:])


def public_key(der: bytes) -> bytes:
    """The raw 32-byte key of a certificate that `make` gives. Raises BadCertificate for any other bytes."""
    key = der[len(_HEADER) : _KEY_END]
    if len(der) != CERTIFICATE_BYTES or der != _HEADER + key + _BETWEEN + der[_SIGNATURE_START:]:
        raise BadCertificate(reason="it holds more, or other things, than a key")
    try:
        crypto.check_ed25519(key, der[_SIGNED_FROM:_KEY_END], der[_SIGNATURE_START:])
    except crypto.CryptoError as error:
        raise BadCertificate(reason="its signature is not its own") from error
    return key


def encrypted_key(seed: bytes, password: bytes) -> bytes:
    """The private key as PKCS #8 in PEM, encrypted under a password: the one form that Python's TLS reads."""
    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
