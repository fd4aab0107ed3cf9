"""FHIR's dates: which texts are one. They stay texts, because a partial date or an offset would be lost otherwise."""

from datetime import date, datetime

_DAY = 10  # len("2019-04-01")
_MONTH = 7
_YEAR = 4


def is_clinical_date(text: str) -> bool:
    """Whether `text` is `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or such a day with a time, and really is in the calendar.

    More lenient than FHIR with times: seconds and the offset may be missing, as in `2019-04-01T10:00`.
    """
    length = len(text)
    if length < _DAY:
        return _is_year_or_month(text, length)
    if text[4] != "-" or text[7] != "-":
        return False  # fromisoformat also knows weeks and compact forms, FHIR does not
    try:
        if length == _DAY:
            date.fromisoformat(text)
        elif text[10] != "T" or text[13:14] != ":":
            return False
        else:
            datetime.fromisoformat(text if text[17:19] != "60" else f"{text[:17]}59{text[19:]}")  # a leap second
    except ValueError:
        return False
    return True


def _is_year_or_month(text: str, length: int) -> bool:
    if not text.isascii() or not text[:4].isdigit() or text[:4] == "0000":
        return False
    if length == _YEAR:
        return True
    return length == _MONTH and text[4] == "-" and text[5:].isdigit() and 1 <= int(text[5:]) <= 12


def is_fhir_date(text: str) -> bool:
    """Whether `text` is a FHIR `date`: a year, a month or a day."""
    return len(text) <= _DAY and is_clinical_date(text)


def is_fhir_date_time(text: str) -> bool:
    """Whether `text` is a FHIR `dateTime`: a date, or a day with a time that has seconds and an offset."""
    return is_clinical_date(text) and (len(text) <= _DAY or _is_whole_time(text))


def is_instant(text: str) -> bool:
    """Whether `text` is a FHIR `instant`."""
    return len(text) > _DAY and is_fhir_date_time(text)


def instant(text: str) -> datetime | None:
    """The moment that a FHIR `instant` names, to compare it with others; None for any other text."""
    if not is_instant(text):
        return None
    return datetime.fromisoformat(text if text[17:19] != "60" else f"{text[:17]}59{text[19:]}")  # a leap second


def _is_whole_time(text: str) -> bool:
    clock, offset = (text[:-1], "Z") if text[-1] == "Z" else (text[:-6], text[-6:])
    if text[16:17] != ":" or "," in text or (offset != "Z" and (offset[0] not in "+-" or offset[3] != ":")):
        return False
    seconds, point, fraction = clock[17:].partition(".")
    return len(seconds) == 2 and seconds.isdigit() and (not point or fraction.isdigit())


def is_no_older(now: str, before: str) -> bool:
    """Whether what was last updated `now` is no older copy than what was `before`; False where nobody can tell."""
    if not now and not before:
        return True  # their source does not say: what came last is taken to be newer
    moments = instant(now), instant(before)
    return moments[0] is not None and moments[1] is not None and moments[0] >= moments[1]
