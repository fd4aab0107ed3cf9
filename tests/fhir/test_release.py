"""What is not FHIR R4 is named, kept, and never read as if it were; French numbers with wrong keys are told."""

import json
from typing import Any

import pytest

from localstore.bodies import OtherBody
from localstore.fhir import release
from localstore.fhir.numbers import wrong_numbers
from localstore.preparing import Prepared, prepare

HIM = {"subject": {"reference": "urn:uuid:p"}}


def prepared(resource: dict[str, Any]) -> Prepared:
    (found,) = prepare(json.dumps(resource).encode(), "x").resources
    assert json.loads(found.raw) == resource
    return found


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ({"resourceType": "Encounter", "class": [{"text": "consultation"}]}, release.R5),
        ({"resourceType": "Encounter", "actualPeriod": {"start": "2020"}}, release.R5),
        ({"resourceType": "MedicationRequest", "medication": {"concept": {"text": "aspirine"}}}, release.R5),
        ({"resourceType": "AllergyIntolerance", "type": {"text": "allergy"}}, release.R5),
        ({"resourceType": "DocumentReference", "context": []}, release.R5),
        ({"resourceType": "NutritionIntake"}, release.R5),
        ({"resourceType": "Condition", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Condition|5.0.0"]}},
         release.R5),
        ({"resourceType": "Condition", "meta": {"profile": ["http://hl7.org/fhir/3.0/StructureDefinition/Condition"]}},
         release.STU3),
        ({"resourceType": "Condition", "clinicalStatus": "active"}, release.STU3),
        ({"resourceType": "Condition", "assertedDate": "2017-01-01"}, release.STU3),
        ({"resourceType": "MedicationStatement", "taken": "y"}, release.STU3),
        ({"resourceType": "ReferralRequest"}, release.STU3),
        ({"resourceType": "Encounter", "reason": []}, release.ANOTHER),
        ({"resourceType": "Horoscope"}, release.UNKNOWN_TYPE),
        ({"resourceType": "Condition", "code": 42}, release.NOT_THE_SHAPE),
    ],
)  # fmt: skip
def test_what_is_not_r4_is_kept_and_not_read(resource: dict[str, Any], reason: str) -> None:
    found = prepared(resource | HIM)
    assert isinstance(found.body, OtherBody)
    assert (found.body.resource_type, found.body.unread) == (resource["resourceType"], reason)
    assert found.patient_reference == "urn:uuid:p" or resource["resourceType"] == "Claim"
    assert found.unread is not None and found.unread["place"] and found.unread["reason"]


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "active"}]}},
        {"resourceType": "Condition", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Condition|4.0.1"]}},
        {"resourceType": "Encounter", "class": {"code": "AMB"}},
        {"resourceType": "Goal"},
        {"resourceType": "SubstanceNucleicAcid"},
        {"resourceType": "Ingredient"},
    ],
)
def test_what_has_no_sign_is_r4(resource: dict[str, Any]) -> None:
    assert prepared(resource | HIM).unread is None


def test_a_patient_who_cannot_be_read_is_broken() -> None:
    odds: list[dict[str, Any]] = [{"animal": {}}, {"name": 5}]
    for odd in odds:
        file = prepare(json.dumps({"resourceType": "Patient"} | odd).encode(), "x")
        assert (len(file.resources), len(file.broken)) == (0, 1)
    same = {"resourceType": "Patient", "meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Patient"]}}
    assert prepared(same).unread is None  # an R5 Patient is one of R4


INS = "urn:oid:1.2.250.1.213.1.4.8"


@pytest.mark.parametrize(
    ("system", "right", "wrong", "kind"),
    [
        (INS, "295109912611193", "295109912611194", "INS"),
        (INS, "253072B07300470", "123456789012244", "INS"),
        ("https://rpps.esante.gouv.fr", "10001234565", "10001234560", "RPPS"),
        ("urn:oid:1.2.250.1.71.4.2.1", "810001234565", "810001234560", "RPPS"),
        ("https://finess.esante.gouv.fr", "750712184", "750712185", "FINESS"),
    ],
)
def test_wrong_keys_are_told_and_the_resource_is_taken(system: str, right: str, wrong: str, kind: str) -> None:
    resource = {
        "resourceType": "Patient",
        "identifier": [{"system": system, "value": right}, 3, {"system": system, "value": wrong}],
    }
    assert wrong_numbers(resource) == [("identifier[2]", kind)]
    assert wrong_numbers({"resourceType": "Patient", "identifier": {"system": system, "value": wrong}}) == []
