"""Clinical dates: ISO 8601 text that may stop at the year or the month, or go on to the second. Pure."""

from datetime import date


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
