"""Allergies, problems, medicines: what is known, known to be none, or was never asked. Pure.

An empty list never reads as "none": that takes an entry that says so, with its date.
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    CarerBody,
    DeviceBody,
    DirectiveBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    RecallBody,
    RelativeBody,
)
from localstore.folding import fold
from localstore.kinds import Kind, Status
from localstore.model import Entry

ESSENTIAL = (Kind.ALLERGY, Kind.PROBLEM, Kind.MEDICATION)
# What else is asked about: of each it is known whether there is one, that there is none, or that nobody asked.
ASKED = (Kind.IMMUNISATION, Kind.PROCEDURE, Kind.DEVICE, Kind.FAMILY_HISTORY)

# What no longer holds. A status that is unknown here counts as current: the safe side.
_PAST_PROBLEMS = frozenset({"inactive", "remission", "resolved", "refuted"})
_PAST_ALLERGIES = frozenset({"inactive", "resolved", "refuted"})
_PAST_MEDICATIONS = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", "ended"})
_PAST_DEVICES = frozenset({"completed", "stopped"})
_PAST_RECALLS = frozenset({"done", "cancelled"})
_PAST_APPOINTMENTS = frozenset({"fulfilled", "cancelled", "noshow"})


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
        case DeviceBody() as body:
            return body.state in _PAST_DEVICES
        case DirectiveBody() as body:
            return body.state == "inactive"
        case CarerBody() as body:
            return bool(body.end)
        case RecallBody() as body:
            return body.state in _PAST_RECALLS
        case AppointmentBody() as body:
            return body.state in _PAST_APPOINTMENTS
    return False


def says_none(entry: Entry) -> bool:
    """Whether the entry states that there is none."""
    return bool(getattr(entry.body, "none_known", False))


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
    *(Kind.OTHER, Kind.RELATIVE, Kind.CARER, Kind.FAMILY_HISTORY, Kind.DEVICE, Kind.RECALL, Kind.APPOINTMENT),
    *(Kind.MEASUREMENT, Kind.IMMUNISATION, Kind.PROCEDURE, Kind.DIRECTIVE),
    *(Kind.LETTER, Kind.DOCUMENT, Kind.CONSULTATION, Kind.PATIENT, *ESSENTIAL),
)


def rest(entries: Iterable[Entry]) -> list[Entry]:
    """Everything else, newest day first, what has no date last; within a day, the consultation before what belongs to
    it."""
    return sorted((one for one in entries if one.kind not in ESSENTIAL), key=_in_a_day, reverse=True)


def _in_a_day(entry: Entry) -> tuple[str, int, str, str]:
    return entry.date[:10], _IN_A_DAY.index(entry.kind), entry.date, entry.recorded


class Called(NamedTuple):
    """A person to call: of the identity, or a relative of the record."""

    name: str
    relationship: str
    phone: str
    trusted: bool = False


def to_call(patient: PatientBody, entries: Iterable[Entry]) -> list[Called]:
    """Whom to call, the person of trust first; a relative who is also a contact of the identity stands once."""
    relatives = [
        Called(one.body.name, one.body.relationship.label, one.body.phone, one.body.trusted)
        for one in entries
        if isinstance(one.body, RelativeBody) and one.status is Status.FINAL
        if one.body.to_call or one.body.trusted
    ]
    named = {(fold(one.name), one.phone) for one in relatives}
    contacts = [
        Called(one.name, one.relationship, one.phone)
        for one in patient.contacts
        if (fold(one.name), one.phone) not in named
    ]
    return [*sorted(relatives, key=lambda one: not one.trusted), *contacts]
