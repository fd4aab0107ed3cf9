"""Which records are in active use, which belong into the archive, and which need not be kept any more.

What counts is care, and never a reading: the clinical date of an entry that is not in the future, and the day on which
somebody of this practice wrote one. An import is no care on its own day. Whoever is expected, for an appointment or by
a recall, belongs into no archive.
"""

from collections.abc import Iterator
from typing import NamedTuple

from localstore import patients, people, versions
from localstore.agenda import due
from localstore.agenda.day import BOOKED
from localstore.bodies import AppointmentBody, PatientBody, RecallBody
from localstore.database import Connection, rows
from localstore.kinds import Status
from localstore.model import Entry, PatientSummary
from localstore.practice import Practice
from localstore.rights import archive
from localstore.rights.archive import Archived
from localstore.rights.terms_of_keeping import ACTIVE_YEARS, DAY, Span, State, span, state, whole_day, years_after
from localstore.roles import Right

RECALLED_YEARS = 1  # a recall that nobody followed for longer keeps no record in use


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
_PLANNED = "SELECT num FROM version WHERE patient = ? AND kind IN ('appointment', 'recall') AND current = 1"
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
    found = state(days, today, archived=False)
    if found is State.DORMANT and _is_expected(connection, owner, today):
        found = State.ACTIVE
    return Kept(summary, found, days)


def of_archived(practice: Practice, one: Archived) -> Kept:
    """One record that is in the archive."""
    return Kept(one.patient, state(one.days, practice.today(), archived=True), one.days)


def next_appointment(connection: Connection, owner: int, today: str) -> str:
    """The first day from today on that this patient, by the local number, has an appointment; empty where none."""
    return min((entry.date[:DAY] for entry in _planned(connection, owner) if _is_booked(entry, today)), default="")


def _is_expected(connection: Connection, owner: int, today: str) -> bool:
    """Whether somebody counts on this patient: an appointment, or a recall that is not given up."""
    return any(_is_booked(entry, today) or _is_recalled(entry, today) for entry in _planned(connection, owner))


def _planned(connection: Connection, owner: int) -> list[Entry]:
    nums = [num for one in merged_with(connection, owner) for (num,) in rows(connection, _PLANNED, (one,))]
    found = (entry for _, entry in versions.by_number(connection, nums))
    return [entry for entry in found if entry.status is not Status.ENTERED_IN_ERROR]


def _is_booked(entry: Entry, today: str) -> bool:
    body = entry.body
    return isinstance(body, AppointmentBody) and body.state == BOOKED and entry.date[:DAY] >= today


def _is_recalled(entry: Entry, today: str) -> bool:
    body = entry.body
    given_up = years_after(due.last_day(entry.date) or today, RECALLED_YEARS)
    return isinstance(body, RecallBody) and body.state == due.DUE and today <= given_up


def merged_with(connection: Connection, owner: int) -> list[int]:
    """The local numbers of all records of one person, the one under which they are read first."""
    return people.members(connection, owner)
