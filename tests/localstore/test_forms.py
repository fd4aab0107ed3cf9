"""Whatever form FHIR comes in, and what is not R4: in, named, and out again as it came."""

import json
from pathlib import Path
from typing import Any

import pytest

from localstore import exporting, importing, patients, record
from localstore.bodies import OtherBody
from localstore.fhir import bundle as bundles
from localstore.fhir.xml_text import to_json
from localstore.import_errors import KeptUnread, WrongKey
from localstore.importing import Report
from localstore.kinds import Kind
from localstore.practice import Practice
from tests import practices
from tests.real_data import SHARED

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "295109912611193"}],
    "name": [{"family": "Durand", "given": ["Luc"]}],
    "birthDate": "1950-01-01",
}
HIM = {"subject": {"reference": "urn:uuid:p1"}}


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


def load(here: Practice, folder: Path, content: bytes, name: str = "file.json") -> Report:
    path = folder / name
    path.write_bytes(content)
    return importing.import_paths(here, [path])


def bundle(*resources: dict[str, Any]) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{one.get('id', 'x')}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def out(here: Practice, number: int = 0) -> list[dict[str, Any]]:
    """Every resource of the export of a patient."""
    one = patients.listing(here.connection)[number]
    whole = json.loads(exporting.export_patient(here, one.id, "file").data, parse_float=str)
    return [entry["resource"] for entry in whole["entry"]]


def summaries() -> list[Any]:
    found = sorted((SHARED / "ips").glob("*.*"))
    return [pytest.param(path, id=path.name) for path in found] or [
        pytest.param(None, marks=pytest.mark.skip(reason="the official summaries are not beside this checkout"))
    ]


@pytest.mark.parametrize("path", summaries())
def test_official_summaries_come_in_whole_and_go_out_again(here: Practice, path: Path) -> None:
    report = importing.import_paths(here, [path])
    assert (report.broken, report.kept, report.patients) == ([], [], 1)
    data = path.read_bytes()
    came = json.loads(to_json(data, "x") if path.suffix == ".xml" else data, parse_float=str)
    gone = out(here)
    assert len(came["entry"]) == report.added > 0
    for entry in came["entry"]:
        assert entry["resource"] in gone
    assert importing.import_paths(here, [path]).unchanged == report.added


def test_what_is_not_r4_is_named_kept_and_given_back(here: Practice, tmp_path: Path) -> None:
    r5 = {"resourceType": "MedicationRequest", "id": "r5", "medication": {"concept": {"text": "Aspirine"}}} | HIM
    stu3 = {"resourceType": "Condition", "id": "stu3", "clinicalStatus": "active", "code": {"text": "Asthme"}} | HIM
    odd = {"resourceType": "Observation", "id": "odd", "valueQuantity": 5} | HIM
    unknown = {"resourceType": "Horoscope", "id": "u", "sign": [[1.50, None]]} | HIM
    report = load(here, tmp_path, bundle(PATIENT, r5, stu3, odd, unknown))
    assert (report.added, report.broken, len(report.kept)) == (5, [], 4)
    assert all(isinstance(one.error, KeptUnread) for one in report.kept)
    chart = record.chart(here, patients.listing(here.connection)[0].id)
    kept = {one.body.resource_type: one.body for one in chart.entries if isinstance(one.body, OtherBody)}
    assert set(kept) == {"MedicationRequest", "Condition", "Observation", "Horoscope"}
    assert kept["Condition"].label == "Asthme"
    assert all(body.unread for body in kept.values())
    assert not [one for one in chart.entries if one.kind in (Kind.MEDICATION, Kind.PROBLEM, Kind.MEASUREMENT)]
    gone = out(here)
    assert all(one in gone for one in json.loads(json.dumps([r5, stu3, odd, unknown]), parse_float=str))


