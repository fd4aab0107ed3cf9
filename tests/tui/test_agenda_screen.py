"""The agenda, the recalls, competing versions and family links, as a person meets them."""

from pathlib import Path

import msgspec
import pytest

from localstore import practice, record, roles
from localstore.agenda import appointments, moments
from localstore.bodies import AppointmentBody, PatientBody, RecallBody, RelativeBody
from localstore.values import Concept
from tests.practices import PASSPHRASE
from tests.tui.houses import JEANNE, PAUL, Houses, Visit, visiting
from tests.tui.test_users_screen import SECRETS, day, enter, with_user
from tui.comparing import beside
from tui.screens.agenda import Agenda
from tui.screens.booking import Booking
from tui.screens.entry import EntryRoom
from tui.screens.family import Family, PickColleague
from tui.screens.pick import PickPatient
from tui.screens.question import Asked, Question
from tui.screens.recalls import Recalls
from tui.screens.record import RecordRoom
from tui.screens.search import Search
from tui.screens.settle import Settle
from tui.screens.suggestions import Suggestions
from tui.values_agenda import FreeLine, VisitLine
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.listing import Listing
from tui.widgets.words import Words

TODAY, TOMORROW = day(0), day(1)


def book(folder: Path, patient: str, day: str, time: str, **more: str) -> str:
    """An appointment made beside the interface."""
    here = practice.unlock(folder, PASSPHRASE)
    made = appointments.book(here, patient, moments.begin(day, time), AppointmentBody(**more))  # type: ignore[arg-type]
    here.close()
    return made.entry.version


def add(folder: Path, patient: str, body: RecallBody, date: str) -> str:
    """A recall made beside the interface."""
    here = practice.unlock(folder, PASSPHRASE)
    made = record.add(here, patient, body, date)
    here.close()
    return made.version


async def agenda(visit: Visit, lines: int = 1) -> Agenda:
    """Go to the agenda, and wait for so many appointments."""
    await visit.press("f5")
    room = await visit.on(Agenda)
    await visit.until(lambda: len(visits(room)) == lines)
    return room


def visits(room: Agenda) -> list[VisitLine]:
    """The appointments that are shown."""
    return [one for one in room.listing.items if isinstance(one, VisitLine)]


def states(room: Agenda) -> list[str]:
    """What became of them."""
    return [one.state for one in visits(room)]


async def say(visit: Visit, words: str) -> None:
    """Fill in the line that is asked for."""
    asked = await visit.on(Asked)
    asked.query_one("#asked", Line).value = words
    await visit.press("enter")


async def open_record(visit: Visit, name: str) -> RecordRoom:
    """Search a patient and open the record."""
    search = await visit.on(Search)
    search.query_one("#query", Line).value = name
    await visit.until(lambda: len(search.listing.items) == 1)
    await visit.press("enter")
    room = await visit.on(RecordRoom)
    await visit.until(lambda: room.record is not None)
    return room


async def test_a_day_is_walked_booked_and_marked(houses: Houses) -> None:
    book(houses.alpha, houses.paul, TODAY, "9:00", reason="renouvellement")
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await agenda(visit)
        (free,) = [one for one in room.listing.items if isinstance(one, FreeLine) and one.minutes > 500]
        assert "9\u00a0h\u00a045" in room.paint(free)[1].plain.replace(" ", "\u00a0")
        await visit.press("b")
        pick = await visit.on(PickPatient)
        pick.query_one("#query", Line).value = "martin"
        patients: Listing[object] = pick.query_one("#patients", Listing)
        await visit.until(lambda: len(patients.items) == 1)
        await visit.press("enter")
        form = await visit.on(Booking)
        fields = {name: form.query_one(Form).field(name) for name in ("day", "time", "minutes", "reason")}
        for name, value in (("time", "9h05"), ("minutes", "soon"), ("reason", "toux")):
            field = fields[name]
            assert isinstance(field, Line)
            field.value = value
        await visit.press("ctrl+s")
        await visit.until(lambda: len(form.query(".refused")) == 1)
        minutes = fields["minutes"]
        assert isinstance(minutes, Line)
        minutes.value = "20"
        await visit.press("ctrl+s")
        question = await visit.on(Question)  # it meets the one at nine
        assert "renouvellement" in str(question.query_one(".dialog-words", Words).content)
        await visit.press("right", "enter")
        await visit.on(Agenda)
        await visit.until(lambda: len(visits(room)) == 2)
        assert [one.overlaps for one in visits(room)] == [True, True]
        await visit.press("home")
        while not isinstance(room.listing.item, VisitLine):
            await visit.press("down")
        await visit.press("a")
        await visit.until(lambda: states(room) == ["arrived", "booked"])
        await visit.press("v")
        await visit.until(lambda: states(room) == ["fulfilled", "booked"])
        await visit.press("u")
        await visit.until(lambda: states(room) == ["booked", "booked"])
        await visit.press("n")
        await visit.until(lambda: states(room) == ["noshow", "booked"])
        await visit.press("right")
        await visit.until(lambda: room.day == TOMORROW and not visits(room))
        await visit.press("left")
        await visit.until(lambda: len(visits(room)) == 2)


