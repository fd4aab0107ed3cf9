"""Each fuzzer for a moment, from a fixed seed; `--long` feeds fifty times as much. See `python -m tests.fuzz`."""

import tracemalloc
from random import Random

import pytest

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

FEEDINGS, LONG = 4_000, 200_000
MEMORY = 50 * 1024 * 1024  # what a parser may hold beyond what it was given


@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors_come_out(name: str, at_full_length: bool) -> None:
    target, chance = TARGETS[name], Random(name)  # noqa: S311 - no secret
    for _ in range(LONG if at_full_length else FEEDINGS):
        data = mutated(target.seeds, chance)
        try:
            target.feed(data)
        except BaseException as error:
            error.add_note(f"fed: {data.hex()}")
            raise


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_taken_whole(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].feed(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_claims_to_be_huge_costs_nothing(name: str) -> None:
    """Lengths of four gigabytes, in every place of every seed."""
    target = TARGETS[name]
    for seed in target.seeds:
        target.feed(seed)
    tracemalloc.start()
    try:
        for seed in target.seeds:
            for place in range(0, min(len(seed), 400), 7):
                target.feed(seed[:place] + b"\xff\xff\xff\xff" + seed[place + 4 :])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY


def test_a_parser_that_lets_something_else_out_is_found() -> None:
    """The test above can fail: one that trusts a length, as a careless decoder does, breaks within as many feedings."""

    def careless(data: bytes) -> None:
        assert data[int.from_bytes(data[1:3], "big")] >= 0

    chance = Random("planted")  # noqa: S311 - no secret
    with pytest.raises(IndexError):
        for _ in range(FEEDINGS):
            careless(mutated(TARGETS["messages"].seeds, chance))
