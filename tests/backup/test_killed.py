"""Backups and restorations that are killed, at once with others, or run out of room: whole ones, or none."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localstore import head, history, paths, patients, reserve
from localstore.backup import drill, examining, making, scratch, shelf
from localstore.backup.errors import NoRoomForBackup
from localstore.errors import NoPractice
from localstore.practice import Practice, unlock
from tests import practices
from tests.backup.conftest import SECRET, opened, restore
from tests.practices import PASSPHRASE, SteppingClock

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0  # seconds
BACK_UP = """
import sys
from pathlib import Path
from localstore.backup import making
from localstore.clock import system_clock
from localstore.backup.errors import BackupUnderWay
from localstore.practice import unlock
here = unlock(Path(sys.argv[1]), sys.argv[3])
print("ready", flush=True)
while True:
    try:
        print(making.make(here, Path(sys.argv[2])).folder.name, flush=True)
    except BackupUnderWay:
        print("busy", flush=True)
"""
RESTORE = """
import sys
from pathlib import Path
from localstore.backup import restoring
from localstore.clock import system_clock
secret = restoring.Passphrase(sys.argv[3])
print("ready", flush=True)
restoring.restore(Path(sys.argv[2]), Path(sys.argv[1]), secret, replace=True, clock=system_clock)
print("done", flush=True)
"""


def start(program: str, *arguments: object) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-c", program, *map(str, arguments), PASSPHRASE]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def kill(process: "subprocess.Popen[bytes]") -> list[str]:
    """Kill it for good; what it had said until then."""
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=DEADLINE)
    return said.decode().split()


def whole(place: Path, here: Practice) -> list[str]:
    """The names of the backups, each of them opened and found good."""
    for one in shelf.standing(place):
        examining.examine(one.folder, (here.key,), every_page=True)
    return [one.folder.name for one in shelf.standing(place)]


@pytest.fixture
def rounds(at_full_length: bool) -> int:
    """How often something is killed."""
    return 200 if at_full_length else 6


@pytest.fixture
def larger(folder: Path) -> Path:
    """A practice whose copying takes a few milliseconds."""
    here = opened(folder)
    for _ in range(300):
        practices.add_zoe(here)
    here.close()
    return folder


def test_a_killed_backup_leaves_whole_ones_and_a_scratch_folder(larger: Path, tmp_path: Path, rounds: int) -> None:
    place, chance = tmp_path / "place", random.Random(11)  # noqa: S311 - reproducible moments
    for _ in range(rounds):
        process = start(BACK_UP, larger, place)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0.0, 0.4))
        said = kill(process)
        here = opened(larger)
        standing = whole(place, here) if place.exists() else []
        assert not said or said[-1] in standing or standing[-1] > said[-1]
        assert head.current(here.connection).line > 0
        here.close()
    here = opened(larger)
    last = making.make(here, place)
    assert [path.name for path in place.iterdir() if path.name.startswith(scratch.PREFIX)] == []
    assert last.folder.name in whole(place, here)
    here.close()


def test_a_killed_restoration_leaves_the_old_practice_or_the_new_one(larger: Path, tmp_path: Path, rounds: int) -> None:
    here = opened(larger)
    made = making.make(here, tmp_path / "place")
    practices.add_zoe(here)
    counts = {patients.count(here.connection), patients.count(here.connection) - 1}
    here.close()
    home = tmp_path / "home"
    home.mkdir()
    target = home / "practice"
    shutil.copytree(larger, target)
    chance = random.Random(12)  # noqa: S311 - reproducible moments
    for _ in range(rounds):
        process = start(RESTORE, target, made.folder)
        try:
            process.wait(timeout=chance.uniform(0.1, 1.5))
        except subprocess.TimeoutExpired:
            pass
        kill(process)
        try:
            after = unlock(target, PASSPHRASE, clock=SteppingClock())
        except NoPractice:  # killed between the two renamings: what was there is kept, and restoring works again
            assert list(home.glob("practice-before-*"))
            restore(made.folder, target)
            after = opened(target)
        assert patients.count(after.connection) in counts
        after.close()
    done = restore(made.folder, target, replace=True)
    assert done.kept is not None
    assert not list(home.glob(f"{scratch.PREFIX}*"))
    assert all("practice" in path.name for path in home.iterdir())


def test_two_processes_that_back_up_at_once_both_go_on_making_whole_ones(larger: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    both = [start(BACK_UP, larger, place) for _ in range(2)]
    said: list[set[bytes]] = [set(), set()]
    while not all(any(line != b"busy\n" for line in lines) for lines in said) or b"busy\n" not in said[0] | said[1]:
        for process, lines in zip(both, said, strict=True):
            assert process.stdout is not None
            lines.add(process.stdout.readline())
    for process in both:
        kill(process)
    here = opened(larger)
    assert whole(place, here)
    making.make(here, place)
    assert whole(place, here)
    here.close()


# --- no room ----------------------------------------------------------------------------------------------------------


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own."""
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root only")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    with disk(tmp_path / "disk", "256k") as place:
        yield place


