"""Answers counted, for the doctor's own statistics. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import NamedTuple

from localstore.questions.answering import Answer

AGE_BAND = 10  # years
GROUPS = ("label", "kind", "year", "month", "sex", "age")


class Count(NamedTuple):
    """One group: what it is, how many entries and patients, and the middle, least and greatest of the values measured
    in it (of one unit, and known; None where there are none, or several units)."""

    group: str
    entries: int
    patients: int
    median: float | None = None
    least: float | None = None
    greatest: float | None = None
    unit: str = ""


def by(answers: Sequence[Answer], group: str, today: date) -> list[Count]:
    """The answers in groups: by label, kind, year, month, sex, or age in tens of years; ordered by name."""
    groups: dict[str, list[Answer]] = {}
    for one in answers:
        groups.setdefault(_name(one, group, today), []).append(one)
    return [_count(name, groups[name]) for name in sorted(groups)]


def whole(answers: Sequence[Answer]) -> Count:
    """All answers as one group."""
    return _count("", answers)


def _count(name: str, answers: Sequence[Answer]) -> Count:
    count = Count(name, len(answers), len({one.patient for one in answers}))
    units = Counter(one.unit for one in answers if one.value is not None and not one.bound)
    if len(units) != 1:
        return count
    values = [one.value for one in answers if one.value is not None and not one.bound]
    return count._replace(median=median(values), least=min(values), greatest=max(values), unit=next(iter(units)))


def _name(one: Answer, group: str, today: date) -> str:
    match group:
        case "kind":
            return one.kind
        case "year":
            return one.date[:4]
        case "month":
            return one.date[:7]
        case "sex":
            return one.sex
        case "age":
            return _band(one.birth_date, today)
        case _:
            return one.label


def _band(birth: str, today: date) -> str:
    """The age in tens of years, `030-039`, so that the names sort by age; empty where no birth date tells it."""
    if len(birth) < 4 or not birth[:4].isdigit():
        return ""
    years = today.year - int(birth[:4])
    if len(birth) >= 10 and birth[5:10] > today.isoformat()[5:10]:
        years -= 1
    if years < 0:
        return ""
    first = years // AGE_BAND * AGE_BAND
    return f"{first:03}-{first + AGE_BAND - 1:03}"
