"""Daemons of practices on machines of their own, for the tests of networks that fail."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from localstore import crypto, postbox, settings
from localstore.settings import Network, Settings
from sync.post_office import status
from sync.post_office.launch import command, working_folder
from tests.namespaces import Lan
from tests.sync.offices import Practice, make, pair, received, report, states, until

SIZE = 1200  # bytes of an envelope; an extract of some entries


@contextmanager
def running_on(argv: Sequence[str], practice: Practice) -> Iterator["subprocess.Popen[bytes]"]:
    """The daemon of a practice, started by these words in front of its own."""
    process = subprocess.Popen([*argv, *command(practice.folder, 0)], stdin=subprocess.PIPE, cwd=working_folder())
    assert process.stdin is not None
    try:
        with process.stdin as pipe:
            pipe.write(practice.key)
        until(lambda: (found := status.read(practice.folder)).running and found.report is not None)
        yield process
    finally:
        process.kill()  # `ip netns exec` has become the daemon itself
        process.wait()


class Practices:
    """Colleagues of each other, each on a machine of its own, and what they send each other."""

    def __init__(self, folder: Path, lan: Lan, names: Sequence[str], network: Network | None = None) -> None:
        self.lan = lan
        self.all = [make(folder / name, network or Network()) for name in names]
        self._sent: dict[tuple[int, int], list[bytes]] = {}
        self._feeds: dict[tuple[int, int], bytes] = {}
        for one in range(len(names)):
            for other in range(one):
                pair(self.all[one], self.all[other])

    @contextmanager
    def running(self) -> Iterator[None]:
        """All daemons."""
        with ExitStack() as stack:
            for place, practice in enumerate(self.all):
                stack.enter_context(running_on(self.lan.run(place), practice))
            yield

    def send(self, sender: int, recipient: int, count: int) -> None:
        """Queue envelopes, behind those that were queued before."""
        road = (sender, recipient)
        sent, feed = self._sent.setdefault(road, []), self._feeds.setdefault(road, crypto.random_bytes(16))
        for _ in range(count):
            sent.append(crypto.random_bytes(SIZE))
            peer = self.all[recipient].folder.name
            postbox.queue(self.all[sender].desk, peer, feed, len(sent), sent[-1])

    def send_everywhere(self, count: int) -> None:
        """Queue envelopes on every road."""
        for sender in range(len(self.all)):
            for recipient in range(len(self.all)):
                if sender != recipient:
                    self.send(sender, recipient, count)

    def have_converged(self) -> bool:
        """Whether every sender knows that all his envelopes arrived."""
        return all(set(states(one)) <= {"stored"} for one in self.all)

    def check(self) -> int:
        """Everything arrived once, whole and in order; how many."""
        for (_, recipient), sent in self._sent.items():
            assert [one for one in received(self.all[recipient]) if one in sent] == sent
        count = sum(len(sent) for sent in self._sent.values())
        assert count == sum(len(received(one)) for one in self.all)
        assert [postbox.incidents(one.desk) for one in self.all] == [[] for _ in self.all]
        return count

    def all_met(self) -> bool:
        """Whether each is connected to each."""
        return all(report(one).connected == len(self.all) - 1 for one in self.all)


def for_at_most(seconds: float, condition: Callable[[], bool]) -> float:
    """Wait until `condition` is true, or so long; how long it was."""
    began = time.monotonic()
    while not condition() and time.monotonic() - began < seconds:
        time.sleep(0.02)
    return time.monotonic() - began


def choose(practice: Practice, network: Network) -> None:
    """Change the network settings of a practice."""
    settings.write(practice.folder, Settings(network=network))
