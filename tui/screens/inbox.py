"""What arrived from colleagues. Nothing of it is in the record until the doctor takes it over."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from localstore.errors import NotYourRole
from localstore.roles import Right
from tui import vocabulary
from tui.dates import shown_date, shown_moment
from tui.inbox_words import subject
from tui.reading import full_name
from tui.scope import told_scope
from tui.screens.extract import ExtractRoom
from tui.screens.lots import ReadLot
from tui.screens.outbox import Outbox
from tui.screens.room import Room
from tui.values_inbox import InboxLine
from tui.widgets.banner import cut
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import sentence, text, texts
from tui.words.marking import message

STATE_STYLES = {
    "new": "bold $text-accent",
    "taken": "$text-success",
    "superseded": "$text-muted",
    "withdrawn": "$text-muted",
    "set-aside": "$text-error",
    "held": "$text-muted",
}


class Inbox(Room[None]):
    """Extracts, and documents that were set aside with their reason."""

    BINDINGS = [Binding("o", "outbox", message("Sent")), Binding("l", "read_lot", message("Read a lot"))]

    def content(self) -> ComposeResult:
        yield Words((text("Received"), "bold $primary"), classes="page-title", id="inbox-title")
        columns = [
            Column(text("State"), 12),
            Column(text("From"), 20),
            Column(text("What"), 9),
            Column(text("Patient")),
            Column(text("As of"), 16, from_width=100),
            Column(text("Entries"), 8, from_width=90),
        ]
        yield Listing(columns, self.paint, empty=text("Nothing has arrived yet."), id="inbox")
        with VerticalScroll(id="about", classes="page", can_focus=False):
            yield Words(id="about-words")

    def on_mount(self) -> None:
        self.query_one("#inbox").focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.load()

    def show_mail(self) -> None:
        """List again when something arrived."""
        super().show_mail()
        self.load()

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask what there is. To whom it is closed, how much waits for a doctor."""
        if not self.may(Right.READ):
            self._say_closed()
            return
        found = await self.attempt(self.gateway.inbox())
        if found is not None:
            self.query_one("#inbox-title", Words).say((text("Received"), "bold $primary"), *_counted(found))
            self.query_one("#inbox", Listing).show(found, keep=lambda one: one.id)

    def _say_closed(self) -> None:
        house, new = self.building.house, self.building.mail.new
        waiting = texts("{n} new document waits for a doctor.", "{n} new documents wait for a doctor.", new)
        self.query_one("#inbox", Listing).say_empty(waiting.format(n=new) if new else text("Nothing has arrived yet."))
        refused = sentence(NotYourRole(role=house.role if house else ""))
        self.query_one("#about-words", Words).say((refused, "$text-warning"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What was sent is open to whom what arrived is."""
        return action != "outbox" or self.may(Right.READ)

    def paint(self, one: InboxLine) -> Sequence[Content]:
        """One document."""
        patient = full_name(one.patient) if one.patient else ""
        return [
            shown((vocabulary.word(vocabulary.RECEIVED_STATE, one.state), STATE_STYLES.get(one.state, ""))),
            shown(one.colleague or text("unknown")),
            shown(vocabulary.word(vocabulary.DOCUMENT_TYPE, one.type)),
            shown((patient, "bold")),
            shown((shown_moment(one.as_of or one.arrived), "$text-muted")),
            shown(str(len(one.entries)) if one.patient else ""),
        ]

    @on(Listing.Moved, "#inbox")
    def _show_about(self, event: Listing.Moved) -> None:
        one: InboxLine | None = event.item
        self.query_one("#about-words", Words).say(*(about(one) if one else ()))

    @on(Listing.Chosen, "#inbox")
    def open_document(self, event: Listing.Chosen) -> None:
        """An extract opens beside the own record; of anything else the reason is all there is."""
        one: InboxLine = event.item
        if one.patient is not None:
            self.app.push_screen(ExtractRoom(one.id))
        else:
            self.building.tell(shown(*about(one)).plain)

    def action_read_lot(self) -> None:
        self.app.push_screen(ReadLot())

    def action_outbox(self) -> None:
        self.app.push_screen(Outbox())


def _counted(found: Sequence[InboxLine]) -> list[Part]:
    """How many documents were not believed."""
    count = sum(one.state == "set-aside" for one in found)
    words = texts("{n} document set aside", "{n} documents set aside", count).format(n=count)
    return [(f"  {words}", "$text-error")] if count else []


def about(one: InboxLine) -> list[Part]:
    """What a document is, of when, how much of the record it covers; or why it was not believed."""
    arrived = text("Arrived on {moment}.").format(moment=shown_moment(one.arrived))
    if one.state == "set-aside":
        return [
            (text("Set aside: {reason}").format(reason=text(one.reason)), "$text-error"),
            "\n",
            text("Nothing in it was believed, and nothing else was changed. Ask the colleague to send it again."),
            "\n",
            (arrived, "$text-muted"),
        ]
    if one.state == "held":
        return [
            text("A share of this colleague's recovery words, kept for him. Its words are not shown here."),
            "\n",
            (arrived, "$text-muted"),
        ]
    if one.patient is None or one.scope is None:
        return [
            text("Its author withdrew it: nothing of it is kept here, but what was taken over."),
            "\n",
            (arrived, "$text-muted"),
        ]
    born = shown_date(one.patient.birth_date)
    count = texts("{n} entry", "{n} entries", len(one.entries)).format(n=len(one.entries))
    partial = text("Partial: only {scope}. What is not here may exist all the same.")
    later = f"▲ {text('A later extract has taken its place.')}\n" if one.superseded_by else ""
    return [
        (cut(subject(one.entries, one.letter)), "bold $text-accent"),
        "\n" if one.letter else "",
        (cut(full_name(one.patient)), "bold"),
        f"  {cut(vocabulary.word(vocabulary.SEX, one.patient.sex))}  {born}\n",
        text("{count} as of {moment}, for: {purpose}").format(
            count=count, moment=shown_moment(one.as_of), purpose=one.scope.purpose
        ),
        "\n",
        (partial.format(scope=told_scope(one.scope)), "$text-warning"),
        "\n",
        (later, "$text-warning"),
        (arrived, "$text-muted"),
    ]
