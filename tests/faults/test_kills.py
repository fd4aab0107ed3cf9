"""A process that commits is killed, at any moment, a thousand times: what it said is there, and nothing by halves.

The practice is opened and written again after each kill, so later ones also meet what earlier ones left behind.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import msgspec

from localstore import correspondence, head, record
from localstore.bodies import ProblemBody
from localstore.values import Concept
from sync import desk
from sync.receiving import reception
from sync.sending import sharing
from tests import practices
from tests.cli.running import DEADLINE, ROOT, environment
from tests.faults import sharing_work
from tests.faults.conftest import Tell
from tests.faults.reopening import Keys, contents, faults, keys_of, reopen
from tests.faults.workload import Order

LONG, SHORT = 1_000, 25
LONG_SHARING, SHORT_SHARING = 200, 8
FRESH_AFTER = 40  # kills of one practice: it grows, and with it what there is to look at after each
MOST_WORDS = 12  # commits before the kill
LONGEST_WAIT = 0.02  # seconds more, to hit any moment of the next commit
LONGEST_START = 0.5  # seconds, when it is killed before its first word: while it opens the practice, or before
SEED = 20260302


def killed(module: str, order: object, words: int, wait: float) -> list[str]:
    """Let a program work, kill it `wait` seconds after so many words, and return all that it had said."""
    command = (sys.executable, "-m", f"tests.faults.{module}")
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=ROOT
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(msgspec.json.encode(order))
    process.stdin.close()
    said = b""
    while said.count(b"\n") < words:
        assert select.select([process.stdout], [], [], DEADLINE)[0], "it says nothing any more"
        piece = os.read(process.stdout.fileno(), 65536)
        assert piece, process.stderr.read().decode()
        said += piece
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read()
    assert process.wait() == -signal.SIGKILL, process.stderr.read().decode()
    process.stdout.close()
    process.stderr.close()
    return said.decode().splitlines()


def complaints(folder: Path, keys: Keys, said: list[str]) -> tuple[int, list[str]]:
    """How many commits there are after the last word, and what is wrong. One is right, if it is whole: it was under
    way."""
    practice = reopen(folder, keys)
    try:
        found, more = faults(practice), 0
        if said:
            _, digest, commits = said[-1].split()
            more = head.current(practice.connection).commits - int(commits)
            if more not in (0, 1) or (more == 0 and contents(practice.connection) != digest):
                found.append(f"{more} commits after the last word")
        return more, found
    finally:
        practice.close()


def test_a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_by_halves(
    place: Path, at_full_length: bool, tell: Tell
) -> None:
    random = Random(SEED)  # noqa: S311 - moments of a test
    pristine, folder = place / "pristine", place / "practice"
    practices.make(pristine).close()
    keys = keys_of(pristine)
    counts = dict.fromkeys(("kills", "acknowledged", "committed without a word", "lost or by halves"), 0)
    for number in range(LONG if at_full_length else SHORT):
        if number % FRESH_AFTER == 0:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(pristine, folder)
        words = random.randrange(MOST_WORDS)
        order = Order(str(folder), keys, 1_000_000, number, reopen_every=5)
        said = killed("workload", order, words, random.uniform(0, LONGEST_WAIT if words else LONGEST_START))
        more, wrong = complaints(folder, keys, said)
        counts["kills"] += 1
        counts["acknowledged"] += max(len(said) - 1, 0)
        counts["committed without a word"] += more
        counts["lost or by halves"] += bool(wrong)
        assert not wrong, (number, wrong)
    tell("kills", counts)
    assert counts["acknowledged"] > counts["kills"]


def test_a_kill_while_sharing_loses_and_doubles_no_extract(place: Path, at_full_length: bool, tell: Tell) -> None:
    random = Random(SEED)  # noqa: S311 - moments of a test
    alpha, beta, of_beta, of_alpha = practices.two_desks(place)
    zoe = practices.add_zoe(alpha.practice).id
    entry = record.add(alpha.practice, zoe, ProblemBody(Concept("Goutte"))).id
    sharing.grant(alpha, zoe, of_beta, purpose="avis")
    alpha.close()
    keys = keys_of(place / "alpha")
    order = sharing_work.Order(str(place / "alpha"), keys, zoe, entry)
    counts = dict.fromkeys(("kills", "acknowledged", "arrived", "lost or doubled"), 0)
    for _ in range(LONG_SHARING if at_full_length else SHORT_SHARING):
        words = random.randrange(MOST_WORDS)
        counts["acknowledged"] += len(
            killed("sharing_work", order, words, random.uniform(0, LONGEST_WAIT if words else LONGEST_START))
        )
        counts["kills"] += 1
        alpha = desk.establish(reopen(place / "alpha", keys))
        assert desk.dispatch(alpha) == [] and faults(alpha.practice) == []
        practices.carry(alpha, of_beta, beta, of_alpha)
        reception.collect(beta)
        alpha.close()
        extracts = [document for document in correspondence.received(beta.record) if document.type == "extract"]
        counts["arrived"] = len(extracts)
        assert len({document.sequence for document in extracts}) == len(extracts)
        assert correspondence.count_set_aside(beta.record) == 0
        assert counts["acknowledged"] <= counts["arrived"] <= counts["acknowledged"] + counts["kills"], counts
    beta.close()
    tell("kills while sharing", counts)
    assert counts["acknowledged"] > counts["kills"]
