"""Real FHIR records go in and come out: every resource, by content."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from localstore import exporting, importing, patients, record
from localstore.kinds import Kind
from localstore.practice import Practice
from tests import practices, real_data

FEW = 12


def load(data: bytes) -> Any:
    """JSON with numbers as they are written."""
    return json.loads(data, parse_float=Decimal)


def canonical(resource: Any) -> str:
    return json.dumps(resource, sort_keys=True, default=str)


def resources(bundle: Any) -> set[str]:
    return {canonical(entry["resource"]) for entry in bundle["entry"]}


def names_of_patients(bundle: Any) -> list[str]:
    return [entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> list[Path]:
    count = None if pytestconfig.getoption("--long") else FEW
    return real_data.unpack(tmp_path_factory.mktemp("synthea"), count)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, files: list[Path]) -> Practice:
    practice = practices.make(tmp_path_factory.mktemp("practice") / "alpha")
    report = importing.import_paths(practice, files)
    assert report.broken == []
    assert report.patients == patients.count(practice.connection) > 0
    return practice


def test_every_resource_comes_out_as_it_came_in(here: Practice, files: list[Path]) -> None:
    out: dict[str, set[str]] = {}
    for one in patients.listing(here.connection):
        bundle = load(exporting.export_patient(here, one.id).data)
        out[names_of_patients(bundle)[0]] = resources(bundle)
    compared = 0
    for file in files:
        bundle = load(file.read_bytes())
        for name in names_of_patients(bundle):
            came = resources(bundle)
            assert came <= out[name], file.name
            compared += len(came)
    assert compared > 1000


def test_every_export_is_valid_r4(here: Practice, at_full_length: bool) -> None:
    listed = patients.listing(here.connection)
    for one in listed if at_full_length else listed[:3]:
        Bundle.model_validate_json(exporting.export_patient(here, one.id).data)


def test_importing_again_changes_nothing(here: Practice, files: list[Path]) -> None:
    before = here.connection.execute("SELECT count(*) FROM version").fetchone()
    again = importing.import_paths(here, files)
    assert (again.added, again.renewed, again.broken) == (0, 0, [])
    assert here.connection.execute("SELECT count(*) FROM version").fetchone() == before


def test_a_chart_has_the_kinds_that_a_doctor_expects(here: Practice) -> None:
    kinds = {entry.kind for one in patients.listing(here.connection) for entry in record.chart(here, one.id).entries}
    assert {
        Kind.PROBLEM,
        Kind.MEDICATION,
        Kind.IMMUNISATION,
        Kind.MEASUREMENT,
        Kind.CONSULTATION,
        Kind.PROCEDURE,
        Kind.OTHER,
    } <= kinds


def test_official_summaries_go_in_and_out(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    for file in real_data.summaries():
        report = importing.import_paths(here, [file])
        assert report.broken == []
        came = load(file.read_bytes())
        family = next(e["resource"] for e in came["entry"] if e["resource"]["resourceType"] == "Patient")["name"][0]
        found = patients.resolve(here.connection, f"{family['family']} {' '.join(family['given'])}")
        exported = exporting.export_patient(here, found.id).data
        assert resources(came) <= resources(load(exported))
        Bundle.model_validate_json(exported)


def test_an_amended_import_leaves_twice_with_its_provenance(here: Practice) -> None:
    one = patients.listing(here.connection)[0]
    entry = next(e for e in record.chart(here, one.id).entries if e.kind is Kind.PROBLEM)
    before = resources(load(exporting.export_patient(here, one.id).data))
    record.retract(here, entry.version, "essai")
    bundle = load(exporting.export_patient(here, one.id).data)
    assert before <= resources(bundle)
    urls = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}
    (provenance,) = [r for r in urls.values() if r["resourceType"] == "Provenance"]
    replaced = urls[provenance["entity"][0]["what"]["reference"]]
    now = urls[provenance["target"][0]["reference"]]
    assert replaced["resourceType"] == now["resourceType"] == "Condition"
    assert canonical(replaced) in before
    assert now["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert len(urls) == len(bundle["entry"])
    Bundle.model_validate_json(json.dumps(bundle, default=float))
