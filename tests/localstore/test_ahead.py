"""Files prepared ahead by a second process: the same as here, in their order, whatever becomes of that process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from localstore import ahead, importing, patients
from localstore.ahead import prepared
from localstore.archives import Found
from localstore.errors import BadInput, NotFound
from localstore.import_errors import NotFhir
from localstore.preparing import PreparedFile, prepare
from tests import practices


def bundle(number: int) -> bytes:
    """A patient with a problem, a measurement with exact numbers, and a broken resource."""
    patient = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
    resources = [
        {"resourceType": "Patient", "name": [{"family": f"Nom {number} é", "given": ["Zoé"]}]},
        {"resourceType": "Condition", "subject": {"reference": patient}, "code": {"text": "Asthme"}},
        {"resourceType": "Observation", "subject": {"reference": patient}, "code": {"text": "Poids"}, "status": "final",
         "valueQuantity": {"value": 70.5, "unit": "kg"}},
        {"resourceType": 7},
    ]  # fmt: skip
    urls = [patient, *("" for _ in resources[1:])]
    entries = [{"fullUrl": url, "resource": one} for url, one in zip(urls, resources, strict=True)]
    return msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})


def files(count: int) -> Iterator[Found]:
    """Good files, one that is none, and one that could not be read."""
    for number in range(count):
        yield Found(f"{number}.json", bundle(number))
    yield Found("none.json", b"<html>")
    yield Found("gone.json", NotFound(what="gone.json"))


def test_it_gives_what_is_prepared_here(tmp_path: Path) -> None:
    found = list(prepared(files(20), worth_it=0))
    assert [one.name for one, _ in found] == [one.name for one in files(20)]


def test_each_file_is_as_if_prepared_here_and_errors_are_raised_as_they_are() -> None:
    for one, way in prepared(files(20), worth_it=0):
        if not isinstance(one.data, bytes):
            continue
        if one.name == "none.json":
            with pytest.raises(NotFhir):
                way()
            continue
        assert way() == prepare(one.data, one.name)


def workers() -> list[int]:
    """The processes of this one that prepare files."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == os.getpid() and status[0] != "Z" and b"localstore.ahead" in command:
            found.append(int(folder.name))
    return found


def await_workers() -> list[int]:
    """The same, as soon as the system tells of them."""
    deadline = time.monotonic() + 10
    while not (found := workers()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the process in")
def test_it_goes_on_without_its_process_when_that_is_killed() -> None:
    results: list[PreparedFile] = []
    for number, (one, way) in enumerate(prepared(files(20), worth_it=0)):
        if number == 5:
            (worker,) = await_workers()
            os.kill(worker, signal.SIGKILL)
        try:
            results.append(way())
        except BadInput:
            assert one.name == "none.json"
    assert results[:20] == [prepare(bundle(number), f"{number}.json") for number in range(20)]
    assert workers() == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the process in")
def test_it_leaves_no_process_behind_when_it_is_left_early() -> None:
    ways = prepared(files(20), worth_it=0)
    next(ways)
    (_,) = await_workers()
    ways.close()  # type: ignore[attr-defined]
    assert workers() == []


def test_a_small_import_starts_no_process() -> None:
    found = list(prepared(files(3)))
    assert len(found) == 5
    assert workers() == []


def test_an_import_by_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    padding = b" " * (ahead.WORTH_IT // 4)
    for number in range(8):
        (folder / f"{number}.json").write_bytes(bundle(number) + padding)
    here = practices.make(tmp_path / "practice")
    report = importing.import_paths(here, [folder])
    assert (report.files, report.patients, report.added, len(report.broken)) == (8, 8, 24, 8)
    assert patients.count(here.connection) == 8
    assert importing.import_paths(here, [folder]).unchanged == 24
    here.close()


def test_the_process_ends_with_the_pipe_and_says_nothing_of_what_it_reads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localstore.ahead"], input=b"\0" * 7 + b"\x05secret", capture_output=True, check=False
    )
    assert done.stdout == b"" and b"secret" not in done.stderr
