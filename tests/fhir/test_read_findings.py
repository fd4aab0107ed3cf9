"""Conditions and allergies: what stands, what does not, and what nobody knows."""

import pytest

from localstore.kinds import Status
from localstore.values import Coding, Concept
from tests.fhir.reading_of import HL7, IPS, SNOMED, allergy, coded, problem, read

ASTHMA = coded("195967001", display="Asthma")
ALLERGY_STATUS = "allergyintolerance-verification"
PENICILLIN = coded("373270004", display="Penicillin")


def verified(code: str, kind: str = "condition-ver-status") -> dict[str, object]:
    return coded(code, HL7 + kind)


def clinical(code: str, kind: str = "condition-clinical") -> dict[str, object]:
    return coded(code, HL7 + kind)


def test_a_condition() -> None:
    body = problem(
        code={**ASTHMA, "text": "Asthme"},
        clinicalStatus=clinical("remission"),
        verificationStatus=verified("confirmed"),
        severity=coded("24484000", display="Severe"),
        onsetDateTime="2015-03",
        abatementDateTime="2020",
        note=[{"text": "Depuis l'enfance"}, {"text": "Stable"}],
    )
    assert body.concept == Concept("Asthme", (Coding(SNOMED, "195967001", "Asthma"),))
    assert (body.clinical_status, body.severity, body.note) == ("remission", "Severe", "Depuis l'enfance\nStable")
    assert (body.onset, body.abatement) == ("2015-03", "2020")


def test_a_code_without_a_text_is_labelled_by_its_display() -> None:
    assert problem(code=ASTHMA).concept.label == "Asthma"
    assert problem(code=coded("195967001")).concept.label == "195967001"


def test_the_clinical_date_is_the_onset_else_the_recording() -> None:
    assert read("Condition", code=ASTHMA, onsetDateTime="2015", recordedDate="2016-10").date == "2015"
    assert read("Condition", code=ASTHMA, onsetPeriod={"start": "2014-02"}, recordedDate="2016").date == "2014-02"
    assert read("Condition", code=ASTHMA, recordedDate="2016-10").date == "2016-10"
    assert read("Condition", code=ASTHMA).date == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"onsetString": "dans l'enfance"}, "dans l'enfance"),
        ({"onsetAge": {"value": 45, "unit": "ans"}}, "à 45 ans"),
        ({"onsetRange": {"low": {"value": 40}, "high": {"value": 45, "unit": "ans"}}}, "à 40 – 45 ans"),
    ],
)
def test_an_onset_that_is_no_date_is_kept_in_words(fields: dict[str, object], words: str) -> None:
    assert problem(code=ASTHMA, **fields).onset == words
    assert allergy(code=PENICILLIN, **fields).onset == words


def test_without_a_clinical_status_a_condition_is_active_unless_it_has_abated() -> None:
    assert problem(code=ASTHMA).clinical_status == "active"
    assert problem(code=ASTHMA, abatementDateTime="2020").clinical_status == "resolved"


def test_an_unknown_clinical_status_is_active_and_quoted() -> None:
    body = problem(code=ASTHMA, clinicalStatus={"text": "calme"})
    assert (body.clinical_status, body.note) == ("active", "Statut dans la source : calme.")


def test_a_refuted_condition_is_neither_active_nor_coded() -> None:
    body = problem(code=ASTHMA, clinicalStatus=clinical("active"), verificationStatus=verified("refuted"))
    assert (body.clinical_status, body.verification) == ("inactive", "refuted")
    assert body.concept == Concept("Réfuté : Asthma")


def test_a_refuted_allergy_is_neither_active_nor_coded() -> None:
    body = allergy(
        code=PENICILLIN,
        clinicalStatus=clinical("active", "allergyintolerance-clinical"),
        verificationStatus=verified("refuted", "allergyintolerance-verification"),
    )
    assert body.clinical_status == "inactive"
    assert body.substance == Concept("Réfuté : Penicillin")


@pytest.mark.parametrize("system", [HL7 + "condition-ver-status", None])
def test_a_refutation_without_its_system_is_one_too(system: str | None) -> None:
    coding = {"code": "refuted"} | ({"system": system} if system else {})
    assert problem(code=ASTHMA, verificationStatus={"coding": [coding]}).clinical_status == "inactive"


@pytest.mark.parametrize("code", ["unconfirmed", "provisional", "differential", "confirmed"])
def test_how_certain_a_condition_is(code: str) -> None:
    body = problem(code=ASTHMA, verificationStatus=verified(code))
    assert (body.clinical_status, body.verification, body.note) == ("active", code, "")


@pytest.mark.parametrize("code", ["unconfirmed", "presumed", "confirmed"])
def test_how_certain_an_allergy_is(code: str) -> None:
    assert allergy(code=PENICILLIN, verificationStatus=verified(code, ALLERGY_STATUS)).verification == code


def test_an_unknown_certainty_is_said_in_the_note() -> None:
    body = problem(code=ASTHMA, verificationStatus=verified("perhaps"))
    assert (body.verification, body.note) == ("", "Certitude dans la source : perhaps.")


def test_a_mark_of_ours_counts_only_beside_the_code_that_was_written_for_it() -> None:
    mark = [{"url": "urn:confrere:fhir:verification", "valueCode": "presumed"}]
    body = allergy(code=PENICILLIN, verificationStatus=verified("confirmed", ALLERGY_STATUS), extension=mark)
    assert body.verification == "confirmed"


