"""Folders and archives: nothing that may be FHIR is passed over in silence, and damage ends where it is."""

import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def _header(name: str, size: int, kind: bytes) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def _bomb(kind: bytes) -> bytes:
    """A header whose payload is 64 MiB, and a good member after it."""
    size = 64 * 1024 * 1024
    payload = bytes(size) if kind == tarfile.GNUTYPE_LONGNAME else b"67108864 x=" + b"y" * (size - 12) + b"\n"
    return _header("x", size, kind) + payload + _header("a.json", 2, tarfile.REGTYPE) + b"{}" + bytes(510 + 1024)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_tar_header_is_not_believed(tmp_path: Path, kind: bytes) -> None:
    """64 MiB of name in 65 kB: what a header announces is not read at once."""
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(_bomb(kind)))
    tracemalloc.start()
    try:
        assert read(path) == {"a.tar.gz": DamagedArchive}
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_a_tar_of_many_shared_attributes_is_not_kept(tmp_path: Path) -> None:
    """Global headers add up: beyond what is met they end the reading."""
    path = tmp_path / "a.tar"
    with open(path, "wb") as file:
        for number in range(200):
            record = f" k{number}=v\n".encode()
            record = str(len(record) + 2).encode() + record
            file.write(_header("g", len(record), tarfile.XGLTYPE) + record.ljust(512, b"\0"))
            file.write(_header(f"{number}.json", 2, tarfile.REGTYPE) + b"{}".ljust(512, b"\0"))
    found = read(path)
    assert found.pop("a.tar") == DamagedArchive and set(found.values()) == {b"{}"} and len(found) < 110


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_packing_and_long_names(tmp_path: Path, form: int, mode: str) -> None:
    name, data = "d" * 150 + "/" + "é" * 120 + ".json", os.urandom(300_000)
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode, format=form) as tar:  # type: ignore[call-overload]
        for each in (name, "b.json"):
            member = tarfile.TarInfo(each)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert read(path) == {name: data, "b.json": data}


def test_xz_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    """A dictionary of 128 MiB: the unpacker would take what the file asks for."""
    path = tmp_path / "a.tar.xz"
    packer = lzma.LZMACompressor(
        filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 128 * 1024**2, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    )
    path.write_bytes(packer.compress(_header("a.json", 2, tarfile.REGTYPE)) + packer.flush())
    assert read(path) == {"a.tar.xz": DamagedArchive}


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"é.json": b"{}", "b.json": b"{}"})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xfe"))
    assert archives.count([path]) == 1
    assert read(path) == {"a.zip": DamagedArchive}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_archives_give_documented_errors(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes of good archives changed anywhere: every name found has content or an error of ours."""
    ending = data.draw(st.sampled_from([".zip", ".tar.gz", ".tar"]))
    path = packed(tmp_path / f"a{ending}", FILES)
    raw = bytearray(path.read_bytes())
    if ending == ".tar":
        raw = bytearray(gzip.decompress(raw))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    assert archives.count([path]) >= 0
    for found in archives.read([path]):
        assert isinstance(found.data, (bytes, ConfrereError))
