"""The locked screen: the passphrase, and nothing of what the practice holds."""

from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Middle, Vertical

from localstore.errors import ConfrereError
from tui.gateway import Gateway
from tui.screens.room import Room
from tui.widgets.fields import Line, Secret
from tui.widgets.words import Words
from tui.words.catalogue import sentence, text
from tui.words.marking import message


class Unlock(Room[None]):
    """Asks for the passphrase of the practice in a folder."""

    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+q", "app.quit", message("Quit")),
    ]

    def __init__(self, folder: Path, passphrase: str = "") -> None:
        """`passphrase`, where it is given, is tried at once."""
        super().__init__()
        self._folder = folder
        self._given = passphrase
        self._busy = False

    def content(self) -> ComposeResult:
        with Middle(), Vertical(classes="door"):
            yield Words((text("Locked"), "bold"), classes="door-title")
            yield Words(str(self._folder), classes="door-place")
            yield Secret(placeholder=text("Passphrase"), id="passphrase")
            yield Words(id="door-words")

    def on_mount(self) -> None:
        if self._given:
            self.query_one("#passphrase", Secret).value = self._given
            self._given, self._busy = "", True
            self.open_practice()

    def action_leave(self) -> None:
        """There is nowhere to go from here."""

    @on(Line.Submitted, "#passphrase")
    def submit(self) -> None:
        """Try the passphrase, once at a time."""
        if not self._busy:
            self._busy = True
            self.open_practice()

    @work
    async def open_practice(self) -> None:
        """One derivation, half a second."""
        field, words = self.query_one("#passphrase", Secret), self.query_one("#door-words", Words)
        words.say((text("Opening…"), "$text-muted"))
        try:
            gateway = await Gateway.unlock(self._folder, field.value)
        except ConfrereError as error:
            words.say((sentence(error), "$text-error"))
            field.clear()
        else:
            self.building.enter(gateway)
        finally:
            self._busy = False
