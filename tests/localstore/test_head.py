"""The head beside the record: its encoding, and what it detects."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstore import database, head, opening, paths, patients, practice, record
from localstore.errors import DamagedStore, MissingHead, StaleStore
from localstore.head import Head
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.practice import Practice
from tests import practices

KEY = bytes(range(32))
NUMBERS = st.integers(0, 2**63 - 1)
HEADS = st.builds(Head, NUMBERS, NUMBERS, st.binary(min_size=32, max_size=32))

# Opens the practice named on its command line, and commits once for each line that it is given.
WORKER = """
import sys
from pathlib import Path
from localstore import practice
from tests import practices
here = practice.unlock(Path(sys.argv[1]), practices.PASSPHRASE, clock=practices.SteppingClock())
print("open", flush=True)
for line in sys.stdin:
    practices.add_zoe(here)
    print("done", flush=True)
here.close()
"""


class Worker:
    """Another process that has the practice open."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", WORKER, str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._said() == "open"

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def commit(self) -> None:
        """Let it commit once, and wait until it says so."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        assert self._said() == "done"

    def kill(self) -> None:
        """End it as a power switch would, but for the disk."""
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def close(self) -> None:
        """Let it close the practice."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait() == 0
        self._end()

    def _end(self) -> None:
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice that is closed: to be copied, never to be opened."""
    folder = tmp_path_factory.mktemp("template") / "alpha"
    here = practices.make(folder)
    practices.add_zoe(here)
    here.close()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy of the template."""
    return Path(shutil.copytree(template, tmp_path / "alpha"))


def unlock(folder: Path) -> Practice:
    """Open it."""
    return practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that a practice keeps. SQLite's index of the log, and an empty log, are made by reading alone."""
    left_out = ("-shm", ".lock", "reserve")
    found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(left_out)}
    return {name: data for name, data in found.items() if data or not name.endswith("-wal")}


# --- the encoding ---------------------------------------------------------------------------------------------------


@given(HEADS)
def test_what_was_encoded_is_decoded(one: Head) -> None:
    encoded = head.encode(one, KEY)
    assert len(encoded) == head.SECTOR
    assert head.decode(encoded, KEY) == one


def test_every_flipped_bit_is_refused_or_means_nothing() -> None:
    one = Head(7, 3, bytes(range(32)))
    encoded = head.encode(one, KEY)
    for bit in range(len(encoded) * 8):
        altered = bytearray(encoded)
        altered[bit // 8] ^= 1 << bit % 8
        if bit < 96 * 8:
            with pytest.raises(DamagedStore):
                head.decode(bytes(altered), KEY)
        else:  # beyond the MAC there is nothing to read
            assert head.decode(bytes(altered), KEY) == one


def test_every_truncation_and_every_other_length_is_refused() -> None:
    encoded = head.encode(Head(7, 3, bytes(32)), KEY)
    for size in range(head.SECTOR):
        with pytest.raises(DamagedStore):
            head.decode(encoded[:size], KEY)
    with pytest.raises(DamagedStore):
        head.decode(encoded + b"\0", KEY)


@given(st.binary(max_size=600))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    with pytest.raises(DamagedStore):
        head.decode(data, KEY)


def test_a_head_under_another_key_or_of_another_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DamagedStore, match="another record"):
        head.decode(head.encode(head.NOTHING, KEY), bytes(32))
    monkeypatch.setattr(head, "FORMAT", 2)
    later = head.encode(head.NOTHING, KEY)
    monkeypatch.undo()
    with pytest.raises(DamagedStore, match="format"):
        head.decode(later, KEY)


# --- at opening -----------------------------------------------------------------------------------------------------


def make_missing(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def make_foreign(path: Path) -> None:
    path.write_bytes(head.encode(Head(1, 1, bytes(32)), KEY))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (make_missing, "is missing"),
        (flip, "altered, or belongs to another record"),
        (empty, "not a head"),
        (make_foreign, "belongs to another record"),
        (make_folder, "no plain file"),
        (make_pipe, "no plain file"),
    ],
)
def test_a_head_that_cannot_be_believed_keeps_the_practice_closed(
    folder: Path, harm: Callable[[Path], None], words: str
) -> None:
    harm(paths.head(folder))
    is_file = paths.head(folder).is_file()
    before = contents(folder) if is_file or not paths.head(folder).exists() else {}
    with pytest.raises(DamagedStore, match=words) as caught:
        unlock(folder)
    assert "Nothing was changed" in str(caught.value)
    assert isinstance(caught.value, MissingHead) is (harm is make_missing)
    if before:
        assert contents(folder) == before


