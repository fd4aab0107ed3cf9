"""What a body is about, as a question to the whole practice would look for it. Pure.

Four things of each body: the concept that it is mainly about, whether that holds, the words that somebody typed, and
the values that were measured. `localstore.indexing` keeps them; nothing here is shown to anybody.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import IntEnum
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


class Measured(NamedTuple):
    """One value: of what, how much, and in which unit (UCUM where known, else as written)."""

    concept: Concept
    value: float
    unit: str


class Stance(IntEnum):
    """How a body stands to what it is about."""

    HOLDS = 0
    OVER = 1  # it was so: a resolved problem, a medicine that was stopped
    DENIED = 2  # it is said not to be so, or not to have been done: nobody who looks for it means this


_NOT_DONE = frozenset({"not-done", "cancelled", "noshow"})
_ENDED = frozenset({"inactive", "remission", "resolved", "completed", "stopped"})


def stance(body: Body) -> Stance:
    """Whether what a body is about holds, is over, or is denied."""
    match body:
        case ProblemBody() | AllergyBody():
            if body.none_known or body.verification == "refuted":
                return Stance.DENIED
            return Stance.OVER if body.clinical_status in _ENDED else Stance.HOLDS
        case MedicationBody() | DeviceBody():
            if body.none_known or body.state in _NOT_DONE:
                return Stance.DENIED
            return Stance.OVER if body.state in _ENDED else Stance.HOLDS
        case ImmunisationBody() | ProcedureBody():
            return Stance.DENIED if body.none_known or body.state in _NOT_DONE else Stance.HOLDS
        case FamilyHistoryBody():
            return Stance.DENIED if body.none_known else Stance.HOLDS
        case RecallBody() | AppointmentBody():
            return Stance.DENIED if body.state in _NOT_DONE else Stance.HOLDS
        case _:
            return Stance.HOLDS


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
    """The words that somebody typed, as they were typed; empty where there are none."""
    found = [getattr(body, field) for field in _WORDS[type(body)]]
    return " ".join([text for text in found if text])


def measured(body: Body) -> list[Measured]:
    """The values of a measurement: its own, and those of its components. What is too large for a floating point number
    has none."""
    if type(body) is not MeasurementBody:
        return []
    return [Measured(concept, value, unit) for concept, value, unit in _values(body)]


def _values(body: MeasurementBody) -> Iterator[tuple[Concept, float, str]]:
    stated = [(body.concept, body.quantity), *((one.concept, one.quantity) for one in body.components)]
    for concept, quantity in stated:
        if quantity is not None and concept.label and _fits(quantity):
            yield concept, float(quantity.value), quantity.code or quantity.unit


def _fits(quantity: Quantity) -> bool:
    return quantity.value.is_finite() and abs(quantity.value) < LARGEST
