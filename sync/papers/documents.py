"""Signed documents: what one practitioner says to one other. Pure. `sync.papers.conditions` says when one is believed.

The bytes are kept as they were signed and never re-serialised: 64 bytes of Ed25519 signature, then the MessagePack of
`Content`.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from localstore import crypto
from localstore.bodies import PatientBody
from localstore.crypto import KeyPair
from localstore.model import Entry
from localstore.terms import Terms
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
    LETTER = "letter"
    WITHDRAWAL = "withdrawal"
    RECEIPT = "receipt"
    RECOVERY_SHARE = "recovery-share"
    CARD_UPDATE = "card-update"


# What speaks of a patient, under a consent; a withdrawal takes all of it back.
ABOUT_A_PATIENT = frozenset({DocumentType.EXTRACT, DocumentType.LETTER})


class _Body(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the bodies: strict."""


class EpochOffer(_Body, frozen=True, tag="epoch-offer"):
    """The key under which the author will seal from now on; `sealing_key` is the digest of the key it was sent to."""

    epoch: bytes
    key: bytes
    sealing_key: bytes


class Original(_Body, frozen=True):
    """An entry as another practitioner once vouched for it, passed on with his word: `author` is his practitioner key,
    `statement` the MessagePack of `originals.Statement`, `signature` his over it, `entry` the bytes of the bare entry
    as they were then, and `path` leads from its leaf to the root in the statement."""

    author: bytes
    name: str
    statement: bytes
    signature: bytes
    entry: bytes
    path: tuple[tuple[bool, bytes], ...]


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
    vouched: bytes = b""  # the author's signature over the statement of these entries (`sync.papers.originals`)
    originals: tuple[Original, ...] = ()


class Letter(Extract, frozen=True, tag="letter"):
    """An extract that is a letter: `letter` is the identifier of the one of its entries, of kind letter, that is
    addressed to the recipient; the others are enclosed. `answers` is the identifier of the letter that it answers, or
    empty. It supersedes nothing."""

    letter: str = ""
    answers: str = ""


class Withdrawal(_Body, frozen=True, tag="withdrawal"):
    """The patient withdrew: what came under this consent is to be removed."""

    consent: str


class Receipt(_Body, frozen=True, tag="receipt"):
    """The author's software attests what it did with documents of the recipient's feed: `opened` or `removed`.

    `anchor` is the author's head for the recipient to keep, `echo` the newest one that the author keeps for him; both
    are opaque to whoever keeps them. `missing` is how many documents of the author's feeds the recipient had
    acknowledged and, after he restored a backup, no longer held when this feed began. `unreadable` are documents of
    the feed that were sealed to a key which the author had deleted: he asks for them anew.
    """

    feed: bytes
    opened: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    anchor: bytes = b""
    echo: bytes = b""
    missing: int = 0
    unreadable: tuple[int, ...] = ()


class RecoveryShare(_Body, frozen=True, tag="recovery-share"):
    """One share of the author's recovery key, which the recipient keeps for him: `threshold` of `count` shares give the
    key back. `splitting` names the set. No repr shows the words."""

    splitting: str
    threshold: int
    count: int
    words: str

    def __repr__(self) -> str:
        return f"RecoveryShare(splitting={self.splitting!r}, threshold={self.threshold}, count={self.count})"


class CardUpdate(_Body, frozen=True, tag="card-update"):
    """The author's card as it is now, as it was signed: a new sealing key, other addresses. Never another identity."""

    card: bytes


DocumentBody = EpochOffer | Extract | Letter | Withdrawal | Receipt | RecoveryShare | CardUpdate
TYPE_OF: dict[type, DocumentType] = {
    EpochOffer: DocumentType.EPOCH_OFFER,
    Extract: DocumentType.EXTRACT,
    Letter: DocumentType.LETTER,
    Withdrawal: DocumentType.WITHDRAWAL,
    Receipt: DocumentType.RECEIPT,
    RecoveryShare: DocumentType.RECOVERY_SHARE,
    CardUpdate: DocumentType.CARD_UPDATE,
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


def sign(content: Content, signing_seed: bytes) -> Document:
    """Sign a document."""
    return sign_with(content, crypto.signing_key(signing_seed))


def sign_with(content: Content, signing: KeyPair) -> Document:
    """As `sign`, for who signs often."""
    encoded = msgspec.msgpack.encode(content)
    return Document(content, crypto.sign_with(signing, "document", encoded) + encoded)


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
