"""A consultation: why, what was found, what it means, what is planned, and the vital signs. Saving signs it."""

from typing import TypeAlias

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll

from localstore.bodies import Body, ConsultationBody
from localstore.kinds import Kind
from localstore.model import Entry
from tui import cautions, drafts, filling, vitals
from tui.forms import DATE, FIELDS
from tui.screens.caution import heed
from tui.screens.patient_room import PatientRoom
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
                yield Words(id="due")
                yield Form(FIELDS[Kind.CONSULTATION], self._begin())
                if self._entry is None:
                    yield VitalsGrid()

    def _begin(self) -> dict[str, str]:
        texts = filling.texts_of(Kind.CONSULTATION, self._body, self._date)
        return texts | {DATE: self._draft[1].date} if self._draft else texts

    @property
    def _date(self) -> str:
        return self._entry.date if self._entry else self._begun.today

    def _filled(self) -> filling.Filled:
        """What was typed, understood: over the consultation being corrected, or over nothing."""
        before = self._body if self._entry else ConsultationBody()
        typed = self.query_one(Form).typed
        return filling.fill_in(Kind.CONSULTATION, typed, self._begun.today, before, self._date)

    def on_mount(self) -> None:
        self.show_record(self._begun)
        form = self.query_one(Form)
        form.field("reason").focus()
        if self._draft:
            self.query_one(VitalsGrid).fill(self._draft[1].vitals)
        self.query_one("#due").display = False
        if self._entry is None:
            self.show_due()

    @work
    async def show_due(self) -> None:
        """The values that what the patient has and takes asks for, and that are old."""
        found = await self.attempt(self.gateway.due(self.patient))
        words = self.query_one("#due", Words)
        words.display = bool(found)
        words.say(("\n".join(cautions.told(one) for one in found or ()), "$text-warning"))

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
        body = msgspec.structs.replace(_typed(self._filled()), end=typed["end"])  # also where it is no date yet
        draft = drafts.Draft(body, self._vitals, typed[DATE])
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
        filled = self._filled()
        self.query_one(Form).refuse(filled.refused)
        if filled.refused or any(grid.refuse() for grid in self.query(VitalsGrid)):
            return
        body = _typed(filled)
        if body == ConsultationBody() and not self._vitals:
            self.building.tell(text("Nothing was typed yet."), warning=True)
            return
        new = self._new(body, filled.date)
        found = await self.attempt(self.gateway.cautions(self.patient, new, self._entry.id if self._entry else ""))
        if found is None or await heed(self, found, filled.doubts) is None:
            return
        if await self._write(body, filled.date, new):
            self.building.tell(text("Signed and saved."))
            self.dismiss(True)

    def _new(self, body: ConsultationBody, date: str) -> list[NewEntry]:
        """The consultation, where anything was typed, and the measurements."""
        bodies: list[Body] = [body] if self._entry or body != ConsultationBody() else []
        bodies += vitals.measurements(self._vitals)
        return [NewEntry(one, date) for one in bodies]

    async def _write(self, body: ConsultationBody, date: str, new: list[NewEntry]) -> bool:
        if self._entry:
            return await self.attempt(self.gateway.amend(self._entry.version, body, date)) is not None
        if await self.attempt(self.gateway.add(self.patient, new)) is None:
            return False
        await self._drop_draft()
        return True


def _body_of(entry: Entry | None, draft: Waiting | None) -> ConsultationBody:
    if draft:
        return draft[1].body
    if entry and isinstance(entry.body, ConsultationBody):
        return entry.body
    return ConsultationBody()


def _typed(filled: filling.Filled) -> ConsultationBody:
    return filled.body if isinstance(filled.body, ConsultationBody) else ConsultationBody()
