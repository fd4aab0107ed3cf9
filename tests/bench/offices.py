"""Two paired practices whose daemons run, each in a process of its own, for the benchmarks."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from localstore import postbox, settings
from localstore.colleagues import Colleague
from localstore.settings import Network, Settings
from sync.desk import Desk
from sync.post_office import launch
from tests import practices

LONGEST = 600.0  # seconds until something that must happen is given up
LOOK = 0.005


class Pair(NamedTuple):
    """Alpha and Beta, and each as the other knows it."""

    alpha: Desk
    beta: Desk
    of_beta: Colleague
    of_alpha: Colleague

    def close(self) -> None:
        """Close both."""
        self.alpha.close()
        self.beta.close()


def make(folder: Path) -> Pair:
    """Two paired practices, that reach each other at an address of the loopback interface and no other way."""
    alpha, beta, of_beta, of_alpha = practices.two_desks(folder)
    port = _free_port()
    for desk, listening in ((alpha, 0), (beta, port)):
        network = Network(interfaces=("127.0.0.1",), port=listening, discovery=False)
        settings.write(desk.practice.folder, Settings(network=network))
    (peer,) = postbox.peers(alpha.postbox)
    postbox.put_peer(alpha.postbox, msgspec.structs.replace(peer, addresses=(f"127.0.0.1:{port}",)))
    return Pair(alpha, beta, of_beta, of_alpha)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(*desks: Desk) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Their daemons, gone when the block ends."""
    processes = []
    try:
        for desk in desks:
            processes.append(launch.start(desk.practice.folder, desk.postbox_key))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` is true."""
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(LOOK)


def acknowledged(sender: Desk) -> int:
    """How many envelopes of all feeds the other one has acknowledged."""
    return sum(one.up_to for one in postbox.receipts(sender.postbox))
