"""Signed documents: what one practitioner says to one other, and the conditions under which it is believed. Pure.

The bytes are kept as they were signed and never re-serialised: 64 bytes of Ed25519 signature, then the MessagePack of
`Content`. Each condition of acceptance is a function of its own, so that each can be read and tested alone.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import msgspec

from localstore import crypto
from localstore.bodies import PatientBody
from localstore.errors import BadInput
from localstore.keys import shares
from localstore.model import Entry
from localstore.terms import Terms
from sync import soundness
from sync.errors import SetAside

VERSION = 1
FEED_BYTES = 16
EPOCH_BYTES = 8
MAX_DOCUMENT_BYTES = 128 * 1024 * 1024  # the largest record met, with its sources, is 4 MB; 30 times that
MAX_ENTRIES = 200_000
MAX_ATTESTED = 100_000
MAX_ANCHOR_BYTES = 256  # ours have 128; a later release may have more to say
MAX_SEQUENCE = 2**63 - 1


class DocumentType(StrEnum):
    """What a document is for."""

    EPOCH_OFFER = "epoch-offer"
    EXTRACT = "extract"
    WITHDRAWAL = "withdrawal"
    RECEIPT = "receipt"
    RECOVERY_SHARE = "recovery-share"


class _Body(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the bodies: strict."""


class EpochOffer(_Body, frozen=True, tag="epoch-offer"):
    """The key under which the author will seal from now on; `sealing_key` is the digest of the key it was sent to."""

    epoch: bytes
    key: bytes
    sealing_key: bytes


class Extract(_Body, frozen=True, tag="extract"):
    """What the consent covers of one patient's record, as of `as_of`. It says what the scope is, and never how much
    lies outside of it. `supersedes` names the previous extract about the same patient, or is empty."""

    consent: str
    terms: Terms
    patient_id: str
    patient: PatientBody
    entries: tuple[Entry, ...]
    as_of: str
    supersedes: str = ""


class Withdrawal(_Body, frozen=True, tag="withdrawal"):
    """The patient withdrew: what came under this consent is to be removed."""

    consent: str


class Receipt(_Body, frozen=True, tag="receipt"):
    """The author's software attests what it did with documents of the recipient's feed: `opened` or `removed`.

    `anchor` is the author's head for the recipient to keep, `echo` the newest one that the author keeps for him; both
    are opaque to whoever keeps them. `missing` is how many documents of the author's feeds the recipient had
    acknowledged and, after he restored a backup, no longer held when this feed began.
    """

    feed: bytes
    opened: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    anchor: bytes = b""
    echo: bytes = b""
    missing: int = 0


class RecoveryShare(_Body, frozen=True, tag="recovery-share"):
    """One share of the author's recovery key, which the recipient keeps for him: `threshold` of `count` shares give the
    key back. `splitting` names the set. No repr shows the words."""

    splitting: str
    threshold: int
    count: int
    words: str

    def __repr__(self) -> str:
        return f"RecoveryShare(splitting={self.splitting!r}, threshold={self.threshold}, count={self.count})"


