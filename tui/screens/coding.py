"""Finding a term in the imported tables, to take its words and its code."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui.screens.dialog import Dialog
from tui.values_safety import Suggestion
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text


class Coder(Dialog[Suggestion]):
    """Gives the term that was chosen, or None when it was left. Enter in the line goes to the list."""

    def __init__(self, typed: str, systems: Sequence[str]) -> None:
        super().__init__()
        self._typed, self._systems = typed, systems

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(text("Search the tables of codes"), classes="dialog-title")
            yield Line(self._typed, id="searched")
            columns = [Column(text("Code"), 18), Column(text("Words"))]
            nothing = text("Nothing found. Tables are imported with: confrere terms import")
            yield Listing(columns, self.paint, empty=nothing, id="terms")

    def on_mount(self) -> None:
        self.query_one("#searched", Line).focus()
        self.look(self._typed)

    def paint(self, term: Suggestion) -> list[Content]:
        """One term."""
        return [shown((term.code, "$text-muted")), shown(term.concept.text)]

    @on(Line.Changed, "#searched")
    def changed(self, event: Line.Changed) -> None:
        """Search again while typing."""
        self.look(event.value)

    @work(exclusive=True)
    async def look(self, typed: str) -> None:
        """List what the typed letters may mean."""
        found = await self.attempt(self.gateway.suggest(typed, self._systems))
        listing: Listing[Suggestion] = self.query_one("#terms", Listing)
        listing.show(found or [])

    @on(Line.Submitted)
    def to_the_list(self) -> None:
        """The list is where one is chosen."""
        self.query_one("#terms").focus()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """Take it."""
        self.dismiss(event.item)
