"""Power lost between any two system calls, with what was not made durable kept, dropped or torn.

A real process commits under strace; each state of the disk that its calls allow is opened as the product opens it. All
that was said to be committed must be there, of what was under way all or nothing, and everything must be whole.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from localstore.errors import StaleStore
from tests import practices
from tests.faults import tracing
from tests.faults.conftest import Tell
from tests.faults.disk import Disk
from tests.faults.recording import Event, Said, read
from tests.faults.reopening import Keys, Verdict, contents, judge, keys_of, reopen
from tests.faults.workload import Order

LONG, SHORT = 10_000, 150  # states
LONG_WORK, SHORT_WORK = 320, 60  # commits: the long one meets several checkpoints of the write-ahead log
SEED = 20260301


class Recording(NamedTuple):
    """What was on the disk, what a process did to it, and what the record held: at first, and at each word of it."""

    files: dict[str, bytes]
    keys: Keys
    events: list[Event]
    contents: list[str]


def record(place: Path, steps: int, synchronous: str) -> Recording:
    """Make a practice, and record a process that works in it."""
    folder, trace = place / "practice", place / "trace"
    practices.make(folder).close()
    keys = keys_of(folder)
    opened = reopen(folder, keys)
    before = contents(opened.connection)
    opened.close()
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    order = Order(str(folder), keys, steps, SEED, max(steps // 3, 1), synchronous)
    done = tracing.record([sys.executable, "-m", "tests.faults.workload"], trace, msgspec.json.encode(order))
    assert done.returncode == 0, done.stderr.decode()
    events = read(trace, folder, files)
    trace.unlink()
    said = [event.text.split()[1] for event in events if isinstance(event, Said)]
    assert len(said) == 1 + steps + steps // order.reopen_every
    recording = Recording(files, keys, events, [before, *said])
    check_reading(recording, folder)
    return recording


def check_reading(recording: Recording, folder: Path) -> None:
    """All events together must give the files that are there, or the reading of the trace missed something."""
    disk = Disk(recording.files)
    for event in recording.events:
        disk.apply(event)
    assert disk.as_it_is() == {path.name: path.read_bytes() for path in folder.iterdir()}


def states(recording: Recording, count: int, random: Random) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many states of the disk after a loss of power, at moments drawn at random; each with how much was said."""
    disk, said, cuts = Disk(recording.files), 0, Counter(random.choices(range(len(recording.events)), k=count))
    for number, event in enumerate(recording.events):
        for _ in range(cuts[number]):
            yield said, disk.after_power_loss(random)
        disk.apply(event)
        said += isinstance(event, Said)


def write(folder: Path, files: dict[str, bytes], random: Random) -> None:
    """Put the files of a state into a new folder, sometimes with rubbish for SQLite's shared memory."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if random.randrange(2):
        (folder / "record.db-shm").write_bytes(random.randbytes(32768))


def outcomes(recording: Recording, count: int, place: Path) -> Counter[str]:
    """Open so many states; how many were of which kind: `whole`, `lost` (something said is gone), `corrupt`."""
    random = Random(SEED)  # noqa: S311 - moments of a simulation
    found: Counter[str] = Counter(states=0, whole=0, lost=0, corrupt=0)
    for said, files in states(recording, count, random):
        write(place / "state", files, random)
        verdict = judge(place / "state", recording.keys)
        found["states"] += 1
        found[_kind(verdict, recording.contents, said)] += 1
    return found


def _kind(verdict: Verdict, known: list[str], said: int) -> str:
    if not verdict.fault and verdict.contents in known[said : said + 2]:
        return "whole"
    if verdict.error == StaleStore.__name__ or verdict.contents in known[:said]:
        return "lost"
    return "corrupt"


def test_a_power_loss_loses_nothing_that_was_acknowledged(place: Path, at_full_length: bool, tell: Tell) -> None:
    tracing.require()
    recording = record(place, LONG_WORK if at_full_length else SHORT_WORK, "FULL")
    found = outcomes(recording, LONG if at_full_length else SHORT, place)
    tell("power loss", found)
    assert found["whole"] == found["states"] >= SHORT


def test_the_same_with_synchronous_normal_loses_commits(place: Path, at_full_length: bool, tell: Tell) -> None:
    tracing.require()
    recording = record(place, LONG_WORK if at_full_length else SHORT_WORK, "NORMAL")
    found = outcomes(recording, LONG // 10 if at_full_length else SHORT, place)
    tell("power loss with synchronous=NORMAL", found)
    assert found["lost"] > found["states"] // 10
