"""The forms: which fields each kind of entry has, and how what was typed becomes a body. Pure.

A field that was shown made safe and left as it was keeps what the record holds, byte for byte: showing never
rewrites.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

import msgspec

from localstore.bodies import (
    AllergyBody,
    Body,
    DocumentBody,
    ImmunisationBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.values import Concept
from tui import vocabulary
from tui.dates import is_after, shown_date, typed_date
from tui.display import safe
from tui.words.catalogue import text
from tui.words.marking import message


class Shape(Enum):
    """How a field is typed."""

    LINE = auto()
    LINES = auto()
    DATE = auto()
    CHOICE = auto()
    FLAG = auto()


class Field(NamedTuple):
    """One field. `choices` are (value, msgid); the first is what a new entry begins with."""

    name: str
    label: str
    shape: Shape = Shape.LINE
    choices: tuple[tuple[str, str], ...] = ()


class Filled(NamedTuple):
    """What was typed, understood: a body with its date; or what cannot be accepted, by field. `doubts` are asked about
    before the entry is kept."""

    body: Body
    date: str
    refused: dict[str, str]
    doubts: list[str]


def _choices(table: dict[str, str], *, blank: bool = False) -> tuple[tuple[str, str], ...]:
    return (("", "—"),) * blank + tuple(table.items())


YES, NO = "yes", ""
DATE = "date"
NONE_KNOWN = "none_known"
_PLANNED = ("end", "abatement")  # the end of a course of treatment may lie ahead
_NOTE = Field("note", message("Note"))
_DATE = Field(DATE, message("Date"), Shape.DATE)

FORMS: dict[Kind, tuple[Field, ...]] = {
    Kind.ALLERGY: (
        Field("substance", message("Allergy to")),
        Field("criticality", message("Severity"), Shape.CHOICE, _choices(vocabulary.CRITICALITY, blank=True)),
        Field("reaction", message("Reaction")),
        Field("category", message("It is"), Shape.CHOICE, _choices(vocabulary.ALLERGY_CATEGORY, blank=True)),
        Field("clinical_status", message("Status"), Shape.CHOICE, _choices(vocabulary.ALLERGY_STATUS)),
        Field("onset", message("Beginning"), Shape.DATE),
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No known allergy (asked)"), Shape.FLAG),
    ),
    Kind.PROBLEM: (
        Field("concept", message("Problem")),
        Field("clinical_status", message("Status"), Shape.CHOICE, _choices(vocabulary.PROBLEM_STATUS)),
        Field("onset", message("Beginning"), Shape.DATE),
        Field("abatement", message("End"), Shape.DATE),
        Field("severity", message("Severity")),
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No known problem (asked)"), Shape.FLAG),
    ),
    Kind.MEDICATION: (
        Field("medicine", message("Medicine")),
        Field("dosage", message("Dosage")),
        Field("state", message("State"), Shape.CHOICE, _choices(vocabulary.MEDICATION_STATE)),
        Field("start", message("Beginning"), Shape.DATE),
        Field("end", message("End"), Shape.DATE),
        Field("reason", message("Reason")),
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No current medicine (asked)"), Shape.FLAG),
    ),
    Kind.IMMUNISATION: (
        Field("vaccine", message("Vaccine")),
        _DATE,
        Field("state", message("State"), Shape.CHOICE, _choices(vocabulary.IMMUNISATION_STATE)),
        Field("dose", message("Dose")),
        Field("lot", message("Lot")),
        Field("site", message("Site")),
        Field("reason", message("Reason")),
        _NOTE,
    ),
    Kind.PROCEDURE: (
        Field("concept", message("Procedure")),
        _DATE,
        Field("reason", message("Reason")),
        _NOTE,
    ),
    Kind.DOCUMENT: (
        Field("title", message("Title")),
        _DATE,
        Field("text", message("Text"), Shape.LINES),
    ),
}
_EMPTY: dict[Kind, Body] = {
    Kind.ALLERGY: AllergyBody(),
    Kind.PROBLEM: ProblemBody(),
    Kind.MEDICATION: MedicationBody(),
    Kind.IMMUNISATION: ImmunisationBody(vaccine=Concept()),
    Kind.PROCEDURE: ProcedureBody(concept=Concept()),
    Kind.DOCUMENT: DocumentBody(),
}


def _raw(body: Body, date: str, field: Field) -> str:
    """What the record holds in a field, as text."""
    if field.name == DATE:
        return date
    held = getattr(body, field.name)
    if isinstance(held, Concept):
        return held.label
    return (YES if held else NO) if isinstance(held, bool) else str(held)


def shown(field: Field, raw: str) -> str:
    """What a field of the record looks like on the form."""
    return safe(shown_date(raw) if field.shape is Shape.DATE else raw, lines=field.shape is Shape.LINES)


def begin(kind: Kind, today: str, entry: Entry | None = None) -> dict[str, str]:
    """What stands on the form at first, by field: the entry to amend, or an empty one of today."""
    body, date = (entry.body, entry.date) if entry else (_EMPTY[kind], today)
    return {field.name: shown(field, _raw(body, date, field)) for field in FORMS[kind]}


def fill(kind: Kind, typed: Mapping[str, str], today: str, entry: Entry | None = None) -> Filled:
    """Understand what was typed; `entry` is the one being amended."""
    body, date = (entry.body, entry.date) if entry else (_EMPTY[kind], today)
    changes: dict[str, object] = {}
    refused: dict[str, str] = {}
    for field in FORMS[kind]:
        said, raw = typed[field.name], _raw(body, date, field)
        if said == shown(field, raw):
            continue
        if field.shape is Shape.DATE:
            iso = typed_date(said)
            if iso is None:
                refused[field.name] = text("“{typed}” is not a date: write 12/03/2024, 03/2024 or 2024.").format(
                    typed=said
                )
                continue
            if field.name == DATE:
                date = iso
            else:
                changes[field.name] = iso
        elif isinstance(getattr(body, field.name), Concept):
            changes[field.name] = Concept(said.strip())
        else:
            changes[field.name] = bool(said) if field.shape is Shape.FLAG else said.strip()
    body = msgspec.structs.replace(body, **changes)
    refused |= _missing(kind, body)
    return Filled(body, date, refused, _doubts(kind, body, date, today))


def _missing(kind: Kind, body: Body) -> dict[str, str]:
    """The first field says what the entry is about: it may only be empty where there is none."""
    first = FORMS[kind][0]
    held = getattr(body, first.name)
    named = bool(held.label.strip() if isinstance(held, Concept) else held)
    none = bool(getattr(body, NONE_KNOWN, False))
    if isinstance(body, DocumentBody):
        named = bool(body.title or body.text or body.content)
    if named and none:
        return {NONE_KNOWN: text("“None known” cannot be said of an entry that names one.")}
    return {} if named or none else {first.name: text("This field is needed.")}


def _doubts(kind: Kind, body: Body, date: str, today: str) -> list[str]:
    dates = {
        text(field.label): date if field.name == DATE else getattr(body, field.name)
        for field in FORMS[kind]
        if field.shape is Shape.DATE and field.name not in _PLANNED
    }
    doubts = [
        text("{what}: {date} lies in the future.").format(what=label, date=shown_date(iso))
        for label, iso in dates.items()
        if is_after(iso, today)
    ]
    start = getattr(body, "onset", "") or getattr(body, "start", "")
    end = getattr(body, "abatement", "") or getattr(body, "end", "")
    if start and end and end[: len(start)] < start[: len(end)]:
        doubts.append(text("The end lies before the beginning."))
    return doubts
