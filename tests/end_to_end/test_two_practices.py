"""A real record is imported, shared by two real daemons, received and taken over; by the command line alone.

Once on the loopback interface of this machine, and once on two machines as far as the kernel can tell.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from localstore import settings
from localstore.settings import Network, Settings
from tests import real_data
from tests.cli.running import COMMAND, PASSPHRASE, ROOT, ask, at, environment, init, run
from tests.namespaces import SUBNET

WAIT_SECONDS = 60
SHARED_KINDS = {
    "problem",
    "allergy",
    "medication",
    "immunisation",
    "measurement",
    "consultation",
    "procedure",
    "document",
}


class Scene:
    """Two practices, made and introduced by the command line; alpha holds one real patient."""

    def __init__(self, folder: Path, bundle: Path, addresses: tuple[str, str]) -> None:
        self.alpha, self.beta = folder / "alpha", folder / "beta"
        for practice, name, rpps, address in zip(
            (self.alpha, self.beta), ("Dr Alpha", "Dr Beta"), ("10003000006", "10003000014"), addresses, strict=True
        ):
            init(practice, name, rpps)
            settings.write(practice, Settings(network=Network(interfaces=(address,))))
        self.imported = ask(self.alpha, "import", bundle)
        (self.patient,) = ask(self.alpha, "patients")
        cards = folder / "cards"
        cards.mkdir()
        for practice in (self.alpha, self.beta):
            at(practice, "card", "export", cards / practice.name)
        self.of_beta = ask(self.alpha, "colleague", "add", cards / "beta")["id"]
        self.of_alpha = ask(self.beta, "colleague", "add", cards / "alpha")["id"]

    def verify(self) -> None:
        (known,) = ask(self.beta, "colleague", "list")
        digits = known["fingerprint"]
        at(self.alpha, "colleague", "verify", self.of_beta, "--fingerprint", digits)
        at(self.beta, "colleague", "verify", self.of_alpha, "--fingerprint", digits)

    def share(self, *terms: str) -> Any:
        at(self.alpha, "consent", "grant", self.patient["id"], self.of_beta, "--purpose", "soins", *terms)
        return ask(self.alpha, "share", self.patient["id"], self.of_beta)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def daemons() -> Iterator[Callable[..., None]]:
    """Starts `confrere daemon` for a practice, on this machine or on another; ends it afterwards."""
    with ExitStack() as stack:

        def start(practice: Path, machine: str = "") -> None:
            reading, writing = os.pipe()
            os.write(writing, PASSPHRASE.encode() + b"\n")
            os.close(writing)
            elsewhere = ("ip", "netns", "exec", machine) if machine else ()
            words = [*elsewhere, *COMMAND, "--practice", str(practice), "daemon", "--passphrase-fd", str(reading)]
            process = subprocess.Popen(
                words,
                env=environment(),
                cwd=ROOT,
                pass_fds=(reading,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            os.close(reading)
            stack.callback(process.wait)
            stack.callback(process.kill)
            until(lambda: bool(ask(practice, "daemon", "status", passphrase=None)["running"]))

        yield start


@pytest.fixture(params=["loopback", "two machines"])
def roads(request: pytest.FixtureRequest) -> tuple[tuple[str, str], tuple[str, str]]:
    """The addresses of both practices, and the machines that they are on (empty: this one)."""
    if request.param == "loopback":
        return ("127.0.0.1", "127.0.0.1"), ("", "")
    return (f"{SUBNET}.1", f"{SUBNET}.2"), request.getfixturevalue("machines")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = real_data.unpack(tmp_path_factory.mktemp("bundle"), 12)
    with_patient = [file for file in files if '"resourceType": "Patient"' in file.read_text()]
    return min(with_patient, key=lambda file: file.stat().st_size)


def entries(practice: Path, *command: str) -> dict[str, Any]:
    """Entries by version, as the command line tells them, without what each practice says of its own copy."""
    local = ("origin", "provenance", "patient", "competing", "current")
    told = ask(practice, *command)["entries"]
    return {one["version"]: {k: v for k, v in one.items() if k not in local} for one in told}


def test_a_real_record_travels(
    tmp_path: Path,
    bundle: Path,
    roads: tuple[tuple[str, str], tuple[str, str]],
    daemons: Callable[..., None],
) -> None:
    addresses, machines = roads
    scene = Scene(tmp_path, bundle, addresses)
    scene.verify()
    at(scene.alpha, "add", scene.patient["id"], "problem", "--text", "Secret de famille", "--restricted")
    own = entries(scene.alpha, "record", scene.patient["id"])
    shared = scene.share()
    covered = {v: e for v, e in own.items() if e["kind"] in SHARED_KINDS and e["sensitivity"] == "normal"}
    assert 0 < shared["entries"] == len(covered) < len(own)
    for practice, machine in zip((scene.alpha, scene.beta), machines, strict=True):
        daemons(practice, machine)
    until(lambda: ask(scene.alpha, "daemon", "status", passphrase=None)["sent"] >= 2)
    until(lambda: bool(ask(scene.beta, "inbox")))
    (item,) = ask(scene.beta, "inbox")
    told = entries(scene.beta, "inbox", "show", item["id"])
    # As they are in the record, and beside that how each stands to the own one.
    assert {v: {name: e[name] for name in covered[v]} for v, e in told.items()} == covered
    assert {e["relation"] for e in told.values()} == {"new"}
    assert "Secret de famille" not in run("--practice", scene.beta, "inbox", "show", item["id"], "--json").out
    taken = ask(scene.beta, "inbox", "take", item["id"], "--new")
    assert taken["added"] == len(covered)
    assert entries(scene.beta, "record", taken["patient"]).keys() == covered.keys()
    until(lambda: ask(scene.alpha, "outbox")[-1]["state"] == "opened")
    _compare_exports(scene, taken["patient"], tmp_path)


def _compare_exports(scene: Scene, patient: str, folder: Path) -> None:
    """What was shared comes out of the colleague's export as it first came in."""
    at(scene.alpha, "export", scene.patient["id"], "-o", folder / "alpha.json")
    at(scene.beta, "export", patient, "-o", folder / "beta.json")
    first, second = (
        {json.dumps(e["resource"], sort_keys=True) for e in json.loads((folder / name).read_text())["entry"]}
        for name in ("alpha.json", "beta.json")
    )
    conditions = [one for one in first if '"resourceType": "Observation"' in one]
    assert conditions
    assert set(conditions) <= second


