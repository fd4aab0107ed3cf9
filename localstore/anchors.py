"""The SQL of anchors: heads of this record that colleagues keep, and of theirs that this record keeps.

The `head` file stands beside the record, and whoever puts an old copy of the whole folder back puts the old head back
with it. A colleague's record is out of his reach: a head that comes back from there, and that this history does not
hold, proves that the record here is older than, or other than, what the colleague has been told of.

A backup that was restored on purpose goes back too. It begins a new incarnation with the history line `restored`, and
that settles what was made in an earlier incarnation behind this line, and every contradiction that was known then. So a
record keeps the list of its incarnations, and an anchor carries the one that it was made in.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from localstore import head, history, keystore
from localstore.clock import stamp
from localstore.database import Connection, row, rows
from localstore.head import NOTHING, Head

INCARNATION_BYTES = 16
_NAME = "incarnation/"  # of the secrets that list them: the identifier, then the two numbers of `Branch`
_NUMBER = 8
# The history lines with which an incarnation begins: a backup was put back, or the record taken as it stands.
RESTORED, ACCEPTED = "restored", "head-accepted"


class Branch(NamedTuple):
    """An incarnation of this record: its identifier (16 bytes), the number of its first history line (the line
    `restored`, or 0 where the record began), the last line of which a contradiction was known then, else 0, and the
    moment since when the incarnation is known here."""

    incarnation: bytes
    first: int
    settled: int
    began: str


class Seen(NamedTuple):
    """A head of ours that a colleague gave back, with the incarnation that it was made in and since when that was."""

    incarnation: bytes
    began: str
    head: Head


class Kept(NamedTuple):
    """What is kept of one colleague: his newest anchor, opaque and perhaps empty, and the newest head of ours that he
    gave back."""

    theirs: bytes
    ours: Head


class Contradiction(NamedTuple):
    """A head of ours that a colleague holds and this history does not: an older copy of the record was put back, or
    another record. `line` and `commits` are how far he has seen it, `at` when he said so, `name` the colleague's."""

    colleague: int
    name: str
    line: int
    commits: int
    at: str


# --- incarnations ----------------------------------------------------------------------------------------------


def lineage(connection: Connection) -> list[Branch]:
    """The incarnations that this record went through, as it lists them, oldest first."""
    made = dict(rows(connection, "SELECT name, made FROM secret WHERE substr(name, 1, ?) = ?", (len(_NAME), _NAME)))
    found = sorted(keystore.beginning_with(connection, _NAME))
    return [
        Branch(
            value[:INCARNATION_BYTES],
            int.from_bytes(value[INCARNATION_BYTES:-_NUMBER], "big"),
            int.from_bytes(value[-_NUMBER:], "big"),
            made[name],
        )
        for name, value in found
    ]


def settle(connection: Connection, now: str) -> None:
    """List the present incarnation, inside the caller's transaction. If a backup was restored, what colleagues hold
    from behind it is settled: it is no sign of anything else any more. The same call again changes nothing."""
    branch = _unlisted(connection, now)
    if branch is None:
        return
    known = lineage(connection)
    branch = branch._replace(began=_beginning(connection, known, now))
    numbers = branch.first.to_bytes(_NUMBER, "big") + branch.settled.to_bytes(_NUMBER, "big")
    keystore.put(connection, f"{_NAME}{len(known):06d}", branch.incarnation + numbers, branch.began)
    if known:
        # Commits are counted anew from those of the backup; and what is kept of our heads holds in its history.
        connection.execute("UPDATE anchor SET ours_commits = 0")
        for broken in _broken(connection):
            connection.execute(
                "UPDATE anchor SET ours_line = 0, ours_hash = x'' WHERE colleague = ?", (broken.colleague,)
            )


def _beginning(connection: Connection, known: list[Branch], now: str) -> str:
    """The moment when the present incarnation begins: after all that this record knows of, also by a clock that runs
    behind. Which of two incarnations is the later is told by nothing else."""
    later = [stamp(datetime.fromisoformat(branch.began) + timedelta(milliseconds=1)) for branch in known]
    return max([now, history.last_moment(connection), *later])


