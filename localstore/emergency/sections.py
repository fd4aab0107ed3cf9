"""The values of an emergency summary: sections, their items, and how much of the record each of them shows.

Separate from the selection (`summary`) so that the sheet and the document depend on values only. Nothing is ever left
out in silence: a section knows what it shows, what it holds back and what its own rule leaves out, and an empty section
says whether the question was asked.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from localstore.bodies import PatientBody
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.values import Author


class SectionName(StrEnum):
    """The sections, in the order in which they are read."""

    ALLERGIES = "allergies"
    MEDICATIONS = "medications"
    PROBLEMS = "problems"
    HISTORY = "history"
    DEVICES = "devices"
    MEASUREMENTS = "measurements"
    CONSULTATIONS = "consultations"
    PROCEDURES = "procedures"
    IMMUNISATIONS = "immunisations"
    FAMILY = "family"
    DIRECTIVES = "directives"
    CARE_TEAM = "care-team"
    CONTACTS = "contacts"


class Knowledge(StrEnum):
    """What is known about the question of a section. `WITHHELD`: something is recorded, and none of it is shown."""

    KNOWN = "known"
    NONE = "none"
    NOT_ASKED = "not-asked"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Item:
    """One version of one entry, ready to be shown.

    `label` is never empty. `date` is the clinical date (ISO 8601, may be partial or empty), `status` the status word of
    the body. `current` is false for what no longer holds (a resolved allergy). `competing`: another version of the same
    entry stands beside this one, and nobody has decided between them yet; `versions` is how many stand in all, and
    `retracted` how many of them say that the entry was made in error.
    """

    label: str
    date: str
    status: str
    entry: Entry
    current: bool = True
    competing: bool = False
    versions: int = 1
    retracted: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its items in reading order, and an account of what is not among them.

    `none_stated` are the entries that say "asked, and there is none". `withheld` counts restricted entries that were
    not named; `omitted` what the rule of the section leaves out (older values, older consultations); `elsewhere`
    entries of the same kind that are no part of the section by its definition (treatments that have ended).
    `CONTACTS` are relatives to be called: they stand with the identity, beside its own contacts.
    """

    name: SectionName
    items: tuple[Item, ...] = ()
    none_stated: tuple[Item, ...] = ()
    withheld: int = 0
    omitted: int = 0
    elsewhere: int = 0

    @property
    def shown(self) -> int:
        """How many entries are shown."""
        return len(self.items)

    @property
    def total(self) -> int:
        """How many entries belong to the section, shown or not."""
        return self.shown + self.withheld + self.omitted

    @property
    def complete(self) -> bool:
        """Whether everything that belongs to the section is shown."""
        return self.shown == self.total

    @property
    def knowledge(self) -> Knowledge:
        """Known, known to be none, not asked. What is held back never lets a section read as "none"."""
        if any(item.current for item in self.items):
            return Knowledge.KNOWN
        if self.withheld or self.omitted:
            return Knowledge.WITHHELD
        return Knowledge.NONE if self.none_stated else Knowledge.NOT_ASKED

    @property
    def contradicted(self) -> tuple[Item, ...]:
        """The statements of "none" that are not older than something current that is shown."""
        current = [item.entry.recorded for item in self.items if item.current]
        return tuple(none for none in self.none_stated if current and none.entry.recorded >= min(current))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Standing entries of a kind that has no section here: how many."""

    kind: Kind
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the emergency export says about one patient, made by `author` of `practice` at `made` (aware).

    `sections` holds every `SectionName` once, in its order. `other_identities` are versions of the identity that stand
    beside `patient`.
    """

    patient: PatientBody
    author: Author
    practice: str
    made: datetime
    sections: tuple[Section, ...]
    patient_id: str = ""
    other_identities: tuple[PatientBody, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def section(self, name: SectionName) -> Section:
        """The section of that name."""
        return next(section for section in self.sections if section.name is name)
