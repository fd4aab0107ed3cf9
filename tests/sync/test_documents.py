"""Signed documents: each condition of acceptance, one test each; and what a colleague gone hostile may try."""

from decimal import Decimal

import msgspec
import pytest

from localstore import crypto
from localstore.bodies import DocumentBody, MeasurementBody, PatientBody, ProblemBody
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author, Concept, Quantity
from sync.errors import SetAside
from sync.papers import conditions, documents
from sync.papers.conditions import Expected
from sync.papers.documents import Content, EpochOffer, Extract, Receipt, Withdrawal

ME, HE, STRANGER = crypto.signing_key(b"m" * 32), crypto.signing_key(b"h" * 32), crypto.signing_key(b"s" * 32)
FEED = b"f" * 16
EXPECTED = Expected(HE.public, True, ME.public, FEED, 1)
TERMS = Terms((Kind.PROBLEM,), "soins", "oral", "Dr A", "2026-01-01")
PATIENT = "a" * 32
MOMENT = "2026-03-01T12:00:00.000Z"


def entry(patient: str = PATIENT, identifier: str = "b" * 32) -> Entry:
    return Entry(identifier, "c" * 32, patient, "2019", Author("Dr A"), MOMENT, ProblemBody(Concept("Asthme")))


def extract(*entries: Entry) -> Extract:
    return Extract("d" * 32, TERMS, PATIENT, PatientBody("Dupont"), entries, MOMENT)


def altered(**changes: object) -> Extract:
    return extract(msgspec.structs.replace(entry(), **changes))


def under(**changes: object) -> Extract:
    return msgspec.structs.replace(extract(entry()), terms=msgspec.structs.replace(TERMS, **changes))


def measured(number: str) -> MeasurementBody:
    return MeasurementBody(Concept("Poids"), Quantity(Decimal(number)))


def content(**changes: object) -> Content:
    good = Content(1, b"i" * 16, HE.public, ME.public, FEED, 1, MOMENT, extract(entry()))
    return msgspec.structs.replace(good, **changes)


def test_a_good_document_is_accepted() -> None:
    signed = documents.sign(content(), HE.secret).signed
    assert conditions.accept(signed, EXPECTED).content == content()
    assert conditions.accept(signed, EXPECTED).signed == signed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 2}, "version"),
        ({"author": STRANGER.public}, "author is not the colleague"),
        ({"recipient": STRANGER.public}, "somebody else"),
        ({"feed": b"g" * 16}, "another feed"),
        ({"sequence": 2}, "number"),
        ({"sequence": 0}, "number"),
        ({"id": b"i"}, "identifier"),
        ({"body": extract(entry(patient="e" * 32))}, "several patients"),
        ({"body": extract(entry(identifier="../../etc/passwd"))}, "identifier"),
        ({"body": extract(entry(identifier="B" * 32))}, "identifier"),
        ({"body": Withdrawal("x")}, "identifier"),
        ({"body": EpochOffer(b"e" * 8, b"short", b"")}, "length"),
        ({"body": EpochOffer(b"e", b"k" * 32, b"")}, "length"),
        ({"body": Receipt(b"short", (1,))}, "attests"),
        ({"body": Receipt(FEED, (0,))}, "attests"),
        ({"body": Receipt(FEED, (), (2**64 - 1,))}, "attests"),
        ({"body": Receipt(FEED, tuple(range(1, 100_002)))}, "attests"),
        ({"created": "9999-12-31T23:59:59-12:00"}, "moment"),
        ({"created": "2026-02-30T12:00:00.000Z"}, "moment"),
        ({"body": altered(parents=("d" * 32, "d" * 32))}, "parents"),
        ({"body": altered(parents=tuple(f"{n:032x}" for n in range(65)))}, "parents"),
        ({"body": altered(parents=("c" * 32,))}, "replaces itself"),
        ({"body": altered(date="hier")}, "date"),
        ({"body": altered(date="2019" + "0" * 100_000)}, "date"),
        ({"body": altered(recorded="9999-12-31T23:59:59-12:00")}, "moment"),
        ({"body": altered(author=Author("x" * 201))}, "name"),
        ({"body": altered(body=PatientBody("Dupont"))}, "identity"),
        ({"body": altered(body=ProblemBody(note="x" * 1_100_000))}, "limit"),
        ({"body": altered(body=DocumentBody(content=bytes(4_200_000)))}, "limit"),
        ({"body": altered(body=measured("1E+50000000"))}, "limit"),
        ({"body": altered(body=measured("1" * 61))}, "limit"),
        ({"body": altered(source=bytes(17 * 1024 * 1024))}, "limit"),
        ({"body": msgspec.structs.replace(extract(), as_of="demain")}, "patient"),
        ({"body": under(begins="not a date\x1b[2J")}, "date"),
        ({"body": under(since="2019" + "0" * 100_000)}, "date"),
        ({"body": under(purpose="x" * 1_001)}, "limit"),
        ({"body": under(recorded_by="x" * 201)}, "limit"),
        ({"body": under(kinds=(Kind.PROBLEM,) * 1_000)}, "limit"),
        ({"body": under(restricted=("b" * 32,) * 10_001)}, "limit"),
        ({"body": under(restricted=("x",))}, "identifier"),
        ({"body": msgspec.structs.replace(extract(), patient=PatientBody("D", birth_date="x"))}, "patient"),
    ],
)
def test_each_condition_is_checked(changes: dict[str, object], reason: str) -> None:
    signed = documents.sign(content(**changes), HE.secret).signed
    with pytest.raises(SetAside, match=reason):
        conditions.accept(signed, EXPECTED)


def test_an_unverified_author_is_not_believed() -> None:
    with pytest.raises(SetAside, match="verified"):
        conditions.accept(documents.sign(content(), HE.secret).signed, EXPECTED._replace(author_is_verified=False))


def test_a_strangers_signature_is_not_the_colleagues() -> None:
    with pytest.raises(SetAside, match="signature"):
        conditions.accept(documents.sign(content(), STRANGER.secret).signed, EXPECTED)


def test_a_signature_for_another_purpose_does_not_count() -> None:
    encoded = msgspec.msgpack.encode(content())
    with pytest.raises(SetAside, match="signature"):
        conditions.accept(crypto.sign(HE.secret, "card", encoded) + encoded, EXPECTED)


def test_every_bit_is_signed() -> None:
    signed = documents.sign(content(body=Receipt(FEED, (1, 2))), HE.secret).signed
    for position in range(len(signed) * 8):
        flipped = bytearray(signed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(SetAside):
            conditions.accept(bytes(flipped), EXPECTED)


def test_only_the_one_encoding_is_accepted() -> None:
    loose = msgspec.msgpack.decode(msgspec.msgpack.encode(content()))
    loose["body"]["supersedes"] = ""  # a default that is spelt out
    encoded = msgspec.msgpack.encode(loose)
    with pytest.raises(SetAside, match="encoded"):
        conditions.accept(crypto.sign(HE.secret, "document", encoded) + encoded, EXPECTED)
    loose["body"]["note"] = "a field that is unknown"
    encoded = msgspec.msgpack.encode(loose)
    with pytest.raises(SetAside, match="malformed"):
        conditions.accept(crypto.sign(HE.secret, "document", encoded) + encoded, EXPECTED)


@pytest.mark.parametrize("inside", [b"", b"\xc1", b"\x91" * 100_000, b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"])
def test_a_verified_colleagues_garbage_is_set_aside(inside: bytes) -> None:
    with pytest.raises(SetAside):
        conditions.accept(crypto.sign(HE.secret, "document", inside) + inside, EXPECTED)
