"""Choosing a patient, as on the first screen, for something else than opening the record."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from localstore.model import PatientSummary
from tui import vocabulary
from tui.dates import shown_date
from tui.reading import full_name
from tui.screens.dialog import Dialog
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text


class PickPatient(Dialog[str]):
    """Gives the identifier of a patient, or None."""

    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Words(text("Which patient?"), classes="dialog-title")
            yield Line(placeholder=text("Name, first name, birth date or INS"), id="query")
            columns = [Column(text("Patient")), Column(text("Sex"), 5), Column(text("Born"), 11)]
            yield Listing(columns, self.paint, empty=text("Nobody is found."), id="patients")

    def on_mount(self) -> None:
        self.query_one("#patients", Listing).can_focus = False
        self.query_one("#query").focus()
        self.look()

    @on(Line.Changed)
    def typed(self) -> None:
        """Search again with every letter."""
        self.look()

    @work(group="search")
    async def look(self) -> None:
        """Ask for what is typed now; an answer that comes too late is dropped."""
        field = self.query_one("#query", Line)
        found = await self.attempt(self.gateway.search(field.value))
        if found is not None and found.query == field.value:
            self.query_one("#patients", Listing).show(found.patients)

    def paint(self, patient: PatientSummary) -> Sequence[Content]:
        """One patient."""
        return [
            shown((full_name(patient), "bold")),
            shown(vocabulary.word(vocabulary.SEX, patient.sex)),
            shown(shown_date(patient.birth_date)),
        ]

    @on(Line.Submitted)
    def choose(self) -> None:
        """Enter chooses."""
        self.query_one("#patients", Listing).action_choose()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """The one under the cursor."""
        self.dismiss(event.item.id)

    def action_move(self, by: int) -> None:
        self.query_one("#patients", Listing).action_move(by)
