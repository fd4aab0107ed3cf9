"""A letter to a colleague about a patient: its words, and what is enclosed. Sending signs it and keeps it here."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content

from localstore.model import Entry
from tui import drafts
from tui.forms import Field, Shape
from tui.screens.patient_room import PatientRoom
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.entries import line
from tui.widgets.essentials import EssentialLines
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message

FIELDS = (Field("title", message("Subject")), Field("text", message("Text"), Shape.LINES))


class LetterRoom(PatientRoom[bool]):
    """True once it was sent."""

    BINDINGS = [
        Binding("ctrl+s", "send", message("Sign and send")),
        Binding("f10", "switch", message("Text or enclosures")),
    ]

    def __init__(self, record: Record, colleague: str, name: str, *, title: str = "", answers: str = "") -> None:
        """To a colleague (identifier and name); `answers` is the letter that it answers, by identifier."""
        super().__init__(record.id, record)
        self._colleague, self._name = colleague, name
        self._title, self._answers = title, answers
        self._enclosed: set[str] = set()
        self._sending = False

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        heading = text("Letter to {name}").format(name=self._name)
        yield Words((heading, "bold $primary"), classes="page-title")
        with Container(id="letter"):
            with VerticalScroll(id="letter-words", can_focus=False):
                yield Form(FIELDS, {"title": self._title, "text": ""})
            with Vertical(id="enclosing"):
                yield Words(id="enclosed-title")
                columns = [Column("", 1), Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
                yield Listing(columns, self.paint, empty=text("The consent covers nothing else."), id="enclosable")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one(Form).field("text" if self._title else "title").focus()
        self._count()
        self.load()

    @work
    async def load(self) -> None:
        """What may be enclosed. Without a consent there is no letter: it says so, and leaves."""
        found = await self.attempt(self.gateway.enclosable(self.patient, self._colleague))
        if found is None:
            self.dismiss(None)
        else:
            self.query_one("#enclosable", Listing).show(found, keep=lambda entry: entry.id)

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One entry; a tick where it goes with the letter."""
        return [shown(("✓" if entry.id in self._enclosed else "", "bold $success")), *line(entry, False)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is added to the record from here but the letter."""
        return action not in {"add", "choose_kind"}

    @property
    def unsaved(self) -> bool:
        """Whether something was typed that is kept nowhere."""
        return self.query_one(Form).is_changed or bool(self._enclosed)

    @property
    def busy(self) -> bool:
        """Whether it is being sent."""
        return self._sending

    async def keep(self) -> None:
        """Keep what was typed as a note in the record: nobody is there to be asked."""
        note = drafts.note(self.query_one(Form).said)
        if note is not None:
            await self.attempt(self.gateway.keep_note(self.patient, note))

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    def action_switch(self) -> None:
        """From the words to the enclosures, and back."""
        listing = self.query_one("#enclosable", Listing)
        (self.query_one(Form).field("text") if listing.has_focus else listing).focus()

    @on(Listing.Chosen, "#enclosable")
    def enclose(self, event: Listing.Chosen) -> None:
        """Enclose the entry under the cursor, or leave it out again."""
        entry: Entry = event.item
        self._enclosed ^= {entry.id}
        self.query_one("#enclosable", Listing).refresh()
        self._count()

    def _count(self) -> None:
        count = len(self._enclosed)
        words = texts("{n} entry enclosed", "{n} entries enclosed", count).format(n=count)
        hint = text("Enter encloses or leaves out")
        self.query_one("#enclosed-title", Words).say((words, "bold"), (f"  {hint}", "$text-muted"))

    @work(exclusive=True)
    async def action_send(self) -> None:
        typed = self.query_one(Form).typed
        if not typed["text"].strip():
            self.query_one(Form).refuse({"text": text("A letter needs a text.")})
            return
        if self._sending:
            return
        self._sending = True
        try:
            sent = await self.attempt(
                self.gateway.send_letter(
                    self.patient, self._colleague, typed["title"], typed["text"], sorted(self._enclosed), self._answers
                )
            )
        finally:
            self._sending = False
        if sent is not None:
            self.building.tell(text("The letter is in the record, and waits for {name}.").format(name=self._name))
            self.building.renew_mail()
            self.dismiss(True)
