"""What every screen of one patient shares: the banner, and adding what must never wait."""

from typing import TypeVar

from textual import work
from textual.binding import Binding

from localstore.kinds import Kind
from tui.screens.add import AddEntry, Chooser
from tui.screens.room import Room
from tui.screens.vitals import AddVitals
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines, Essentials
from tui.words.marking import message

Result = TypeVar("Result")


class PatientRoom(Room[Result]):
    """A screen about one patient."""

    BINDINGS = [
        Binding("f2", "add('allergy')", message("Allergy"), show=False),
        Binding("f3", "add('problem')", message("Problem"), show=False),
        Binding("f4", "add('medication')", message("Medicine"), show=False),
        Binding("f5", "add('measurement')", message("Vital signs"), show=False),
        Binding("f6", "choose_kind", message("Another entry"), show=False),
    ]

    def __init__(self, patient: str, record: Record | None = None) -> None:
        super().__init__()
        self.patient = patient
        self.record = record

    @property
    def opened(self) -> Record:
        """The record, where the screen was opened on one."""
        if self.record is None:
            raise RuntimeError("the record has not been read yet")
        return self.record

    def show_record(self, record: Record) -> None:
        """Show whose record this is, and what must never be out of sight."""
        self.record = record
        for banner in self.query(Banner):
            banner.show(record)
        for panels in self.query(Essentials):
            panels.show(record)
        for lines in self.query(EssentialLines):
            lines.show(record)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.record is not None:
            self.renew()

    @work(group="record")
    async def renew(self) -> None:
        """Read the record again."""
        record = await self.attempt(self.gateway.renew_record(self.patient))
        if record is not None:
            self.show_record(record)

    def action_add(self, kind: str) -> None:
        self.add_of(Kind(kind), vital_signs=Kind(kind) is Kind.MEASUREMENT)

    @work
    async def action_choose_kind(self) -> None:
        chosen = await self.app.push_screen_wait(Chooser())
        if chosen is not None:
            self.add_of(chosen.kind, vital_signs=chosen.vital_signs)

    def add_of(self, kind: Kind, *, vital_signs: bool = False) -> None:
        """Add an entry of a kind, on its own form; coming back reads the record again."""
        if self.record is not None:
            self.app.push_screen(AddVitals(self.record) if vital_signs else AddEntry(self.record, kind))
