"""Contact cards: how a practice introduces itself. Self-signed, small enough for a QR code or a pasted text. Pure.

A card proves only that whoever made it holds the keys in it. Who that is, two people settle by comparing the
fingerprint (`sync.trust.pairing`); nothing leaves before that.
"""

import base64
import binascii
import textwrap
import unicodedata

import msgspec

from localstore import crypto
from sync.errors import BadCertificate, NotACard
from sync.post_office import certificate

VERSION = 1
MAX_CARD_BYTES = 8 * 1024  # two public keys, a certificate and names: 2 kB; a QR code holds less than 3
MAX_TEXT_LENGTH = 80  # characters of a name, a practice, a town, a profession: one line of a terminal
MAX_RPPS_LENGTH = 20  # digits; an RPPS number has eleven
MAX_ADDRESS_LENGTH = 200
MAX_ADDRESSES = 8
MAX_CERTIFICATE_BYTES = 1024
_BEGIN, _END = "-----BEGIN CONFRERE CARD-----", "-----END CONFRERE CARD-----"
NAMELESS = "?"  # of a practice whose name an earlier release took and which has no letter that can be shown
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})  # categories; a space is allowed for itself
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and patterns that look like spaces
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


def kept(signed: bytes) -> Card:
    """The same with its bytes. What an earlier release took stays what was compared, whatever is asked of cards now."""
    return Card(stored(signed), signed)


def who(body: CardBody) -> tuple[str, str]:
    """The name and the practitioner number that a card says, written as this release writes them: a card of an earlier
    one may say the same otherwise."""
    return one_line(body.name), number(body.rpps)


def one_line(text: str) -> str:
    """A text as a card may hold it: on one line, without what cannot be seen, words apart by one space, cut where it is
    too long. So that nobody can paint lines of his own onto the screen on which his card is compared."""
    shown = "".join(letter if _is_seen(letter) else " " if _parts(letter) else "" for letter in text)
    return " ".join(shown.split())[:MAX_TEXT_LENGTH].rstrip()


def number(text: str) -> str:
    """The digits of a practitioner number, as a card may hold it."""
    return "".join(letter for letter in text if letter.isascii() and letter.isdigit())[:MAX_RPPS_LENGTH]


def may_hold_address(text: str) -> bool:
    """Whether a card may hold an address: some text, on one line."""
    return 0 < len(text) <= MAX_ADDRESS_LENGTH and _is_one_line(text)


def _is_seen(letter: str) -> bool:
    return letter == " " or (unicodedata.category(letter) not in _INVISIBLE and letter not in _BLANK)


def _parts(letter: str) -> bool:
    """Whether what is not seen stands between words."""
    return letter.isspace() or letter in _BLANK


def _is_one_line(text: str) -> bool:
    return all(map(_is_seen, text)) and text == text.strip(" ") and "  " not in text


def _known_version(body: CardBody, _content: bytes) -> str:
    return "" if body.version == VERSION else "its version is unknown to this release"


def _one_encoding(body: CardBody, content: bytes) -> str:
    return "" if msgspec.msgpack.encode(body) == content else "it is not encoded in the one allowed way"


def _right_lengths(body: CardBody, _content: bytes) -> str:
    keys = (len(body.signing_key), len(body.pairing_key), len(body.sealing_key))
    if keys != (crypto.KEY_BYTES, crypto.KEY_BYTES, crypto.SEALING_PUBLIC_BYTES):
        return "a key has the wrong length"
    texts = (body.name, body.profession, body.practice, body.town, body.made)
    if any(len(text) > MAX_TEXT_LENGTH for text in texts) or len(body.rpps) > MAX_RPPS_LENGTH:
        return "a field is too long"
    if len(body.addresses) > MAX_ADDRESSES:
        return "a field is too long"
    return "" if 0 < len(body.transport_certificate) <= MAX_CERTIFICATE_BYTES else "its certificate is too long"


def _sound_keys(body: CardBody, _content: bytes) -> str:
    try:
        certificate.public_key(body.transport_certificate)
        crypto.agree(bytes(crypto.KEY_BYTES), body.pairing_key)
        crypto.seal(body.sealing_key, b"", "card-check", b"")  # tried here, so that it can't fail where it is needed
    except (BadCertificate, crypto.CryptoError):
        return "a key in it is malformed"
    return ""


def _lines_are_lines(body: CardBody, _content: bytes) -> str:
    texts = (body.name, body.rpps, body.profession, body.practice, body.town, body.made, *body.addresses)
    return "" if all(map(_is_one_line, texts)) else "a text in it is not one plain line"


def _number_is_one(body: CardBody, _content: bytes) -> str:
    return "" if number(body.rpps) == body.rpps else "its practitioner number is not made of digits"


def _addresses_are_some(body: CardBody, _content: bytes) -> str:
    return "" if all(map(may_hold_address, body.addresses)) else "an address in it is empty, or too long"


def _has_name(body: CardBody, _content: bytes) -> str:
    return "" if body.name else "it has no name"


CONDITIONS = (
    _known_version,
    _one_encoding,
    _right_lengths,
    _lines_are_lines,
    _number_is_one,
    _addresses_are_some,
    _has_name,
    _sound_keys,
)
