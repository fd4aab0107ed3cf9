"""A day of the practice: who comes when, what is free, and what came of it. A secretary works here too."""

from collections.abc import Sequence
from datetime import date, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui import statuses, vocabulary
from tui.dates import shown_date, shown_length, typed_date
from tui.reading import full_name
from tui.screens.booking import Booking
from tui.screens.pick import PickPatient
from tui.screens.question import Asked
from tui.screens.record import RecordRoom
from tui.screens.room import Room
from tui.values_agenda import DayLines, FreeLine, VisitLine
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message

WEEKDAYS = (
    message("Monday"),
    message("Tuesday"),
    message("Wednesday"),
    message("Thursday"),
    message("Friday"),
    message("Saturday"),
    message("Sunday"),
)
STYLES = {"arrived": "bold $text-success", "fulfilled": "$text-muted", "noshow": "$text-warning"}
Shown = VisitLine | FreeLine


class Agenda(Room[None]):
    """One day; arrows go to the days before and after."""

    BINDINGS = [
        Binding("left", "go(-1)", message("Day before")),
        Binding("right", "go(1)", message("Day after")),
        Binding("t", "today", message("Today")),
        Binding("g", "choose_day", message("Another day")),
        Binding("b", "book", message("Book")),
        Binding("m", "move_visit", message("Move")),
        Binding("a", "mark('arrived')", message("Has arrived")),
        Binding("v", "mark('fulfilled')", message("Was seen")),
        Binding("n", "mark('noshow')", message("Did not come")),
        Binding("x", "mark('cancelled')", message("Cancel the appointment")),
        Binding("u", "mark('booked')", message("Undo"), show=False),
        Binding("o", "open_record", message("Open the record"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day = ""

    def content(self) -> ComposeResult:
        yield Words(id="day-title", classes="page-title")
        columns = [
            Column(text("Time"), 13),
            Column(text("Patient")),
            Column(text("Born"), 10, from_width=100),
            Column(text("Telephone"), 15, from_width=120),
            Column(text("Reason")),
            Column(text("With"), 16, from_width=110),
            Column(text("State"), 14),
        ]
        yield Listing(columns, self.paint, empty=text("Nothing on this day."), id="day")
        yield Words(id="day-count", classes="page foot")

    def on_mount(self) -> None:
        self._day = self.gateway.today()
        self.listing.focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._day = self._day or self.gateway.today()
        self.load()

    @property
    def day(self) -> str:
        """The day that is shown (ISO 8601)."""
        return self._day

    @property
    def listing(self) -> Listing[Shown]:
        """The day's lines."""
        return self.query_one("#day", Listing)

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask for the day; an answer for a day that was left is dropped."""
        found = await self.attempt(self.gateway.agenda(self._day))
        if found is not None and found.day == self._day:
            self.show(found)

    def show(self, found: DayLines) -> None:
        """Show a day."""
        self._day = found.day
        weekday = text(WEEKDAYS[date.fromisoformat(found.day).weekday()])
        self.query_one("#day-title", Words).say(
            ("←  ", "$text-muted"),  # the keys, which the line at the bottom leaves to the list
            (f"{weekday} {shown_date(found.day)}", "bold $primary"),
            ("  →", "$text-muted"),
            (f"  {text('today')}" if found.day == self.gateway.today() else "", "$text-muted"),
        )
        self.listing.show(found.lines, keep=_key)
        coming = [one for one in found.lines if isinstance(one, VisitLine) and one.state != "cancelled"]
        words = texts("{n} appointment.", "{n} appointments.", len(coming)).format(n=len(coming))
        twice = text("Some overlap: ▲.") if any(one.overlaps for one in coming) else ""
        self.query_one("#day-count", Words).say((words, "$text-muted"), (f" {twice}", "$text-warning"))

    def paint(self, one: Shown) -> Sequence[Content]:
        """An appointment, or free time."""
        if isinstance(one, FreeLine):
            free = text("free: {length}").format(length=shown_length(one.minutes))
            return [
                shown((f"{one.begins}–{one.ends}", "$text-muted")),
                shown((free, "$text-muted italic")),
                *[shown("")] * 5,
            ]
        gone = one.state in ("cancelled", "noshow")
        name = (full_name(one.identity), "$text-muted strike" if gone else "bold")
        return [
            shown(f"{one.begins}–{one.ends}" if one.begins else "—", (" ▲" if one.overlaps else "", "$text-warning")),
            shown(name),
            shown((shown_date(one.identity.birth_date), "$text-muted")),
            shown((one.identity.phone, "$text-muted")),
            shown(" · ".join(filter(None, (one.reason, one.note)))),
            shown((one.practitioner, "$text-muted")),
            shown((vocabulary.word(statuses.APPOINTMENT_STATE, one.state), STYLES.get(one.state, "$foreground"))),
        ]

    # --- which day --------------------------------------------------------------------------------------------------

    def action_go(self, by: int) -> None:
        there = date.fromisoformat(self._day).toordinal() + by
        if date.min.toordinal() < there < date.max.toordinal() - 2:
            self._day = (date.fromisoformat(self._day) + timedelta(days=by)).isoformat()
            self.load()

    def action_today(self) -> None:
        self._day = self.gateway.today()
        self.load()

    @work
    async def action_choose_day(self) -> None:
        words = text("The day, for instance 12/03/2026.")
        typed = await self.app.push_screen_wait(Asked(text("Another day"), words, value=shown_date(self._day)))
        day = typed_date(typed) if typed else ""
        if typed and (not day or len(day) != 10):
            self.building.tell(text("“{typed}” is not a day.").format(typed=typed), warning=True)
        elif day:
            self._day = day
            self.load()

    # --- one appointment --------------------------------------------------------------------------------------------

    @property
    def _visit(self) -> VisitLine | None:
        one = self.listing.item
        return one if isinstance(one, VisitLine) else None

    @work
    async def action_book(self) -> None:
        """Book for a patient; at the free time under the cursor."""
        one = self.listing.item
        patient = await self.app.push_screen_wait(PickPatient())
        if patient is not None:
            at = one.begins if isinstance(one, FreeLine) else ""
            await self.app.push_screen_wait(Booking(patient, self._day, at))

    @work
    async def action_move_visit(self) -> None:
        """Move the appointment under the cursor; the day that it goes to is shown."""
        if (one := self._visit) is not None:
            day = await self.app.push_screen_wait(Booking(one.patient, one.day, one.begins, moved=one))
            if day:
                self._day = day
                self.load()

    @work
    async def action_mark(self, state: str) -> None:
        """Say what became of the appointment under the cursor."""
        one = self._visit
        if one is not None and await self.attempt(self.gateway.mark_visit(one.version, state)) is not None:
            self.load()

    def action_open_record(self) -> None:
        if (one := self._visit) is not None:
            self.app.push_screen(RecordRoom(one.patient))

    @on(Listing.Chosen, "#day")
    def choose(self, event: Listing.Chosen) -> None:
        """Enter opens the record of an appointment, and books at a free time."""
        if isinstance(event.item, VisitLine):
            self.action_open_record()
        else:
            self.action_book()


def _key(one: Shown) -> object:
    return (one.patient, one.begins) if isinstance(one, VisitLine) else one.begins
