"""How long the history is kept, and dropping what is older: whole sealed months, from the beginning on.

Twenty years by default: the history says who wrote and read a record, and goes with it (CSP art. R1112-7: twenty years
after the last stay; private practices follow the same rule). Three years at least: the CNIL advises to keep logs of
access for six months to one year, and up to three where a sensitive processing justifies it (deliberation 2021-122). A
practice that wants to keep less than twenty says so in practice.toml.
"""

from typing import NamedTuple

from localstore import history, inspection, segments, settings
from localstore.database import transaction
from localstore.errors import BadInput, Refused
from localstore.partial_date import is_date
from localstore.practice import MONTH, Practice
from localstore.roles import Right
from localstore.segments import Segment


class Old(NamedTuple):
    """What may be dropped: how many sealed months (`YYYY-MM`, first and last; empty when there is none), how many
    lines."""

    months: int
    first: str
    last: str
    lines: int


def limit(practice: Practice) -> str:
    """The first month (`YYYY-MM`) that must be kept. Raises BadInput for settings that cannot be read.

    The last line of the history counts as well as the clock: setting the clock forward makes nothing old.
    """
    years = settings.read(practice.folder).history.retention_years
    today = min(practice.today(), history.last_moment(practice.connection) or practice.today())
    return f"{int(today[:4]) - years:04}{today[4:MONTH]}"


def droppable(practice: Practice, before: str) -> Old:
    """What would be dropped of the months before `before`. Raises NotYourRole, BadInput, and Refused for a month that
    must be kept."""
    return _told(_old(practice, before))


def drop(practice: Practice, before: str) -> Old:
    """Drop the lines of all sealed months before `before`; their seals stay, so that the rest verifies.

    All of it or, where the chain does not hold before or would not afterwards, nothing. The line about it vouches for
    the keys of all users, so these are looked at too. Raises as `droppable`, BrokenHistory and DamagedStore.
    """
    with transaction(practice.connection):
        old = _old(practice, before)
        if old:
            _require_whole(practice)
            segments.drop(practice.connection, old, practice.now())
            subject, detail = segments.statement(practice.connection)
            practice.log("history-dropped", subject=subject, detail=detail)
            _require_whole(practice)
    return _told(old)


def _require_whole(practice: Practice) -> None:
    for check in (inspection.lines, inspection.introduced_keys):
        finding = check(practice.connection)
        if not finding.is_sound:
            raise finding.error("record.db")


def _old(practice: Practice, before: str) -> list[Segment]:
    practice.require(Right.GOVERN)
    if len(before) != MONTH or not is_date(before):
        raise BadInput(what="“{month}” is not a month.", month=before, remedy="Write it as 2001-09.")
    kept_from = limit(practice)
    if before > kept_from:
        years = settings.read(practice.folder).history.retention_years
        raise Refused(
            reason="The history of the last {years} years is kept.",
            years=years,
            remedy="Name {month} or an earlier month; the years are set in practice.toml.",
            month=kept_from,
        )
    present = practice.now()[:MONTH]
    return segments.droppable(practice.connection, before, kept_from=kept_from, present=present)


def _told(old: list[Segment]) -> Old:
    if not old:
        return Old(0, "", "", 0)
    lines = sum(one.last - one.first + 1 for one in old)
    return Old(len({one.month for one in old}), old[0].month, old[-1].month, lines)
