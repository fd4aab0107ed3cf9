"""`python -m tests.sim --seeds 0:1000`: many runs, their totals, and every law that was broken."""

import argparse
import sys
import time
import traceback

from tests.sim.play import play
from tests.sim.totals import Totals


def main() -> int:
    """Play the seeds; 1 when a law was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim")
    parser.add_argument("--seeds", default="0:300", help="first:end")
    parser.add_argument("--story", action="store_true", help="tell what happened")
    parser.add_argument("--practices", type=int, help="as many in each run, 3 to 50")
    arguments = parser.parse_args()
    first, end = (int(part) for part in arguments.seeds.split(":"))
    totals, broken, began = Totals(), 0, time.perf_counter()
    for seed in range(first, end):
        try:
            outcome = play(seed, arguments.practices)
        except Exception:  # noqa: BLE001 - a defect that no law speaks of; the next seed is played all the same
            print(f"seed {seed}: {traceback.format_exc()}", flush=True)
            broken += 1
            continue
        totals.add(outcome.totals)
        if arguments.story:
            print("\n".join(outcome.story))
        if outcome.broken:
            broken += 1
            print(outcome.broken, flush=True)
        if totals.runs % 500 == 0:
            print(f"after {totals.runs:,}: {totals}", flush=True)
    seconds = time.perf_counter() - began
    print(f"{totals}\n{broken} broken; {seconds:.1f} s, {seconds / max(1, totals.runs):.3f} s a run")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
