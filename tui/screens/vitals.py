"""Vital signs, without walking through a consultation."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from tui import drafts, vitals
from tui.dates import shown_date, typed_date
from tui.forms import Field, Shape
from tui.screens.caution import heed
from tui.screens.room import Room
from tui.values import NewEntry, Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.vitals_grid import VitalsGrid
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

DATE = Field("date", message("Date"), Shape.DATE)


class AddVitals(Room[bool]):
    """True once the values were saved."""

    BINDINGS = [Binding("ctrl+s", "save", message("Save"))]

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("Vital signs"), "bold $primary"), classes="page-title")
        yield VitalsGrid()
        yield Form([DATE], {DATE.name: shown_date(self._record.today)})

    def on_mount(self) -> None:
        self.query_one(Banner).show(self._record)
        self.query_one(EssentialLines).show(self._record)
        self.query_one(Line).focus()

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        return self.query_one(VitalsGrid).is_filled

    async def keep(self) -> None:
        """Keep what was typed as a note in the record: nobody is there to be asked."""
        typed = self.query_one(VitalsGrid).typed
        note = drafts.note((text(vitals.BY_NAME[name].label), said) for name, said in typed.items())
        if note is not None:
            await self.attempt(self.gateway.keep_note(self._record.id, note))

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    @work
    async def action_save(self) -> None:
        """Save the values, all or none; ask about those that are unusual."""
        grid, form = self.query_one(VitalsGrid), self.query_one(Form)
        date = typed_date(form.typed[DATE.name])
        form.refuse({} if date is not None else {DATE.name: text("This is not a date.")})
        if date is None or grid.refuse():
            return
        if not grid.is_filled:
            self.building.tell(text("Nothing was typed yet."), warning=True)
            return
        new = [NewEntry(body, date) for body in vitals.measurements(grid.typed)]
        found = await self.attempt(self.gateway.cautions(self._record.id, new))
        if found is None or await heed(self, found) is None:
            return
        if await self.attempt(self.gateway.add(self._record.id, new)) is not None:
            self.building.tell(text("Saved."))
            self.dismiss(True)