def test_a_colleague_who_was_not_compared_gets_nothing(
    tmp_path: Path, bundle: Path, daemons: Callable[..., None]
) -> None:
    scene = Scene(tmp_path, bundle, ("127.0.0.1", "127.0.0.1"))
    # Beta has compared the fingerprint and listens; alpha has not.
    digits = ask(scene.beta, "colleague", "list")[0]["fingerprint"]
    at(scene.beta, "colleague", "verify", scene.of_alpha, "--fingerprint", digits)
    at(scene.alpha, "consent", "grant", scene.patient["id"], scene.of_beta, "--purpose", "soins")
    refused = run("--practice", scene.alpha, "share", scene.patient["id"], scene.of_beta)
    assert (refused.code, refused.out) == (4, "")
    for practice in (scene.alpha, scene.beta):
        daemons(practice)
    assert ask(scene.alpha, "daemon", "status", passphrase=None)["port"] == 0  # it neither listens nor announces
    assert ask(scene.alpha, "outbox") == []
    assert ask(scene.beta, "inbox") == []


def test_a_marker_patient_is_in_no_file_log_or_temporary_folder(
    tmp_path: Path, daemons: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = "Zzyzxmarqueur"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    tempfile.tempdir = None
    bundle = tmp_path / "came" / "in.json"
    bundle.parent.mkdir()
    named = {"resourceType": "Patient", "id": "1", "name": [{"family": marker, "given": [marker]}]}
    problem = {"resourceType": "Condition", "id": "2", "subject": {"reference": "Patient/1"}, "code": {"text": marker}}
    bundle.write_text(
        json.dumps(
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (named, problem)]}
        )
    )
    (tmp_path / "scene").mkdir()
    scene = Scene(tmp_path / "scene", bundle, ("127.0.0.1", "127.0.0.1"))
    scene.verify()
    scene.share()
    for practice in (scene.alpha, scene.beta):
        daemons(practice)
    until(lambda: bool(ask(scene.beta, "inbox")))
    ask(scene.beta, "inbox", "take", ask(scene.beta, "inbox")[0]["id"], "--new")
    at(scene.beta, "patients", marker)
    at(scene.alpha, "emergency", scene.patient["id"], "-o", tmp_path / "asked-for")
    hits = [
        str(file.relative_to(tmp_path))
        for file in tmp_path.rglob("*")
        if file.is_file() and any(text in file.read_bytes() for text in (marker.encode(), marker.encode("utf-16-le")))
    ]
    assert {hit.split("/")[0] for hit in hits} == {"came", "asked-for"}  # what came in, and what was asked for
