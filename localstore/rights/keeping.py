"""Which records are in active use, which belong into the archive, and which need not be kept any more.

What counts is care, and never a reading: the clinical date of an entry that is not in the future, and the day on which
somebody of this practice wrote one. An import is no care on its own day.
"""

from collections.abc import Iterator
from typing import NamedTuple

from localstore import patients, people, versions
from localstore.bodies import PatientBody
from localstore.database import Connection, rows
from localstore.model import PatientSummary
from localstore.practice import Practice
from localstore.rights import archive
from localstore.rights.archive import Archived
from localstore.rights.terms_of_keeping import ACTIVE_YEARS, DAY, Span, State, span, state, whole_day, years_after
from localstore.roles import Right


class Kept(NamedTuple):
    """One record in its time."""

    patient: PatientSummary
    state: State
    days: Span


# Of each record: the newest date of an entry until today, and the day on which the last one was written here. Plans,
# identities and what was entered in error are no care.
_CARE = (
    "SELECT v.patient, max(CASE WHEN v.date <= ?1 THEN v.date ELSE '' END),"
    " max(CASE WHEN o.provenance = 'own' THEN substr(v.recorded, 1, 10) ELSE '' END)"
    " FROM version v JOIN origin o ON o.num = v.origin WHERE v.patient IS NOT NULL"
    " AND v.kind NOT IN ('patient', 'recall', 'appointment') AND v.status <> 'entered-in-error'"
)
_CARE_OF_ALL = _CARE + " GROUP BY v.patient"
_CARE_OF_ONE = _CARE + " AND v.patient = ?2"
_KNOWN_SINCE = (
    "SELECT substr(coalesce(b.recorded, v.recorded), 1, 10) FROM version v LEFT JOIN block b ON b.num = v.block"
    " WHERE v.num = ?"
)


def of_patient(practice: Practice, patient: str) -> Kept:
    """One record that is not in the archive. Raises UnknownPatient."""
    connection, today = practice.connection, practice.today()
    owner = patients.number(connection, patient)
    found = [rows(connection, _CARE_OF_ONE, (today, num)) for num in merged_with(connection, owner)]
    days = [day for one in found for _, *told in one for day in told]
    summary = patients.resolve(connection, versions.identifier(connection, owner))
    return _kept(connection, summary, owner, _last(connection, owner, days, today), today)


def listing(practice: Practice, wanted: frozenset[State] = frozenset(State)) -> list[Kept]:
    """All records in these states, archived ones too, those whose time ends first at the top. Raises NotYourRole."""
    practice.require(Right.READ)
    found = [
        one
        for one in (*_here(practice, wanted), *(of_archived(practice, one) for one in archive.listing(practice)))
        if one.state in wanted
    ]
    return sorted(found, key=lambda one: (one.days.kept_until, one.patient.family_name, one.patient.id))


def _here(practice: Practice, wanted: frozenset[State]) -> Iterator[Kept]:
    connection, today = practice.connection, practice.today()
    care = _care_of_all(connection, today)
    only_old = State.ACTIVE not in wanted
    for summary in patients.listing(connection):
        owner = patients.number(connection, summary.id)
        last = _last(connection, owner, care.get(owner, []), today)
        if only_old and today <= years_after(last, ACTIVE_YEARS):
            continue  # without reading its identity: most are
        yield _kept(connection, summary, owner, last, today)


def _care_of_all(connection: Connection, today: str) -> dict[int, list[str]]:
    """The days of care of everybody, by the local number of the record under which he is read."""
    found: dict[int, list[str]] = {}
    for num, *days in rows(connection, _CARE_OF_ALL, (today,)):
        found.setdefault(people.kept(connection, num), []).extend(days)
    return found


def _last(connection: Connection, owner: int, care: list[str], today: str) -> str:
    """The day of the last care; where there was none, the day since when the patient is known here."""
    last = max((whole_day(date[:DAY]) for date in care if date), default="")
    if not last:
        ((known,),) = rows(connection, _KNOWN_SINCE, (owner,))
        last = whole_day(known) or today
    return min(last, today)


def _kept(connection: Connection, summary: PatientSummary, owner: int, last: str, today: str) -> Kept:
    shown = patients.shown_version(connection, owner)
    body = versions.by_number(connection, [shown])[0][1].body if shown else None
    deceased = body.deceased if isinstance(body, PatientBody) else ""
    days = span(last, summary.birth_date, deceased)
    return Kept(summary, state(days, today, archived=False), days)


def of_archived(practice: Practice, one: Archived) -> Kept:
    """One record that is in the archive."""
    return Kept(one.patient, state(one.days, practice.today(), archived=True), one.days)


def merged_with(connection: Connection, owner: int) -> list[int]:
    """The local numbers of all records of one person, the one under which they are read first."""
    return people.members(connection, owner)
