"""Folders and archives: nothing that may be FHIR is passed over in silence, and damage ends where it is."""

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from localstore import archives
from localstore.archives import LargeFile
from localstore.errors import ConfrereError, TooLarge
from localstore.import_errors import DamagedArchive, TooManyFiles


def read(path: Path) -> dict[str, bytes | LargeFile | type[ConfrereError]]:
    """What is found, by name: the content, where it is, or the class of the error."""
    return {
        found.name: type(found.data) if isinstance(found.data, ConfrereError) else found.data
        for found in archives.read([path])
    }


def packed(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip, or a tar for any other ending, of these files."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


FILES = {"a.JSON": b"{}", "b.xml": b"<Patient/>", "c.ndjson": b"{}\n{}", "d.txt": b"x", "e.json": b"{}"}
SEEN = {name: data for name, data in FILES.items() if name != "d.txt"}


def test_every_name_of_fhir_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    assert read(folder) == SEEN
    assert archives.count([folder]) == len(SEEN)
    for name in ("a.zip", "A.ZIP", "a.tar.gz", "A.TGZ"):
        assert read(packed(tmp_path / name, FILES)) == SEEN


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED])
def test_a_damaged_member_does_not_hide_those_after_it(tmp_path: Path, method: int) -> None:
    bad = os.urandom(5000)
    path = packed(tmp_path / "a.zip", {"bad.json": bad, "good.json": b"{}"}, method)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("bad.json").header_offset + 30 + len("bad.json")
    raw = bytearray(path.read_bytes())
    raw[start + 9 : start + 60] = bytes(each ^ 0xFF for each in raw[start + 9 : start + 60])
    path.write_bytes(raw)
    assert read(path) == {"bad.json": DamagedArchive, "good.json": b"{}"}


def test_a_tar_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar.gz", {"good.json": b"{}", "cut.json": os.urandom(50_000)})
    path.write_bytes(path.read_bytes()[:-20_000])
    assert read(path) == {"good.json": b"{}", "a.tar.gz": DamagedArchive}
    assert "Nothing was changed" not in str(DamagedArchive(file="a"))


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_members_beyond_the_limit_are_named(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    path = packed(tmp_path / name, {"a.json": b"{}", "b.json": b"{}", "c.json": b"{}"})
    assert read(path) == {"a.json": b"{}", "b.json": b"{}", name: TooManyFiles}


def test_a_plain_file_above_the_limit_is_given_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 10)
    path = tmp_path / "a.json"
    path.write_bytes(b" " * 11)
    assert read(path) == {"a.json": LargeFile(path, 11)}
    assert read(tmp_path) == {"a.json": LargeFile(path, 11)}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_member_that_says_to_be_too_large_is_not_unpacked(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / name, {"bomb.json": bytes(200 * 1024**2), "good.json": b"{}"})
    assert path.stat().st_size < 220_000
    measure = (
        "import resource, sys, pathlib\n"
        "from localstore import archives\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "found = [type(one.data).__name__ for one in archives.read([pathlib.Path(sys.argv[1])])]\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, *found)\n"
    )
    done = subprocess.run([sys.executable, "-c", measure, str(path)], capture_output=True, text=True, check=True)
    grown, *found = done.stdout.split()
    assert found == [TooLarge.__name__, "bytes"]
    assert int(grown) < 50 * 1024  # kibibytes
