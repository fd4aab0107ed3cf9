"""From the passphrase to the first list of patients, against the bare derivation of the key from that passphrase."""

import time
from datetime import date
from pathlib import Path

from localstore import founding, patients, practice
from localstore.founding import Identity
from localstore.keys import keyring
from localstore.synthetic import generator
from tests import practices
from tests.bench.bench_search import fill
from tests.bench.result import Result, percentile

SIZES = (2_000, 100_000)  # patients: one doctor's practice, and a health centre
ROUNDS = 7
TODAY = date(2026, 3, 1)


def run(folder: Path) -> list[Result]:
    """The median time in milliseconds, with the costs of derivation that a practice has by default."""
    return [_measured(folder / str(count), count) for count in SIZES]


def _measured(folder: Path, count: int) -> Result:
    founding.make(folder, Identity("Cabinet Alpha", "Lyon", "Dr Alpha", "10001234567"), practices.PASSPHRASE)
    here = practice.unlock(folder, practices.PASSPHRASE)
    fill(here.connection, list(generator.identities(1, count, TODAY)))
    here.close()
    ring = keyring.read(folder)
    assert isinstance(ring, keyring.Keyring)
    wrap = ring.wraps[0]
    bare, ours = [], []
    for _ in range(ROUNDS):  # in turn, so that whatever else the machine does slows both alike
        start = time.perf_counter()
        keyring.stretch(practices.PASSPHRASE, wrap.salt, wrap.memory, wrap.passes)
        between = time.perf_counter()
        opened = practice.unlock(folder, practices.PASSPHRASE)
        assert len(patients.search(opened.connection, "")) == patients.SHOWN
        ours.append((time.perf_counter() - between) * 1000)
        bare.append((between - start) * 1000)
        opened.close()
    return Result(f"unlock-{count}", "ms", percentile(ours, 0.5), percentile(bare, 0.5), "lower")
