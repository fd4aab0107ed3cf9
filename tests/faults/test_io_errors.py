"""The disk reports an error, at the first to the last call that writes or waits for it.

What is said to be saved is durable: with what the failed call should have written gone for ever, and the power lost at
any moment after the word. What is not said to be saved is there or not, whole. A sentence says what happened.
"""

import json
import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from localstore import patients, record
from localstore.bodies import ProblemBody
from localstore.practice import Practice
from tests.cli.running import PASSPHRASE, at, init
from tests.faults import tracing
from tests.faults.conftest import Tell
from tests.faults.disk import Disk
from tests.faults.recording import Said, read
from tests.faults.reopening import Keys, faults, keys_of, reopen

MOST_CALLS = 400  # of one command; more, and the test would not notice that it never ends
SHORT, LONG = 3, 40  # states of the disk that are opened after each fault
WORDS = "Goutte"
ADD = ("add", "zoe", "problem", "--text", WORDS, "--json")
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a11", "resource": {"resourceType": "Patient"}},
        {
            "fullUrl": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a12",
            "resource": {
                "resourceType": "Condition",
                "subject": {"reference": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a11"},
                "code": {"text": WORDS},
            },
        },
    ],
}
SEED = 20260303


class Scene(NamedTuple):
    """A practice with one patient, its keys, and two commands by which WORDS come into it."""

    folder: Path
    keys: Keys
    commands: dict[str, tuple[str, ...]]


@pytest.fixture
def scene(place: Path) -> Scene:
    """The practice, and a file to import."""
    tracing.require()
    folder, file = place / "pristine", place / "bundle.json"
    init(folder)
    at(folder, "patient", "new", "--family", "Dupont-Martin", "--given", "Zoé", "--birth", "1958-07-03")
    file.write_text(json.dumps(BUNDLE))
    return Scene(folder, keys_of(folder, PASSPHRASE), {"add": ADD, "import": ("import", str(file), "--json")})


def holds(practice: Practice) -> bool:
    """Whether the words are there."""
    everybody = patients.listing(practice.connection)
    entries = [entry for one in everybody for entry in record.chart(practice, one.id).entries]
    return any(isinstance(entry.body, ProblemBody) and entry.body.concept.label == WORDS for entry in entries)


def found(folder: Path, keys: Keys) -> bool:
    """Open the practice, which must be whole; whether the entry is there."""
    practice = reopen(folder, keys)
    try:
        assert faults(practice) == []
        return holds(practice)
    finally:
        practice.close()


def is_said(text: str) -> bool:
    """Whether a command has told its result: its JSON document."""
    return text.startswith("{")


def try_once(scene: Scene, name: str, place: Path, fault: str, states: int) -> str:
    """Run a command while a call fails: `unharmed` when there was no such call, else how it ended."""
    origin, keys, commands = scene
    folder, trace = place / "practice", place / "trace"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(origin, folder)
    before = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    ended = tracing.command(trace, fault, "--practice", folder, *commands[name])
    if not tracing.injected(trace):
        assert ended.code == 0 and found(folder, keys), ended.err
        return "unharmed"
    assert ended.code in (0, 5, 6) and ended.err.count("\n") == (ended.code != 0), ended
    disk, said, random = Disk(before), False, Random(SEED)  # noqa: S311 - states of a simulation
    for event in [*read(trace, folder, before), Said("the end")]:
        disk.apply(event)
        said = said or (isinstance(event, Said) and is_said(event.text))
        if said or (isinstance(event, Said) and event.text == "the end"):
            for _ in range(states):
                state = place / "state"
                shutil.rmtree(state, ignore_errors=True)
                state.mkdir()
                for name, data in disk.after_power_loss(random).items():
                    (state / name).write_bytes(data)
                there = found(state, keys)
                assert there or not said, (fault, event)
    assert said == is_said(ended.out) and (said or ended.code != 0)
    assert found(folder, keys) or not said
    return f"refused with {ended.code}" if ended.code else "saved"


def every_call(scene: Scene, name: str, place: Path, fault: str, states: int, calls: list[str]) -> Counter[str]:
    """Let each call fail in turn, or those that are named, and count how it ended."""
    counts: Counter[str] = Counter()
    for number in calls or map(str, range(1, MOST_CALLS)):
        outcome = try_once(scene, name, place, f"{fault}:when={number}", states)
        if outcome == "unharmed" and not calls:
            return counts
        assert outcome != "unharmed", f"there is no call {number} any more"
        counts[outcome] += 1
    assert calls, "it never ends"
    return counts


@pytest.mark.parametrize(
    ("name", "fault", "sample"),
    [
        ("add", "fsync,fdatasync:error=EIO", []),
        ("add", "fsync,fdatasync:error=EIO", ["1+", "3+"]),  # a disk that is gone stays gone
        ("import", "fsync,fdatasync:error=EIO", ["2", "4"]),
        ("add", "pwrite64:error=EIO", ["1", "16", "8+"]),
        ("import", "pwrite64:error=EIO", ["24"]),
        ("add", "pwrite64:error=ENOSPC", ["1", "16", "8+"]),
    ],
)
def test_what_is_said_to_be_saved_is_durable(
    scene: Scene, place: Path, at_full_length: bool, tell: Tell, name: str, fault: str, sample: list[str]
) -> None:
    states = LONG if at_full_length else SHORT
    counts = every_call(scene, name, place, fault, states, sample)
    if at_full_length and sample and "3+" not in sample:
        counts += every_call(scene, name, place, fault, states, [])
    tell(f"{name} with {fault} {'at each' if at_full_length or not sample else 'at ' + ' '.join(sample)}", counts)
    assert counts["refused with 6"]
