"""Versions that compete, beside each other: which one stands. Nothing is lost: all of them stay readable."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from localstore.model import Entry
from tui.comparing import Compared, compared
from tui.forms import FORMS
from tui.reading import provenance, signature
from tui.screens.add import AddEntry
from tui.screens.patient import PatientForm
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Question
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

MOST = 9  # versions that a key can name; more are settled from the command line, or in turn
LETTERS = {str(place): place for place in range(1, MOST + 1)}


class Settle(PatientRoom[bool]):
    """True once it was settled."""

    BINDINGS = [
        Binding("1", "choose(1)", message("The first stands")),
        Binding("2", "choose(2)", message("The second stands")),
        Binding("3", "choose(3)", message("The third stands")),
        *(Binding(str(place), f"choose({place})", show=False) for place in range(4, MOST + 1)),
        Binding("c", "correct", message("Make one of them")),
    ]

    def __init__(self, record: Record, versions: Sequence[Entry]) -> None:
        """`versions` are those of one entry that stand, or the identities."""
        super().__init__(record.id, record)
        self._versions = tuple(versions[:MOST])

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("Which version stands?"), "bold $primary"), classes="page-title")
        yield Words(id="versions-told", classes="page-words")
        columns = [Column("", 2), Column(text("Field"), 18)]
        columns += [Column(f"{place}") for place in range(1, len(self._versions) + 1)]
        yield Listing(columns, self.paint, id="compared")
        yield Words(id="compared-detail", classes="page foot")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        listing: Listing[Compared] = self.query_one("#compared", Listing)
        rows = compared(self._versions)
        listing.show(rows)
        listing.cursor = next((place for place, one in enumerate(rows) if one.differs), 0)
        listing.focus()
        parts: list[Part] = []
        for place, one in enumerate(self._versions, 1):
            parts += [(f"{place}  ", "bold"), signature(one), (f"  {provenance(one)}\n", "$text-muted")]
        self.query_one("#versions-told", Words).say(*parts)

    def paint(self, one: Compared) -> Sequence[Content]:
        """One field of all versions; those that differ are marked."""
        style = "bold $text-warning" if one.differs else "$text-muted"
        said = (" ".join(words.split()) or "—" for words in one.said)
        return [
            shown(("≠" if one.differs else "", style)),
            shown((one.label, "$text-muted")),
            *(shown((words, style)) for words in said),
        ]

    @on(Listing.Moved, "#compared")
    def _show_detail(self, event: Listing.Moved) -> None:
        one: Compared | None = event.item
        parts: list[Part] = []
        for place, words in enumerate(one.said if one else (), 1):
            parts += [(f"{place}  ", "bold"), f"{words or '—'}\n"]
        self.query_one("#compared-detail", Words).say(*parts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only versions that there are can be chosen; what has no form is not corrected here."""
        if action == "choose":
            return isinstance(parameters[0], int) and parameters[0] <= len(self._versions)
        return action != "correct" or self._is_identity or self._versions[0].kind in FORMS

    @property
    def _is_identity(self) -> bool:
        return self._versions[0].id == self.opened.id

    @work
    async def action_choose(self, place: int) -> None:
        """Let one stand, once that was confirmed."""
        if await self._confirmed(place) and await self._settle(place) is not None:
            self.building.tell(text("Settled. The other versions stay readable."))
            self.dismiss(True)

    async def _confirmed(self, place: int) -> bool:
        question = Question(
            text("Does version {n} stand?").format(n=place),
            text("It replaces the others. All of them stay readable among the versions of the entry."),
            [("settle", text("It stands")), ("look", text("Look again"))],
        )
        return await self.app.push_screen_wait(question) == "settle"

    async def _settle(self, place: int) -> Entry | None:
        return await self.attempt(self.gateway.settle(self._versions[place - 1].version))

    @work
    async def action_correct(self) -> None:
        """Begin with one of them and correct it: both are made into one."""
        answers = [(str(place), text("Version {n}").format(n=place)) for place in range(1, len(self._versions) + 1)]
        question = Question(
            text("Which one do you begin with?"),
            text("It stands at once; what you correct then is a version of its own."),
            answers,
        )
        chosen = await self.app.push_screen_wait(question)
        settled = await self._settle(int(chosen)) if chosen in LETTERS else None
        if settled is None:
            return
        if self._is_identity:
            record = await self.attempt(self.gateway.renew_record(self.patient))
            if record is not None:
                await self.app.push_screen_wait(PatientForm(record))
        else:
            await self.app.push_screen_wait(AddEntry(self.opened, settled.kind, settled))
        self.dismiss(True)
