"""The conditions under which a signed document is believed. Pure.

Each is a function of its own, so that each can be read and tested alone: it returns the reason of a refusal, or none.
"""

from collections.abc import Callable
from typing import NamedTuple

from localstore import crypto
from localstore.errors import BadInput
from localstore.keys import shares
from localstore.kinds import Kind
from sync.errors import SetAside
from sync.papers import originals, soundness
from sync.papers.documents import (
    EPOCH_BYTES,
    FEED_BYTES,
    MAX_ANCHOR_BYTES,
    MAX_ATTESTED,
    MAX_DOCUMENT_BYTES,
    MAX_ENTRIES,
    MAX_SEQUENCE,
    VERSION,
    CardUpdate,
    Content,
    Document,
    EpochOffer,
    Extract,
    Letter,
    Receipt,
    RecoveryShare,
    Withdrawal,
    read,
)
from sync.trust.card import MAX_CARD_BYTES


class Expected(NamedTuple):
    """What the recipient knows by himself, independent of what the document claims."""

    author: bytes
    author_is_verified: bool
    recipient: bytes
    feed: bytes
    sequence: int


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


def terms_are_sound(content: Content, _expected: Expected) -> str:
    """What the patient agreed to is shown beside what came under it: days are days, and sizes have limits."""
    return soundness.fault_of_terms(content.body.terms) if isinstance(content.body, Extract) else ""


def letter_is_coherent(content: Content, _expected: Expected) -> str:
    """A letter is one of its own entries, and replaces no extract."""
    body = content.body
    if not isinstance(body, Letter):
        return ""
    is_there = any(entry.id == body.letter and entry.kind is Kind.LETTER for entry in body.entries)
    return "" if is_there and not body.supersedes else "the letter that it announces is not in it"


def vouched_is_true(content: Content, expected: Expected) -> str:
    """What its author vouches for can be passed on: it must be what he sent."""
    return originals.fault_of_vouched(content.body, expected.author) if isinstance(content.body, Extract) else ""


def originals_are_true(content: Content, _expected: Expected) -> str:
    """The words of others that it passes on are theirs, and about its entries and its patient."""
    return originals.fault_of_originals(content.body) if isinstance(content.body, Extract) else ""


def identifiers_are_sound(content: Content, _expected: Expected) -> str:
    """Identifiers are 16 bytes, in hex where they are text: they become keys of our own tables."""
    body = content.body
    texts: list[str] = []
    if isinstance(body, Extract):
        texts = [body.consent, body.patient_id, *(body.supersedes,) * bool(body.supersedes)]
        texts += [name for entry in body.entries for name in (entry.id, entry.version, *entry.parents)]
        texts += [name for name in (body.letter, body.answers) if name] if isinstance(body, Letter) else []
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
    numbers = (*body.opened, *body.removed, *body.unreadable)
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


def card_update_is_bounded(content: Content, _expected: Expected) -> str:
    """A card has a size; what it says is checked where cards are."""
    body = content.body
    is_large = isinstance(body, CardUpdate) and len(body.card) > MAX_CARD_BYTES
    return "the card in it is larger than the limit" if is_large else ""


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
    terms_are_sound,
    letter_is_coherent,
    vouched_is_true,
    originals_are_true,
    epoch_offer_is_sound,
    receipt_is_sound,
    anchors_are_bounded,
    card_update_is_bounded,
    recovery_share_is_sound,
)
