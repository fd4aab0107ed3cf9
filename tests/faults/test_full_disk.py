"""A small disk that fills up: nothing is lost, and the records can still be read and taken elsewhere."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import reserve
from tests.cli.running import PASSPHRASE, RPPS, Ended, ask, at, init, run
from tests.faults.conftest import Tell
from tests.faults.reopening import faults, keys_of, reopen

SIZE = 1280 * 1024  # an empty practice and its log while it is made take a little more than 1 MB
IMPORT_SIZE = 3 * SIZE
IMPORTED, OBSERVATIONS = 40, 150  # files, more than fit; and resources of each
MOST_ADDITIONS = 200  # before the disk must be full
READINGS, FEW = 25, 5  # on the full disk: at full length, and else
PIECE = 4096
INIT = ("init", "--name", "Dr Alpha", "--rpps", RPPS, "--no-confirm", "--kdf-memory", "64")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.25 MB."""
    yield from mounted_disk(tmp_path / "small", SIZE)


@pytest.fixture
def import_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    yield from mounted_disk(tmp_path / "larger", IMPORT_SIZE)


def mounted_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes, for as long as a test lasts."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> int:
    """Fill the disk to its last byte with a file of somebody else; returns its size."""
    with (folder / "others").open("ab", buffering=0) as file:
        for size in (64 * PIECE, PIECE, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC
        return file.tell()


def practice_on(disk: Path) -> Path:
    """A practice with one patient."""
    folder = disk / "practice"
    init(folder)
    at(folder, "patient", "new", "--family", "Dupont-Martin", "--given", "Zoé", "--birth", "1958-07-03")
    return folder


def add(folder: Path, words: str) -> Ended:
    """Try to add an entry."""
    return run("--practice", folder, "add", "zoe", "problem", "--text", words)


def is_told(ended: Ended) -> bool:
    """Whether the command said in one sentence that the disk is full."""
    return (
        ended.code == 6 and ended.out == "" and ended.err.startswith("The disk is full.") and ended.err.count("\n") == 1
    )


def problems(folder: Path) -> list[str]:
    """The words of the problems in the chart, which is read and exported, each with its history line."""
    document = ask(folder, "record", "zoe")
    exported = at(folder, "export", "zoe", "-o", "-").document
    assert len(exported["entry"]) == 1 + len(document["entries"])
    return sorted(entry["body"]["concept"]["text"] for entry in document["entries"])


def assert_whole(folder: Path) -> None:
    """The record, and its history, hold."""
    practice = reopen(folder, keys_of(folder, PASSPHRASE))
    try:
        assert faults(practice) == []
    finally:
        practice.close()


def test_a_disk_filled_by_others(small_disk: Path, at_full_length: bool, tell: Tell) -> None:
    readings = READINGS if at_full_length else FEW
    folder = practice_on(small_disk)
    assert add(folder, "Goutte").code == 0
    others = fill(small_disk)
    refused = [add(folder, f"Refus {number}") for number in range(3)]
    assert all(map(is_told, refused)), refused
    lines = len(ask(folder, "history"))
    for _ in range(readings):
        assert problems(folder) == ["Goutte"]
    assert len(ask(folder, "history")) >= lines + 2 * readings
    assert is_told(add(folder, "Refus"))
    assert_whole(folder)
    (small_disk / "others").unlink()
    assert add(folder, "Asthme").code == 0
    assert problems(folder) == ["Asthme", "Goutte"]
    assert_whole(folder)
    tell("disk filled by others", {"bytes of others": others, "refused": 4, "readings and exports": 2 * readings})


def test_a_disk_filled_by_the_practice(small_disk: Path, tell: Tell) -> None:
    folder, words = practice_on(small_disk), "Vu ce jour. " * 250
    kept = 0
    while kept < MOST_ADDITIONS:
        ended = add(folder, f"{kept} {words}")
        if ended.code:
            break
        kept += 1
    assert is_told(ended) and kept > 5, (ended, kept)
    for _ in range(3):
        assert len(ask(folder, "record", "zoe")["entries"]) == kept
    assert at(folder, "export", "zoe", "-o", small_disk.parent / "zoe.json").code == 0
    assert (small_disk.parent / "zoe.json").stat().st_size > kept * len(words)
    assert_whole(folder)
    tell("disk filled by the practice", {"additions": kept, "lost": 0})


def bundle(number: int) -> dict[str, object]:
    """A patient of an import with what was measured; bytes that no compression makes small."""
    patient = {"resourceType": "Patient", "id": f"p{number}", "name": [{"family": f"Huels{number}", "given": ["Ann"]}]}
    measured = [
        {
            "resourceType": "Observation",
            "id": f"o{number}-{place}",
            "status": "final",
            "subject": {"reference": f"Patient/p{number}"},
            "code": {"text": f"Mesure {os.urandom(200).hex()}"},
            "effectiveDateTime": "2024-05-06",
            "valueQuantity": {"value": place, "unit": "mg"},
        }
        for place in range(OBSERVATIONS)
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (patient, *measured)],
    }


def test_a_disk_filled_by_an_import(import_disk: Path, tmp_path: Path, at_full_length: bool, tell: Tell) -> None:
    """The import takes no room that reading needs, neither in the log nor when the log is brought home."""
    readings = READINGS if at_full_length else FEW
    folder, files = practice_on(import_disk), tmp_path / "files"
    files.mkdir()
    for number in range(IMPORTED):
        (files / f"{number:02}.json").write_text(json.dumps(bundle(number)))
    first = at(folder, "import", files / "00.json")
    refused = run("--practice", folder, "import", files)
    assert first.code == 0 and refused.code == 6 and refused.err.startswith("The disk is full."), refused
    assert (folder / "reserve").stat().st_size == reserve.BYTES
    log = folder / "record.db-wal"
    assert not log.exists() or log.stat().st_size <= reserve.LONG
    others = fill(import_disk)
    assert shutil.disk_usage(import_disk).free == 0
    for _ in range(readings):
        assert len(ask(folder, "record", "huels0")["entries"]) >= OBSERVATIONS
        assert at(folder, "export", "huels0", "-o", "-").code == 0
    assert is_told(add(folder, "Refus"))
    assert at(folder, "verify").code == 0
    found = {one["id"]: one for one in ask(folder, "doctor")}
    assert found["disk"]["state"] == "warn" and found["history"]["state"] == "ok"
    assert_whole(folder)
    kept = len(ask(folder, "patients"))
    assert 1 < kept < IMPORTED
    (import_disk / "others").unlink()
    assert add(folder, "Asthme").code == 0
    tell(
        "disk filled by an import", {"bytes of others": others, "patients": kept, "readings and exports": 2 * readings}
    )


def test_no_practice_is_made_by_halves(small_disk: Path) -> None:
    fill(small_disk)
    ended = run("--practice", small_disk / "practice", *INIT)
    assert is_told(ended), ended
    assert [path.name for path in small_disk.iterdir()] == ["others"]
