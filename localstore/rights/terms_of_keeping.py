"""How long a record is kept, as pure functions over days.

The CNIL's reference for medical and paramedical practices (deliberation 2020-081 of 18 June 2020): five years in
active use from the last care on, then fifteen years archived. These twenty years are those of CSP art. R1112-7, which
is written for hospitals and which private practices follow: never before the 28th birthday, and ten years after death
where that came within ten years of the last care. What a court or a claim still needs is kept longer: the doctor
decides.
"""

from calendar import monthrange
from enum import StrEnum
from typing import NamedTuple

ACTIVE_YEARS = 5
KEPT_YEARS = 20  # active and archived together
ADULT_SINCE_TEN = 28  # the birthday until which a minor's record is kept at least
AFTER_DEATH_YEARS = 10
YEAR, MONTH, DAY = 4, 7, 10  # characters of an ISO 8601 date


class State(StrEnum):
    """Where a record stands in its time."""

    ACTIVE = "active"
    DORMANT = "to-archive"  # five years without care: it belongs into the archive
    ARCHIVED = "archived"
    DUE = "due"  # its time is over: nothing obliges to keep it any more


class Span(NamedTuple):
    """The days of one record: the last care, until when it is in active use, until when it is kept (inclusive)."""

    last_care: str
    active_until: str
    kept_until: str


def years_after(day: str, years: int) -> str:
    """The day (`YYYY-MM-DD`) so many years later; the last day of the month where there is no such day."""
    year, month, number = int(day[:YEAR]) + years, int(day[5:MONTH]), int(day[8:DAY])
    return f"{year:04}-{month:02}-{min(number, monthrange(year, month)[1]):02}"


def whole_day(date: str) -> str:
    """The last day that a date which may be partial can mean; empty for what is no date."""
    try:
        year = int(date[:YEAR])
        month = int(date[5:MONTH]) if len(date) >= MONTH else 12
        last = monthrange(year, month)[1]
        number = int(date[8:DAY]) if len(date) >= DAY else last
    except ValueError:
        return ""
    return f"{year:04}-{month:02}-{number:02}" if 1 <= year and 1 <= number <= last else ""


def span(last_care: str, born: str = "", deceased: str = "") -> Span:
    """The days of a record whose last care was on that day. Born and deceased may be partial, empty, or words."""
    kept_until = years_after(last_care, KEPT_YEARS)
    if birthday := whole_day(born):
        kept_until = max(kept_until, years_after(birthday, ADULT_SINCE_TEN))
    death = whole_day(deceased)
    if death and last_care <= death <= years_after(last_care, AFTER_DEATH_YEARS):
        kept_until = years_after(death, AFTER_DEATH_YEARS)
    active_until = min(years_after(last_care, ACTIVE_YEARS), kept_until)
    return Span(last_care, active_until, kept_until)


def state(days: Span, today: str, *, archived: bool) -> State:
    """Where a record stands today."""
    if days.kept_until < today:
        return State.DUE
    if archived:
        return State.ARCHIVED
    return State.ACTIVE if today <= days.active_until else State.DORMANT


def last_backup_gone(today: str) -> str:
    """The day by which no backup of before today is left, if one is made each month: rotation keeps twelve months."""
    return f"{int(today[:YEAR]) + 1:04}{today[YEAR:MONTH]}-01"
