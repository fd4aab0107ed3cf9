"""Bodies: height, weight and head from birth to old age. Pure functions of a frame and an age.

Medians of children follow the shape of the French growth curves of 2018 (rounded, our own reading), those of adults
the French health examination surveys. A person keeps their place beside the median all life long, as most do.
"""

from bisect import bisect_right
from random import Random
from typing import NamedTuple

from localstore.synthetic.draw import bell

_MONTHS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120, 132, 144, 156, 168, 180, 192, 204, 216)
_WEIGHT = {
    "male": (3.4, 4.5, 5.6, 6.4, 7.0, 7.5, 7.9, 8.9, 9.6, 10.9, 12.2, 14.4, 16.4, 18.5, 20.8, 23.3, 26.0, 29.0, 32.3,
             36.0, 40.5, 46.0, 52.0, 57.5, 62.0, 65.5, 68.0),
    "female": (3.3, 4.2, 5.1, 5.8, 6.4, 6.9, 7.3, 8.2, 9.0, 10.2, 11.5, 13.9, 16.0, 18.2, 20.3, 22.8, 25.6, 28.9, 32.6,
               36.8, 41.5, 46.3, 50.3, 53.3, 55.3, 56.5, 57.3),
}  # fmt: skip
_HEIGHT = {
    "male": (50, 54.7, 58.4, 61.4, 63.9, 65.9, 67.6, 72, 75.7, 82.3, 87.8, 96.1, 103.3, 110, 116, 121.7, 127.3, 132.6,
             137.8, 143.1, 149.1, 156, 163.2, 169, 172.9, 175.2, 176.3),
    "female": (49.2, 53.7, 57.1, 59.8, 62.1, 64, 65.7, 70.1, 74, 80.7, 86.4, 95.1, 102.7, 109.4, 115.1, 120.8, 126.6,
               132.5, 138.6, 145, 151.2, 156.4, 159.8, 161.7, 162.5, 163, 163.3),
}  # fmt: skip
_HEAD_MONTHS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 18, 24, 36)
_HEAD = {
    "male": (34.5, 37.3, 39.1, 40.5, 41.6, 42.6, 43.3, 45.0, 46.1, 47.4, 48.3, 49.5),
    "female": (33.9, 36.5, 38.3, 39.5, 40.6, 41.5, 42.2, 43.8, 44.9, 46.2, 47.2, 48.5),
}

ADULT = 18
_HEIGHT_SPREAD = 0.037  # standard deviation of height, as a share of the median
_WEIGHT_SPREAD = 0.115
_LATEST_GENERATION = 1985  # those born earlier are shorter, by 9 mm for each ten years
LEANEST, HEAVIEST = 17.0, 43.0  # body mass indices of adults, kg/m²


class Frame(NamedTuple):
    """A person's place beside the median: standard scores, and kg/m² gained a year as an adult."""

    sex: str
    birth_year: int
    height: float
    weight: float
    gain: float


def frame(rng: Random, sex: str, birth_year: int) -> Frame:
    """A body drawn at random."""
    height = bell(rng, 0, 0.9)
    weight = min(2.6, max(-2.0, 0.45 * height + bell(rng, 0, 0.8)))  # the rest is for specialists
    return Frame(sex, birth_year, height, weight, max(-0.02, bell(rng, 0.085, 0.065)))


def height(body: Frame, age: float) -> float:
    """Height in cm at this age in years."""
    median = _at(_MONTHS, _HEIGHT[body.sex], min(age, ADULT) * 12)
    shorter = 0.09 * max(0, _LATEST_GENERATION - body.birth_year)
    return (median - shorter) * (1 + _HEIGHT_SPREAD * body.height)


def weight(body: Frame, age: float) -> float:
    """Weight in kg at this age in years."""
    if age < ADULT:
        return _at(_MONTHS, _WEIGHT[body.sex], age * 12) * (1 + _WEIGHT_SPREAD * body.weight)
    return index(body, age) * (height(body, age) / 100) ** 2


def index(body: Frame, age: float) -> float:
    """Body mass index of an adult, kg/m²: rises to the age of 62, falls after 74."""
    grown = _WEIGHT[body.sex][-1] * (1 + _WEIGHT_SPREAD * body.weight)
    median_height = _HEIGHT[body.sex][-1] * (1 + _HEIGHT_SPREAD * body.height)
    start = grown / (median_height / 100) ** 2
    years = min(age, 62) - ADULT
    return min(HEAVIEST, max(LEANEST, start + body.gain * years - 0.06 * max(0, age - 74)))


def head(body: Frame, age: float) -> float:
    """Head circumference in cm, to the age of three."""
    return _at(_HEAD_MONTHS, _HEAD[body.sex], age * 12) * (1 + 0.02 * body.height)


def _at(places: tuple[int, ...], values: tuple[float, ...], place: float) -> float:
    """The value at a place, on straight lines between the points of a table."""
    after = bisect_right(places, place)
    if after == len(places):
        return values[-1]
    low, high = places[after - 1], places[after]
    return values[after - 1] + (values[after] - values[after - 1]) * (place - low) / (high - low)
