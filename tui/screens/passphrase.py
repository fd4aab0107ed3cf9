"""A new passphrase for somebody: chosen as at the creation of the practice; one's own with the old one."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from tui.screens.create import CreatePassphrase
from tui.screens.dialog import Dialog
from tui.widgets.fields import Line, Push, Secret
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message


class NewPassphrase(CreatePassphrase):
    """Gives the passphrase, or None when it was left."""

    BINDINGS = [Binding("ctrl+s", "go_on", message("Use this passphrase"))]

    def __init__(self, name: str) -> None:
        """`name` is whose it will be."""
        super().__init__()
        self._name = name

    def heading(self) -> tuple[str, str]:
        """Whose it is."""
        words = text("Let him type it himself, or hand him the suggestion: he should change it at his first visit.")
        return text("Passphrase of {name}").format(name=self._name), words


class OwnPassphrase(Dialog[bool]):
    """Changes one's own passphrase; gives whether it was changed."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(text("My passphrase"), classes="dialog-title")
            yield Words(text("Type the present one first."), classes="dialog-words")
            yield Secret(placeholder=text("Passphrase"), id="old")
            with Horizontal(classes="answers"):
                yield Push(text("Go on"), id="go", primary=True)
                yield Push(text("Cancel"), id="cancel")

    def on_mount(self) -> None:
        self.query_one("#old").focus()

    @on(Line.Submitted)
    @on(Push.Pressed, "#go")
    @work(exclusive=True)
    async def go_on(self) -> None:
        """Ask for the new one, and change it."""
        old = self.query_one("#old", Secret).value
        new = await self.app.push_screen_wait(OwnNewPassphrase())
        if new is not None and await self.attempt(self._change(old, new)):
            self.dismiss(True)

    async def _change(self, old: str, new: str) -> bool:
        await self.gateway.change_passphrase(old, new)
        return True

    @on(Push.Pressed, "#cancel")
    def cancel(self) -> None:
        """Leave."""
        self.dismiss(None)


class OwnNewPassphrase(CreatePassphrase):
    """The new one."""

    BINDINGS = [Binding("ctrl+s", "go_on", message("Use this passphrase"))]

    def heading(self) -> tuple[str, str]:
        """Whose it is."""
        words = text("It opens the practice from now on. Write this one down, or type one of your own.")
        return text("My new passphrase"), words
