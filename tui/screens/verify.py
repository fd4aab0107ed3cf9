"""Comparing the fingerprint: 50 digits, read out by one and typed by the other.

Both practices compute the same digits from the two cards. Typing what the colleague reads, instead of clicking "the
same", is what makes the comparison happen.
"""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Digits

from tui.forms import Field, Shape
from tui.screens.room import Room
from tui.values import ColleagueLine
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

PHONE = "phone"
FIELDS = (
    Field("digits", message("He reads")),
    Field(
        "how",
        message("We compared"),
        Shape.CHOICE,
        (("person", message("in person")), (PHONE, message("by phone, called at a number from the directory"))),
    ),
)
DIGITS = 50  # ten groups of five
GROUPS_IN_A_LINE = 4  # 4 groups of 5 large digits fit 80 columns
LINES = 3


class Verify(Room[bool]):
    """True once the colleague is verified."""

    BINDINGS = [Binding("ctrl+s", "verify", message("They are the same"))]

    def __init__(self, colleague: ColleagueLine) -> None:
        super().__init__()
        self._colleague = colleague

    def content(self) -> ComposeResult:
        heading = text("Compare the fingerprint with {name}").format(name=self._colleague.name)
        yield Words((heading, "bold $primary"), classes="page-title")
        with VerticalScroll(classes="page", can_focus=False):
            yield Words(
                text("Read these digits to him, and let him read his: they must be the same. Type what he reads."),
                id="how",
            )
            for line in range(LINES):
                yield Horizontal(id=f"digits-{line}", classes="digits")
            yield Form(FIELDS, {"digits": "", "how": "person"})
            yield Words(id="progress")

    def on_mount(self) -> None:
        self.query_one(Form).field("digits").focus()
        self.load()

    @work
    async def load(self) -> None:
        """Show the digits."""
        digits = await self.attempt(self.gateway.fingerprint(self._colleague.id))
        for place, group in enumerate((digits or "").split()):
            await self.query_one(f"#digits-{place // GROUPS_IN_A_LINE}").mount(Digits(group))

    @on(Line.Changed)
    def count(self, event: Line.Changed) -> None:
        """Say how many digits are typed."""
        digits = sum(letter.isdigit() for letter in event.value)
        style = "$text-success" if digits == DIGITS else "$text-muted"
        self.query_one("#progress", Words).say((f"{digits}/{DIGITS}", style))

    @on(Line.Submitted)
    @work
    async def action_verify(self) -> None:
        typed = self.query_one(Form).typed
        by_phone = typed["how"] == PHONE
        done = await self.attempt(self.gateway.verify(self._colleague.id, typed["digits"], by_phone))
        if done is not None:
            self.building.tell(text("{name} is verified.").format(name=done.name))
            self.dismiss(True)
