"""Which backups are kept: the newest of each of 7 days, 5 weeks and 12 months. Pure.

Counted are days, weeks and months of UTC that have a backup, not those of the calendar: a practice that was closed for
a month keeps what it had before. `keep` of what was kept, and one more, is `keep` of everything there ever was, and one
more: rotating after each backup loses nothing that rotating once would have kept.

A moment that is still to come was written while a clock was wrong. It counts for no day, week or month before its time:
else a few of them would push out every backup that is made once the clock is right again.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

DAYS, WEEKS, MONTHS = 7, 5, 12
MOST = DAYS + WEEKS + MONTHS
AHEAD = MOST  # from after now: as many as a place holds of all others, so that what a wrong clock dated is not lost

_Period = Callable[[datetime], tuple[int, int]]


def keep(moments: Iterable[datetime], now: datetime) -> frozenset[datetime]:
    """Those of the moments (with their zone) whose backup is kept: of those until `now` the newest always, and never
    more than `MOST`; of those after it the next `AHEAD`."""
    every = set(moments)
    come = {moment for moment in every if moment <= now}
    rules: tuple[tuple[_Period, int], ...] = ((_day, DAYS), (_week, WEEKS), (_month, MONTHS))
    ahead = sorted(every - come)[:AHEAD]
    return frozenset(ahead).union(*(_newest_of_each(come, period, count) for period, count in rules))


def _newest_of_each(moments: set[datetime], period: _Period, count: int) -> list[datetime]:
    newest: dict[tuple[int, int], datetime] = {}
    for moment in sorted(moments):
        newest[period(moment)] = moment
    return [newest[when] for when in sorted(newest, reverse=True)[:count]]


def _day(moment: datetime) -> tuple[int, int]:
    return (0, moment.astimezone(UTC).toordinal())


def _week(moment: datetime) -> tuple[int, int]:
    calendar = moment.astimezone(UTC).isocalendar()
    return (calendar.year, calendar.week)


def _month(moment: datetime) -> tuple[int, int]:
    utc = moment.astimezone(UTC)
    return (utc.year, utc.month)
