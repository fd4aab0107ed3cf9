"""Real daemons, in processes of their own, over real zeroconf and TLS on the loopback interface."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from localstore import crypto, postbox, settings
from localstore.clock import system_clock
from localstore.settings import Network, Settings
from sync.errors import AlreadyRunning, NotStarted
from sync.post_office import knock, launch, status
from sync.post_office.knock import Pair
from sync.post_office.launch import command, working_folder
from tests.sync.doors import HandMadeTls
from tests.sync.offices import Practice, identity_of, make, pair, received, report, running, states, until

FEED, OTHER_FEED = b"f" * 16, b"g" * 16
BECOME = """
import pathlib, sys
from sync.post_office import launch
launch.become(pathlib.Path(sys.argv[1]), sys.stdin.buffer.read(32))
"""
WITHOUT_DISCOVERY = Network(interfaces=("127.0.0.1",), discovery=False)


def fill(one: Practice, other: Practice, envelopes: list[bytes], feed: bytes = FEED) -> None:
    """Queue envelopes for the other practice, behind those that are queued already."""
    first = len(postbox.progress(one.desk)) + 1
    for sequence, envelope in enumerate(envelopes, start=first):
        postbox.queue(one.desk, other.folder.name, feed, sequence, envelope)


def envelopes_of(count: int, size: int = 1200) -> list[bytes]:
    """Sealed envelopes, as far as the post office can tell."""
    return [crypto.random_bytes(size) for _ in range(count)]


def with_port(folder: Path) -> Practice:
    """A practice that is found by its address only."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return make(folder, Network(interfaces=("127.0.0.1",), port=port, discovery=False))


def address(practice: Practice) -> str:
    """Where a practice with a port of its own listens."""
    return f"127.0.0.1:{settings.read(practice.folder).network.port}"


def test_two_daemons_find_each_other_and_deliver_both_ways_and_a_stranger_gets_nothing(tmp_path: Path) -> None:
    alice, bernard, mallory = make(tmp_path / "alice"), make(tmp_path / "bernard"), make(tmp_path / "mallory")
    pair(alice, bernard)
    # Mallory has Alice's certificate, and her own idea of what their secret is.
    postbox.put_peer(mallory.desk, postbox.Peer("alice", alice.certificate, crypto.random_bytes(32)))
    to_bernard, to_alice = envelopes_of(20), envelopes_of(20)
    fill(alice, bernard, to_bernard)
    fill(bernard, alice, to_alice, OTHER_FEED)
    fill(mallory, alice, envelopes_of(1), b"m" * 16)
    with running(alice), running(bernard), running(mallory):
        until(lambda: states(alice) == states(bernard) == ["stored"] * 20)
        assert (received(bernard), received(alice)) == (to_bernard, to_alice)
        fill(alice, bernard, [b"queued while the session is open"])
        until(lambda: states(alice) == ["stored"] * 21)
        until(lambda: (report(alice).sent, report(alice).received, report(alice).connected) == (21, 20, 1))
        assert states(mallory) == ["queued"]
        assert report(mallory).connected == 0
        assert report(mallory).last_contact == ""
    assert len(postbox.receipts(alice.desk)) == 1
    assert [postbox.incidents(one.desk) for one in (alice, bernard, mallory)] == [[], [], []]


def test_a_daemon_that_is_killed_on_the_way_goes_on_where_it_was(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "bernard")
    pair(alice, bernard)
    everything = envelopes_of(40, size=300_000)
    with running(alice):
        with running(bernard) as process:
            fill(alice, bernard, everything)
            until(lambda: received_count(bernard) >= 3)
            process.send_signal(signal.SIGKILL)
            process.wait()
        there = received_count(bernard)
        assert there < 40
        with running(bernard):
            until(lambda: states(alice) == ["stored"] * 40)
    assert received(bernard) == everything


def received_count(practice: Practice) -> int:
    """How many envelopes are committed, without reading them."""
    found: tuple[int] = practice.desk.execute("SELECT count(*) FROM incoming").fetchone()
    return found[0]


def test_a_configured_address_is_a_road_of_its_own(tmp_path: Path) -> None:
    alice, bernard = with_port(tmp_path / "alice"), make(tmp_path / "bernard", WITHOUT_DISCOVERY)
    pair(alice, bernard, addresses_of_one=(address(alice),))
    everything = envelopes_of(3)
    fill(alice, bernard, everything)
    with running(alice), running(bernard):
        until(lambda: states(alice) == ["stored"] * 3)
    assert received(bernard) == everything


