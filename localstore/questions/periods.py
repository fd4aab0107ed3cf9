"""Since when and until when, as a person says it in a question. Pure.

depuis 6 mois · since 2025-01 · in the last year · ces 12 derniers mois · l'an dernier · cette année · avant 2024
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from localstore.errors import BadInput
from localstore.folding import fold
from localstore.partial_date import is_date

LONGEST_YEARS = 200
_DAYS = {"j": 1, "jour": 1, "jours": 1, "d": 1, "day": 1, "days": 1, "semaine": 7, "semaines": 7, "week": 7, "weeks": 7}
_MONTHS = {
    "m": 1, "mois": 1, "month": 1, "months": 1, "a": 12, "an": 12, "ans": 12, "annee": 12, "annees": 12, "y": 12,
    "year": 12, "years": 12,
}  # fmt: skip
_COUNTS = {
    "un": 1, "une": 1, "a": 1, "an": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4,
    "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8, "neuf": 9, "nine": 9, "dix": 10,
    "ten": 10, "onze": 11, "eleven": 11, "douze": 12, "twelve": 12,
}  # fmt: skip
_COUNT = rf"\d{{1,4}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}"
_SPAN = re.compile(rf"(?:({_COUNT})\s+|(\d{{1,4}}))([^\W\d_]+)", re.IGNORECASE)
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SINCE = re.compile(r"\b(?:depuis|since)\s+(?:le\s+|the\s+)?", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:avant|before)\s+(?:le\s+|the\s+)?", re.IGNORECASE)
_LAST_ENGLISH = re.compile(
    rf"\b(?:in|over|within|during|for)\s+the\s+(?:last|past)\s+(?:({_COUNT})\s+)?([^\W\d_]+)", re.IGNORECASE
)
_LAST_FRENCH = re.compile(
    rf"(?:\b(?:au\s+cours\s+|pendant\s+|dans\s+|sur\s+))?\b(?:ces|les|des|la|le|cette)\s+(?:({_COUNT})\s+)?"
    r"derni(?:er|ers|ère|ères|ere|eres)\s+(mois|années?|annees?|ans?|semaines?|jours?)\b",
    re.IGNORECASE,
)
_LAST_YEAR = re.compile(
    r"\b(?:l['’]\s*an|l['’]\s*ann[ée]e)\s+(?:dernier|derni[eè]re|pass[ée]e?)\b|\blast\s+year\b", re.I
)
_THIS_YEAR = re.compile(r"\bcette\s+ann[ée]e\b|\bthis\s+year\b", re.IGNORECASE)


class Period(NamedTuple):
    """From the day `since` on, and before the day `before`: ISO days that may be partial, or empty."""

    since: str = ""
    before: str = ""


def cut(text: str, today: date) -> tuple[str, Period]:
    """The text without what it says of a period, and the period. Raises BadInput for a date that is none."""
    if found := _SINCE.search(text):
        if year := _LAST_YEAR.match(text, found.end()):
            return _before(_without(text, found.start(), year.end()), Period(str(today.year - 1)), today)
        since, used = _day(text[found.end() :], today)
        return _before(_without(text, found.start(), found.end() + used), Period(since), today)
    for pattern in (_LAST_ENGLISH, _LAST_FRENCH):
        found = pattern.search(text)
        if found and (ago := _ago(found[1] or "1", found[2], today)):
            return _before(_without(text, found.start(), found.end()), Period(ago), today)
    if found := _LAST_YEAR.search(text):
        return _without(text, found.start(), found.end()), Period(str(today.year - 1), str(today.year))
    if found := _THIS_YEAR.search(text):
        return _without(text, found.start(), found.end()), Period(str(today.year))
    return _before(text, Period(), today)


def day(typed: str, today: date) -> str:
    """A day as it is typed: an ISO date that may be partial, 3/7/2024, or a span before today: 6 mois, un an, 30 j.
    Raises BadInput."""
    return _day(typed.strip(), today)[0]


def is_age(unit: str) -> bool:
    """Whether a unit is years: a question compares what was measured, not ages."""
    return _MONTHS.get(fold(unit)) == 12 and len(unit) > 1


def _before(text: str, period: Period, today: date) -> tuple[str, Period]:
    found = _UNTIL.search(text)
    if not found:
        return text, period
    before, used = _day(text[found.end() :], today)
    return _without(text, found.start(), found.end() + used), period._replace(before=before)


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start]} {text[end:]}"


def _day(typed: str, today: date) -> tuple[str, int]:
    """The day, and how many characters of the text say it."""
    found = _SPAN.match(typed)
    if found and (ago := _ago(found[1] or found[2], found[3], today)):
        return ago, found.end()
    first = typed.split()[0] if typed.split() else ""
    if found := _FRENCH_DAY.fullmatch(first):
        first_day = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
        return _checked(first_day, first), len(first)
    return _checked(first, first), len(first)


def _checked(text: str, typed: str) -> str:
    if not is_date(text) or len(text) > 10:
        raise BadInput(
            what="“{date}” is not a date.", date=typed, remedy="Write it as 2024-03-12, 2024-03, 2024, or as 6 months."
        )
    return text


def _ago(count: str, unit: str, today: date) -> str:
    """The day so many days or months before another one, the last day of a shorter month; empty for another unit."""
    number, unit = int(count) if count.isdecimal() else _COUNTS[count.lower()], fold(unit)
    if unit in _DAYS:
        return (today - timedelta(days=min(number * _DAYS[unit], LONGEST_YEARS * 366))).isoformat()
    if unit not in _MONTHS:
        return ""
    months = today.year * 12 + today.month - 1 - min(number * _MONTHS[unit], LONGEST_YEARS * 12)
    year, month = divmod(months, 12)
    for last in range(today.day, 27, -1):
        try:
            return date(year, month + 1, last).isoformat()
        except ValueError:
            continue
    return date(year, month + 1, min(today.day, 28)).isoformat()
