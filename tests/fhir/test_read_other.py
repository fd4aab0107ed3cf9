"""What has no kind yet, what must not be read as if it were plain, and dates that are none."""

import re

import pytest

from localstore.bodies import OtherBody
from localstore.fhir.dates import is_clinical_date, is_fhir_date, is_fhir_date_time, is_instant
from localstore.fhir.label import MAX_LABEL, label_of
from localstore.fhir.read import read_resource
from localstore.import_errors import BrokenResource
from localstore.kinds import Status
from tests.fhir.reading_of import Json, coded, other, problem, read


@pytest.mark.parametrize(
    ("resource", "label"),
    [
        ({"resourceType": "Organization", "name": "CH de Tarbes"}, "CH de Tarbes"),
        ({"resourceType": "Practitioner", "name": [{"given": ["Anne"], "family": "Roy"}]}, "Anne Roy"),
        ({"resourceType": "CarePlan", "category": [{"text": "Diabète"}], "description": "x"}, "Diabète"),
        ({"resourceType": "Goal", "description": {"text": "HbA1c < 7"}}, "HbA1c < 7"),
        ({"resourceType": "Claim", "type": coded("pharmacy"), "item": [{"productOrService": {"text": "A"}}]}, "A"),
        ({"resourceType": "Composition", "title": "Synthèse"}, "Synthèse"),
        ({"resourceType": "ImagingStudy", "series": [{"modality": {"code": "US", "display": "Écho"}}]}, "Écho"),
        ({"resourceType": "Location", "address": {"city": "Tarbes"}}, "Tarbes"),
        ({"resourceType": "Device", "deviceName": [{"name": "Pacemaker"}]}, "Pacemaker"),
        ({"resourceType": "Foo", "code": coded("123")}, "123"),
        ({"resourceType": "Foo", "title": "x" * 500}, "x" * (MAX_LABEL - 1) + "…"),
        ({"resourceType": "Foo"}, ""),
        ({"resourceType": 5, "title": [], "name": [5], "code": {"coding": {}, "text": 1}}, ""),
    ],
)
def test_a_label_is_the_best_words_there_are(resource: Json, label: str) -> None:
    assert label_of(resource) == label


def test_other_types_keep_their_type_date_subject_and_status() -> None:
    found = read("CarePlan", status="entered-in-error", subject={"reference": "Patient/1"}, period={"start": "2020"})
    assert (found.body, found.date, found.patient_reference) == (OtherBody("CarePlan"), "2020", "Patient/1")
    assert found.status is Status.ENTERED_IN_ERROR


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        ({"patient": {"reference": "urn:uuid:1"}}, "urn:uuid:1"),
        ({"beneficiary": {"reference": "Patient/2"}}, "Patient/2"),
        ({"for": {"identifier": {"system": "urn:oid:1", "value": "9"}}}, "Patient?identifier=urn:oid:1|9"),
        ({"subject": {"display": "le patient"}}, ""),
        ({"subject": [5], "patient": 7}, ""),
    ],
)
def test_whose_it_is(fields: Json, reference: str) -> None:
    assert read_resource({"resourceType": "Coverage", **fields}, lambda _: None).patient_reference == reference


def test_a_typed_resource_says_whose_it_is_by_reference_or_identifier() -> None:
    assert read("Condition", subject={"reference": "Patient/2"}).patient_reference == "Patient/2"
    by_number = {"identifier": {"system": "urn:oid:1", "value": "9"}}
    assert read("Condition", subject=by_number).patient_reference == "Patient?identifier=urn:oid:1|9"
    assert read("AllergyIntolerance", patient={"reference": "Patient/2"}).patient_reference == "Patient/2"
    assert read("Condition").patient_reference == ""


@pytest.mark.parametrize("modifier", [{"modifierExtension": [{"url": "x"}]}, {"implicitRules": "http://x"}])
def test_a_resource_with_an_unknown_modifier_is_kept_and_not_understood(modifier: Json) -> None:
    assert other("Condition", code={"text": "Asthme"}, **modifier) == OtherBody("Condition", "Asthme")


def test_a_nested_bundle_is_kept_as_it_is() -> None:
    assert other("Bundle", entry=[{"resource": {"resourceType": "Patient"}}]) == OtherBody("Bundle")


