"""What belongs to nobody and came with a patient leaves with him, unless something else needs it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localstore import exporting, importing, keystore, paths, patients, record
from localstore.practice import Practice
from localstore.rights import archiving, erasure
from localstore.rights.erasure import Ground
from tests import practices
from tests.rights import cases

DEVICE = {"resourceType": "Device", "id": "d1", "note": [{"text": "Klaxophobe de Mme Xylophagidès"}]}
EMPLOYER = {"resourceType": "Organization", "id": "o1", "name": "SARL Wyvernine (employeur)"}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An open practice with one patient, who stays."""
    made = practices.make(tmp_path / "practice")
    cases.other(made)
    yield made
    made.close()


def entries(*resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a bundle."""
    return [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]


def marked_with(practice: Practice, file: Path, *resources: dict[str, Any]) -> str:
    """Import the marked patient, with what belongs to nobody in the same file."""
    bundle = json.loads(cases.marked_bundle())
    bundle["entry"] += entries(*resources)
    return taken_in(practice, file, bundle, "Xylophagides")


def another_with(practice: Practice, file: Path, *resources: dict[str, Any]) -> str:
    """Import another patient with the same."""
    person = {"resourceType": "Patient", "id": "p2", "name": [{"family": "Durand", "given": ["Zoé"]}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries(person, *resources)}
    return taken_in(practice, file, bundle, "Durand")


def taken_in(practice: Practice, file: Path, bundle: dict[str, Any], name: str) -> str:
    """Import a bundle about one patient; the identifier."""
    file.write_text(json.dumps(bundle))
    assert not importing.import_paths(practice, [file]).broken
    return patients.resolve(practice.connection, name).id


def of_nobody(practice: Practice) -> int:
    """How many versions belong to nobody."""
    return int(practice.connection.execute("SELECT count(*) FROM version WHERE patient IS NULL").fetchone()[0])


def traces(practice: Practice) -> dict[str, int]:
    """The marks that the record still holds."""
    return cases.traces(paths.record(practice.folder), practice.key)


def test_what_came_with_nobody_else_is_erased_too(practice: Practice, tmp_path: Path) -> None:
    patient = marked_with(practice, tmp_path / "a.json", DEVICE, EMPLOYER)
    renewed = EMPLOYER | {"name": "SARL Wyvernine et fils"}
    assert marked_with(practice, tmp_path / "b.json", DEVICE, renewed) == patient
    assert of_nobody(practice) == 3
    done = erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    assert (done.versions, done.shared_left) == (44, 0)
    assert of_nobody(practice) == 0
    assert traces(practice) == {}
    assert cases.unsound(practice) == []
    again = marked_with(practice, tmp_path / "c.json", DEVICE, EMPLOYER)
    assert of_nobody(practice) == 2 and again != patient


def test_what_came_with_somebody_else_stays(practice: Practice, tmp_path: Path) -> None:
    patient = marked_with(practice, tmp_path / "a.json", EMPLOYER)
    other = another_with(practice, tmp_path / "b.json", EMPLOYER)
    before = exporting.export_patient(practice, other).data
    assert erasure.erase(practice, patient, Ground.MISTAKE, "erreur").shared_left == 0
    assert of_nobody(practice) == 1
    assert json.loads(exporting.export_patient(practice, other).data)["entry"] == json.loads(before)["entry"]
    assert erasure.erase(practice, other, Ground.MISTAKE, "erreur").versions == 2
    assert of_nobody(practice) == 0 and traces(practice) == {}
    assert cases.unsound(practice) == []


def test_what_was_packed_with_something_that_stays_is_said_to_stay(practice: Practice, tmp_path: Path) -> None:
    patient = marked_with(practice, tmp_path / "a.json", DEVICE, EMPLOYER)
    another_with(practice, tmp_path / "b.json", EMPLOYER)
    assert erasure.erase(practice, patient, Ground.MISTAKE, "erreur").shared_left == 1
    assert of_nobody(practice) == 2
    assert cases.unsound(practice) == []


def test_what_came_with_somebody_in_the_archive_stays_for_him(practice: Practice, tmp_path: Path) -> None:
    patient = marked_with(practice, tmp_path / "a.json", EMPLOYER)
    other = another_with(practice, tmp_path / "b.json", EMPLOYER)
    before = record.chart(practice, other)
    archiving.into_archive(practice, other)
    erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    assert of_nobody(practice) == 1
    archiving.bring_back(practice, other)
    assert record.chart(practice, other) == before
    assert b"Wyvernine" in exporting.export_patient(practice, other).data
    assert cases.unsound(practice) == []


def test_what_came_with_somebody_who_is_erased_in_the_archive(practice: Practice, tmp_path: Path) -> None:
    patient = marked_with(practice, tmp_path / "a.json", DEVICE, EMPLOYER)
    archiving.into_archive(practice, patient)
    assert "Wyvernine" in traces(practice)
    key = keystore.get(practice.connection, keystore.ARCHIVE)
    assert key is not None
    assert erasure.erase(practice, patient, Ground.MISTAKE, "erreur").versions == 43
    assert of_nobody(practice) == 0
    assert traces(practice) == cases.traces(paths.archive(practice.folder), key) == {}
    assert cases.unsound(practice) == []
