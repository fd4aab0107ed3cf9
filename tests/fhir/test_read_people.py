"""Family history, relatives, care teams."""

from typing import Any

import pytest

from localstore.bodies import CarerBody, FamilyHistoryBody, RelativeBody
from localstore.kinds import Status
from tests.fhir.reading_of import HL7, IPS, Json, body_of, coded, other, read

YEARS = {"unit": "ans", "system": "http://unitsofmeasure.org", "code": "a"}
RPPS = {"system": "https://rpps.esante.gouv.fr", "value": "10003461033"}


def family(**fields: Any) -> FamilyHistoryBody:
    return body_of(read("FamilyMemberHistory", **({"status": "completed"} | fields)), FamilyHistoryBody)


def relative(**fields: Any) -> RelativeBody:
    return body_of(read("RelatedPerson", **fields), RelativeBody)


def test_what_a_relative_had() -> None:
    found = read(
        "FamilyMemberHistory",
        status="completed",
        patient={"reference": "Patient/1"},
        date="2024-05-06",
        name="Marie",
        relationship={"text": "mère"},
        condition=[
            {"code": {"text": "Cancer du sein"}, "onsetAge": {"value": 52, **YEARS}, "contributedToDeath": True},
            {"code": {"text": "HTA"}, "onsetAge": {"value": 60, **YEARS}, "outcome": {"text": "traitée"}},
        ],
        deceasedAge={"value": 70, **YEARS},
        note=[{"text": "Selon la patiente"}],
    )
    body = body_of(found, FamilyHistoryBody)
    assert (found.date, found.patient_reference) == ("2024-05-06", "Patient/1")
    assert (body.relationship.text, [one.text for one in body.conditions]) == ("mère", ["Cancer du sein", "HTA"])
    assert (body.onset_age, body.deceased, body.none_known) == (52, "yes", False)
    assert body.note.split("\n") == [
        "Selon la patiente",
        "Cancer du sein : cause du décès.",
        "HTA : à 60 ans, traitée.",
        "Nom selon la source : Marie.",
        "Décès selon la source : à 70 ans.",
    ]


@pytest.mark.parametrize(
    "age",
    [
        {"value": 18, "unit": "mois", "code": "mo"},
        {"value": 52.5, **YEARS},
        {"value": 52, **YEARS, "comparator": "<"},
        {"value": 1e9, **YEARS},
    ],
)
def test_an_age_that_is_no_whole_number_of_years_is_said_in_words(age: Json) -> None:
    body = family(condition=[{"code": {"text": "Épilepsie"}, "onsetAge": age}])
    assert body.onset_age is None and body.note.startswith("Épilepsie : à ")


@pytest.mark.parametrize(("fields", "deceased"), [
    ({"deceasedDate": "2019-04"}, "2019-04"),
    ({"deceasedBoolean": True}, "yes"),
    ({"deceasedBoolean": False}, ""),
    ({"deceasedString": "à la guerre"}, "yes"),
    ({}, ""),
])  # fmt: skip
def test_the_death_of_a_relative(fields: Json, deceased: str) -> None:
    assert family(**fields).deceased == deceased


def test_what_a_relative_does_not_have_is_no_finding() -> None:
    denied = family(condition=[{"code": coded("no-known-problems", IPS, "No known problems")}])
    assert [(one.text, one.codings) for one in denied.conditions] == [("Absence déclarée : No known problems", ())]
    absent = family(condition=[{"code": coded("no-problem-info", IPS, "No information")}])
    assert [(one.text, one.codings) for one in absent.conditions] == [
        ("Pas d'information disponible : No information", ())
    ]
    unreadable = family(condition=[{"modifierExtension": [{"url": "x"}], "code": {"text": "Asthme"}}])
    assert "Asthme" not in unreadable.conditions[0].text


def test_an_unknown_health_is_said() -> None:
    assert family(status="health-unknown").note == "Statut dans la source : santé inconnue."
    assert read("FamilyMemberHistory", status="entered-in-error").status is Status.ENTERED_IN_ERROR


def test_a_relative() -> None:
    found = read(
        "RelatedPerson",
        patient={"reference": "Patient/1"},
        relationship=[coded("C", HL7 + "v2-0131"), {"text": "épouse"}, {"text": "tutrice"}],
        name=[{"given": ["Anne"], "family": "Roy"}],
        telecom=[{"system": "email", "value": "a@b.fr"}, {"system": "phone", "value": "0612345678"}],
        birthDate="1950",
        address=[{"line": ["3 rue des Lilas"], "city": "Tarbes"}],
        period={"start": "1975", "end": "2020"},
    )
    body = body_of(found, RelativeBody)
    assert (found.date, found.patient_reference) == ("1975", "Patient/1")
    assert (body.name, body.relationship.text, body.phone) == ("Anne Roy", "épouse", "0612345678")
    assert (body.to_call, body.trusted, body.patient) == (True, False, "")
    assert body.note.split("\n") == [
        "Autres rôles : tutrice.",
        "Né(e) le 1950, selon la source.",
        "Autres coordonnées selon la source : a@b.fr.",
        "Adresse selon la source : 3 rue des Lilas, Tarbes.",
        "Autres dates selon la source : 2020.",
    ]


def test_a_link_that_is_no_longer_active_says_so() -> None:
    body = relative(active=False, name=[{"text": "Anne Roy"}])
    assert (body.name, body.to_call) == ("Anne Roy", False)
    assert body.note == "Lien qui n'est plus actif, selon la source."


NURSE: Json = {
    "resourceType": "Practitioner",
    "identifier": [RPPS],
    "name": [{"text": "Léa Martin"}],
    "telecom": [{"system": "phone", "value": "0562000000"}],
}


def team(*members: Json, **fields: object) -> Json:
    return {"status": "active", "subject": {"reference": "Patient/1"}, "participant": list(members), **fields}


def test_a_team_of_one_is_a_carer() -> None:
    member = {
        "role": [{"text": "infirmière"}],
        "member": {"reference": "Practitioner/1"},
        "onBehalfOf": {"display": "Cabinet infirmier"},
        "period": {"start": "2020", "end": "2024"},
    }
    found = read("CareTeam", neighbours={"Practitioner/1": NURSE}, **team(member, name="Domicile", status="suspended"))
    body = body_of(found, CarerBody)
    assert (found.date, found.patient_reference) == ("2020", "Patient/1")
    assert (body.name, body.role.text, body.rpps) == ("Léa Martin", "infirmière", "10003461033")
    assert (body.phone, body.organisation, body.end) == ("0562000000", "Cabinet infirmier", "2024")
    assert body.note == "Nom selon la source : Domicile.\nStatut dans la source : suspendu."


@pytest.mark.parametrize(
    "members",
    [
        [],
        [{"member": {"display": "A"}}, {"member": {"display": "B"}}],
        [{"member": {"reference": "Patient/1"}}],
        [{"role": [{"text": "infirmière"}]}],
        [{"member": {"display": "A"}, "modifierExtension": [{"url": "x"}]}],
    ],
)
def test_any_other_team_is_kept_as_it_is(members: list[Json]) -> None:
    fields = team(*members)
    assert other("CareTeam", **fields).resource_type == "CareTeam"
    assert read("CareTeam", **fields).patient_reference == "Patient/1"
