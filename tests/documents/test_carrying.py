"""No file is lost on its way through a FHIR bundle: what a document names is under its address in every export."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localstore import archives, exporting, importing, patients, record, streaming
from localstore.bodies import DocumentBody
from localstore.documents import carrying, stowing
from localstore.fhir.json_text import MAX_PARTS, decode
from localstore.identities import merging
from localstore.import_errors import BrokenResource, FileNotHere
from localstore.practice import Practice
from tests import practices
from tests.documents.test_storing import bytes_of, keep

Json = dict[str, Any]
PDF = b"%PDF-1.7 le bon"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    """A practice."""
    return practices.make(tmp_path / "alpha")


def _bundle(here: Practice, *files: bytes) -> Json:
    patient = practices.add_zoe(here).id
    for number, data in enumerate(files):
        keep(here, patient, data, f"Courrier {number}")
    found: Json = json.loads(exporting.export_patient(here, patient).data)
    return found


def _resources(bundle: Json) -> dict[str, Json]:
    return {one["fullUrl"]: one["resource"] for one in bundle["entry"]}


def _named(bundle: Json) -> dict[str, bytes | None]:
    """The address of every file that a document names, and the bytes under it."""
    resources = _resources(bundle)
    addresses = [
        content["attachment"]["url"]
        for one in resources.values()
        for content in one.get("content", ())
        if "url" in content["attachment"]
    ]
    return {url: base64.b64decode(resources[url]["data"]) if url in resources else None for url in addresses}


def _through(bundle: Json, there: Practice, folder: Path) -> tuple[Json, importing.Report]:
    """The bundle into a practice, and its newest patient out of it."""
    before = {one.id for one in patients.listing(there.connection)}
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(bundle))
    report = importing.import_paths(there, [path])
    (patient,) = {one.id for one in patients.listing(there.connection)} - before
    return json.loads(exporting.export_patient(there, patient).data), report


def _documents(there: Practice) -> list[DocumentBody]:
    (patient,) = patients.listing(there.connection)
    return [one.body for one in record.chart(there, patient.id).entries if isinstance(one.body, DocumentBody)]


@pytest.fixture(params=["whole", "in portions"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is read at once, and one that is too large for it."""
    if request.param == "in portions":
        monkeypatch.setattr(archives, "MAX_FILE_BYTES", 10)
        monkeypatch.setattr(streaming, "PORTION_BYTES", 500)


def test_the_same_file_twice_goes_round_and_round(here: Practice, tmp_path: Path, way: None) -> None:
    """Two documents with the same bytes: two Binaries, through three practices, each under its address."""
    first = _bundle(here, PDF, PDF)
    assert list(_named(first).values()) == [PDF, PDF]
    bundle = first
    for name in ("beta", "gamma", "delta"):
        there = practices.make(tmp_path / name, name, "10001234575")
        bundle, report = _through(bundle, there, tmp_path)
        assert (report.added, report.broken, report.kept) == (3, [], [])
        assert _resources(bundle) == _resources(first)
        assert all(one.attachment and bytes_of(there, one.attachment) == PDF for one in _documents(there))
        there.close()


def test_an_own_export_comes_back_as_another_patient(here: Practice, tmp_path: Path, way: None) -> None:
    """The identifiers of its files are taken; they leave under those that their documents name all the same."""
    first = _bundle(here, PDF, b"%PDF-1.7 un autre")
    second, report = _through(first, here, tmp_path)
    assert (report.added, report.kept) == (3, []) and _resources(second) == _resources(first)
    assert set(_named(second).values()) == {PDF, b"%PDF-1.7 un autre"}


def test_two_records_of_one_person_with_one_file(here: Practice, tmp_path: Path) -> None:
    """Merged, out, in and out: every document has its file."""
    bundle = _bundle(here, PDF)
    _through(bundle, here, tmp_path)
    one, other = patients.listing(here.connection)
    merging.merge(here, one.id, other.id, "la même personne")
    merged = json.loads(exporting.export_patient(here, one.id).data)
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    path = tmp_path / "merged.json"
    path.write_text(json.dumps(merged))
    importing.import_paths(there, [path])
    for patient in patients.listing(there.connection):
        again = json.loads(exporting.export_patient(there, patient.id).data)
        assert None not in _named(again).values()


def _altered(binary: Json) -> Json:
    return binary | {"data": base64.b64encode(PDF[:-1] + b"?").decode()}


def _longer(binary: Json) -> Json:
    return binary | {"data": base64.b64encode(PDF + b"?").decode()}


@pytest.mark.parametrize("change", [_altered, _longer])
def test_another_file_under_the_address_stays_and_is_told(
    here: Practice, tmp_path: Path, way: None, change: Callable[[Json], Json]
) -> None:
    """The document comes without a file, says so, and the report too; the bytes that came leave again."""
    bundle = _bundle(here, PDF)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Binary":
            entry["resource"] = change(entry["resource"])
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    again, report = _through(bundle, there, tmp_path)
    assert _resources(again) == _resources(bundle)
    assert [type(one.error) for one in report.kept] == [FileNotHere]
    (document,) = _documents(there)
    assert document.attachment is None and "Fichier non importé" in document.text


def test_a_binary_that_says_more_than_its_file_stays(here: Practice, tmp_path: Path, way: None) -> None:
    """The document has its file; what the Binary says besides leaves as it came."""
    bundle = _bundle(here, PDF)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Binary":
            entry["resource"]["meta"] = {"lastUpdated": "2025-01-02T03:04:05Z"}
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    again, report = _through(bundle, there, tmp_path)
    assert _resources(again) == _resources(bundle) and (report.added, report.kept) == (3, [])
    (document,) = _documents(there)
    assert document.attachment is not None and bytes_of(there, document.attachment) == PDF


