"""Two records of one person: who could be meant, both beside each other, reading them as one, taking them apart."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from localstore.bodies import PatientBody
from localstore.identities.homonyms import Similar
from localstore.identities.pairs import Preview, Side
from localstore.model import Entry, PatientSummary
from tui import identity_words
from tui.dates import shown_date
from tui.reading import full_name
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Asked, Question
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts

# Who could be one with this patient; whoever was found by name; who is one with him already.
_Line = Similar | PatientSummary | Entry


class MergeRoom(PatientRoom[None]):
    """Merging another record into this one, and taking apart what was merged."""

    BINDINGS = [Binding("up", "move(-1)", show=False), Binding("down", "move(1)", show=False)]

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)

    def content(self) -> ComposeResult:
        yield Banner()
        yield Words((text("Two records of one person"), "bold $primary"), classes="page-title")
        yield Line(placeholder=text("Another record: name, first name, birth date or INS"), id="query")
        columns = [Column(text("Patient")), Column(text("Born"), 11), Column(text("Why"), share=1)]
        empty = text("Nobody here is like this patient. Type a name to choose another record.")
        listing: Listing[_Line] = Listing(columns, self.paint, empty=empty, id="others")
        listing.can_focus = False
        yield listing

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one("#query").focus()

    @property
    def listing(self) -> Listing[_Line]:
        """The records to choose from."""
        return self.query_one("#others", Listing)

    def show_record(self, record: Record) -> None:
        """Show whose record this is; and who could be meant, as far as nothing else is typed."""
        super().show_record(record)
        self.look()

    @on(Line.Changed, "#query")
    def typed(self) -> None:
        """Search again with every letter."""
        self.look()

    @work(group="search", exclusive=True)
    async def look(self) -> None:
        """Those who were merged and those who are like this patient; or those whom the typed words find."""
        typed = self.query_one("#query", Line).value
        merged = {one.patient: one for one in self.opened.also_registered}  # of several versions, the one that is shown
        items: list[_Line] = [*merged.values(), *self.opened.homonyms]
        if typed.strip():
            found = await self.attempt(self.gateway.search(typed))
            if found is None or found.query != self.query_one("#query", Line).value:
                return
            items = [one for one in found.patients if one.id != self.patient]
        self.listing.show(items)

    def paint(self, item: _Line) -> Sequence[Content]:
        """One record, and why it is in the list."""
        match item:
            case Entry(body=PatientBody() as body):
                return _cells(body, (text("merged: Enter takes it apart"), "$text-warning"))
            case Similar():
                return _cells(item.patient, (text(identity_words.REASONS[item.reason]), "$text-muted"))
            case PatientSummary():
                return _cells(item, ("", "$text-muted"))
        return [shown(""), shown(""), shown("")]

    @on(Line.Submitted, "#query")
    def choose(self) -> None:
        """Enter chooses."""
        self.listing.action_choose()

    def action_move(self, by: int) -> None:
        self.listing.action_move(by)

    @on(Listing.Chosen, "#others")
    def chosen(self, event: Listing.Chosen) -> None:
        """Take apart what was merged; compare what was not."""
        match event.item:
            case Entry() as merged:
                self.part(merged)
            case Similar() as similar:
                self.merge(similar.patient.id)
            case PatientSummary() as found:
                self.merge(found.id)

    @work(exclusive=True, group="merge")
    async def merge(self, other: str) -> None:
        """Show both, ask whether they are one, ask why, and merge."""
        found = await self.attempt(self.gateway.compare(self.patient, other))
        if found is None:
            return
        is_doubtful = found.different_ins or found.reason is None
        answers = [("leave", text("Leave both as they are")), ("merge", text("One person: merge into this record"))]
        title = text("Are these two records of one person?")
        question = Question(title, "\n".join(_compared(found)), answers, grave=is_doubtful)
        if await self.app.push_screen_wait(question) != "merge":
            return
        why = await self._why(text("Merge two records"))
        if not why:
            return
        merging = self.gateway.merge(self.patient, other, why, different_ins=found.different_ins)
        if await self.attempt(merging):
            self.building.tell(text("The two records are read as one. They can be taken apart again here."))
            self._show_anew()

    @work(exclusive=True, group="merge")
    async def part(self, merged: Entry) -> None:
        """Ask why, and take a merged record apart again."""
        why = await self._why(text("Take the records apart"))
        if not why:
            return
        if await self.attempt(self.gateway.unmerge(merged.patient, why)):
            self.building.tell(text("The two records are apart again, each with what was written in it."))
            self._show_anew()

    async def _why(self, title: str) -> str | None:
        return await self.app.push_screen_wait(Asked(title, text("Why? It goes into the history of the record.")))

    def _show_anew(self) -> None:
        self.query_one("#query", Line).clear()
        self.renew()


def _cells(one: PatientBody | PatientSummary, why: tuple[str, str]) -> list[Content]:
    return [shown((full_name(one), "bold")), shown(shown_date(one.birth_date)), shown(why)]


def _compared(found: Preview) -> list[str]:
    """Both records, line by line, and what speaks for or against that they are of one person."""
    lines = [*_described(found.keep), "", *_described(found.other), ""]
    if found.different_ins:
        lines.append(text("Their INS numbers differ: they may be two people."))
    elif found.reason is None:
        lines.append(text("Nothing in these identities says that they are of one person."))
    else:
        reason = text(identity_words.REASONS[found.reason])
        lines.append(text("They are alike: {reason}.").format(reason=reason))
    return lines


def _described(side: Side) -> list[str]:
    entries = texts("{n} entry", "{n} entries", side.entries).format(n=side.entries)
    dates = " - ".join(shown_date(one) for one in dict.fromkeys((side.since, side.until)) if one)
    return [
        ", ".join(f"{label}: {words}" for label, words in identity_words.described(side.body)),
        f"{entries} {dates}".strip(),
    ]
