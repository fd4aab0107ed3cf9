"""An extract beside the own record of the same patient: read, compared, chosen one by one, taken over or not."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from localstore.model import Entry
from tui.dates import shown_date
from tui.reading import full_name
from tui.screens import beside
from tui.screens.letter import LetterRoom
from tui.screens.pick import PickPatient
from tui.screens.question import Notice, Question
from tui.screens.room import Room
from tui.values_inbox import Beside, Extract
from tui.widgets.detail import Detail
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message


class ExtractRoom(Room[None]):
    """One extract that arrived. What may be a duplicate is not chosen before somebody chooses it."""

    BINDINGS = [
        Binding("space", "choose", message("Choose")),
        Binding("a", "choose_all", message("All or none")),
        Binding("t", "take", message("Take over")),
        Binding("n", "take_new", message("Into a new patient")),
        Binding("o", "pick", message("Beside another patient")),
        Binding("r", "answer", message("Answer")),
    ]

    def __init__(self, document: str) -> None:
        super().__init__()
        self._document = document
        self._extract: Extract | None = None
        self._own: list[Entry] = []
        self._chosen: set[str] = set()
        self._about_it: frozenset[str] = frozenset()

    def content(self) -> ComposeResult:
        yield Words(id="extract-banner")
        columns = [Column("", 1), Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
        with Container(id="extract"):
            with Vertical(id="theirs-side"):
                yield Words(id="theirs-title")
                yield Listing(columns, self.paint, empty=text("Nothing."), id="theirs")
            with Vertical(id="own-side"):
                yield Words(id="own-title")
                yield Listing(columns, self.paint_own, empty=text("Nothing beside it."), id="own")
        yield Words(id="about-entry")
        yield Detail(id="detail")

    def on_mount(self) -> None:
        self.query_one("#theirs").focus()
        self.load("")

    @work(group="load")
    async def load(self, patient: str) -> None:
        """Read the extract; that it was read goes into the history."""
        found = await self.attempt(self.gateway.extract(self._document, patient))
        if found is None or found.line.patient is None:
            self.dismiss(None)
            return
        self.show(found)

    def show(self, found: Extract) -> None:
        """Show the extract, and beside it the own record where one belongs to it."""
        self._extract = found
        self._chosen = {one.entry.version for one in found.entries if one.proposed}
        own = found.own.entries if found.own else ()
        self._own = sorted(own, key=lambda entry: entry.date, reverse=True)
        self.query_one("#extract-banner", Words).say(*beside.banner(found))
        self.query_one("#own-title", Words).say(*beside.own_title(found))
        self._show_chosen()
        letter = found.line.letter  # above all else: it is what is to be read
        newest = sorted(found.entries, key=lambda one: (one.entry.id == letter, one.entry.date), reverse=True)
        self.query_one("#theirs", Listing).show(newest, keep=lambda one: one.entry.version)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a letter is answered."""
        return action != "answer" or (self._extract is not None and bool(self._extract.line.letter))

    def _show_chosen(self) -> None:
        if self._extract is not None:
            self.query_one("#theirs-title", Words).say(*beside.received_title(self._extract, self._chosen))
            self.query_one("#theirs", Listing).refresh()

    def paint(self, one: Beside) -> Sequence[Content]:
        """One entry received."""
        return beside.row(one, one.entry.version in self._chosen)

    def paint_own(self, entry: Entry) -> Sequence[Content]:
        """One own entry."""
        own = self._extract.own if self._extract is not None else None
        competing = own is not None and entry.id in own.competing
        return beside.own_row(entry, entry.version in self._about_it, competing)

    # --- looking ----------------------------------------------------------------------------------------------------

    @on(Listing.Moved, "#theirs")
    def _show_beside(self, event: Listing.Moved) -> None:
        """Put what the own record says about the same thing first."""
        one: Beside | None = event.item
        self._about_it = frozenset(entry.version for entry in one.own) if one else frozenset()
        first = [entry for entry in self._own if entry.version in self._about_it]
        rest = [entry for entry in self._own if entry.version not in self._about_it]
        self.query_one("#own", Listing).show(first + rest)
        if self._extract is not None:
            self.query_one("#about-entry", Words).say(*beside.told_of(self._extract.line, one))
        if event.listing.has_focus:
            self.query_one(Detail).show(beside.as_received(self._extract.line, one) if one and self._extract else None)

    @on(Listing.Moved, "#own")
    def _show_own(self, event: Listing.Moved) -> None:
        if event.listing.has_focus:
            self.query_one(Detail).show(event.item)

    @on(Listing.Chosen)
    def _switch_side(self, event: Listing.Chosen) -> None:
        self.query_one("#own" if event.listing.id == "theirs" else "#theirs").focus()

    # --- choosing ---------------------------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Choose the entry under the cursor, or leave it; what is here already is neither."""
        one: Beside | None = self.query_one("#theirs", Listing).item
        if one is not None and one.relation != "already-here":
            self._chosen ^= {one.entry.version}
            self._show_chosen()

    def action_choose_all(self) -> None:
        """Choose everything that is not here, or nothing."""
        if self._extract is not None:
            every = {one.entry.version for one in self._extract.entries if one.relation != "already-here"}
            self._chosen = set() if self._chosen == every else every
            self._show_chosen()

    # --- taking over ------------------------------------------------------------------------------------------------

    @work
    async def action_take(self) -> None:
        found = self._extract
        if found is None:
            return
        if found.own is None:
            words = text("Choose the patient first (O), or take it over into a new one (N).")
            self.building.tell(words, warning=True)
            return
        patient = found.own.patient
        words = text("Into the record of {name}, born {date}.").format(
            name=full_name(patient), date=shown_date(patient.birth_date)
        )
        await self._take(found, words, found.own.id, new=False)

    @work
    async def action_take_new(self) -> None:
        found = self._extract
        if found is None or found.line.patient is None:
            return
        words = text("A new patient is added: {name}, born {date}.").format(
            name=full_name(found.line.patient), date=shown_date(found.line.patient.birth_date)
        )
        if found.candidates:
            words += "\n" + text("Somebody here could be the same person: check before you add one twice.")
        await self._take(found, words, "", new=True, grave=bool(found.candidates))

    async def _take(self, found: Extract, words: str, patient: str, *, new: bool, grave: bool = False) -> None:
        chosen = frozenset(self._chosen)
        if not chosen:
            self.building.tell(text("Nothing is chosen: the space bar chooses an entry."), warning=True)
            return
        answers = [("take", text("Take over")), ("leave", text("Not now"))]
        words = f"{beside.asked(found, chosen)}\n{words}"
        grave = grave or (not new and bool(beside.doubtful_among(found, chosen)))
        question = Question(text("Take the entries over?"), words, answers, grave=grave)
        if await self.app.push_screen_wait(question) != "take":
            return
        done = await self.attempt(self.gateway.take(self._document, patient, new=new, only=chosen))
        if done is not None:
            self.building.renew_mail()
            self.load(done.patient)
            await self.app.push_screen_wait(Notice(text("Taken over"), beside.told(done)))

    @work
    async def action_answer(self) -> None:
        """Answer the letter, about the patient into whose record it was taken over."""
        begun = await self.attempt(self.gateway.begin_answer(self._document))
        if begun is None:
            return
        if not begun.patient:
            self.building.tell(text("Take the letter over first: an answer is about a patient of this practice."))
            return
        record = await self.attempt(self.gateway.open_record(begun.patient, "letter"))
        if record is not None:
            title = text("Answer: {title}").format(title=begun.title) if begun.title else ""
            letter = LetterRoom(record, begun.colleague, begun.name, title=title, answers=begun.letter)
            await self.app.push_screen_wait(letter)

    @work
    async def action_pick(self) -> None:
        patient = await self.app.push_screen_wait(PickPatient())
        if patient:
            self.load(patient)
