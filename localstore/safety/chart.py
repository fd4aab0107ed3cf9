"""What of a chart the checks look at: what stands and still holds. Pure.

What holds is decided by `localstore.standing`, as for questions to the whole practice.
"""

from collections.abc import Iterable, Iterator

from localstore import standing
from localstore.bodies import AllergyBody, MeasurementBody, MedicationBody, ProblemBody
from localstore.kinds import Status
from localstore.model import Entry
from localstore.standing import Stance
from localstore.standing import is_over as is_over


def holds_allergy(body: AllergyBody) -> bool:
    """Whether an allergy is still one: not "none known", not resolved, not refuted."""
    return standing.stance(body) is Stance.HOLDS


def holds_problem(body: ProblemBody, today: str) -> bool:
    """Whether a problem is still there on the day `today`."""
    return standing.holds(body, today)


def holds_medication(body: MedicationBody, today: str) -> bool:
    """Whether a medicine is taken, or on hold, on the day `today`."""
    return standing.holds(body, today)


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
