"""What the screens ask about appointments, recalls, competing versions and family links.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from localstore import record
from localstore.agenda import appointments, family, moments, recalls
from localstore.agenda import day as rules
from localstore.agenda.appointments import Visit
from localstore.agenda.day import Gap
from localstore.agenda.suggestions import Suggestion
from localstore.bodies import AppointmentBody, CarerBody, PatientBody
from localstore.model import Entry
from localstore.values import Concept
from tui.gateways.base import OpenGateway
from tui.values_agenda import (
    ColleagueName,
    DayLines,
    FreeLine,
    NewVisit,
    RecallLine,
    RelativeLine,
    SuggestionLine,
    VisitLine,
)

FIRST_HOUR, LAST_HOUR = "8:00", "19:00"  # between which free time is shown
Timed = tuple[datetime | None, VisitLine | FreeLine]
SHORTEST_GAP = 5  # minutes; what is shorter is no time to see anybody


class AgendaGateway(OpenGateway):
    """Who comes when, and what is due for whom. Every method raises ConfrereError."""

    # --- appointments -----------------------------------------------------------------------------------------------

    async def agenda(self, day: str) -> DayLines:
        """A day (ISO 8601): its appointments and the free time between them."""

        def look() -> DayLines:
            visits = appointments.on_day(self._desk.practice, day)
            timed: list[Timed] = [
                (one.appointment.begins, line) for one, line in zip(visits, _lines(visits), strict=True)
            ]
            return DayLines(day, tuple(line for _, line in sorted([*timed, *_free(visits, day)], key=_in_order)))

        return await self._ask(look)

    async def at_the_same_time(self, new: NewVisit, moved: str = "") -> list[VisitLine]:
        """The appointments that take some of the time of a new one, or of `moved` (a version) at its new time."""

        def look() -> list[VisitLine]:
            begins = moments.begin(new.day, new.time)
            return _lines(appointments.at_the_same_time(self._desk.practice, begins, _body(new), moved))

        return await self._ask(look)

    async def identity(self, patient: str) -> PatientBody:
        """Who a patient is."""
        return await self._ask(lambda: record.chart(self._desk.practice, patient).patient)

    async def book(self, patient: str, new: NewVisit) -> Entry:
        """Book an appointment."""
        return await self._ask(
            lambda: appointments.book(self._desk.practice, patient, moments.begin(new.day, new.time), _body(new)).entry
        )

    async def move_visit(self, version: str, new: NewVisit) -> Entry:
        """The same appointment at another time; its words as they are in `new`."""
        return await self._ask(
            lambda: appointments.move(self._desk.practice, version, moments.begin(new.day, new.time), new.minutes).entry
        )

    async def mark_visit(self, version: str, state: str) -> Entry:
        """Say what became of an appointment."""
        return await self._ask(lambda: appointments.mark(self._desk.practice, version, state))

    # --- recalls ----------------------------------------------------------------------------------------------------

    async def recalls(
        self, until: str = "", *, overdue_only: bool = False, of_deceased: bool = False
    ) -> list[RecallLine]:
        """What is due across the practice up to a day, for the living or for the dead; the reading goes into the
        history."""

        def look() -> list[RecallLine]:
            found = recalls.waiting(self._desk.practice, until, overdue_only=overdue_only, of_deceased=of_deceased)
            return [
                RecallLine(
                    one.entry.version,
                    one.patient.id,
                    one.patient.identity,
                    one.entry.date,
                    one.standing.value,
                    one.body,
                )
                for one in found
            ]

        return await self._ask(look)

    async def recall_done(self, version: str, on: str) -> str:
        """Say that a recall was done; when it is due again, or empty."""

        def write() -> str:
            following = recalls.done(self._desk.practice, version, on).following
            return following.date if following else ""

        return await self._ask(write)

    async def cancel_recall(self, version: str, reason: str) -> Entry:
        """Say that a recall is not wanted any more."""
        return await self._ask(lambda: recalls.cancel(self._desk.practice, version, reason))

    async def suggestions(self, patient: str) -> list[SuggestionLine]:
        """What the recommendations would recall a patient for."""
        return await self._ask(
            lambda: [SuggestionLine(*one) for one in recalls.suggested(self._desk.practice, patient)]
        )

    async def accept_suggestion(self, patient: str, one: SuggestionLine) -> list[Entry]:
        """Write a suggestion as a recall."""
        accepted = Suggestion(one.label, one.due, one.every_months, one.source)
        return await self._ask(lambda: recalls.accept(self._desk.practice, patient, [accepted]))

    # --- competing versions -----------------------------------------------------------------------------------------

    async def settle(self, version: str) -> Entry:
        """Let one of the versions that compete stand."""
        return await self._ask(lambda: record.settle(self._desk.practice, version))

    # --- family and care team ---------------------------------------------------------------------------------------

    async def relatives(self, patient: str) -> list[RelativeLine]:
        """The relatives of a patient, and who of them is a patient here."""

        def look() -> list[RelativeLine]:
            found = family.relatives(self._desk.practice, patient)
            return [RelativeLine(one.entry, one.body, one.linked, one.back) for one in found]

        return await self._ask(look)

    async def reverse_relationship(self, relationship: str, sex: str) -> str:
        """What a patient of this sex is to a relative, where that is plain."""
        return await self._ask(lambda: family.reverse(relationship, sex))

    async def link_relative(self, patient: str, other: str, relationship: str, back: str) -> list[Entry]:
        """Link another patient as a relative; with `back`, the other way round too."""
        return await self._ask(lambda: family.link(self._desk.practice, patient, other, relationship, back))

    async def known_colleagues(self) -> list[ColleagueName]:
        """The colleagues whom a care team may name."""
        return await self._ask(
            lambda: [ColleagueName(one.name, one.rpps) for one in family.known_colleagues(self._desk.practice)]
        )

    async def add_carer(self, patient: str, colleague: ColleagueName, role: str) -> Entry:
        """A colleague as a member of the care team, from today on."""
        body = CarerBody(colleague.name, Concept(role), colleague.rpps)
        return await self._ask(lambda: record.add(self._desk.practice, patient, body, self._desk.practice.today()))


def _body(new: NewVisit) -> AppointmentBody:
    return AppointmentBody(minutes=new.minutes, reason=new.reason, practitioner=new.practitioner, note=new.note)


def _lines(visits: Sequence[Visit]) -> list[VisitLine]:
    overlapping = rules.overlapping([one.appointment for one in visits])
    return [_line(one, one.appointment.entry.version in overlapping) for one in visits]


def _line(visit: Visit, overlaps: bool) -> VisitLine:
    one, body = visit.appointment, visit.appointment.body
    return VisitLine(
        version=one.entry.version,
        patient=visit.patient.id,
        identity=visit.patient.identity,
        day=moments.day_of(one.entry.date),
        begins=moments.clock_of(one.begins) if one.begins else "",
        ends=moments.clock_of(one.ends) if one.ends else "",
        minutes=body.minutes,
        reason=body.reason,
        practitioner=body.practitioner,
        state=body.state,
        note=body.note,
        overlaps=overlaps,
    )


def _free(visits: Iterable[Visit], day: str) -> list[Timed]:
    first, last = (moments.moment(moments.begin(day, clock)) for clock in (FIRST_HOUR, LAST_HOUR))
    if first is None or last is None:
        return []
    gaps = rules.gaps([visit.appointment for visit in visits], first, last)
    return [(one.begins, line) for one in gaps if (line := _gap(one)).minutes >= SHORTEST_GAP]


def _gap(one: Gap) -> FreeLine:
    minutes = int((one.ends - one.begins).total_seconds() // 60)
    return FreeLine(moments.clock_of(one.begins), moments.clock_of(one.ends), minutes)


def _in_order(one: Timed) -> tuple[float, bool]:
    """By the moment: one without a time first; an appointment before the free time that begins with it."""
    return one[0].timestamp() if one[0] else float("-inf"), isinstance(one[1], FreeLine)