def test_an_older_head_is_a_good_head(folder: Path) -> None:
    old = paths.head(folder).read_bytes()
    here = unlock(folder)
    practices.add_zoe(here)
    here.close()
    assert paths.head(folder).read_bytes() != old
    paths.head(folder).write_bytes(old)
    again = unlock(folder)
    practices.add_zoe(again)
    assert head.read(paths.head(folder), again.key) == head.current(again.connection)
    again.close()


def test_an_older_record_under_a_newer_head_is_stale(folder: Path, template: Path) -> None:
    here = unlock(folder)
    practices.add_zoe(here)
    here.close()
    shutil.copyfile(paths.record(template), paths.record(folder))
    before = contents(folder)
    with pytest.raises(StaleStore) as caught:
        unlock(folder)
    assert "older copy" in str(caught.value) and "Nothing was changed" in str(caught.value)
    assert contents(folder) == before


def test_a_record_that_went_another_way_is_stale_although_it_counts_more(folder: Path, template: Path) -> None:
    here = unlock(folder)
    practices.add_zoe(here)
    here.close()
    other = Path(shutil.copytree(template, folder.with_name("beta")))
    there = unlock(other)
    for _ in range(3):
        practices.add_zoe(there)
    there.close()
    shutil.copyfile(paths.record(other), paths.record(folder))
    with pytest.raises(StaleStore):
        unlock(folder)


# --- what a killed process leaves -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice whose process was killed after eight commits, with its write-ahead log."""
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("killed") / "alpha"))
    worker = Worker(folder)
    for _ in range(8):
        worker.commit()
    worker.kill()
    assert (folder / "record.db-wal").stat().st_size > 0
    return folder


def test_all_that_was_committed_survives_a_kill(killed: Path, tmp_path: Path) -> None:
    here = unlock(Path(shutil.copytree(killed, tmp_path / "alpha")))
    assert len(patients.listing(here.connection)) == 9
    here.close()


def test_a_log_that_was_deleted_is_missed(killed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(killed, tmp_path / "alpha"))
    (folder / "record.db-wal").unlink()
    with pytest.raises(StaleStore):
        unlock(folder)


def test_every_damage_of_the_log_that_takes_commits_away_is_detected(killed: Path, tmp_path: Path) -> None:
    log = (killed / "record.db-wal").read_bytes()
    key = keys(killed)
    for place in [*range(0, len(log), 1009), len(log) - 1]:
        folder = tmp_path / "alpha"
        shutil.copytree(killed, folder)
        damaged = bytearray(log)
        damaged[place] ^= 0x10
        (folder / "record.db-wal").write_bytes(damaged)
        assert outcome(folder, key) in ("stale", "whole"), place
        shutil.rmtree(folder)


def test_every_truncation_of_the_log_is_detected(killed: Path, tmp_path: Path) -> None:
    log = (killed / "record.db-wal").read_bytes()
    key, found = keys(killed), []
    for size in range(0, len(log), 2003):
        folder = tmp_path / "alpha"
        shutil.copytree(killed, folder)
        (folder / "record.db-wal").write_bytes(log[:size])
        found.append(outcome(folder, key))
        shutil.rmtree(folder)
    assert found and set(found) == {"stale"}


def keys(folder: Path) -> bytes:
    """The record's key."""
    copy = Path(shutil.copytree(folder, folder.with_name("keys"), dirs_exist_ok=True))
    here = unlock(copy)
    here.close()
    shutil.rmtree(copy)
    return here.key


def outcome(folder: Path, key: bytes) -> str:
    """What opening the record says: `stale`, or `whole` when nothing is missing from it."""
    witness = head.HeadFile(paths.head(folder), key)
    try:
        connection = opening.open_existing(paths.record(folder), key, APPLICATION_ID, MIGRATIONS, witness=witness)
    except StaleStore:
        return "stale"
    finally:
        witness.close()
    try:
        return "whole" if database.rows(connection, "SELECT count(*) FROM patient") == [(9,)] else "short"
    finally:
        connection.close()


