"""Relatives and the care team of a patient: opening the record of a relative, linking one, naming a colleague."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from localstore.bodies import CarerBody
from localstore.kinds import Kind, Status
from localstore.model import Entry
from tui.dates import shown_date
from tui.reading import beside, full_name, title
from tui.screens.add import AddEntry
from tui.screens.dialog import Dialog
from tui.screens.entry import EntryRoom
from tui.screens.patient_room import PatientRoom
from tui.screens.pick import PickPatient
from tui.screens.question import Asked, Question
from tui.values import Record
from tui.values_agenda import ColleagueName, RelativeLine
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

Line = RelativeLine | Entry  # a relative, or a member of the care team


class PickColleague(Dialog[ColleagueName]):
    """Gives a colleague of the address book, or None."""

    def __init__(self, known: Sequence[ColleagueName]) -> None:
        super().__init__()
        self._known = known

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(text("Which colleague?"), classes="dialog-title")
            columns = [Column(text("Name")), Column("RPPS", 12)]
            yield Listing(columns, self.paint, empty=text("No colleague is known here yet."), id="known")

    def on_mount(self) -> None:
        listing: Listing[ColleagueName] = self.query_one("#known", Listing)
        listing.show(self._known)
        listing.focus()

    def paint(self, one: ColleagueName) -> Sequence[Content]:
        """One colleague."""
        return [shown((one.name, "bold")), shown((one.rpps, "$text-muted"))]

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """The one under the cursor."""
        self.dismiss(event.item)


class Family(PatientRoom[str]):
    """Gives the identifier of the patient whose record is to be opened, or None."""

    BINDINGS = [
        Binding("l", "link", message("Link a patient")),
        Binding("r", "add_of('relative')", message("Relative")),
        Binding("c", "name_colleague", message("Colleague")),
        Binding("k", "add_of('carer')", message("Other carer")),
        Binding("e", "show_entry", message("The entry")),
    ]

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("Family and care team"), "bold $primary"), classes="page-title")
        columns = [
            Column(text("Name")),
            Column(text("Relationship or role"), 24),
            Column(text("Telephone"), 16, from_width=90),
            Column(text("His record here")),
        ]
        yield Listing(columns, self.paint, empty=text("Nobody is named yet."), id="people")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one("#people").focus()

    def show_record(self, record: Record) -> None:
        """The record was read again: so are those in it."""
        super().show_record(record)
        self.load()

    @property
    def listing(self) -> Listing[Line]:
        """Relatives, then the care team."""
        return self.query_one("#people", Listing)

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask who of them is a patient here."""
        found = await self.attempt(self.gateway.relatives(self.patient))
        if found is not None:
            team = [one for one in self.opened.entries if one.kind is Kind.CARER and one.status is Status.FINAL]
            self.listing.show([*found, *team], keep=lambda one: _entry(one).id)

    def paint(self, one: Line) -> Sequence[Content]:
        """A relative or a carer."""
        if isinstance(one, Entry):
            body = one.body
            assert isinstance(body, CarerBody)  # noqa: S101 - `load` lists no other
            ended = f"  ({text('until {date}').format(date=shown_date(body.end))})" if body.end else ""
            return [
                shown((title(one), "$text-muted" if body.end else "bold"), (ended, "$text-muted")),
                shown(body.role.label),
                shown((body.phone, "$text-muted")),
                shown((" · ".join(filter(None, (body.organisation, body.rpps))), "$text-muted")),
            ]
        here = f"→ {full_name(one.linked)} {shown_date(one.linked.birth_date)}" if one.linked else ""
        return [
            shown((one.body.name, "bold"), (f"  {beside(one.entry)}" if one.body.to_call else "", "$text-muted")),
            shown(one.body.relationship.label),
            shown((one.body.phone, "$text-muted")),
            shown((here, "$primary")),
        ]

    @on(Listing.Chosen, "#people")
    def choose(self, event: Listing.Chosen) -> None:
        """Enter opens the record of a relative who is a patient here; the entry otherwise."""
        one: Line = event.item
        if isinstance(one, RelativeLine) and one.linked is not None:
            self.dismiss(one.linked.id)
        else:
            self.action_show_entry()

    def action_show_entry(self) -> None:
        if (one := self.listing.item) is not None:
            self.app.push_screen(EntryRoom(self.opened, _entry(one)))

    def action_add_of(self, kind: str) -> None:
        self.app.push_screen(AddEntry(self.opened, Kind(kind)))

    @work
    async def action_link(self) -> None:
        """Another patient of the practice as a relative; the way back is offered where its word is plain."""
        other = await self.app.push_screen_wait(PickPatient())
        if other is None:
            return
        asked = Asked(text("Link a patient"), text("What is he to the patient? For instance: mère, frère, conjoint."))
        relationship = await self.app.push_screen_wait(asked)
        if not relationship:
            return
        back = await self.attempt(self.gateway.reverse_relationship(relationship, self.opened.patient.sex))
        if back and not await self._links_back(back):
            back = ""
        if await self.attempt(self.gateway.link_relative(self.patient, other, relationship, back or "")) is not None:
            self.renew()

    async def _links_back(self, back: str) -> bool:
        question = Question(
            text("Link his record too?"),
            text("There, this patient would be named as: {relationship}.").format(relationship=back),
            [("both", text("Link both")), ("one", text("Only here"))],
        )
        return await self.app.push_screen_wait(question) == "both"

    @work
    async def action_name_colleague(self) -> None:
        """A colleague of the address book as a member of the care team."""
        known = await self.attempt(self.gateway.known_colleagues())
        if known is None:
            return
        chosen = await self.app.push_screen_wait(PickColleague(known))
        if chosen is None:
            return
        role = await self.app.push_screen_wait(Asked(chosen.name, text("In which role? For instance: cardiologue.")))
        if role and await self.attempt(self.gateway.add_carer(self.patient, chosen, role)) is not None:
            self.renew()


def _entry(one: Line) -> Entry:
    return one.entry if isinstance(one, RelativeLine) else one
