"""Imports that are not as they should be: broken, repeated, renewed, stale, without an owner, hostile."""

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localstore import archives, blocks, history, importing, patients, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.database import rows
from localstore.errors import NotFound, TooLarge
from localstore.import_errors import NotFhir, SubjectMoved
from localstore.kinds import Kind
from localstore.practice import Practice
from tests import practices

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Durand", "given": ["Luc"]}],
    "birthDate": "1950-01-01",
}


def condition(identifier: str, text: str, subject: str = "urn:uuid:p1", **more: Any) -> dict[str, Any]:
    reference = {"reference": subject}
    return {"resourceType": "Condition", "id": identifier, "subject": reference, "code": {"text": text}} | more


def bundle(*resources: dict[str, Any], full_urls: bool = True) -> bytes:
    entries = [
        ({"fullUrl": f"urn:uuid:{one['id']}"} if full_urls and "id" in one else {}) | {"resource": one}
        for one in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


@pytest.fixture
def load(here: Practice, tmp_path: Path) -> Callable[..., importing.Report]:
    def run(*contents: bytes) -> importing.Report:
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"file{number}.json")
            paths[-1].write_bytes(content)
        return importing.import_paths(here, paths)

    return run


def problems(here: Practice) -> list[str]:
    one = patients.listing(here.connection)[0]
    entries = record.chart(here, one.id).entries
    return [entry.body.concept.text for entry in entries if isinstance(entry.body, ProblemBody)]


Load = Callable[..., importing.Report]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<Bundle/>",
        b"[]",
        b"{}",
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Pat',
        b"\xff\xfe\x00",
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        "{}".encode("utf-16"),
    ],
)
def test_what_is_no_fhir_is_named_and_changes_nothing(here: Practice, load: Load, content: bytes) -> None:
    lines = len(history.lines(here.connection))
    report = load(content)
    (broken,) = report.broken
    assert isinstance(broken.error, NotFhir)
    assert broken.file == "file0.json"
    assert (report.added, patients.count(here.connection)) == (0, 0)
    assert len(history.lines(here.connection)) == lines


def test_the_good_ones_go_in_and_the_broken_one_is_named_with_its_place(here: Practice, load: Load) -> None:
    broken = condition("c2", "x") | {"resourceType": "?"}
    content = bundle(PATIENT, condition("c1", "Asthme"), broken, condition("c3", "Goutte"))
    for added in (3, 0):
        report = load(content)
        assert (report.added, len(report.broken)) == (added, 1)
        assert report.broken[0].place == "entry[2].resource"
        assert problems(here) == ["Asthme", "Goutte"]
    mended = load(bundle(PATIENT, condition("c1", "Asthme"), condition("c2", "x"), condition("c3", "Goutte")))
    assert (mended.added, mended.unchanged, mended.broken) == (1, 3, [])


def test_a_changed_resource_becomes_a_new_version(here: Practice, load: Load) -> None:
    load(bundle(PATIENT, condition("c1", "Asthme")))
    report = load(bundle(PATIENT, condition("c1", "Asthme sévère")))
    assert (report.added, report.renewed, report.unchanged) == (0, 1, 1)
    assert problems(here) == ["Asthme sévère"]
    assert load(bundle(PATIENT, condition("c1", "Asthme"))).unchanged == 2  # the old file again: nothing new in it
    assert problems(here) == ["Asthme sévère"]


def test_an_older_copy_never_overwrites_in_silence(here: Practice, load: Load) -> None:
    def identity(family: str, updated: str) -> bytes:
        return bundle(PATIENT | {"name": [{"family": family}], "meta": {"lastUpdated": updated}})

    load(identity("Nouveau", "2025-01-01T00:00:00Z"))
    load(identity("Ancien", "2020-01-01T00:00:00Z"))
    (one,) = patients.listing(here.connection)
    assert one.family_name == "Nouveau"
    chart = record.chart(here, one.id)
    assert chart.competing() == {one.id}
    assert {e.body.family_name for e in chart.identity if isinstance(e.body, PatientBody)} == {"Nouveau", "Ancien"}


def test_a_local_amendment_and_a_newer_import_both_stand(here: Practice, load: Load) -> None:
    load(bundle(PATIENT, condition("c1", "Asthme")))
    one = patients.listing(here.connection)[0]
    (entry,) = record.chart(here, one.id).entries
    assert isinstance(entry.body, ProblemBody)
    record.amend(here, entry.version, ProblemBody(entry.body.concept, note="vu"))
    load(bundle(PATIENT, condition("c1", "Asthme sévère")))
    assert len(record.chart(here, one.id).entries) == 2
    assert record.chart(here, one.id).competing() == {entry.id}


def test_relative_names_of_two_systems_stay_apart(here: Practice, load: Load) -> None:
    first = bundle(PATIENT, condition("c1", "Asthme", "Patient/p1"), full_urls=False)
    other = PATIENT | {"name": [{"family": "Autre"}], "birthDate": "1990-01-01"}
    second = bundle(other, condition("c1", "Goutte", "Patient/p1"), full_urls=False)
    assert load(first, second).added == 4
    assert sorted(one.family_name for one in patients.listing(here.connection)) == ["Autre", "Durand"]
    assert load(first, second).unchanged == 4


