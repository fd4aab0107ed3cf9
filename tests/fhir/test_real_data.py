"""Data that nobody here wrote: synthetic American patients, and examples of the International Patient Summary."""

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from localstore.bodies import (
    AllergyBody,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
)
from localstore.fhir.bundle import BundleItem, assemble, split
from localstore.fhir.read import ReadResource, read_resource
from localstore.fhir.references import collect_references, names_of, normal

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
SYNTHEA = DATA / "synthea-r4.tar.xz"
SUMMARIES = DATA / "ips"

synthea_there = pytest.mark.skipif(not SYNTHEA.is_file(), reason="the synthetic patients are not on this machine")
summaries_there = pytest.mark.skipif(not SUMMARIES.is_dir(), reason="the example summaries are not on this machine")
BOTH = ("Systolic Blood Pressure", "Diastolic Blood Pressure")


class Resource(NamedTuple):
    """One resource of the data: as it came, as it was cut out, as it was read."""

    given: dict[str, Any]
    item: BundleItem
    read: ReadResource


def members(archive: Path) -> Iterator[bytes]:
    """The JSON files of the archive, one after the other."""
    with tarfile.open(archive) as opened:
        for member in opened:
            file = opened.extractfile(member) if member.name.endswith(".json") else None
            if file is not None:
                yield file.read()


def resources_of(data: bytes) -> list[Resource]:
    """Everything in one file."""
    items = split(data, "file")
    names: dict[str, dict[str, Any]] = {}
    for item in items:
        assert isinstance(item.resource, dict), item
        names |= dict.fromkeys(names_of(item.resource, item.url), item.resource)
    given = [entry["resource"] for entry in msgspec.json.decode(data)["entry"]]
    return [
        Resource(one, item, read_resource(item.resource, lambda name: names.get(normal(name))))
        for one, item in zip(given, items, strict=True)
        if isinstance(item.resource, dict)
    ]


@pytest.fixture(scope="module")
def lives(at_full_length: bool) -> list[list[Resource]]:
    """The synthetic patients, a file each: all with `--long`, else the first 30."""
    found: list[list[Resource]] = []
    for data in members(SYNTHEA):
        found.append(resources_of(data))
        if len(found) == 30 and not at_full_length:
            break
    return found


def of_type(lives: list[list[Resource]], kind: str) -> list[Resource]:
    """The resources of one type."""
    found = [one for life in lives for one in life if one.given["resourceType"] == kind]
    assert found
    return found


@synthea_there
def test_every_resource_is_read_without_a_remark(lives: list[list[Resource]]) -> None:
    assert Counter(remark for life in lives for one in life for remark in one.read.remarks) == {}


@synthea_there
def test_every_resource_is_cut_out_with_equal_content(lives: list[list[Resource]]) -> None:
    for one in (one for life in lives for one in life):
        assert msgspec.json.decode(one.item.raw) == one.given


@synthea_there
def test_every_resource_goes_out_again_byte_for_byte(lives: list[list[Resource]]) -> None:
    for life in lives:
        sources = [(one.item.url, one.item.raw) for one in life]
        again = split(assemble(sources, "export", "2026-03-01T09:30:00.000Z"), "export.json")
        assert [(item.url, item.raw) for item in again] == sources


@synthea_there
def test_every_clinical_resource_is_dated_and_belongs_to_the_patient_of_its_file(lives: list[list[Resource]]) -> None:
    for life in lives:
        (patient,) = [one.item.url for one in life if one.given["resourceType"] == "Patient"] or [""]
        for one in life:
            if isinstance(one.read.body, MeasurementBody | ConsultationBody | ImmunisationBody | ProblemBody):
                assert one.read.date and one.read.patient_reference == patient


@synthea_there
def test_every_reference_is_found_in_both_ways(lives: list[list[Resource]]) -> None:
    for one in (one for life in lives for one in life):
        assert isinstance(one.item.resource, dict)
        walked = collect_references(one.item.resource)
        assert sorted(collect_references(one.item.resource, one.item.raw)) == sorted(walked)


@synthea_there
def test_blood_pressures_have_their_two_numbers(lives: list[list[Resource]]) -> None:
    pressures = [one for one in of_type(lives, "Observation") if one.given["code"].get("text") == "Blood Pressure"]
    assert pressures
    for one in pressures:
        assert isinstance(one.read.body, MeasurementBody)
        found = {
            part.concept.text: (float(part.quantity.value), part.quantity.unit)
            for part in one.read.body.components
            if part.quantity
        }
        given = {
            part["code"]["text"]: (part["valueQuantity"]["value"], part["valueQuantity"].get("unit", ""))
            for part in one.given["component"]
        }
        assert found == given
        assert set(found) == set(BOTH)


