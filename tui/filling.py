"""How what was typed on a form becomes a body, and what the record holds becomes text on a form. Pure.

A field that was shown made safe and left as it was keeps what the record holds, byte for byte: showing never
rewrites.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.coded import COUNTS, ONLY_THE_FACT
from localstore.identity import is_rpps
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.values import Concept, Quantity
from tui import vitals
from tui.amounts import LARGEST_EXPONENT, measured
from tui.dates import is_after, shown_date, typed_date, typed_moment
from tui.display import safe
from tui.forms import DATE, FIELDS, NO, NONE_KNOWN, YES, Field, Shape
from tui.words.catalogue import text

_PLANNED = ("end", "abatement", "expiry")  # the end of a course of treatment may lie ahead
_AHEAD = frozenset({Kind.RECALL, Kind.APPOINTMENT})  # what is due and what is booked lie ahead
_QUANTITY = re.compile(r"(<=|>=|<|>)?\s*(\d{1,12}(?:[.,]\d{1,20})?)\s*(\S.*)?")
_RPPS_FIELDS = ("rpps", "correspondent_rpps")
BETWEEN = ";"  # of several concepts in one line


class Filled(NamedTuple):
    """What was typed, understood: a body with its date; or what cannot be accepted, by field. `doubts` are asked about
    before the entry is kept."""

    body: Body
    date: str
    refused: dict[str, str]
    doubts: list[str]


class _Refused(Exception):
    """What was typed is nothing that the field can hold; the words say why."""


EMPTY: dict[Kind, Body] = {
    Kind.ALLERGY: AllergyBody(),
    Kind.PROBLEM: ProblemBody(),
    Kind.MEDICATION: MedicationBody(),
    Kind.IMMUNISATION: ImmunisationBody(),
    Kind.MEASUREMENT: MeasurementBody(Concept()),
    Kind.CONSULTATION: ConsultationBody(),
    Kind.PROCEDURE: ProcedureBody(),
    Kind.DEVICE: DeviceBody(),
    Kind.FAMILY_HISTORY: FamilyHistoryBody(),
    Kind.DIRECTIVE: DirectiveBody(),
    Kind.DOCUMENT: DocumentBody(),
    Kind.LETTER: LetterBody(),
    Kind.RELATIVE: RelativeBody(""),
    Kind.CARER: CarerBody(""),
    Kind.RECALL: RecallBody(Concept()),
    Kind.APPOINTMENT: AppointmentBody(),
}


# --- what stands on a form ------------------------------------------------------------------------------------------


def _raw(body: Body, date: str, field: Field) -> str:
    """What the record holds in a field, as text."""
    if field.name == DATE:
        return date
    if field.shape is Shape.VALUE and isinstance(body, MeasurementBody):
        return _value_text(body)
    held = getattr(body, field.name)
    match held:
        case Concept():
            return held.label
        case bool():
            return YES if held else NO
        case Quantity():
            return " ".join(filter(None, (held.comparator, _number_text(held.value), held.unit or held.code)))
        case tuple():
            return f"{BETWEEN} ".join(one.label for one in held)
        case Decimal():
            return _number_text(held)
        case int():
            return str(held) if held or field.name == "onset_age" else ""
    return "" if held is None else str(held)


def _number_text(number: Decimal) -> str:
    return format(number, "f") if abs(number.adjusted()) <= LARGEST_EXPONENT else str(number)


def _value_text(body: MeasurementBody) -> str:
    """A value as it can be typed again: `72.5 kg`, `130/80`, `negative`; as it reads where it cannot."""
    typed = vitals.editable(body)
    if typed is None:
        return measured(body)
    return f"{typed} {body.quantity.unit}".strip() if body.quantity and not body.components else typed


def shown(field: Field, raw: str) -> str:
    """What a field of the record looks like on the form."""
    if field.shape is Shape.DEATH and raw == ONLY_THE_FACT:
        return text("yes")
    if field.shape in (Shape.DATE, Shape.MOMENT, Shape.DEATH):
        raw = shown_date(raw, time=field.shape is Shape.MOMENT)
    return safe(raw, lines=field.shape is Shape.LINES)


def begin(kind: Kind, today: str, entry: Entry | None = None) -> dict[str, str]:
    """What stands on the form at first, by field: the entry to amend, or an empty one of today."""
    return texts_of(kind, *_held_before(kind, today, entry))


def texts_of(kind: Kind, body: Body, date: str) -> dict[str, str]:
    """What a body and its date look like on the form, by field."""
    return {field.name: shown(field, _raw(body, date, field)) for field in FIELDS[kind]}


def _held_before(kind: Kind, today: str, entry: Entry | None) -> tuple[Body, str]:
    return (entry.body, entry.date) if entry else (EMPTY[kind], _first_date(kind, today))


def _first_date(kind: Kind, today: str) -> str:
    return "" if kind in _AHEAD else today


# --- what was typed -------------------------------------------------------------------------------------------------


def fill(kind: Kind, typed: Mapping[str, str], today: str, entry: Entry | None = None) -> Filled:
    """Understand what was typed; `entry` is the one being amended."""
    return fill_in(kind, typed, today, *_held_before(kind, today, entry))


def fill_in(kind: Kind, typed: Mapping[str, str], today: str, body: Body, date: str) -> Filled:
    """Understand what was typed over a body and its date."""
    changes: dict[str, object] = {}
    refused: dict[str, str] = {}
    for field in FIELDS[kind]:
        said = typed[field.name]
        if said == shown(field, _raw(body, date, field)):
            continue
        try:
            if field.name == DATE:
                date = _date(field, said)
            elif field.shape is Shape.VALUE and isinstance(body, MeasurementBody):
                changes |= _value(body, said)
            else:
                changes[field.name] = _held(field, said, getattr(body, field.name), type(body))
        except _Refused as error:
            refused[field.name] = str(error)
    body = msgspec.structs.replace(body, **changes)
    refused = _missing(kind, body, date) | refused
    return Filled(body, date, refused, _doubts(kind, body, date, today))


def _held(field: Field, said: str, before: Any, owner: type) -> object:
    """What the field holds after something was typed. Raises _Refused."""
    match field.shape:
        case Shape.DATE | Shape.DEATH | Shape.MOMENT:
            return _date(field, said)
        case Shape.FLAG:
            return bool(said)
        case Shape.COUNT:
            return _count(field, said, owner)
        case Shape.NUMBER:
            return _decimal(said) if said.strip() else None
        case Shape.QUANTITY:
            return _quantity(said) if said.strip() else None
        case Shape.CONCEPTS:
            return _concepts(said, before)
    return Concept(said.strip()) if isinstance(before, Concept) else said.strip()


def _date(field: Field, said: str) -> str:
    if field.shape is Shape.DEATH and said.strip().casefold() in (text("yes").casefold(), ONLY_THE_FACT):
        return ONLY_THE_FACT
    if field.shape is Shape.MOMENT:
        moment = typed_moment(said)
        if moment is None:
            raise _Refused(text("“{typed}” is no day with its time: write 12/03/2024 14:30.").format(typed=said))
        return moment
    iso = typed_date(said)
    if iso is None:
        raise _Refused(text("“{typed}” is not a date: write 12/03/2024, 03/2024 or 2024.").format(typed=said))
    return iso


def _count(field: Field, said: str, owner: type) -> int | None:
    if not said.strip():
        return None if field.name == "onset_age" else 0
    least, most = COUNTS[owner][field.name]
    if not (said.strip().isascii() and said.strip().isdigit()) or not least <= int(said[:9]) <= most:
        words = text("“{typed}” is no whole number from {least} to {most}.")
        raise _Refused(words.format(typed=said, least=least, most=most))
    return int(said)


def _decimal(said: str) -> Decimal:
    try:
        number = Decimal(said.strip().replace(",", "."))
    except InvalidOperation as error:
        raise _Refused(text("“{typed}” is not a number.").format(typed=said)) from error
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise _Refused(text("“{typed}” is not a number.").format(typed=said))
    return number


def _quantity(said: str) -> Quantity:
    found = _QUANTITY.fullmatch(said.strip())
    if found is None:
        raise _Refused(text("“{typed}” is no number with its unit: write 500 mg.").format(typed=said))
    comparator, number, unit = found.groups(default="")
    return Quantity(_decimal(number), unit.strip(), comparator=comparator)


def _concepts(said: str, before: tuple[Concept, ...]) -> tuple[Concept, ...]:
    """The concepts of a line; one that stood there before keeps its codes."""
    known = {safe(one.label): one for one in before}
    parts = [part.strip() for part in said.split(BETWEEN)]
    return tuple(known.get(part, Concept(part)) for part in parts if part)


def _value(body: MeasurementBody, said: str) -> dict[str, object]:
    """The fields that a typed value changes: the figure of what was there, or a number with its unit, or words."""
    if body.components:
        made = vitals.edited(body, said)
        if made is None:
            raise _Refused(text("“{typed}” is not a number.").format(typed=said))
        return {"components": made.components}
    found = _QUANTITY.fullmatch(said.strip())
    if found is None:
        return {"quantity": None, "text": said.strip()}
    quantity = _quantity(said)
    before = body.quantity
    if before is not None and quantity.unit in ("", before.unit):
        comparator = quantity.comparator or before.comparator
        quantity = msgspec.structs.replace(before, value=quantity.value, comparator=comparator)
    return {"quantity": quantity, "text": ""}


# --- what cannot be, and what is unlikely ---------------------------------------------------------------------------


def _missing(kind: Kind, body: Body, date: str) -> dict[str, str]:
    """The first field says what the entry is about: it may only be empty where there is none."""
    first = FIELDS[kind][0]
    named = bool(date if first.name == DATE else _raw(body, date, first).strip())
    if isinstance(body, ConsultationBody):
        return {}  # its vital signs may be all that there is
    if isinstance(body, DocumentBody | LetterBody | DirectiveBody):
        named = named or bool(body.text or body.attachment or getattr(body, "content", b"") or _place(body))
    if getattr(body, NONE_KNOWN, False):
        says = named or (isinstance(body, FamilyHistoryBody) and bool(body.conditions))
        return {NONE_KNOWN: text("“None known” cannot be said of an entry that names one.")} if says else {}
    needed = text("This field is needed.")
    missing = {} if named else {first.name: needed}
    if named and isinstance(body, MeasurementBody) and not (body.quantity or body.text or body.components):
        missing["quantity"] = needed
    return missing


def _place(body: Body) -> str:
    return body.place if isinstance(body, DirectiveBody) else ""


def _doubts(kind: Kind, body: Body, date: str, today: str) -> list[str]:
    dates = {
        text(field.label): date if field.name == DATE else getattr(body, field.name)
        for field in FIELDS[kind]
        if field.shape in (Shape.DATE, Shape.DEATH) and field.name not in _PLANNED
        if not (field.name == DATE and kind in _AHEAD)
    }
    doubts = [
        text("{what}: {date} lies in the future.").format(what=label, date=shown_date(iso))
        for label, iso in dates.items()
        if iso != ONLY_THE_FACT and is_after(iso, today)
    ]
    start = getattr(body, "onset", "") or getattr(body, "start", "")
    end = getattr(body, "abatement", "") or getattr(body, "end", "")
    if start and end and end[: len(start)] < start[: len(end)]:
        doubts.append(text("The end lies before the beginning."))
    for name in _RPPS_FIELDS:
        number = getattr(body, name, "")
        if number and not is_rpps(number):
            doubts.append(text("{number} is no valid RPPS number.").format(number=number))
    return doubts
