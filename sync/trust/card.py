"""Contact cards: how a practice introduces itself. Self-signed, small enough for a QR code or a pasted text. Pure.

A card proves only that whoever made it holds the keys in it. Who that is, two people settle by comparing the
fingerprint (`sync.trust.pairing`); nothing leaves before that.
"""

import base64
import binascii
import textwrap

import msgspec

from localstore import crypto
from sync.errors import BadCertificate, NotACard
from sync.post_office import certificate

VERSION = 1
MAX_CARD_BYTES = 8 * 1024  # two public keys, a certificate and names: 2 kB; a QR code holds less than 3
MAX_TEXT_LENGTH = 200
MAX_ADDRESSES = 8
MAX_CERTIFICATE_BYTES = 1024
_BEGIN, _END = "-----BEGIN CONFRERE CARD-----", "-----END CONFRERE CARD-----"
_CODE = "CONFRERE-CARD:"  # with Base32 it stays within the letters of a QR code's alphanumeric mode


class CardBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a card says. Keys are raw public bytes; `transport_certificate` is DER; `made` is UTC."""

    version: int
    name: str
    rpps: str
    profession: str
    practice: str
    town: str
    signing_key: bytes
    pairing_key: bytes
    sealing_key: bytes
    transport_certificate: bytes
    addresses: tuple[str, ...]
    made: str


class Card(msgspec.Struct, frozen=True):
    """A card that was checked, with the bytes as they were signed."""

    body: CardBody
    signed: bytes


def make(body: CardBody, signing_seed: bytes) -> Card:
    """Sign a card: 64 bytes of signature, then the MessagePack of the body."""
    content = msgspec.msgpack.encode(body)
    return Card(body, crypto.sign(signing_seed, "card", content) + content)


def armour(card: Card) -> bytes:
    """The card as text that survives a mail or a clipboard."""
    lines = textwrap.wrap(base64.b64encode(card.signed).decode("ascii"), 64)
    return "\n".join((_BEGIN, *lines, _END, "")).encode("ascii")


def alphanumeric(card: Card) -> str:
    """The card as the text of a QR code: capital letters, digits, a hyphen and a colon."""
    return _CODE + base64.b32encode(card.signed).decode("ascii").rstrip("=")


def read(data: bytes) -> Card:
    """The card in a file or a pasted text, or in the text of QR codes in their order, checked. Raises NotACard."""
    if len(data) > 2 * MAX_CARD_BYTES:
        raise NotACard(reason="it is too large")
    try:
        text = data.decode("ascii")
        if text.lstrip().startswith(_CODE):
            return check(_of_code("".join(text.split())))
        inside = text[text.index(_BEGIN) + len(_BEGIN) : text.index(_END)]
        return check(base64.b64decode("".join(inside.split()), validate=True))
    except (ValueError, binascii.Error) as error:
        raise NotACard(reason="it does not hold the text of a card") from error


def _of_code(text: str) -> bytes:
    """Base32 has several spellings of the same bytes where its last letter has bits to spare: one is allowed."""
    letters = text.removeprefix(_CODE)
    signed = base64.b32decode(letters + "=" * (-len(letters) % 8))
    if base64.b32encode(signed).decode("ascii").rstrip("=") != letters:
        raise ValueError("another spelling")
    return signed


def check(signed: bytes) -> Card:
    """The card in its signed bytes, if every condition holds. Raises NotACard."""
    if not crypto.SIGNATURE_BYTES < len(signed) <= MAX_CARD_BYTES:
        raise NotACard(reason="its length is wrong")
    signature, content = signed[: crypto.SIGNATURE_BYTES], signed[crypto.SIGNATURE_BYTES :]
    try:
        body = msgspec.msgpack.decode(content, type=CardBody)
    except (msgspec.DecodeError, ValueError) as error:
        raise NotACard(reason="its content is malformed, or from a newer release") from error
    for condition in CONDITIONS:
        reason = condition(body, content)
        if reason:
            raise NotACard(reason=reason)
    try:
        crypto.verify(body.signing_key, "card", content, signature)
    except crypto.CryptoError as error:
        raise NotACard(reason="its signature is wrong: it was altered") from error
    return Card(body, signed)


def stored(signed: bytes) -> CardBody:
    """What a card says that was checked before it came into the record: decoded, and not judged again."""
    return msgspec.msgpack.decode(signed[crypto.SIGNATURE_BYTES :], type=CardBody)


def _known_version(body: CardBody, _content: bytes) -> str:
    return "" if body.version == VERSION else "its version is unknown to this release"


def _one_encoding(body: CardBody, content: bytes) -> str:
    return "" if msgspec.msgpack.encode(body) == content else "it is not encoded in the one allowed way"


def _right_lengths(body: CardBody, _content: bytes) -> str:
    keys = (len(body.signing_key), len(body.pairing_key), len(body.sealing_key))
    if keys != (crypto.KEY_BYTES, crypto.KEY_BYTES, crypto.SEALING_PUBLIC_BYTES):
        return "a key has the wrong length"
    texts = (body.name, body.rpps, body.profession, body.practice, body.town, body.made, *body.addresses)
    if any(len(text) > MAX_TEXT_LENGTH for text in texts) or len(body.addresses) > MAX_ADDRESSES:
        return "a field is too long"
    return "" if 0 < len(body.transport_certificate) <= MAX_CERTIFICATE_BYTES else "its certificate is too long"


def _sound_keys(body: CardBody, _content: bytes) -> str:
    try:
        certificate.public_key(body.transport_certificate)
        crypto.agree(bytes(crypto.KEY_BYTES), body.pairing_key)
    except (BadCertificate, crypto.CryptoError):
        return "a key in it is malformed"
    return ""


def _has_name(body: CardBody, _content: bytes) -> str:
    return "" if body.name.strip() else "it has no name"


CONDITIONS = (_known_version, _one_encoding, _right_lengths, _sound_keys, _has_name)