def _unlisted(connection: Connection, now: str) -> Branch | None:
    """The present incarnation, if it is not listed yet."""
    found = row(connection, "SELECT incarnation FROM practice WHERE one = 1")
    known = lineage(connection)
    if found is None or (known and known[-1].incarnation == found[0]):
        return None
    if not known:
        return Branch(bytes(found[0]), 0, 0, now)
    line = row(connection, "SELECT coalesce(max(num), 0) FROM history WHERE action IN (?, ?)", (RESTORED, ACCEPTED))
    first = int(line[0]) if line else 0
    # Where no line says it, all that is here now is what was restored.
    first = first if first > known[-1].first else head.current(connection).line + 1
    settled = max((broken.line for broken in _broken(connection)), default=0)
    return Branch(bytes(found[0]), first, settled, now)


# --- anchors ---------------------------------------------------------------------------------------------------


def newest(connection: Connection, colleague: int) -> Kept:
    """What is kept of one colleague, by his local number."""
    found = row(
        connection,
        "SELECT theirs, ours_commits, ours_line, ours_hash FROM anchor WHERE colleague = ?",
        (colleague,),
    )
    return Kept(b"", NOTHING) if found is None else Kept(found[0], Head(*found[1:]))


def keep(connection: Connection, colleague: int, theirs: bytes, at: str) -> None:
    """Keep the newest anchor of a colleague, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO anchor (colleague, theirs, ours_commits, ours_line, ours_hash, at) VALUES (?1, ?2, 0, 0, x'', ?3)"
        " ON CONFLICT (colleague) DO UPDATE SET theirs = ?2",
        (colleague, theirs, at),
    )


def weigh(connection: Connection, colleague: int, seen: Seen, at: str) -> None:
    """Take a head of ours that a colleague gave back, inside the caller's transaction.

    An older one never takes the place of a newer one, and one that contradicts this history stays until a restore
    settles it. `settle` has listed the present incarnation.
    """
    claim = _claim(lineage(connection), seen)
    if claim is None:
        return
    known = newest(connection, colleague).ours
    if _contradicts(connection, claim) or (not _contradicts(connection, known) and claim[:2] > known[:2]):
        connection.execute(
            "INSERT INTO anchor (colleague, theirs, ours_commits, ours_line, ours_hash, at)"
            " VALUES (?1, x'', ?2, ?3, ?4, ?5) ON CONFLICT (colleague)"
            " DO UPDATE SET ours_commits = ?2, ours_line = ?3, ours_hash = ?4, at = ?5",
            (colleague, claim.commits, claim.line, claim.hash, at),
        )


def _claim(branches: list[Branch], seen: Seen) -> Head | None:
    """What must hold in this history if the colleague has seen that; None when a restore has settled it."""
    current = branches[-1]
    if seen.incarnation == current.incarnation:
        return seen.head
    for place, branch in enumerate(branches[:-1]):
        if seen.incarnation == branch.incarnation:
            later = branches[place + 1 :]
            is_settled = seen.head.line >= later[0].first or any(seen.head.line <= one.settled for one in later)
            return None if is_settled else seen.head._replace(commits=0)
    # An incarnation that this record never went through: one that an earlier restore left behind, or a later one, and
    # then this record is from before that. Nothing inside tells which, so the moment when each began must do.
    return seen.head if seen.began > current.began else None


def _contradicts(connection: Connection, claim: Head) -> bool:
    return not head.holds(connection, claim.line, claim.hash) or claim.commits > head.current(connection).commits


def contradictions(connection: Connection) -> list[Contradiction]:
    """Every head of ours that a colleague gave back and that this history does not hold. Empty for a sound record, and
    right after a backup was restored: what was known then is settled by that."""
    return [] if _is_pending(connection) else _broken(connection)


def _is_pending(connection: Connection) -> bool:
    """Whether a backup was restored and no desk has opened since."""
    return bool(lineage(connection)) and _unlisted(connection, "") is not None


def _broken(connection: Connection) -> list[Contradiction]:
    found = rows(
        connection,
        "SELECT colleague, name, ours_line, ours_commits, ours_hash, at FROM anchor"
        " JOIN colleague ON colleague.num = anchor.colleague ORDER BY colleague",
    )
    return [
        Contradiction(num, name, line, commits, at)
        for num, name, line, commits, digest, at in found
        if _contradicts(connection, Head(commits, line, digest))
    ]
