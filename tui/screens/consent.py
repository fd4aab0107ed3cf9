"""A patient's consent, recorded: what, for whom, why, how it was given, until when (CSP L1110-4)."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll

from localstore.kinds import STAYS_HERE, Kind, Sensitivity, Status
from localstore.model import Entry
from tui import vocabulary
from tui.dates import is_after, shown_date, typed_date
from tui.forms import Field, Shape
from tui.reading import title
from tui.screens.patient_room import PatientRoom
from tui.values import ColleagueLine, ConsentLine, Record, Scope
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.fields import Flag, Line
from tui.widgets.form import Form
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

KINDS = tuple(kind for kind in Kind if kind not in (Kind.PATIENT, *STAYS_HERE))
AT_FIRST = frozenset(kind for kind in KINDS if kind is not Kind.OTHER)
FIELDS = (
    Field("purpose", message("Purpose")),
    Field("given", message("Given"), Shape.CHOICE, tuple(vocabulary.GIVEN.items())),
    Field("ends", message("Until"), Shape.DATE),
    Field("since", message("Entries from"), Shape.DATE),
    Field("before", message("Entries up to"), Shape.DATE),
)
DATES = ("ends", "since", "before")


class ConsentForm(PatientRoom[ConsentLine]):
    """Gives the consent once it was recorded. `before` is the one in force, to begin with."""

    BINDINGS = [Binding("ctrl+s", "save", message("Record the consent"))]

    def __init__(self, record: Record, colleague: ColleagueLine, before: ConsentLine | None = None) -> None:
        super().__init__(record.id, record)
        self._colleague = colleague
        self._before = before.scope if before else Scope(tuple(AT_FIRST), text("Shared care"), "oral")
        # By entry, not by version: where two versions compete, the consent names both.
        self._restricted = list({entry.id: entry for entry in record.entries if _is_restricted(entry)}.values())

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        heading = text("Consent to share with {name}").format(name=self._colleague.name)
        yield Words((heading, "bold $primary"), classes="page-title")
        with VerticalScroll(classes="page", can_focus=False):
            yield Words((text("What may be shared; the dates may stay empty"), "$text-muted"))
            with Container(classes="flags"):
                for kind in KINDS:
                    yield Flag(vocabulary.kinds(kind), kind in self._before.kinds, id=f"kind-{kind.value}")
            if self._restricted:
                yield Words((text("Restricted entries, one by one"), "$text-muted"), classes="spaced")
                for entry in self._restricted:
                    named = f"{title(entry)}  {shown_date(entry.date)}"
                    yield Flag(named, entry.id in self._before.restricted, id=f"entry-{entry.id}")
            words = text("Standing: each later change that it covers goes out by itself")
            yield Flag(words, self._before.standing, id="standing")
            begun = {name: getattr(self._before, name) for name in ("purpose", "given")}
            yield Form(FIELDS, begun | {name: shown_date(getattr(self._before, name)) for name in DATES})

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one(Form).field("purpose").focus()

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        return self.query_one(Form).is_changed

    @work
    async def action_save(self) -> None:
        """Record the consent; what is wrong is said where it is wrong."""
        form = self.query_one(Form)
        typed = form.typed
        dates = {name: typed_date(typed[name]) for name in DATES}
        refused = {name: text("This is not a date.") for name, iso in dates.items() if iso is None}
        ends = dates["ends"] or ""
        if ends and len(ends) != 10:
            refused["ends"] = text("A whole day is needed here: 12/03/2027.")
        elif ends and not is_after(ends, self.opened.today) and ends != self.opened.today:
            refused["ends"] = text("This day has passed.")
        if not typed["purpose"].strip():
            refused["purpose"] = text("This field is needed.")
        form.refuse(refused)
        scope = self._scope(typed, {name: iso or "" for name, iso in dates.items()})
        if not scope.kinds:
            self.building.tell(text("Nothing is chosen that may be shared."), warning=True)
        elif not refused:
            made = await self.attempt(self.gateway.grant(self.patient, self._colleague.id, scope))
            if made is not None:
                self.dismiss(made)

    def _scope(self, typed: dict[str, str], dates: dict[str, str]) -> Scope:
        kinds = tuple(kind for kind in KINDS if self.query_one(f"#kind-{kind.value}", Flag).value)
        named = {entry.id for entry in self._restricted if self.query_one(f"#entry-{entry.id}", Flag).value}
        return Scope(
            kinds,
            typed["purpose"].strip(),
            typed["given"],
            dates["ends"],
            tuple(sorted(named)),
            dates["since"],
            dates["before"],
            self.query_one("#standing", Flag).value,
        )


def _is_restricted(entry: Entry) -> bool:
    return entry.sensitivity is Sensitivity.RESTRICTED and entry.status is Status.FINAL
