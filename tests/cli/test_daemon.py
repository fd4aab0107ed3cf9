"""`confrere daemon`, status and stop: real daemons of two practices, on the loopback interface."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from localstore import history, settings
from localstore import practice as practice_room
from localstore.clock import system_clock
from localstore.settings import Network, Settings
from sync import desk as desk_room
from sync.errors import NoKeyring
from sync.post_office import unattended as system_keyring
from sync.post_office.daybook import Daybook
from sync.post_office.ledger import Ledger
from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, ask, at, environment, init, run
from tests.sync.test_unattended import NEEDED, SESSION
from tui.cli import daemon, unattended

# A session of a doctor: is it on, switch it on, run the daemon without a passphrase, switch it off (which stops it).
UNATTENDED = """
read -r passphrase
confrere() { "$python" -m tui.cli.main --practice "$folder" daemon "$@" --json; }
folder="$1" python="$2"
confrere unattended status
printf '%s\\n' "$passphrase" | confrere unattended on --passphrase-fd 0
confrere unattended status
"$python" -m sync.post_office.daemon --folder "$folder" --key-from-keyring >/dev/null &
for _ in $(seq 100); do
    case "$(confrere status)" in *'"running":true'*) break ;; esac
done
printf '%s\\n' "$passphrase" | confrere unattended off --passphrase-fd 0
confrere unattended status
"""


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
    assert second.code == 7 and f"already running (process {first.pid})" in second.err
    for folder in (practice, other):
        assert ask(folder, "daemon", "stop", passphrase=None) == {"id": "daemon", "stopped": True}
        assert ask(folder, "daemon", "status", passphrase=None)["running"] is False
    assert first.wait(DEADLINE) == 0
    assert ask(practice, "daemon", "stop", passphrase=None)["stopped"] is False


def test_the_daemon_does_not_start_with_a_wrong_passphrase(practice: Path) -> None:
    ended = run("--practice", practice, "daemon", passphrase="une autre phrase")  # noqa: S106
    assert ended.code == 3
    assert ask(practice, "daemon", "status", passphrase=None)["running"] is False


def test_where_it_listens_is_chosen_and_shown_without_a_passphrase(practice: Path) -> None:
    assert ask(practice, "daemon", "network", passphrase=None) == {
        "id": "network",
        "interfaces": [],
        "port": 0,
        "discovery": True,
    }
    chosen = ("--interface", "127.0.0.1", "--interface", "lo", "--port", "7400", "--no-discovery")
    wanted = {"interfaces": ["127.0.0.1", "lo"], "port": 7400, "discovery": False}
    assert ask(practice, "daemon", "network", *chosen, passphrase=None) == {"id": "network"} | wanted
    assert ask(practice, "daemon", "status", passphrase=None)["network"] == wanted
    shown = at(practice, "daemon", "status", passphrase=None).out
    assert "127.0.0.1, lo" in shown and "7400" in shown
    again = ask(practice, "daemon", "network", "--all-interfaces", "--port", "0", passphrase=None)
    assert again == {"id": "network", "interfaces": [], "port": 0, "discovery": False}  # what was not named stays
    for words, code in (
        (("--interface", "confrere-none"), 5),
        (("--interface", "lo", "--all-interfaces"), 5),
        (("--port", "70000"), 2),
    ):
        ended = run("--practice", practice, "daemon", "network", *words, passphrase=None)
        assert ended.code == code and "Traceback" not in ended.err
    assert ask(practice, "daemon", "network", passphrase=None) == again


def test_the_log_is_shown_without_a_passphrase(practice: Path) -> None:
    assert ask(practice, "daemon", "log", passphrase=None) == []
    Daybook(practice).note("2026-03-01T12:00:00Z", "received 3 envelopes")
    Daybook(practice).note("2026-03-01T12:00:01Z", "a session began")
    assert ask(practice, "daemon", "log", "--lines", "1", passphrase=None) == [
        {"id": "1", "at": "2026-03-01T12:00:01Z", "said": "a session began"}
    ]
    assert at(practice, "daemon", "log", passphrase=None).out.count("\n") == 2


def test_what_the_daemon_did_is_shown_in_the_users_words_and_its_troubles_as_they_were_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    french = {"sent {count} envelopes": "enveloppes envoyées : {count}"}
    monkeypatch.setattr(daemon, "text", lambda words: french.get(words, words))
    ledger = Ledger(1, system_clock, (said := list[str]()).append)
    ledger.listens_on(7400)
    ledger.listens_on(0)
    ledger.sent(12)
    ledger.received(3)
    ledger.met()
    ledger.woke()
    assert {re.sub(r"\d+", "{count}", one) for one in said} == daemon.SAID
    assert daemon._in_words(said[2]) == "enveloppes envoyées : 12"
    assert daemon._in_words("a trouble with {braces} and 3") == "a trouble with {braces} and 3"


def test_without_a_keyring_it_is_said_and_a_running_daemon_is_stopped_all_the_same(
    practice: Path, start: Callable[[Path], subprocess.Popen[bytes]]
) -> None:
    bare = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "XDG_RUNTIME_DIR": str(practice)}
    found = ask(practice, "daemon", "unattended", "status", passphrase=None, more=bare)
    assert found["on"] is False and "keyring" in found["trouble"]
    process = start(practice)
    _until(lambda: bool(ask(practice, "daemon", "status", passphrase=None)["running"]))
    ended = run("--practice", practice, "daemon", "unattended", "off", more=bare)
    assert ended.code == 7 and "keyring" in ended.err
    assert process.wait(DEADLINE) == 0


def test_the_keyring_is_asked_while_others_can_write(practice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = list[bool]()
    with closing(practice_room.unlock(practice, PASSPHRASE)) as opened:
        desk = desk_room.establish(opened)

        def look(*_: object) -> bool:
            held.append(desk.record.in_transaction)
            return True

        def refuse(*_: object) -> None:
            look()
            raise NoKeyring(reason="it took nothing")

        monkeypatch.setattr(system_keyring, "kept", look)
        monkeypatch.setattr(system_keyring, "forget", look)
        monkeypatch.setattr(system_keyring, "keep", refuse)
        with pytest.raises(NoKeyring):
            unattended._set(desk, True)
        assert unattended._set(desk, False)
        said = [line.detail for line in history.lines(desk.record) if line.action == "unattended-set"]
        desk.postbox.close()
    assert held == [False] * 3
    assert said == ["on", "off", "off"]


def test_the_service_is_printed_and_written_where_systemd_looks(practice: Path, tmp_path: Path) -> None:
    printed = at(practice, "daemon", "unattended", "service", passphrase=None).out
    assert str(practice) in printed and "--key-from-keyring" in printed
    begins = shlex.split(printed.partition("ExecStart=")[2].partition("\n")[0])
    found = {**os.environ, "PYTHONPATH": str(ROOT)}  # as the unit says
    asked = subprocess.run([*begins[:4], "--help"], capture_output=True, text=True, env=found, timeout=DEADLINE)
    assert "--key-from-keyring" in asked.stdout
    written = ask(
        practice,
        "daemon",
        "unattended",
        "service",
        "--install",
        passphrase=None,
        more={"XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert Path(written["file"]).read_text() == printed
    assert Path(written["file"]).parent == tmp_path / "systemd" / "user"


@pytest.mark.skipif(any(shutil.which(one) is None for one in NEEDED), reason="needs dbus and gnome-keyring")
def test_a_daemon_that_may_start_unattended_does_until_that_is_taken_back(practice: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    argv = ["dbus-run-session", "--", "sh", "-c", SESSION, "sh", str(home), "sh", "-e", "-c", UNATTENDED, "sh"]
    done = subprocess.run(
        [*argv, str(practice), sys.executable],
        input=PASSPHRASE + "\n",
        capture_output=True,
        text=True,
        env=environment(),
        cwd=ROOT,
        timeout=DEADLINE,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["on"] for one in lines] == [False, True, True, False, False]
    assert lines[3]["was_on"] and lines[3]["stopped"]
    actions = [(one["action"], one["detail"]) for one in ask(practice, "history") if one["action"] == "unattended-set"]
    assert sorted(actions) == [("unattended-set", "off"), ("unattended-set", "on")]
