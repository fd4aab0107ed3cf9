"""Memory of a process with an open practice of many patients, against the same process with an empty practice.

Run as a program with a folder, this module is that process: it unlocks the practice, shows the first list, searches,
opens charts, and prints what the kernel says of its memory.
"""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from localstore import patients, practice, record
from localstore.synthetic import generator
from tests import practices
from tests.bench.bench_search import fill
from tests.bench.result import Result

PATIENTS = 100_000
CHARTS = 20
TODAY = date(2026, 3, 1)
QUERIES = ("ma", "dupont", "1958", "le j", "martin ma")
KIB_PER_MIB = 1024


def run(folder: Path) -> list[Result]:
    """Resident memory, and the part of it that is this process's alone, in MiB."""
    practices.make(folder / "empty").close()
    here = practices.make(folder / "practice")
    fill(here.connection, list(generator.identities(1, PATIENTS, TODAY)))
    here.close()
    floor, value = _process(folder / "empty"), _process(folder / "practice")
    return [
        Result(f"open-{PATIENTS}-{name}", "MiB", value[name] / KIB_PER_MIB, floor[name] / KIB_PER_MIB, "lower")
        for name in ("resident", "own")
    ]


def _process(folder: Path) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_open", str(folder)], capture_output=True, check=True, text=True
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _work(folder: Path) -> None:
    """What a morning does: a list, searches, charts. The practice stays open until the process ends."""
    here = practice.unlock(folder, practices.PASSPHRASE)
    shown = patients.search(here.connection, "")
    for query in QUERIES:
        patients.search(here.connection, query)
    for one in shown[:CHARTS]:
        assert record.open_chart(here, one.id).patient.family_name
    print(json.dumps(_memory()))
    here.close()


def _memory() -> dict[str, int]:
    """In KiB. `own` is what would be free if this process ended: neither shared with another nor mapped from a file."""
    lines = Path("/proc/self/smaps_rollup").read_text()
    sizes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", lines, re.MULTILINE)}
    return {"resident": sizes["Rss"], "own": sizes["Private_Clean"] + sizes["Private_Dirty"]}


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
