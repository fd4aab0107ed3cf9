"""Colleagues: this practice's card, adding theirs, comparing fingerprints, parting."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from localstore.roles import Right
from tui import vocabulary
from tui.dates import shown_moment
from tui.screens.dialog import Dialog
from tui.screens.key_changed import KeyChanged
from tui.screens.lots import WriteLot
from tui.screens.pair import PairRoom
from tui.screens.qr import CodeRoom
from tui.screens.question import Asked, Question
from tui.screens.room import Room
from tui.screens.verify import Verify
from tui.values import ColleagueLine, OwnCard
from tui.widgets.fields import Line, Lines, Push
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

KEY_CHANGED = "key-changed"


class Colleagues(Room[None]):
    """The colleagues, and how far each is trusted."""

    BINDINGS = [
        Binding("a", "add", message("Add a card")),
        Binding("v", "verify", message("Compare the fingerprint")),
        Binding("p", "pair", message("Pair live")),
        Binding("m", "own_card", message("My card")),
        Binding("w", "write_lot", message("Write a lot")),
        Binding("x", "part", message("Remove")),
    ]

    def content(self) -> ComposeResult:
        yield Words((text("Colleagues"), "bold $primary"), classes="page-title")
        columns = [
            Column(text("Name")),
            Column("RPPS", 11),
            Column(text("Practice"), from_width=100),
            Column(text("Trust"), 27),
        ]
        empty = text("No colleague yet. P pairs with one who is there; M shows your card to hand over, A adds his.")
        yield Listing(columns, self.paint, empty=empty, id="colleagues")
        with VerticalScroll(id="about", classes="page", can_focus=False):
            yield Words(id="about-words")

    def on_mount(self) -> None:
        self.listing.focus()
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whom the practice trusts, a doctor decides."""
        return action not in ("add", "verify", "pair", "part") or self.may(Right.TRUST)

    @property
    def listing(self) -> Listing[ColleagueLine]:
        """The colleagues."""
        return self.query_one("#colleagues", Listing)

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask who there is."""
        found = await self.attempt(self.gateway.colleagues())
        if found is not None:
            self.listing.show(found, keep=lambda one: one.id)

    def paint(self, one: ColleagueLine) -> Sequence[Content]:
        """One colleague."""
        trust = vocabulary.word(vocabulary.COLLEAGUE_STATE, one.state)
        return [
            shown((one.name, "bold")),
            shown((one.rpps, "$text-muted")),
            shown((", ".join(filter(None, (one.practice, one.town))), "$text-muted")),
            shown((f"✓ {trust}", "$text-success") if one.verified else (f"✗ {trust}", "$text-warning")),
        ]

    @on(Listing.Moved, "#colleagues")
    def _show_about(self, event: Listing.Moved) -> None:
        one: ColleagueLine | None = event.item
        self.query_one("#about-words", Words).say(*(_about(one) if one else ()))

    @work
    async def action_add(self) -> None:
        added = await self.app.push_screen_wait(AddCard())
        if added is not None:
            self.load()
            if not added.verified:
                await self._verify(added)

    @on(Listing.Chosen, "#colleagues")
    @work
    async def action_verify(self) -> None:
        if self.listing.item is not None and self.may(Right.TRUST):
            await self._verify(self.listing.item)

    async def _verify(self, one: ColleagueLine) -> None:
        room = KeyChanged(one) if one.state == KEY_CHANGED else Verify(one)
        if await self.app.push_screen_wait(room):
            self.building.renew_mail()
        self.load()

    @work
    async def action_pair(self) -> None:
        if await self.app.push_screen_wait(PairRoom()):
            self.building.renew_mail()
        self.load()

    def action_write_lot(self) -> None:
        one = self.listing.item
        if one is not None:
            self.app.push_screen(WriteLot(one))

    @work
    async def action_own_card(self) -> None:
        card = await self.attempt(self.gateway.own_card())
        if card is not None:
            await self.app.push_screen_wait(OwnCardRoom(card))

    @work
    async def action_part(self) -> None:
        one = self.listing.item
        if one is None:
            return
        question = Question(
            text("Remove {name}?").format(name=one.name),
            text("Nothing more is sealed for him, sent to him or taken from him. What was exchanged stays listed."),
            [("keep", text("Keep him")), ("part", text("Remove"))],
            grave=True,
        )
        if await self.app.push_screen_wait(question) == "part":
            await self.attempt(self.gateway.part(one.id))
            self.load()
            self.building.renew_mail()


def _about(one: ColleagueLine) -> list[Part]:
    since = text("since {moment}").format(moment=shown_moment(one.since))
    parts: list[Part] = [
        (one.name, "bold"),
        f"  {one.profession}\n",
        ", ".join(filter(None, (one.practice, one.town))),
        "\n",
        (f"{vocabulary.word(vocabulary.COLLEAGUE_STATE, one.state)}, {since}", "$text-muted"),
    ]
    if one.state == KEY_CHANGED:
        words = text("Another key came for him: nothing is sent to him or taken from him. V: look, and decide.")
        parts += ["\n", (words, "$text-error")]
    elif not one.verified:
        words = text("Nothing leaves towards him before the fingerprint was compared: V, in person or by phone.")
        parts += ["\n", (words, "$text-warning")]
    return parts


class AddCard(Dialog[ColleagueLine]):
    """A card from a file, or pasted. Gives the colleague once he was added."""

    BINDINGS = [Binding("ctrl+s", "add", message("Add"))]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Words(text("The card of a colleague"), classes="dialog-title")
            yield Words(text("Name the file, or paste the text of the card."), classes="dialog-words")
            yield Line(placeholder=text("File, for instance ~/Downloads/card.txt"), id="file")
            yield Lines(id="pasted")
            with Horizontal(classes="answers"):
                yield Push(text("Add"), id="add", primary=True)
                yield Push(text("Cancel"), id="cancel")

    @on(Line.Submitted)
    @on(Push.Pressed, "#add")
    @work
    async def action_add(self) -> None:
        file, pasted = self.query_one("#file", Line).value.strip(), self.query_one("#pasted", Lines).text.strip()
        if not file and not pasted:
            self.building.tell(text("Name a file, or paste a card."), warning=True)
            return
        added = await self.attempt(self.gateway.add_card(pasted, file))
        if added is not None:
            self.dismiss(added)

    @on(Push.Pressed, "#cancel")
    def cancel(self) -> None:
        """Leave."""
        self.dismiss(None)


class OwnCardRoom(Room[None]):
    """This practice's card, to copy or to save, and how the fingerprint is compared."""

    BINDINGS = [
        Binding("ctrl+s", "save", message("Save as a file")),
        Binding("y", "copy", message("Copy")),
        Binding("c", "code", message("QR code")),
    ]

    def __init__(self, card: OwnCard) -> None:
        super().__init__()
        self._card = card

    def content(self) -> ComposeResult:
        card = self._card
        yield Words((text("My card"), "bold $primary"), classes="page-title")
        with VerticalScroll(classes="page"):
            where = ", ".join(filter(None, (card.practice, card.town)))
            yield Words((card.name, "bold"), f"  RPPS {card.rpps}  {where}")
            yield Words(
                text(
                    "Give this text to your colleague by mail or on a stick, and ask for his. It holds public keys "
                    "only. Then compare the fingerprint together, in person or by phone: only then can you exchange."
                ),
                classes="spaced",
            )
            yield Words((card.text, "$text-accent"), id="card-text")

    @work
    async def action_code(self) -> None:
        words = await self.attempt(self.gateway.own_code())
        if words is not None:
            await self.app.push_screen_wait(CodeRoom(words))

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._card.text)
        self.building.tell(text("Copied, if this terminal allows it."))

    @work
    async def action_save(self) -> None:
        asked = Asked(text("Save my card"), text("File"), value="~/carte-confrere.txt")
        typed = await self.app.push_screen_wait(asked)
        if typed:
            written = await self.attempt(self.gateway.save_card(typed))
            if written:
                self.building.tell(text("Written: {file}").format(file=written))
