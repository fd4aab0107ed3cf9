"""Everything that the practice knows of one person, as one value: what the report prints. Reading only.

In it are the entries with every earlier version of them, the restricted ones, those entered in error; who looked at the
record and what he did with it; with whom it was shared and under which consent; and how long it will be kept.
"""

from collections.abc import Sequence
from typing import NamedTuple

from localstore import colleagues, consents, correspondence, history, patients, people, record, versions
from localstore.bodies import PatientBody
from localstore.consents import Consent
from localstore.history import Line
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.practice import Practice
from localstore.rights import keeping
from localstore.rights.keeping import Kept
from localstore.values import Author

ABOUT_A_PATIENT = frozenset({"extract", "letter"})


class Recorded(NamedTuple):
    """One version, and whether another took its place."""

    entry: Entry
    replaced: bool


class Access(NamedTuple):
    """One line of the history about this person: when, who, what (an action), and the words that were given with it."""

    at: str
    who: str
    action: str
    words: str


class Share(NamedTuple):
    """One consent: with whom, how many extracts went out under it and when, how many of them he has attested to have
    opened, how many to have removed."""

    colleague: str
    consent: Consent
    sent: tuple[str, ...]
    opened: int
    removed: int


class Account(NamedTuple):
    """All of it."""

    practice: str
    town: str
    founder: Author
    made: str
    by: Author
    identity: PatientBody
    patient: str
    entries: dict[Kind, list[Recorded]]
    accesses: tuple[Access, ...]
    shares: tuple[Share, ...]
    kept: Kept


def of_patient(practice: Practice, patient: str) -> Account:
    """The account of one person; the line of the history is the caller's. Raises UnknownPatient."""
    connection = practice.connection
    owner = patients.number(connection, patient)
    chart = record.chart(practice, patient)
    members = people.members(connection, owner)
    return Account(
        practice=practice.name,
        town=practice.town,
        founder=Author(practice.founder.name, practice.founder.rpps),
        made=practice.now(),
        by=practice.user.author,
        identity=chart.patient,
        patient=versions.identifier(connection, owner),
        entries=_by_kind(practice, patient, {one.version for one in (*chart.identity, *chart.entries)}),
        accesses=_accesses(practice, members),
        shares=_shares(practice, owner),
        kept=keeping.of_patient(practice, patient),
    )


def _by_kind(practice: Practice, patient: str, standing: set[str]) -> dict[Kind, list[Recorded]]:
    found: dict[Kind, list[Recorded]] = {kind: [] for kind in Kind}
    for entry in record.every_version(practice, patient):
        found[entry.kind].append(Recorded(entry, entry.version not in standing))
    for recorded in found.values():
        recorded.sort(key=lambda one: (one.entry.date, one.entry.recorded), reverse=True)
    return {kind: recorded for kind, recorded in found.items() if recorded}


def _accesses(practice: Practice, members: Sequence[int]) -> tuple[Access, ...]:
    names = history.names(practice.connection)
    lines = sorted({line for member in members for line in history.lines(practice.connection, member)})
    return tuple(Access(line.at, names.get(line.user, line.user), line.action, _words(line)) for line in lines)


# The actions whose detail is what a person said, and no identifier.
_SPOKEN = frozenset(
    {"record-read", "administrative-read", "emergency-exported", "entry-retracted", "warning-overridden",
     "archive-read", "rectification-requested", "recalls-read", "exported", "patient-report", "patients-merged",
     "patients-unmerged"}
)  # fmt: skip


def _words(line: Line) -> str:
    return line.detail if line.action in _SPOKEN else ""


def _shares(practice: Practice, owner: int) -> tuple[Share, ...]:
    connection = practice.connection
    found = []
    for consent in consents.of_patient(connection, owner):
        colleague = colleagues.by_number(connection, consent.colleague)
        sent = [one for one in correspondence.of_consent(connection, consent.num) if one.type in ABOUT_A_PATIENT]
        named = f"{colleague.name} (RPPS {colleague.rpps})" if colleague.rpps else colleague.name
        opened, removed = sum(bool(one.opened) for one in sent), sum(bool(one.removed) for one in sent)
        found.append(Share(named, consent, tuple(one.made for one in sent), opened, removed))
    return tuple(found)
