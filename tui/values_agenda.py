"""What the gateway hands to the screens of the agenda, of recalls and of family links: frozen values. Pure."""

from dataclasses import dataclass

from localstore.bodies import PatientBody, RecallBody, RelativeBody
from localstore.model import Entry, PatientSummary


@dataclass(frozen=True, slots=True)
class VisitLine:
    """An appointment: `begins` and `ends` as a clock on the wall shows them, empty where no time is known. `overlaps`:
    another one takes some of the same time."""

    version: str
    patient: str
    identity: PatientBody
    day: str
    begins: str
    ends: str
    minutes: int
    reason: str
    practitioner: str
    state: str
    note: str
    overlaps: bool = False


@dataclass(frozen=True, slots=True)
class FreeLine:
    """Time in which nobody comes."""

    begins: str
    ends: str
    minutes: int


@dataclass(frozen=True, slots=True)
class DayLines:
    """A day (ISO 8601): appointments and the free time between them, in the order of time."""

    day: str
    lines: tuple[VisitLine | FreeLine, ...]


@dataclass(frozen=True, slots=True)
class NewVisit:
    """An appointment that is to be booked: a day (ISO 8601) and a time as it was typed."""

    day: str
    time: str
    minutes: int
    reason: str = ""
    practitioner: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecallLine:
    """A recall that waits: `due` may be partial or empty; `standing` is overdue, due or later."""

    version: str
    patient: str
    identity: PatientBody
    due: str
    standing: str
    body: RecallBody


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    """What might be recalled for, and who recommends it."""

    label: str
    due: str
    every_months: int
    source: str


@dataclass(frozen=True, slots=True)
class RelativeLine:
    """A relative; `linked` is who he is here, `back` whether his record links to this patient too."""

    entry: Entry
    body: RelativeBody
    linked: PatientSummary | None
    back: bool


@dataclass(frozen=True, slots=True)
class ColleagueName:
    """A colleague whom a care team may name."""

    name: str
    rpps: str