def test_a_resource_may_come_alone_after_its_patient(here: Practice, load: Load) -> None:
    load(bundle(PATIENT))
    alone = condition("c1", "Asthme", "urn:uuid:p1")
    assert load(json.dumps(alone).encode()).added == 1
    assert problems(here) == ["Asthme"]


def test_a_resource_of_an_unknown_patient_is_named_and_not_dropped(here: Practice, load: Load) -> None:
    load(bundle(PATIENT))
    report = load(bundle(condition("c1", "Asthme", "Patient/elsewhere")))
    assert [broken.place for broken in report.broken] == ["entry[0].resource"]
    assert problems(here) == []


def test_two_patients_in_one_file_keep_their_own(here: Practice, load: Load) -> None:
    other = PATIENT | {"id": "p2", "name": [{"family": "Autre"}]}
    load(bundle(PATIENT, other, condition("c1", "Asthme"), condition("c2", "Goutte", "urn:uuid:p2")))
    owned = {
        one.family_name: [entry.kind for entry in record.chart(here, one.id).entries]
        for one in patients.listing(here.connection)
    }
    assert owned == {"Durand": [Kind.PROBLEM], "Autre": [Kind.PROBLEM]}


def test_two_resources_of_one_name_in_one_file(here: Practice, load: Load) -> None:
    report = load(bundle(PATIENT, condition("c1", "A"), condition("c1", "A"), condition("c1", "B")))
    assert (report.added, report.unchanged, len(report.broken)) == (2, 1, 1)
    assert problems(here) == ["A"]


def test_a_crash_in_a_file_leaves_nothing_of_it(here: Practice, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(patients, "project", fail)
        with pytest.raises(OSError, match="power"):
            load(bundle(PATIENT, condition("c1", "Asthme")))
    assert patients.count(here.connection) == 0
    assert here.connection.execute("SELECT count(*) FROM version").fetchone() == (0,)
    assert load(bundle(PATIENT, condition("c1", "Asthme"))).added == 2


# --- folders and archives --------------------------------------------------------------------------------------


def test_folders_and_archives_are_read_and_nothing_is_written(here: Practice, tmp_path: Path) -> None:
    content = bundle(PATIENT, condition("c1", "Asthme"))
    folder = tmp_path / "folder" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.json").write_bytes(content)
    (folder / "note.txt").write_text("x")
    zipped, tarred = tmp_path / "a.zip", tmp_path / "a.tar.gz"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../../evil.json", content)
        archive.writestr("__MACOSX/._a.json", b"junk")
    with tarfile.open(tarred, "w:gz") as tar:
        for name, kind in (("/etc/evil.json", tarfile.REGTYPE), ("link.json", tarfile.SYMTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            member.size = len(content) if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(content))
    before = sorted(tmp_path.rglob("*"))
    report = importing.import_paths(here, [tmp_path / "folder", zipped, tarred])
    assert (report.files, report.added, report.unchanged, report.broken) == (3, 2, 4, [])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_path_that_does_not_exist_stops_everything_first(here: Practice, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(bundle(PATIENT))
    with pytest.raises(NotFound):
        importing.import_paths(here, [tmp_path / "a.json", tmp_path / "b.json"])
    assert patients.count(here.connection) == 0


@pytest.mark.parametrize("name", ["a.zip", "a.tar.xz", "a.tgz"])
def test_a_damaged_archive_is_named(here: Practice, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 not really")
    report = importing.import_paths(here, [tmp_path / name])
    assert [broken.file for broken in report.broken] == [name]


def test_a_bomb_ends_at_the_limit(here: Practice, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * (archives.MAX_FILE_BYTES + 1))
        archive.writestr("b.json", bundle(PATIENT))
    assert bomb.stat().st_size < 200_000
    report = importing.import_paths(here, [bomb])
    (broken,) = report.broken
    assert isinstance(broken.error, TooLarge)
    assert report.added == 1


def test_a_resource_that_is_now_somebody_elses_is_told(here: Practice, load: Load) -> None:
    second = PATIENT | {"id": "p2", "name": [{"family": "Petit"}]}
    load(bundle(PATIENT, second, condition("c1", "Asthme", "urn:uuid:p2"), condition("c2", "Goutte")))
    moved = bundle(PATIENT, second, condition("c1", "Asthme"), condition("c2", "Goutte"))
    report = load(moved)
    assert (report.added, report.unchanged, report.broken) == (1, 3, [])
    (told,) = report.doubtful
    assert (told.place, type(told.error)) == ("entry[2].resource", SubjectMoved)
    assert load(moved).doubtful == []


def test_what_comes_again_in_another_order_is_read_once(
    here: Practice, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [condition(f"c{number}", f"{number} " + "x" * 700, note=[{"text": "x" * 30_000}]) for number in range(400)]
    load(bundle(PATIENT, *many))
    (held,) = rows(here.connection, "SELECT count(*) FROM block WHERE patient IS NOT NULL")[0]
    assert held > 2 * blocks.KEPT
    unpacked: list[int] = []
    genuine = blocks.unpacked

    def counted(data: bytes) -> bytes:
        unpacked.append(len(data))
        return genuine(data)

    monkeypatch.setattr(blocks, "unpacked", counted)
    random.Random(1).shuffle(many)  # noqa: S311 - a reproducible order
    report = load(bundle(PATIENT, *many))
    assert (report.unchanged, report.added, report.renewed) == (401, 0, 0)
    assert len(unpacked) <= 4 * held
