"""One entry in full, with its versions; from here it is corrected, or marked as entered in error."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from localstore.bodies import ConsultationBody
from localstore.kinds import Kind, Status
from localstore.model import Entry
from tui import cautions
from tui.dates import shown_moment
from tui.forms import FORMS
from tui.reading import title
from tui.screens.add import AddEntry
from tui.screens.consultation import ConsultationRoom
from tui.screens.document import DocumentRoom, proposed_name
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Asked
from tui.screens.room import Room
from tui.screens.settle import Settle
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.detail import Detail
from tui.widgets.entries import line
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message


class EntryRoom(PatientRoom[bool]):
    """True once something was changed."""

    BINDINGS = [
        Binding("e", "amend", message("Correct")),
        Binding("r", "retract", message("Entered in error")),
        Binding("o", "open_file", message("Open the file")),
        Binding("w", "save_file", message("Save the file")),
        Binding("v", "settle", message("Settle the versions")),
    ]

    def __init__(self, record: Record, entry: Entry) -> None:
        super().__init__(record.id, record)
        self._entry = entry

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Detail(classes="page")
        yield Words(id="overridden")
        yield Words((text("Versions"), "$text-muted"), id="versions-title")
        columns = [Column(text("Recorded"), 17), Column(text("Author"), 26), Column(text("Entry"))]
        yield Listing(columns, self.paint, with_titles=False, id="versions")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self._show(self._entry)
        self.load_versions()

    def _show(self, entry: Entry) -> None:
        self.query_one(Detail).show(entry, competing=entry.id in self.opened.competing)

    @work
    async def load_versions(self) -> None:
        """List the versions, where there is more than one; the newest first."""
        found = await self.attempt(self.gateway.versions(self._entry.id)) or []
        several = len(found) > 1
        self.query_one("#versions-title").display = several
        listing: Listing[Entry] = self.query_one("#versions", Listing)
        listing.display = several
        newest = list(reversed(found))
        listing.show(newest)
        if several:
            listing.cursor = next((at for at, one in enumerate(newest) if one.version == self._entry.version), 0)
            listing.focus()

        await self._show_overridden()

    async def _show_overridden(self) -> None:
        """The warnings that were overridden when it was written, with the reasons."""
        lines = await self.attempt(self.gateway.overridden(self._entry)) if self._entry.patient else None
        told = [
            f"{shown_moment(line.at)} · {line.who} · {text('warning overridden')} : {cautions.overridden(line.detail)}"
            for line in lines or ()
        ]
        words = self.query_one("#overridden", Words)
        words.display = bool(told)
        words.say(("\n".join(told), "$text-warning"))

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One version."""
        return [shown((shown_moment(entry.recorded), "$text-muted")), shown(entry.author.name), line(entry, False)[2]]

    @on(Listing.Moved, "#versions")
    def _show_version(self, event: Listing.Moved) -> None:
        if event.item is not None:
            self._show(event.item)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What was entered in error stays as it is; what has no form is not corrected here."""
        if action == "amend":
            return self._entry.status is Status.FINAL and self._has_form()
        if action == "settle":
            return len(self._standing) > 1
        if action in ("open_file", "save_file"):
            return getattr(self._entry.body, "attachment", None) is not None
        return action != "retract" or self._entry.status is Status.FINAL

    @property
    def _standing(self) -> list[Entry]:
        """The versions of this entry that stand: more than one where they compete."""
        return [one for one in self.opened.entries if one.id == self._entry.id]

    @work
    async def action_settle(self) -> None:
        """Which of the versions that compete stands."""
        if await self.app.push_screen_wait(Settle(self.opened, self._standing)):
            self.dismiss(True)

    def _has_form(self) -> bool:
        return isinstance(self._entry.body, ConsultationBody) or self._entry.kind in FORMS

    @work
    async def action_amend(self) -> None:
        kind = self._entry.kind
        if kind is Kind.CONSULTATION:
            changed = await self._on_its_form(ConsultationRoom(self.opened, entry=self._entry))
        else:
            changed = await self._on_its_form(AddEntry(self.opened, kind, self._entry))
        if changed:
            self.dismiss(True)

    async def _on_its_form(self, form: Room[bool]) -> bool:
        return await self.app.push_screen_wait(form) is True

    def action_open_file(self) -> None:
        self.app.push_screen(DocumentRoom(self.opened, self._entry))

    @work
    async def action_save_file(self) -> None:
        words = text("What is written is not encrypted: whoever finds the file can read it.")
        proposed = f"~/{proposed_name(self._entry)}"
        typed = await self.app.push_screen_wait(Asked(text("Save the file"), words, value=proposed))
        written = await self.attempt(self.gateway.save_file(self._entry.version, typed)) if typed else None
        if written:
            self.building.tell(text("Written: {file}").format(file=written))

    @work
    async def action_retract(self) -> None:
        asked = Asked(
            text("Entered in error"),
            text("“{what}” stays in the record, struck out. Why is it wrong?").format(what=title(self._entry)),
            placeholder=text("for instance: another patient"),
        )
        reason = await self.app.push_screen_wait(asked)
        if reason and await self.attempt(self.gateway.retract(self._entry.version, reason)) is not None:
            self.dismiss(True)
