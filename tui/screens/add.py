"""An entry on its form: a new one, or a new version of one."""

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from localstore.bodies import Body, DocumentBody, MedicationBody
from localstore.kinds import Kind, Sensitivity
from localstore.model import Entry
from tui import drafts, forms, vocabulary
from tui.essentials import conflicting
from tui.reading import beside, title
from tui.screens.dialog import Dialog
from tui.screens.question import Question
from tui.screens.room import Room
from tui.values import NewEntry, Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.fields import Flag, Line
from tui.widgets.form import Form, Row
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

CHOSEN = (
    ("a", Kind.ALLERGY),
    ("p", Kind.PROBLEM),
    ("m", Kind.MEDICATION),
    ("v", Kind.MEASUREMENT),
    ("i", Kind.IMMUNISATION),
    ("r", Kind.PROCEDURE),
    ("d", Kind.DOCUMENT),
)
NEW_TITLES = {
    Kind.ALLERGY: message("New allergy"),
    Kind.PROBLEM: message("New problem"),
    Kind.MEDICATION: message("New medicine"),
    Kind.IMMUNISATION: message("New vaccination"),
    Kind.PROCEDURE: message("New procedure"),
    Kind.DOCUMENT: message("New document or note"),
}


class Chooser(Dialog[Kind]):
    """Which kind of entry: by its letter, by arrows, by click."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -small"):
            yield Words(text("Add"), classes="dialog-title")
            yield Listing([Column("", 1), Column("")], self.paint, with_titles=False, id="kinds")

    def on_mount(self) -> None:
        listing: Listing[tuple[str, Kind]] = self.query_one("#kinds", Listing)
        listing.show(CHOSEN)
        listing.focus()

    def paint(self, choice: tuple[str, Kind]) -> list[Content]:
        """One kind."""
        letter, kind = choice
        name = text("Vital signs") if kind is Kind.MEASUREMENT else vocabulary.kind(kind)
        return [shown((letter, "bold $footer-key-foreground")), shown(name)]

    def on_key(self, event: events.Key) -> None:
        kind = dict(CHOSEN).get(event.key)
        if kind is not None:
            event.stop()
            self.dismiss(kind)

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """The one under the cursor."""
        self.dismiss(event.item[1])


class AddEntry(Room[bool]):
    """True once an entry was saved."""

    BINDINGS = [Binding("ctrl+s", "save", message("Save"))]

    def __init__(self, record: Record, kind: Kind, entry: Entry | None = None) -> None:
        """`entry` is the one to amend."""
        super().__init__()
        self._record, self._kind, self._entry = record, kind, entry
        self._restricted = entry is not None and entry.sensitivity is Sensitivity.RESTRICTED

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        heading = (
            text("Correct: {what}").format(what=title(self._entry)) if self._entry else text(NEW_TITLES[self._kind])
        )
        yield Words((heading, "bold $primary"), classes="page-title")
        begun = forms.begin(self._kind, self._record.today, self._entry)
        more = [Row(text("File"), Line(id="file"))] if self._takes_file else []
        restricted = Flag(text("Restricted: only where a consent names it"), self._restricted, id="restricted")
        yield Form(forms.FORMS[self._kind], begun, more=[*more, Row("", restricted)])

    def on_mount(self) -> None:
        self.query_one(Banner).show(self._record)
        self.query_one(EssentialLines).show(self._record)
        self.query_one(Form).field(forms.FORMS[self._kind][0].name).focus()

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        restricted = self.query_one("#restricted", Flag).value
        return self.query_one(Form).is_changed or bool(self._file_name) or restricted != self._restricted

    async def keep(self) -> None:
        """Keep what was typed as a note in the record: nobody is there to be asked."""
        note = drafts.note(self.query_one(Form).said)
        if note is not None:
            await self.attempt(self.gateway.keep_note(self._record.id, note))

    @property
    def _takes_file(self) -> bool:
        return self._kind is Kind.DOCUMENT and self._entry is None

    @property
    def _file_name(self) -> str:
        return self.query_one("#file", Line).value.strip() if self._takes_file else ""

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    @work
    async def action_save(self) -> None:
        """Save what is acceptable; ask about what is unlikely or dangerous."""
        form = self.query_one(Form)
        typed, file = form.typed, None
        if self._file_name:
            file = await self.attempt(self.gateway.read_file(self._file_name))
            if file is None:
                return
            typed["title"] = typed["title"].strip() or file.title
        filled = forms.fill(self._kind, typed, self._record.today, self._entry)
        form.refuse(filled.refused)
        if filled.refused:
            return
        if filled.doubts and not await self._confirm(text("Is this right?"), "\n".join(filled.doubts)):
            return
        if isinstance(filled.body, MedicationBody) and not await self._despite_allergies(filled.body):
            return
        if await self._write(_with_file(filled.body, file), filled.date):
            self.building.tell(text("Saved."))
            self.dismiss(True)

    async def _write(self, body: Body, date: str) -> bool:
        restricted = self.query_one("#restricted", Flag).value
        if self._entry is None:
            new = [NewEntry(body, date, restricted)]
            return await self.attempt(self.gateway.add(self._record.id, new)) is not None
        return await self.attempt(self.gateway.amend(self._entry.version, body, date, restricted)) is not None

    async def _confirm(self, heading: str, words: str, *, grave: bool = False) -> bool:
        answers = [("mend", text("Look again")), ("keep", text("Save all the same"))]
        return await self.app.push_screen_wait(Question(heading, words, answers, grave=grave)) == "keep"

    async def _despite_allergies(self, body: MedicationBody) -> bool:
        found = conflicting(self._record.entries, body)
        if not found:
            return True
        told = "\n".join(" · ".join(filter(None, (title(one), beside(one)))) for one in found)
        return await self._confirm(text("This patient is allergic to it"), told, grave=True)


def _with_file(body: Body, file: DocumentBody | None) -> Body:
    if file is None or not isinstance(body, DocumentBody):
        return body
    return msgspec.structs.replace(body, media_type=file.media_type, content=file.content)
