"""What is due for whom, across the practice: the overdue first. Opening it is written to the history."""

from collections.abc import Sequence
from datetime import date, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui.dates import shown_date, typed_date
from tui.reading import full_name
from tui.screens.question import Asked
from tui.screens.record import RecordRoom
from tui.screens.room import Room
from tui.values_agenda import RecallLine
from tui.widgets.fields import Choice
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message

OVERDUE = "overdue"
STANDINGS = {
    OVERDUE: (message("overdue"), "bold $text-error"),
    "due": (message("due now"), "bold"),
    "later": (message("due later"), "$text-muted"),
}
AHEAD = ("30", "91", "365")  # days
DECEASED = "deceased"


class Recalls(Room[None]):
    """The recalls that wait."""

    BINDINGS = [
        Binding("d", "done", message("Done")),
        Binding("x", "cancel", message("Not wanted any more")),
        Binding("f", "filter(1)", message("Filter")),
        Binding("F", "filter(-1)", show=False),
        Binding("o", "open_record", message("Open the record"), show=False),
    ]

    def content(self) -> ComposeResult:
        yield Words((text("Recalls"), "bold $primary"), classes="page-title")
        choices = [
            ("", text("Due today")),
            (OVERDUE, text("Overdue only")),
            *((days, text("In {n} days").format(n=days)) for days in AHEAD),
            (DECEASED, text("Of the deceased")),
        ]
        yield Choice(choices, id="filter")
        columns = [
            Column(text("Due on"), 11),
            Column("", 12),
            Column(text("What is due")),
            Column(text("Patient")),
            Column(text("Born"), 11, from_width=100),
            Column(text("Telephone"), 15, from_width=110),
        ]
        yield Listing(columns, self.paint, empty=text("Nothing is due."), id="recalls")
        yield Words(id="recall-detail", classes="page foot")

    def on_mount(self) -> None:
        self.query_one("#filter", Choice).can_focus = False
        self.listing.focus()
        self.load()

    @property
    def listing(self) -> Listing[RecallLine]:
        """The recalls."""
        return self.query_one("#recalls", Listing)

    @on(Choice.Changed)
    def filtered(self) -> None:
        """Other ones."""
        self.load()

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask what is due."""
        chosen = self.query_one("#filter", Choice).value
        until = ""
        if chosen.isdigit():
            until = (date.fromisoformat(self.gateway.today()) + timedelta(days=int(chosen))).isoformat()
        wanted = {"overdue_only": chosen == OVERDUE, "of_deceased": chosen == DECEASED}
        found = await self.attempt(self.gateway.recalls(until, **wanted))
        if found is not None:
            self.listing.show(found, keep=lambda one: one.version)

    def paint(self, one: RecallLine) -> Sequence[Content]:
        """One recall; that the patient died is said in the place of the telephone."""
        words, style = STANDINGS[one.standing]
        died = text("deceased{when}").format(when="") if one.identity.deceased else ""
        return [
            shown(shown_date(one.due) or "—"),
            shown((text(words), style)),
            shown((one.body.concept.label, "bold")),
            shown(full_name(one.identity), (f"  {died}" if died else "", "$text-warning")),
            shown((shown_date(one.identity.birth_date), "$text-muted")),
            shown((died or one.identity.phone, "$text-muted")),
        ]

    @on(Listing.Moved, "#recalls")
    def _show_detail(self, event: Listing.Moved) -> None:
        one: RecallLine | None = event.item
        parts = [one.body.reason, one.body.note, _again(one.body.every_months), one.identity.phone] if one else []
        self.query_one("#recall-detail", Words).say((" · ".join(filter(None, parts)), "$text-muted"))

    # --- one recall -------------------------------------------------------------------------------------------------

    @work
    async def action_done(self) -> None:
        one = self.listing.item
        if one is None:
            return
        words = text("When was it done?")
        asked = Asked(one.body.concept.label, words, value=shown_date(self.gateway.today()))
        typed = await self.app.push_screen_wait(asked)
        if not typed:
            return
        following = await self.attempt(self.gateway.recall_done(one.version, typed_date(typed) or typed))
        if following is not None:
            if following:
                self.building.tell(text("Due again on {date}.").format(date=shown_date(following)))
            self.load()

    @work
    async def action_cancel(self) -> None:
        one = self.listing.item
        if one is None:
            return
        asked = Asked(one.body.concept.label, text("Why is it not wanted any more?"))
        reason = await self.app.push_screen_wait(asked)
        if reason and await self.attempt(self.gateway.cancel_recall(one.version, reason)) is not None:
            self.load()

    def action_filter(self, by: int) -> None:
        choice = self.query_one("#filter", Choice)
        choice.chosen = (choice.chosen + by) % len(choice.choices)

    @work
    async def action_open_record(self) -> None:
        """Open the record; what was changed there is seen here afterwards."""
        if (one := self.listing.item) is not None:
            await self.app.push_screen_wait(RecordRoom(one.patient))
            self.load()

    @on(Listing.Chosen, "#recalls")
    def choose(self) -> None:
        """Enter opens the record."""
        self.action_open_record()


def _again(months: int) -> str:
    return texts("again every month", "again every {n} months", months).format(n=months) if months else ""
