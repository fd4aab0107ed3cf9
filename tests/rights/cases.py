"""A practice with two patients, one of whose words are unmistakable; and what a thief with the key sees of a file."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from localstore import importing, inspection, patients, record
from localstore.bodies import AllergyBody, Body, ConsultationBody, MeasurementBody, PatientBody, ProblemBody
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Concept, Quantity

MARKS = ("Xylophag", "Quetzalphore", "Zythovigne", "Brumophilie", "Klaxophobe", "Wyvernine", "Rhododactyle")
MARKED = PatientBody("Xylophagidès", ("Quetzalphore",), "1958-07-03", "female", town="Zythovigne")
OTHER = PatientBody("Martin", ("Jean",), "1961-02-11", "male")
PAGE, RESERVE, BLOCK, SALT = 4096, 80, 16, 16  # bytes, of SQLCipher 4
WAL_HEADER, FRAME_HEADER = 32, 24  # bytes, of SQLite's write-ahead log

BODIES: tuple[tuple[Body, str], ...] = (
    (ProblemBody(Concept("Brumophilie")), "2019"),
    (AllergyBody(Concept("Wyvernine"), note="Klaxophobe"), "2020-03"),
    (MeasurementBody(Concept("Brumophilie (taux)"), Quantity(Decimal("7.25"), "mmol/L")), "2024-05-06"),
    (ConsultationBody("Klaxophobe", "Klaxophobe et Brumophilie", "rien", "repos"), "2025-11-02"),
)


def marked_bundle() -> bytes:
    """A bundle about the marked patient, whose resources are kept in a block."""
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Xylophagidès", "given": ["Quetzalphore"]}],
        "birthDate": "1958-07-03",
    }
    conditions: list[dict[str, Any]] = [
        {
            "resourceType": "Condition",
            "id": f"c{number}",
            "subject": {"reference": "urn:uuid:p1"},
            "code": {"text": f"Rhododactyle {number}"},
            "recordedDate": "2018-01-02",
        }
        for number in range(40)
    ]
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in (patient, *conditions)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def import_marked(practice: Practice, folder: Path) -> str:
    """Import the bundle; the patient's identifier."""
    folder.mkdir(exist_ok=True)
    (folder / "lot.json").write_bytes(marked_bundle())
    report = importing.import_paths(practice, [folder / "lot.json"])
    assert not report.broken
    assert report.patients == 1
    return patients.resolve(practice.connection, "Xylophagides Quetzalphore").id


def fill(practice: Practice, patient: str) -> list[Entry]:
    """Write the marked entries into a record; one of them is amended."""
    written = [record.add(practice, patient, body, date) for body, date in BODIES]
    record.amend(practice, written[0].version, ProblemBody(Concept("Brumophilie"), note="Klaxophobe"))
    return written


def marked(practice: Practice) -> str:
    """A new patient with the marked entries; the identifier."""
    patient = record.add_patient(practice, MARKED).id
    fill(practice, patient)
    return patient


def other(practice: Practice) -> str:
    """Another patient, with an entry about the same concept as one of the marked; the identifier."""
    patient = record.add_patient(practice, OTHER).id
    record.add(practice, patient, ProblemBody(Concept("Asthme")), "2021")
    return patient


def unsound(practice: Practice) -> list[str]:
    """The names of the checks that fail on the open record."""
    return [one.check for one in inspection.findings(practice.connection) if not one.is_sound]


def decrypted(path: Path, key: bytes) -> Iterator[bytes]:
    """Every page of a database and of its write-ahead log as SQLite sees it, free ones too, decrypted by hand."""
    data = path.read_bytes()
    for at in range(0, len(data), PAGE):
        yield _plain(data[at : at + PAGE], key, first=at == 0)
    log = path.with_name(path.name + "-wal")
    frames = log.read_bytes()[WAL_HEADER:] if log.exists() else b""
    for at in range(0, len(frames), FRAME_HEADER + PAGE):
        page = int.from_bytes(frames[at : at + 4], "big")
        yield _plain(frames[at + FRAME_HEADER : at + FRAME_HEADER + PAGE], key, first=page == 1)


def _plain(page: bytes, key: bytes, *, first: bool) -> bytes:
    body = page[SALT if first else 0 : PAGE - RESERVE]
    vector = page[PAGE - RESERVE : PAGE - RESERVE + BLOCK]
    reading = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return reading.update(body) + reading.finalize()


def traces(path: Path, key: bytes) -> dict[str, int]:
    """How many pages hold each mark, folded or not; the marks that none holds are left out."""
    found: dict[str, int] = {}
    for page in decrypted(path, key):
        lower = page.lower()
        for mark in MARKS:
            if mark.lower().encode() in lower:
                found[mark] = found.get(mark, 0) + 1
    return found
