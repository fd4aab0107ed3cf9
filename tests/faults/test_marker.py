"""A stolen machine that is switched off: no file tells of a marker patient who went through everything it can do.

Nor do the words and the environment of any process while it goes on, nor what is said on stderr. What was asked for
does: the file that was imported, the exports, and listings on stdout.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localstore import practice, record
from localstore.keys import keyring
from tests.checks.source import ROOT
from tests.cli.running import PASSPHRASE, Ended, ask, run
from tests.end_to_end.test_two_practices import Scene, until
from tests.end_to_end.test_two_practices import daemons as daemons
from tests.faults import marker as marker_room
from tests.faults.conftest import Tell
from tests.faults.marker import Marker, Watch
from tests.tui.terminal import on_terminal

NEW = "une toute nouvelle phrase de passe"
ASKED_FOR = ("came", "asked-for")


class House:
    """Folders of this test alone, for everything that a program could write to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.began = folder, folder.stat().st_mtime
        for name in ("home", "tmp", "scene", "stick", *ASKED_FOR):
            (folder / name).mkdir()
        self._own_home = Path.home()
        monkeypatch.setenv("HOME", str(folder / "home"))
        monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
        monkeypatch.setenv("LANGUAGE", "fr")
        monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))

    def telling_files(self, marker: Marker) -> list[str]:
        """The files of this test that tell of the marker, but for what was asked for."""
        return marker.in_files([self.folder], without=[self.folder / name for name in ASKED_FOR])

    def telling_elsewhere(self, marker: Marker) -> list[str]:
        """Those that were written meanwhile wherever programs put what nobody asked for, the current folder among
        them."""
        places = [*marker_room.commonly_written(self._own_home), ROOT]
        without = [self.folder, ROOT / ".git", ROOT / ".venv"]
        return marker.in_files(places, since=self.began, without=without)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


def silent(marker: Marker, *arguments: str | Path, **how: Any) -> Ended:
    """Run a command that must succeed, and say nothing of the marker on stderr."""
    ended = run(*arguments, **how)
    assert ended.code == 0, ended.err
    assert not marker.in_bytes(ended.err.encode()), arguments
    return ended


def write_and_read(house: House, scene: Scene, marker: Marker, *, all_listings: bool) -> None:
    """Add, amend, retract, read, give reasons, list, export."""
    here, patient = ("--practice", scene.alpha), scene.patient["id"]
    body = json.dumps({"reason": marker.says("motif"), "findings": marker.says("examen")}).encode()
    added = silent(marker, *here, "add", patient, "consultation", "--body", "-", "--json", stdin=body).document
    amended = silent(marker, *here, "amend", added["version"], "--body", "-", "--json", stdin=body).document
    opened = practice.unlock(scene.alpha, PASSPHRASE)
    record.retract(opened, amended["version"], marker.says("erreur"))
    record.open_chart(opened, patient, marker.says("urgence"))
    opened.close()
    listings = (
        ("record", patient),
        ("history", patient),
        ("patients",),
        ("history", "verify"),
        ("doctor",),
        ("verify",),
    )
    for words in listings if all_listings else listings[:1]:
        silent(marker, *here, *words)
    silent(marker, *here, "export", patient, "-o", house.folder / "asked-for" / "all.json")
    silent(marker, *here, "emergency", patient, "-o", house.folder / "asked-for" / "emergency")


def exchange(scene: Scene, marker: Marker, daemons: Callable[..., None]) -> None:
    """Share with a colleague through two daemons; he takes it over."""
    scene.verify()
    scene.share()
    for one in (scene.alpha, scene.beta):
        daemons(one)
    until(lambda: bool(ask(scene.beta, "inbox")))
    here = ("--practice", scene.beta)
    (item,) = silent(marker, *here, "inbox", "--json").document
    silent(marker, *here, "inbox", "show", item["id"])
    silent(marker, *here, "inbox", "take", item["id"], "--new")


def on_the_screen(scene: Scene, marker: Marker) -> None:
    """A search that is typed, a chart, a new entry, the lock with the day's backup."""
    with on_terminal("-m", "tui.start", "--practice", str(scene.alpha)) as terminal:
        terminal.says("Phrase de passe")
        terminal.type(PASSPHRASE + "\r")
        terminal.says(marker.word.upper())
        terminal.type(marker.word[:8])
        terminal.says("1 patient")
        terminal.type("\r")
        terminal.says(marker.says("goutte"))
        terminal.type("a")
        terminal.says("Nouvelle allergie")
        terminal.type(f"Kiwi {marker.word}\x13")
        terminal.says("Enregistré")
        so_far = len(terminal.output)
        terminal.type("\x0c")
        terminal.says("Phrase de passe", after=so_far)
        terminal.type("\x11")
        assert terminal.ended() == 0
    assert (scene.alpha / "backups").is_dir()


