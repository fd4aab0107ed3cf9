"""Days and ages of clinical dates that may stop at the year or the month: always a range, from the earliest day to the
latest. Pure; nothing here is ever off by a day, because nothing is compared that is not known."""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS_A_YEAR = Decimal("365.2425")  # the mean of the Gregorian calendar


def days(iso: str) -> tuple[date, date] | None:
    """The first and the last day that a date may mean; None where it is none."""
    if _DAY.fullmatch(iso[:10]) and (len(iso) == 10 or iso[10] == "T"):  # nearly all are whole days
        try:
            whole = date.fromisoformat(iso[:10])
        except ValueError:
            return None
        return whole, whole
    parts = iso.partition("T")[0].split("-")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    try:
        match [int(part) for part in parts]:
            case [year]:
                return date(year, 1, 1), date(year, 12, 31)
            case [year, month]:
                return date(year, month, 1), date(year, month, monthrange(year, month)[1])
            case [year, month, day]:
                return date(year, month, day), date(year, month, day)
    except (ValueError, OverflowError):  # the calendar has no such day
        return None
    return None


def age_range(birth: str, on: str) -> tuple[Decimal | None, Decimal | None]:
    """The youngest and the oldest, in years, that somebody may be on a day; (None, None) where nobody knows."""
    born, then = days(birth), days(on)
    if born is None or then is None:
        return None, None
    youngest, oldest = (then[0] - born[1]).days, (then[1] - born[0]).days
    return Decimal(max(youngest, 0)) / DAYS_A_YEAR, Decimal(max(oldest, 0)) / DAYS_A_YEAR


def is_after(one: str, other: str, slack: int = 0) -> bool:
    """Whether a date lies after another for certain, by more than `slack` days, however much of either is known."""
    first, second = days(one), days(other)
    return first is not None and second is not None and (first[0] - second[1]).days > slack


def days_since(then: str, today: str) -> int | None:
    """How many days ago a date was, at least; None where it is none."""
    found, now = days(then), days(today)
    return None if found is None or now is None else max((now[0] - found[1]).days, 0)
