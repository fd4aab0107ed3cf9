"""The model of the disk and the reading of a trace against the rules that they state: else zeros would mean nothing."""

import os
import sys
from pathlib import Path
from random import Random

import pytest

from tests.faults import tracing
from tests.faults.disk import SECTOR, Disk
from tests.faults.recording import (
    Event,
    FolderSynced,
    Made,
    Removed,
    Renamed,
    Resized,
    Said,
    Synced,
    SyncFailed,
    Unmodelled,
    Wrote,
    read,
)

TRIES = 400
WORDS = [a + b + c for a in "on" for b in "on" for c in "on"]
OLD, NEW = b"o" * 3 * SECTOR, b"n" * 3 * SECTOR


def found(files: dict[str, bytes], events: list[Event]) -> set[tuple[tuple[str, bytes], ...]]:
    """Every state that was met in so many power losses after these events."""
    disk = Disk(files)
    for event in events:
        disk.apply(event)
    random = Random(1)  # noqa: S311 - states of a simulation
    return {tuple(sorted(disk.after_power_loss(random).items())) for _ in range(TRIES)}


def contents(files: dict[str, bytes], events: list[Event], name: str = "a") -> set[bytes]:
    """Every content of one file that was met."""
    return {dict(state)[name] for state in found(files, events)}


def test_what_was_synced_is_there() -> None:
    assert contents({"a": OLD}, [Wrote(0, 0, NEW), Synced(0)]) == {NEW}


def test_what_was_not_synced_is_there_not_there_or_torn_between_sectors() -> None:
    met = contents({"a": OLD}, [Wrote(0, 0, NEW)])
    assert {OLD, NEW} < met
    assert met <= {b"".join(bytes([letter]) * SECTOR for letter in word.encode()) for word in WORDS}


def test_a_write_within_one_sector_is_never_torn() -> None:
    assert contents({"a": OLD}, [Wrote(0, SECTOR + 10, b"nnn")]) == {
        OLD,
        OLD[: SECTOR + 10] + b"nnn" + OLD[SECTOR + 13 :],
    }


def test_a_later_write_may_be_there_without_an_earlier_one() -> None:
    met = contents({"a": OLD}, [Wrote(0, 0, b"1" * SECTOR), Wrote(0, SECTOR, b"2" * SECTOR)])
    assert b"o" * SECTOR + b"2" * SECTOR + b"o" * SECTOR in met


def test_a_file_may_have_its_size_without_its_bytes() -> None:
    assert contents({"a": b""}, [Wrote(0, 0, b"new")]) == {b"", b"new", bytes(3)}


def test_a_change_of_size_is_kept_or_dropped() -> None:
    assert contents({"a": OLD}, [Resized(0, 0)]) >= {b"", OLD}
    assert contents({"a": OLD}, [Resized(0, 0), Synced(0)]) == {b""}


def test_a_name_is_durable_with_its_folder_and_not_with_its_file() -> None:
    made: list[Event] = [Made("b", 1), Wrote(1, 0, b"new"), Synced(1)]
    assert found({"a": OLD}, [*made]) == {(("a", OLD),), (("a", OLD), ("b", b"new"))}
    assert found({"a": OLD}, [*made, FolderSynced()]) == {(("a", OLD), ("b", b"new"))}


def test_a_renaming_is_old_or_new_and_may_come_before_the_bytes() -> None:
    events: list[Event] = [Made("t", 1), FolderSynced(), Wrote(1, 0, b"new"), Renamed("t", "a", 1)]
    met = contents({"a": OLD}, events)
    assert met == {OLD, b"new", b"", bytes(3)}
    assert contents({"a": OLD}, [*events, Synced(1), FolderSynced()]) == {b"new"}


def test_a_removal_is_kept_or_dropped() -> None:
    assert found({"a": OLD}, [Removed("a")]) == {(), (("a", OLD),)}


def test_what_a_failed_sync_left_is_doubtful_for_ever() -> None:
    events: list[Event] = [Wrote(0, 0, b"1" * SECTOR), SyncFailed(0), Wrote(0, SECTOR, b"2" * SECTOR), Synced(0)]
    rest = b"2" * SECTOR + b"o" * SECTOR
    assert contents({"a": OLD}, events) == {b"1" * SECTOR + rest, b"o" * SECTOR + rest}


PROGRAM = """
import os, sys
folder = sys.argv[1]
made = os.open(folder + "/t", os.O_CREAT | os.O_RDWR, 0o600)
os.write(made, b"one"); os.write(made, b"two"); os.pwrite(made, b"X", 1); os.ftruncate(made, 5); os.fsync(made)
os.rename(folder + "/t", folder + "/b")
os.write(made, b"!")
os.close(made)
os.unlink(folder + "/a")
kept = os.open(folder, os.O_RDONLY); os.fsync(kept); os.close(kept)
os.write(1, "dit é".encode())
"""


def test_a_trace_is_read_as_it_happened(tmp_path: Path) -> None:
    tracing.require()
    folder = tmp_path / "éa b"
    folder.mkdir()
    (folder / "a").write_bytes(OLD)
    done = tracing.record([sys.executable, "-c", PROGRAM, str(folder)], tmp_path / "trace", b"")
    assert done.returncode == 0, done.stderr
    assert read(tmp_path / "trace", folder, ["a"]) == [
        Made("t", 1),
        Wrote(1, 0, b"one"),
        Wrote(1, 3, b"two"),
        Wrote(1, 1, b"X"),
        Resized(1, 5),
        Synced(1),
        Renamed("t", "b", 1),
        Wrote(1, 6, b"!"),
        Removed("a"),
        FolderSynced(),
        Said("dit é"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "os.mkdir(folder + '/new')",
        "os.link(folder + '/a', folder + '/b')",
        "os.writev(os.open(folder + '/a', os.O_WRONLY), [b'x'])",
        "os.posix_fallocate(os.open(folder + '/a', os.O_RDWR), 0, 9999)",
        "os.rename(folder + '/a', folder + '/../a')",
        "os.write(os.open(folder + '/a', os.O_WRONLY | os.O_APPEND), b'x')",
        "os.truncate(folder + '/a', 1)",
        "import mmap; mmap.mmap(os.open(folder + '/a', os.O_RDWR), 0)[0:1] = b'x'",
    ],
)
def test_a_change_that_the_model_does_not_know_is_an_error(tmp_path: Path, change: str) -> None:
    tracing.require()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(OLD)
    program = f"import os, sys; folder = sys.argv[1]; {change}"
    done = tracing.record([sys.executable, "-c", program, str(folder)], tmp_path / "trace", b"")
    assert done.returncode == 0, done.stderr
    with pytest.raises(Unmodelled):
        read(tmp_path / "trace", folder, os.listdir(folder))
