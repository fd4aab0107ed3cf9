"""`confrere agenda`: who comes on a day, booking, moving, cancelling, and what came of it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from localstore import patients, versions
from localstore.agenda import appointments, moments
from localstore.agenda import day as rules
from localstore.agenda.appointments import Booked, Visit
from localstore.agenda.day import Appointment, Gap
from localstore.bodies import AppointmentBody
from localstore.errors import BadInput
from localstore.practice import Practice
from localstore.questions.table import csv_text
from tui import reading, statuses, vocabulary
from tui.cli import describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.listing_first import listing_first
from tui.cli.patients import PatientReference
from tui.dates import shown_date
from tui.words.catalogue import text

commands = family()
agenda_commands = family("agenda", help=text("Appointments: who comes when."), kind=listing_first("day"))
commands.add_typer(agenda_commands, name="agenda")

DEFAULT_MINUTES = 15
FIRST_HOUR, LAST_HOUR = "8:00", "19:00"  # between which free time is listed, unless something else is asked

OptionalDay = Annotated[str | None, typer.Argument(metavar="DAY", help=text("The day: 2026-03-12; today."))]
Day = Annotated[str, typer.Argument(metavar="DAY", help=text("The day: 2026-03-12 or 12/03/2026."))]
Time = Annotated[str, typer.Argument(metavar="TIME", help=text("The time of day: 9:30 or 9h30."))]
AppointmentReference = Annotated[
    str, typer.Argument(metavar="APPOINTMENT", help=text("The identifier of an appointment, or its beginning."))
]
Minutes = Annotated[int | None, typer.Option("--minutes", metavar="N", help=text("How long it takes; 15."))]
Reason = Annotated[str, typer.Option("--reason", metavar="WORDS", help=text("What for, in a few words; no diagnosis."))]
With = Annotated[str, typer.Option("--with", metavar="NAME", help=text("With whom; otherwise the doctor who books."))]
Note = Annotated[str, typer.Option("--note", metavar="WORDS", help=text("A note."))]
From = Annotated[str, typer.Option("--from", metavar="TIME", help=text("Where the free time begins; 8:00."))]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help=text("Where the free time ends; 19:00."))]
Csv = Annotated[bool, typer.Option("--csv", help=text("Print a table for a spreadsheet."))]
NoShows = Annotated[bool, typer.Option("--noshow", help=text("Only those to which the patient did not come."))]


@command(agenda_commands, "day", text("List the appointments of a day, and the free time between them."))
def day(
    asked: Asked, day: OptionalDay = None, begins: From = FIRST_HOUR, ends: Until = LAST_HOUR, as_csv: Csv = False
) -> None:
    """One day, in the order of time; overlaps are marked."""
    with opening.unlocked(asked) as practice:
        wanted = _day(practice, day)
        visits = appointments.on_day(practice, wanted)
        free = _free(visits, wanted, begins, ends)
    if as_csv:
        output.raw(csv_text(_headings(), [_cells(one, visits) for one in visits]).encode())
    elif asked.as_json:
        gaps = [{"begins": moments.written(one.begins), "ends": moments.written(one.ends)} for one in free]
        output.document({"day": wanted, "appointments": [_shape(one, visits) for one in visits], "free": gaps})
    else:
        output.say(shown_date(wanted))
        output.table(_headings(), [_cells(one, visits) for one in visits])
        stretches = [f"{moments.clock_of(one.begins)}–{moments.clock_of(one.ends)}" for one in free]
        output.note(text("Free: {times}").format(times=", ".join(stretches) or "—"))


def _day(practice: Practice, typed: str | None) -> str:
    return iso_date(typed) if typed else practice.today()


def _free(visits: Sequence[Visit], day: str, begins: str, ends: str) -> tuple[Gap, ...]:
    first, last = (moments.moment(moments.begin(day, clock)) for clock in (begins, ends))
    if first is None or last is None or first >= last:
        raise BadInput(what="The free time would end before it begins.", remedy="Check --from and --until.")
    return rules.gaps([one.appointment for one in visits], first, last)


def _headings() -> list[str]:
    return [
        text("Identifier"),
        text("Time"),
        text("Minutes"),
        text("Patient"),
        text("Born"),
        text("Telephone"),
        text("Reason"),
        text("With"),
        text("State"),
        text("Overlaps"),
    ]


def _cells(one: Visit, visits: Sequence[Visit]) -> list[str]:
    identity, body = one.patient.identity, one.appointment.body
    overlapping = rules.overlapping([visit.appointment for visit in visits])
    return [
        describing.longer(one.appointment.entry.version),
        moments.clock_of(one.appointment.begins) if one.appointment.begins else "",
        str(body.minutes),
        reading.full_name(identity),
        shown_date(identity.birth_date),
        identity.phone,
        body.reason,
        body.practitioner,
        vocabulary.word(statuses.APPOINTMENT_STATE, body.state),
        "▲" if one.appointment.entry.version in overlapping else "",
    ]


def _shape(one: Visit, visits: Sequence[Visit]) -> dict[str, Any]:
    overlapping = rules.overlapping([visit.appointment for visit in visits])
    identity = one.patient.identity
    return {
        **_appointment(one.appointment),
        "overlaps": one.appointment.entry.version in overlapping,
        "patient": {
            "id": one.patient.id,
            "family_name": identity.family_name,
            "given_names": list(identity.given_names),
            "birth_date": identity.birth_date,
            "phone": identity.phone,
        },
    }


def _appointment(one: Appointment) -> dict[str, Any]:
    """An appointment in JSON; moments in local time, with their distance from UTC."""
    body = {name: value for name, value in shapes.plain(one.body).items() if name != "kind"}
    return {
        "id": one.entry.id,
        "version": one.entry.version,
        "begins": moments.written(one.begins) if one.begins else one.entry.date,
        "ends": moments.written(one.ends) if one.ends else "",
        **body,
    }


@command(agenda_commands, "patient", text("List the appointments of one patient."))
def patient(asked: Asked, patient: PatientReference, noshow: NoShows = False) -> None:
    """All of them, or those that were missed."""
    with opening.unlocked(asked) as practice:
        found = appointments.of_patient(practice, patients.resolve(practice.connection, patient).id)
    listed = appointments.missed(found) if noshow else found
    if asked.as_json:
        output.document([_appointment(one) for one in listed])
        return
    headings = [text("Identifier"), text("Day"), text("Time"), text("Reason"), text("With"), text("State")]
    output.table(headings, [_line(one) for one in listed])
    missed = len(appointments.missed(found))
    output.note(text("Did not come: {n} of {all}.").format(n=missed, all=len(found)))


def _line(one: Appointment) -> list[str]:
    return [
        describing.longer(one.entry.version),
        shown_date(moments.day_of(one.entry.date)),
        moments.clock_of(one.begins) if one.begins else "",
        one.body.reason,
        one.body.practitioner,
        vocabulary.word(statuses.APPOINTMENT_STATE, one.body.state),
    ]


@command(agenda_commands, "book", text("Book an appointment; one at the same time is told of and is possible."))
def book(
    asked: Asked,
    patient: PatientReference,
    day: Day,
    time: Time,
    minutes: Minutes = None,
    reason: Reason = "",
    practitioner: With = "",
    note: Note = "",
) -> None:
    """Book, and print it."""
    length = DEFAULT_MINUTES if minutes is None else minutes
    body = AppointmentBody(minutes=length, reason=reason, practitioner=practitioner, note=note)
    with opening.unlocked(asked) as practice:
        begins = moments.begin(_day(practice, day), time)
        known = patients.resolve(practice.connection, patient)
        _print(asked, appointments.book(practice, known.id, begins, body))


@command(agenda_commands, "move", text("Move an appointment to another day or time."))
def move(asked: Asked, appointment: AppointmentReference, day: Day, time: Time, minutes: Minutes = None) -> None:
    """Move, and print it."""
    with opening.unlocked(asked) as practice:
        begins = moments.begin(_day(practice, day), time)
        _print(asked, appointments.move(practice, _current(practice, appointment), begins, minutes))


def _mark(asked: Asked, reference: str, state: str) -> None:
    with opening.unlocked(asked) as practice:
        _print(asked, Booked(appointments.mark(practice, _current(practice, reference), state), ()))


@command(agenda_commands, "cancel", text("Cancel an appointment; it stays readable."))
def cancel(asked: Asked, appointment: AppointmentReference) -> None:
    """Cancel, and print it."""
    _mark(asked, appointment, rules.CANCELLED)


@command(agenda_commands, "arrived", text("Say that the patient is there."))
def arrived(asked: Asked, appointment: AppointmentReference) -> None:
    """Note it, and print it."""
    _mark(asked, appointment, rules.ARRIVED)


@command(agenda_commands, "done", text("Say that the patient was seen."))
def done(asked: Asked, appointment: AppointmentReference) -> None:
    """Note it, and print it."""
    _mark(asked, appointment, rules.FULFILLED)


@command(agenda_commands, "noshow", text("Say that the patient did not come."))
def noshow(asked: Asked, appointment: AppointmentReference) -> None:
    """Note it, and print it."""
    _mark(asked, appointment, rules.NOSHOW)


@command(agenda_commands, "undo", text("Make an appointment one that waits again, after a slip."))
def undo(asked: Asked, appointment: AppointmentReference) -> None:
    """Undo, and print it."""
    _mark(asked, appointment, rules.BOOKED)


def _current(practice: Practice, reference: str) -> str:
    """The version of an appointment that stands, named by any version of it. Raises UnknownEntry, Ambiguous."""
    named = versions.resolve(practice.connection, reference)
    num = versions.number(practice.connection, named)
    standing = versions.standing(practice.connection, versions.entry_of(practice.connection, num)) if num else set()
    return versions.identifier(practice.connection, standing.pop()) if len(standing) == 1 else named


def _print(asked: Asked, booked: Booked) -> None:
    one = rules.read(booked.entry)
    if asked.as_json:
        others = [_shape(other, ()) for other in booked.colliding]
        output.document({**_appointment(one), "patient": booked.entry.patient, "at_the_same_time": others})
        return
    output.say("  ".join(cell for cell in _line(one) if cell))
    for other in booked.colliding:
        words = text("At the same time: {time} {name}, {reason}")
        clock = moments.clock_of(other.appointment.begins) if other.appointment.begins else ""
        name = reading.full_name(other.patient.identity)
        output.note(words.format(time=clock, name=name, reason=other.appointment.body.reason or "—"))