def test_a_file_that_comes_later_is_taken_then(here: Practice, tmp_path: Path, way: None) -> None:
    """First without its Binary, which is told; then with it: a new version, with the file."""
    bundle = _bundle(here, PDF)
    without = bundle | {"entry": [one for one in bundle["entry"] if one["resource"]["resourceType"] != "Binary"]}
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    _, report = _through(without, there, tmp_path)
    assert [type(one.error) for one in report.kept] == [FileNotHere]
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(bundle))
    report = importing.import_paths(there, [path])
    assert (report.added, report.renewed, report.kept) == (0, 1, [])
    (document,) = _documents(there)
    assert document.attachment is not None and bytes_of(there, document.attachment) == PDF
    assert importing.import_paths(there, [path]).renewed == 0
    (patient,) = patients.listing(there.connection)
    assert list(_named(json.loads(exporting.export_patient(there, patient.id).data)).values())[0] == PDF


def test_a_document_that_is_refused_leaves_the_file(here: Practice, tmp_path: Path, way: None) -> None:
    """Nobody has the file then: the Binary is kept."""
    bundle = _bundle(here, PDF)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "DocumentReference":
            entry["resource"]["subject"] = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    again, report = _through(bundle, there, tmp_path)
    assert [type(one.error) for one in report.broken] == [BrokenResource]
    assert "Binary" in {one["resourceType"] for one in _resources(again).values()}


def test_only_the_very_binary_of_an_export_is_the_file() -> None:
    """Pure: a mark for what we would write, and none for anything else."""
    url = "urn:uuid:5f0ea2c5-6a0e-4f0a-8f0e-000000000001"
    binary: Json = {"resourceType": "Binary", "id": url[9:], "contentType": "application/pdf",
              "securityContext": {"reference": "Patient/1"}}  # fmt: skip
    data = base64.b64encode(PDF).decode()
    right = carrying.mark_of(url, json.dumps(binary | {"data": data}).encode())
    assert right is not None
    for other in (binary, binary | {"data": data, "meta": {}}, binary | {"data": data + "\n"}, binary | {"data": "?"}):
        assert carrying.mark_of(url, json.dumps(other).encode()) is None
    for change in ({"contentType": "text/plain"}, {"id": "x"}, {"data": base64.b64encode(b"x").decode()}):
        assert carrying.mark_of(url, json.dumps(binary | {"data": data} | change).encode()) != right
    assert carrying.mark_of("http://example.org/1", json.dumps(binary | {"data": data}).encode()) is None


def test_a_resource_of_very_many_parts_is_not_built() -> None:
    """A bomb of empty objects: refused by counting."""
    with pytest.raises(BrokenResource):
        decode(b'{"resourceType":"Patient","name":[' + b"{}," * MAX_PARTS + b"{}]}", "entry[0]")


MEASURE = """
import sys
from pathlib import Path
from localstore import archives, exporting, importing, patients
from tests import practices
archives.MAX_FILE_BYTES = 1024**2  # above it a file is read in portions
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
here = practices.make(Path(sys.argv[1]))
report = importing.import_paths(here, [Path(sys.argv[2])])
imported = peak()
Path("/proc/self/clear_refs").write_text("5")
(one,) = patients.listing(here.connection)
before = peak()
written = exporting.write_patient(here, one.id, Path(sys.argv[3]))
print(imported, before, peak(), report.added, len(report.broken), written.resources)
"""


def _large(path: Path, count: int) -> None:
    """A record with so many foreign files of 3.9 MB, each with a document that refers to it."""
    patient = {"resourceType": "Patient", "id": "p", "name": [{"family": "Durand"}], "birthDate": "1950-01-01"}
    of_patient = {"reference": "urn:uuid:p"}
    with open(path, "w") as file:
        file.write('{"resourceType":"Bundle","type":"collection","entry":[')
        file.write(json.dumps({"fullUrl": "urn:uuid:p", "resource": patient}))
        for number in range(count):
            data = base64.b64encode(os.urandom(3_900_000)).decode()
            binary = {"resourceType": "Binary", "id": f"b{number}", "contentType": "application/pdf",
                      "securityContext": of_patient, "data": data}  # fmt: skip
            file.write("," + json.dumps({"fullUrl": f"urn:uuid:b{number}", "resource": binary}))
        for number in range(count):
            attached = {"attachment": {"contentType": "application/pdf", "url": f"urn:uuid:b{number}"}}
            document = {"resourceType": "DocumentReference", "id": f"d{number}", "status": "current",
                        "subject": of_patient, "content": [attached]}  # fmt: skip
            file.write("," + json.dumps({"fullUrl": f"urn:uuid:d{number}", "resource": document}))
        file.write("]}")


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
def test_many_files_in_bounded_memory(tmp_path: Path, at_full_length: bool) -> None:
    """In and out, the memory does not grow with the files."""
    count = 60 if at_full_length else 8
    _large(tmp_path / "large.json", count)
    paths = [str(tmp_path / name) for name in ("practice", "large.json", "out.json")]
    done = subprocess.run([sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, check=True, cwd=ROOT)
    imported, before, exported, added, broken, resources = (int(word) for word in done.stdout.split())
    assert (added, broken, resources) == (2 * count + 1, 0, 2 * count + 1)
    assert imported < 160 and exported - before < 60
    came, left = (json.loads((tmp_path / name).read_bytes()) for name in ("large.json", "out.json"))
    assert _resources(came) == _resources(left)


def test_attachments_of_other_kinds_are_none() -> None:
    """Pure: a body without a file has none."""
    assert not carrying.brings(DocumentBody("x")) and carrying.without_file(DocumentBody("x")) == DocumentBody("x")
    assert stowing.weight(DocumentBody("x", content=b"abc")) == 3
