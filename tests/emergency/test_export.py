"""Writing the export: all of it or nothing, readable by its owner only, and never over somebody else's file."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from localstore.emergency import export, ips, sheet
from localstore.errors import AlreadyThere, BadInput
from tests.emergency.charts import JEANNE, of, typical

SUMMARY = of(JEANNE, *typical())
OLDER = of(JEANNE)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_it_writes_both_files_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    written = export.write(folder, SUMMARY)
    assert contents(folder) == {
        "fiche-urgence.pdf": sheet.render(SUMMARY),
        "ips.json": ips.encode(ips.build(SUMMARY)),
    }
    assert written == [(name, len((folder / name).read_bytes())) for name in ("fiche-urgence.pdf", "ips.json")]
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_an_older_export_is_replaced(tmp_path: Path) -> None:
    export.write(tmp_path, OLDER)
    export.write(tmp_path, SUMMARY)
    assert (tmp_path / "ips.json").read_bytes() == ips.encode(ips.build(SUMMARY))
    assert (tmp_path / "fiche-urgence.pdf").read_bytes() == sheet.render(SUMMARY)


def test_other_files_and_the_mode_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("à garder", encoding="utf-8")
    tmp_path.chmod(0o750)
    export.write(tmp_path, SUMMARY)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "à garder"
    assert mode(tmp_path) == 0o750


def identity(path: Path) -> tuple[int, int, int, int]:
    """What changes when a file is replaced, written or given another mode."""
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


def _text(path: Path) -> None:
    path.write_text("{}", encoding="utf-8")


def _foreign(path: Path) -> None:
    path.write_text('{"meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"]}}')


def _link(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [_text, _foreign, Path.mkdir, _link, Path.touch])
@pytest.mark.parametrize("name", [export.SHEET, export.DOCUMENT])
def test_a_file_that_is_no_export_of_ours_is_left_alone(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    before = identity(tmp_path / name)
    with pytest.raises(AlreadyThere, match="left as it is"):
        export.write(tmp_path, SUMMARY)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert identity(tmp_path / name) == before


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_error_leaves_the_older_files_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    export.write(tmp_path, OLDER)
    before = contents(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        with pytest.raises(BadInput, match="No space left"):
            export.write(tmp_path, SUMMARY)
    assert contents(tmp_path) == before


def test_a_full_disk_while_the_second_file_is_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export.write(tmp_path, OLDER)
    before = contents(tmp_path)
    real, calls = os.fsync, [0]

    def fail_the_second_time(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_the_second_time)
    with pytest.raises(BadInput):
        export.write(tmp_path, SUMMARY)
    assert contents(tmp_path) == before


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        export.write(file, SUMMARY)
    assert file.read_text(encoding="utf-8") == "x"


def test_nothing_is_written_when_the_summary_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bytes:
        raise RuntimeError("no")

    monkeypatch.setattr(ips, "encode", fail)
    with pytest.raises(RuntimeError, match="no"):
        export.write(tmp_path / "new", SUMMARY)
    assert not (tmp_path / "new").exists()
