"""Practices for the tests of the post office: a folder, a postbox, a transport identity, and pairs of them."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, paths, postbox, settings
from localstore.database import Connection
from localstore.postbox import Peer
from localstore.settings import Network, Settings
from sync.post_office import certificate, launch, status
from sync.post_office.tls import Identity

LOOPBACK = Network(interfaces=("127.0.0.1",))
PATIENCE_SECONDS = 30.0  # until a condition that must come true is given up


class Practice(NamedTuple):
    """One practice as its post office knows it. `desk` is a connection to the postbox such as the desk holds."""

    folder: Path
    key: bytes
    seed: bytes
    certificate: bytes
    desk: Connection


def make(folder: Path, network: Network = LOOPBACK) -> Practice:
    """A practice's folder with a postbox, ready to be paired."""
    folder.mkdir(mode=0o700)
    key, seed = crypto.random_bytes(32), crypto.random_bytes(32)
    settings.write(folder, Settings(network=network))
    desk = postbox.create(paths.postbox(folder), key)
    der = certificate.make(seed)
    postbox.set_transport(desk, seed, der)
    return Practice(folder, key, seed, der, desk)


def identity_of(practice: Practice) -> Identity:
    """The transport identity of a practice."""
    return Identity(practice.seed, practice.certificate, certificate.public_key(practice.certificate))


def pair(
    one: Practice,
    other: Practice,
    addresses_of_one: tuple[str, ...] = (),
    addresses_of_other: tuple[str, ...] = (),
) -> bytes:
    """Make two practices colleagues, named by their folders' names; the pair secret."""
    secret = crypto.random_bytes(32)
    postbox.put_peer(one.desk, Peer(other.folder.name, other.certificate, secret, addresses_of_other))
    postbox.put_peer(other.desk, Peer(one.folder.name, one.certificate, secret, addresses_of_one))
    return secret


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `condition` is true; fail when it does not become so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


@contextmanager
def running(practice: Practice) -> Iterator["subprocess.Popen[bytes]"]:
    """A daemon of the practice in a process of its own, gone when the block ends."""
    process = launch.start(practice.folder, practice.key)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def report(practice: Practice) -> status.Report:
    """What the practice's daemon says of itself."""
    found = status.read(practice.folder).report
    assert found is not None
    return found


def received(practice: Practice) -> list[bytes]:
    """The envelopes that arrived, in feed order."""
    return [one.envelope for one in postbox.arrived(practice.desk)]


def states(practice: Practice) -> list[str]:
    """How far each outgoing envelope has come."""
    return [one.state.value for one in postbox.progress(practice.desk)]
