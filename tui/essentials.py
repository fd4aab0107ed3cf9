"""Allergies, problems, medicines: what is known, known to be none, or was never asked. Pure.

An empty list never reads as "none": that takes an entry that says so, with its date.
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from localstore.bodies import AllergyBody, MedicationBody, ProblemBody
from localstore.folding import fold
from localstore.kinds import Kind, Status
from localstore.model import Entry
from localstore.values import Concept

ESSENTIAL = (Kind.ALLERGY, Kind.PROBLEM, Kind.MEDICATION)

# What no longer holds. A status that is unknown here counts as current: the safe side.
_PAST_PROBLEMS = frozenset({"inactive", "remission", "resolved", "refuted"})
_PAST_ALLERGIES = frozenset({"inactive", "resolved", "refuted"})
_PAST_MEDICATIONS = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", "ended"})

ATC = "http://www.whocc.no/atc"
ATC_GROUP = 5  # characters: the chemical subgroup
NAME_FROM = 6  # letters; shorter words ("acide", "sel") name no substance by themselves


class State(Enum):
    """The three states of knowledge."""

    KNOWN = auto()
    NONE = auto()
    NOT_ASKED = auto()


class Known(NamedTuple):
    """What is known of one kind: the entries that hold, those that no longer do, those entered in error.

    `none` is the newest entry that states that there is none. It may stand beside entries that hold: then the record
    contradicts itself, and both are shown.
    """

    state: State
    current: tuple[Entry, ...]
    past: tuple[Entry, ...]
    void: tuple[Entry, ...]
    none: Entry | None

    @property
    def contradicts(self) -> bool:
        """Whether the record says both that there is none and that there is one."""
        return self.none is not None and bool(self.current)


def is_past(entry: Entry) -> bool:
    """Whether what the entry states no longer holds."""
    match entry.body:
        case ProblemBody() as body:
            return body.clinical_status in _PAST_PROBLEMS
        case AllergyBody() as body:
            return body.clinical_status in _PAST_ALLERGIES
        case MedicationBody() as body:
            return body.state in _PAST_MEDICATIONS
    return False


def says_none(entry: Entry) -> bool:
    """Whether the entry states that there is none."""
    return isinstance(entry.body, ProblemBody | AllergyBody | MedicationBody) and entry.body.none_known


def is_severe(entry: Entry) -> bool:
    """Whether this is an allergy of high criticality."""
    return isinstance(entry.body, AllergyBody) and entry.body.criticality == "high" and not is_past(entry)


def known(entries: Iterable[Entry], kind: Kind) -> Known:
    """What is known of one kind, newest first, severe allergies before the others."""
    found = [entry for entry in entries if entry.kind is kind]
    standing = sorted((one for one in found if one.status is Status.FINAL), key=_when, reverse=True)
    none = next((entry for entry in standing if says_none(entry)), None)
    real = [entry for entry in standing if not says_none(entry)]
    current = sorted((entry for entry in real if not is_past(entry)), key=lambda entry: not is_severe(entry))
    past = tuple(entry for entry in real if is_past(entry))
    void = tuple(entry for entry in found if entry.status is not Status.FINAL)
    if current:
        state = State.KNOWN
    elif none:
        state = State.NONE
    else:
        state = State.KNOWN if past else State.NOT_ASKED
    return Known(state, tuple(current), past, void, none)


def _when(entry: Entry) -> tuple[str, str]:
    return entry.date, entry.recorded


_IN_A_DAY = (
    *(Kind.OTHER, Kind.MEASUREMENT, Kind.IMMUNISATION, Kind.PROCEDURE),
    *(Kind.DOCUMENT, Kind.CONSULTATION, Kind.PATIENT, *ESSENTIAL),
)


def rest(entries: Iterable[Entry]) -> list[Entry]:
    """Everything else, newest day first, what has no date last; within a day, the consultation before what belongs to
    it."""
    return sorted((one for one in entries if one.kind not in ESSENTIAL), key=_in_a_day, reverse=True)


def _in_a_day(entry: Entry) -> tuple[str, int, str, str]:
    return entry.date[:10], _IN_A_DAY.index(entry.kind), entry.date, entry.recorded


def conflicting(entries: Iterable[Entry], new: MedicationBody) -> list[Entry]:
    """The recorded allergies that a medicine meets: the same substance by name, or the same ATC group.

    A first check, not a knowledge base: it finds what the record itself says, and no cross-reaction.
    """
    allergies = known(entries, Kind.ALLERGY).current
    return [one for one in allergies if isinstance(one.body, AllergyBody) and _meet(one.body.substance, new.medicine)]


def _meet(substance: Concept, medicine: Concept) -> bool:
    names, others = (
        {word for word in fold(of.label).split() if len(word) >= NAME_FROM} for of in (substance, medicine)
    )
    groups, given = (
        {one.code[:ATC_GROUP] for one in of.codings if one.system == ATC and len(one.code) >= ATC_GROUP}
        for of in (substance, medicine)
    )
    return bool(names & others or groups & given)