def test_impostors_and_repeated_knocks_get_nothing_after_a_restart_either(tmp_path: Path) -> None:
    alice, bernard, impostor = (
        with_port(tmp_path / "alice"),
        make(tmp_path / "bernard", WITHOUT_DISCOVERY),
        make(tmp_path / "impostor", WITHOUT_DISCOVERY),
    )
    secret = pair(alice, bernard, addresses_of_one=(address(alice),))
    postbox.put_peer(impostor.desk, postbox.Peer("alice", alice.certificate, secret, (address(alice),)))
    fill(alice, bernard, envelopes_of(1))
    said = _first_words(bernard, alice, secret)
    with running(alice):
        assert _answer(alice, said, 1) != b""
    with running(alice), running(impostor):
        assert _answer(alice, said, 4096) == b""
        until(lambda: report(impostor).last_error)
        assert states(alice) == ["queued"]
        assert report(alice).connected == 0
        with running(bernard):
            until(lambda: states(alice) == ["stored"])
    assert received(impostor) == []


def _first_words(caller: Practice, called: Practice, secret: bytes) -> bytes:
    """A knock and a TLS hello, as the caller's daemon says them, recorded by somebody on the network."""
    own, other = identity_of(caller), identity_of(called)
    slot = knock.slot_of(system_clock())
    return knock.knock(Pair("", secret, own.key, other.key), slot, b"n" * 16) + HandMadeTls(own, other).first_bytes()


def _answer(practice: Practice, said: bytes, size: int) -> bytes:
    """What a daemon says to these words, at most `size` bytes."""
    port = settings.read(practice.folder).network.port
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        plain.sendall(said)
        try:
            return plain.recv(size)
        except ConnectionResetError:
            return b""  # closed while what was said lay unread


def test_nothing_listens_without_a_colleague_and_sessions_end_with_him(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "bernard")
    with running(alice), running(bernard):
        assert report(alice).port == 0
        assert _listening_ports(_pid(alice)) == _udp_ports(_pid(alice)) == set()
        pair(alice, bernard)
        until(lambda: report(alice).connected == report(bernard).connected == 1)
        port = report(alice).port
        assert port in _listening_ports(_pid(alice))
        postbox.remove_peer(alice.desk, "bernard")
        until(lambda: (report(alice).connected, report(alice).port) == (0, 0))
        until(lambda: _listening_ports(_pid(alice)) == _udp_ports(_pid(alice)) == set())
        fill(bernard, alice, [b"too late"])
        until(lambda: report(bernard).connected == 0)
        assert states(bernard) == ["queued"]


def _pid(practice: Practice) -> int:
    return status.read(practice.folder).pid


def _listening_ports(pid: int) -> set[int]:
    """The TCP ports that a process listens on, as the kernel sees it."""
    return {port for port, state in _ports(pid, "tcp") if state == "0A"}


def _udp_ports(pid: int) -> set[int]:
    """The UDP ports that a process hears."""
    return {port for port, _ in _ports(pid, "udp")}


