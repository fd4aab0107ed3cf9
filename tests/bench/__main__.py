"""`python -m tests.bench NAME [--json]`: run one benchmark, or all of them.

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
    bench_import,
    bench_open,
    bench_question,
    bench_search,
    bench_size,
    bench_unlock,
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
}


def main() -> int:
    """The entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", choices=[*BENCHMARKS, "all"])
    parser.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    chosen = parser.parse_args()
    names = BENCHMARKS if chosen.name == "all" else [chosen.name]
    results: list[Result] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="confrere-bench-") as folder:
            results += BENCHMARKS[name](Path(folder))
    if chosen.json:
        print(json.dumps([result.as_dict() for result in results]))
    else:
        for result in results:
            print(result.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
