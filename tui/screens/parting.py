"""The curtain before the lock: the record is out of sight, and the day's backup is made before the keys are gone."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Middle, Vertical
from textual.screen import ModalScreen
from textual.widgets import ProgressBar

from localstore.errors import ConfrereError
from tui.screens.dialog import Rooms
from tui.widgets.words import Words
from tui.words.catalogue import sentence, text
from tui.words.marking import message


class Parting(Rooms, ModalScreen[str]):
    """Makes the backups that are due; gives the sentence of what went wrong, or an empty one."""

    BINDINGS = [Binding("ctrl+l", "at_once", message("Lock without a backup"), priority=True)]

    def compose(self) -> ComposeResult:
        with Middle(), Vertical(classes="door"):
            yield Words((text("The day's backup"), "bold $primary"))
            yield Words(text("The practice locks itself when it is done. Ctrl+L locks it now, without a backup."))
            yield ProgressBar(total=1, id="bar", show_eta=False)

    def on_mount(self) -> None:
        self.back_up()

    @work
    async def back_up(self) -> None:
        """Make them, and go."""
        try:
            await self.gateway.back_up(self._tell)
        except ConfrereError as error:
            self.dismiss(sentence(error))
        else:
            self.dismiss("")

    def _tell(self, done: int, total: int) -> None:
        if self.is_mounted:
            # Checking what was copied has no length of its own: it is shown as done.
            self.query_one("#bar", ProgressBar).update(total=max(total, 1), progress=done if total else 1)

    def action_at_once(self) -> None:
        """Lock without waiting."""
        self.gateway.abandon_backup()