@pytest.fixture
def full(folder: Path, tmp_path: Path) -> Iterator[Practice]:
    """An open practice on a disk on which only readings are written by now."""
    with disk(tmp_path / "disk", "4m") as place:
        here = opened(Path(shutil.copytree(folder, place / "practice")))
        paths.reserve(here.folder).unlink()  # given up
        with open(place / "letters", "wb") as file:  # what is left is enough to open the databases, and no more
            file.write(bytes(shutil.disk_usage(place).free - reserve.BYTES))
        yield here
        here.close()


def test_a_backup_from_a_full_disk_is_made_and_said_not_to_be_noted(full: Practice, tmp_path: Path) -> None:
    before = history.lines(full.connection)
    made = making.make(full, tmp_path / "place")
    assert not made.noted and made.folder.is_dir()
    assert history.lines(full.connection) == before
    assert not making.make(full, tmp_path / "stick").noted  # and so in each place
    examining.examine(made.folder, (full.key,), every_page=True)


def test_that_a_failed_drill_cannot_be_noted_does_not_hide_why_it_failed(full: Practice, tmp_path: Path) -> None:
    made = making.make(full, tmp_path / "place")
    with pytest.raises(OSError, match="No space left"):
        drill.hold(full, made.folder, SECRET, lambda *_: None)
    assert history.lines(full.connection)[-1].action != drill.ACTION


@pytest.mark.parametrize("reading", [False, True], ids=["bytes", "pages"])
def test_a_full_disk_leaves_nothing_half_made_and_is_said(larger: Path, small_disk: Path, reading: bool) -> None:
    here = opened(larger)
    reader = opened(larger)
    if reading:  # somebody reads an old moment: then the pages are copied by SQLite
        reader.connection.execute("BEGIN")
        reader.connection.execute("SELECT count(*) FROM history").fetchone()
        practices.add_zoe(here)
    with pytest.raises(NoRoomForBackup) as caught:
        making.make(here, small_disk)
    assert caught.value.exit_code == 6 and str(small_disk) in caught.value.told(str)
    assert list(small_disk.iterdir()) == []
    practices.add_zoe(here)
    reader.connection.execute("ROLLBACK") if reading else None
    reader.close()
    here.close()


def test_restoring_onto_a_full_disk_changes_nothing(larger: Path, small_disk: Path, tmp_path: Path) -> None:
    here = opened(larger)
    made = making.make(here, tmp_path / "place")
    here.close()
    with pytest.raises(OSError, match="No space left"):
        restore(made.folder, small_disk / "practice", SECRET)
    assert list(small_disk.iterdir()) == []


def test_the_process_that_copies_ends_with_the_one_that_wanted_it(larger: Path, tmp_path: Path) -> None:
    """It writes a line now and then; when nobody reads it, it ends. Its file is a scratch file of nobody."""
    from localstore.backup import copying

    source = tmp_path / "large"
    with open(source, "wb") as file:
        file.truncate(64 * copying.STEP)
    command = [sys.executable, "-I", "-S", copying.__file__, str(source), str(tmp_path / "copy")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=DEADLINE) == 1
    assert (tmp_path / "copy").stat().st_size < source.stat().st_size
    assert paths.record(larger).exists()