def test_the_sites_of_a_condition() -> None:
    body = problem(code=ASTHMA, bodySite=[{"text": "genou gauche"}, {"text": "genou droit"}])
    assert (body.body_site.text, body.note) == ("genou gauche", "Autres localisations : genou droit.")


def test_what_was_entered_in_error_has_that_status() -> None:
    wrong = verified("entered-in-error")
    assert read("Condition", code=ASTHMA, verificationStatus=wrong).status is Status.ENTERED_IN_ERROR
    wrong = verified("entered-in-error", "allergyintolerance-verification")
    assert read("AllergyIntolerance", code=PENICILLIN, verificationStatus=wrong).status is Status.ENTERED_IN_ERROR
    assert read("Condition", code=ASTHMA).status is Status.FINAL


@pytest.mark.parametrize("code", [coded("716186003"), coded("160244002"), coded("no-known-allergies", IPS)])
def test_no_known_allergy(code: dict[str, object]) -> None:
    body = allergy(code=code)
    assert (body.none_known, body.substance, body.clinical_status) == (True, Concept(), "active")


@pytest.mark.parametrize("code", [coded("160245001"), coded("no-known-problems", IPS)])
def test_no_known_problem(code: dict[str, object]) -> None:
    body = problem(code=code)
    assert (body.none_known, body.concept, body.clinical_status) == (True, Concept(), "active")


def test_the_words_of_none_known_are_kept() -> None:
    body = allergy(code=coded("716186003", text="Aucune allergie"))
    assert (body.none_known, body.substance) == (True, Concept("Aucune allergie"))


@pytest.mark.parametrize("code", ["no-allergy-info", "no-problem-info"])
def test_missing_information_is_not_none(code: str) -> None:
    body = allergy(code=coded(code, IPS, "No information"))
    assert (body.none_known, body.clinical_status) == (False, "inactive")
    assert body.substance == Concept("Pas d'information disponible : No information")
    found = problem(code=coded(code, IPS, "No information"))
    assert (found.none_known, found.clinical_status) == (False, "inactive")


def test_snomed_no_information_available_is_not_none() -> None:
    code = coded("1287211007", display="No information available")
    assert allergy(code=code).none_known is False
    assert problem(code=code).none_known is False
    assert allergy(code=code).substance.codings == ()


@pytest.mark.parametrize("code", ["409137002", "429625007", "428607008"])
def test_no_allergy_of_one_kind_is_not_none_and_no_finding(code: str) -> None:
    body = allergy(code=coded(code, display="No known drug allergy"))
    assert (body.none_known, body.clinical_status) == (False, "inactive")
    assert body.substance == Concept("Absence déclarée : No known drug allergy")


def test_none_known_of_allergies_says_nothing_about_problems() -> None:
    body = problem(code=coded("716186003", display="No known allergy"))
    assert (body.none_known, body.clinical_status) == (False, "inactive")
    assert body.concept == Concept("Absence déclarée : No known allergy")


@pytest.mark.parametrize("state", ["inactive", "resolved"])
def test_none_known_that_no_longer_stands_is_not_none(state: str) -> None:
    status = clinical(state, "allergyintolerance-clinical")
    body = allergy(code=coded("716186003", display="No known allergy"), clinicalStatus=status)
    assert (body.none_known, body.clinical_status, body.substance) == (False, state, Concept("No known allergy"))


def test_none_known_that_was_refuted_is_not_none() -> None:
    refuted = verified("refuted", "allergyintolerance-verification")
    body = allergy(code=coded("716186003", display="No known allergy"), verificationStatus=refuted)
    assert (body.none_known, body.clinical_status) == (False, "inactive")
    assert body.substance == Concept("Réfuté : No known allergy")


def test_an_allergy() -> None:
    body = allergy(
        code=PENICILLIN,
        category=["medication", "food"],
        criticality="high",
        type="intolerance",
        reaction=[
            {"manifestation": [coded("126485001", display="Urticaire"), {"text": "Œdème"}], "severity": "severe"},
            {"manifestation": [{"text": "Nausée"}], "description": "le lendemain", "severity": "mild"},
        ],
        recordedDate="1998",
    )
    assert (body.category, body.criticality) == ("medication", "high")
    assert body.reaction == "Urticaire; Œdème (sévère); Nausée, le lendemain (légère)"
    assert (body.type, body.severity, body.note) == ("intolerance", "severe", "")
    assert body.manifestations == (Concept("", (Coding(SNOMED, "126485001", "Urticaire"),)),)


def test_the_substance_may_stand_in_the_reaction() -> None:
    assert allergy(reaction=[{"substance": PENICILLIN, "manifestation": []}]).substance.label == "Penicillin"


def test_restricted_data_stays_restricted() -> None:
    label = {"system": HL7 + "v3-Confidentiality", "code": "R"}
    assert read("Condition", code=ASTHMA, meta={"security": [label]}).sensitivity == "restricted"
    assert read("Goal", meta={"security": [label]}).sensitivity == "restricted"
    assert read("Condition", code=ASTHMA, meta={"security": [label | {"code": "N"}]}).sensitivity == "normal"
