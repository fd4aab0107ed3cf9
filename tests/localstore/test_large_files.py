"""Files that are too large to hold: the same record as from the file whole, in little memory, at once or not at all."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import archives, history, importing, intake, patients, record, streaming
from localstore.errors import TooLarge
from localstore.import_errors import BrokenResource, NotFhir
from localstore.importing import Report
from localstore.numbered import Name, NumberTable
from localstore.practice import Practice
from tests import practices

MEDICATION = {"resourceType": "Medication", "id": "m", "code": {"text": "Amoxicilline"}}


def person(number: int) -> dict[str, Any]:
    name = [{"family": f"Durand{number}", "given": ["Luc"]}]
    return {"resourceType": "Patient", "id": f"p{number}", "name": name, "birthDate": "1950-01-01"}


def observation(number: int, owner: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                  "code": "vital-signs", "display": "Vital Signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body Height"}]},
        "subject": {"reference": f"urn:uuid:p{owner}"},
        "effectiveDateTime": "2011-05-28T15:33:20-04:00",
        "issued": "2011-05-28T15:33:20.123-04:00",
        "valueQuantity": {"value": number % 977 / 7, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"},
    }  # fmt: skip


def request(number: int, owner: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"r{number}",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "urn:uuid:m"},
        "subject": {"reference": f"urn:uuid:p{owner}"},
    }


def written(path: Path, resources: Iterator[dict[str, Any]] | list[dict[str, Any]], *, lines: bool = False) -> Path:
    """A bundle of these, or lines of NDJSON; the type of the bundle stands at its end, as it may."""
    with open(path, "w") as file:
        file.write("" if lines else '{"resourceType": "Bundle", "entry": [')
        for number, one in enumerate(resources):
            text = json.dumps(one if lines else {"fullUrl": f"urn:uuid:{one['id']}", "resource": one})
            file.write((("\n" if lines else ",\n") if number else "") + text)
        file.write("" if lines else '], "type": "collection"}')
    return path


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is too large to hold, and a portion is a few resources."""
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 10)
    monkeypatch.setattr(streaming, "PORTION_BYTES", 2000)


def some() -> list[dict[str, Any]]:
    """Two patients in turns, what belongs to nobody, what is broken, and what is not R4."""
    found = [observation(number, number % 2) for number in range(20)]
    found += [request(0, 0), MEDICATION, {"resourceType": "?", "id": "x"}, observation(99, 7)]
    found += [observation(50, 1) | {"valueQuantity": 5}, person(0), person(1)]
    return found


def told(report: Report) -> tuple[object, ...]:
    broken = [(one.place, one.reason) for one in (*report.broken, *report.kept)]
    return report.patients, report.added, report.renewed, report.unchanged, sorted(broken)


def shown(practice: Practice) -> list[object]:
    people = patients.listing(practice.connection)
    charts = {one.family_name: record.chart(practice, one.id).entries for one in people}
    return [
        (name, sorted(str((one.kind, one.date, one.body)) for one in found)) for name, found in sorted(charts.items())
    ]