def _ports(pid: int, protocol: str) -> set[tuple[int, str]]:
    sockets = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            sockets.add(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            continue
    lines = Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return {(int(one[1].split(":")[1], 16), one[3]) for one in fields if f"socket:[{one[9]}]" in sockets}


def test_a_second_daemon_refuses_at_once_with_one_sentence(tmp_path: Path) -> None:
    alice = make(tmp_path / "alice")
    with running(alice) as first:
        began = time.monotonic()
        second = subprocess.run(
            command(alice.folder, 0), input=alice.key, capture_output=True, cwd=working_folder(), timeout=20
        )
        took = time.monotonic() - began
        assert second.returncode == 7
        assert second.stderr.decode().strip() == str(AlreadyRunning(pid=first.pid))
        assert second.stdout == b""
        assert took < 1 + _start_of_python()
        with pytest.raises(AlreadyRunning):
            launch.start(alice.folder, alice.key)
        assert first.poll() is None


def _start_of_python() -> float:
    """How long the imports alone take here and now, on a machine that may be busy."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import sync.post_office.daemon"], check=True, cwd=working_folder())
    return time.monotonic() - began


def test_being_told_to_stop_is_a_clean_end(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "bernard")
    pair(alice, bernard)
    with running(alice) as process, running(bernard):
        until(lambda: report(alice).connected == 1)
        assert status.stop(alice.folder)
        assert process.wait() == 0
        until(lambda: report(bernard).connected == 0)
    found = status.read(alice.folder)
    assert found.running is False
    assert found.report is not None
    assert (found.report.port, found.report.connected) == (0, 0)
    names = sorted(path.name for path in alice.folder.iterdir())
    assert [name for name in names if not name.startswith("postbox.db")] == [
        "daemon.json",
        "daemon.lock",
        "daemon.log",
        "practice.toml",
    ]
    assert all(path.stat().st_mode & 0o077 == 0 for path in alice.folder.iterdir())


def test_a_folder_that_disappears_takes_its_daemon_along(tmp_path: Path) -> None:
    alice = make(tmp_path / "alice")
    with running(alice) as process:
        alice.desk.close()
        alice.folder.rename(tmp_path / "elsewhere")
        until(lambda: process.poll() is not None)
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("key", "exit_code"), [(b"", 5), (b"short", 5), (bytes(32), 6)], ids=["no key", "half a key", "another key"]
)
def test_a_wrong_key_is_one_sentence(tmp_path: Path, key: bytes, exit_code: int) -> None:
    alice = make(tmp_path / "alice")
    _refuses(alice.folder, key, exit_code)
    with pytest.raises(NotStarted):
        launch.start(alice.folder, key)


def test_a_folder_without_a_postbox_is_one_sentence(tmp_path: Path) -> None:
    _refuses(tmp_path / "nowhere", bytes(32), 5)
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "empty").mkdir()
    _refuses(tmp_path / "empty", bytes(32), 5)


@pytest.mark.parametrize("interface", ["confrere-none", "203.0.113.77"])
def test_an_interface_that_is_none_is_one_sentence(tmp_path: Path, interface: str) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "bernard")
    pair(alice, bernard)
    settings.write(alice.folder, Settings(network=Network(interfaces=(interface,))))
    _refuses(alice.folder, alice.key, 7)


def _refuses(folder: Path, key: bytes, exit_code: int) -> None:
    ended = subprocess.run(command(folder, 0), input=key, capture_output=True, cwd=working_folder(), timeout=30)
    assert ended.returncode == exit_code
    assert ended.stderr.decode().count("\n") == 1
    assert "Traceback" not in ended.stderr.decode()


def test_the_key_and_the_names_stand_nowhere_that_others_can_read(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "dr-marker-bernard")
    pair(alice, bernard)
    fill(alice, bernard, [b"MARKER" * 50])
    with running(alice) as process, running(bernard):
        until(lambda: states(alice) == ["stored"])
        for name in ("cmdline", "environ"):
            content = Path(f"/proc/{process.pid}/{name}").read_bytes()
            assert alice.key not in content
            assert alice.key.hex().encode() not in content
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]
        until(lambda: report(alice).sent == 1)
    for practice in (alice, bernard):
        for path in practice.folder.iterdir():
            content = path.read_bytes()
            assert b"MARKER" not in content
            assert b"marker" not in content


def test_it_says_what_it_does_only_when_asked_and_then_without_names(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "dr-marker-bernard")
    pair(alice, bernard)
    fill(alice, bernard, [b"x"])
    said = []
    for extra in ([], ["--log"]):
        process = subprocess.Popen(
            [*command(alice.folder, 0), *extra],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=working_folder(),
        )
        killer = threading.Timer(60, process.kill)
        killer.start()
        assert process.stdin is not None
        process.stdin.write(alice.key)
        process.stdin.close()
        process.stdin = None
        with running(bernard):
            until(lambda: (found := status.read(alice.folder)).running and found.report and found.report.connected == 1)
            status.stop(alice.folder)
        out, err = process.communicate()
        killer.cancel()
        assert process.returncode == 0
        assert out == b""
        said.append(err.decode())
    assert said[0] == ""
    assert "a session began" in said[1]
    assert "marker" not in said[1]


def test_a_process_can_become_the_daemon(tmp_path: Path) -> None:
    alice = make(tmp_path / "alice")
    argv = [sys.executable, "-c", BECOME, str(alice.folder)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, cwd=working_folder())
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(alice.key)
    until(lambda: status.read(alice.folder).pid == process.pid)
    until(lambda: status.read(alice.folder).report is not None)
    assert status.stop(alice.folder)
    assert process.wait() == 0


def test_a_daemon_that_is_not_ready_in_time_does_not_remain(tmp_path: Path) -> None:
    alice = make(tmp_path / "alice")
    with pytest.raises(NotStarted):
        launch.start(alice.folder, alice.key, seconds=0.0)
    until(lambda: not status.read(alice.folder).running)
