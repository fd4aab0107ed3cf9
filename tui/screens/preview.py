"""Exactly what will go, and what stays here with the reason why, before anything is sealed."""

from collections import Counter
from collections.abc import Sequence

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from localstore.model import Entry
from tui import vocabulary
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Notice
from tui.values import ColleagueLine, ConsentLine, Preview, Record, Sent
from tui.widgets.banner import Banner
from tui.widgets.entries import line
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class PreviewRoom(PatientRoom[bool]):
    """True once it was sent."""

    BINDINGS = [Binding("ctrl+s", "send", message("Sign and send"))]

    def __init__(self, record: Record, colleague: ColleagueLine, consent: ConsentLine) -> None:
        super().__init__(record.id, record)
        self._colleague, self._consent = colleague, consent
        self._preview: Preview | None = None

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        heading = text("To {name}").format(name=self._colleague.name)
        by_itself = f" · {text('later changes go by themselves')}" if self._consent.scope.standing else ""
        said = f"  {self._consent.scope.purpose}{by_itself}"
        yield Words((heading, "bold $primary"), said, classes="page-title")
        columns = [Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
        with Container(id="preview"):
            with Vertical(id="goes-side"):
                yield Words(id="goes-title")
                yield Listing(columns, self.paint, empty=text("Nothing."), id="goes")
            with Vertical(id="stays-side"):
                yield Words(id="stays-title")
                reasons = [*columns[:1], Column(text("Why"), 20), *columns[2:]]
                yield Listing(reasons, self.paint_stay, empty=text("Nothing stays behind."), id="stays")

    def on_mount(self) -> None:
        self.query_one("#goes").focus()
        self.show_record(self.opened)

    def show_record(self, record: Record) -> None:
        """What goes follows the record as it is now."""
        super().show_record(record)
        self.load()

    @work
    async def load(self) -> None:
        """Ask what the consent covers."""
        found = await self.attempt(self.gateway.preview(self.patient, self._consent.scope))
        if found is None:
            return
        self._preview = found
        goes, stays = len(found.goes), len(found.stays)
        kinds = Counter(entry.kind for entry in found.goes)
        counted = ", ".join(f"{vocabulary.kinds(kind).lower()} {count}" for kind, count in kinds.most_common())
        words = texts("{n} entry goes", "{n} entries go", goes).format(n=goes)
        self.query_one("#goes-title", Words).say((words, "bold $text-success"), (f"  {counted}", "$text-muted"))
        words = texts("{n} entry stays here", "{n} entries stay here", stays).format(n=stays)
        self.query_one("#stays-title", Words).say((words, "bold"))
        self.query_one("#goes", Listing).show(sorted(found.goes, key=lambda entry: entry.date, reverse=True))
        self.query_one("#stays", Listing).show(sorted(found.stays, key=lambda one: one[0].date, reverse=True))

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One entry that goes."""
        return line(entry, entry.id in self.opened.competing)

    def paint_stay(self, stay: tuple[Entry, str]) -> Sequence[Content]:
        """One entry that stays, and why."""
        date, _, what = line(stay[0], stay[0].id in self.opened.competing)
        return [date, shown((text(stay[1]), "$text-warning")), what]

    @work
    async def action_send(self) -> None:
        """Sign, seal and queue; the gate is asked again on the way."""
        sent = await self.attempt(self.gateway.share(self.patient, self._colleague.id))
        if sent is not None:
            await self.app.push_screen_wait(Notice(text("On its way"), told_sent(sent, self._colleague.name)))
            self.dismiss(True)


def told_sent(sent: Sent, name: str) -> str:
    """What was sealed, with figures."""
    size = f"{sent.envelope_bytes / 1024:.1f}".replace(".", ",")
    lines = [
        texts(
            "{n} entry was signed and sealed for {name} ({size} KiB).",
            "{n} entries were signed and sealed for {name} ({size} KiB).",
            sent.entries,
        ).format(n=sent.entries, name=name, size=size),
        texts("{n} entry stays here.", "{n} entries stay here.", sent.left_out).format(n=sent.left_out),
        *(
            text("Too large for an extract, or malformed; it stays here: “{title}”.").format(title=one)
            for one in sent.too_large
        ),
        text("It leaves as soon as his practice can be reached; the outbox (F7, then O) shows how far it came."),
    ]
    return "\n".join(lines)
