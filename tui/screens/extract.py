"""An extract beside the own record of the same patient: read, compared, taken over or not."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from localstore.model import Entry
from tui import vocabulary
from tui.dates import shown_date, shown_moment
from tui.reading import full_name
from tui.scope import told_scope
from tui.screens.pick import PickPatient
from tui.screens.question import Notice, Question
from tui.screens.room import Room
from tui.values import Extract, Takeover
from tui.widgets.banner import cut
from tui.widgets.detail import Detail
from tui.widgets.entries import line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class ExtractRoom(Room[None]):
    """One extract that arrived."""

    BINDINGS = [
        Binding("t", "take", message("Take over")),
        Binding("n", "take_new", message("Into a new patient")),
        Binding("o", "pick", message("Beside another patient")),
    ]

    def __init__(self, document: str) -> None:
        super().__init__()
        self._document = document
        self._extract: Extract | None = None

    def content(self) -> ComposeResult:
        yield Words(id="extract-banner")
        columns = [Column("", 1), Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
        with Container(id="extract"):
            with Vertical(id="theirs-side"):
                yield Words(id="theirs-title")
                yield Listing(columns, self.paint, empty=text("Nothing."), id="theirs")
            with Vertical(id="own-side"):
                yield Words(id="own-title")
                yield Listing(columns[1:], self.paint_own, empty=text("Nothing beside it."), id="own")
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
        self.query_one("#extract-banner", Words).say(*_banner(found))
        count = len(found.line.entries)
        words = texts("{n} entry received", "{n} entries received", count).format(n=count)
        here = len(found.known)
        already = text("{n} of them here already").format(n=here) if here else ""
        self.query_one("#theirs-title", Words).say((words, "bold"), (f"  {already}", "$text-muted"))
        self.query_one("#own-title", Words).say(*_own_title(found))
        newest = sorted(found.line.entries, key=lambda entry: entry.date, reverse=True)
        self.query_one("#theirs", Listing).show(newest, keep=lambda entry: entry.version)
        own = sorted(found.own.entries, key=lambda entry: entry.date, reverse=True) if found.own else []
        self.query_one("#own", Listing).show(own, keep=lambda entry: entry.version)

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One entry received; a tick where it is here already."""
        here = self._extract is not None and entry.version in self._extract.known
        return [shown(("✓" if here else "", "$text-success")), *line(entry, False)]

    def paint_own(self, entry: Entry) -> Sequence[Content]:
        """One own entry."""
        competing = (
            self._extract is not None and self._extract.own is not None and entry.id in self._extract.own.competing
        )
        return line(entry, competing)

    @on(Listing.Moved)
    def _show_detail(self, event: Listing.Moved) -> None:
        if event.listing.has_focus:
            self.query_one(Detail).show(event.item)

    @on(Listing.Chosen)
    def _switch_side(self, event: Listing.Chosen) -> None:
        self.query_one("#own" if event.listing.id == "theirs" else "#theirs").focus()

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
        await self._take(words, found.own.id, new=False)

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
        await self._take(words, "", new=True, grave=bool(found.candidates))

    async def _take(self, words: str, patient: str, *, new: bool, grave: bool = False) -> None:
        answers = [("take", text("Take over")), ("leave", text("Not now"))]
        question = Question(text("Take the entries over?"), words, answers, grave=grave)
        if await self.app.push_screen_wait(question) != "take":
            return
        done = await self.attempt(self.gateway.take(self._document, patient, new=new))
        if done is not None:
            self.building.renew_mail()
            self.load(done.patient)
            await self.app.push_screen_wait(Notice(text("Taken over"), _told(done)))

    @work
    async def action_pick(self) -> None:
        patient = await self.app.push_screen_wait(PickPatient())
        if patient:
            self.load(patient)


def _banner(found: Extract) -> list[Part]:
    one = found.line
    assert one.patient is not None and one.scope is not None  # noqa: S101 - checked when it was loaded
    state = vocabulary.word(vocabulary.RECEIVED_STATE, one.state)
    return [
        (cut(full_name(one.patient)), "bold"),
        f"  {cut(vocabulary.word(vocabulary.SEX, one.patient.sex))}  {cut(shown_date(one.patient.birth_date))}",
        (f"  {state}", "$text-accent"),
        "\n",
        text("From {name}, as of {moment}. {purpose}").format(
            name=cut(one.colleague), moment=shown_moment(one.as_of), purpose=cut(one.scope.purpose, 120)
        ),
        "\n",
        (text("Partial: only {scope}.").format(scope=told_scope(one.scope)), "$text-warning"),
    ]


def _own_title(found: Extract) -> list[Part]:
    if found.own is not None:
        name = full_name(found.own.patient)
        born = shown_date(found.own.patient.birth_date)
        return [(text("Own record"), "bold"), (f"  {name}  {born}", "$text-muted")]
    if found.candidates:
        said = texts(
            "{n} patient could be meant: O chooses.", "{n} patients could be meant: O chooses.", len(found.candidates)
        )
        return [(said.format(n=len(found.candidates)), "$text-warning")]
    return [(text("No own patient matches: N adds one, O chooses one."), "$text-warning")]


def _told(done: Takeover) -> str:
    lines = [
        texts(
            "{n} entry was added, with its author.", "{n} entries were added, with their authors.", done.added
        ).format(n=done.added)
    ]
    if done.already_here:
        lines.append(
            texts("{n} was here already.", "{n} were here already.", done.already_here).format(n=done.already_here)
        )
    if done.competing:
        words = texts(
            "{n} now stands beside a version of your own: both are shown.",
            "{n} now stand beside versions of your own: both are shown.",
            done.competing,
        )
        lines.append(words.format(n=done.competing))
    return "\n".join(lines)
