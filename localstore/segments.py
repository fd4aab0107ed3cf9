"""The months of the history, sealed, so that old lines can be dropped and the chain still verifies.

A sealed segment states the first and the last line of a month, the hash before it and the hash at its end, under a
signature. Once the retention period is over its lines may be dropped; the segment stays, and the chain goes from hash
to hash across it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from localstore import crypto, history
from localstore.contents import START as NO_CONTENTS
from localstore.contents import Contents
from localstore.database import Connection, row, rows
from localstore.history import START, Signer

DROPPED = "history-dropped"  # the action of the line that tells of it
_TOLD = re.compile(r"([0-9]{1,18}) ([0-9]{1,18})")


class Segment(NamedTuple):
    """A run of lines of one month (`YYYY-MM`), from `first` to `last`. `previous` is the hash before it, `hash` that of
    its last line. `dropped` is the moment at which its lines were dropped, or empty."""

    num: int
    month: str
    first: int
    last: int
    previous: bytes
    hash: bytes
    contents: Contents | None
    key: int
    signature: bytes
    dropped: str

    def stated(self) -> bytes:
        """The bytes that the signature covers."""
        return _stated(self.month, self.first, self.last, self.previous, self.hash, self.contents)


def _stated(month: str, first: int, last: int, previous: bytes, digest: bytes, contents: Contents | None) -> bytes:
    covered = (0, b"") if contents is None else contents
    return msgspec.msgpack.encode((month, first, last, previous, digest, *covered))


def listing(connection: Connection) -> list[Segment]:
    """All segments, oldest first."""
    found = rows(
        connection,
        "SELECT num, month, first, last, previous, hash, versions, content, key, signature, dropped FROM segment"
        " ORDER BY num",
    )
    return [
        Segment._make((*begin, None if content is None else Contents(versions, content), *end))
        for *begin, versions, content, end in ((*values[:8], values[8:]) for values in found)
    ]


def is_due(connection: Connection, month: str) -> bool:
    """Whether there is a month that is over and in no segment yet: one before `month`, or one after which lines of
    another follow, so that a single line from a clock that ran ahead does not end the sealing."""
    found = row(
        connection,
        "SELECT substr(f.at, 1, 7), EXISTS (SELECT 1 FROM history l WHERE l.num > f.num"
        " AND substr(l.at, 1, 7) <> substr(f.at, 1, 7)) FROM history f"
        " WHERE f.num > (SELECT coalesce(max(last), 0) FROM segment) ORDER BY f.num LIMIT 1",
    )
    return found is not None and (found[0] < month or bool(found[1]))


def seal(connection: Connection, signer: Signer, month: str) -> int:
    """Seal all whole months before `month` (`YYYY-MM`), inside the caller's transaction; returns how many segments.

    By the order of the lines, not of the clock: a clock that was set back makes two segments of one month.
    """
    last = row(connection, "SELECT last FROM segment ORDER BY num DESC LIMIT 1")
    after = last[0] if last else 0
    runs = _runs(connection, after, month)
    for first, end in runs:
        _seal_run(connection, signer, first, end)
    return len(runs)


def _runs(connection: Connection, after: int, month: str) -> list[tuple[int, int]]:
    """The runs of lines of one month each that are over: another month has begun after them."""
    runs: list[tuple[int, int]] = []
    current = ""
    for num, at in connection.execute("SELECT num, substr(at, 1, 7) FROM history WHERE num > ? ORDER BY num", (after,)):
        if at == current:
            runs[-1] = (runs[-1][0], num)
        else:
            runs.append((num, num))
            current = at
    return runs[:-1] if current >= month else runs


def _seal_run(connection: Connection, signer: Signer, first: int, last: int) -> None:
    begin = row(connection, "SELECT substr(at, 1, 7), previous FROM history WHERE num = ?", (first,))
    end = row(connection, "SELECT hash, versions, content FROM history WHERE num = ?", (last,))
    assert begin is not None and end is not None  # noqa: S101 - both were just listed
    contents = None if end[2] is None else Contents(end[1], end[2])
    signature = crypto.sign(
        signer.pair.secret, "history-segment", _stated(begin[0], first, last, begin[1], end[0], contents)
    )
    connection.execute(
        "INSERT INTO segment (month, first, last, previous, hash, versions, content, key, signature, dropped)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (begin[0], first, last, begin[1], *end, signer.key, signature),
    )


def droppable(connection: Connection, before: str, *, kept_from: str, present: str) -> list[Segment]:
    """The sealed segments whose lines are all of months before `before` (`YYYY-MM`), from the oldest on, without a
    gap.

    A clock may have been wrong. One that ran behind makes new lines look old: what follows a segment must be of
    `kept_from` or earlier too. One that ran ahead names months after the `present` one: such a segment is as old as
    what follows it.
    """
    known = listing(connection)
    months = [*(one.month for one in known), *_first_open_month(connection)]
    ages: list[str] = []
    following = present
    for month in reversed(months):
        following = month if month <= present else following
        ages.insert(0, following)
    found = []
    for place, segment in enumerate(known):
        after = ages[min(place + 1, len(ages) - 1)]
        if ages[place] >= before or after > kept_from:
            break
        if not segment.dropped:
            found.append(segment)
    return found


def _first_open_month(connection: Connection) -> list[str]:
    """The month of the first line that is in no segment; empty when all are."""
    found = row(
        connection,
        "SELECT substr(at, 1, 7) FROM history WHERE num > (SELECT coalesce(max(last), 0) FROM segment)"
        " ORDER BY num LIMIT 1",
    )
    return [found[0]] if found else []


def drop(connection: Connection, segments: list[Segment], at: str) -> int:
    """Drop the lines of these segments, inside the caller's transaction; returns how many lines. The caller then
    writes the line that tells of it, with the words of `statement`: without it nothing verifies any more."""
    lines = 0
    for segment in segments:
        lines += connection.execute(
            "DELETE FROM history WHERE num BETWEEN ? AND ?", (segment.first, segment.last)
        ).rowcount
        connection.execute("UPDATE segment SET dropped = ? WHERE num = ?", (at, segment.num))
    return lines


class End(NamedTuple):
    """Where the lines that are still kept begin: the number and hash of the last dropped line, the contents at it, and
    whether it was signed: a line of the first release was not."""

    line: int
    hash: bytes
    contents: Contents
    signed: bool


def end_of_dropped(connection: Connection) -> End:
    """The end of what was dropped; the beginning of everything where nothing was."""
    dropped = [segment for segment in listing(connection) if segment.dropped]
    if not dropped:
        return End(0, START, Contents(0, NO_CONTENTS), False)
    last = dropped[-1]
    return End(last.last, last.hash, last.contents or Contents(0, NO_CONTENTS), last.contents is not None)


# --- the line that tells of it ---------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What the newest line about dropping says: its own number, the last dropped line, and the highest number of the
    users' keys that were known then. All 0 when there is none."""

    line: int
    last: int
    keys: int


