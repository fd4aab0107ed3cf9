"""Whose a resource is, and with whom it leaves: nothing of one patient rides in the export of another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localstore import exporting, importing, intake, patients, record
from localstore.errors import TooLarge
from localstore.practice import Practice
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle, condition

OTHER = PATIENT | {"id": "p2", "name": [{"family": "Autre"}]}
HOSPITAL = {"resourceType": "Organization", "id": "o", "name": "Hôpital"}
Resource = dict[str, Any]
Send = Callable[..., importing.Report]


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


@pytest.fixture
def send(here: Practice, tmp_path: Path) -> Send:
    def run(*resources: Resource, full_urls: bool = True) -> importing.Report:
        path = tmp_path / "file.json"
        path.write_bytes(bundle(*resources, full_urls=full_urls))
        return importing.import_paths(here, [path])

    return run


def exported(here: Practice, family: str) -> list[tuple[str, Resource]]:
    """The export of the patient of that name as (fullUrl, resource), no fullUrl being there twice."""
    (one,) = [each for each in patients.listing(here.connection) if each.family_name == family]
    entries = json.loads(exporting.export_patient(here, one.id).data)["entry"]
    urls = [entry["fullUrl"] for entry in entries if "fullUrl" in entry]
    assert len(set(urls)) == len(urls)
    return [(entry.get("fullUrl", ""), entry["resource"]) for entry in entries]


def types(here: Practice, family: str) -> list[str]:
    return sorted(resource["resourceType"] for _, resource in exported(here, family))


def appointment(*actors: str, **more: Any) -> Resource:
    participants = [{"actor": {"reference": actor}} for actor in actors]
    return {"resourceType": "Appointment", "id": "a", "status": "booked", "participant": participants} | more


# --- owners ----------------------------------------------------------------------------------------------------


def test_a_resource_without_subject_belongs_to_the_one_patient_whom_it_names(here: Practice, send: Send) -> None:
    assert send(PATIENT, OTHER, appointment("urn:uuid:p2", "urn:uuid:o"), HOSPITAL).broken == []
    assert types(here, "Autre") == ["Appointment", "Organization", "Patient"]
    assert types(here, "Durand") == ["Organization", "Patient"]


def test_a_resource_that_names_nobody_belongs_to_the_only_patient_of_its_file(here: Practice, send: Send) -> None:
    assert send(PATIENT, appointment()).broken == []
    assert types(here, "Durand") == ["Appointment", "Patient"]


@pytest.mark.parametrize("actors", [(), ("urn:uuid:p1", "urn:uuid:p2"), ("urn:uuid:p1", "Patient/unknown")])
def test_what_is_nobodys_or_several_peoples_is_named(here: Practice, send: Send, actors: tuple[str, ...]) -> None:
    (broken,) = send(PATIENT, OTHER, appointment(*actors)).broken
    assert broken.place == "entry[2].resource"
    assert "Appointment" not in types(here, "Durand") + types(here, "Autre")


def test_an_unknown_patient_is_not_taken_for_the_only_one(here: Practice, send: Send) -> None:
    assert len(send(PATIENT, appointment("Patient/unknown")).broken) == 1


def test_nothing_of_one_patient_leaves_with_another_who_refers_to_it(here: Practice, send: Send) -> None:
    send(PATIENT, appointment("urn:uuid:p1", description="VIH"))
    send(OTHER, condition("c", "x", "urn:uuid:p2", evidence=[{"detail": [{"reference": "urn:uuid:a"}]}]))
    assert types(here, "Autre") == ["Condition", "Patient"]


@pytest.mark.parametrize("full_urls", [True, False])
def test_the_number_of_a_patient_in_another_system_is_not_believed(here: Practice, send: Send, full_urls: bool) -> None:
    send(PATIENT | {"identifier": [{"system": "urn:oid:1", "value": "7"}]})
    (broken,) = send(condition("c1", "of somebody else", "Patient/p1"), full_urls=full_urls).broken
    assert "in another system" in broken.reason
    assert len(send(condition("c1", "x", "Patient?identifier=|7")).broken) == 1
    assert send(condition("c1", "Asthme", "Patient?identifier=urn:oid:1|7")).added == 1
    assert send(condition("c2", "Goutte", "urn:uuid:p1")).added == 1
    (one,) = patients.listing(here.connection)
    assert len(record.chart(here, one.id).entries) == 2


# --- exports ---------------------------------------------------------------------------------------------------


def test_what_is_shared_leaves_with_every_patient_of_its_file(here: Practice, send: Send) -> None:
    send(PATIENT, OTHER, HOSPITAL)
    for family in ("Durand", "Autre"):
        assert types(here, family) == ["Organization", "Patient"]


def test_a_file_of_very_many_pairs_is_refused_whole(
    here: Practice, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_COMPANY", 1)
    (broken,) = send(PATIENT, OTHER, HOSPITAL).broken
    assert isinstance(broken.error, TooLarge)
    assert patients.count(here.connection) == 0


def test_two_versions_without_a_url_leave_under_two(here: Practice, tmp_path: Path) -> None:
    subject = {"identifier": {"system": "urn:oid:1", "value": "7"}}
    patient = PATIENT | {"identifier": [{"system": "urn:oid:1", "value": "7"}]}
    for one in (patient, *(condition("c", text) | {"subject": subject} for text in ("A", "B", "C"))):
        (tmp_path / "one.json").write_text(json.dumps(one))
        assert importing.import_paths(here, [tmp_path / "one.json"]).broken == []
    found = exported(here, "Durand")
    urls = {resource["code"]["text"]: url for url, resource in found if resource["resourceType"] == "Condition"}
    assert set(urls) == {"A", "B", "C"}
    provenances = [resource for _, resource in found if resource["resourceType"] == "Provenance"]
    replaced = {one["entity"][0]["what"]["reference"] for one in provenances}
    assert replaced == {urls["A"], urls["B"]}
    assert {one["target"][0]["reference"] for one in provenances} == {urls["C"]}


def test_of_two_versions_of_what_is_shared_the_newest_keeps_the_url(here: Practice, send: Send) -> None:
    send(PATIENT, HOSPITAL)
    send(PATIENT, HOSPITAL | {"name": "Clinique"})
    names = {url: one["name"] for url, one in exported(here, "Durand") if one["resourceType"] == "Organization"}
    assert sorted(names.values()) == ["Clinique", "Hôpital"]
    assert names["urn:uuid:o"] == "Clinique"
