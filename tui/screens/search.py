"""The first screen: a patient by a few letters of the name, the birth date or the INS."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from localstore.identities import datamatrix
from localstore.model import PatientSummary
from localstore.roles import Right
from tui import vocabulary
from tui.dates import age, shown_date
from tui.reading import full_name, told_death
from tui.screens.archive import ArchiveRoom
from tui.screens.importing import Importing
from tui.screens.patient import PatientForm
from tui.screens.question import Asked
from tui.screens.record import RecordRoom
from tui.screens.room import Room
from tui.screens.scan import NEW, ScanQuestion, chosen
from tui.values import Found
from tui.widgets.banner import grouped_ins
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message

COLUMNS = (
    Column(message("Patient")),
    Column(message("Sex"), 5),
    Column(message("Born"), 11),
    Column(message("Age"), 27),
    Column("INS", 22, from_width=110),
)


class Search(Room[None]):
    """Typing filters at once; arrows and Enter open a record."""

    BINDINGS = [
        Binding("ctrl+n", "new_patient", message("New patient")),
        Binding("ctrl+o", "import_files", message("Import")),
        Binding("f3", "archive", message("The archive"), show=False),
        Binding("f4", "emergency", message("Open in an emergency"), show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found = Found("", (), False, 0, frozenset())

    def content(self) -> ComposeResult:
        with Vertical(id="search-box"):
            yield Line(placeholder=text("Name, first name, birth date or INS"), id="query")
        yield Words(id="homonyms")
        listing: Listing[PatientSummary] = Listing(
            [column._replace(title=text(column.title)) for column in COLUMNS], self.paint, id="patients"
        )
        listing.can_focus = False
        yield listing
        yield Words(id="count")

    def on_mount(self) -> None:
        self.query_one("#query").focus()
        self.look()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.look()

    @property
    def listing(self) -> Listing[PatientSummary]:
        """The patients found."""
        return self.query_one("#patients", Listing)

    @on(Line.Changed, "#query")
    def typed(self) -> None:
        """Search again with every letter; a Data Matrix is read once it is whole."""
        if not datamatrix.is_matrix(self.query_one("#query", Line).value):
            self.look()

    @work(group="search")
    async def look(self) -> None:
        """Ask for what is typed now; an answer that comes too late is dropped."""
        field = self.query_one("#query", Line)
        found = await self.attempt(self.gateway.search(field.value))
        if found is not None and found.query == field.value:
            self.show(found)

    def show(self, found: Found) -> None:
        """List what was found."""
        self._found = found
        self.listing.say_empty(_nothing(found))
        self.listing.show(found.patients, keep=lambda patient: patient.id)
        homonyms = self.query_one("#homonyms", Words)
        homonyms.display = bool(found.confusable)
        if found.confusable:
            words = text("Some of these patients could be confused: compare the birth dates.")
            homonyms.say((f" ▲ {words} ", "bold"))
        self.query_one("#count", Words).say((_count(found), "$text-muted"))

    def paint(self, patient: PatientSummary) -> list[Content]:
        """One patient's line."""
        confusable = patient.id in self._found.confusable
        name = (full_name(patient), "bold $text-warning" if confusable else "bold")
        return [
            shown("▲ " if confusable else "", name),
            shown(vocabulary.word(vocabulary.SEX, patient.sex)),
            shown(shown_date(patient.birth_date)),
            shown((self._age(patient), "$text-muted")),
            shown((grouped_ins(patient.ins), "$text-muted")),
        ]

    def _age(self, patient: PatientSummary) -> str:
        """The age; of somebody who died, that he did, and at which age where that is known."""
        died = self._found.deceased.get(patient.id)
        return age(patient.birth_date, self.gateway.today()) if died is None else told_death(patient.birth_date, died)

    @on(Line.Submitted, "#query")
    def choose(self) -> None:
        """Enter opens the patient under the cursor; readers end a Data Matrix with it."""
        field = self.query_one("#query", Line)
        if datamatrix.is_matrix(field.value):
            self.scan(field.value)
            field.clear()
        else:
            self.listing.action_choose()

    @work(exclusive=True, group="scan")
    async def scan(self, matrix: str) -> None:
        """Read a Data Matrix, and go to whom it is of: to the record, or to the identity where that says otherwise."""
        found = await self.attempt(self.gateway.scan(matrix))
        if found is None:
            return
        answer = await self.app.push_screen_wait(ScanQuestion(found))
        place = chosen(answer)
        if answer == NEW:
            await self._open_saved(PatientForm(scanned=found.body))
        elif place is not None:
            known = await self.attempt(self.gateway.renew_record(found.similar[place].patient.id))
            if known is not None and datamatrix.onto(known.patient, found.body) == known.patient:
                await self.app.push_screen(RecordRoom(known.id))
            elif known is not None:
                await self._open_saved(PatientForm(known, found.body))

    async def _open_saved(self, form: PatientForm) -> None:
        """Open the record of the patient whom a form saved."""
        saved = await self.app.push_screen_wait(form)
        if saved:
            await self.app.push_screen(RecordRoom(saved))

    @on(Listing.Chosen, "#patients")
    def open_patient(self, event: Listing.Chosen) -> None:
        """Open a record."""
        self.app.push_screen(RecordRoom(event.item.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the role does not allow is not offered."""
        return self.may({"import_files": Right.WRITE, "emergency": Right.READ}.get(action, Right.EVERYBODY))

    @work
    async def action_emergency(self) -> None:
        """Open the patient under the cursor, and write down why."""
        patient = self.listing.item
        if patient is None:
            return
        title = text("Emergency: {name}").format(name=full_name(patient))
        why = await self.app.push_screen_wait(Asked(title, text("Why? It goes into the history of the record.")))
        if why is not None:
            self.app.push_screen(RecordRoom(patient.id, why))

    def action_move(self, by: int) -> None:
        self.listing.action_move(by)

    def action_page(self, direction: int) -> None:
        self.listing.action_page(direction)

    def action_leave(self) -> None:
        """Begin a new search."""
        self.query_one("#query", Line).clear()

    @work
    async def action_new_patient(self) -> None:
        made = await self.app.push_screen_wait(PatientForm())
        if made:
            self.query_one("#query", Line).clear()
            await self.app.push_screen(RecordRoom(made))

    def action_archive(self) -> None:
        if self.may(Right.READ):
            self.app.push_screen(ArchiveRoom())

    def action_import_files(self) -> None:
        self.app.push_screen(Importing())


def _count(found: Found) -> str:
    if found.more:
        return text("The first {n} of more: type more letters. {total} patients in all.").format(
            n=len(found.patients), total=found.total
        )
    if found.query.strip():
        words = texts("{n} patient found, {total} in all.", "{n} patients found, {total} in all.", len(found.patients))
        return words.format(n=len(found.patients), total=found.total)
    return texts("{n} patient.", "{n} patients.", found.total).format(n=found.total)


def _nothing(found: Found) -> str:
    if found.total:
        return text("Nobody is found. Fewer letters find more; Ctrl+N adds a patient.")
    return text("No patient yet. Ctrl+N adds one, Ctrl+O imports a FHIR file, a folder or an archive.")
