"""What leaves a record as a file, because the doctor asked for it."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from tui.reading import full_name
from tui.screens.dialog import Dialog
from tui.screens.question import Notice
from tui.values import Record
from tui.widgets.fields import Line, Push
from tui.widgets.words import Words
from tui.words.catalogue import text, texts
from tui.words.marking import message


class Exports(Dialog[None]):
    """The emergency sheet into a folder, or everything as a FHIR bundle."""

    BINDINGS = [Binding("f2", "fhir", message("FHIR")), Binding("f3", "emergency", message("Emergency sheet"))]

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Words(text("Export: {name}").format(name=full_name(self._record.patient)), classes="dialog-title")
            yield Words(
                text("What is written is not encrypted: whoever finds the file can read it."), classes="dialog-words"
            )
            yield Words((text("Folder"), "$text-muted"))
            yield Line("~/Confrere", id="folder")
            yield Words((text("Reason, in an emergency (it goes into the history)"), "$text-muted"))
            yield Line(id="why")
            with Horizontal(classes="answers"):
                yield Push(text("Emergency sheet (PDF and IPS)"), id="emergency", primary=True)
                yield Push(text("Everything (FHIR)"), id="fhir")

    def on_mount(self) -> None:
        self.query_one("#folder").focus()

    @on(Line.Submitted)
    def to_answers(self) -> None:
        """Enter goes to what can be written."""
        self.query_one("#emergency").focus()

    @on(Push.Pressed, "#emergency")
    @work
    async def action_emergency(self) -> None:
        done = await self.attempt(self.gateway.export_emergency(self._record.id, self._folder, self._why))
        if done is not None:
            folder, files = done
            lines = [f"{name}  {-(-size // 1024)} KiB" for name, size in files]
            await self._say(folder, "\n".join(lines))

    @on(Push.Pressed, "#fhir")
    @work
    async def action_fhir(self) -> None:
        done = await self.attempt(self.gateway.export_fhir(self._record.id, self._folder))
        if done is not None:
            file, count = done
            await self._say(file, texts("{n} resource", "{n} resources", count).format(n=count))

    @property
    def _folder(self) -> str:
        return self.query_one("#folder", Line).value

    @property
    def _why(self) -> str:
        return self.query_one("#why", Line).value.strip()

    async def _say(self, place: str, words: str) -> None:
        await self.app.push_screen_wait(Notice(text("Written"), f"{place}\n{words}"))
        self.dismiss(None)