def test_xml_that_r4_does_not_have_comes_in_beside_its_patient(here: Practice, tmp_path: Path) -> None:
    xml = """<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>
      <entry><fullUrl value="urn:uuid:x"/><resource><Condition><id value="x"/><foo value="1"/>
        <subject><reference value="urn:uuid:p1"/></subject></Condition></resource></entry>
      <entry><fullUrl value="urn:uuid:p1"/><resource><Patient><id value="p1"/></Patient></resource></entry></Bundle>"""
    report = load(here, tmp_path, xml.encode(), "a.xml")
    assert (report.added, report.broken, len(report.kept)) == (2, [], 1)
    (binary,) = [one for one in out(here) if one["resourceType"] == "Binary"]
    again = practices.make(tmp_path / "beta")
    exported = exporting.export_patient(here, patients.listing(here.connection)[0].id, "file").data
    assert load(again, tmp_path, exported).broken == []
    assert binary in out(again)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_in_any_encoding_is_the_same_file(here: Practice, tmp_path: Path, encoding: str) -> None:
    text = json.dumps({**PATIENT, "name": [{"family": "Müller-Œuvré"}]}, ensure_ascii=False)
    assert load(here, tmp_path, text.encode(encoding)).added == 1
    assert load(here, tmp_path, text.encode()).unchanged == 1


def test_lines_are_resources_and_a_bad_one_is_named(here: Practice, tmp_path: Path) -> None:
    lines = [json.dumps(PATIENT), '{"resourceType":', json.dumps({"resourceType": "Goal", "id": "g"} | HIM), ""]
    relative = "\n".join(lines).replace("urn:uuid:p1", "Patient/p1").encode()
    report = load(here, tmp_path, relative, "bulk.ndjson")
    assert report.added == 2
    (broken,) = report.broken
    assert broken.place == "line[2]"
    assert load(here, tmp_path, relative, "unnamed.json").unchanged == 2


def test_a_number_with_a_wrong_key_is_told_and_kept(here: Practice, tmp_path: Path) -> None:
    wrong = {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "123456789012244"}
    report = load(here, tmp_path, bundle(PATIENT | {"identifier": [wrong]}))
    (doubt,) = report.doubtful
    assert (report.added, doubt.place, type(doubt.error)) == (1, "entry[0].resource", WrongKey)
    assert wrong["value"] not in str(doubt.error)  # the report goes to terminals and files: no identity in it
    assert out(here)[0]["identifier"] == [wrong] or wrong in [
        one for found in out(here) for one in found.get("identifier", ())
    ]
    assert load(here, tmp_path, bundle(PATIENT)).doubtful == []


def test_cycles_duplicates_and_absurd_dates_do_no_harm(here: Practice, tmp_path: Path) -> None:
    one = {"resourceType": "Condition", "id": "a", "recordedDate": "9999-99-99", "onsetDateTime": "0000"} | HIM
    contained = {"resourceType": "Medication", "id": "m", "ingredient": [{"itemReference": {"reference": "#m"}}]}
    request = {"resourceType": "MedicationRequest", "id": "r", "contained": [contained]} | HIM
    request |= {"medicationReference": {"reference": "#m"}, "basedOn": [{"reference": "urn:uuid:r"}]}
    ring = [
        {"resourceType": "PractitionerRole", "id": "x", "practitioner": {"reference": "urn:uuid:y"}},
        {"resourceType": "PractitionerRole", "id": "y", "practitioner": {"reference": "urn:uuid:x"}},
    ]
    report = load(here, tmp_path, bundle(PATIENT, one, one, {**one, "note": []}, request, *ring))
    assert (report.added, report.unchanged) == (5, 1)
    (broken,) = report.broken
    assert "same name" in broken.reason


def test_conditional_and_relative_references_find_their_patient(here: Practice, tmp_path: Path) -> None:
    identifier = PATIENT["identifier"][0]
    conditional = {"reference": f"Patient?identifier={identifier['system']}|{identifier['value']}"}
    logical = {"type": "Patient", "identifier": identifier}
    found = [
        {"resourceType": "Goal", "id": "a", "subject": {"reference": "Patient/p1"}},
        {"resourceType": "Goal", "id": "b", "subject": conditional},
        {"resourceType": "Goal", "id": "c", "subject": logical},
        {"resourceType": "Goal", "id": "d", "subject": {"reference": "Patient/p1/_history/3"}},
    ]
    assert load(here, tmp_path, bundle(PATIENT, *found)).added == 5
    later = [found[1] | {"id": "e"}, found[2] | {"id": "f"}]
    assert load(here, tmp_path, bundle(*later)).added == 2  # his identifier means him in every file
    assert len(bundles.split(bundle(*later), "x")) == 2