async def test_an_appointment_is_moved_and_its_record_opened(houses: Houses) -> None:
    book(houses.alpha, houses.paul, TODAY, "9:00")
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await agenda(visit)
        while not isinstance(room.listing.item, VisitLine):
            await visit.press("down")
        await visit.press("m")
        form = await visit.on(Booking)
        for name, value in (("day", TOMORROW), ("time", "10:30")):
            field = form.query_one(Form).field(name)
            assert isinstance(field, Line)
            field.value = value
        await visit.press("ctrl+s")
        await visit.on(Agenda)
        await visit.until(lambda: room.day == TOMORROW and [one.begins for one in visits(room)] == ["10:30"])
        await visit.press("g")
        await say(visit, "no day")
        await visit.until(lambda: "no day" in visit.told)
        await visit.press("home")
        while not isinstance(room.listing.item, VisitLine):
            await visit.press("down")
        await visit.press("enter")
        opened = await visit.on(RecordRoom)
        assert opened.patient == houses.paul


async def test_a_secretary_keeps_the_agenda_and_reaches_no_recalls(houses: Houses) -> None:
    book(houses.alpha, houses.paul, TODAY, "9:00")
    with_user(houses.alpha, roles.SECRETARY)
    async with visiting(houses.alpha) as visit:
        await enter(visit, SECRETS[roles.SECRETARY])
        await visit.press("f6")
        room = await agenda(visit)
        assert not any(isinstance(screen, Recalls) for screen in visit.app.screen_stack)
        while not isinstance(room.listing.item, VisitLine):
            await visit.press("down")
        await visit.press("a")
        await visit.until(lambda: states(room) == ["arrived"])


async def test_recalls_are_done_and_come_again(houses: Houses) -> None:
    add(houses.alpha, houses.paul, RecallBody(Concept("Frottis")), day(20))
    add(houses.alpha, houses.paul, RecallBody(Concept("HbA1c"), every_months=3), "2024-01")
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f6")
        room = await visit.on(Recalls)
        await visit.until(lambda: [one.standing for one in room.listing.items] == ["overdue"])
        await visit.press("f", "f")
        await visit.until(lambda: [one.standing for one in room.listing.items] == ["overdue", "later"])
        await visit.press("d")
        await say(visit, TODAY)
        await visit.on(Recalls)
        await visit.until(lambda: [one.body.concept.label for one in room.listing.items] == ["Frottis"])
        await visit.press("x")
        await say(visit, "déménagement")
        await visit.on(Recalls)
        await visit.until(lambda: not room.listing.items)


async def test_the_dead_are_shown_only_where_they_are_asked_for(houses: Houses) -> None:
    add(houses.alpha, houses.paul, RecallBody(Concept("HbA1c")), "2024-01")
    add(houses.alpha, houses.jeanne, RecallBody(Concept("Frottis")), "2024-02")
    here = practice.unlock(houses.alpha, PASSPHRASE)
    shown = record.chart(here, houses.paul).identity[-1]
    record.amend(here, shown.version, msgspec.structs.replace(PAUL, deceased="2024-06-01"))
    here.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f6")
        room = await visit.on(Recalls)
        await visit.until(lambda: [one.body.concept.label for one in room.listing.items] == ["Frottis"])
        await visit.press("F")
        await visit.until(lambda: [one.body.concept.label for one in room.listing.items] == ["HbA1c"])
        assert all(one.identity.deceased for one in room.listing.items)


