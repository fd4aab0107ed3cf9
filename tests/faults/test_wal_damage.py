"""The write-ahead log that a killed process left behind is altered, cut, deleted, or replaced by an older one.

SQLite takes a log as far as it is good and drops the rest without a word: the head outside of the record must notice,
or the record must hold the very same as before.
"""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from localstore.errors import ConfrereError
from tests import practices
from tests.cli.running import ROOT, environment
from tests.faults import reopening
from tests.faults.conftest import Tell
from tests.faults.reopening import Keys, contents, faults, keys_of, reopen
from tests.faults.workload import Order

COMMITS = 60
HEADER, FRAME = 32, 24 + 4096  # bytes of the log's header, and of each frame: a header and a page
LOG = "record.db-wal"
SEED = 20260304


class Left(NamedTuple):
    """What a killed process left: the files by name, what the record holds with all of them, and earlier logs."""

    files: dict[str, bytes]
    keys: Keys
    contents: str
    older: list[bytes]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Let a process commit, keep its log now and then, and kill it."""
    folder = tmp_path_factory.mktemp("left") / "practice"
    practices.make(folder).close()
    keys, older = keys_of(folder), []
    command = (sys.executable, "-m", "tests.faults.workload")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment(), cwd=ROOT) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(Order(str(folder), keys, 1_000_000, SEED)))
        process.stdin.close()
        for number in range(COMMITS):
            assert process.stdout.readline()
            if number % 10 == 1:
                older.append((folder / LOG).read_bytes())
        process.send_signal(signal.SIGKILL)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    assert len(files[LOG]) > 100 * FRAME
    practice = reopen(folder, keys)
    whole = contents(practice.connection)
    assert faults(practice) == []
    practice.close()
    return Left(files, keys, whole, older)


def flips(log: bytes, count: int, random: Random) -> Iterator[bytes]:
    """One bit changed: in the header, in each part of a frame's header, and in pages."""
    frames = (len(log) - HEADER) // FRAME
    for number in range(count):
        start = HEADER + FRAME * random.randrange(frames)
        place = random.choice(
            [start + random.randrange(24), start + 24 + random.randrange(4096), random.randrange(HEADER)]
        )
        if number < frames:  # each frame once
            place = HEADER + FRAME * number + random.randrange(FRAME)
        data = bytearray(log)
        data[place] ^= 1 << random.randrange(8)
        yield bytes(data)


def cuts(log: bytes, count: int, random: Random) -> Iterator[bytes]:
    """The log ends early: between frames, or within one."""
    ends = {0, 1, HEADER - 1, HEADER, HEADER + 24, len(log) - 1, len(log) - FRAME}
    while len(ends) < count:
        ends.add(HEADER + FRAME * random.randrange(len(log) // FRAME) + random.choice([0, 0, 1, 24, FRAME - 1]))
    return (log[:end] for end in sorted(ends))


def outcome(left: Left, log: bytes | None, folder: Path) -> str:
    """Open the practice with this log in the place of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in (left.files | ({} if log is None else {LOG: log})).items():
        if name != LOG or log is not None:
            (folder / name).write_bytes(data)
    before = reopening.everything(folder)
    try:
        practice = reopen(folder, left.keys)
    except ConfrereError as error:
        assert error.exit_code == 6 and "Nothing was changed." in str(error)
        return "refused" if reopening.everything(folder) == before else "refused, and changed"
    try:
        if contents(practice.connection) == left.contents and not faults(practice):
            return "harmless"
        return "found by verification" if faults(practice) else "undetected"
    finally:
        practice.close()


@pytest.mark.parametrize("damage", ["flipped", "cut", "deleted", "older"])
def test_a_damaged_log_is_noticed_or_harmless(
    left: Left, place: Path, damage: str, at_full_length: bool, tell: Tell
) -> None:
    random, log = Random(SEED), left.files[LOG]  # noqa: S311 - places of damage in a test
    logs: dict[str, Iterator[bytes | None]] = {
        "flipped": flips(log, 3_000 if at_full_length else 80, random),
        "cut": cuts(log, 500 if at_full_length else 30, random),
        "deleted": iter([None]),
        "older": iter(left.older),
    }
    counts = Counter(outcome(left, log, place / "practice") for log in logs[damage])
    tell(f"write-ahead log {damage}", counts)
    assert set(counts) <= {"refused", "harmless"} and counts["refused"]
