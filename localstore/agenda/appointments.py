"""Who comes when: booking, moving, cancelling, and what came of it. Each change is an entry or an amendment of one.

Appointments are administrative (Right.IDENTITY): a secretary keeps them and sees nothing medical. They never leave the
practice (`localstore.kinds.STAYS_HERE`). Two at the same time are told of and are possible: the practice decides.
"""

from typing import NamedTuple

import msgspec

from localstore import patients, record, versions
from localstore.agenda import day as rules
from localstore.agenda import moments, planned
from localstore.agenda.day import Appointment
from localstore.agenda.moments import Zone
from localstore.agenda.planned import Person
from localstore.bodies import AppointmentBody
from localstore.database import transaction
from localstore.errors import BadInput, UnknownEntry
from localstore.kinds import Kind, Status
from localstore.model import Entry
from localstore.practice import Practice
from localstore.roles import SECRETARY, Right

LONGEST = rules.LONGEST


class Visit(NamedTuple):
    """An appointment, and who comes."""

    appointment: Appointment
    patient: Person


class Booked(NamedTuple):
    """What was written, and the appointments that take some of the same time."""

    entry: Entry
    colliding: tuple[Visit, ...]


def on_day(practice: Practice, day: str, zone: Zone = None) -> tuple[Visit, ...]:
    """The appointments of a day of the practice's calendar as they come, cancelled ones too. Raises NotYourRole, and
    BadInput for what is no day."""
    practice.require(Right.IDENTITY)
    found = [
        one
        for one in planned.appointments(practice.connection, *moments.bounds(day))
        if one.entry.status is Status.FINAL
    ]
    whose = {one.entry.version: one.person for one in found}
    return tuple(Visit(one, whose[one.entry.version]) for one in rules.ordered((one.entry for one in found), day, zone))


def of_patient(practice: Practice, patient: str, zone: Zone = None) -> tuple[Appointment, ...]:
    """All appointments of a patient, oldest first; the reading goes into the history. Raises UnknownPatient."""
    owner = patients.number(practice.connection, patient)
    practice.log_reading("administrative-read", owner, patient, "")
    found = planned.appointments_of(practice.connection, owner)
    return tuple(rules.read(entry, zone) for entry in found if entry.status is Status.FINAL)


def missed(appointments: tuple[Appointment, ...]) -> tuple[Appointment, ...]:
    """Those to which nobody came."""
    return tuple(one for one in appointments if one.body.state == rules.NOSHOW)


def book(practice: Practice, patient: str, begins: str, body: AppointmentBody, zone: Zone = None) -> Booked:
    """A new appointment at a moment as `moments.begin` writes it. Raises UnknownPatient, BadInput."""
    body = _checked(practice, begins, body, zone)
    with transaction(practice.connection):
        entry = record.add(practice, patient, body, begins)
        return Booked(entry, _colliding(practice, entry, zone))


def move(practice: Practice, version: str, begins: str, minutes: int | None = None, zone: Zone = None) -> Booked:
    """The same appointment at another moment. Raises UnknownEntry, and BadInput for one that is over or cancelled."""
    with transaction(practice.connection):
        old, body = _named(practice, version)
        if body.state != rules.BOOKED:
            raise BadInput(what="Only an appointment that still waits can be moved.", remedy="Book a new one.")
        changed = msgspec.structs.replace(body, minutes=body.minutes if minutes is None else minutes)
        entry = record.amend(practice, old.version, _checked(practice, begins, changed, zone), begins)
        return Booked(entry, _colliding(practice, entry, zone))


def mark(practice: Practice, version: str, state: str) -> Entry:
    """Say what became of an appointment: arrived, fulfilled, cancelled, noshow; or booked, to undo a slip. Raises
    UnknownEntry, and BadInput for what cannot follow (`day.NEXT`)."""
    with transaction(practice.connection):
        old, body = _named(practice, version)
        if state not in rules.NEXT.get(body.state, ()):
            raise BadInput(
                what="This appointment is “{state}” and cannot become “{wanted}”.",
                state=body.state,
                wanted=state,
                remedy="Look at the day again: somebody may have changed it.",
            )
        return record.amend(practice, old.version, msgspec.structs.replace(body, state=state))


def _checked(practice: Practice, begins: str, body: AppointmentBody, zone: Zone) -> AppointmentBody:
    if moments.moment(begins, zone) is None:
        raise BadInput(what="An appointment needs a day and a time.", remedy="Write them as 2027-03-12 9:30.")
    if not 1 <= body.minutes <= LONGEST:
        raise BadInput(what="An appointment lasts between a minute and a day.", remedy="Check the minutes.")
    if body.practitioner.strip():
        return body
    # A secretary books for the practice's doctor, a doctor or a locum for himself, unless somebody else is named.
    who = practice.founder if practice.user.role == SECRETARY else practice.user
    return msgspec.structs.replace(body, practitioner=who.name)


def at_the_same_time(
    practice: Practice, begins: str, body: AppointmentBody, moved: str = "", zone: Zone = None
) -> tuple[Visit, ...]:
    """The appointments that would take some of the time of a new one, or of the one whose version is `moved`: whoever
    books is asked before it is written. Raises as `book`."""
    practice.require(Right.IDENTITY)
    body = _checked(practice, begins, body, zone)
    entry = _named(practice, moved)[0].id if moved else ""
    candidate = Entry(entry, "", "", begins, practice.user.author, "", body)
    return _colliding(practice, candidate, zone)


def _colliding(practice: Practice, entry: Entry, zone: Zone) -> tuple[Visit, ...]:
    """The appointments around this one: those of the day before may last into it."""
    new = rules.read(entry, zone)
    around = planned.appointments(practice.connection, *moments.bounds(moments.day_of(entry.date, zone)))
    visits = [Visit(rules.read(one.entry, zone), one.person) for one in around]
    found = {one.entry.version for one in rules.colliding(new, [visit.appointment for visit in visits])}
    return tuple(visit for visit in visits if visit.appointment.entry.version in found)


def _named(practice: Practice, version: str) -> tuple[Entry, AppointmentBody]:
    """An appointment that stands. Raises UnknownEntry, NotYourRole."""
    practice.require(Right.IDENTITY)
    num = versions.number(practice.connection, version)
    if num is None:
        raise UnknownEntry(reference=version)
    ((_, entry),) = versions.by_number(practice.connection, [num])
    if entry.kind is not Kind.APPOINTMENT or not isinstance(entry.body, AppointmentBody):
        raise BadInput(what="This entry is not an appointment.", remedy="See: confrere agenda")
    first = versions.entry_number(practice.connection, entry.id)
    if first is None or num not in versions.standing(practice.connection, first) or entry.status is not Status.FINAL:
        raise BadInput(what="This appointment was changed meanwhile.", remedy="Look at the day again: confrere agenda")
    return entry, entry.body
