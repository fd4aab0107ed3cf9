"""Vectors of documents that nobody may believe, each with the one condition that it misses."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from localstore import crypto
from localstore.bodies import AppointmentBody, MeasurementBody, PatientBody
from localstore.values import Author, Concept, Quantity
from sync.errors import SetAside
from sync.papers import conditions
from sync.papers.documents import CardUpdate, DocumentBody, EpochOffer, Extract, Receipt, RecoveryShare, Withdrawal
from tests.vectors.documents import EXPECTED, MOMENT, content, entries, extract, letter, passing_on, sign, whole_extract
from tests.vectors.people import ALPHA, BETA
from tests.vectors.sheets import Sheet

ONE = entries()[0]


def _altered(**changes: Any) -> Extract:
    return extract(msgspec.structs.replace(ONE, **changes))


def _weighing(number: str) -> Extract:
    return _altered(body=MeasurementBody(Concept("Poids"), Quantity(Decimal(number))))


def _signed(encoded: bytes, purpose: str = "document", seed: bytes = ALPHA.signing.secret) -> bytes:
    return crypto.sign(seed, purpose, encoded) + encoded


def _loose(change: dict[str, Any]) -> bytes:
    """A receipt with something in it that no encoder of ours would write."""
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(content(Receipt(b"g" * 16))))
    plain["body"] |= change
    return _signed(msgspec.msgpack.encode(plain))


def _of_form() -> dict[str, bytes]:
    plain = msgspec.msgpack.encode(content(Withdrawal("d" * 32)))
    reordered = dict(reversed(list(msgspec.msgpack.decode(plain).items())))
    return {
        "length": _signed(b""),
        "signature.purpose": _signed(plain, "card"),
        "signature.stranger": _signed(plain, seed=BETA.signing.secret),
        "signature.altered": _signed(plain)[:-1] + b"e",
        "form.garbage": _signed(b"\xc1"),
        "form.behind": _signed(plain + b"\0"),
        "form.field": _loose({"note": "unknown"}),
        "form.type": _loose({"type": "gossip"}),
        "form.default-number": _loose({"missing": 0}),
        "form.default-list": _loose({"opened": []}),
        # The identity in it with a head of one byte: what any encoder would write that does not know its form.
        "form.head": _signed(
            msgspec.msgpack.encode(msgspec.msgpack.decode(msgspec.msgpack.encode(content(extract()))))
        ),
        "form.order": _signed(msgspec.msgpack.encode(reordered)),
        "form.long-number": _signed(plain.replace(b"\xa7version\x01", b"\xa7version\xcc\x01")),
    }


def _of_place() -> dict[str, bytes]:
    ours = extract(ONE)
    return {
        "version": sign(ours, version=2),
        "author": sign(ours, author=BETA.signing.public),
        "recipient": sign(ours, recipient=ALPHA.signing.public),
        "feed": sign(ours, feed=bytes(16)),
        "sequence.again": sign(ours, sequence=2),
        "sequence.gap": sign(ours, sequence=4),
        "moment.day": sign(ours, created="2026-02-30T12:00:00.000Z"),
        "moment.zone": sign(ours, created="2026-03-01T12:00:00.000+00:00"),
        "moment.century": sign(ours, created="1999-03-01T12:00:00.000Z"),
        "id": sign(ours, id=b"short"),
    }


def _of_content() -> dict[str, bytes]:
    bodies: dict[str, DocumentBody] = {
        "identifier.consent": Withdrawal("D" * 32),
        "identifier.entry": _altered(id="../../etc/passwd"),
        "epoch.key": EpochOffer(b"epoch..1", bytes(31), b""),
        "epoch.name": EpochOffer(b"epoch", bytes(32), b""),
        "receipt.feed": Receipt(b"g"),
        "receipt.zero": Receipt(b"g" * 16, (0,)),
        "receipt.large": Receipt(b"g" * 16, (), (2**63,)),
        "receipt.anchor": Receipt(b"g" * 16, anchor=bytes(257)),
        "receipt.missing": Receipt(b"g" * 16, missing=-1),
        "card.large": CardUpdate(bytes(8 * 1024 + 1)),
        "share.words": RecoveryShare("7" * 32, 2, 3, "academic acid"),
        "share.count": RecoveryShare("7" * 32, 2, 17, "academic acid"),
        "extract.patients": _altered(patient="e" * 32),
        "extract.identity": _altered(body=PatientBody("Dupont")),
        "extract.appointment": _altered(body=AppointmentBody()),
        "extract.parents": _altered(parents=("c0" * 16, "c0" * 16)),
        "extract.itself": _altered(parents=(ONE.version,)),
        "extract.date": _altered(date="hier"),
        "extract.recorded": _altered(recorded="2026-03-01"),
        "extract.name": _altered(author=Author("x" * 201)),
        "extract.digits": _weighing("1" * 61),
        "extract.exponent": _weighing("1E+61"),
        "extract.as-of": msgspec.structs.replace(extract(ONE), as_of="demain"),
        "extract.birth": msgspec.structs.replace(extract(ONE), patient=PatientBody("D", birth_date="x")),
        "vouched.other": msgspec.structs.replace(whole_extract(), as_of=MOMENT.replace("12", "13")),
        "original.other-patient": msgspec.structs.replace(passing_on(), patient=PatientBody("D"), vouched=b""),
        "original.other-entry": msgspec.structs.replace(passing_on(), entries=(ONE,), vouched=b""),
        "letter.absent": msgspec.structs.replace(letter(), letter="b9" * 16),
        "letter.supersedes": msgspec.structs.replace(letter(), supersedes="e" * 32),
    }
    return {name: sign(body) for name, body in bodies.items()}


def refused(before: dict[str, bytes]) -> Sheet:
    """Documents to be set aside, with the reason."""
    sheet = Sheet(
        "Documents that are set aside. Each would be accepted as in documents.txt (author Alpha, recipient Beta, the"
        " feed of feeds.txt, number 3 due) but for the one thing that the words above it say.",
        before,
    )
    for name, signed in (_of_form() | _of_place() | _of_content()).items():
        with pytest.raises(SetAside) as refusal:
            conditions.accept(signed, EXPECTED)
        sheet.say(str(refusal.value.details["reason"]))
        sheet.put(name, signed)
    return sheet
