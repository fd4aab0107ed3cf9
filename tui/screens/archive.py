"""The records that are not in use any more: what belongs into the archive, what is in it, what is due for erasure."""

from collections.abc import Awaitable, Callable, Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from localstore.model import Entry
from localstore.roles import Right
from tui.dates import shown_date
from tui.reading import full_name
from tui.rights_words import STATES
from tui.screens.erasing import Erasing, archiving_of
from tui.screens.question import Asked
from tui.screens.room import Room
from tui.values_rights import KeptLine
from tui.widgets.detail import Detail
from tui.widgets.entries import line
from tui.widgets.fields import Choice
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

Doing = Callable[[str], Awaitable[None]]

GOVERNED = frozenset({"archive", "erase"})


class ArchiveRoom(Room[None]):
    """Who is in the archive, and who belongs there."""

    BINDINGS = [
        Binding("a", "archive", message("Archive")),
        Binding("u", "bring_back", message("Bring back")),
        Binding("x", "erase", message("Erase")),
        Binding("f", "filter(1)", message("Filter")),
        Binding("F", "filter(-1)", show=False),
    ]

    def content(self) -> ComposeResult:
        yield Words((text("The archive"), "bold $primary"), classes="page-title")
        states = [(code, text(words)) for code, words in STATES.items() if code != "active"]
        yield Choice([("", text("Not in use any more")), *states], id="filter")
        columns = [
            Column(text("Name")),
            Column(text("Born"), 11),
            Column(text("State"), 18),
            Column(text("Last care"), 11),
            Column(text("Kept until"), 11),
        ]
        yield Listing(columns, self.paint, empty=text("Nobody."), id="kept")

    def on_mount(self) -> None:
        self.query_one("#filter", Choice).can_focus = False
        self.listing.focus()
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a doctor archives and erases."""
        return action not in GOVERNED or self.may(Right.GOVERN)

    @property
    def listing(self) -> Listing[KeptLine]:
        """The records."""
        return self.query_one("#kept", Listing)

    @on(Choice.Changed)
    def filtered(self) -> None:
        """Other ones."""
        self.load()

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask which records these are."""
        found = await self.attempt(self.gateway.keeping(self.query_one("#filter", Choice).value))
        if found is not None:
            self.listing.show(found, keep=lambda one: one.patient.id)

    def paint(self, one: KeptLine) -> Sequence[Content]:
        """One record."""
        return [
            shown((full_name(one.patient), "bold")),
            shown(shown_date(one.patient.birth_date)),
            shown((text(STATES[one.state]), "$text-muted")),
            shown(shown_date(one.last_care)),
            shown(shown_date(one.kept_until)),
        ]

    def action_filter(self, by: int) -> None:
        choice = self.query_one("#filter", Choice)
        choice.chosen = (choice.chosen + by) % len(choice.choices)

    # --- one record -------------------------------------------------------------------------------------------------

    @on(Listing.Chosen, "#kept")
    @work
    async def read(self, event: Listing.Chosen) -> None:
        """An archived record, with a reason."""
        one: KeptLine = event.item
        words = text("Why is it read? The reason goes into the history.")
        why = await self.app.push_screen_wait(Asked(full_name(one.patient), words))
        if not why:
            return
        entries = await self.attempt(self.gateway.read_archived(one.patient.id, why))
        if entries is not None:
            self.app.push_screen(ArchivedRecord(one, entries))

    @work
    async def action_archive(self) -> None:
        one = self.listing.item
        if one is not None and await self.app.push_screen_wait(archiving_of(one.patient)) == "archive":
            await self.attempt(self._do(self.gateway.archive, one))

    @work
    async def action_bring_back(self) -> None:
        if self.listing.item is not None:
            await self.attempt(self._do(self.gateway.bring_back, self.listing.item))

    async def _do(self, what: Doing, one: KeptLine) -> None:
        await what(one.patient.id)
        self.building.tell(text("Done."))
        self.load()

    @work
    async def action_erase(self) -> None:
        one = self.listing.item
        if one is not None and await self.app.push_screen_wait(Erasing(one.patient)):
            self.load()


class ArchivedRecord(Room[None]):
    """An archived record as it stands: reading only."""

    def __init__(self, one: KeptLine, entries: list[Entry]) -> None:
        super().__init__()
        self._one, self._entries = one, entries

    def content(self) -> ComposeResult:
        title = text("Archived record of {name}, born {date}: reading only")
        born = shown_date(self._one.patient.birth_date)
        said = title.format(name=full_name(self._one.patient), date=born)
        yield Words((said, "bold $text-warning"), classes="page-title")
        columns = [Column(text("Date"), 11), Column(text("Kind"), 13), Column(text("Entry"))]
        yield Listing(columns, self.paint, id="entries")
        yield Detail(id="detail")

    def on_mount(self) -> None:
        listing = self.query_one("#entries", Listing)
        listing.show(sorted(self._entries, key=lambda entry: entry.date, reverse=True))
        listing.focus()

    def paint(self, entry: Entry) -> Sequence[Content]:
        """One entry's line."""
        return line(entry, False)

    @on(Listing.Moved, "#entries")
    def _show_detail(self, event: Listing.Moved) -> None:
        self.query_one(Detail).show(event.item)