def test_in_portions_is_as_whole(here: Practice, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = written(tmp_path / "a.json", some())
    whole = told(importing.import_paths(here, [path]))
    request.getfixturevalue("streamed")
    there = practices.make(tmp_path / "beta")
    assert told(importing.import_paths(there, [path])) == whole
    assert shown(there) == shown(here)
    assert "Amoxicilline" in str(shown(there))
    again = importing.import_paths(there, [path])
    assert (again.added, again.renewed, again.unchanged) == (0, 0, whole[1])
    assert importing.import_paths(here, [path]).unchanged == whole[1]  # what came whole is known in portions too


def test_a_newer_and_an_older_copy(here: Practice, tmp_path: Path, streamed: None) -> None:
    older = written(tmp_path / "older.json", [person(0), *(observation(number, 0) for number in range(9))])
    newer = written(tmp_path / "newer.json", [person(0), observation(4, 0) | {"status": "amended"}])
    assert importing.import_paths(here, [older]).added == 10
    report = importing.import_paths(here, [newer])
    assert (report.added, report.renewed, report.unchanged) == (0, 1, 1)
    assert importing.import_paths(here, [older]).unchanged == 10


def test_two_of_the_same_name_far_apart(here: Practice, tmp_path: Path, streamed: None) -> None:
    many = [observation(number, 0) for number in range(20)]
    rival = observation(0, 0) | {"status": "amended"}
    report = importing.import_paths(here, [written(tmp_path / "a.json", [person(0), *many, many[0], rival])])
    assert (report.added, report.unchanged) == (21, 1)
    (broken,) = report.broken
    assert "the same name" in broken.reason


def test_lines(here: Practice, tmp_path: Path, streamed: None) -> None:
    found = [one | {"subject": {"reference": "Patient/p0"}} for one in (observation(1, 0), observation(2, 0))]
    report = importing.import_paths(here, [written(tmp_path / "a.ndjson", [person(0), *found], lines=True)])
    assert (report.added, report.patients, report.broken) == (3, 1, [])


def test_what_turns_out_to_be_no_bundle_changes_nothing(here: Practice, tmp_path: Path, streamed: None) -> None:
    good = written(tmp_path / "a.json", some()).read_text()
    lines = len(history.lines(here.connection))
    for number, text in enumerate([good[:-30], good + "x", good.replace("collection", "history")]):
        path = tmp_path / f"bad{number}.json"
        path.write_text(text)
        (broken,) = importing.import_paths(here, [path]).broken
        assert isinstance(broken.error, NotFhir)
    (tmp_path / "one.json").write_text(json.dumps(person(0)))
    (broken,) = importing.import_paths(here, [tmp_path / "one.json"]).broken
    assert isinstance(broken.error, TooLarge)
    assert (patients.count(here.connection), len(history.lines(here.connection))) == (0, lines)


def test_too_many_broken_ones_undo_the_file(
    here: Practice, tmp_path: Path, streamed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MAX_TOLD", 5)
    found = [{"resourceType": "?", "id": f"x{number}"} for number in range(6)]
    (broken,) = importing.import_paths(here, [written(tmp_path / "a.json", [person(0), *found])]).broken
    assert isinstance(broken.error, NotFhir) and not isinstance(broken.error, BrokenResource)
    assert patients.count(here.connection) == 0


def test_what_is_told_is_bounded_and_the_rest_is_counted(
    here: Practice, tmp_path: Path, streamed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_TOLD", 5)
    found = [observation(number, 0) | {"triggeredBy": []} for number in range(8)]
    report = importing.import_paths(here, [written(tmp_path / "a.json", [person(0), *found])])
    assert (report.added, len(report.kept), report.untold) == (9, 5, 3)


def test_it_says_how_far_it_is(here: Practice, tmp_path: Path, streamed: None) -> None:
    said: list[str] = []
    importing.import_paths(here, [written(tmp_path / "a.json", some())], lambda _count, name: said.append(name))
    parts = [int(name.removeprefix("a.json: ").removesuffix(" %")) for name in said if name.endswith("%")]
    assert parts == sorted(parts) and parts[-1] > 80


NAMES: list[Name] = [f"urn:{number}" for number in range(300)] + [(number, "x") for number in range(200)]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(-(2**40), 2**40)), max_size=300))
def test_a_table_is_a_dict(pairs: list[tuple[Name, int]]) -> None:
    table = NumberTable(4)
    expected: dict[Name, int] = {}
    for name, number in pairs:
        table[name] = expected[name] = number
    assert len(table) == len(expected)
    assert {name: table[name] for name in expected} == expected
    assert all((name in table) is (name in expected) for name in NAMES)
    with pytest.raises(KeyError):
        table["none"]


MEASURE = """
import sys
from pathlib import Path
from localstore import archives, importing
from tests import practices
archives.MAX_FILE_BYTES = int(sys.argv[3])
here = practices.make(Path(sys.argv[1]))
report = importing.import_paths(here, [Path(sys.argv[2])])
status = Path("/proc/self/status").read_text()  # not `getrusage`: that begins with what the starting process had
peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
print(peak, report.added, report.patients, len(report.broken))
"""


def many(size: int) -> Iterator[dict[str, Any]]:
    """Resources of so many bytes, of a patient for each five thousand."""
    chance, number = random.Random(7), 0  # noqa: S311 - the same at each run
    while size > 0:
        owner, number = number // 5000, number + 1
        one = person(owner) if number % 5000 == 1 else observation(number, owner)
        if chance.random() < 0.05 and number % 5000 != 1:
            one = request(number, owner)
        size -= len(json.dumps(one)) + 60
        yield one


def measured(folder: Path, mebibytes: int, limit: int = archives.MAX_FILE_BYTES) -> tuple[int, ...]:
    """What a process of its own needs at most, in MiB, and what its import did; above `limit` a file is streamed."""
    path = written(folder / "large.json", many(mebibytes * 1024**2))
    assert path.stat().st_size > mebibytes * 1024**2 * 0.9
    command = [sys.executable, "-c", MEASURE, str(folder / "practice"), str(path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    path.unlink()
    return tuple(int(word) for word in done.stdout.split())


def test_a_file_above_the_limit_in_bounded_memory(tmp_path: Path, at_full_length: bool) -> None:
    # What a portion takes is seen at any size; at full length the file is above the limit of every day.
    peak, added, people, broken = measured(tmp_path, 100) if at_full_length else measured(tmp_path, 8, 1024**2)
    assert peak < 200
    assert (people, broken) == (-(-added // 5000), 0)


@pytest.mark.long
def test_a_bundle_of_a_gigabyte_in_bounded_memory(tmp_path: Path) -> None:
    peak, added, people, broken = measured(tmp_path, 1000)
    assert peak < 300
    assert (people, broken) == (-(-added // 5000), 0)
