"""When an appointment begins: the moment as the record keeps it, and as a clock on the wall shows it. Pure.

The record keeps local time with its distance from UTC, `2026-03-29T09:30:00+02:00` (a FHIR instant): the text begins
with the day on the practice's calendar, so that a day is found by the index of dates, and it still names one moment
when summer time ends and an hour comes twice. A `zone` of None is that of this machine, as everywhere in the record.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from localstore.errors import BadInput

Zone = tzinfo | None

_CLOCK = re.compile(r"([01]?\d|2[0-3])(?:[:hH]([0-5]\d)?)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MARGIN = timedelta(days=1)  # an offset is less than a day, so the written day is at most one beside the local one


def begin(day: str, clock: str, zone: Zone = None) -> str:
    """The moment at which a clock here shows `clock` (9:30, 9h30, 14h) on a day (`2026-03-29`), as the record keeps it.

    Of an hour that comes twice, the first one. Raises BadInput for what is no day or no time, and for a time that the
    clocks leave out when summer time begins.
    """
    found = _CLOCK.fullmatch(clock.strip())
    if found is None:
        raise BadInput(what="“{time}” is not a time of day.", time=clock, remedy="Write it as 9:30 or 9h30.")
    typed = datetime.combine(read_day(day), datetime.min.time()).replace(hour=int(found[1]), minute=int(found[2] or 0))
    moment = _here(typed, zone)
    if _at(moment.astimezone(UTC), zone).replace(tzinfo=None) != typed:
        raise BadInput(
            what="There is no {time} on {date}: the clocks go forward then.",
            time=clock,
            date=day,
            remedy="Choose another time.",
        )
    return moment.isoformat(timespec="seconds")


def read_day(day: str) -> date:
    """The day that a text names. Raises BadInput."""
    try:
        if _DAY.fullmatch(day):
            return date.fromisoformat(day)
    except ValueError:
        pass
    raise BadInput(what="“{date}” is not a day.", date=day, remedy="Write it as 2027-03-12.")


def moment(text: str, zone: Zone = None) -> datetime | None:
    """The moment that the date of an entry names, in UTC; None where it names no time of day. One without a distance
    from UTC, as an import may bring it, is local."""
    if "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else _here(found, zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day_of(text: str, zone: Zone = None) -> str:
    """The day here on which the date of an entry lies, as ISO 8601; empty where it names none."""
    found = moment(text, zone)
    if found is None:
        return text[:10] if _DAY.match(text) else ""
    return _at(found, zone).date().isoformat()


def clock_of(at: datetime, zone: Zone = None) -> str:
    """What a clock here shows at a moment: `09:30`."""
    return _at(at, zone).strftime("%H:%M")


def written(at: datetime, zone: Zone = None) -> str:
    """A moment as the record keeps it."""
    return _at(at, zone).isoformat(timespec="seconds")


def bounds(day: str) -> tuple[str, str]:
    """Between which texts (the first included) the dates of a local day lie, also where they were written elsewhere.
    Raises BadInput."""
    here = read_day(day)
    try:
        return (here - _MARGIN).isoformat(), (here + 2 * _MARGIN).isoformat()
    except OverflowError:
        raise BadInput(what="“{date}” is not a day.", date=day, remedy="Write it as 2027-03-12.") from None


def _here(naive: datetime, zone: Zone) -> datetime:
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _at(at: datetime, zone: Zone) -> datetime:
    return at.astimezone(zone)
