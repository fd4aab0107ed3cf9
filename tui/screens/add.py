"""An entry on its form: a new one, or a new version of one."""

from dataclasses import replace
from typing import NamedTuple

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from localstore.bodies import Body, DocumentBody
from localstore.kinds import Kind, Sensitivity
from localstore.model import Entry
from localstore.values import Concept
from tui import drafts, filling, forms, vocabulary
from tui.display import safe
from tui.reading import title
from tui.screens.caution import heed
from tui.screens.coding import Coder
from tui.screens.dialog import Dialog
from tui.screens.keeping_file import despite_the_name, keep_file
from tui.screens.room import Room
from tui.values import NewEntry, Record
from tui.values_documents import FileLook
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.fields import Flag, Line
from tui.widgets.form import Form, Row
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message


class Offered(NamedTuple):
    """One kind of entry to add: its letter, and whether the vital signs are meant, which have a form of their own."""

    letter: str
    kind: Kind
    vital_signs: bool = False

    @property
    def words(self) -> str:
        """What it is called."""
        return text("Vital signs") if self.vital_signs else vocabulary.kind(self.kind)


OFFERED = (
    Offered("a", Kind.ALLERGY),
    Offered("p", Kind.PROBLEM),
    Offered("m", Kind.MEDICATION),
    Offered("v", Kind.MEASUREMENT, vital_signs=True),
    Offered("b", Kind.MEASUREMENT),
    Offered("i", Kind.IMMUNISATION),
    Offered("r", Kind.PROCEDURE),
    Offered("x", Kind.DEVICE),
    Offered("f", Kind.FAMILY_HISTORY),
    Offered("t", Kind.DIRECTIVE),
    Offered("d", Kind.DOCUMENT),
    Offered("l", Kind.LETTER),
    Offered("e", Kind.RELATIVE),
    Offered("s", Kind.CARER),
    Offered("g", Kind.RECALL),
    Offered("y", Kind.APPOINTMENT),
)
NEW_TITLES = {
    Kind.ALLERGY: message("New allergy"),
    Kind.PROBLEM: message("New problem"),
    Kind.MEDICATION: message("New medicine"),
    Kind.IMMUNISATION: message("New vaccination"),
    Kind.MEASUREMENT: message("New measurement"),
    Kind.PROCEDURE: message("New procedure"),
    Kind.DEVICE: message("New device"),
    Kind.FAMILY_HISTORY: message("New family history"),
    Kind.DIRECTIVE: message("New directive"),
    Kind.DOCUMENT: message("New document or note"),
    Kind.LETTER: message("New letter"),
    Kind.RELATIVE: message("New relative"),
    Kind.CARER: message("New carer"),
    Kind.RECALL: message("New recall"),
    Kind.APPOINTMENT: message("New appointment"),
}


# Which field the imported tables name, and which tables, the most exact first.
CODED: dict[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.MEDICATION: ("medicine", ("bdpm", "atc")),
    Kind.ALLERGY: ("substance", ("atc", "bdpm")),
    Kind.PROBLEM: ("concept", ("cisp2",)),
}


class Chooser(Dialog[Offered]):
    """Which kind of entry: by its letter, by arrows, by click."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -small"):
            yield Words(text("Add"), classes="dialog-title")
            yield Listing([Column("", 1), Column("")], self.paint, with_titles=False, id="kinds")

    def on_mount(self) -> None:
        listing: Listing[Offered] = self.query_one("#kinds", Listing)
        listing.show(OFFERED)
        listing.focus()

    def paint(self, choice: Offered) -> list[Content]:
        """One kind."""
        return [shown((choice.letter, "bold $footer-key-foreground")), shown(choice.words)]

    def on_key(self, event: events.Key) -> None:
        chosen = next((one for one in OFFERED if one.letter == event.key), None)
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """The one under the cursor."""
        self.dismiss(event.item)


class AddEntry(Room[bool]):
    """True once an entry was saved."""

    BINDINGS = [
        Binding("ctrl+s", "save", message("Save")),
        Binding("f3", "code", message("Search the codes")),
    ]

    def __init__(self, record: Record, kind: Kind, entry: Entry | None = None) -> None:
        """`entry` is the one to amend."""
        super().__init__(classes=f"-{kind.value}")  # a letter has more room for its text
        self._record, self._kind, self._entry = record, kind, entry
        self._restricted = entry is not None and entry.sensitivity is Sensitivity.RESTRICTED
        self._chosen: Concept | None = None
        self._file: FileLook | None = None
        self._keeping = False

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        heading = (
            text("Correct: {what}").format(what=title(self._entry)) if self._entry else text(NEW_TITLES[self._kind])
        )
        yield Words((heading, "bold $primary"), classes="page-title")
        begun = filling.begin(self._kind, self._record.today, self._entry)
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

    @property
    def busy(self) -> bool:
        """Whether a file is being kept."""
        return self._keeping

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
        typed, self._file = form.typed, None
        if self._file_name:
            self._file = await self.attempt(self.gateway.look_at_file(self._record.id, self._file_name))
            if self._file is None or not await despite_the_name(self, self._file):
                return
            typed["title"] = typed["title"].strip() or self._file.name
        filled = filling.fill(self._kind, typed, self._record.today, self._entry)
        form.refuse(filled.refused)
        if filled.refused:
            return
        body = self._coded(filled.body)
        restricted = self.query_one("#restricted", Flag).value
        new = NewEntry(body, filled.date, restricted)
        replaces = self._entry.id if self._entry else ""
        found = await self.attempt(self.gateway.cautions(self._record.id, [new], replaces))
        overrides = None if found is None else await heed(self, found, filled.doubts)
        if overrides is not None and await self._write(new, overrides):
            self.building.tell(text("Saved."))
            self.dismiss(True)

    async def _write(self, new: NewEntry, overrides: tuple[str, ...]) -> bool:
        if self._file is not None and isinstance(new.body, DocumentBody):
            self._keeping = True
            try:
                return await keep_file(self, self._record.id, self._file_name, self._file, new)
            finally:
                self._keeping = False
        if self._entry is None:
            written = replace(new, overrides=overrides)
            return await self.attempt(self.gateway.add(self._record.id, [written])) is not None
        amended = self.gateway.amend(self._entry.version, new.body, new.date, new.restricted, overrides)
        return await self.attempt(amended) is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Codes are for what the imported tables name."""
        return action != "code" or self._kind in CODED

    @work
    async def action_code(self) -> None:
        """Find a term in the imported tables; its words go into the field, its code with them."""
        field, systems = CODED[self._kind]
        line = self.query_one(Form).field(field)
        if not isinstance(line, Line):
            return
        chosen = await self.app.push_screen_wait(Coder(line.value, systems))
        if chosen is not None:
            line.value, self._chosen = chosen.concept.text, chosen.concept

    def _coded(self, body: Body) -> Body:
        """The body with the codes of the term that was chosen, while its words stand as they were taken."""
        if self._chosen is None or self._kind not in CODED:
            return body
        field = CODED[self._kind][0]
        said: Concept = getattr(body, field)
        is_it = safe(said.label) == safe(self._chosen.text)
        return msgspec.structs.replace(body, **{field: self._chosen}) if is_it else body
