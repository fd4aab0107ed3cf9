"""One life while it is being written: who it is, what is known, and the entries made so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from localstore.bodies import Body, ConsultationBody, PatientBody
from localstore.kinds import Sensitivity
from localstore.synthetic import growth
from localstore.synthetic.diseases import Disease
from localstore.synthetic.draw import pick
from localstore.synthetic.medicines import Medicine
from localstore.values import Concept

# Days on which no practice is open, as (month, day). Moving feasts are left aside.
_CLOSED = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
_SUNDAY = 6
_APART = 3  # days between two consultations, at least
YEAR = 365.25
FRAIL_AT = 84  # years: those who don't go out any more are seen at home from then on


class SyntheticEntry(NamedTuple):
    """A statement about a synthetic patient: when it was true (ISO 8601, may be partial), what, how sensitive."""

    date: str
    body: Body
    sensitivity: Sensitivity = Sensitivity.NORMAL


@dataclass(slots=True)
class Course:
    """A long treatment under way: the steps of one chain, which of them is taken, since when."""

    disease: Disease
    chain: tuple[Medicine, ...]
    step: int
    start: date

    @property
    def medicine(self) -> Medicine:
        """What is taken now."""
        return self.chain[self.step]


@dataclass(slots=True)
class Known:
    """A chronic disease of this life. `need` is how many steps of treatment it takes to control it."""

    disease: Disease
    onset: date
    need: int
    restricted: bool
    slots_used: int = 0
    end: date | None = None  # when it was over, for what passes

    def there(self, day: date) -> bool:
        """Whether it was known before that day and not over yet."""
        return self.onset < day and (self.end is None or day < self.end)


@dataclass(slots=True)
class Life:
    """A patient in the making. `first` is the day the practice opened the record, `last` the last day of the story."""

    rng: Random
    body: PatientBody
    birth: date
    first: date
    last: date
    frame: growth.Frame
    blood_group: str
    packs: float = 0.0  # packs of cigarettes a day times years, so far
    entries: list[SyntheticEntry] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    habits: set[str] = field(default_factory=set)
    courses: list[Course] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)  # classes of medicines that an allergy rules out
    busy: set[date] = field(default_factory=set)
    panels: dict[str, date] = field(default_factory=dict)  # when a laboratory panel was last done
    controls: list[date] = field(default_factory=list)  # days on which a consultation asked to see the patient again
    said: dict[str, str] = field(default_factory=dict)  # what the last consultation said about a matter
    pregnancies: list[tuple[date, date]] = field(default_factory=list)  # first day, and end or due day

    @property
    def sex(self) -> str:
        """`male` or `female`."""
        return self.body.sex

    def age(self, day: date) -> float:
        """Age in years."""
        return (day - self.birth).days / YEAR

    def at_age(self, age: float) -> date:
        """The day of this age in years."""
        return self.birth + timedelta(days=round(age * YEAR))

    def add(self, day: date | str, body: Body, restricted: bool = False) -> None:
        """Write an entry."""
        when = day if isinstance(day, str) else day.isoformat()
        self.entries.append(SyntheticEntry(when, body, Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL))

    def written(self, day: date) -> str:
        """The day as this practice knows it: exact since it has the record, only the month or year before."""
        if day >= self.first:
            return day.isoformat()
        months = (self.first - day).days < 2 * YEAR
        return day.isoformat()[:7] if months else day.isoformat()[:4]

    def has(self, key: str, day: date | None = None) -> bool:
        """Whether the disease is there, by that day if one is given."""
        known = self.known.get(key)
        return known is not None and (day is None or known.onset <= day)

    def another(self, matter: str, choices: Sequence[str]) -> str:
        """One of the choices, and not the one of last time where there are others."""
        fresh = [choice for choice in choices if choice != self.said.get(matter)] or list(choices)
        self.said[matter] = chosen = pick(self.rng, fresh)
        return chosen

    def pregnant(self, day: date) -> bool:
        """Whether the day is within a pregnancy or the six weeks after it."""
        return any(start <= day <= end + timedelta(days=42) for start, end in self.pregnancies)

    def open_day(self, day: date) -> date | None:
        """This day or one soon after on which the practice is open and no other consultation is near."""
        for later in range(12):
            candidate = day + timedelta(days=later)
            near = any(candidate + timedelta(days=days) in self.busy for days in range(-_APART, _APART + 1))
            if not _closed(candidate) and not near and self.first <= candidate <= self.last:
                self.busy.add(candidate)
                return candidate
        return None

    def working_day(self, day: date) -> date:
        """This day, or the last before it on which laboratories and hospitals work."""
        while _closed(day) and day > self.birth:
            day -= timedelta(days=1)
        return day

    def setting(self, day: date) -> tuple[Concept, str]:
        """The type and place of a consultation: at home for the old who don't go out any more."""
        if "à domicile" in self.habits and self.age(day) > FRAIL_AT:
            return Concept(text="Visite à domicile"), "Domicile du patient"
        return Concept(text="Consultation au cabinet"), "Cabinet"

    def consult(self, day: date, consultation: ConsultationBody, restricted: bool = False) -> None:
        """Write a consultation of this practice."""
        self.add(day, consultation, restricted)


def _closed(day: date) -> bool:
    return day.weekday() == _SUNDAY or (day.month, day.day) in _CLOSED
