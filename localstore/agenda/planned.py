"""The SQL of appointments and recalls across the practice: which are there between two dates, and whose they are."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from localstore import patients, people, versions
from localstore.agenda import due
from localstore.bodies import PatientBody
from localstore.database import Connection, rows
from localstore.model import Entry

AT_ONCE = 500  # versions read with one statement


class Person(NamedTuple):
    """A patient by his identifier, with the identity that is shown of him."""

    id: str
    identity: PatientBody


class Planned(NamedTuple):
    """A current appointment or recall, and whose it is."""

    entry: Entry
    person: Person


_OF_VERSION = "SELECT v.num, v.patient FROM version v"
# The kind stands in the statement itself: so SQLite knows that the partial index of that kind answers it.
_APPOINTMENTS = (
    _OF_VERSION + " WHERE v.kind = 'appointment' AND v.date >= ? AND v.date < ? AND v.current = 1"
    " AND v.patient IS NOT NULL"
)
# Of twenty thousand recalls most are done. Their bodies say so in bytes that no text of theirs can hold: in UTF-8, the
# byte before the state's own letters cannot follow a letter. The body of an imported one lies in a block, and is read.
_RECALLS = (
    _OF_VERSION + " WHERE v.kind = 'recall' AND v.date <= ? AND v.current = 1"
    " AND v.patient IS NOT NULL AND instr(v.body, ?) = 0 AND instr(v.body, ?) = 0 ORDER BY v.date, v.num"
)
_OVER = tuple(msgspec.msgpack.encode("state") + msgspec.msgpack.encode(state) for state in (due.DONE, due.CANCELLED))
_OF_PATIENT = "SELECT num FROM version WHERE patient = ? AND kind = 'appointment' AND current = 1 ORDER BY date, num"


def appointments(connection: Connection, since: str, before: str) -> list[Planned]:
    """The appointments whose date, as text, lies from `since` on and before `before`."""
    return _planned(connection, rows(connection, _APPOINTMENTS, (since, before)))


def recalls(connection: Connection, until: str) -> list[Planned]:
    """The recalls whose date, as text, lies up to `until`, by date; hardly any but those that wait."""
    return _planned(connection, rows(connection, _RECALLS, (until, *_OVER)))


def appointments_of(connection: Connection, patient: int) -> list[Entry]:
    """All appointments of a patient, by date; of records that were merged into his, too."""
    found = [num for one in people.members(connection, patient) for (num,) in rows(connection, _OF_PATIENT, (one,))]
    return sorted(_read(connection, found).values(), key=lambda entry: entry.date)


def _planned(connection: Connection, found: Sequence[tuple[int, int]]) -> list[Planned]:
    entries = _read(connection, [num for num, _ in found])
    kept = {owner: people.kept(connection, owner) for owner in {owner for _, owner in found}}
    shown = {owner: patients.shown_version(connection, owner) or owner for owner in set(kept.values())}
    identities = _read(connection, sorted(shown.values()))
    return [Planned(entries[num], _person(identities[shown[kept[owner]]])) for num, owner in found]


def _person(identity: Entry) -> Person:
    body = identity.body
    assert isinstance(body, PatientBody)  # noqa: S101 - the list of patients shows identities
    return Person(identity.id, body)


def _read(connection: Connection, nums: Sequence[int]) -> dict[int, Entry]:
    batches = (nums[at : at + AT_ONCE] for at in range(0, len(nums), AT_ONCE))
    return {num: entry for batch in batches for num, entry in versions.by_number(connection, batch)}
