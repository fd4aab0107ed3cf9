"""One patient's record: what must never be out of sight, the rest by date, and one entry in full beside it."""

from collections import Counter
from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from localstore.kinds import Kind
from localstore.model import Entry
from localstore.roles import Right
from tui import drafts, vocabulary
from tui.essentials import ESSENTIAL, rest
from tui.finding import finds
from tui.screens.booking import Booking
from tui.screens.consultation import ConsultationRoom
from tui.screens.entry import EntryRoom
from tui.screens.exports import Exports
from tui.screens.family import Family
from tui.screens.history import History
from tui.screens.merge import MergeRoom
from tui.screens.patient import PatientForm
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Asked, Question
from tui.screens.rights import Rights
from tui.screens.settle import Settle
from tui.screens.share import Share
from tui.screens.suggestions import Suggestions
from tui.screens.trends import Trends
from tui.trends import Key, Series, keys_of, series
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.detail import Detail
from tui.widgets.entries import line
from tui.widgets.essentials import Essentials, Panel
from tui.widgets.fields import Choice
from tui.widgets.listing import Column, Listing
from tui.widgets.surroundings import Surroundings
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

ADD = Binding.Group(message("Add"), compact=True)
EVERYTHING = ""
MEDICAL = frozenset(
    {
        *("add", "find", "choose_kind", "consult", "share", "export", "filter", "trends", "history"),
        *("merge", "suggestions", "family"),
        "rights",
    }
)
FILTERED = tuple(kind for kind in Kind if kind not in (*ESSENTIAL, Kind.PATIENT))


