"""A resource as it came stays here when it tells of something of the record that does not travel."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import importing, patients, record
from localstore.bodies import PatientBody
from localstore.kinds import Kind
from localstore.model import Entry
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle

SUBJECT = {"reference": "urn:uuid:p1"}
KINDS = tuple(kind for kind in Kind if kind not in (Kind.PATIENT, Kind.APPOINTMENT))
RESTRICTED = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">tout ce qui est secret</div>'
VISIT = {
    "resourceType": "Appointment",
    "id": "rdv",
    "status": "booked",
    "start": "2026-03-02T09:30:00+01:00",
    "end": "2026-03-02T09:45:00+01:00",
    "description": "suivi secret",
    "participant": [{"actor": SUBJECT, "status": "accepted"}],
}
SECRET = {
    "resourceType": "Condition",
    "id": "vih",
    "subject": SUBJECT,
    "code": {"text": "Séropositivité"},
    "meta": RESTRICTED,
}


def problem(**more: Any) -> dict[str, Any]:
    """A condition that nobody restricted."""
    return {"resourceType": "Condition", "id": "hta", "subject": SUBJECT, "code": {"text": "Hypertension"}, **more}


def sent(folder: Path, *resources: dict[str, Any]) -> dict[str, Entry]:
    """What a colleague receives of a record with these resources, by what they are about."""
    here, beta, of_beta, of_alpha = practices.two_desks(folder)
    file = folder / "in.json"
    file.write_bytes(bundle(PATIENT, *resources))
    report = importing.import_paths(here.practice, [file])
    assert not report.broken
    (one,) = patients.listing(here.record)
    sharing.grant(here, one.id, of_beta, purpose="soins", kinds=KINDS)
    sharing.share(here, one.id, of_beta)
    practices.carry(here, of_beta, beta, of_alpha)
    reception.collect(beta)
    (item,) = inbox.listing(beta)
    assert "secret" not in msgspec.json.encode(item).decode().replace("secretary", "")
    return {msgspec.json.decode(entry.source)["id"]: entry for entry in item.entries if entry.source}


TELLING = (
    problem(evidence=[{"detail": [{"reference": "urn:uuid:vih", "display": "VIH"}]}]),
    problem(evidence=[{"detail": [{"reference": "Condition/vih"}]}]),
    problem(evidence=[{"detail": [{"reference": "http://elsewhere.example/fhir/Condition/vih/_history/2"}]}]),
    problem(evidence=[{"detail": [{"display": "une autre"}]}]),
    problem(note=[{"text": "découverte de la SEROPOSITIVITE en 2010"}]),
    problem(text={"status": "generated", "div": DIV}),
    problem(encounter={"reference": "Appointment/rdv", "display": "RDV secret"}),
)


@pytest.mark.parametrize("told", TELLING)
def test_a_source_that_tells_of_what_does_not_travel_stays(tmp_path: Path, told: dict[str, Any]) -> None:
    assert sent(tmp_path, SECRET, VISIT, told) == {}


def test_another_source_travels_beside_it(tmp_path: Path) -> None:
    plain = problem(asserter={"display": "Dr Bernard"}, code={"text": "Hypertension", "coding": [{"display": "HTA"}]})
    plain["code"]["coding"][0] |= {"system": "http://snomed.info/sct", "code": "38341003"}
    assert set(sent(tmp_path, SECRET, VISIT, plain)) == {"hta"}


def test_a_reference_to_what_travels_travels(tmp_path: Path) -> None:
    cause = {"resourceType": "Condition", "id": "obesite", "subject": SUBJECT, "code": {"text": "Obésité"}}
    told = problem(evidence=[{"detail": [{"reference": "urn:uuid:obesite", "display": "Obésité"}]}])
    assert set(sent(tmp_path, SECRET, cause, told)) == {"hta", "obesite"}


@pytest.mark.parametrize(
    "gathering",
    [
        {"resourceType": "List", "status": "current", "mode": "working", "subject": SUBJECT,
         "entry": [{"item": {"display": "VIH secret"}}]},
        {"resourceType": "Composition", "status": "final", "type": {"text": "Synthèse"}, "subject": SUBJECT,
         "date": "2026-01-01", "author": [{"display": "Dr X"}], "title": "Synthèse",
         "section": [{"title": "Problèmes", "text": {"status": "generated", "div": DIV}}]},
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": SUBJECT,
         "focus": {"reference": "urn:uuid:rdv", "display": "RDV secret"}},
    ],
)  # fmt: skip
def test_what_gathers_others_stays(tmp_path: Path, gathering: dict[str, Any]) -> None:
    assert set(sent(tmp_path, SECRET, VISIT, {**gathering, "id": "g"}, problem())) == {"hta"}


def test_an_earlier_telephone_number_does_not_travel_in_a_source(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    file = tmp_path / "in.json"
    person = {**PATIENT, "telecom": [{"system": "phone", "value": "06 11 22 33 44"}]}
    file.write_bytes(bundle(person, problem(note=[{"text": "rappeler au 0611223344"}])))
    importing.import_paths(alpha.practice, [file])
    (one,) = patients.listing(alpha.record)
    old = record.chart(alpha.practice, one.id)
    body = msgspec.structs.replace(old.patient, phone="0700000000")
    assert isinstance(body, PatientBody)
    record.amend(alpha.practice, old.identity[-1].version, body)
    sharing.grant(alpha, one.id, of_beta, purpose="soins", kinds=KINDS)
    sharing.share(alpha, one.id, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    (item,) = inbox.listing(beta)
    assert [entry.source for entry in item.entries] == [b""]
