"""Vectors of signed documents: one of each type, and those that nobody may believe."""

from decimal import Decimal

import msgspec

from localstore import crypto
from localstore.bodies import DocumentBody, LetterBody, MeasurementBody, PatientBody, ProblemBody
from localstore.keys import shares
from localstore.kinds import Kind, Provenance
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author, Coding, Concept, Quantity
from sync.errors import SetAside
from sync.papers import conditions, documents, originals
from sync.papers.conditions import Expected
from sync.papers.documents import (
    CardUpdate,
    Content,
    EpochOffer,
    Extract,
    Letter,
    Receipt,
    RecoveryShare,
    Withdrawal,
)
from tests.vectors.feeds import FEED
from tests.vectors.people import ALPHA, BETA
from tests.vectors.sheets import Sheet

MOMENT = "2026-03-01T12:00:00.000Z"
PATIENT, CONSENT = "a" * 32, "d" * 32
TERMS = Terms((Kind.PROBLEM, Kind.MEASUREMENT, Kind.DOCUMENT), "adressage", "oral", "Dr Zoé Alpha", "2026-03-01")
LONG_TERMS = msgspec.structs.replace(
    TERMS, ends="2027-03-01", restricted=("b1" * 16,), since="2020", before="2026-03", standing=True
)
WHO = PatientBody("Dupont-Martin", ("Zoé", "Anne"), "1958-07-03", "female")
AUTHOR = Author("Dr Zoé Alpha", "10001234567")
EXPECTED = Expected(ALPHA.signing.public, True, BETA.signing.public, FEED, 3)


def entries() -> tuple[Entry, ...]:
    """A problem with codes, a measurement with a number, a document with a file, and one that replaces another."""
    concept = Concept("Asthme", (Coding("http://snomed.info/sct", "195967001", "Asthma"),))
    source = b'{"resourceType":"Condition","id":"c1"}'
    report = DocumentBody("CR", content=bytes(range(99)))
    weight = MeasurementBody(Concept("Poids"), Quantity(Decimal("71.50"), "kg", "kg"))
    return (
        Entry("b1" * 16, "c1" * 16, PATIENT, "2019", AUTHOR, MOMENT, ProblemBody(concept, note="à l’effort")),
        Entry("b2" * 16, "c2" * 16, PATIENT, "2026-02-28", AUTHOR, MOMENT, weight, parents=("c0" * 16,)),
        Entry("b3" * 16, "c3" * 16, PATIENT, "", Author("Hôpital"), MOMENT, report),
        Entry(
            *("b4" * 16, "c4" * 16, PATIENT, "2019-04", Author(""), MOMENT, ProblemBody(concept)),
            provenance=Provenance.IMPORTED,
            source=source,
            source_url="http://example.org/fhir/Condition/c1",
        ),
    )


def extract(*held: Entry) -> Extract:
    """An extract as release 0.1.0 made them."""
    return Extract(CONSENT, TERMS, PATIENT, WHO, held, MOMENT)


def whole_extract() -> Extract:
    """One with everything in it: long terms, vouched for, replacing another."""
    body = Extract(CONSENT, LONG_TERMS, PATIENT, WHO, entries(), MOMENT, "e" * 32)
    return originals.vouched(body, ALPHA.signing, {})


def with_a_default() -> Extract:
    """One whose patient has a word that stands though it is the default: a word that is not the very object."""
    return msgspec.structs.replace(extract(), patient=PatientBody("Dupont", sex="".join(("un", "known"))))


def passing_on() -> Extract:
    """One that passes on Beta's word about its only entry, which Beta vouched for among others."""
    of_beta = originals.vouched(extract(*entries()), BETA.signing, {})
    kept = originals.to_keep(of_beta, BETA.signing.public, "Dr Beta")
    taken = msgspec.structs.replace(entries()[2], provenance=Provenance.RECEIVED)
    return originals.vouched(extract(taken), ALPHA.signing, kept)


def letter() -> Letter:
    """A letter with an entry enclosed, which answers one."""
    body = LetterBody("Courrier", correspondent="Dr Beta", correspondent_rpps="10001234575", text="Cher confrère,")
    written = Entry("b5" * 16, "c5" * 16, PATIENT, "2026-03-01", AUTHOR, MOMENT, body)
    made = Letter(CONSENT, TERMS, PATIENT, WHO, (written, entries()[0]), MOMENT, letter="b5" * 16, answers="f" * 32)
    return originals.vouched(made, ALPHA.signing, {})  # type: ignore[return-value]


def share() -> RecoveryShare:
    """One of two shares of a key that everybody knows."""
    ours = shares.split(bytes(32), 2, 3)[0]
    return RecoveryShare("7" * 32, 2, 3, ours)


def content(body: documents.DocumentBody, **changes: object) -> Content:
    """A document of Alpha for Beta."""
    made = Content(1, b"i" * 16, ALPHA.signing.public, BETA.signing.public, FEED, 3, MOMENT, body)
    return msgspec.structs.replace(made, **changes)


def sign(body: documents.DocumentBody, **changes: object) -> bytes:
    """The same, signed."""
    return documents.sign(content(body, **changes), ALPHA.signing.secret).signed


def signed(before: dict[str, bytes]) -> Sheet:
    """One document of each type."""
    sheet = Sheet(
        "Signed documents of Alpha for Beta, whose keys are in cards.txt, on the feed of feeds.txt, each with number 3:"
        " docs/formats.md, Signed document.",
        before,
    )
    sheet.put("feed", FEED)
    sheet.number("sequence", 3)
    sealed_to = crypto.digest("sealing-key", BETA.sealing.public)
    for name, body in (
        ("epoch-offer", EpochOffer(b"epoch..1", bytes(range(32)), sealed_to)),
        ("extract", extract(*entries())),
        ("extract.empty", extract()),
        ("extract.default", with_a_default()),
        ("extract.whole", whole_extract()),
        ("extract.passing-on", passing_on()),
        ("letter", letter()),
        ("withdrawal", Withdrawal(CONSENT)),
        ("receipt", Receipt(b"g" * 16)),
        ("receipt.whole", Receipt(b"g" * 16, (1, 200, 70000), (2**63 - 1,), b"a" * 128, b"e" * 128, 7, (9,))),
        ("card-update", CardUpdate(ALPHA.card.signed)),
    ):
        sheet.put(name, sign(body))
    sheet.drawn("recovery-share", _is_share, lambda: sign(share()))
    for name, value in sheet.values.items():
        if name not in ("feed", "sequence"):
            conditions.accept(value, EXPECTED)
    return sheet


def _is_share(found: bytes) -> bool:
    try:
        return conditions.accept(found, EXPECTED).type is documents.DocumentType.RECOVERY_SHARE
    except SetAside:
        return False