async def test_a_suggestion_is_written_when_it_is_accepted(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await open_record(visit, "martin")
        await visit.press("r")
        room = await visit.on(Suggestions)
        await visit.until(lambda: room.listing.items)
        count, first = len(room.listing.items), room.listing.items[0]
        await visit.press("w")
        await visit.until(lambda: len(room.listing.items) == count - 1)
    here = practice.unlock(houses.alpha, PASSPHRASE)
    (made,) = [one for one in record.chart(here, houses.paul).entries if isinstance(one.body, RecallBody)]
    here.close()
    assert isinstance(made.body, RecallBody)
    assert (made.body.concept.label, made.body.reason) == (first.label, first.source)


async def test_competing_versions_are_shown_beside_each_other_and_settled(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await open_record(visit, JEANNE.ins)
        (entry,) = [one for one in room.opened.entries if one.id in room.opened.competing][:1]
        room.open_entry(entry)
        await visit.on(EntryRoom)
        await visit.press("v")
        settle = await visit.on(Settle)
        listing = settle.query_one("#compared", Listing)
        await visit.until(lambda: listing.items)
        differing = [one for one in listing.items if one.differs]
        assert [one.said for one in differing] == [("7,1 %", "6,9 %")]
        await visit.press("2")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: not room.opened.competing)
    here = practice.unlock(houses.alpha, PASSPHRASE)
    assert len(record.all_versions(here, entry.id)) == 4
    here.close()


async def test_competing_identities_are_settled(houses: Houses) -> None:
    here = practice.unlock(houses.alpha, PASSPHRASE)
    first = record.chart(here, houses.paul).identity[0]
    for phone in ("0199000001", "0199000002"):
        record.amend(here, first.version, PatientBody("Martin", ("Paul",), "1949-11-30", "male", phone=phone))
    here.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await open_record(visit, "martin")
        assert len(room.opened.identity) == 2
        await visit.press("y")
        await visit.on(Settle)
        await visit.press("1")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(room.opened.identity) == 1)
        assert room.opened.patient.phone in ("0199000001", "0199000002")


async def test_a_relative_is_linked_both_ways_and_his_record_opened(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await open_record(visit, "martin")
        await visit.press("l")
        family = await visit.on(Family)
        await visit.press("l")
        pick = await visit.on(PickPatient)
        pick.query_one("#query", Line).value = JEANNE.ins
        await visit.until(lambda: len(pick.query_one("#patients", Listing).items) == 1)
        await visit.press("enter")
        await say(visit, "sœur")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Family)
        await visit.until(lambda: family.listing.items)
        await visit.press("c")
        known = await visit.on(PickColleague)
        await visit.until(lambda: known.query_one("#known", Listing).items)
        await visit.press("enter")
        await say(visit, "cardiologue")
        await visit.on(Family)
        await visit.until(lambda: len(family.listing.items) == 2)
        await visit.press("home", "enter")
        await visit.until(
            lambda: isinstance(visit.app.screen, RecordRoom) and visit.app.screen.patient == houses.jeanne
        )
    here = practice.unlock(houses.alpha, PASSPHRASE)
    (back,) = [one.body for one in record.chart(here, houses.jeanne).entries if isinstance(one.body, RelativeBody)]
    here.close()
    assert isinstance(back, RelativeBody)
    assert (back.patient, back.relationship.label) == (houses.paul, "frère")


@pytest.mark.parametrize(
    ("columns", "differing"),
    [
        ([[("A", "1"), ("B", "2")], [("A", "1"), ("B", "3")]], ["B"]),
        ([[("A", "1")], [("B", "2")]], ["A", "B"]),
        ([[("A", "")], [("A", "")]], []),
        ([[("A", "1"), ("A", "2")], [("A", "1\n2")]], []),
    ],
)
def test_what_differs_is_marked(columns: list[list[tuple[str, str]]], differing: list[str]) -> None:
    assert [one.label for one in beside(columns) if one.differs] == differing
