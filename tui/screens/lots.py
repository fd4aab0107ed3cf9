"""Lots: all that waits for a colleague as a file, and the file that he gives in return."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import ProgressBar

from tui.lot_words import read_words, troubles, written_words
from tui.screens.room import Room
from tui.values import ColleagueLine
from tui.widgets.fields import Line
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message


class _LotRoom(Room[None]):
    """A file, how far it is, and what came of it."""

    FIRST_NAME = ""

    def __init__(self) -> None:
        super().__init__()
        self._under_way = False

    def content(self) -> ComposeResult:
        yield Words((self.title_words(), "bold $primary"), classes="page-title")
        yield Words(self.page_words(), classes="page-words")
        with Vertical(classes="page"):
            yield Line(self.FIRST_NAME, placeholder=text("File, for instance on a stick"), id="path")
            yield ProgressBar(id="bar", show_eta=False)
            yield Words(id="done")

    def title_words(self) -> str:
        """The heading."""
        raise TypeError("a room for lots reads or writes")

    def page_words(self) -> str:
        """What is done here."""
        raise TypeError("a room for lots reads or writes")

    @property
    def busy(self) -> bool:
        """Whether a file is being written or read."""
        return self._under_way

    def on_mount(self) -> None:
        self.query_one("#bar").display = False
        self.query_one("#path").focus()

    @property
    def path(self) -> str:
        """The file that was named."""
        return self.query_one("#path", Line).value.strip()

    def begin(self) -> bool:
        """Whether there is something to do, and nothing under way; from now on it is."""
        if self._under_way or not self.path:
            return False
        self._under_way = True
        return True

    def tell(self, done: int, total: int) -> None:
        """How far it is."""
        bar = self.query_one("#bar", ProgressBar)
        bar.display = True
        bar.update(total=total or None, progress=done)

    def end(self, sentences: list[str], *, warning: bool = False) -> None:
        """What came of it; nothing where its error was told."""
        self._under_way = False
        self.query_one("#bar").display = False
        self.query_one("#done", Words).say(("\n".join(sentences), "$text-warning" if warning else "$text-success"))


class WriteLot(_LotRoom):
    """All that waits for one colleague into a file."""

    BINDINGS = [Binding("ctrl+s", "write", message("Write"))]
    FIRST_NAME = "~/confrere.lot"

    def __init__(self, colleague: ColleagueLine) -> None:
        super().__init__()
        self._colleague = colleague

    def title_words(self) -> str:
        """For whom it is."""
        return text("A lot for {name}").format(name=self._colleague.name)

    def page_words(self) -> str:
        """What is in it, and who can open it."""
        return text(
            "All that waits for him, in a file that only his practice can open: for a stick, or for a mail. "
            "What is in it counts as sent."
        )

    @on(Line.Submitted)
    @work
    async def action_write(self) -> None:
        if not self.begin():
            return
        sentences: list[str] = []
        try:
            done = await self.attempt(self.gateway.write_lot(self._colleague.id, self.path, self.tell))
            sentences = written_words(done) if done is not None else []
        finally:
            self.end(sentences)


class ReadLot(_LotRoom):
    """A file that a colleague gave."""

    BINDINGS = [Binding("ctrl+s", "read", message("Read"))]

    def title_words(self) -> str:
        """The heading."""
        return text("Read a lot")

    def page_words(self) -> str:
        """What a lot is."""
        return text(
            "A lot is a file from a colleague, on a stick or from a mail. Reading it again changes nothing. What it "
            "brings is in the mail, and your receipts go back to him in your next lot."
        )

    @on(Line.Submitted)
    @work
    async def action_read(self) -> None:
        if not self.begin():
            return
        sentences: list[str] = []
        has_trouble = False
        try:
            done = await self.attempt(self.gateway.read_lot(self.path, self.tell))
            if done is not None:
                sentences, has_trouble = read_words(done), any(troubles(done))
                self.building.renew_mail()
        finally:
            self.end(sentences, warning=has_trouble)