@synthea_there
def test_active_medicines_allergies_and_problems_are_those_of_the_source(lives: list[list[Resource]]) -> None:
    for one in of_type(lives, "MedicationRequest"):
        assert isinstance(one.read.body, MedicationBody)
        assert one.read.body.state == one.given["status"]
        assert one.read.body.medicine.text == one.given["medicationCodeableConcept"]["text"]
    for one in of_type(lives, "AllergyIntolerance"):
        assert isinstance(one.read.body, AllergyBody)
        assert one.read.body.clinical_status == one.given["clinicalStatus"]["coding"][0]["code"]
        assert one.read.body.criticality == one.given["criticality"]
        assert not one.read.body.none_known
    for one in of_type(lives, "Condition"):
        assert isinstance(one.read.body, ProblemBody)
        assert one.read.body.clinical_status == one.given["clinicalStatus"]["coding"][0]["code"]
        assert one.read.body.abatement == one.given.get("abatementDateTime", "")


@synthea_there
def test_identities_are_those_of_the_source(lives: list[list[Resource]]) -> None:
    for one in of_type(lives, "Patient"):
        official = one.given["name"][0]
        body = one.read.body
        assert isinstance(body, PatientBody)
        assert (body.family_name, list(body.given_names)) == (official["family"], official["given"])
        assert (body.birth_date, body.sex) == (one.given["birthDate"], one.given["gender"])
        assert body.deceased == one.given.get("deceasedDateTime", "")


@synthea_there
def test_reports_name_their_results(lives: list[list[Resource]]) -> None:
    for one in of_type(lives, "DiagnosticReport"):
        assert isinstance(one.read.body, DocumentBody)
        assert one.read.body.text.split("\n") == [result["display"] for result in one.given["result"]]


def summary(name: str) -> list[Resource]:
    """One of the example summaries."""
    return resources_of((SUMMARIES / name).read_bytes())


@summaries_there
def test_the_minimal_summary() -> None:
    bodies = {one.given["resourceType"]: one.read.body for one in summary("bundle-minimal.json")}
    problem, allergy, medicine = bodies["Condition"], bodies["AllergyIntolerance"], bodies["MedicationStatement"]
    assert isinstance(problem, ProblemBody) and isinstance(allergy, AllergyBody)
    assert isinstance(medicine, MedicationBody)
    assert (problem.concept.label, problem.onset) == ("Menopausal flushing (finding)", "2015")
    assert (allergy.criticality, allergy.category, allergy.onset) == ("high", "medication", "2010")
    assert [coding.code for coding in medicine.medicine.codings][-1] == "L02BG03"
    assert (medicine.state, medicine.start) == ("active", "2015-03")


@summaries_there
def test_a_summary_without_information_reads_as_nothing_known_about_it() -> None:
    found = summary("bundle-no-info-required-sections.json")
    bodies = [one.read.body for one in found]
    assert not [body for body in bodies if isinstance(body, AllergyBody | ProblemBody | MedicationBody)]
    vaccinations = [body for body in bodies if isinstance(body, ImmunisationBody)]
    assert [(body.lot, body.state) for body in vaccinations] == [("B52b", "completed"), ("B52", "completed")]


@summaries_there
def test_a_summary_in_xml_says_what_its_resources_say() -> None:
    items = split((SUMMARIES / "IPS-bundle-with-immunization.xml").read_bytes(), "summary")
    bodies = [read_resource(item.resource, lambda _: None).body for item in items if isinstance(item.resource, dict)]
    (vaccination,) = [body for body in bodies if isinstance(body, ImmunisationBody)]
    assert (vaccination.lot, vaccination.expiry, vaccination.dose) == ("AXK23RWERS", "2000-06-01", "1")
    assert (vaccination.site, vaccination.route.label) == ("Cuisse droite", "Voie intramusculaire")
    assert {coding.label for target in vaccination.targets for coding in target.codings} >= {"Pertussis", "Tetanus"}
    penicillin, food = [body for body in bodies if isinstance(body, AllergyBody)]
    assert (penicillin.verification, penicillin.type, penicillin.criticality) == ("confirmed", "allergy", "high")
    assert (food.none_known, food.clinical_status, food.substance.codings) == (False, "inactive", ())
    problems = [body for body in bodies if isinstance(body, ProblemBody)]
    assert [(one.verification, one.severity, one.clinical_status) for one in problems] == [
        ("confirmed", "Moderate", "active"),
        ("confirmed", "Severe", "remission"),
    ]
