"""How long the history is kept, and dropping what is older: whole sealed months, from the beginning on.

Twenty years by default: the history says who wrote and read a record, and goes with it (CSP art. R1112-7: twenty years
after the last stay; private practices follow the same rule). Three years at least: the CNIL advises to keep logs of
access for six months to one year, and up to three where a sensitive processing justifies it (deliberation 2021-122). A
practice that wants to keep less than twenty says so in practice.toml.
"""

from typing import NamedTuple

from localstore import segments, settings, verification
from localstore.database import transaction
from localstore.errors import BadInput, BrokenHistory, Refused
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
    """The first month (`YYYY-MM`) that must be kept. Raises BadInput for settings that cannot be read."""
    years = settings.read(practice.folder).history.retention_years
    today = practice.today()
    return f"{int(today[:4]) - years:04}{today[4:MONTH]}"


def droppable(practice: Practice, before: str) -> Old:
    """What would be dropped of the months before `before`. Raises NotYourRole, BadInput, and Refused for a month that
    must be kept."""
    return _told(_old(practice, before))


def drop(practice: Practice, before: str) -> Old:
    """Drop the lines of all sealed months before `before`; their seals stay, so that the rest verifies.

    All of it or, where the chain would not hold afterwards, nothing. Raises as `droppable`, and BrokenHistory.
    """
    with transaction(practice.connection):
        old = _old(practice, before)
        if old:
            lines = segments.drop(practice.connection, old, practice.now())
            practice.log("history-dropped", subject=before, detail=f"{lines}")
            broken = verification.first_broken_line(practice.connection)
            if broken is not None:
                raise BrokenHistory(line=broken.line, seen=broken.seen)
    return _told(old)


def _old(practice: Practice, before: str) -> list[Segment]:
    practice.require(Right.GOVERN)
    if len(before) != MONTH or not is_date(before):
        raise BadInput(what="“{month}” is not a month.", month=before, remedy="Write it as 2001-09.")
    if before > limit(practice):
        years = settings.read(practice.folder).history.retention_years
        raise Refused(
            reason="The history of the last {years} years is kept.",
            years=years,
            remedy="Name {month} or an earlier month; the years are set in practice.toml.",
            month=limit(practice),
        )
    return segments.droppable(practice.connection, before)


def _told(old: list[Segment]) -> Old:
    if not old:
        return Old(0, "", "", 0)
    lines = sum(one.last - one.first + 1 for one in old)
    return Old(len({one.month for one in old}), old[0].month, old[-1].month, lines)
