"""The demonstration as a newcomer runs it: without a terminal, kept, and interrupted."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from localstore import patients, practice
from localstore.bodies import AllergyBody, ProblemBody
from sync import desk
from sync.post_office import status
from sync.receiving import inbox

DEMO = [sys.executable, "-m", "tui.cli.main", "demo"]
STEPS = ["practices", "patients", "pairing", "consent", "share", "delivery", "opened", "taken", "attested", "emergency"]


def environment(folder: Path) -> dict[str, str]:
    """An own temporary folder, so that what is left behind can be seen."""
    folder.mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder), "HOME": str(folder), "LANG": "fr_FR.UTF-8"}


def test_it_runs_through_without_a_terminal_and_leaves_nothing(tmp_path: Path) -> None:
    told = subprocess.run(
        [*DEMO, "--json"], env=environment(tmp_path / "t"), stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    document: dict[str, Any] = json.loads(told.stdout)
    assert [step["id"] for step in document["steps"]] == STEPS
    by_name = {step["id"]: step for step in document["steps"]}
    assert by_name["opened"]["entries"] == by_name["share"]["entries"] == by_name["taken"]["added"] > 10
    assert by_name["share"]["left_out"] >= 1
    assert document["practices"] == []
    assert list((tmp_path / "t").iterdir()) == []
    assert told.stderr == b""


def test_kept_practices_can_be_opened_and_no_file_tells_a_name(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    told = subprocess.run(
        [*DEMO, "--keep", str(kept), "--no-tui", "--json"],
        env=environment(tmp_path / "t"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    here, there = json.loads(told.stdout)["practices"]
    opened = practice.unlock(Path(here["folder"]), here["passphrase"])
    names = [one.family_name for one in patients.listing(opened.connection)]
    assert len(names) == 12
    opened.close()
    other = desk.establish(practice.unlock(Path(there["folder"]), there["passphrase"]))
    (item,) = inbox.listing(other)
    words = {entry.body.concept.text for entry in item.entries if isinstance(entry.body, ProblemBody)}
    words |= {entry.body.substance.text for entry in item.entries if isinstance(entry.body, AllergyBody)}
    other.close()
    assert {one["folder"] for one in (here, there)} == {str(kept / "practice-a"), str(kept / "practice-b")}
    markers = [
        marker.encode() for marker in {*names, *words, here["passphrase"], there["passphrase"]} if len(marker) > 5
    ]
    assert len(markers) > 10
    for file in (*(kept / "practice-a").rglob("*"), *(kept / "practice-b").rglob("*"), *(tmp_path / "t").rglob("*")):
        content = file.read_bytes() if file.is_file() else b""
        assert [marker for marker in markers if marker in content] == [], file
    assert not status.read(kept / "practice-a").running
    assert not status.read(kept / "practice-b").running


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    told = subprocess.run([*DEMO, "--keep", str(tmp_path)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert told.returncode == 5
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("moment", ["patients", "daemons"])
def test_an_interruption_stops_the_daemons_and_cleans_up(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "t"
    running = subprocess.Popen(
        [*DEMO, "--no-tui"],
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    wanted = "record.db" if moment == "patients" else "daemon.lock"
    _until(lambda: any(folder.rglob(wanted)))
    practices = [file.parent for file in folder.rglob("record.db")]
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode != 0
    assert list(folder.iterdir()) == []
    assert not any(status.read(one).running for one in practices)


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
