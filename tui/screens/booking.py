"""The form of an appointment: a new one, or one at another time. What it meets is asked about before it is written."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from tui.dates import shown_date, typed_date
from tui.forms import Field, Shape
from tui.reading import full_name
from tui.screens.question import Question
from tui.screens.room import Room
from tui.values import House
from tui.values_agenda import NewVisit, VisitLine
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

MINUTES = "15"
LONGEST = 24 * 60  # minutes, as the record takes them
WHEN = (
    Field("day", message("Day"), Shape.DATE),
    Field("time", message("Time")),
    Field("minutes", message("Minutes")),
)
WHAT = (
    Field("reason", message("Reason")),
    Field("practitioner", message("With")),
    Field("note", message("Note")),
)


class Booking(Room[str]):
    """Gives the day (ISO 8601) of the appointment once it was written."""

    BINDINGS = [Binding("ctrl+s", "save", message("Save"))]

    def __init__(self, patient: str, day: str, time: str = "", moved: VisitLine | None = None) -> None:
        """`patient` is the identifier; `day` and `time` stand on the form at first; `moved` is the one to be moved."""
        super().__init__()
        self._patient, self._moved = patient, moved
        self._begun = {"day": shown_date(day), "time": time, "minutes": str(moved.minutes) if moved else MINUTES}

    def content(self) -> ComposeResult:
        title = text("Move the appointment") if self._moved else text("New appointment")
        yield Words((title, "bold $primary"), classes="page-title")
        yield Words(id="whose", classes="page-words")
        begun = self._begun if self._moved else self._begun | {"reason": "", "practitioner": self._own_name, "note": ""}
        yield Form(WHEN if self._moved else (*WHEN, *WHAT), begun)
        yield Words(
            (text("The reason is seen by whoever keeps the agenda: no diagnosis."), "$text-muted"), classes="page foot"
        )

    @property
    def _own_name(self) -> str:
        """Whoever sees patients books for himself; where a secretary types nothing, the record names the doctor."""
        house: House | None = self.building.house
        return house.doctor if house is not None and house.role != "secretary" else ""

    def on_mount(self) -> None:
        self.query_one(Form).field("time").focus()
        self.load()

    @work
    async def load(self) -> None:
        """Say for whom it is."""
        if self._moved:
            identity = self._moved.identity
        else:
            found = await self.attempt(self.gateway.identity(self._patient))
            if found is None:
                return
            identity = found
        born = shown_date(identity.birth_date)
        self.query_one("#whose", Words).say((full_name(identity), "bold"), f"  {born}  {identity.phone}")

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        return self.query_one(Form).is_changed

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    def read(self, typed: dict[str, str]) -> tuple[NewVisit, dict[str, str]]:
        """What was typed, and what cannot be accepted, by field. The time is judged by the record, which knows on which
        days the clocks change."""
        refused: dict[str, str] = {}
        day = typed_date(typed["day"])
        if not day or len(day) != 10:
            refused["day"] = text("“{typed}” is not a day.").format(typed=typed["day"])
        if not typed["time"].strip():
            refused["time"] = text("This field is needed.")
        minutes = typed["minutes"].strip()
        if not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes[:6]) <= LONGEST):
            refused["minutes"] = text("“{typed}” is not a number of minutes.").format(typed=minutes)
            minutes = MINUTES
        words = {name: typed.get(name, "").strip() for name in ("reason", "practitioner", "note")}
        if self._moved:
            words = {"reason": self._moved.reason, "practitioner": self._moved.practitioner, "note": self._moved.note}
        return NewVisit(day or "", typed["time"].strip(), int(minutes), **words), refused

    @work
    async def action_save(self) -> None:
        """Write it; ask first where it meets another one."""
        form = self.query_one(Form)
        new, refused = self.read(form.typed)
        form.refuse(refused)
        if refused:
            return
        if self._is_past(new) and not await self._in_the_past():
            return
        moved = self._moved.version if self._moved else ""
        met = await self.attempt(self.gateway.at_the_same_time(new, moved))
        if met is None or (met and not await self._all_the_same(met)):
            return
        writing = self.gateway.move_visit(moved, new) if moved else self.gateway.book(self._patient, new)
        if await self.attempt(writing) is not None:
            self.dismiss(new.day)

    def _is_past(self, new: NewVisit) -> bool:
        """Whether it lies on a day before today, and did not do so already before it was moved."""
        return new.day < self.gateway.today() and not (self._moved and self._moved.day == new.day)

    async def _in_the_past(self) -> bool:
        answers = [("mend", text("Choose another time")), ("keep", text("Book all the same"))]
        question = Question(text("This day is over"), text("The appointment would lie in the past."), answers)
        return await self.app.push_screen_wait(question) == "keep"

    async def _all_the_same(self, met: list[VisitLine]) -> bool:
        told = "\n".join(f"{one.begins}–{one.ends} {full_name(one.identity)} {one.reason}" for one in met)
        answers = [("mend", text("Choose another time")), ("keep", text("Book all the same"))]
        question = Question(text("Somebody comes at the same time"), told, answers)
        return await self.app.push_screen_wait(question) == "keep"
