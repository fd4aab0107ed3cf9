"""The daemons of two machines, each in a network namespace of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localstore import crypto, postbox, settings
from localstore.settings import Network, Settings
from sync.post_office import status
from sync.post_office.launch import command, working_folder
from tests.namespaces import SUBNET
from tests.sync.offices import Practice, make, pair, received, report, states, until

FEED = b"f" * 16


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
