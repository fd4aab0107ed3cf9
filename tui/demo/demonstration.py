"""The demonstration, step by step. Each step does the real thing and says, with figures, what happened."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from localstore import colleagues, correspondence, founding, record
from localstore.bodies import PatientBody
from localstore.emergency import door
from localstore.errors import BadInput
from localstore.model import Entry
from sync.receiving import inbox, reception
from sync.sending import gate, sharing
from tui.cli import output
from tui.demo import scene
from tui.demo.scene import Practice, Scene
from tui.words.catalogue import text

COLLECT_SECONDS = 2.0  # how often the colleague looks into his letter box while the interface is open
PURPOSE = "continuité des soins"


def run(keep: Path | None, interactive: bool, seed: int = 1, as_json: bool = False) -> None:
    """Run the demonstration in temporary folders, or in `keep`, which must not exist or be empty.

    Raises AlreadyThere, NotReachable. Whatever happens, daemons are stopped, and temporary folders removed.
    """
    if keep is not None:
        founding.check_new_folder(keep)
    root = keep or Path(tempfile.mkdtemp(prefix="confrere-demo-"))
    stage = Scene()
    try:
        told = Telling(as_json)
        _play(stage, root, seed, told)
        if interactive:
            _offer_interface(*stage.opened)
        told.close(stage.opened if keep else [])
    finally:
        stage.close()
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)


class Telling:
    """What is said of each step: a line with its figures, or one JSON document at the end."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._steps: list[dict[str, Any]] = []

    def step(self, name: str, words: str, **figures: object) -> None:
        """One step is done; `words` may hold `{figures}`."""
        self._steps.append({"id": name, **figures})
        if not self._as_json:
            output.say(f"{len(self._steps):>2}. " + words.format_map(figures))

    def close(self, kept: list[Practice]) -> None:
        """The end: how to open the practices, where they were kept."""
        practices = [
            {
                "id": one.desk.practice.id.hex(),
                "name": one.name,
                "folder": str(one.folder),
                "passphrase": one.passphrase,
            }
            for one in kept
        ]
        if self._as_json:
            output.document({"id": "demo", "steps": self._steps, "practices": practices})
            return
        for one in kept:
            output.say(text("Kept: {name}, {folder}").format(name=one.name, folder=one.folder))
            output.say("    " + text("passphrase: {words}").format(words=one.passphrase))
        if not kept:
            output.say(text("Done. Both practices, their keys and their daemons are gone; nothing was left behind."))


def _play(stage: Scene, root: Path, seed: int, told: Telling) -> None:
    first, second = scene.cast(seed)
    here = stage.make(root / "practice-a", first)
    there = stage.make(root / "practice-b", second)
    told.step(
        "practices",
        text("Two practices, each an encrypted database of its own: {a} ({doctor_a}) and {b} ({doctor_b})."),
        a=here.name,
        b=there.name,
        doctor_a=here.doctor,
        doctor_b=there.doctor,
    )
    today = here.desk.practice.clock().date()
    people, entries = scene.fill(here.desk, seed, today, first)
    told.step("patients", text("{patients} synthetic patients with {entries} entries at practice A."),
              patients=len(people), entries=entries)  # fmt: skip
    patient = scene.shared_patient(here.desk, people)
    body = patient.body
    if not isinstance(body, PatientBody):
        raise BadInput(what="A patient has no identity.", remedy="Please report it.")
    record.add_patient(there.desk.practice, body)
    digits = scene.introduce(here, there)
    told.step("pairing", text("Cards exchanged, fingerprint compared: {fingerprint}."), fingerprint=digits)
    sent = _share(here, there, patient, body, told)
    _deliver(stage, here, there, told)
    _receive(here, there, sent, told)
    _emergency(here, patient, root, told)