# --- two processes, and crashes -------------------------------------------------------------------------------------


def test_two_processes_that_commit_in_turn_never_take_the_head_back(folder: Path) -> None:
    workers = [Worker(folder), Worker(folder)]
    key = keys(folder)
    seen: list[int] = []
    for turn in range(10):
        workers[turn % 2].commit()
        seen.append(head.read(paths.head(folder), key).commits)
    for worker in workers:
        worker.close()
    assert seen == sorted(set(seen))
    here = unlock(folder)
    assert head.read(paths.head(folder), key) == head.current(here.connection)
    assert here.connection.execute("SELECT count(*) FROM patient").fetchone()[0] == 11
    here.close()


def test_two_processes_at_once_leave_the_head_where_the_record_is(folder: Path) -> None:
    workers = [Worker(folder), Worker(folder)]
    for worker in workers:
        assert worker.process.stdin is not None
        worker.process.stdin.write("go\n" * 20)
        worker.process.stdin.flush()
    for worker in workers:
        worker.close()
    here = unlock(folder)
    assert here.connection.execute("SELECT count(*) FROM patient").fetchone()[0] == 41
    assert head.read(paths.head(folder), here.key) == head.current(here.connection)
    here.close()


def test_a_crash_between_a_commit_and_its_head_does_no_harm(folder: Path, tmp_path: Path) -> None:
    before = paths.head(folder).read_bytes()
    worker = Worker(folder)
    worker.commit()
    worker.kill()
    paths.head(folder).write_bytes(before)  # as if the process had ended between the two
    here = unlock(folder)
    assert here.connection.execute("SELECT count(*) FROM patient").fetchone()[0] == 2
    here.close()


def test_an_undone_change_is_not_counted(folder: Path) -> None:
    here = unlock(folder)
    before = head.current(here.connection), paths.head(folder).read_bytes()
    with pytest.raises(ZeroDivisionError), database.transaction(here.connection):
        here.log("restore-drill")
        raise ZeroDivisionError
    with database.transaction(here.connection):
        database.rows(here.connection, "SELECT count(*) FROM patient")
    assert (head.current(here.connection), paths.head(folder).read_bytes()) == before
    here.close()


@pytest.fixture
def read_only(folder: Path) -> Iterator[Path]:
    """A practice in a folder that nobody may write to."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    for path in folder.iterdir():
        path.chmod(0o400)
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def test_a_folder_that_cannot_be_written_to_is_no_damage(read_only: Path) -> None:
    with pytest.raises(PermissionError):
        unlock(read_only)


def test_the_head_costs_no_wait_for_the_disk(folder: Path, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    commits, trace = 10, tmp_path / "trace"
    program = f"""
from pathlib import Path
from localstore import practice
from tests import practices
here = practice.unlock(Path({str(folder)!r}), practices.PASSPHRASE)
practices.add_zoe(here)
open({str(tmp_path / "begin")!r}, "w").close()
for number in range({commits}):
    practices.add_zoe(here)
open({str(tmp_path / "end")!r}, "w").close()
here.close()
"""
    traced = "trace=fsync,fdatasync,openat,pwrite64"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", traced, sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True)
    if "ptrace" in ended.stderr:
        pytest.skip("strace may not trace here")
    assert ended.returncode == 0, ended.stderr
    _, _, rest = trace.read_text().partition(str(tmp_path / "begin"))
    between, _, after = rest.partition(str(tmp_path / "end"))
    calls = between.splitlines()
    assert sum("pwrite64" in call and "/head>" in call for call in calls) == commits
    waits = [call for call in calls if "sync(" in call]
    assert len(waits) == commits and all("record.db-wal>" in call for call in waits)
    assert any("fsync(" in call and "/head>" in call for call in after.splitlines())


@settings(max_examples=5)
@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_after_any_commits_the_head_is_the_record(template: Path, changes: list[bool]) -> None:
    folder = template.with_name("law")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    here = unlock(folder)
    zoe = patients.listing(here.connection)[0].id
    for reads in changes:
        if reads:
            record.open_chart(here, zoe)
        else:
            practices.add_zoe(here)
        assert head.read(paths.head(folder), here.key) == head.current(here.connection)
    here.close()
