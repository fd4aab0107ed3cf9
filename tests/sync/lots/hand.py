"""Writes or reads one lot in a process of its own, which may be killed on the way; says how much memory it took.

    python -m tests.sync.lots.hand write|read FOLDER PEER FILE KILLED_AT  < key of the postbox

It kills itself with SIGKILL when it is told for the KILLED_AT-th time how far it is; never for 0.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, paths, postbox
from sync.lots import files, reading, writing
from sync.lots.parties import parties
from tests.cli.running import ROOT, environment
from tests.sync.offices import Practice


class Done(NamedTuple):
    """What a process did: its exit code (negative for a signal), how many envelopes, the growth of its memory in
    bytes."""

    code: int
    envelopes: int
    grown: int


def run(action: str, here: Practice, peer: str, path: Path, killed_at: int = 0) -> Done:
    """Write or read a lot in another process."""
    arguments = [action, str(here.folder), peer, str(path), str(killed_at)]
    ended = subprocess.run(
        [sys.executable, "-m", __name__, *arguments],
        input=here.key,
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    if ended.returncode:
        return Done(ended.returncode, 0, 0)
    envelopes, grown = ended.stdout.split()
    return Done(0, int(envelopes), int(grown))


def _main(action: str, folder: str, peer: str, file: str, killed_at: str) -> None:
    told = [0]

    def tell(_done: int, _total: int) -> None:
        told[0] += 1
        if told[0] == int(killed_at):
            os.kill(os.getpid(), signal.SIGKILL)

    connection = postbox.open_postbox(paths.postbox(Path(folder)), sys.stdin.buffer.read())
    own = parties(connection)
    before = _most_memory()
    if action == "write":
        chance = crypto.random_bytes(writing.CHANCE_BYTES)
        plan = writing.prepare(connection, own.seed, own.pairs[peer], chance)
        files.create(Path(file), writing.pieces(connection, plan), plan.size, tell)
        envelopes = plan.envelopes
    else:
        envelopes = reading.read_file(connection, own, Path(file), tell).stored
    print(envelopes, _most_memory() - before)


def _most_memory() -> int:
    """The most memory that this process ever had, in bytes. What `getrusage` says counts its parent's too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    _main(*sys.argv[1:])
