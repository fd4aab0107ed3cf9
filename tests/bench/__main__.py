"""`python -m tests.bench NAME [--json] [--count N]`: run one benchmark, or all of them.

Prints an array of `{name, unit, value, floor, ratio, better}`; `ratio` is value / floor.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    bench_backup,
    bench_commit,
    bench_idle,
    bench_import,
    bench_increment,
    bench_open,
    bench_question,
    bench_seal,
    bench_search,
    bench_size,
    bench_sync,
    bench_unlock,
    bench_wire,
)
from tests.bench.result import Result

BENCHMARKS: dict[str, Callable[[Path], list[Result]]] = {
    "import": bench_import.run,
    "search": bench_search.run,
    "open": bench_open.run,
    "size": bench_size.run,
    "question": bench_question.run,
    "backup": bench_backup.run,
    "commit": bench_commit.run,
    "unlock": bench_unlock.run,
    "wire": bench_wire.run,
}
# Those that can do with less than their full number: of documents, of records, of delivered documents, of seconds.
COUNTED: dict[str, Callable[[Path, int], list[Result]]] = {
    "seal": bench_seal.run,
    "sync": bench_sync.run,
    "increment": bench_increment.run,
    "idle": bench_idle.run,
}
FULL = {
    "seal": bench_seal.COUNT,
    "sync": bench_sync.COUNT,
    "increment": bench_increment.MANY,
    "idle": bench_idle.SECONDS,
}


def main() -> int:
    """The entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", choices=[*BENCHMARKS, *COUNTED, "all"])
    parser.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    parser.add_argument("--count", type=int, default=0, help="less than the full number: for " + ", ".join(COUNTED))
    chosen = parser.parse_args()
    names = [*BENCHMARKS, *COUNTED] if chosen.name == "all" else [chosen.name]
    results: list[Result] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="confrere-bench-") as folder:
            results += _run(name, Path(folder), chosen.count)
    if chosen.json:
        print(json.dumps([result.as_dict() for result in results]))
    else:
        for result in results:
            print(result.line())
    return 0


def _run(name: str, folder: Path, count: int) -> list[Result]:
    if name in COUNTED:
        return COUNTED[name](folder, count or FULL[name])
    return BENCHMARKS[name](folder)


if __name__ == "__main__":
    sys.exit(main())
