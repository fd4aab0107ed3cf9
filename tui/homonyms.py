"""Who could be taken for whom. Pure.

Same identity typed twice, twins, Dupont and Dupond born on one day: an entry in the wrong record is what this prevents,
so it errs towards warning.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

from localstore.folding import fold
from localstore.model import PatientSummary

CLOSE_FROM = 4  # letters; shorter names that differ by one letter are other names


def _close(one: str, other: str) -> bool:
    """Whether two folded names differ by at most one letter: changed, added, left out, or two swapped."""
    if one == other:
        return True
    if min(len(one), len(other)) < CLOSE_FROM or abs(len(one) - len(other)) > 1:
        return False
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    left, right = one[start:], other[start:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or left == right[1::-1] + right[2:]


def alike(one: PatientSummary, other: PatientSummary) -> bool:
    """Whether two different patients could be confused: by number, or by name with first name or birth date."""
    if one.id == other.id:
        return False
    if one.ins and one.ins == other.ins:
        return True
    if not _close(fold(one.family_name), fold(other.family_name)):
        return False
    first, second = (fold(" ".join(patient.given_names[:1])) for patient in (one, other))
    same_day = len(one.birth_date) == 10 and one.birth_date == other.birth_date
    return same_day or (bool(first) and _close(first, second))


def confusable(patients: Sequence[PatientSummary]) -> frozenset[str]:
    """The identifiers of those who could be confused with another one of the list."""
    pairs = ((one.id, other.id) for one, other in combinations(patients, 2) if alike(one, other))
    return frozenset(name for pair in pairs for name in pair)


def of(patient: PatientSummary, others: Iterable[PatientSummary]) -> tuple[PatientSummary, ...]:
    """Those of the others who could be confused with this patient."""
    return tuple(other for other in others if alike(patient, other))