class RecordRoom(PatientRoom[None]):
    """The record of one patient."""

    BINDINGS = [
        Binding("a", "add('allergy')", message("Allergy"), group=ADD),
        Binding("p", "add('problem')", message("Problem"), group=ADD),
        Binding("m", "add('medication')", message("Medicine"), group=ADD),
        Binding("v", "add('measurement')", message("Vital signs"), group=ADD),
        Binding("i", "add('immunisation')", message("Vaccination"), group=ADD),
        Binding("d", "add('document')", message("Document or note"), group=ADD),
        Binding("n", "choose_kind", message("Another entry"), group=ADD),
        Binding("c", "consult", message("Consultation")),
        Binding("s", "share", message("Share")),
        Binding("e", "export", message("Export")),
        Binding("f", "filter(1)", message("Filter")),
        Binding("F", "filter(-1)", show=False),
        Binding("slash", "find", message("Find"), key_display="/"),
        Binding("g", "trends", message("Curves"), show=False),
        Binding("h", "history", message("History")),
        Binding("t", "identity", message("Identity"), show=False),
        Binding("u", "merge", message("Two records of one person"), show=False),
        Binding("b", "book", message("Book an appointment"), show=False),
        Binding("r", "suggestions", message("Suggested recalls"), show=False),
        Binding("l", "family", message("Family and care team"), show=False),
        Binding("w", "rights", message("The patient's rights"), show=False),
        Binding("y", "settle", message("Settle the identities")),
    ]

    def __init__(self, patient: str, why: str = "") -> None:
        """`why`, where it is given, goes into the history with the reading."""
        super().__init__(patient)
        self._why = why
        self._rest: list[Entry] = []
        self._sought = ""
        self._series: dict[Key, Series] = {}

    def content(self) -> ComposeResult:
        yield Banner()
        yield Words(id="closed", classes="page")
        with Container(id="record-body"):
            yield Essentials(id="essentials")
            with Vertical(id="rest"):
                yield Surroundings(id="surroundings")
                yield Choice([(EVERYTHING, text("All {n}").format(n=0))], id="filter")
                columns = [Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
                yield Listing(columns, self.paint, empty=text("Nothing yet."), id="entries")
            yield Detail(id="detail")

    def on_mount(self) -> None:
        self.query_one("#closed").display = False
        self.filter.can_focus = False
        self.query_one("#entries").focus()
        self.open_record()

    @work
    async def open_record(self) -> None:
        """Read the record; that it was read goes into its history."""
        record = await self.attempt(self.gateway.open_record(self.patient, self._why))
        if record is None:
            self.dismiss(None)
            return
        self.show_record(record)
        if drafts.waiting(record.entries):
            self.building.tell(text("An unsigned consultation waits here: C goes on with it."), warning=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of a record whose medical part is closed, the identity alone can be changed. What does not compete is not
        settled."""
        if action == "settle":
            return self.record is not None and len(self.record.identity) > 1
        return action not in MEDICAL or self.record is None or not self.record.closed

    @property
    def listing(self) -> Listing[Entry]:
        """The entries by date."""
        return self.query_one("#entries", Listing)

    @property
    def filter(self) -> Choice:
        """Which kinds are listed."""
        return self.query_one("#filter", Choice)

    def show_record(self, record: Record) -> None:
        """Show the record in all its parts; to whom the medical part is closed, whose it is."""
        super().show_record(record)
        self.query_one("#closed").display = record.closed
        self.query_one("#record-body").display = not record.closed
        self.refresh_bindings()
        if record.closed:
            words = text("The medical part of a record is not open to your role: this says nothing of what it holds.")
            offered = text("T corrects the identity.")
            self.query_one("#closed", Words).say((words, "$text-warning"), "\n\n", offered)
            return
        self._rest = rest(record.entries)
        self._series = {one.key: one for one in series(record.entries)}
        self.query_one(Surroundings).show(record)
        counts = Counter(entry.kind for entry in self._rest)
        present = [kind for kind in FILTERED if counts[kind]]
        choices = [(EVERYTHING, text("All {n}").format(n=len(self._rest)))]
        choices += [(kind.value, f"{vocabulary.kinds(kind)} {counts[kind]}") for kind in present]
        chosen = self.filter.value if self.filter.value in dict(choices) else EVERYTHING
        self.filter.offer(choices, chosen)
        self._list()

    @on(Choice.Changed)
    def _list(self) -> None:
        wanted = self.filter.value
        entries = [entry for entry in self._rest if wanted in (EVERYTHING, entry.kind.value)]
        entries = [entry for entry in entries if finds(self._sought, entry)]
        self.listing.say_empty(text("No entry holds these words.") if self._sought else text("Nothing yet."))
        self.listing.show(entries, keep=lambda entry: entry.id)

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One entry's line."""
        return line(entry, self._competes(entry))

    def _competes(self, entry: Entry) -> bool:
        return self.record is not None and entry.id in self.record.competing

    @on(Listing.Moved, "#entries")
    def _show_detail(self, event: Listing.Moved) -> None:
        entry: Entry | None = event.item
        drawn = [self._series[key] for key in keys_of(entry) if key in self._series] if entry else []
        self.query_one(Detail).show(entry, competing=entry is not None and self._competes(entry), drawn=drawn)

    @on(Panel.OptionHighlighted)
    def _show_essential(self, event: Panel.OptionHighlighted) -> None:
        panel = event.option_list
        if isinstance(panel, Panel) and panel.has_focus and (entry := panel.entry_of(event.option_id)):
            self.query_one(Detail).show(entry, competing=self._competes(entry))

    @on(Listing.Chosen, "#entries")
    def _open_chosen(self, event: Listing.Chosen) -> None:
        self.open_entry(event.item)

    @on(Panel.Opened)
    def _open_essential(self, event: Panel.Opened) -> None:
        self.open_entry(event.entry)

    def open_entry(self, entry: Entry) -> None:
        """An entry in full, to read, correct or mark as entered in error."""
        self.app.push_screen(EntryRoom(self.opened, entry))

    @work
    async def action_rights(self) -> None:
        if self.record is not None and await self.app.push_screen_wait(Rights(self.record)):
            self.dismiss(None)

    def action_filter(self, by: int) -> None:
        self.filter.chosen = (self.filter.chosen + by) % len(self.filter.choices)

    @work
    async def action_find(self) -> None:
        """List the entries that hold some words; no words list all of them again."""
        words = text("Words of the entry; nothing lists all of them again.")
        asked = Asked(text("Find in this record"), words, value=self._sought, needed=False)
        typed = await self.app.push_screen_wait(asked)
        if typed is not None:
            self._sought = typed
            self._list()

    @work
    async def action_consult(self) -> None:
        if self.record is None:
            return
        waiting = drafts.waiting(self.record.entries)
        if waiting and not await self._resumes(waiting[1]):
            waiting = None
        self.app.push_screen(ConsultationRoom(self.record, draft=waiting))

    async def _resumes(self, draft: drafts.Draft) -> bool:
        question = Question(
            text("An unsigned consultation waits"),
            draft.body.reason or text("It was kept when the screen locked by itself."),
            [("resume", text("Go on with it")), ("new", text("Begin a new one"))],
        )
        return await self.app.push_screen_wait(question) == "resume"

    def action_identity(self) -> None:
        if self.record:
            self.app.push_screen(PatientForm(self.record))

    def action_merge(self) -> None:
        if self.record and self.may(Right.WRITE):
            self.app.push_screen(MergeRoom(self.record))

    def action_share(self) -> None:
        if self.record:
            self.app.push_screen(Share(self.record))

    def action_export(self) -> None:
        if self.record:
            self.app.push_screen(Exports(self.record))

    def action_trends(self) -> None:
        if self.record:
            self.app.push_screen(Trends(self.record))

    def action_history(self) -> None:
        if self.record:
            self.app.push_screen(History(self.record))

    def action_book(self) -> None:
        if self.record:
            self.app.push_screen(Booking(self.patient, self.record.today))

    def action_suggestions(self) -> None:
        if self.record:
            self.app.push_screen(Suggestions(self.record))

    @work
    async def action_family(self) -> None:
        """The relatives; the record of one of them may be opened from there."""
        if self.record:
            other = await self.app.push_screen_wait(Family(self.record))
            if other:
                self.app.push_screen(RecordRoom(other))

    def action_settle(self) -> None:
        if self.record:
            self.app.push_screen(Settle(self.record, self.record.identity))
