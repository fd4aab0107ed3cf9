"""`confrere history`, and what the commands say when the store is damaged, full or written by a newer release."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore.practice import unlock
from tests.cli.running import PASSPHRASE, ask, at, run

LINE = {"id", "at", "user", "user_name", "action", "patient", "subject", "detail"}


def test_the_history_names_who_did_what(practice: Path) -> None:
    lines = ask(practice, "history")
    assert [set(line) for line in lines] == [LINE] * len(lines)
    assert [(line["id"], line["action"]) for line in lines] == [(1, "practice-made"), (2, "patient-added")]
    assert {line["user_name"] for line in lines} == {"Dr Alpha"}
    assert [line["id"] for line in ask(practice, "history", "zoe")] == [2]
    assert ask(practice, "history", "verify") == {"id": "history", "lines": 2, "intact": True}
    assert "patient ajouté" in at(practice, "history", language="fr_FR.UTF-8").out


def test_a_history_that_was_altered_is_named_by_its_first_broken_line(practice: Path) -> None:
    for _ in range(3):
        at(practice, "record", "zoe")
    opened = unlock(practice, PASSPHRASE)
    opened.connection.execute("UPDATE history SET detail = 'rien' WHERE num = 3")
    opened.close()
    ended = run("--practice", practice, "history", "verify", "--json")
    assert (ended.code, ended.out) == (6, "")
    assert ended.err.startswith("Line 3 of the history does not hold: it was altered, or one before it was removed.")
    assert run("--practice", practice, "doctor").code == 6


@pytest.mark.parametrize("name", ["record.db", "keyring", "postbox.db"])
@pytest.mark.parametrize("size", [None, 0, 1, 4096])
def test_a_file_that_was_cut_or_removed_never_opens_as_empty(practice: Path, name: str, size: int | None) -> None:
    path = practice / name
    if size is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:size])
    if name == "keyring" and size == 4096:
        return  # it is smaller than that: nothing was cut
    ended = run("--practice", practice, "inbox", "--json")
    assert (ended.code, ended.out) == (6, ""), ended.err
    assert f"{name} is damaged: " in ended.err and ended.err.count("\n") == 1
    assert path.exists() == (size is not None)


def test_a_newer_record_is_left_alone(practice: Path) -> None:
    opened = unlock(practice, PASSPHRASE)
    opened.connection.execute("PRAGMA user_version = 9999")
    opened.close()
    ended = run("--practice", practice, "patients")
    assert ended.code == 6 and "was written by a newer release of Confrère" in ended.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB; skips where the machine does not allow one."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not allow a file system of 2 MiB to be mounted")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_undoes_what_was_being_written_and_can_still_be_read(pristine: Path, small_disk: Path) -> None:
    folder = small_disk / "practice"
    subprocess.run(["cp", "-r", str(pristine), str(folder)], check=True)
    large = small_disk.parent / "large.txt"
    large.write_bytes(b"x" * 3 * 1024 * 1024)
    ended = run("--practice", folder, "add", "zoe", "document", "--file", large, "--json")
    assert (ended.code, ended.out) == (6, "")
    assert ended.err.startswith("The disk is full. What was being written was undone;") and ended.err.count("\n") == 1
    assert [one["family_name"] for one in ask(folder, "patients")] == ["Dupont-Martin"]
    assert at(folder, "export", "zoe", "-o", "-").document["resourceType"] == "Bundle"
