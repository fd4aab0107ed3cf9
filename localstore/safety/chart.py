"""What of a chart the checks look at: what stands and still holds. Pure.

A status that is unknown here counts as current: the safe side.
"""

from collections.abc import Iterable, Iterator

from localstore.bodies import AllergyBody, MeasurementBody, MedicationBody, ProblemBody
from localstore.kinds import Status
from localstore.model import Entry

# FHIR R4 value sets allergyintolerance-clinical, condition-clinical and medication statuses, and what they call past.
_PAST_ALLERGIES = frozenset({"inactive", "resolved", "refuted"})
_PAST_PROBLEMS = frozenset({"inactive", "remission", "resolved", "refuted"})
_PAST_MEDICATIONS = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", "ended"})
_REFUTED = frozenset({"refuted", "entered-in-error"})


def holds_allergy(body: AllergyBody) -> bool:
    """Whether an allergy is still one: not "none known", not resolved, not refuted."""
    return not body.none_known and body.clinical_status not in _PAST_ALLERGIES and body.verification not in _REFUTED


def holds_problem(body: ProblemBody, today: str) -> bool:
    """Whether a problem is still there on the day `today`."""
    if body.none_known or body.clinical_status in _PAST_PROBLEMS or body.verification in _REFUTED:
        return False
    return not is_over(body.abatement, today)


def holds_medication(body: MedicationBody, today: str) -> bool:
    """Whether a medicine is taken, or on hold, on the day `today`."""
    return not body.none_known and body.state not in _PAST_MEDICATIONS and not is_over(body.end, today)


def is_over(end: str, today: str) -> bool:
    """Whether an end, as far as it is known, lies before the day `today`: a year or a month has to be over whole."""
    return bool(end) and end[:10] < today[: len(end[:10])]


def allergies(entries: Iterable[Entry]) -> Iterator[tuple[Entry, AllergyBody]]:
    """The allergies that hold."""
    for entry in entries:
        if entry.status is Status.FINAL and isinstance(entry.body, AllergyBody) and holds_allergy(entry.body):
            yield entry, entry.body


def problems(entries: Iterable[Entry], today: str) -> Iterator[tuple[Entry, ProblemBody]]:
    """The problems that are there."""
    for entry in entries:
        if entry.status is Status.FINAL and isinstance(entry.body, ProblemBody) and holds_problem(entry.body, today):
            yield entry, entry.body


def medications(entries: Iterable[Entry], today: str) -> Iterator[tuple[Entry, MedicationBody]]:
    """The medicines that are taken."""
    for entry in entries:
        body = entry.body
        if entry.status is Status.FINAL and isinstance(body, MedicationBody) and holds_medication(body, today):
            yield entry, body


def measurements(entries: Iterable[Entry]) -> Iterator[tuple[Entry, MeasurementBody]]:
    """What was measured, and stands."""
    for entry in entries:
        if entry.status is Status.FINAL and isinstance(entry.body, MeasurementBody):
            yield entry, entry.body
