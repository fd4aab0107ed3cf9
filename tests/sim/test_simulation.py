"""The laws hold in every run, a seed names one run, and what is planted is found."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import COUNTS
from tests.sim.planted import FOUND_SOON, PLANTS, Plant
from tests.sim.play import play
from tests.sim.totals import Totals

SEEDS, ALL_SEEDS = 300, 10_000
SEEDS_FOR_A_PLANT = 300
SEEDS_FOR_ONE_FOUND_SOON = 40
SEED_OF_THE_SAME = 4
MANY, SEEDS_OF_MANY = 50, 20


def test_the_laws_hold_in_every_run(at_full_length: bool, record_property: Callable[[str, object], None]) -> None:
    totals, broken = Totals(), []
    for seed in range(ALL_SEEDS if at_full_length else SEEDS):
        outcome = play(seed)
        totals.add(outcome.totals)
        if outcome.broken:
            broken.append(outcome.broken)
    record_property(COUNTS, f"simulation: {totals}")
    assert not broken
    assert totals.deliveries > SEEDS and totals.crashes > SEEDS // 2 and totals.partitions > SEEDS // 2


@pytest.mark.long
def test_the_laws_hold_among_fifty_practices() -> None:
    assert [outcome.broken for outcome in (play(seed, MANY) for seed in range(SEEDS_OF_MANY)) if outcome.broken] == []


def test_a_seed_is_one_run() -> None:
    """In this process and in another one, whose sets and dictionaries are in another order."""
    here = play(SEED_OF_THE_SAME)
    command = [sys.executable, "-m", "tests.sim", "--seeds", f"{SEED_OF_THE_SAME}:{SEED_OF_THE_SAME + 1}", "--story"]
    there = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONHASHSEED": "12345"}
    )
    assert there.stdout.splitlines()[: len(here.story)] == here.story
    assert play(SEED_OF_THE_SAME).story == here.story


@pytest.mark.parametrize("plant", FOUND_SOON, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found_soon(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(play(seed).broken for seed in range(SEEDS_FOR_ONE_FOUND_SOON))


@pytest.mark.long
@pytest.mark.parametrize("plant", [one for one in PLANTS if one not in FOUND_SOON], ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(play(seed).broken for seed in range(SEEDS_FOR_A_PLANT))
