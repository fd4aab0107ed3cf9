"""`confrere daemon`, status and stop: real daemons of two practices, on the loopback interface."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localstore import settings
from localstore.settings import Network, Settings
from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ask, at, environment, init, run


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.1)


@pytest.fixture
def start() -> Iterator[Callable[[Path], subprocess.Popen[bytes]]]:
    """Starts `confrere daemon` as a process of the test; ends it afterwards."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(folder: Path) -> subprocess.Popen[bytes]:
        reading, writing = os.pipe()
        os.write(writing, PASSPHRASE.encode() + b"\n")
        os.close(writing)
        # By a relative name, as a person types it: the daemon leaves the folder that it was started in.
        command = [*COMMAND, "--practice", folder.name, "daemon", "--passphrase-fd", str(reading)]
        where = folder.parent
        running.append(
            subprocess.Popen(command, env=environment(), cwd=where, pass_fds=(reading,), stderr=subprocess.PIPE)
        )
        os.close(reading)
        return running[-1]

    yield begin
    for process in running:
        process.terminate()
        process.communicate(timeout=DEADLINE)


def test_two_daemons_deliver_and_say_what_they_did(
    practice: Path, tmp_path: Path, start: Callable[[Path], subprocess.Popen[bytes]]
) -> None:
    other = tmp_path / "other"
    init(other, "Dr Beta", "10003000014")
    for folder, colleague in ((practice, other), (other, practice)):
        port = _free_port()
        settings.write(folder, Settings(network=Network(interfaces=("127.0.0.1",), port=port, discovery=False)))
        at(folder, "card", "export", tmp_path / "card.txt", "--force", "--address", f"127.0.0.1:{port}")
        at(colleague, "colleague", "add", tmp_path / "card.txt")
    digits = ask(practice, "colleague", "list")[0]["fingerprint"]
    at(practice, "colleague", "verify", "beta", "--fingerprint", digits)
    at(other, "colleague", "verify", "alpha", "--fingerprint", digits)
    at(practice, "add", "zoe", "problem", "--text", "Asthme")
    at(practice, "consent", "grant", "zoe", "beta")

    first = start(practice)
    start(other)
    _until(lambda: ask(practice, "daemon", "status", passphrase=None)["connected"] == 1)
    assert ask(practice, "daemon", "status", passphrase=None)["pid"] == first.pid  # the command became the daemon
    shared = ask(practice, "share", "zoe", "beta")
    _until(lambda: ask(practice, "outbox")[0]["state"] == "stored")
    assert ask(other, "inbox")[0]["id"] == shared["id"]
    _until(lambda: ask(practice, "outbox")[0]["state"] == "opened")

    second = run("--practice", practice, "daemon")
    assert second.code == 5 and f"already running (process {first.pid})" in second.err
    for folder in (practice, other):
        assert ask(folder, "daemon", "stop", passphrase=None) == {"id": "daemon", "stopped": True}
        assert ask(folder, "daemon", "status", passphrase=None)["running"] is False
    assert first.wait(DEADLINE) == 0
    assert ask(practice, "daemon", "stop", passphrase=None)["stopped"] is False


def test_the_daemon_does_not_start_with_a_wrong_passphrase(practice: Path) -> None:
    ended = run("--practice", practice, "daemon", passphrase="une autre phrase")  # noqa: S106
    assert ended.code == 3
    assert ask(practice, "daemon", "status", passphrase=None)["running"] is False