DocumentBody = EpochOffer | Extract | Withdrawal | Receipt | RecoveryShare
TYPE_OF: dict[type, DocumentType] = {
    EpochOffer: DocumentType.EPOCH_OFFER,
    Extract: DocumentType.EXTRACT,
    Withdrawal: DocumentType.WITHDRAWAL,
    Receipt: DocumentType.RECEIPT,
    RecoveryShare: DocumentType.RECOVERY_SHARE,
}


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed. `author` and `recipient` are practitioner keys; `created` is UTC and only for display."""

    version: int
    id: bytes
    author: bytes
    recipient: bytes
    feed: bytes
    sequence: int
    created: str
    body: DocumentBody


class Document(NamedTuple):
    """A document with the bytes as they were signed."""

    content: Content
    signed: bytes

    @property
    def type(self) -> DocumentType:
        """The type, which is that of the body."""
        return TYPE_OF[type(self.content.body)]


class Expected(NamedTuple):
    """What the recipient knows by himself, independent of what the document claims."""

    author: bytes
    author_is_verified: bool
    recipient: bytes
    feed: bytes
    sequence: int


def sign(content: Content, signing_seed: bytes) -> Document:
    """Sign a document."""
    encoded = msgspec.msgpack.encode(content)
    return Document(content, crypto.sign(signing_seed, "document", encoded) + encoded)


def read(signed: bytes) -> Document:
    """Decode a document that this practice has accepted before. Raises SetAside when it is malformed."""
    encoded = signed[crypto.SIGNATURE_BYTES :]
    try:
        content = msgspec.msgpack.decode(encoded, type=Content)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SetAside(reason="its content is malformed, or from a newer release") from error
    if msgspec.msgpack.encode(content) != encoded:
        raise SetAside(reason="it is not encoded in the one allowed way")
    return Document(content, signed)


def accept(signed: bytes, expected: Expected) -> Document:
    """The document, if every condition holds. Raises SetAside with the reason, and nothing else."""
    if not crypto.SIGNATURE_BYTES < len(signed) <= MAX_DOCUMENT_BYTES:
        raise SetAside(reason="its length is outside of the limits")
    if not expected.author_is_verified:
        raise SetAside(reason="its author is not a verified colleague")
    try:
        signature, encoded = signed[: crypto.SIGNATURE_BYTES], signed[crypto.SIGNATURE_BYTES :]
        crypto.verify(expected.author, "document", encoded, signature)
    except crypto.CryptoError as error:
        raise SetAside(reason="its signature is not that of the colleague") from error
    document = read(signed)
    for condition in CONDITIONS:
        reason = condition(document.content, expected)
        if reason:
            raise SetAside(reason=reason)
    return document


def known_version(content: Content, _expected: Expected) -> str:
    """One version, no negotiation."""
    return "" if content.version == VERSION else "its version is unknown to this release"


def author_is_the_colleague(content: Content, expected: Expected) -> str:
    """Whoever relays a document is not its author."""
    return "" if content.author == expected.author else "its author is not the colleague whose feed it came on"


def recipient_is_me(content: Content, expected: Expected) -> str:
    """A document for somebody else proves nothing to us."""
    return "" if content.recipient == expected.recipient else "it was signed for somebody else"


def feed_is_the_authors(content: Content, expected: Expected) -> str:
    """The feed inside must be the feed outside."""
    return "" if content.feed == expected.feed else "it was signed for another feed"


def sequence_is_next(content: Content, expected: Expected) -> str:
    """Neither a repetition nor a gap."""
    return "" if content.sequence == expected.sequence else "its number is not the one that was due"


def moment_is_ours(content: Content, _expected: Expected) -> str:
    """Moments are shown beside our own, and written as ours are."""
    return "" if soundness.is_moment(content.created) else "a moment in it is malformed"


def extract_is_coherent(content: Content, _expected: Expected) -> str:
    """An extract speaks of one patient, and of a number of entries that can be held."""
    body = content.body
    if not isinstance(body, Extract):
        return ""
    if len(body.entries) > MAX_ENTRIES:
        return "it holds more entries than the limit"
    return "" if all(entry.patient == body.patient_id for entry in body.entries) else "it speaks of several patients"


def extract_is_sound(content: Content, _expected: Expected) -> str:
    """What an entry says becomes part of charts and exports: dates are dates, and sizes have limits."""
    body = content.body
    if not isinstance(body, Extract):
        return ""
    if not soundness.is_moment(body.as_of) or soundness.fault_of_body(body.patient):
        return "what it says of the patient is malformed"
    return next(filter(None, map(soundness.fault_of_entry, body.entries)), "")


def identifiers_are_sound(content: Content, _expected: Expected) -> str:
    """Identifiers are 16 bytes, in hex where they are text: they become keys of our own tables."""
    body = content.body
    texts: list[str] = []
    if isinstance(body, Extract):
        texts = [body.consent, body.patient_id, *(body.supersedes,) * bool(body.supersedes)]
        texts += [name for entry in body.entries for name in (entry.id, entry.version, *entry.parents)]
    elif isinstance(body, Withdrawal):
        texts = [body.consent]
    elif isinstance(body, RecoveryShare):
        texts = [body.splitting]
    good = len(content.id) == 16 and all(soundness.is_identifier(text) for text in texts)
    return "" if good else "an identifier in it is malformed"


def epoch_offer_is_sound(content: Content, _expected: Expected) -> str:
    """A key has the length of a key."""
    body = content.body
    if not isinstance(body, EpochOffer):
        return ""
    good = (len(body.epoch), len(body.key)) == (EPOCH_BYTES, crypto.KEY_BYTES)
    return "" if good else "a key in it has the wrong length"


def receipt_is_sound(content: Content, _expected: Expected) -> str:
    """A receipt names numbers that a feed can have, and not more than one can look up."""
    body = content.body
    if not isinstance(body, Receipt):
        return ""
    numbers = (*body.opened, *body.removed)
    if len(body.feed) != FEED_BYTES or len(numbers) > MAX_ATTESTED:
        return "what it attests is malformed"
    return "" if all(1 <= number <= MAX_SEQUENCE for number in numbers) else "what it attests is malformed"


def anchors_are_bounded(content: Content, _expected: Expected) -> str:
    """What one keeps for another has a size; what he lost can be counted."""
    body = content.body
    if not isinstance(body, Receipt):
        return ""
    if max(len(body.anchor), len(body.echo)) > MAX_ANCHOR_BYTES:
        return "a head in it is larger than the limit"
    return "" if 0 <= body.missing <= MAX_SEQUENCE else "what it attests is malformed"


def recovery_share_is_sound(content: Content, _expected: Expected) -> str:
    """A share that nobody can join is worse than none: its author relies on it. Its words are read as at a recovery."""
    body = content.body
    if not isinstance(body, RecoveryShare):
        return ""
    if not shares.LEAST <= body.threshold <= body.count <= shares.MOST or not shares.is_written(body.words):
        return "its share of recovery words is malformed"
    try:
        share = shares.read(body.words)
    except BadInput:
        return "its share of recovery words is malformed"
    good = share.threshold == body.threshold and share.place <= body.count
    return "" if good else "its share of recovery words is another than it says"


CONDITIONS: tuple[Callable[[Content, Expected], str], ...] = (
    known_version,
    author_is_the_colleague,
    recipient_is_me,
    feed_is_the_authors,
    sequence_is_next,
    moment_is_ours,
    identifiers_are_sound,
    extract_is_coherent,
    extract_is_sound,
    epoch_offer_is_sound,
    receipt_is_sound,
    anchors_are_bounded,
    recovery_share_is_sound,
)
