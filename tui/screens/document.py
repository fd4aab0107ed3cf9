"""A file of a record: its words or its picture in the terminal; anything else in another program, out of memory."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll

from localstore.model import Entry
from tui.reading import title
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Asked, Notice
from tui.values import Record
from tui.values_documents import FileShown
from tui.widgets.banner import Banner
from tui.widgets.picture import PictureBox
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

LONGEST_FILE_NAME = 80


class DocumentRoom(PatientRoom[None]):
    """One file, opened."""

    BINDINGS = [
        Binding("o", "open_outside", message("Open in another program")),
        Binding("w", "save_file", message("Save the file")),
    ]

    def __init__(self, record: Record, entry: Entry) -> None:
        super().__init__(record.id, record)
        self._entry = entry
        self.shown: FileShown | None = None

    def content(self) -> ComposeResult:
        yield Banner()
        yield Words((title(self._entry), "bold $primary"), classes="page-title")
        yield Words(id="document-differs")
        with VerticalScroll(id="document-text", classes="page"):
            yield Words(id="document-words")
        yield PictureBox(id="document-picture")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        for place in ("#document-differs", "#document-text", "#document-picture"):
            self.query_one(place).display = False
        self.call_after_refresh(self.load)

    @work
    async def load(self) -> None:
        """Read the file, and show what a terminal can show of it."""
        columns, rows = self.size.width - 2, self.size.height - 8
        shown = await self.attempt(self.gateway.show_file(self._entry.version, max(columns, 1), max(rows, 1)))
        self.shown = shown or FileShown()
        self._warn(self.shown.differs)
        picture = self.query_one(PictureBox)
        picture.display = self.shown.picture is not None
        picture.show(self.shown.picture)
        words = self.query_one("#document-text", VerticalScroll)
        words.display = self.shown.picture is None
        self.query_one("#document-words", Words).say(self._words(self.shown))
        words.focus()

    def _words(self, shown: FileShown) -> str:
        if not shown.text:
            return text("The terminal cannot show this document: O opens it in another program.")
        more = text("The file goes on: this is its beginning. W saves the whole of it.")
        return f"{shown.text}\n\n{more}" if shown.is_cut else shown.text

    def _warn(self, differs: tuple[str, ...]) -> None:
        warning = self.query_one("#document-differs", Words)
        warning.display = bool(differs)
        if differs:
            heading = text("This picture says that it is of somebody else:")
            warning.say(("\n".join((heading, *differs)), "bold $text-error"))

    @work
    async def action_open_outside(self) -> None:
        path = await self.attempt(self.gateway.open_file(self._entry.version))
        if path:
            words = text(
                "The document is open outside of Confrère, in memory:\n{file}\n"
                "It is removed when the practice is locked. What the other program writes itself is beyond reach."
            )
            await self.app.push_screen_wait(Notice(text("Opened outside"), words.format(file=path)))

    @work
    async def action_save_file(self) -> None:
        words = text("What is written is not encrypted: whoever finds the file can read it.")
        proposed = f"~/{proposed_name(self._entry)}"
        typed = await self.app.push_screen_wait(Asked(text("Save the file"), words, value=proposed))
        written = await self.attempt(self.gateway.save_file(self._entry.version, typed)) if typed else None
        if written:
            self.building.tell(text("Written: {file}").format(file=written))


def proposed_name(entry: Entry) -> str:
    """A name to propose: what the file's own, or the title, holds of letters, digits, dots and hyphens."""
    file = getattr(entry.body, "attachment", None)
    said = (file.name if file is not None else "") or getattr(entry.body, "title", "")
    name = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in said).strip(".-")
    return name[:LONGEST_FILE_NAME] or "document"
