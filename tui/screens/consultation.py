"""A consultation: why, what was found, what it means, what is planned, and the vital signs. Saving signs it."""

from typing import TypeAlias

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll

from localstore.bodies import Body, ConsultationBody
from localstore.model import Entry
from tui import drafts, vitals
from tui.dates import is_after, shown_date, typed_date
from tui.display import safe
from tui.forms import Field, Shape
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Question
from tui.values import NewEntry, Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines, Essentials
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.vitals_grid import VitalsGrid
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

Waiting: TypeAlias = tuple[Entry, drafts.Draft]

DATE = "date"
FIELDS = (
    Field("reason", message("Reason")),
    Field("findings", message("Findings"), Shape.LINES),
    Field("conclusion", message("Conclusion"), Shape.LINES),
    Field("plan", message("Plan"), Shape.LINES),
    Field(DATE, message("Date"), Shape.DATE),
)


class ConsultationRoom(PatientRoom[bool]):
    """True once the consultation was signed."""

    BINDINGS = [
        Binding("ctrl+s", "save", message("Sign and save")),
        Binding("f2", "add('allergy')", message("Allergy")),
        Binding("f3", "add('problem')", message("Problem")),
        Binding("f4", "add('medication')", message("Medicine")),
    ]

    def __init__(self, record: Record, *, entry: Entry | None = None, draft: Waiting | None = None) -> None:
        """`entry` is the consultation to correct, `draft` the unsigned one to go on with."""
        super().__init__(record.id, record)
        self._begun = record
        self._entry, self._draft = entry, draft
        self._body = _body_of(entry, draft)

    def content(self) -> ComposeResult:
        heading = text("Correct the consultation") if self._entry else text("Consultation")
        yield Banner()
        yield EssentialLines(classes="essential-lines -when-narrow")
        with Container(id="consultation"):
            yield Essentials(id="essentials")
            with VerticalScroll(id="writing", can_focus=False):
                yield Words((heading, "bold $primary"), classes="page-title")
                yield Form(FIELDS, self._begin())
                if self._entry is None:
                    yield VitalsGrid()

    def _begin(self) -> dict[str, str]:
        date = self._begun.today
        if self._entry:
            date = self._entry.date
        texts = {field.name: getattr(self._body, field.name) for field in FIELDS if field.name != DATE}
        return texts | {DATE: self._draft[1].date if self._draft else shown_date(date)}

    def on_mount(self) -> None:
        self.show_record(self._begun)
        form = self.query_one(Form)
        form.field("reason").focus()
        if self._draft:
            self.query_one(VitalsGrid).fill(self._draft[1].vitals)

    @property
    def unsaved(self) -> bool:
        """Whether something was typed that is kept nowhere."""
        kept = self._draft[1].vitals if self._draft else {}
        return self.query_one(Form).is_changed or self._vitals != {name: one for name, one in kept.items() if one}

    @property
    def _vitals(self) -> dict[str, str]:
        found = self.query(VitalsGrid)
        return {name: said for name, said in found.first().typed.items() if said.strip()} if found else {}

    async def keep(self) -> None:
        """Keep an unsigned consultation as a draft, in the place of the one it went on with."""
        typed = self.query_one(Form).typed
        draft = drafts.Draft(_typed_body(ConsultationBody(), typed), self._vitals, typed[DATE])
        if not draft.is_empty and await self.attempt(self.gateway.keep_draft(self.patient, draft)) is not None:
            await self._drop_draft()

    async def _drop_draft(self) -> None:
        if self._draft:
            await self.attempt(self.gateway.retract(self._draft[0].version, text("The consultation was written on.")))

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    @work
    async def action_save(self) -> None:
        """Sign and save everything together; ask about what is unlikely."""
        form = self.query_one(Form)
        typed = form.typed
        date = (
            self._entry.date if self._entry and typed[DATE] == shown_date(self._entry.date) else typed_date(typed[DATE])
        )
        form.refuse({} if date is not None else {DATE: text("This is not a date.")})
        if date is None or any(grid.refuse() for grid in self.query(VitalsGrid)):
            return
        body = _typed_body(self._body if self._entry else ConsultationBody(), typed)
        if body == ConsultationBody() and not self._vitals:
            self.building.tell(text("Nothing was typed yet."), warning=True)
            return
        asked = vitals.doubts(self._vitals)
        if is_after(date, self._begun.today):
            asked.append(text("The date lies in the future."))
        if asked and not await self._confirm(asked):
            return
        if await self._write(body, date):
            self.building.tell(text("Signed and saved."))
            self.dismiss(True)

    async def _write(self, body: ConsultationBody, date: str) -> bool:
        if self._entry:
            return await self.attempt(self.gateway.amend(self._entry.version, body, date)) is not None
        bodies: list[Body] = [body] if body != ConsultationBody() else []
        bodies += vitals.measurements(self._vitals)
        new = [NewEntry(one, date) for one in bodies]
        if await self.attempt(self.gateway.add(self.patient, new)) is None:
            return False
        await self._drop_draft()
        return True

    async def _confirm(self, asked: list[str]) -> bool:
        answers = [("mend", text("Look again")), ("keep", text("Save all the same"))]
        return await self.app.push_screen_wait(Question(text("Is this right?"), "\n".join(asked), answers)) == "keep"


def _body_of(entry: Entry | None, draft: Waiting | None) -> ConsultationBody:
    if draft:
        return draft[1].body
    if entry and isinstance(entry.body, ConsultationBody):
        return entry.body
    return ConsultationBody()


def _typed_body(before: ConsultationBody, typed: dict[str, str]) -> ConsultationBody:
    held = {
        field.name: (getattr(before, field.name), field.shape is Shape.LINES) for field in FIELDS if field.name != DATE
    }
    # What was shown made safe and left as it was keeps what the record holds, byte for byte.
    changed = {
        name: typed[name].strip() for name, (raw, lines) in held.items() if typed[name] != safe(raw, lines=lines)
    }
    return msgspec.structs.replace(before, **changed)
