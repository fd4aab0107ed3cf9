"""Changing the record's key: how far it is, and the lock at the end. It can neither be left nor hidden."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import ProgressBar

from localstore.errors import ConfrereError
from tui.screens.dialog import Dialog
from tui.screens.question import Notice
from tui.widgets.words import Words
from tui.words.catalogue import sentence, text


class ChangeKey(Dialog[None]):
    """Removes a user first, where one is named."""

    BINDINGS = [Binding("escape", "wait", show=False)]

    def __init__(self, remove: str = "") -> None:
        super().__init__()
        self._remove = remove
        self._holds = False

    @property
    def holds(self) -> bool:
        """Whether the key is being changed."""
        return self._holds

    @property
    def busy(self) -> bool:
        """The automatic lock waits for it."""
        return self._holds

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(text("A new key for the record"), classes="dialog-title")
            yield Words(
                text("The practice locks itself when it is done. Open it again with the same passphrase."),
                classes="dialog-words",
            )
            yield ProgressBar(total=1, id="bar", show_eta=False)

    def on_mount(self) -> None:
        self.change()

    def action_wait(self) -> None:
        """There is no way back from here."""

    @work
    async def change(self) -> None:
        """Look whether it can be done, then do it."""
        self._holds = True
        try:
            await self.gateway.prepare_new_key(self._remove)
        except ConfrereError as error:
            self._holds = False
            self.building.tell(sentence(error), warning=True)
            self.dismiss(None)
            return
        try:
            await self.gateway.change_key(self._tell)
        except ConfrereError as error:
            await self.app.push_screen_wait(Notice(text("The key was not changed"), sentence(error), grave=True))
        self.building.lock_at_once()

    def _tell(self, done: int, total: int) -> None:
        if self.is_mounted:
            self.query_one("#bar", ProgressBar).update(total=max(total, 1), progress=done)
