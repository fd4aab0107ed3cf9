"""Drawing from a seeded generator: weighted tables, chances, days.

Only `Random.random()` is called anywhere in this package: of all its methods that one alone promises the same numbers
for the same seed in every version of Python, so that a seed names the same patients everywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


def stream(*names: object) -> Random:
    """The random numbers that belong to these names (seed, purpose, number of the patient ...)."""
    # Fictional people, not secrets: what is wanted is that the same seed gives the same ones.
    return Random("confrere/" + "/".join(map(str, names)))  # noqa: S311


def weighted(text: str) -> tuple[str, ...]:
    """A table for `pick` from `Name:weight, Name, ...`: each name as often as its weight says, once without one."""
    table: list[str] = []
    for item in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        name, _, weight = item.partition(":")
        table += [name] * int(weight or 1)
    return tuple(table)


def shares(weights: Mapping[Item, int]) -> tuple[Item, ...]:
    """The same for anything: each key as often as its weight says."""
    return tuple(item for item, weight in weights.items() for _ in range(weight))


def pick(rng: Random, table: Sequence[Item]) -> Item:
    """One of the table, each place as likely as another."""
    return table[int(rng.random() * len(table))]


def chance(rng: Random, probability: float) -> bool:
    """True with this probability."""
    return rng.random() < probability


def between(rng: Random, low: float, high: float) -> float:
    """A number from low to high."""
    return low + rng.random() * (high - low)


def whole(rng: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def bell(rng: Random, middle: float, spread: float) -> float:
    """About normal, with `spread` as its standard deviation and never more than 3.5 of them away."""
    # The sum of three uniform numbers has a standard deviation of 1/2 and ends at 3 of them.
    return middle + (rng.random() + rng.random() + rng.random() - 1.5) * 2 * spread


def day_between(rng: Random, first: date, last: date) -> date:
    """A day from first to last, both included; `first` when they are in the wrong order."""
    return first + timedelta(days=whole(rng, 0, max(0, (last - first).days)))
