"""The rules of a day of appointments: its order, what overlaps, what is free, what may become of an appointment. Pure.

Moments are compared and added in UTC: a day with 23 or 25 hours is like any other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from localstore.agenda import moments
from localstore.agenda.moments import Zone
from localstore.bodies import AppointmentBody
from localstore.folding import fold
from localstore.kinds import Status
from localstore.model import Entry

BOOKED, ARRIVED, FULFILLED, CANCELLED, NOSHOW = "booked", "arrived", "fulfilled", "cancelled", "noshow"
# What may follow each state. Back to `booked` undoes a slip.
NEXT: dict[str, frozenset[str]] = {
    BOOKED: frozenset({ARRIVED, FULFILLED, CANCELLED, NOSHOW}),
    ARRIVED: frozenset({BOOKED, FULFILLED, CANCELLED}),
    FULFILLED: frozenset({BOOKED, ARRIVED}),
    CANCELLED: frozenset({BOOKED}),
    NOSHOW: frozenset({BOOKED, ARRIVED}),
}
TAKING_TIME = frozenset({BOOKED, ARRIVED, FULFILLED})
LONGEST = 24 * 60  # minutes


class Appointment(NamedTuple):
    """An appointment with its place in time, in UTC; `begins` is None where the record names a day only."""

    entry: Entry
    begins: datetime | None
    ends: datetime | None

    @property
    def body(self) -> AppointmentBody:
        """What was agreed."""
        body = self.entry.body
        assert isinstance(body, AppointmentBody)  # noqa: S101 - `read` makes no other
        return body

    @property
    def takes_time(self) -> bool:
        """Whether its time is not free for somebody else."""
        return self.entry.status is Status.FINAL and self.body.state in TAKING_TIME


class Gap(NamedTuple):
    """Time in which nobody comes, in UTC."""

    begins: datetime
    ends: datetime


def read(entry: Entry, zone: Zone = None) -> Appointment:
    """An entry of the kind appointment with its place in time. An import may say any number of minutes: at least 0 and
    at most a day are believed."""
    assert isinstance(entry.body, AppointmentBody)  # noqa: S101 - callers ask for this kind
    begins = moments.moment(entry.date, zone)
    minutes = max(0, min(entry.body.minutes, LONGEST))
    return Appointment(entry, begins, None if begins is None else begins + timedelta(minutes=minutes))


def ordered(entries: Iterable[Entry], day: str, zone: Zone = None) -> tuple[Appointment, ...]:
    """The appointments of a day of the practice's calendar as they come; those without a time first."""
    found = [read(entry, zone) for entry in entries if moments.day_of(entry.date, zone) == day]
    return tuple(sorted(found, key=_order))


def _order(one: Appointment) -> tuple[bool, float, str]:
    return one.begins is not None, one.begins.timestamp() if one.begins else 0.0, one.entry.recorded


def colliding(new: Appointment, others: Iterable[Appointment]) -> tuple[Appointment, ...]:
    """The appointments that take some of the same time of the same practitioner. One that does not say with whom it is
    may be with anybody."""
    return tuple(one for one in others if one.entry.id != new.entry.id and _collide(new, one))


def _collide(one: Appointment, other: Appointment) -> bool:
    if not (one.takes_time and other.takes_time):
        return False
    if one.begins is None or one.ends is None or other.begins is None or other.ends is None:
        return False
    with_whom = {fold(who) for who in (one.body.practitioner, other.body.practitioner) if who.strip()}
    return len(with_whom) < 2 and one.begins < other.ends and other.begins < one.ends


def overlapping(appointments: Sequence[Appointment]) -> frozenset[str]:
    """The versions of the appointments that share time with another one."""
    found: set[str] = set()
    ahead: list[Appointment] = []
    for one in sorted((one for one in appointments if one.begins is not None), key=_order):
        ahead = [other for other in ahead if other.ends and one.begins and other.ends > one.begins]
        for other in colliding(one, ahead):
            found |= {one.entry.version, other.entry.version}
        ahead.append(one)
    return frozenset(found)


def gaps(
    appointments: Iterable[Appointment], begins: datetime, ends: datetime, practitioner: str = ""
) -> tuple[Gap, ...]:
    """The free time between two moments, as the longest stretches that there are; of one practitioner where named."""
    free: list[Gap] = []
    at = begins
    taken = [one for one in appointments if one.takes_time and one.begins and _is_of(one, practitioner)]
    for one in sorted(taken, key=_order):
        if one.begins and one.ends and one.ends > at and one.begins < ends:
            if one.begins > at:
                free.append(Gap(at, one.begins))
            at = one.ends
    if at < ends:
        free.append(Gap(at, ends))
    return tuple(free)


def _is_of(one: Appointment, practitioner: str) -> bool:
    wanted, said = fold(practitioner), fold(one.body.practitioner)
    return not wanted or not said or wanted == said


def starts(free: Iterable[Gap], minutes: int) -> tuple[datetime, ...]:
    """When an appointment of so many minutes could begin: one after the other from the beginning of each gap."""
    length = timedelta(minutes=max(1, min(minutes, LONGEST)))
    found: list[datetime] = []
    for gap in free:
        at = gap.begins
        while at + length <= gap.ends:
            found.append(at)
            at += length
    return tuple(found)