def _share(here: Practice, there: Practice, patient: Entry, body: PatientBody, told: Telling) -> tuple[Entry, ...]:
    colleague = colleagues.resolve(here.desk.record, there.desk.practice.user.rpps)
    name = " ".join((body.family_name, *body.given_names[:1]))
    consent = sharing.grant(here.desk, patient.id, colleague, purpose=PURPOSE)
    told.step("consent", text("Consent of {patient} recorded, for {colleague}: {purpose}."),
              patient=name, colleague=there.doctor, purpose=PURPOSE)  # fmt: skip
    shared = sharing.share(here.desk, patient.id, colleague)
    told.step(
        "share",
        text("Extract signed and sealed: {entries} entries, {left_out} left out by the consent, {bytes} bytes sealed."),
        entries=shared.entries,
        left_out=shared.left_out,
        bytes=shared.envelope_bytes,
    )
    chart = record.chart(here.desk.practice, patient.id)
    return tuple(gate.select(consent.terms, chart.entries).entries)


def _deliver(stage: Scene, here: Practice, there: Practice, told: Telling) -> None:
    stage.start_daemons()
    seconds = scene.await_delivery(here)
    told.step(
        "delivery",
        text(
            "The two daemons found each other and delivered over TLS 1.3 in {seconds} s; receipt signed by {colleague}."
        ),
        seconds=round(seconds, 1),
        colleague=there.doctor,
    )


def _receive(here: Practice, there: Practice, sent: tuple[Entry, ...], told: Telling) -> None:
    collected = reception.collect(there.desk)
    item = inbox.listing(there.desk)[0]
    same = [(one.version, one.body) for one in item.entries] == [(one.version, one.body) for one in sent]
    if not same:
        raise BadInput(what="What arrived is not what was sent.", remedy="Please report it.")
    told.step(
        "opened",
        text(
            "Practice B opened {extracts} extract: signature, recipient and order checked; its {entries} entries are "
            "exactly those consented to."
        ),
        extracts=collected.extracts,
        entries=len(item.entries),
    )
    taken = inbox.take(there.desk, item.id)
    told.step("taken", text("{added} entries taken over into the record of practice B, with their author."),
              added=taken.added)  # fmt: skip
    scene.wait_for(lambda: _is_attested(here))
    told.step("attested", text("Practice A knows: queued, sent, stored, opened."), opened=True)


def _is_attested(here: Practice) -> bool:
    reception.collect(here.desk)
    return any(sent.opened for sent in correspondence.outgoing(here.desk.record))


def _emergency(here: Practice, patient: Entry, root: Path, told: Telling) -> None:
    files = door.write(here.desk.practice, patient.id, root / "emergency")
    sizes = [text("{file}: {count} bytes").format(file=name, count=size) for name, size in files]
    told.step("emergency", text("Emergency export written: {files}."), files=", ".join(sizes))


def _offer_interface(here: Practice, there: Practice) -> None:
    output.say("")
    output.say(text("Practice A is ready to be opened; its colleague answers in the background."))
    output.say(text("passphrase: {words}").format(words=here.passphrase))
    output.say(text("Enter opens the interface, q ends:"))
    if sys.stdin.readline().strip().lower() in ("q", "quit", "n"):
        return
    ended = threading.Event()
    colleague = threading.Thread(target=_answer, args=(there, ended), daemon=True)
    colleague.start()
    _open_interface(here)
    ended.set()
    colleague.join()


def _open_interface(here: Practice) -> None:
    """The interface as a process of its own, opened by the passphrase that comes over a pipe."""
    reading, writing = os.pipe()
    os.write(writing, here.passphrase.encode() + b"\n")
    os.close(writing)
    words = [sys.executable, "-m", "tui.start", "--practice", str(here.folder), "--passphrase-fd", str(reading)]
    try:
        subprocess.run(words, check=False, pass_fds=(reading,))  # noqa: S603 - our own interpreter and module
    finally:
        os.close(reading)


def _answer(there: Practice, ended: threading.Event) -> None:
    """The colleague's part while the interface is open: he opens what arrives, so receipts go back."""
    while not ended.wait(COLLECT_SECONDS):
        reception.collect(there.desk)
