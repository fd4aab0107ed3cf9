"""`python -m tests.fuzz NAME --seconds N [--corpus DIR]`: one fuzzer for long.

Guided by coverage where atheris is installed (it is no dependency of the project), else at random from `--seed`. Prints
how often the parser was fed; an input that breaks it is printed in hexadecimal, or kept by libFuzzer as `crash-…`.
"""

import argparse
import os
import resource
import sys
import time
from random import Random

from tests.fuzz.mutation import mutated

try:
    import atheris
except ImportError:
    atheris = None


def main() -> int:
    """The entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", default="")
    chosen = parser.parse_args()
    if atheris is None:
        return _at_random(chosen)
    return _guided(chosen)


def _at_random(chosen: argparse.Namespace) -> int:
    from tests.fuzz.targets import TARGETS

    target, chance, count = TARGETS[chosen.name], Random(chosen.seed), 0  # noqa: S311 - no secret
    end = time.monotonic() + chosen.seconds
    while time.monotonic() < end:
        data = mutated(target.seeds, chance)
        try:
            target.feed(data)
        except BaseException:
            print(f"{chosen.name}: broken by {data.hex()}", file=sys.stderr)
            raise
        count += 1
    _say(chosen.name, count)
    return 0


def _guided(chosen: argparse.Namespace) -> int:
    with atheris.instrument_imports(include=["sync", "localstore.feeds"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target, count = TARGETS[chosen.name], 0
    end = time.monotonic() + chosen.seconds
    chance = Random(chosen.seed)  # noqa: S311 - no secret

    def feed(data: bytes) -> None:
        nonlocal count
        count += 1
        target.feed(data)
        target.feed(mutated([*target.seeds, data], chance))  # what coverage found, and what stands near a good one
        if time.monotonic() > end:
            _say(chosen.name, 2 * count)
            os._exit(0)  # libFuzzer takes any other end for a crash

    arguments = [sys.argv[0], f"-max_total_time={chosen.seconds + 60}", "-max_len=65536", "-rss_limit_mb=1024"]
    if chosen.corpus:
        arguments += [f"-artifact_prefix={chosen.corpus}/", chosen.corpus]
    atheris.Setup(arguments, feed)
    atheris.Fuzz()
    return 0


def _say(name: str, count: int) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}: fed {count:,} times, nothing but documented errors came out, peak memory {peak} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