def keep_and_restore(house: House, scene: Scene, marker: Marker) -> None:
    """Back up, verify, rehearse, restore elsewhere; new words, and a passphrase from them; a user who goes with the
    record's old key."""
    here, stick = ("--practice", scene.alpha), house.folder / "stick"
    made = silent(marker, *here, "backup", "--to", stick, "--json").document
    for words in (("verify", stick / made["id"]), ("drill", stick / made["id"])):
        silent(marker, *here, *words)
    silent(marker, "--practice", house.folder / "scene" / "restored", "restore", stick / made["id"])
    on_paper = silent(marker, *here, "recovery", "renew", "--no-confirm", "--json").document["recovery_words"]
    lost = (*here, "user", "passphrase", "--recovery", "--new-passphrase-fd", "0")
    silent(marker, *lost, passphrase=on_paper, stdin=f"{NEW}\n".encode())
    silent(marker, *here, "user", "add", "--name", "Mme Claude", "--role", "secretary", "--no-confirm", passphrase=NEW)
    silent(marker, *here, "user", "remove", "Claude", "--yes", "--change-key", passphrase=NEW)
    listed = silent(marker, *here, "patients", "--json", passphrase=NEW)
    assert marker.in_bytes(listed.out.encode())


def test_the_marker_is_in_no_file_and_no_process(
    house: House, daemons: Callable[..., None], tell: Tell, at_full_length: bool
) -> None:
    marker = marker_room.new()
    came = house.folder / "came" / f"{marker.word}.json"
    came.write_bytes(marker.bundle())
    with Watch(marker, str(house.folder / "home"), (PASSPHRASE, NEW)) as watch:
        scene = Scene(house.folder / "scene", came.parent, ("127.0.0.1", "127.0.0.1"))
        assert scene.imported["patients"] == 1
        write_and_read(house, scene, marker, all_listings=at_full_length)
        exchange(scene, marker, daemons)
        on_the_screen(scene, marker)
        keep_and_restore(house, scene, marker)
    files = [path for path in house.folder.rglob("*") if path.is_file()]
    counts = {"processes": len(watch.ours), "files": len(files), "hits": len(watch.hits)}
    tell("the marker patient", counts)
    assert len(watch.ours) >= 30 and len(files) > 20
    assert not watch.hits
    assert marker.in_files([house.folder / name for name in ASKED_FOR])  # what was asked for tells of her
    assert house.telling_files(marker) == []
    assert house.telling_elsewhere(marker) == []
    keys = keys_of(scene)
    assert [path for path in files if any(key in path.read_bytes() for key in keys)] == []


def keys_of(scene: Scene) -> list[bytes]:
    """What opens the practices, as bytes and as SQLCipher is told: it lies nowhere in the clear."""
    keys = [
        keyring.unlock(keyring.read(folder), secret).record_keys[0]
        for folder, secret in ((scene.alpha, NEW), (scene.beta, PASSPHRASE))
    ]
    return [PASSPHRASE.encode(), NEW.encode(), *keys, *(key.hex().encode() for key in keys)]


@pytest.mark.parametrize("place", ["home", "tmp", "stick"])
def test_a_planted_word_is_found_however_it_is_written(house: House, place: str) -> None:
    marker = marker_room.new()
    planted = house.folder / place / "folder" / "file"
    planted.parent.mkdir()
    forms = {**marker.forms(), **marker.base64_forms()}
    assert len(forms) == 8
    for form in [*forms.values(), marker.word.upper().encode()]:
        planted.write_bytes(b"\x00\xff" * 5000 + form + b"\x00")
        assert house.telling_files(marker) == [str(planted)]
    planted.unlink()
    assert house.telling_files(marker) == []
    (planted.parent / marker.word).touch()  # its name alone
    assert len(house.telling_files(marker)) == 1


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="other processes are seen on Linux only")
@pytest.mark.parametrize("where", ["cmdline", "environ"])
def test_a_word_in_a_process_is_seen(house: House, where: str) -> None:
    marker = marker_room.new()
    words = [marker.word] if where == "cmdline" else []
    environment = dict(os.environ) | ({} if words else {"PATIENT": marker.word})
    with Watch(marker, str(house.folder / "home")) as watch:
        with subprocess.Popen(
            [sys.executable, "-c", "input()", *words], env=environment, stdin=subprocess.PIPE
        ) as planted:
            until(lambda: bool(watch.hits) and planted.pid in watch.ours)
            planted.communicate(b"\n")
    assert {name for name, _ in watch.hits} == {where}
