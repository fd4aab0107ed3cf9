"""Our own faults, signals and kill -9, with a marker patient in hand: one sentence at most, and nothing of her in it.

What a killed process leaves behind tells nothing either: no file, neither in the practice nor in a temporary folder.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from localstore import importing, patients, practice, record, settings
from localstore.backup import making
from localstore.bodies import DocumentBody
from localstore.clock import system_clock
from sync.post_office import status
from tests import practices
from tests.cli.running import COMMAND, DEADLINE, ROOT, ask, environment, run
from tests.end_to_end.test_two_practices import until
from tests.faults import marker as marker_room
from tests.faults.conftest import Tell
from tests.faults.marker import Marker
from tests.faults.test_lock import BOOT, IMPATIENT
from tests.faults.test_marker import House
from tests.faults.test_marker import house as house
from tests.practices import PASSPHRASE
from tests.tui.terminal import Terminal, on_terminal

OWN_FAULT, INTERRUPTED = 70, 130
# The real command, with one of its functions replaced by one that fails with the patient in every part of the error.
FAILING = """
import sys, threading
from tui.cli import main

def look(*arguments, **options):
    patient = {word!r}
    try:
        raise ValueError(patient)
    except ValueError as error:
        error.add_note(patient)
        raise KeyError(patient, arguments, options) from error

def in_a_thread(true):
    def then(*arguments, **options):
        thread = threading.Thread(target=look, name={word!r})
        thread.start()
        thread.join()
        return true(*arguments, **options)
    return then

class Forgotten:
    def __del__(self):
        look()

def forgotten(true):
    def then(*arguments, **options):
        Forgotten()
        return true(*arguments, **options)
    return then

{patch}
main.run()
"""


class Fault(NamedTuple):
    """Where it is made, in which command, and how that ends."""

    patch: str
    command: tuple[str, ...]
    code: int = OWN_FAULT


IMPORT, ADD, EXPORT = ("import", "CAME"), ("add", "HER", "problem"), ("export", "HER")
FAULTS = {
    "while reading a file": Fault("from localstore import preparing; preparing.read_resource = look", IMPORT),
    "while writing its line": Fault("from localstore import history; history.append = look", ADD),
    "while adding": Fault("from localstore import versions; versions.insert = look", ADD),
    "while printing": Fault("from tui.cli import output; output.table = look", ("patients",)),
    "while exporting": Fault("from localstore import exporting; exporting.write_patient = look", EXPORT),
    "while backing up": Fault("from localstore.backup import making; making.write = look", ("backup",)),
    "while verifying": Fault("from localstore.contents import Replay; Replay.up_to = look", ("verify",)),
    "before anything": Fault("main._run = look", ("patients",)),
    "in a thread": Fault("from localstore import history as h; h.append = in_a_thread(h.append)", EXPORT, 0),
    "in what is forgotten": Fault("from localstore import history as h; h.append = forgotten(h.append)", EXPORT, 0),
}
KILLED = (IMPORT, ("backup",), ("drill", "BACKUP"), ("emergency", "HER"), ("user", "change-key", "--yes"))
SHORT, LONG = 1, 12  # kills of each


class Place(NamedTuple):
    """A practice with the marker patient, and a backup of it."""

    house: House
    marker: Marker
    practice: Path
    patient: str
    backup: Path

    def arguments(self, words: tuple[str, ...]) -> list[str]:
        """The words of a command, filled in; none of them tells of her."""
        asked_for = str(self.house.folder / "asked-for" / "out")
        named = {"CAME": str(self.house.folder / "came"), "HER": self.patient, "BACKUP": str(self.backup)}
        more = {"export": ["-o", asked_for], "emergency": ["-o", asked_for], "add": ["--body", "-"]}
        filled = [named.get(word, word) for word in words] + more.get(words[0], [])
        return ["--practice", str(self.practice), *filled]


class Made(NamedTuple):
    """What is copied for each test."""

    folder: Path
    marker: Marker
    patient: str
    backup: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A practice with the marker patient, the file that she came in, and a backup."""
    folder, marker = tmp_path_factory.mktemp("made"), marker_room.new()
    (folder / "came").mkdir()
    (folder / "came" / f"{marker.word}.json").write_bytes(marker.bundle())
    desk = practices.make_desk(folder / "practice", clock=system_clock)
    importing.import_paths(desk.practice, [folder / "came"])
    (her,) = patients.search(desk.record, "")
    backup = making.make(desk.practice, folder / "practice" / "backups").folder.name
    desk.close()
    return Made(folder, marker, her.id, backup)


@pytest.fixture
def place(house: House, made: Made) -> Place:
    """The same, of this test alone."""
    shutil.copytree(made.folder / "came", house.folder / "came", dirs_exist_ok=True)
    folder = Path(shutil.copytree(made.folder / "practice", house.folder / "scene" / "practice"))
    settings.write(folder, settings.Settings(settings.Network(interfaces=("127.0.0.1",), discovery=False)))
    return Place(house, made.marker, folder, made.patient, folder / "backups" / made.backup)


