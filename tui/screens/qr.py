"""This practice's card as a QR code, in as many pages as the window needs."""

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen

from localstore.errors import ConfrereError
from tui import codes
from tui.screens.dialog import Rooms
from tui.screens.question import Asked
from tui.widgets.words import Words
from tui.words.catalogue import sentence, text
from tui.words.marking import message

ON_PAPER = "#000000 on #ffffff"  # whatever the theme: many readers take no negative
ROOM_FOR_WORDS = 24  # columns beside the code


class CodeRoom(Rooms, Screen[None]):
    """The code fills the whole height: no line of the window can be spared."""

    BINDINGS = [
        Binding("escape", "leave", message("Back")),
        Binding("space,enter,right,down", "turn(1)", message("Next")),
        Binding("left,up", "turn(-1)", message("Previous")),
        Binding("ctrl+s", "save", message("Save as a file")),
    ]

    def __init__(self, words: str) -> None:
        """`words` is the text of the code."""
        super().__init__()
        self._words = words
        self._page = 0
        self._pages: list[list[str]] = []

    def compose(self) -> ComposeResult:
        with Horizontal(id="code-body"):
            yield Words(id="code")
            yield Words(id="code-words")

    def on_resize(self, event: events.Resize) -> None:
        """Cut the code anew for the window."""
        self._page = 0
        trouble = ""
        try:
            self._pages = codes.pages(self._words, event.size.width - ROOM_FOR_WORDS, event.size.height)
        except ConfrereError as error:
            self._pages, trouble = [], sentence(error)
        self._paint(trouble)

    @property
    def pages(self) -> int:
        """How many codes there are."""
        return len(self._pages)

    def action_turn(self, step: int) -> None:
        self._page = (self._page + step) % max(1, self.pages)
        self._paint("")

    def _paint(self, trouble: str) -> None:
        lines = self._pages[self._page] if self._pages else []
        self.query_one("#code", Words).say(("\n".join(lines), ON_PAPER))
        if trouble:
            self.query_one("#code-words", Words).say((trouble, "$text-warning"))
            return
        place = text("Code {place} of {count}").format(place=self._page + 1, count=self.pages)
        words = text("Your colleague reads it with a telephone or a scanner, and adds the text as a card.")
        several = text("He reads all codes in their order. Space: the next.") if self.pages > 1 else ""
        keys = text("Ctrl+S: as an image. Esc: back.")
        self.query_one("#code-words", Words).say(
            (place, "bold"), f"\n\n{words}\n\n{several}\n\n", (keys, "$text-muted")
        )

    def action_leave(self) -> None:
        self.dismiss(None)

    @work
    async def action_save(self) -> None:
        asked = Asked(text("Save my card as a code"), text("File, .png or .svg"), value="~/carte-confrere.png")
        typed = await self.app.push_screen_wait(asked)
        if typed:
            written = await self.attempt(self.gateway.save_code(typed))
            if written:
                self.building.tell(text("Written: {file}").format(file=written))
