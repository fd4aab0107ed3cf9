"""The patients that the tests look at, generated once, and ways to pick things out of them."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TypeVar

from localstore.bodies import (
    AllergyBody,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.synthetic import generator
from localstore.synthetic.generator import SyntheticEntry, SyntheticPatient
from localstore.values import Concept

TODAY = date(2026, 11, 21)
SEED = 2026
COUNT = 500

Kind = TypeVar("Kind")


@cache
def patients() -> tuple[SyntheticPatient, ...]:
    """COUNT patients."""
    return tuple(generator.patients(SEED, COUNT, TODAY))


def bodies(patient: SyntheticPatient, kind: type[Kind]) -> list[tuple[str, Kind]]:
    """The entries of one kind, with their dates."""
    return [(entry.date, entry.body) for entry in patient.entries if isinstance(entry.body, kind)]


def birth(patient: SyntheticPatient) -> date:
    """The day of birth."""
    return date.fromisoformat(patient.body.birth_date)


def last_day(patient: SyntheticPatient) -> date:
    """The day of death, or today."""
    return date.fromisoformat(patient.body.deceased) if patient.body.deceased else TODAY


def age(patient: SyntheticPatient, day: date) -> float:
    """Age in years."""
    return (day - birth(patient)).days / 365.25


def not_before(later: str, earlier: str) -> bool:
    """Whether a date may be no earlier than another, as far as both are known."""
    shortest = min(len(later), len(earlier))
    return later[:shortest] >= earlier[:shortest]


def problems(patient: SyntheticPatient) -> dict[str, ProblemBody]:
    """The problems by their words."""
    return {body.concept.text: body for _, body in bodies(patient, ProblemBody) if not body.none_known}


def values(patient: SyntheticPatient, code: str) -> list[tuple[str, float]]:
    """The values of a LOINC code, with their dates."""
    return [
        (day, float(body.quantity.value))
        for day, body in bodies(patient, MeasurementBody)
        if body.quantity is not None and body.concept.codings[0].code == code
    ]


def _concept(concept: Concept) -> Iterator[str]:
    yield concept.text
    yield from (coding.label for coding in concept.codings)


def texts(entry: SyntheticEntry) -> Iterator[str]:
    """Every text of an entry that a person reads."""
    body = entry.body
    match body:
        case ProblemBody():
            yield from (*_concept(body.concept), body.note)
        case AllergyBody():
            yield from (body.substance.text, body.reaction, body.note)
        case MedicationBody():
            yield from (body.medicine.text, body.dosage, body.reason, body.note)
        case ImmunisationBody():
            yield from (body.vaccine.text, body.dose, body.site, body.lot)
        case MeasurementBody():
            yield from (*_concept(body.concept), body.text)
        case ConsultationBody():
            yield from (body.reason, body.findings, body.conclusion, body.plan, body.type.text, body.place)
        case ProcedureBody():
            yield from (body.concept.text, body.note, body.reason)
        case DocumentBody():
            yield from (body.title, body.text)


def every_text(patient: SyntheticPatient) -> Iterator[str]:
    """Every text of every entry."""
    for entry in patient.entries:
        yield from texts(entry)
