"""The curtain before the lock: the record is out of sight, and the day's backup is made before the keys are gone."""

from textual import work
from textual.app import ComposeResult
from textual.containers import Middle, Vertical
from textual.screen import ModalScreen
from textual.widgets import ProgressBar

from localstore.errors import ConfrereError
from tui.screens.dialog import Rooms
from tui.widgets.words import Words
from tui.words.catalogue import sentence, text


class Parting(Rooms, ModalScreen[str]):
    """Makes the backups that are due; gives the sentence of what went wrong, or an empty one.

    Ctrl+L is the application's: a second time it locks at once.
    """

    def compose(self) -> ComposeResult:
        with Middle(), Vertical(classes="door"):
            yield Words((text("Locking…"), "bold $primary"), id="parting-title")
            yield Words(text("Ctrl+L locks at once, without waiting."), id="parting-words")
            yield ProgressBar(total=1, id="bar", show_eta=False)

    def on_mount(self) -> None:
        self.query_one("#bar").display = False
        self.back_up()

    @work
    async def back_up(self) -> None:
        """Make them, and go."""
        try:
            if await self.gateway.backup_due():
                self._announce()
                await self.gateway.back_up(self._tell)
        except ConfrereError as error:
            self.dismiss(sentence(error))
        else:
            self.dismiss("")

    def _announce(self) -> None:
        self.query_one("#parting-title", Words).say((text("The day's backup"), "bold $primary"))
        words = text("The practice locks itself when it is done. Ctrl+L locks it now, without a backup.")
        self.query_one("#parting-words", Words).say(words)
        self.query_one("#bar").display = True

    def _tell(self, done: int, total: int) -> None:
        if self.is_mounted:
            # Checking what was copied has no length of its own: it is shown as done.
            self.query_one("#bar", ProgressBar).update(total=max(total, 1), progress=done if total else 1)
