"""When something is due: dates that may be a month or a year, and the next time after it was done. Pure."""

from calendar import monthrange
from datetime import date
from enum import StrEnum

from localstore.partial_date import calendar_date, is_date

DUE, DONE, CANCELLED = "due", "done", "cancelled"  # states of a recall
MAX_MONTHS = 1200  # a hundred years
_LAST_MONTH = 9999 * 12 + 11


class Standing(StrEnum):
    """How a date stands to today."""

    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"


def first_day(text: str) -> str:
    """The first day of a date: `2026-03` begins on `2026-03-01`. What is no date has none, and gives an empty text."""
    day = _day(text)
    return day + "-01-01"[len(day) - 4 :] if day else ""


def last_day(text: str) -> str:
    """The last day of a date: `2026-02` ends on `2026-02-28`. What is no date has none, and gives an empty text."""
    day = _day(text)
    if len(day) == 4:
        return f"{day}-12-31"
    if len(day) == 7:
        return f"{day}-{monthrange(int(day[:4]), int(day[5:]))[1]:02}"
    return day


def _day(text: str) -> str:
    return calendar_date(text) if is_date(text) else ""  # an import may bring anything


def standing(text: str, today: str) -> Standing:
    """Overdue once the whole of the date is over; due from its first day on. What has no date is due."""
    if "" < last_day(text) < today:
        return Standing.OVERDUE
    return Standing.DUE if first_day(text) <= today else Standing.LATER


def after(text: str, months: int) -> str:
    """The date so many months after another, as exact as that one: a month after 31 January is the last of February. Of
    a year, the year in which the months end that are counted from its end. At most 9999."""
    text = _day(text)
    if not text:
        return ""
    months = max(0, min(months, MAX_MONTHS))
    year, month = int(text[:4]), int(text[5:7] or 12)
    place = min(year * 12 + month - 1 + months, _LAST_MONTH)
    year, month = place // 12, place % 12 + 1
    if len(text) == 4:
        return f"{year:04}"
    if len(text) == 7:
        return f"{year:04}-{month:02}"
    return date(year, month, min(int(text[8:10]), monthrange(year, month)[1])).isoformat()