def start(*words: str, stdin: bytes = b"") -> "subprocess.Popen[bytes]":
    """Start a command, its passphrase over a pipe, what it says into pipes."""
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    process = subprocess.Popen(
        [*words, "--passphrase-fd", str(reading)],
        env=environment(),
        cwd=ROOT,
        pass_fds=(reading,),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(reading)
    return process


@pytest.mark.parametrize("where", FAULTS)
def test_our_own_fault_says_one_sentence_without_a_value(place: Place, where: str) -> None:
    fault, house = FAULTS[where], place.house
    script = house.folder / "came" / "failing.py"
    script.write_text(FAILING.format(word=place.marker.word, patch=fault.patch), encoding="utf-8")
    body = json.dumps({"concept": {"text": place.marker.word}}).encode()
    boot = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); del sys.argv[0]; runpy.run_path(sys.argv[0])"
    with start(sys.executable, "-c", boot, str(script), *place.arguments(fault.command)) as process:
        out, err = process.communicate(body, timeout=DEADLINE)
    assert process.returncode == fault.code, err
    if fault.code:
        assert out == b"" and err.count(b"\n") == 1 and b"KeyError" in err
    assert not place.marker.in_bytes(err) and b"Traceback" not in err
    assert house.telling_files(place.marker) == []
    assert list((house.folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_says_nothing_of_her(place: Place, number: int) -> None:
    with start(*COMMAND, *place.arguments(("add", "HER", "problem"))) as process:
        log = place.practice / "record.db-wal"
        until(log.exists)  # the practice is open, and the command waits for its stdin
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == (INTERRUPTED if number == signal.SIGINT else -number)
    assert out == b"" and not place.marker.in_bytes(err) and b"Traceback" not in err
    assert place.house.telling_files(place.marker) == []


def test_what_a_killed_process_leaves_tells_nothing(place: Place, at_full_length: bool, tell: Tell) -> None:
    random = Random(20260301)  # noqa: S311 - moments of a test
    counts = {"kills": 0, "in the middle": 0, "hits": 0}
    for words in KILLED:
        begun = time.monotonic()
        with start(*COMMAND, *place.arguments(words)) as process:  # once to its end, to know where its middle is
            process.communicate(timeout=DEADLINE)
        whole = time.monotonic() - begun
        for _ in range(LONG if at_full_length else SHORT):
            with start(*COMMAND, *place.arguments(words)) as process:
                try:
                    process.wait(random.uniform(0.3, 0.9) * whole)
                except subprocess.TimeoutExpired:
                    process.kill()
                _, err = process.communicate(timeout=DEADLINE)
            counts["kills"] += 1
            counts["in the middle"] += process.returncode == -signal.SIGKILL
            found = place.house.telling_files(place.marker)
            counts["hits"] += len(found)
            assert found == [] and not place.marker.in_bytes(err), words
    tell("killed with a patient in hand", counts)
    assert counts["in the middle"] >= 1
    assert (
        ask(place.practice, "patients", passphrase=PASSPHRASE)[0]["id"] == place.patient
    )  # whatever was killed, it opens


@pytest.fixture
def stopped(place: Place) -> Iterator[Place]:
    """The same; a daemon that the interface started is stopped at the end."""
    yield place
    status.stop(place.practice)


def test_what_was_typed_and_not_saved_is_in_no_file_after_a_kill(stopped: Place) -> None:
    typed = marker_room.new()
    with on_terminal("-m", "tui.start", "--practice", str(stopped.practice)) as terminal:
        _type_an_allergy(terminal, stopped, typed)
        os.kill(terminal.pid, signal.SIGKILL)
        assert terminal.ended() == -signal.SIGKILL
    for marker in (typed, stopped.marker):
        assert stopped.house.telling_files(marker) == []


def test_what_the_lock_kept_is_in_the_record_and_in_no_file(stopped: Place) -> None:
    typed = marker_room.new()
    script = stopped.house.folder / "scene" / "impatient.py"
    script.write_text(IMPATIENT)
    with on_terminal("-c", BOOT, str(script), str(stopped.practice)) as terminal:
        _type_an_allergy(terminal, stopped, typed)
        so_far = len(terminal.output)
        terminal.says("Phrase de passe", after=so_far)
        terminal.type("\x11")
        assert terminal.ended() == 0
    opened = practice.unlock(stopped.practice, PASSPHRASE)
    bodies = [entry.body for entry in record.chart(opened, stopped.patient).entries]
    opened.close()
    assert any(isinstance(body, DocumentBody) and typed.word in body.text for body in bodies)
    for marker in (typed, stopped.marker):
        assert stopped.house.telling_files(marker) == []


def _type_an_allergy(terminal: Terminal, here: Place, typed: Marker) -> None:
    """Open her chart and a form, and type words into it that are not saved."""
    terminal.says("Phrase de passe")
    terminal.type(PASSPHRASE + "\r")
    terminal.says(here.marker.word.upper())
    terminal.type(here.marker.word[:8])
    terminal.says("1 patient")
    terminal.type("\r")
    terminal.says(here.marker.says("goutte"))
    terminal.type("a")
    terminal.says("Nouvelle allergie")
    terminal.type(typed.word)
    terminal.says(typed.word)


def test_a_wrong_passphrase_is_said_nowhere(place: Place) -> None:
    wrong = marker_room.new()
    ended = run("--practice", place.practice, "patients", passphrase=wrong.word)
    assert ended.code == 3 and ended.out == ""
    assert not wrong.in_bytes(ended.err.encode())
    assert place.house.telling_files(wrong) == []
