"""What a body is about, as a question to the whole practice would look for it. Pure.

Three things of each body: the concept that it is mainly about, the words that somebody typed (with the names of what
else it speaks of), and the values that were measured. `localstore.indexing` keeps them; whether it holds is told by
`localstore.standing`. Nothing here is shown to anybody.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

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
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.values import Concept, Quantity

LARGEST = Decimal(10) ** 300  # what a database's floating point number still holds
BOUNDS = frozenset({"<", "<=", ">=", ">"})


class Measured(NamedTuple):
    """One value: of what, how much, in which unit (UCUM where known, else as written), and whether it only bounds the
    true one: `<`, `<=`, `>=`, `>` or empty."""

    concept: Concept
    value: float
    unit: str
    bound: str


def about(body: Body) -> Concept | None:
    """The concept that an entry is mainly about; None where it is about none."""
    concept = _concept(body)
    return concept if concept is not None and concept.label else None


def _concept(body: Body) -> Concept | None:
    match body:
        case MeasurementBody() | ProcedureBody() | ProblemBody() | RecallBody():
            return body.concept
        case OtherBody():
            return Concept(body.label)
        case ConsultationBody() | DocumentBody() | DirectiveBody():
            return body.type
        case ImmunisationBody():
            return body.vaccine
        case MedicationBody():
            return body.medicine
        case AllergyBody():
            return body.substance
        case DeviceBody():
            return body.device
        case FamilyHistoryBody():
            return body.conditions[0] if body.conditions else None
        case CarerBody():
            return body.role
        case RelativeBody():
            return body.relationship
        case _:
            return None


# The fields that hold words which somebody typed; the identity has a search of its own.
_WORDS: dict[type, tuple[str, ...]] = {
    PatientBody: (),
    ProblemBody: ("severity", "note"),
    AllergyBody: ("reaction", "note"),
    MedicationBody: ("dosage", "reason", "note"),
    ImmunisationBody: ("lot", "reason", "note", "manufacturer"),
    MeasurementBody: ("text", "note"),
    ConsultationBody: ("reason", "findings", "conclusion", "plan"),
    ProcedureBody: ("outcome", "reason", "note"),
    DeviceBody: ("identifier", "manufacturer", "note"),
    FamilyHistoryBody: ("note",),
    DirectiveBody: ("text", "place"),
    DocumentBody: ("title", "text"),
    LetterBody: ("title", "correspondent", "text"),
    RelativeBody: ("name", "note"),
    CarerBody: ("name", "organisation", "note"),
    RecallBody: ("reason", "note"),
    AppointmentBody: ("reason", "note"),
    OtherBody: (),
}


def words(body: Body) -> str:
    """The words that somebody typed, as they were typed, and the names of what a body speaks of besides what it is
    about; empty where there are none."""
    found = [getattr(body, field) for field in _WORDS[type(body)]]
    return " ".join([text for text in (*found, *_besides(body)) if text])


def _besides(body: Body) -> Iterator[str]:
    match body:
        case AllergyBody(manifestations=concepts) | ImmunisationBody(targets=concepts):
            yield from (one.label for one in concepts)
        case FamilyHistoryBody():
            yield from (one.label for one in (*body.conditions[1:], body.relationship))
        case ProblemBody() | ProcedureBody() | DeviceBody():
            yield body.body_site.label
        case MeasurementBody():  # components with a value are found by that
            for part in body.components:
                yield from (part.text, part.concept.label if part.quantity is None else "")
        case _:
            return


def measured(body: Body) -> list[Measured]:
    """The values of a measurement: its own, and those of its components. What is too large for a floating point number
    has none."""
    if type(body) is not MeasurementBody:
        return []
    return list(_values(body))


def _values(body: MeasurementBody) -> Iterator[Measured]:
    stated = [(body.concept, body.quantity), *((one.concept, one.quantity) for one in body.components)]
    for concept, quantity in stated:
        if quantity is not None and concept.label and _fits(quantity):
            bound = quantity.comparator if quantity.comparator in BOUNDS else ""
            yield Measured(concept, float(quantity.value), quantity.code or quantity.unit, bound)


def _fits(quantity: Quantity) -> bool:
    return quantity.value.is_finite() and abs(quantity.value) < LARGEST
