"""The document is an International Patient Summary: every condition holds, and each condition can fail."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings

from localstore.bodies import (
    AllergyBody,
    ConsultationBody,
    DeviceBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import ips
from localstore.emergency.fhirvalues import fhir_date
from localstore.emergency.sections import Summary
from localstore.model import Entry
from localstore.values import Author, Coding, Concept
from tests.emergency import ips_conditions as conditions
from tests.emergency.charts import (
    JEANNE,
    LOINC,
    SNOMED,
    coded,
    entry,
    measured,
    monstrous,
    of,
    typical,
    words,
)
from tests.emergency.ips_conditions import CONDITIONS, Json, code_of, of_type, resources, sections
from tests.emergency.test_sheet import HOSTILE, hostile_record
from tests.emergency.test_summary import records

EXAMPLES = Path(__file__).parents[2] / "../shared/data/ips"


def nothing_known() -> Summary:
    """A patient of whom nothing was asked."""
    return of(PatientBody(family_name="Martin"))


def none_known() -> Summary:
    """A patient who was asked, and has nothing."""
    bodies = (AllergyBody(none_known=True), MedicationBody(none_known=True), ProblemBody(none_known=True))
    return of(JEANNE, *(entry(body, "2024-05-01") for body in bodies))


def undated() -> Summary:
    """A record in which no date is one."""
    bodies = (
        AllergyBody(words("a"), onset="?"), MedicationBody(words("b")), ProblemBody(words("c"), abatement="1999"),
        ImmunisationBody(words("d")), ProcedureBody(words("e"), end="2020-02-31"), ConsultationBody("f"),
    )  # fmt: skip
    return of(PatientBody(family_name="", birth_date="vers 1950"), *(entry(body, "?") for body in bodies))


def hostile() -> Summary:
    """Hostile text everywhere."""
    return replace(of(PatientBody(family_name=HOSTILE), *hostile_record()), author=Author(HOSTILE), practice=HOSTILE)


CHARTS: dict[str, Callable[[], Summary]] = {
    "typical": lambda: of(JEANNE, *typical()),
    "nothing known": nothing_known,
    "none known": none_known,
    "undated": undated,
    "hostile": hostile,
    "monstrous": lambda: of(JEANNE, *monstrous()),
}


def document(summary: Summary) -> Json:
    """The document as whoever receives it reads it."""
    found: Json = json.loads(ips.encode(ips.build(summary)))
    return found


def section(bundle: Json, code: str) -> Json:
    """The section with this code."""
    return next(one for one in sections(bundle) if code_of(one) == code)


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: one.__name__)
def test_condition(condition: Callable[[Json], list[str]], chart: str) -> None:
    assert condition(document(CHARTS[chart]())) == []


@pytest.mark.parametrize("chart", CHARTS)
def test_it_is_valid_r4(chart: str) -> None:
    Bundle.model_validate_json(ips.encode(ips.build(CHARTS[chart]())))


def _first(bundle: Json, name: str) -> Json:
    return of_type(bundle, name)[0]


def _set(path: Callable[[Json], Json], name: str, value: Any) -> Callable[[Json], None]:
    def change(bundle: Json) -> None:
        path(bundle)[name] = value

    return change


def _drop(path: Callable[[Json], Json], name: str) -> Callable[[Json], None]:
    def change(bundle: Json) -> None:
        del path(bundle)[name]

    return change


def _composition(bundle: Json) -> Json:
    return resources(bundle)[0]


def _swap(bundle: Json) -> None:
    bundle["entry"][0], bundle["entry"][1] = bundle["entry"][1], bundle["entry"][0]


def _another(name: str) -> Callable[[Json], None]:
    def change(bundle: Json) -> None:
        found = next(one for one in bundle["entry"] if one["resource"]["resourceType"] == name)
        copy = deepcopy(found)
        copy["fullUrl"] = copy["fullUrl"][:-1] + ("0" if copy["fullUrl"][-1] != "0" else "1")
        copy["resource"]["id"] = copy["fullUrl"].removeprefix("urn:uuid:")
        bundle["entry"].append(copy)

    return change


def _first_section(bundle: Json) -> Json:
    return sections(bundle)[0]


WRONG_TYPE = "entries_are_of_the_type_of_their_section"
BREAKAGES: dict[str, Callable[[Json], None]] = {
    "is_a_document": lambda bundle: bundle.update(type="collection"),
    "one_composition_first": _swap,
    "one_patient": _another("Patient"),
    "full_urls_are_uuids": lambda bundle: bundle["entry"][1].update(fullUrl="Patient/1"),
    "references_resolve": lambda bundle: bundle["entry"].pop(),
    "everything_is_referenced": _another("Procedure"),
    "composition_is_a_patient_summary": _drop(_composition, "title"),
    "author_and_custodian_are_there": _drop(lambda bundle: _first(bundle, "Organization"), "name"),
    "required_sections_are_there_once": lambda bundle: _composition(bundle)["section"].pop(0),
    "no_section_twice": lambda bundle: _composition(bundle)["section"].append(deepcopy(_first_section(bundle))),
    "required_sections_have_entries_or_a_reason": _drop(_first_section, "entry"),
    "empty_reasons_are_of_the_value_set": _set(
        _first_section, "emptyReason", {"coding": [{"system": "x", "code": "none"}]}
    ),
    "sections_have_title_code_and_text": _drop(_first_section, "text"),
    WRONG_TYPE: lambda bundle: _first_section(bundle)["entry"].append(sections(bundle)[1]["entry"][0]),
    "narratives_are_safe_xhtml": _set(
        lambda bundle: _first_section(bundle)["text"],
        "div",
        '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>',
    ),
    "profiles_are_named": _drop(lambda bundle: _first(bundle, "Patient"), "meta"),
    "patient_has_name_and_birth_date": _drop(lambda bundle: _first(bundle, "Patient"), "birthDate"),
    "subjects_are_the_patient": _set(lambda bundle: _first(bundle, "Condition"), "subject", {"reference": "x"}),
    "conditions_follow_their_profile": _drop(lambda bundle: _first(bundle, "Condition"), "clinicalStatus"),
    "allergies_follow_their_profile": _drop(lambda bundle: _first(bundle, "AllergyIntolerance"), "code"),
    "medications_follow_their_profile": _drop(lambda bundle: _first(bundle, "MedicationStatement"), "effectivePeriod"),
    "immunizations_follow_their_profile": _drop(lambda bundle: _first(bundle, "Immunization"), "occurrenceDateTime"),
    "procedures_follow_their_profile": _drop(lambda bundle: _first(bundle, "Procedure"), "performedDateTime"),
    "devices_follow_their_profile": _drop(lambda bundle: _first(bundle, "Device"), "type"),
    "family_histories_say_whose_and_of_whom": _drop(
        lambda bundle: _first(bundle, "FamilyMemberHistory"), "relationship"
    ),
    "recommended_sections_are_never_silent": lambda bundle: _composition(bundle)["section"].remove(
        section(bundle, "11369-6")
    ),
    "observations_follow_their_profile": _drop(lambda bundle: _first(bundle, "Observation"), "performer"),
    "codings_are_whole": _set(lambda bundle: _first(bundle, "Condition"), "code", {"id": "x"}),
    "nothing_is_empty": _set(lambda bundle: _first(bundle, "Condition"), "note", [{"text": " "}]),
}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: one.__name__)
def test_each_condition_can_fail(condition: Callable[[Json], list[str]]) -> None:
    more = (DeviceBody(words("Stimulateur")), FamilyHistoryBody(words("mère"), (words("HTA"),)))
    bundle = document(of(JEANNE, *typical(), *(entry(body) for body in more)))
    BREAKAGES[condition.__name__](bundle)
    assert condition(bundle) != []


# --- three states of knowledge -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", conditions.REQUIRED_SECTIONS)
def test_what_nobody_asked_is_not_asked(code: str) -> None:
    found = section(document(nothing_known()), code)
    assert found["emptyReason"]["coding"][0]["code"] == "notasked"
    assert "Ne pas en conclure" in found["text"]["div"]


@pytest.mark.parametrize(
    ("code", "element", "snomed"),
    [
        ("48765-2", "code", "716186003"),
        ("11450-4", "code", "160245001"),
        ("10160-0", "medicationCodeableConcept", "787481004"),
    ],
)
def test_known_none_is_a_resource_that_says_when_it_was_asked(code: str, element: str, snomed: str) -> None:
    """IPS 2.0 removed its code system for this and recommends SNOMED CT (Empty Sections and Missing Data)."""
    bundle = document(none_known())
    (reference,) = section(bundle, code)["entry"]
    resource = next(one["resource"] for one in bundle["entry"] if one["fullUrl"] == reference["reference"])
    assert [(one["system"], one["code"]) for one in resource[element]["coding"]] == [(SNOMED, snomed)]
    assert "2024-05-01" in (resource.get("recordedDate"), resource.get("effectiveDateTime"))
    assert "demandé le 1er mai 2024" in section(bundle, code)["text"]["div"]


def test_what_is_held_back_says_withheld_and_is_not_in_the_document() -> None:
    data = ips.encode(ips.build(of(JEANNE, entry(AllergyBody(words("Secret")), restricted=True))))
    found = section(json.loads(data), "48765-2")
    assert found["emptyReason"]["coding"][0]["code"] == "withheld"
    assert "partiel : 0 sur 1" in found["text"]["div"]
    assert b"Secret" not in data


def test_a_restricted_entry_that_is_named_makes_the_document_restricted() -> None:
    secret = entry(ProblemBody(words("Secret")), restricted=True)
    assert document(of(JEANNE, secret, named=[secret.id]))["entry"][0]["resource"]["confidentiality"] == "R"
    assert document(of(JEANNE))["entry"][0]["resource"]["confidentiality"] == "N"


# --- what the resources say --------------------------------------------------------------------------------------


def test_codes_go_out_as_they_came() -> None:
    concept = Concept("HTA", (Coding(SNOMED, "38341003", "Hypertension"), Coding("urn:oid:1.2", "I10 ", "HTA")))
    (problem,) = of_type(document(of(JEANNE, entry(ProblemBody(concept)))), "Condition")
    assert problem["code"]["coding"] == [{"system": SNOMED, "code": "38341003", "display": "Hypertension"}]
    assert problem["code"]["text"] == "HTA ; urn:oid:1.2 I10  HTA"


def test_decimals_stay_exact() -> None:
    data = ips.encode(ips.build(of(JEANNE, measured("29463-7", "Poids", "78.40", "kg", "2026-02-10"))))
    assert b'"value": 78.40' in data
    value = json.loads(data, parse_float=Decimal)["entry"][-1]["resource"]["valueQuantity"]
    assert value == {
        "value": Decimal("78.40"),
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }


def test_dates_may_be_partial() -> None:
    bundle = document(
        of(
            PatientBody(family_name="A", birth_date="1950-02"),
            entry(ProblemBody(words("x"), clinical_status="resolved", onset="2019", abatement="2020-03")),
            entry(ImmunisationBody(words("y")), "2021"),
        )
    )
    (problem,), (shot,) = of_type(bundle, "Condition"), of_type(bundle, "Immunization")
    assert (problem["onsetDateTime"], problem["abatementDateTime"]) == ("2019", "2020-03")
    assert shot["occurrenceDateTime"] == "2021"
    assert of_type(bundle, "Patient")[0]["birthDate"] == "1950-02"


def test_what_is_not_known_says_so() -> None:
    bundle = document(undated())
    (patient,) = of_type(bundle, "Patient")
    assert conditions.is_absent(patient["_birthDate"])
    assert conditions.is_absent(patient["name"][0])
    assert "onsetDateTime" not in of_type(bundle, "AllergyIntolerance")[0]
    assert of_type(bundle, "AllergyIntolerance")[0]["note"] == [{"text": "Date notée : ?"}]
    assert of_type(bundle, "Condition")[0]["note"] == [{"text": "Fin notée : 1999"}]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2021", "2021"),
        ("2021-03-12", "2021-03-12"),
        ("2021-03-12T10:00:00+02:00", "2021-03-12T10:00:00+02:00"),
        ("2021-03-12T10:00", "2021-03-12"),
        ("2021-03-12T25:00:00Z", "2021-03-12"),
        ("2021-02-30", None),
        ("2021-13", None),
        ("0000", None),
        ("20211", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_fhir_date(text: str, date: str | None) -> None:
    assert fhir_date(text) == date


def test_a_code_that_fhir_does_not_have_is_kept_in_words() -> None:
    body = AllergyBody(words("x"), clinical_status="refuted", criticality="terrible")
    (allergy,) = of_type(document(of(JEANNE, entry(body))), "AllergyIntolerance")
    assert [one["text"] for one in allergy["note"]] == ["Statut : refuted", "Criticité : terrible"]
    assert "criticality" not in allergy


def test_the_insurance_number_travels_only_with_a_qualified_identity() -> None:
    (patient,) = of_type(document(of(JEANNE)), "Patient")
    assert patient["identifier"][0]["value"] == JEANNE.ins
    assert patient["identifier"][0]["system"] == "urn:oid:1.2.250.1.213.1.4.8"
    doubtful = ips.encode(ips.build(of(msgspec.structs.replace(JEANNE, identity_status="validated"))))
    assert JEANNE.ins.encode() not in doubtful


def test_people_are_named() -> None:
    bundle = document(of(JEANNE, entry(AllergyBody(words("x")), author=Author("Dr Autre", "10001"))))
    assert {one["name"][0]["text"] for one in of_type(bundle, "Practitioner")} == {"Dr Claire Dubois", "Dr Autre"}
    (patient,) = of_type(bundle, "Patient")
    assert [one["name"]["text"] for one in patient["contact"]] == ["Yann Kervella", "Anne Le Goff"]
    assert patient["generalPractitioner"] == [{"display": "Dr Claire Dubois, Vannes"}]
    assert [one["use"] for one in patient["name"]] == ["official", "usual"]


def test_what_the_record_has_besides_is_told() -> None:
    bodies = (OtherBody("Claim"), DocumentBody("x"), OtherBody("Device", "Pile"))
    bundle = document(of(JEANNE, *(entry(body) for body in bodies)))
    assert "1 document, 1 élément importé" in bundle["entry"][0]["resource"]["text"]["div"]
    assert "<b>Pile</b>" in section(bundle, "46264-8")["text"]["div"]


def test_measurements_without_any_key_value_are_counted() -> None:
    found = section(document(of(JEANNE, measured("1-8", "x", "1", "g", "2020"))), "30954-2")
    assert "partiel : 0 sur 1" in found["text"]["div"]
    assert "emptyReason" not in found


def test_an_advance_directive_comes_with_its_text() -> None:
    body = DocumentBody("Directives anticipées", coded(LOINC, "42348-3", "Advance directives"), "Pas de réanimation.")
    (found,) = of_type(document(of(JEANNE, entry(body))), "DocumentReference")
    assert found["content"][0]["attachment"]["data"] == "UGFzIGRlIHLDqWFuaW1hdGlvbi4="


def test_narratives_hold_every_label_escaped() -> None:
    body = ProblemBody(words("a <b>&amp; \u202e\x1b"))
    found = section(document(of(JEANNE, entry(body))), "11450-4")
    assert "<b>a &lt;b&gt;&amp;amp; [U+202E U+001B]</b>" in found["text"]["div"]


def test_control_characters_reach_no_fhir_string() -> None:
    (problem,) = of_type(document(of(JEANNE, entry(ProblemBody(words("a\x1bb\ud800"))))), "Condition")
    assert problem["code"]["text"] == "a[U+001B]b[U+D800]"


# --- the document as a whole -------------------------------------------------------------------------------------


def test_the_same_summary_gives_the_same_bytes() -> None:
    summary = of(JEANNE, *typical())
    assert ips.encode(ips.build(summary)) == ips.encode(ips.build(summary))


def test_identifiers_depend_on_the_entries_only() -> None:
    chart = typical()
    early, late = (document(replace(of(JEANNE, *chart), made=of(JEANNE).made.replace(hour=hour))) for hour in (9, 10))
    assert [one["fullUrl"] for one in early["entry"][1:]] == [one["fullUrl"] for one in late["entry"][1:]]
    assert early["identifier"] != late["identifier"]


def test_a_resource_for_each_item_that_the_sheet_shows() -> None:
    summary = of(JEANNE, *monstrous())
    shown = sum(one.shown for one in summary.sections)
    assert sum(len(one.get("entry", [])) for one in sections(document(summary))) == shown


@settings(max_examples=max(40, settings().max_examples // 10))
@given(records())
def test_any_record_meets_every_condition(record: Sequence[Entry]) -> None:
    bundle = document(of(JEANNE, *record))
    assert [fault for condition in CONDITIONS for fault in condition(bundle)] == []
    Bundle.model_validate(bundle)


@pytest.mark.parametrize("name", ["bundle-minimal.json", "bundle-no-info-required-sections.json"])
def test_it_has_the_shape_of_the_official_examples(name: str) -> None:
    path = EXAMPLES / name
    if not path.exists():
        pytest.skip("the official examples of the IPS are not beside this checkout")
    example = json.loads(path.read_text(encoding="utf-8"))
    ours = document(nothing_known() if "no-info" in name else of(JEANNE, *typical()))
    assert example.keys() - {"id"} <= ours.keys()
    assert resources(example)[0].keys() - {"attester", "relatesTo"} <= resources(ours)[0].keys()
    codes = {code_of(one): one for one in sections(ours)}
    for theirs in sections(example):
        if code_of(theirs) in conditions.REQUIRED_SECTIONS:
            assert theirs.keys() <= codes[code_of(theirs)].keys()
            assert theirs["code"]["coding"][0]["system"] == codes[code_of(theirs)]["code"]["coding"][0]["system"]


@pytest.mark.parametrize("name", ["bundle-minimal.json", "bundle-no-info-required-sections.json"])
def test_our_conditions_on_sections_hold_for_the_official_examples(name: str) -> None:
    path = EXAMPLES / name
    if not path.exists():
        pytest.skip("the official examples of the IPS are not beside this checkout")
    example = json.loads(path.read_text(encoding="utf-8"))
    for condition in (
        conditions.is_a_document,
        conditions.one_composition_first,
        conditions.required_sections_are_there_once,
        conditions.required_sections_have_entries_or_a_reason,
        conditions.empty_reasons_are_of_the_value_set,
        conditions.sections_have_title_code_and_text,
        conditions.patient_has_name_and_birth_date,
        conditions.conditions_follow_their_profile,
    ):
        assert condition(example) == []
