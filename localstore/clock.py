"""The one place that reads the clock.

Everything else takes a `Clock` as a parameter, so that tests and the simulation own time. Order in the record never
depends on it: a wrong clock may mislabel an entry, it cannot lose or reorder one.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment, in UTC with its zone attached."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def stamp(moment: datetime) -> str:
    """`moment` as the record writes it: ISO 8601, UTC, milliseconds, e.g. `2026-03-01T09:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day(stamped: str) -> str:
    """The day on the calendar here, at a moment that `stamp` wrote."""
    return datetime.fromisoformat(stamped).astimezone().date().isoformat()
