"""Whether what a body states holds, is over, or is denied. Pure. One set of rules for questions and for warnings.

Statuses are those of FHIR R4 (allergyintolerance-clinical and -verification, condition-clinical and -ver-status,
event, medication and appointment statuses). A status that is unknown here counts as current: the safe side.
"""

import re
from enum import IntEnum

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    CarerBody,
    DeviceBody,
    DirectiveBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
)
from localstore.folding import fold
from localstore.values import Concept


class Stance(IntEnum):
    """How a body stands to what it is about."""

    HOLDS = 0
    OVER = 1  # it was so: a resolved problem, a medicine that was stopped
    DENIED = 2  # it is said not to be so, or not to have been done: nobody who looks for it means this


_REFUTED = frozenset({"refuted", "entered-in-error"})
_NOT_DONE = frozenset({"not-done", "not-taken", "cancelled", "noshow", "draft", "preparation", "entered-in-error"})
_ENDED = frozenset({"inactive", "remission", "resolved", "completed", "stopped", "ended"})
# How a concept says that there is none of something, folded: in the words that an import writes
# (`localstore.fhir.remarks`), in those of SNOMED CT ("No known allergy"), and in French.
_NEGATION = re.compile(
    r"(?:absence declaree|pas d information disponible|refute|ne pas donner|no known|no history of|no evidence of)\b"
    r"|(?:aucune?|pas d|pas de|absence d|absence de|sans) (?:\w+ ){1,6}connue?s?\b"
)
LONGEST_LABEL = 200  # characters that are looked at
# What an import writes in the place of a value (`localstore.fhir.remarks`), folded.
_NO_VALUE = re.compile(r"(?:pas de valeur|annule)\b")


def stance(body: Body) -> Stance:
    """Whether what a body is about holds, is over, or is denied, as far as the body says so without a calendar."""
    if _is_denied(body):
        return Stance.DENIED
    return Stance.OVER if _is_ended(body) else Stance.HOLDS


def end(body: Body) -> str:
    """The date, which may be partial, after which what a body is about holds no more; empty where it says none."""
    match body:
        case ProblemBody():
            return body.abatement
        case MedicationBody() | DeviceBody() | CarerBody():
            return body.end
        case _:
            return ""


def holds(body: Body, today: str) -> bool:
    """Whether what a body is about is so on the day `today`."""
    return stance(body) is Stance.HOLDS and not is_over(end(body), today)


def is_over(end: str, today: str) -> bool:
    """Whether an end, as far as it is known, lies before the day `today`: a year or a month has to be over whole."""
    return bool(end) and end[:10] < today[: len(end[:10])]


def has_value(body: MeasurementBody) -> bool:
    """Whether a measurement says what was measured: a number, words that are a result, or a component that does."""
    if body.quantity is not None or _is_result(body.text):
        return True
    return any(part.quantity is not None or _is_result(part.text) for part in body.components)


def is_negation(concept: Concept) -> bool:
    """Whether a concept says that there is none of something, or that nothing is known: "No known drug allergy"."""
    return _NEGATION.match(fold(concept.label[:LONGEST_LABEL])) is not None


def _is_result(text: str) -> bool:
    return bool(text.strip()) and _NO_VALUE.match(fold(text[:LONGEST_LABEL])) is None


def _is_denied(body: Body) -> bool:
    match body:
        case ProblemBody(concept=concept) | AllergyBody(substance=concept):
            return body.none_known or body.verification in _REFUTED or _says_none(body.clinical_status, concept)
        case (
            MedicationBody(medicine=concept)
            | DeviceBody(device=concept)
            | ImmunisationBody(vaccine=concept)
            | ProcedureBody(concept=concept)
        ):
            return body.none_known or _says_none(body.state, concept)
        case FamilyHistoryBody():
            return body.none_known or bool(body.conditions) and all(map(is_negation, body.conditions))
        case MeasurementBody():
            return not has_value(body)
        case RecallBody() | AppointmentBody():
            return body.state in _NOT_DONE
        case _:
            return False


def _says_none(state: str, concept: Concept) -> bool:
    return state in _REFUTED or state in _NOT_DONE or is_negation(concept)


def _is_ended(body: Body) -> bool:
    match body:
        case ProblemBody() | AllergyBody():
            return body.clinical_status in _ENDED
        case MedicationBody() | DeviceBody() | DirectiveBody():
            return body.state in _ENDED
        case _:
            return False
