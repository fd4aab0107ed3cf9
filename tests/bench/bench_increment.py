"""Ten new documents after a thousand, and after a hundred thousand, that were delivered before: neither the bytes nor
the time may grow with what was delivered."""

import time
from pathlib import Path
from typing import NamedTuple

from localstore import crypto
from sync.receiving import reception
from tests.bench import carrying, sessions
from tests.bench.result import Result
from tests.bench.sealing import RECORD_BYTES, Bare, extracts
from tests.bench.sessions import Passed, Town

FEW, MANY = 1_000, 100_000
NEW = 10
AT_ONCE = 2_000  # delivered in one go while the stage is set
ROUNDS = 5


class _Round(NamedTuple):
    """Seconds at the sender's desk and at the recipient's, and the session between."""

    seal: float
    passed: Passed
    open: float


def run(folder: Path, count: int = MANY) -> list[Result]:
    """Bytes there and back, and milliseconds at the sender's desk, on the line, and at the recipient's desk; after FEW
    and after `count` delivered documents."""
    town = sessions.town(folder)
    floor = _floor(folder)
    results: list[Result] = []
    delivered = 0
    for size in (min(FEW, count), count):
        while delivered < size:
            number = min(AT_ONCE, size - delivered)
            _deliver(town, number)
            delivered += number
        results += _measured(town, size, floor)
        delivered += ROUNDS * NEW
    town.close()
    return results


def _floor(folder: Path) -> list[float]:
    """Seconds of the bare way: sealing, carrying in another process, opening."""
    bare = Bare(folder)
    sealed = bare.seal([crypto.random_bytes(RECORD_BYTES) for _ in range(NEW)])
    return [sealed, carrying.carry(bare.sent, folder, NEW), bare.open(NEW)]


def _deliver(town: Town, number: int) -> None:
    town.send(extracts(number))
    town.meet()
    reception.collect(town.beta)
    town.meet()
    reception.collect(town.alpha)


def _measured(town: Town, size: int, floor: list[float]) -> list[Result]:
    _deliver(town, NEW)  # warms
    rounds = [_round(town) for _ in range(ROUNDS)]
    times = [
        min(one.seal for one in rounds),
        min(one.passed.seconds for one in rounds),
        min(one.open for one in rounds),
    ]
    size_passed = min(one.passed.there + one.passed.back for one in rounds)
    whole = Result(f"increment-{size}-bytes", "bytes", float(size_passed), NEW * RECORD_BYTES, "lower")
    named = zip(("seal", "carry", "open"), times, floor, strict=True)
    return [
        whole,
        *(Result(f"increment-{size}-{name}", "ms", taken * 1000, bare * 1000, "lower") for name, taken, bare in named),
    ]


def _round(town: Town) -> _Round:
    bodies = list(extracts(NEW))
    start = time.perf_counter()
    town.send(bodies)
    sent = time.perf_counter()
    passed = town.meet()
    arrived = time.perf_counter()
    found = reception.collect(town.beta)
    opened = time.perf_counter()
    assert (found.extracts, found.set_aside) == (NEW, 0)
    town.meet()
    reception.collect(town.alpha)
    return _Round(sent - start, passed, opened - arrived)
