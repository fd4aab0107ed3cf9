"""Importing FHIR: a file, a folder or an archive. What could not be read is named, with its place."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ProgressBar

from tui.screens.room import Room
from tui.values import BrokenPart, Imported
from tui.widgets.fields import Line
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class Importing(Room[None]):
    """Where from, how far, and what came of it."""

    BINDINGS = [Binding("ctrl+s", "begin", message("Import"))]

    def __init__(self) -> None:
        super().__init__()
        self._importing = False

    def content(self) -> ComposeResult:
        yield Words((text("Import"), "bold $primary"), classes="page-title")
        words = text(
            "FHIR R4 in JSON, XML or NDJSON: a file, a folder, or an archive (.zip, .tar.xz). "
            "Importing again duplicates nothing."
        )
        yield Words(words, classes="page-words")
        with Vertical(classes="page", id="import"):
            yield Line(placeholder=text("File, folder or archive"), id="path")
            yield ProgressBar(id="bar", show_eta=False)
            yield Words(id="progress")
            columns = [Column(text("File"), share=2), Column(text("Place"), share=2), Column(text("Reason"), share=3)]
            yield Listing(columns, self.paint, id="broken")

    @property
    def busy(self) -> bool:
        """Whether an import is under way."""
        return self._importing

    def on_mount(self) -> None:
        self.query_one("#bar").display = False
        self.query_one("#broken").display = False
        self.query_one("#path").focus()

    def paint(self, part: BrokenPart) -> Sequence[Content]:
        """Something that could not be read, or was not understood."""
        return [shown(part.file), shown((part.place, "$text-muted")), shown((text(part.reason), "$text-warning"))]

    @on(Line.Submitted)
    def action_begin(self) -> None:
        if not self._importing:
            self._importing = True
            self.import_files()

    @work
    async def import_files(self) -> None:
        """Import, and say how far it is."""
        path = self.query_one("#path", Line).value
        bar = self.query_one("#bar", ProgressBar)
        try:
            count = await self.attempt(self.gateway.count_files(path))
            if count is None:
                return
            bar.display = True
            bar.update(total=count or None, progress=0)
            done = await self.attempt(self.gateway.import_files(path, self._tell))
        finally:
            self._importing = False
        if done is not None:
            bar.update(total=done.files or 1, progress=done.files or 1)
            self._report(done)
        else:
            bar.display = False

    def _tell(self, count: int, name: str) -> None:
        self.query_one("#bar", ProgressBar).update(progress=count)
        words = texts("{n} file", "{n} files", count).format(n=count)
        self.query_one("#progress", Words).say(words, (f"  {name}", "$text-muted"))

    def _report(self, done: Imported) -> None:
        parts: list[Part] = [
            (texts("{n} new patient", "{n} new patients", done.patients).format(n=done.patients), "bold $text-success"),
            f" · {done.added} ",
            text("new"),
            f" · {done.renewed} ",
            text("changed"),
            f" · {done.unchanged} ",
            text("known already"),
        ]
        if count := len(done.broken):
            words = texts("{n} could not be imported:", "{n} could not be imported:", count).format(n=count)
            parts += ["\n", (words, "bold $text-warning")]
        if count := len(done.kept):
            words = texts(
                "{n} resource was kept and not understood.", "{n} resources were kept and not understood.", count
            )
            parts += ["\n", (words.format(n=count), "$text-warning")]
        if count := len(done.doubtful):
            words = texts(
                "{n} point should be compared with its source.",
                "{n} points should be compared with their source.",
                count,
            )
            parts += ["\n", (words.format(n=count), "$text-warning")]
        self.query_one("#progress", Words).say(*parts)
        broken: Listing[BrokenPart] = self.query_one("#broken", Listing)
        told = (*done.broken, *done.kept, *done.doubtful)
        broken.display = bool(told)
        broken.show(told)

    def action_leave(self) -> None:
        """Leave, unless an import is under way."""
        if self._importing:
            self.building.tell(text("The import is under way: each file is kept whole or not at all."), warning=True)
        else:
            self.dismiss(None)
