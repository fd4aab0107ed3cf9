"""The largest real record opened, against its bare rows. And the memory of a process with an open practice of many
patients, against the same process with an empty practice.

Run as a program with a folder, this module is that process: it unlocks the practice, shows the first list, searches,
opens charts, and prints what the kernel says of its memory.
"""

import json
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

import msgspec

from localstore import blocks, importing, patients, practice, record
from localstore.database import Connection, rows
from localstore.synthetic import generator
from tests import practices
from tests.bench.bench_import import unpack
from tests.bench.bench_search import fill
from tests.bench.result import Result
from tui import reading

PATIENTS = 100_000
CHARTS = 20
ROUNDS = 15
TODAY = date(2026, 3, 1)
QUERIES = ("ma", "dupont", "1958", "le j", "martin ma")
KIB_PER_MIB = 1024


def run(folder: Path) -> list[Result]:
    """Milliseconds to open a chart and to say each entry in the words of its line; resident memory, and the part of it
    that is this process's alone, in MiB."""
    practices.make(folder / "empty").close()
    here = practices.make(folder / "practice")
    fill(here.connection, list(generator.identities(1, PATIENTS, TODAY)))
    here.close()
    floor, value = _process(folder / "empty"), _process(folder / "practice")
    return [
        *_chart(folder),
        *(
            Result(f"open-{PATIENTS}-{name}", "MiB", value[name] / KIB_PER_MIB, floor[name] / KIB_PER_MIB, "lower")
            for name in ("resident", "own")
        ),
    ]


def _chart(folder: Path) -> list[Result]:
    """Every entry as an object, and as the words of its line. The floor reads the same rows and bodies."""
    here = practices.make(folder / "records")
    importing.import_paths(here, unpack(folder / "unpacked"))
    connection = here.connection
    (patient, identifier, count), *_ = rows(
        connection,
        "SELECT v.patient, i.id, count(*) FROM version v JOIN version i ON i.num = v.patient"
        " GROUP BY v.patient ORDER BY 3 DESC LIMIT 1",
    )
    opened, said, bare = [], [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        chart = record.open_chart(here, identifier.hex())
        between = time.perf_counter()
        assert all([reading.title(entry) or reading.beside(entry) or True for entry in chart.entries])
        end = time.perf_counter()
        _bare(connection, patient)
        opened.append((between - start) * 1000)
        said.append((end - start) * 1000)
        bare.append((time.perf_counter() - end) * 1000)
    here.close()
    return [
        Result(f"open-chart-{count}", "ms", median(opened), median(bare), "lower"),
        Result(f"open-chart-{count}-in-words", "ms", median(said), median(bare), "lower"),
    ]


def _bare(connection: Connection, patient: int) -> None:
    found = rows(connection, "SELECT * FROM version WHERE patient = ? AND current = 1", (patient,))
    kept = rows(connection, "SELECT bodies FROM block WHERE patient = ?", (patient,))
    bodies = [msgspec.msgpack.decode(blocks.unpacked(data)) for (data,) in kept]
    assert len(found) <= sum(len(one) for one in bodies)


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
