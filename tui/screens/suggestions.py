"""What the recommendations would recall a patient for: each is accepted, or not. Nothing is written by itself."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui.dates import shown_date
from tui.screens.patient_room import PatientRoom
from tui.values import Record
from tui.values_agenda import SuggestionLine
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class Suggestions(PatientRoom[None]):
    """The suggestions for one patient."""

    BINDINGS = [Binding("w", "accept", message("Write it as a recall"))]

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("Recalls that are recommended"), "bold $primary"), classes="page-title")
        words = text("After age, sex and problems. Only what you accept is written.")
        yield Words((words, "$text-muted"), classes="page-words")
        columns = [Column(text("Due on"), 11), Column(text("What is due")), Column(text("How often"), 18)]
        yield Listing(columns, self.paint, empty=text("Nothing is suggested."), id="suggestions")
        yield Words(id="source", classes="page foot")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one("#suggestions").focus()
        self.load()

    @property
    def listing(self) -> Listing[SuggestionLine]:
        """The suggestions."""
        return self.query_one("#suggestions", Listing)

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask for them."""
        found = await self.attempt(self.gateway.suggestions(self.patient))
        if found is not None:
            self.listing.show(found, keep=lambda one: one.label)

    def paint(self, one: SuggestionLine) -> Sequence[Content]:
        """One suggestion."""
        months = one.every_months
        often = texts("every month", "every {n} months", months).format(n=months) if months else text("once")
        return [shown((shown_date(one.due), "$text-muted")), shown((one.label, "bold")), shown((often, "$text-muted"))]

    @on(Listing.Moved, "#suggestions")
    def _show_source(self, event: Listing.Moved) -> None:
        one: SuggestionLine | None = event.item
        self.query_one("#source", Words).say((one.source if one else "", "$text-muted"))

    @work
    async def action_accept(self) -> None:
        """Write the one under the cursor; it is suggested no more."""
        one = self.listing.item
        if one is not None and await self.attempt(self.gateway.accept_suggestion(self.patient, one)) is not None:
            self.building.tell(text("Recall written: {what}.").format(what=one.label))
            self.load()

    @on(Listing.Chosen, "#suggestions")
    def choose(self) -> None:
        """Enter accepts."""
        self.action_accept()