def statement(connection: Connection) -> tuple[str, str]:
    """Subject and detail of the line that tells of all that was dropped, this time and before: a digest of the hash of
    the last dropped line and of the users' public keys, whose own lines may be among the dropped; then the number of
    that line and the highest number of a key."""
    newest = row(connection, "SELECT coalesce(max(num), 0) FROM user_key")
    return _statement(connection, int(newest[0]) if newest else 0)


def _statement(connection: Connection, newest: int) -> tuple[str, str]:
    end = end_of_dropped(connection)
    keys = rows(connection, "SELECT num, user, signing FROM user_key WHERE num <= ? ORDER BY num", (newest,))
    stated = msgspec.msgpack.encode((end.line, end.hash, keys))
    return crypto.digest(DROPPED, stated).hex(), f"{end.line} {newest}"


def told(connection: Connection) -> Told:
    """What the newest kept line about dropping says; its words may be anybody's, `is_told` compares them."""
    line = history.last_of(connection, DROPPED)
    found = _TOLD.fullmatch(line.detail) if line else None
    return Told(line.id, int(found[1]), int(found[2])) if line and found else Told(line.id if line else 0, 0, 0)


def is_told(connection: Connection) -> bool:
    """Whether the newest kept line about dropping speaks of exactly what was dropped, and of the keys of that day.
    Whose line it is, `localstore.verification` looks at."""
    line = history.last_of(connection, DROPPED)
    if line is None:
        return not end_of_dropped(connection).line
    return (line.subject, line.detail) == _statement(connection, told(connection).keys)


def first_broken(connection: Connection, is_signed: Callable[[int, str, bytes, bytes], bool]) -> int | None:
    """The first line of the first segment that does not follow from the one before, is not well signed, or, where its
    lines are kept, does not end as they do; None when all do. `is_signed(key, purpose, message, signature)`."""
    previous, expected, dropping = START, 1, True
    for segment in listing(connection):
        if segment.first != expected or segment.previous != previous or segment.last < segment.first:
            return segment.first
        if not is_signed(segment.key, "history-segment", segment.stated(), segment.signature):
            return segment.first
        if segment.dropped and not dropping:
            return segment.first
        dropping = bool(segment.dropped)
        kept = row(connection, "SELECT hash FROM history WHERE num = ?", (segment.last,))
        if dropping and row(connection, "SELECT 1 FROM history WHERE num <= ?", (segment.last,)):
            return segment.first
        if not dropping and (kept is None or kept[0] != segment.hash):
            return segment.last
        previous, expected = segment.hash, segment.last + 1
    return None
