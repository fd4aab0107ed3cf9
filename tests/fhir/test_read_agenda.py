"""What is due and what is booked, and what only looks like it."""

from typing import Any

import pytest

from localstore.bodies import AppointmentBody, RecallBody
from localstore.fhir.write import write_entry
from localstore.kinds import Status
from localstore.values import Concept
from tests.fhir.entries import PATIENT_URL, entry
from tests.fhir.reading_of import HL7, Json, body_of, coded, other, read

TASK: Json = {
    "status": "requested",
    "intent": "order",
    "for": {"reference": "Patient/1"},
    "code": {"text": "Mammographie"},
    "restriction": {"period": {"start": "2024-01", "end": "2024-06"}},
}
PATIENT: Json = {"actor": {"reference": "Patient/1"}, "status": "accepted"}
BOOKED: Json = {
    "status": "booked",
    "start": "2024-05-06T10:00:00+02:00",
    "end": "2024-05-06T10:20:00+02:00",
    "participant": [PATIENT, {"actor": {"display": "Dr Petit"}, "status": "accepted"}],
}


def test_what_is_due() -> None:
    found = read("Task", **TASK, reasonCode={"text": "dépistage"}, note=[{"text": "tous les 2 ans"}])
    assert (found.date, found.patient_reference, found.status) == ("2024-06", "Patient/1", Status.FINAL)
    assert found.body == RecallBody(Concept("Mammographie"), reason="dépistage", note="tous les 2 ans")


@pytest.mark.parametrize(
    ("status", "state"),
    [("ready", "due"), ("in-progress", "due"), ("completed", "done"), ("cancelled", "cancelled")],
)
def test_the_states_of_a_task(status: str, state: str) -> None:
    body = body_of(read("Task", **TASK | {"status": status}), RecallBody)
    assert body.state == state


def test_what_was_done_says_when() -> None:
    done = TASK | {"status": "completed", "executionPeriod": {"end": "2024-03-01"}}
    assert body_of(read("Task", **done), RecallBody).done == "2024-03-01"


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "failed"},
        {"status": "draft"},
        {"status": None},
        {"focus": {"reference": "ServiceRequest/1"}},
        {"basedOn": [{"reference": "ServiceRequest/1"}]},
        {"partOf": [{"reference": "Task/1"}]},
        {"input": [{"valueString": "x"}]},
        {"code": None},
        {"restriction": None},
    ],
)
def test_any_other_task_is_kept_as_it_is(changed: Json) -> None:
    task = TASK | changed
    assert other("Task", **task).resource_type == "Task"
    assert read("Task", **task).patient_reference == "Patient/1"


def test_an_appointment() -> None:
    found = read("Appointment", **BOOKED, reasonCode=[{"text": "toux"}], comment="Premier rendez-vous")
    assert (found.date, found.patient_reference) == ("2024-05-06T10:00:00+02:00", "Patient/1")
    assert found.body == AppointmentBody(20, "toux", "booked", "Dr Petit", "Premier rendez-vous")


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({"minutesDuration": 30}, 30),
        ({"minutesDuration": 0}, 20),
        ({"end": None}, 15),
        ({"end": "2024-05-06T09:00:00+02:00"}, 15),
        ({"end": "demain"}, 15),
    ],
)
def test_how_long_an_appointment_is(fields: Json, minutes: int) -> None:
    assert body_of(read("Appointment", **BOOKED | fields), AppointmentBody).minutes == minutes


@pytest.mark.parametrize(("status", "state"), [("arrived", "arrived"), ("checked-in", "arrived"), ("noshow", "noshow")])
def test_the_states_of_an_appointment(status: str, state: str) -> None:
    assert body_of(read("Appointment", **BOOKED | {"status": status}), AppointmentBody).state == state


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist", None])
def test_what_nobody_has_agreed_to_is_no_appointment(status: str | None) -> None:
    fields = BOOKED | {"status": status}
    assert other("Appointment", **fields).resource_type == "Appointment"
    assert read("Appointment", **fields).patient_reference == "Patient/1"


def test_an_appointment_of_several_patients_is_kept_as_it_is() -> None:
    group = BOOKED | {"participant": [PATIENT, {"actor": {"reference": "Patient/2"}}]}
    assert other("Appointment", **group).resource_type == "Appointment"
    assert read("Appointment", **group).patient_reference == ""


@pytest.mark.parametrize(
    "participant",
    [
        {"actor": {"reference": "urn:uuid:1"}, "type": [coded("SBJ", HL7 + "v3-ParticipationType")]},
        {"actor": {"reference": "urn:uuid:1", "type": "Patient"}},
        {"actor": {"reference": "urn:uuid:1"}},  # found in the bundle
    ],
)
def test_whose_appointment_it_is(participant: Json) -> None:
    people: dict[str, Json] = {"urn:uuid:1": {"resourceType": "Patient"}}
    found = read("Appointment", people, **BOOKED | {"participant": [{"actor": {"display": "Dr Petit"}}, participant]})
    assert found.patient_reference == "urn:uuid:1"
    assert body_of(found, AppointmentBody).practitioner == "Dr Petit"


def written(date: str) -> dict[str, Any]:
    return write_entry(entry(AppointmentBody(20), date), PATIENT_URL)


def test_an_appointment_is_written_from_its_start_to_its_end() -> None:
    resource = written("2024-05-06T10:00:00+02:00")
    assert (resource["start"], resource["end"]) == ("2024-05-06T10:00:00+02:00", "2024-05-06T10:20:00+02:00")
    assert resource["participant"][0]["actor"] == {"reference": PATIENT_URL}


@pytest.mark.parametrize("date", ["2024-05-06T10:00", "2024-05-06", "9999-12-31T23:59:00Z"])
def test_a_start_that_is_no_fhir_instant_is_absent_there(date: str) -> None:
    resource = written(date)
    assert "start" not in resource and "end" not in resource
    assert "_start" in resource and "_end" in resource  # R4 app-3: there, and known to be absent
