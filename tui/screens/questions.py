"""A question to the whole practice: typed in words, answered by lines. Asking is written to the history."""

from collections.abc import Sequence
from decimal import Decimal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from localstore.kinds import Kind
from tui import amounts, vocabulary
from tui.dates import shown_date
from tui.screens.record import RecordRoom
from tui.screens.room import Room
from tui.values_questions import AnswerLine, Answers
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class Questions(Room[None]):
    """Enter asks; arrows and Enter open a record."""

    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("ctrl+r", "open_record", message("Open the record")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._answered = ""

    def content(self) -> ComposeResult:
        yield Words((text("A question to the whole practice"), "bold $primary"), classes="page-title")
        example = text("allergie pénicilline · HbA1c > 8 depuis 1 an · diabète sauf HbA1c depuis 6 mois")
        yield Line(placeholder=example, id="asked")
        columns = [
            Column(text("Patient")),
            Column(text("Born"), 11, from_width=100),
            Column(text("Date"), 11),
            Column(text("What")),
            Column(text("Value"), 16),
        ]
        empty = text("Type a question, then Enter.")
        listing: Listing[AnswerLine] = Listing(columns, self.paint, empty=empty, id="answers")
        listing.can_focus = False
        yield listing
        yield Words(id="answer-count", classes="page foot")

    def on_mount(self) -> None:
        self.query_one("#asked", Line).focus()

    @property
    def listing(self) -> Listing[AnswerLine]:
        """The answers."""
        return self.query_one("#answers", Listing)

    @on(Line.Submitted, "#asked")
    def asked(self) -> None:
        """Ask; a question that was answered already opens the line under the cursor."""
        typed = self.query_one("#asked", Line).value.strip()
        if typed and typed != self._answered:
            self.ask(typed)
        else:
            self.action_open_record()

    @work(group="ask", exclusive=True)
    async def ask(self, typed: str) -> None:
        """Ask the practice, and show what it says."""
        found = await self.attempt(self.gateway.ask_practice(typed))
        if found is not None:
            self._answered = typed
            self.show(found)

    def show(self, found: Answers) -> None:
        """List the answers, and say how many there are."""
        self.listing.say_empty(text("Nobody answers to this question."))
        self.listing.show(found.lines, keep=lambda one: one.version)
        entries = texts("{count} entry", "{count} entries", found.entries).format(count=found.entries)
        patients = texts("of {count} patient.", "of {count} patients.", found.patients).format(count=found.patients)
        words = f"{entries} {patients}"
        if len(found.lines) < found.entries:
            words += " " + text("The first {count} are shown.").format(count=len(found.lines))
        self.query_one("#answer-count", Words).say((" ".join([words, *found.remarks]), "$text-muted"))

    def paint(self, one: AnswerLine) -> Sequence[Content]:
        """One answer."""
        value = "" if one.value is None else amounts.number(Decimal(repr(one.value)), exact=False)
        what = one.label or vocabulary.kind(Kind(one.kind))
        return [
            shown((" ".join((one.family_name.upper(), *one.given_names)), "bold")),
            shown((shown_date(one.birth_date), "$text-muted")),
            shown(shown_date(one.date)),
            shown(what, (f"  {text('over')}" if one.is_over else "", "$text-muted")),
            shown(f"{one.bound}{value} {one.unit}".strip()),
        ]

    def action_move(self, by: int) -> None:
        """The cursor of the list, while the field keeps the keys."""
        self.listing.action_move(by)

    @work
    async def action_open_record(self) -> None:
        """Open the record of the line under the cursor."""
        if (one := self.listing.item) is not None:
            await self.app.push_screen_wait(RecordRoom(one.patient))

    @on(Listing.Chosen, "#answers")
    def choose(self) -> None:
        """A click opens the record."""
        self.action_open_record()