@pytest.mark.parametrize("kind", [None, "", 5, ["Patient"], "../Patient", "Pätient", "x" * 65])
def test_a_resource_without_a_type_is_broken(kind: object) -> None:
    with pytest.raises(BrokenResource) as caught:
        read_resource({"resourceType": kind}, lambda _: None)
    assert caught.value.details["place"] == "resourceType"
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"resourceType": "Condition", "code": 5}, "Condition.code"),
        ({"resourceType": "Condition", "code": {"coding": [{}, {"code": 7}]}}, "Condition.code.coding[1].code"),
        ({"resourceType": "Condition", "code": {"coding": {}}}, "Condition.code.coding"),
        ({"resourceType": "Condition", "subject": "Patient/1"}, "Condition.subject"),
        ({"resourceType": "Observation", "valueQuantity": {"value": "5"}}, "Observation.valueQuantity.value"),
        ({"resourceType": "Observation", "valueQuantity": {"value": True}}, "Observation.valueQuantity.value"),
        ({"resourceType": "Observation", "component": [{}, []]}, "Observation.component[1]"),
        ({"resourceType": "Patient", "name": {"family": "x"}}, "Patient.name"),
        ({"resourceType": "Patient", "birthDate": 1950}, "Patient.birthDate"),
        ({"resourceType": "Patient", "deceasedBoolean": "true"}, "Patient.deceasedBoolean"),
        ({"resourceType": "Encounter", "class": "AMB"}, "Encounter.class"),
        ({"resourceType": "Immunization", "status": ["completed"]}, "Immunization.status"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(resource: Json, place: str) -> None:
    with pytest.raises(BrokenResource) as caught:
        read_resource(resource, lambda _: None)
    assert caught.value.details["place"] == place
    assert re.search(r"FHIR R4 has [\w |]+ there, and this is \w+\.", str(caught.value))


def test_a_missing_or_empty_field_is_no_error() -> None:
    for kind in ("Condition", "Patient", "Observation", "Encounter", "DocumentReference", "MedicationRequest"):
        assert read(kind).date == ""
    assert problem(code=None, note=[], onsetDateTime=None).concept.label == ""


DATES = [
    # text, a clinical date, a FHIR date, a FHIR dateTime, a FHIR instant
    ("2019", True, True, True, False),
    ("2019-04", True, True, True, False),
    ("2019-04-01", True, True, True, False),
    ("1900-02-28", True, True, True, False),
    ("2019-04-01T08:30:00Z", True, False, True, True),
    ("2019-04-01T08:30:00.123+02:00", True, False, True, True),
    ("2019-04-01T23:59:60Z", True, False, True, True),
    ("2019-04-01T08:30", True, False, False, False),
    ("2019-04-01T08:30Z", True, False, False, False),
    ("2019-04-01T08:30:00", True, False, False, False),
    ("2019-04-01T08:30:00,5Z", True, False, False, False),
    ("2019-13-45", False, False, False, False),
    ("2019-02-29", False, False, False, False),
    ("2019-00", False, False, False, False),
    ("0000", False, False, False, False),
    ("19", False, False, False, False),
    ("20190401", False, False, False, False),
    ("2019-W14-1", False, False, False, False),
    ("2019-04-01 08:30", False, False, False, False),
    ("2019-04-01T25:00:00Z", False, False, False, False),
    ("2019-04-01T08", False, False, False, False),
    ("2019-04-01T0830", False, False, False, False),
    ("2019-04-01Tabc", False, False, False, False),
    ("٢٠١٩", False, False, False, False),
    ("hier", False, False, False, False),
    ("", False, False, False, False),
]


@pytest.mark.parametrize(("text", "clinical", "date", "date_time", "instant"), DATES)
def test_what_is_a_date(text: str, clinical: bool, date: bool, date_time: bool, instant: bool) -> None:
    found = (is_clinical_date(text), is_fhir_date(text), is_fhir_date_time(text), is_instant(text))
    assert found == (clinical, date, date_time, instant)


@pytest.mark.parametrize("text", ["2019-13-45", "hier", "x" * 5000, "2019-02-29T10:00:00Z", "\ud800"])
def test_an_absurd_date_is_no_date_and_is_quoted_in_the_note(text: str) -> None:
    found = read("Condition", code={"text": "Asthme"}, onsetDateTime=text)
    assert found.date == ""
    assert getattr(found.body, "onset", None) == ""
    assert text[:50] in getattr(found.body, "note", "")
