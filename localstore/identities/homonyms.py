"""Who could be taken for whom, and why. Pure.

The same person typed twice, twins, Dupont and Dupond born on one day, a birth name and a used name: an entry in the
wrong record is what this prevents, so it errs towards warning. Names are compared folded (localstore.folding).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.folding import fold
from localstore.model import PatientSummary

ONE_SLIP_FROM = 4  # letters; shorter names that differ by one letter are other names
TWO_SLIPS_FROM = 9  # letters; a long name is misspelt twice sooner than two long names are that near
MAX_NAME = 60  # letters that are compared: the cost of a comparison has a bound, and no name is longer
_WHOLE_DATE = 10


class Reason(StrEnum):
    """Why two people could be confused, the strongest first."""

    SAME_INS = "same-ins"
    SAME_NAMES_AND_BIRTH = "same-names-and-birth"
    SAME_NAMES = "same-names"
    USED_NAME = "used-name"
    SWAPPED_NAMES = "swapped-names"
    NEAR_NAMES_AND_BIRTH = "near-names-and-birth"
    SAME_FAMILY_AND_BIRTH = "same-family-and-birth"
    NEAR_NAMES = "near-names"


class Person(NamedTuple):
    """What is compared of a person. `id` is empty for one who is not on record yet."""

    id: str
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    ins: str = ""
    used_name: str = ""

    @property
    def day(self) -> str:
        """The birth date, where it is a whole day."""
        return self.birth_date if len(self.birth_date) == _WHOLE_DATE else ""


class Likeness(NamedTuple):
    """Two people who could be confused."""

    one: str
    other: str
    reason: Reason


class Similar(NamedTuple):
    """A patient who could be taken for another, and why."""

    patient: PatientSummary
    reason: Reason


class Double(NamedTuple):
    """Two records that could be of one person, and why."""

    one: PatientSummary
    other: PatientSummary
    reason: Reason


def of_body(identifier: str, body: PatientBody) -> Person:
    """What is compared of an identity."""
    return Person(identifier, body.family_name, body.given_names, body.birth_date, body.ins, body.used_name)


def of_summary(one: PatientSummary) -> Person:
    """What is compared of a line of the list, which has no used name."""
    return Person(one.id, one.family_name, one.given_names, one.birth_date, one.ins)


def distance(one: str, other: str, bound: int) -> int | None:
    """How many letters were changed, added, left out or swapped with their neighbour (Damerau and Levenshtein, each
    place touched once), or None where it is more than `bound`. The cost is len(one) * bound at most."""
    if abs(len(one) - len(other)) > bound:
        return None
    far = bound + 1
    before: list[int] = []
    row = [min(place, far) for place in range(len(other) + 1)]
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [min(at, far)] + [far] * len(other)
        for place in range(max(1, at - bound), min(len(other), at + bound) + 1):
            match = letter == other[place - 1]
            row[place] = min(before[place - 1] + (not match), before[place] + 1, row[place - 1] + 1, far)
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == other[place - 1]:
                row[place] = min(row[place], earlier[place - 2] + 1)
        if min(row) > bound:
            return None
    return row[-1] if row[-1] <= bound else None


def is_near(one: str, other: str) -> bool:
    """Whether two folded names are the same but for slips, or one of them is a part of the other, a compound name."""
    if not one or not other:
        return False
    if one == other:
        return True
    if _is_part(one, other) or _is_part(other, one):
        return True
    one, other = one[:MAX_NAME].replace(" ", ""), other[:MAX_NAME].replace(" ", "")
    shorter = min(len(one), len(other))
    bound = 2 if shorter >= TWO_SLIPS_FROM else 1 if shorter >= ONE_SLIP_FROM else 0
    return distance(one, other, bound) is not None


def _is_part(one: str, other: str) -> bool:
    return len(one) >= ONE_SLIP_FROM and set(one.split()) < set(other.split())


def why(one: Person, other: Person) -> Reason | None:
    """Why two people could be confused, or None. It is the same in both directions."""
    if one.id and one.id == other.id:
        return None
    if one.ins and one.ins == other.ins:
        return Reason.SAME_INS
    same_day = bool(one.day) and one.day == other.day
    (first, married), (second, used) = _family_names(one), _family_names(other)
    given, also = _first_given(one), _first_given(other)
    if given and first == second and given == also:
        return Reason.SAME_NAMES_AND_BIRTH if same_day else Reason.SAME_NAMES
    if is_near(given, also) and _crosses(first, married, second, used):
        return Reason.USED_NAME
    if same_day and is_near(first, also) and is_near(second, given):
        return Reason.SWAPPED_NAMES
    if is_near(first, second):
        if is_near(given, also):
            return Reason.NEAR_NAMES_AND_BIRTH if same_day else Reason.NEAR_NAMES
        return Reason.SAME_FAMILY_AND_BIRTH if same_day else None
    return None


def _family_names(one: Person) -> tuple[str, str]:
    """The birth name, and the used name where it is another."""
    born, used = fold(one.family_name), fold(one.used_name)
    return born, "" if used == born else used


def _first_given(one: Person) -> str:
    return fold(" ".join(one.given_names[:1]))


def _crosses(first: str, married: str, second: str, used: str) -> bool:
    """Whether one goes by the birth name of the other, or both by one used name."""
    return bool(married and is_near(married, second)) or bool(
        used and (is_near(used, first) or (married and is_near(used, married)))
    )


def alike(people: Sequence[Person]) -> Iterator[Likeness]:
    """All pairs that could be confused. The caller bounds how many people: all are compared with all."""
    for one, other in combinations(people, 2):
        if reason := why(one, other):
            yield Likeness(one.id, other.id, reason)


def confusable(patients: Sequence[PatientSummary]) -> frozenset[str]:
    """The identifiers of those who could be confused with another one of the list."""
    pairs = alike([of_summary(one) for one in patients])
    return frozenset(name for pair in pairs for name in (pair.one, pair.other))


def of(person: Person, others: Iterable[Person]) -> dict[str, Reason]:
    """Those of the others who could be confused with this person, and why."""
    found = ((other.id, why(person, other)) for other in others)
    return {name: reason for name, reason in found if reason is not None}
