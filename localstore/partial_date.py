"""Clinical dates: ISO 8601 text that may stop at the year or the month, or go on to the second. Pure."""

from datetime import date, datetime, tzinfo


def is_date(text: str) -> bool:
    """Whether `text` is `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or such a day followed by `T` and a time."""
    day, _, _time = text.partition("T")
    parts = day.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or [len(part) for part in parts] not in (
        [4],
        [4, 2],
        [4, 2, 2],
    ):
        return False
    year, month, number = (*map(int, parts), 1, 1)[:3]
    try:
        date(year, month, number)
    except ValueError:
        return False
    return True


def calendar_date(text: str, zone: tzinfo | None = None) -> str:
    """A date as the calendar of a place has it (`zone`; that of this machine where it is None).

    Of a moment with its distance from UTC, the day there: `2025-01-01T23:30:00Z` is 2 January in Paris. A day, a month
    and a year mean the same everywhere, and so does the day of a moment without a distance. What is no date stays as it
    is. Not for births: the day that is written is the day that counts.
    """
    day, time, _ = text.partition("T")
    if not time or not is_date(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
        return day if moment.tzinfo is None else moment.astimezone(zone).date().isoformat()
    except (ValueError, OverflowError):  # no time of day, or beyond the calendar
        return day
