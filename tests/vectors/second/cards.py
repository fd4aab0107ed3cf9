"""Contact cards, certificates, and what two cards have in common."""

import base64
from typing import Any

from nacl import bindings
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.vectors.second.basics import digest, keyed, require, unpacked, verify
from tests.vectors.second.forms import CARD, check

BEGIN, END, CODE = "-----BEGIN CONFRERE CARD-----", "-----END CONFRERE CARD-----", "CONFRERE-CARD:"
CERTIFICATE_HEAD = bytes.fromhex(
    "3081ad3061a003020102020101300506032b657030003020170d3730303130313030303030305a"
    "180f39393939313233313233353935395a3000302a300506032b6570032100"
)
CERTIFICATE_MIDDLE = bytes.fromhex("300506032b6570034100")
Map = dict[str, Any]


def of_text(text: str) -> bytes:
    """The signed bytes of a card in its text."""
    inside = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    return base64.b64decode("".join(inside.split()), validate=True)


def of_code(text: str) -> bytes:
    """The signed bytes of a card in the text of its QR code."""
    letters = text.removeprefix(CODE)
    return base64.b32decode(letters + "=" * (-len(letters) % 8))


def read(signed: bytes) -> Map:
    """A card. Raises Refused."""
    require(64 < len(signed) <= 8 * 1024, "length")
    card: Map = unpacked(signed[64:])
    check(card, CARD)
    require(card["version"] == 1, "version")
    keys = (len(card["signing_key"]), len(card["pairing_key"]), len(card["sealing_key"]))
    require(keys == (32, 32, 1184 + 32), "key")
    texts = [value for value in card.values() if isinstance(value, str)] + card["addresses"]
    require(max(map(len, texts)) <= 200 and len(card["addresses"]) <= 8 and card["name"].strip(), "text")
    transport_key(card["transport_certificate"])
    agreed(bytes([1]) * 32, card["pairing_key"])
    verify(card["signing_key"], "card", signed[64:], signed[:64])
    return card


def transport_key(certificate: bytes) -> bytes:
    """The key in a certificate, which is compared with the only form that there is."""
    key, signature = certificate[70:102], certificate[112:]
    require(certificate == CERTIFICATE_HEAD + key + CERTIFICATE_MIDDLE + signature, "certificate")
    require(len(certificate) == 176, "certificate")
    try:
        VerifyKey(key).verify(certificate[3:102], signature)
    except BadSignatureError:
        require(False, "certificate")
    return key


def agreed(secret: bytes, public: bytes) -> bytes:
    """X25519."""
    try:
        return bindings.crypto_scalarmult(secret, public)
    except RuntimeError:
        require(False, "key")
        raise


def identity(card: Map) -> bytes:
    """What makes a practice this practice."""
    return digest("card-identity", card["signing_key"], card["pairing_key"], card["transport_certificate"])


def fingerprint(one: Map, other: Map) -> str:
    """50 digits in groups of five."""
    numbers = [int.from_bytes(digest("card-fingerprint", identity(card)), "big") for card in (one, other)]
    digits = "".join(sorted(f"{number % 10**25:025}" for number in numbers))
    return " ".join(digits[at : at + 5] for at in range(0, 50, 5))


def pair_secret(shared: bytes, one: Map, other: Map) -> bytes:
    """The secret of a pair."""
    return keyed(shared, "pair-secret", *sorted((identity(one), identity(other))))
