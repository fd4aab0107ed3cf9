"""Two machines, as far as the kernel can tell: two network namespaces with a cable between them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from localstore import crypto, postbox, settings
from localstore.settings import Network, Settings
from sync import status
from sync.launch import command, working_folder
from tests.sync.offices import Practice, make, pair, received, report, states, until

SUBNET = "10.213.77"
FEED = b"f" * 16


def ip(*words: str) -> None:
    """Run `ip`, or fail."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _why_not() -> str:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "there is no ip command"
    name = f"confrere-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"no network namespace can be made here: {tried.stderr.strip()}"
    ip("netns", "delete", name)
    return ""


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[str, str]]:
    """The names of two namespaces, joined by a veth pair."""
    if reason := _why_not():
        pytest.skip(reason)
    names = (f"confrere-a-{os.getpid()}", f"confrere-b-{os.getpid()}")
    cable = (f"cfa{os.getpid()}"[:15], f"cfb{os.getpid()}"[:15])
    with ExitStack() as stack:
        for name in names:
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
        ip("link", "add", cable[0], "netns", names[0], "type", "veth", "peer", "name", cable[1], "netns", names[1])
        for place, (name, end) in enumerate(zip(names, cable, strict=True), start=1):
            ip("-n", name, "addr", "add", f"{SUBNET}.{place}/24", "dev", end)
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", end, "up")
        yield names


@contextmanager
def running_in(machine: str, practice: Practice) -> Iterator[None]:
    """The daemon of a practice on one of the machines."""
    argv = ["ip", "netns", "exec", machine, *command(practice.folder, 0)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, cwd=working_folder())
    assert process.stdin is not None
    try:
        with process.stdin as pipe:
            pipe.write(practice.key)
        until(lambda: status.read(practice.folder).report is not None)
        yield
    finally:
        process.kill()  # `ip netns exec` has become the daemon itself
        process.wait()


@pytest.mark.parametrize("named", [True, False], ids=["on a named interface", "on every interface"])
def test_two_machines_find_each_other_and_deliver(tmp_path: Path, machines: tuple[str, str], named: bool) -> None:
    practices = [make(tmp_path / name) for name in ("alice", "bernard")]
    for place, practice in enumerate(practices, start=1):
        interfaces = (f"{SUBNET}.{place}",) if named else ()
        settings.write(practice.folder, Settings(network=Network(interfaces=interfaces)))
    alice, bernard = practices
    pair(alice, bernard)
    envelopes = [crypto.random_bytes(1200) for _ in range(20)]
    for sequence, envelope in enumerate(envelopes, start=1):
        postbox.queue(alice.desk, "bernard", FEED, sequence, envelope)
    with running_in(machines[0], alice), running_in(machines[1], bernard):
        until(lambda: states(alice) == ["stored"] * 20)
        until(lambda: report(alice).connected == 1)
    assert received(bernard) == envelopes
