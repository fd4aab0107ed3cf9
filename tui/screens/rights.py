"""One patient's rights: the report, how long the record is kept, the archive, erasing."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding

from localstore.model import PatientSummary
from localstore.roles import Right
from tui.dates import shown_date
from tui.rights_words import STATES
from tui.screens.erasing import Erasing, archiving_of
from tui.screens.patient_room import PatientRoom
from tui.screens.question import Asked, Notice
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

GOVERNED = frozenset({"archive", "erase"})


class Rights(PatientRoom[bool]):
    """What the law gives this patient. Gives True when the record has left."""

    BINDINGS = [
        Binding("r", "report", message("Report for the patient")),
        Binding("a", "archive", message("Archive")),
        Binding("x", "erase", message("Erase")),
    ]

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)

    def content(self) -> ComposeResult:
        yield Banner()
        yield Words((text("The patient's rights"), "bold $primary"), classes="page-title")
        yield Words(id="kept", classes="page")
        yield Words(id="offered", classes="page")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        words = text(
            "R writes everything about this patient into a folder: a PDF in plain words, and FHIR. The law gives 8 "
            "days to hand it over, 2 months for what is older than 5 years."
        )
        self.query_one("#offered", Words).say(words)
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a doctor archives and erases."""
        return action not in GOVERNED or self.may(Right.GOVERN)

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask how long the record is kept."""
        kept = await self.attempt(self.gateway.kept(self.patient))
        if kept is None:
            return
        words = text("Last care: {last}. This record is {state}: in active use until {active}, kept until {kept}.")
        said = words.format(
            last=shown_date(kept.last_care),
            state=text(STATES[kept.state]),
            active=shown_date(kept.active_until),
            kept=shown_date(kept.kept_until),
        )
        self.query_one("#kept", Words).say((said, "bold"))

    @property
    def _summary(self) -> PatientSummary:
        body = self.opened.patient
        return PatientSummary(self.patient, body.family_name, body.given_names, body.birth_date, body.sex, body.ins)

    @work
    async def action_report(self) -> None:
        words = text("The folder to write to. What is written is not encrypted: whoever finds it can read it.")
        asked = Asked(text("Report for the patient"), words, value="~/Confrere")
        typed = await self.app.push_screen_wait(asked)
        if not typed:
            return
        done = await self.attempt(self.gateway.write_report(self.patient, typed))
        if done is not None:
            folder, files = done
            lines = [f"{name}  {-(-size // 1024)} KiB" for name, size in files]
            await self.app.push_screen_wait(Notice(text("Written"), "\n".join([folder, *lines])))

    @work
    async def action_archive(self) -> None:
        if await self.app.push_screen_wait(archiving_of(self._summary)) != "archive":
            return
        await self.attempt(self._archive())

    async def _archive(self) -> None:
        await self.gateway.archive(self.patient)
        self.building.tell(text("Archived."))
        self.dismiss(True)

    @work
    async def action_erase(self) -> None:
        if await self.app.push_screen_wait(Erasing(self._summary)):
            self.dismiss(True)
