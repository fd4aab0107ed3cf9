"""What was sent, and how far it came: queued, sent, stored at the colleague's, opened by him; and what went wrong."""

from collections.abc import Sequence

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from tui import vocabulary
from tui.dates import shown_moment
from tui.screens.room import Room
from tui.values import FrozenFeed, OutboxLine
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

TICKS = {
    "queued": ("○   ", message("queued"), "$text-warning"),
    "sent": ("→   ", message("sent"), "$foreground"),
    "stored": ("✓   ", message("stored"), "$text-success"),
    "lost": ("✗   ", message("not delivered"), "$text-error"),
    "opened": ("✓✓  ", message("opened"), "bold $text-success"),
    "unreadable": ("✗   ", message("unreadable"), "$text-error"),
    "withheld": ("✗   ", message("share again"), "bold $text-error"),
    "replaced": ("↻   ", message("replaced"), "$text-muted"),
    "kept-back": ("■   ", message("never left"), "$text-muted"),
    "sealed-anew": ("↻   ", message("sealed anew"), "$text-warning"),
    "withdrawn": ("←   ", message("removal requested"), "$text-warning"),
    "removed": ("⌫   ", message("removed, but taken"), "$text-muted"),
}


class Outbox(Room[None]):
    """Extracts and withdrawals, newest first."""

    def content(self) -> ComposeResult:
        yield Words((text("Sent"), "bold $primary"), classes="page-title")
        columns = [
            Column(text("State"), 24),
            Column(text("Since"), 16),
            Column(text("To"), 22),
            Column(text("Patient")),
            Column(text("What"), 22, from_width=100),
        ]
        yield Listing(columns, self.paint, empty=text("Nothing was sent yet."), id="outbox")
        with VerticalScroll(classes="page foot", can_focus=False):
            yield Words(id="frozen")
            legend = "   ".join(f"{tick.strip()} {text(words)}" for tick, words, _ in TICKS.values())
            yield Words((legend, "$text-muted"))

    def on_mount(self) -> None:
        self.query_one("#outbox").focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.load()

    def show_mail(self) -> None:
        """List again when something changed."""
        super().show_mail()
        self.load()

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask what there is."""
        frozen = await self.attempt(self.gateway.frozen_feeds())
        found = await self.attempt(self.gateway.outbox())
        for words in self.query("#frozen").results(Words):  # none, where the answer is faster than the screen
            words.say((told_frozen(frozen or ()), "$text-error"))
        if found is not None and self.query("#outbox"):
            self.query_one("#outbox", Listing).show(found, keep=lambda one: (one.made, one.colleague))

    def paint(self, one: OutboxLine) -> Sequence[Content]:
        """One document."""
        tick, words, style = TICKS[one.state]
        what = vocabulary.word(vocabulary.DOCUMENT_TYPE, one.type)
        what += f" ({one.entries})" if one.entries else ""
        if one.removed:
            what = text("removal attested")
        return [
            shown((tick, style), (text(words), style)),
            shown((shown_moment(one.at), "$text-muted")),
            shown(one.colleague),
            shown((one.patient, "bold")),
            shown((what, "$text-muted")),
        ]


def told_frozen(frozen: Sequence[FrozenFeed]) -> str:
    """Why a feed stands still, a line for each that does."""
    lines = [
        f"{shown_moment(one.at)}  "
        + vocabulary.word(vocabulary.FROZEN, one.kind).format(name=one.colleague or text("Somebody"))
        for one in frozen
    ]
    return "\n".join(lines)
