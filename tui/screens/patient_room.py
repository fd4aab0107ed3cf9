"""What every screen of one patient shares: the banner, and adding what must never wait."""

from typing import TypeVar

from textual import work
from textual.binding import Binding

from localstore.model import Kind
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

    def show_record(self, record: Record) -> None:
        """Show whose record this is, and what must never be out of sight."""
        self.record = record
        for banner in self.query(Banner):
            banner.show(record)
        for panels in self.query(Essentials):
            panels.show(record)
        for lines in self.query(EssentialLines):
            lines.show(record)

    @work(group="record")
    async def renew(self) -> None:
        """Read the record again."""
        record = await self.attempt(self.gateway.renew_record(self.patient))
        if record is not None:
            self.show_record(record)

    @work
    async def action_add(self, kind: str) -> None:
        await self.add_of(Kind(kind))

    @work
    async def action_choose_kind(self) -> None:
        kind = await self.app.push_screen_wait(Chooser())
        if kind is not None:
            await self.add_of(kind)

    async def add_of(self, kind: Kind) -> None:
        """Add an entry of a kind, on its own form; then read the record again."""
        if self.record is None:
            return
        form = AddVitals(self.record) if kind is Kind.MEASUREMENT else AddEntry(self.record, kind)
        if await self.app.push_screen_wait(form):
            self.renew()
