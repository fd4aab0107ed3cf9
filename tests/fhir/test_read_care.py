"""Encounters and procedures."""

import pytest

from localstore.kinds import Status
from localstore.values import Coding, Concept
from tests.fhir.reading_of import HL7, IPS, Json, coded, consultation, procedure, read

DOCTOR: Json = {"resourceType": "Practitioner", "name": [{"prefix": ["Dr"], "given": ["Anne"], "family": "Roy"}]}


def test_an_encounter() -> None:
    found = read(
        "Encounter",
        status="finished",
        class_={"code": "AMB"},
        type=[{"text": "Consultation"}],
        period={"start": "2024-05-06T10:00:00+02:00", "end": "2024-05-06T10:20:00+02:00"},
        reasonCode=[{"text": "toux"}, {"text": "fièvre"}],
        participant=[{"individual": {"reference": "urn:uuid:1"}}],
        location=[{"location": {"display": "Cabinet"}}],
        serviceProvider={"display": "Maison de santé"},
        neighbours={"urn:uuid:1": DOCTOR},
    )
    assert found.date == "2024-05-06T10:00:00+02:00"
    assert found.body == consultation(
        type=[{"text": "Consultation"}],
        period={"end": "2024-05-06T10:20:00+02:00"},
        reasonCode=[{"text": "toux; fièvre"}],
        participant=[{"individual": {"display": "Dr Anne Roy"}}],
        location=[{"location": {"display": "Cabinet"}}],
    )


def test_the_place_may_be_the_organisation() -> None:
    assert consultation(serviceProvider={"display": "Maison de santé"}).place == "Maison de santé"


def test_an_unusual_class_stands_for_a_missing_type() -> None:
    kind = {"system": HL7 + "v3-ActCode", "code": "EMER", "display": "emergency"}
    assert consultation(class_=kind).type == Concept("", (Coding(HL7 + "v3-ActCode", "EMER", "emergency"),))
    assert consultation(class_={"code": "AMB"}).type == Concept()


def test_who_wrote_it_is_not_who_was_there() -> None:
    author = {"type": [coded("AUT", HL7 + "v3-ParticipationType")], "individual": {"display": "Dr A"}}
    assert consultation(participant=[author]).practitioner == ""
    assert consultation(participant=[author, {"individual": {"display": "Dr B"}}]).practitioner == "Dr B"


@pytest.mark.parametrize(
    ("status", "reason"), [("cancelled", "Annulé : toux"), ("planned", "Prévu : toux"), ("finished", "toux")]
)
def test_what_did_not_take_place_says_so(status: str, reason: str) -> None:
    assert consultation(status=status, reasonCode=[{"text": "toux"}]).reason == reason


def test_a_cancelled_encounter_without_a_reason_says_so() -> None:
    assert consultation(status="cancelled").reason == "Annulé"


def test_a_procedure() -> None:
    found = read(
        "Procedure",
        status="completed",
        code={"text": "Appendicectomie"},
        performedPeriod={"start": "1990-02", "end": "1990-03"},
        reasonCode=[{"text": "appendicite"}],
        note=[{"text": "sans suite"}],
    )
    assert found.date == "1990-02"
    body = procedure(status="completed", code={"text": "Appendicectomie"}, performedPeriod={"end": "1990-03"})
    assert (body.concept.text, body.end, body.state) == ("Appendicectomie", "1990-03", "completed")
    assert (getattr(found.body, "reason", None), getattr(found.body, "note", None)) == ("appendicite", "sans suite")


@pytest.mark.parametrize(
    "fields",
    [
        {"performedString": "à 12 ans"},
        {"performedAge": {"value": 12, "unit": "ans"}},
        {"performedRange": {"low": {"value": 12, "unit": "ans"}, "high": {"value": 13, "unit": "ans"}}},
    ],
)
def test_a_moment_that_is_no_date_goes_into_the_note(fields: Json) -> None:
    assert procedure(status="completed", **fields).note.startswith("Date selon la source : ")


@pytest.mark.parametrize("state", ["not-done", "in-progress", "unknown"])
def test_the_state_of_a_procedure(state: str) -> None:
    assert procedure(status=state).state == state


def test_an_unknown_state_is_unknown_and_quoted() -> None:
    body = procedure(status="fait")
    assert (body.state, body.note) == ("unknown", "Statut dans la source : fait.")


@pytest.mark.parametrize("code", ["no-known-procedures", "no-procedure-info"])
def test_absence_of_procedures_is_no_procedure(code: str) -> None:
    body = procedure(status="completed", code=coded(code, IPS))
    assert (body.state, body.concept.codings) == ("not-done", ())


@pytest.mark.parametrize("kind", ["Encounter", "Procedure"])
def test_what_was_entered_in_error_has_that_status(kind: str) -> None:
    assert read(kind, status="entered-in-error").status is Status.ENTERED_IN_ERROR
