"""Records of 1 KiB from one practice to another, cold: sealed, carried by two real daemons, opened.

The floor signs, compresses, encrypts and inserts the same bytes, carries them over loopback TLS 1.3 into another
process, and opens them there, with a commit for each hundred.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from localstore import crypto
from localstore.database import transaction
from sync import desk as desk_room
from sync.papers.documents import Extract
from sync.post_office import status
from sync.receiving import reception
from tests.bench import carrying, offices
from tests.bench.offices import Pair
from tests.bench.result import Result
from tests.bench.sealing import PER_COMMIT, RECORD_BYTES, Bare, entry, extract, extracts

COUNT = 10_000
TOGETHER = 100  # records of one patient that travel in one extract


def run(folder: Path, count: int = COUNT) -> list[Result]:
    """Records per second: between the two postboxes; from the records here to the records there, each in a document of
    its own; and the same where a hundred travel in each extract."""
    (folder / "alone").mkdir()
    (folder / "together").mkdir()
    bare = _Floor(folder, count)
    carried, alone = _through(folder / "alone", extracts(count), count)
    _, together = _through(folder / "together", _in_hundreds(count), count)
    return [
        Result("sync-carried", "records/s", count / carried, count / bare.carried, "higher"),
        Result("sync-one-each", "records/s", count / alone, count / bare.whole, "higher"),
        Result("sync-hundred-each", "records/s", count / together, count / bare.whole, "higher"),
    ]


class _Floor:
    """Seconds of the bare way: of the carrying alone, and of the whole."""

    def __init__(self, folder: Path, count: int) -> None:
        bare = Bare(folder)
        sealed = bare.seal([crypto.random_bytes(RECORD_BYTES) for _ in range(count)])
        self.carried = carrying.carry(bare.sent, folder, count)
        self.whole = sealed + self.carried + bare.open(count)


def _in_hundreds(count: int) -> Iterable[Extract]:
    for start in range(0, count, TOGETHER):
        patient = crypto.random_bytes(16).hex()
        number = min(TOGETHER, count - start)
        yield extract([entry(patient, crypto.random_bytes(RECORD_BYTES)) for _ in range(number)], patient)


def _through(folder: Path, bodies: Iterable[Extract], records: int) -> tuple[float, float]:
    """Seconds from the queue of one to the last receipt of the other; and from the first signature to the last opened
    document."""
    pair = offices.make(folder)
    waiting = list(bodies)
    with offices.running(pair.beta, pair.alpha):
        offices.until(lambda: is_connected(pair))
        begun = time.perf_counter()
        with transaction(pair.alpha.postbox):  # so that all of it becomes visible to the daemon at once
            sent = _send(pair, waiting)
        queued = time.perf_counter()
        offices.until(lambda: offices.acknowledged(pair.alpha) == sent)
        there = time.perf_counter()
        found = reception.collect(pair.beta)
        ended = time.perf_counter()
    assert (found.extracts, found.set_aside) == (len(waiting), 0)
    assert sum(len(body.entries) for body in waiting) == records
    pair.close()
    return there - queued, ended - begun


def _send(pair: Pair, waiting: list[Extract]) -> int:
    """Sign, seal and queue; how many envelopes that makes, with the offer of the epoch."""
    for at in range(0, len(waiting), PER_COMMIT):
        with transaction(pair.alpha.record):
            for body in waiting[at : at + PER_COMMIT]:
                last = desk_room.post(pair.alpha, pair.of_beta, body, entries=len(body.entries))
    assert desk_room.dispatch(pair.alpha) == []
    return last.sequence


def is_connected(pair: Pair) -> bool:
    """Whether the two daemons say that they have each other."""
    reports = [status.read(desk.practice.folder).report for desk in (pair.alpha, pair.beta)]
    return all(report is not None and report.connected == 1 for report in reports)
