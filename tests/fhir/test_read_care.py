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
        class_={"code": "AMB"},
        period={"end": "2024-05-06T10:20:00+02:00"},
        reasonCode=[{"text": "toux; fièvre"}],
        participant=[{"individual": {"display": "Dr Anne Roy"}}],
        location=[{"location": {"display": "Cabinet"}}],
    )


def test_the_place_may_be_the_organisation() -> None:
    assert consultation(serviceProvider={"display": "Maison de santé"}).place == "Maison de santé"


def test_an_unusual_class_stands_for_a_missing_type() -> None:
    kind = {"system": HL7 + "v3-ActCode", "code": "FLD", "display": "field"}
    body = consultation(class_=kind)
    assert (body.mode, body.type) == ("", Concept("", (Coding(HL7 + "v3-ActCode", "FLD", "field"),)))
    assert consultation(class_=kind, type=[{"text": "Consultation"}]).type == Concept("Consultation")


@pytest.mark.parametrize(
    ("code", "mode"),
    [("AMB", "office"), ("HH", "home"), ("VR", "remote"), ("EMER", "emergency"), ("IMP", "inpatient")],
)
@pytest.mark.parametrize("system", [HL7 + "v3-ActCode", None])
def test_the_class_is_the_mode(code: str, mode: str, system: str | None) -> None:
    body = consultation(class_={"system": system, "code": code})
    assert (body.mode, body.type) == (mode, Concept())


def test_a_class_of_another_system_is_no_mode() -> None:
    body = consultation(class_={"system": "urn:oid:1.2.3", "code": "AMB"})
    assert (body.mode, body.type) == ("", Concept("", (Coding("urn:oid:1.2.3", "AMB"),)))


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


@pytest.mark.parametrize(("code", "none_known"), [("no-known-procedures", True), ("no-procedure-info", False)])
def test_absence_of_procedures_is_no_procedure(code: str, none_known: bool) -> None:
    body = procedure(status="completed", code=coded(code, IPS))
    assert (body.state, body.concept.codings, body.none_known) == ("not-done", (), none_known)


def test_no_known_procedure_in_snomed() -> None:
    assert procedure(status="unknown", code=coded("787480003")).none_known
    assert not procedure(status="unknown", code=coded("787482006", display="No known immunizations")).none_known


def test_more_of_a_procedure() -> None:
    body = procedure(
        status="completed",
        code={"text": "Prothèse de hanche"},
        bodySite=[{"text": "hanche droite"}, {"text": "fémur"}],
        performer=[{"actor": {"display": "Dr Roy"}}, {"actor": {"reference": "urn:uuid:1"}}],
        outcome={"text": "succès"},
        complication=[{"text": "hématome"}],
    )
    assert (body.body_site.text, body.performer, body.outcome) == ("hanche droite", "Dr Roy", "succès")
    assert body.note == "Autres localisations : fémur.\nComplication selon la source : hématome."


@pytest.mark.parametrize("kind", ["Encounter", "Procedure"])
def test_what_was_entered_in_error_has_that_status(kind: str) -> None:
    assert read(kind, status="entered-in-error").status is Status.ENTERED_IN_ERROR
