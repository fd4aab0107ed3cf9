"""Dates as a doctor reads and types them: 12/03/2024, 03/2024, 2024. Pure; today is a parameter.

The record holds ISO 8601 text that may stop at the year or the month. What cannot be read as a date is shown as it is.
"""

import re
from datetime import date, datetime

from localstore.partial_date import calendar_date
from tui.words.catalogue import ENGLISH, language, text, texts

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(\d{2}:\d{2}).*)?")
_TYPED = re.compile(r"(?:(?:(\d{1,2})[-/. ])?(\d{1,2})[-/. ])?(\d{4})")
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_MOMENT = re.compile(r"(\S+?)(?:T|[ ,à]+)(\d{1,2})(?: ?[:hH] ?(\d{2})?)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MONTHS_UNTIL = 36  # a small child's age is told in months
DAYS_UNTIL = 31
WHOLE_DAY = 10  # characters of 2024-03-12


def shown_date(iso: str, *, time: bool = False) -> str:
    """A date of the record in the user's language, with its time of day when `time` and when it has one: a moment as
    the calendar and the clock here have it."""
    found = _ISO.fullmatch(_here(iso))
    if not found:
        return iso
    year, month, day, clock = found.groups()
    if month and not 1 <= int(month) <= 12:
        return iso
    if language() == ENGLISH:
        words = " ".join(filter(None, (day, _MONTHS[int(month) - 1] if month else "", year)))
    else:
        words = "/".join(filter(None, (day, month, year)))
    return f"{words} {clock}" if time and clock else words


def asked_on(iso: str) -> str:
    """When something was asked, in words: on a day, or in a month or a year where no more is known."""
    whole = len(calendar_date(iso)) >= WHOLE_DAY
    words = text("asked on {date}") if whole else text("asked in {date}")
    return words.format(date=shown_date(iso))


def _here(iso: str) -> str:
    """A moment with its distance from UTC in local time; anything else as it is."""
    try:
        moment = datetime.fromisoformat(iso) if "T" in iso else None
        return moment.astimezone().isoformat() if moment is not None and moment.tzinfo else iso
    except (ValueError, OverflowError):  # no time of day, or beyond the calendar
        return iso


def shown_moment(stamp: str) -> str:
    """A moment of the record (ISO 8601, UTC) in local time."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return shown_date(moment.astimezone().isoformat(), time=True)


def shown_length(minutes: int) -> str:
    """How long something lasts, as a doctor says it: 45 min, 11 h, 1 h 20."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return text("{n} min").format(n=rest)
    if not rest:
        return text("{hours} h").format(hours=hours)
    return text("{hours} h {minutes:02}").format(hours=hours, minutes=rest)


def typed_date(typed: str) -> str | None:
    """What a person typed, as ISO 8601; empty for nothing, None when it is no date.

    12/03/2024, 12.3.2024, 12032024, 03/2024, 2024 and the ISO forms are understood.
    """
    stated = typed.strip()
    if not stated:
        return ""
    if iso := _ISO.fullmatch(stated):
        year, month, day, _ = iso.groups()
    elif compact := _COMPACT.fullmatch(stated):
        day, month, year = compact.groups()
    elif found := _TYPED.fullmatch(stated):
        day, month, year = found.groups()
    else:
        return None
    parts = [int(part) for part in (year, month, day) if part]
    try:
        date(*(parts + [1, 1])[:3])
    except ValueError:
        return None
    return "-".join(f"{part:0{4 if place == 0 else 2}}" for place, part in enumerate(parts))


def typed_moment(typed: str) -> str | None:
    """A day with its time of day (14:30, 14h30, 14 h), as ISO 8601 local time; None when it is none."""
    found = _MOMENT.fullmatch(typed.strip())
    day = typed_date(found[1]) if found else None
    if not found or not day or len(day) != 10:
        return None
    hour, minute = int(found[2]), int(found[3] or 0)
    return f"{day}T{hour:02}:{minute:02}" if hour <= 23 and minute <= 59 else None


def age(birth: str, today: str) -> str:
    """The age in words on the day `today` (ISO); empty where the birth date is unknown, about where it is partial."""
    found = _ISO.fullmatch(birth)
    if not found:
        return ""
    year, month, day = (int(part) if part else 0 for part in found.groups()[:3])
    try:
        born, now = date(year, month or 1, day or 1), date.fromisoformat(today[:10])
    except ValueError:
        return ""
    months = (now.year - born.year) * 12 + now.month - born.month - (now.day < born.day)
    if now < born:
        return ""
    if months >= MONTHS_UNTIL or not month:
        years = months // 12 if month else now.year - year
        words = texts("{n} year", "{n} years", years).format(n=years)
        return words if day else f"~ {words}"
    if (now - born).days < DAYS_UNTIL and day:
        days = (now - born).days
        return texts("{n} day", "{n} days", days).format(n=days)
    return texts("{n} month", "{n} months", months).format(n=months)


def is_after(iso: str, today: str) -> bool:
    """Whether a date of the record, as far as it goes, lies after the day `today`."""
    day = calendar_date(iso)[:10]
    return bool(day) and day > today[: len(day)]
