"""What is due for whom: the list across the practice, and what becomes of a recall. Each change is an amendment.

Recalls are medical (Right.READ, Right.WRITE). That the list of the whole practice was read goes into the history, in a
line that names nobody. Suggestions are never written by themselves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from localstore import record, versions
from localstore.agenda import due, planned, suggestions
from localstore.agenda.due import Standing
from localstore.agenda.planned import Person
from localstore.agenda.suggestions import Suggestion
from localstore.bodies import RecallBody
from localstore.database import transaction
from localstore.errors import BadInput, UnknownEntry
from localstore.kinds import Status
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.practice import Practice
from localstore.roles import Right
from localstore.values import Concept

LAST_YEAR = "9999"
AFTER = "~"  # sorts behind whatever may follow the day in a date


class Recall(NamedTuple):
    """A recall that waits, how it stands to today, and for whom it is."""

    entry: Entry
    standing: Standing
    patient: Person

    @property
    def body(self) -> RecallBody:
        """What is due."""
        body = self.entry.body
        assert isinstance(body, RecallBody)  # noqa: S101 - the kind of the entry says so
        return body


class Done(NamedTuple):
    """The recall that was done, and the next one where it comes again."""

    entry: Entry
    following: Entry | None


def waiting(
    practice: Practice, until: str = "", *, overdue_only: bool = False, of_deceased: bool = False
) -> tuple[Recall, ...]:
    """What waits across the practice and is due up to a day (ISO 8601; today where empty), the oldest first; of those
    alone whose time is over where asked. Nobody writes to the dead: theirs are not among them; where asked, they are
    listed by themselves, whenever they are due, to be cancelled. Raises NotYourRole, and BadInput for what is no
    date."""
    today = practice.today()
    last = until or (LAST_YEAR if of_deceased else today)
    if not is_date(last):
        raise BadInput(what="“{date}” is not a date.", date=last, remedy="Write it as 2024-03-12, 2024-03 or 2024.")
    practice.log_reading("recalls-read", None, "", "")
    end = due.last_day(last)
    found = [
        one
        for one in planned.recalls(practice.connection, end + AFTER)
        if _waits(one.entry)
        and due.first_day(one.entry.date) <= end  # the day here; the index knows the one that is written
        and bool(one.person.identity.deceased) is of_deceased
    ]
    listed = (Recall(one.entry, due.standing(one.entry.date, today), one.person) for one in found)
    return tuple(one for one in listed if not overdue_only or one.standing is Standing.OVERDUE)


def _waits(entry: Entry) -> bool:
    return isinstance(entry.body, RecallBody) and entry.body.state == due.DUE and entry.status is Status.FINAL


def done(practice: Practice, version: str, on: str = "") -> Done:
    """Say that a recall was done on a day (ISO 8601, may be partial; today where empty); where it comes again, the next
    one is written, counted from that day. Raises UnknownEntry, BadInput."""
    when = on or practice.today()
    if not is_date(when) or due.first_day(when) > practice.today():
        raise BadInput(
            what="“{date}” is not a day on which something was done.", date=when, remedy="Write it as 2024-03-12."
        )
    with transaction(practice.connection):
        old, body = _named(practice, version)
        entry = record.amend(practice, old.version, msgspec.structs.replace(body, state=due.DONE, done=when))
        if not body.every_months > 0:
            return Done(entry, None)
        again = msgspec.structs.replace(body, state=due.DUE, done="")
        then = due.after(when[:10], body.every_months)
        return Done(entry, record.add(practice, old.patient, again, then, old.sensitivity))


def cancel(practice: Practice, version: str, reason: str = "") -> Entry:
    """Say that a recall is not wanted any more. Raises UnknownEntry, BadInput."""
    with transaction(practice.connection):
        old, body = _named(practice, version)
        note = "\n".join(filter(None, (body.note, reason.strip())))
        return record.amend(practice, old.version, msgspec.structs.replace(body, state=due.CANCELLED, note=note))


def suggested(practice: Practice, patient: str) -> tuple[Suggestion, ...]:
    """What might be recalled for, after the record as it stands; nothing is written but the reading. Raises
    UnknownPatient, NotYourRole."""
    practice.require(Right.READ)
    chart = record.open_chart(practice, patient)
    return suggestions.suggestions(chart.patient, chart.entries, practice.today())


def accept(practice: Practice, patient: str, accepted: Sequence[Suggestion]) -> list[Entry]:
    """Write what the doctor accepted, all or none."""
    with transaction(practice.connection):
        return [record.add(practice, patient, body_of(one), one.due) for one in accepted]


def body_of(suggestion: Suggestion) -> RecallBody:
    """The recall that a suggestion becomes; its source goes with it as the reason."""
    return RecallBody(Concept(suggestion.label), every_months=suggestion.every_months, reason=suggestion.source)


def _named(practice: Practice, version: str) -> tuple[Entry, RecallBody]:
    num = versions.number(practice.connection, version)
    if num is None:
        raise UnknownEntry(reference=version)
    practice.require(Right.READ)
    ((_, entry),) = versions.by_number(practice.connection, [num])
    if not isinstance(entry.body, RecallBody):
        raise BadInput(what="This entry is not a recall.", remedy="See: confrere recalls")
    first = versions.entry_number(practice.connection, entry.id)
    if first is None or num not in versions.standing(practice.connection, first) or not _waits(entry):
        raise BadInput(what="This recall does not wait any more.", remedy="See: confrere recalls")
    return entry, entry.body
