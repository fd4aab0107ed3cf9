"""Who read and changed this record, and when: the patient may ask (CSP L1110-4, RGPD art. 15)."""

from collections.abc import Sequence

from textual import work
from textual.app import ComposeResult
from textual.content import Content

from tui import remembered, vocabulary
from tui.dates import shown_moment
from tui.reading import title
from tui.screens.patient_room import PatientRoom
from tui.values import HistoryLine, Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text

IDENTIFIER = 32  # hex digits
ADDING = frozenset({"entry-added", "entry-amended"})


class History(PatientRoom[None]):
    """The history of one record, newest first."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)
        self._titles = {name: title(entry) for entry in record.entries for name in (entry.id, entry.version)}

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("History of this record"), "bold $primary"), classes="page-title")
        columns = [Column(text("When"), 16), Column(text("Who"), 24), Column(text("What"), 30), Column(text("About"))]
        yield Listing(columns, self.paint, id="lines")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one("#lines").focus()
        self.load()

    @work
    async def load(self) -> None:
        """Ask for the lines."""
        found = await self.attempt(self.gateway.history(self.patient))
        if found is not None:
            self.query_one("#lines", Listing).show(found)

    def paint(self, one: HistoryLine) -> Sequence[Content]:
        """One line; identifiers become the words of the entry that they name."""
        about = self._titles.get(one.subject, "")
        detail = "" if len(one.detail) == IDENTIFIER else one.detail
        if one.action in ADDING and about:
            detail = ""  # the title says more than the kind
        return [
            shown((shown_moment(one.at), "$text-muted")),
            shown(one.who),
            shown((vocabulary.word(vocabulary.ACTIONS, one.action), "bold")),
            shown(about, (f"  {remembered.told(one.action, detail)}", "$text-muted")),
        ]
