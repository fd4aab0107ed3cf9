"""The SQL of the imported tables: putting one in the place of the last, removing it, finding by code and by words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from localstore.database import Connection, row, rows, transaction
from localstore.folding import fold
from localstore.terminology.tables import GROUPS, PRESENTATIONS, Row

BATCH = 5_000  # rows handed over at a time: some megabytes
MAX_HITS = 400  # of which the best are shown
LAST = "\U0010ffff"  # no code holds it: the end of a range of codes that begin alike
_HIT = "SELECT t.system, t.name, t.version, e.code, e.label FROM term e JOIN terminology t ON t.num = e.terminology "


class Table(NamedTuple):
    """A table that was imported: `part` is empty, or which file of the public drug database; `rows` counts them."""

    system: str
    part: str
    version: str
    rows: int
    imported: str


class Hit(NamedTuple):
    """A term as it is stored."""

    system: str
    part: str
    version: str
    code: str
    label: str


def replace(connection: Connection, system: str, part: str, version: str, lines: Iterable[Row], now: str) -> Table:
    """Put a table in the place of the one of the same system and part, in one transaction; an error leaves the old."""
    with transaction(connection):
        remove(connection, system, part)
        connection.execute(
            "INSERT INTO terminology (system, name, version, rows, imported) VALUES (?, ?, ?, 0, ?)",
            (system, part, version, now),
        )
        owner = _value(connection, "SELECT num FROM terminology WHERE system = ? AND name = ?", (system, part))
        first = _value(connection, "SELECT coalesce(max(num), 0) FROM term") + 1
        count = 0
        for batch in _batches(lines):
            numbered = list(enumerate(batch, first + count))
            connection.executemany(
                "INSERT INTO term (num, terminology, code, label) VALUES (?, ?, ?, ?)",
                ((num, owner, one.code, one.label) for num, one in numbered),
            )
            connection.executemany(
                "INSERT INTO term_words (rowid, words) VALUES (?, ?)",
                ((num, words) for num, one in numbered if (words := _words(part, one))),
            )
            count += len(numbered)
        connection.execute("UPDATE terminology SET rows = ? WHERE num = ?", (count, owner))
    return Table(system, part, version, count, now)


def remove(connection: Connection, system: str, part: str | None = None) -> int:
    """Remove the tables of a system, or one part of them; how many rows went."""
    gone = 0
    with transaction(connection):
        for (num,) in rows(
            connection,
            "SELECT num FROM terminology WHERE system = ? AND (? IS NULL OR name = ?)",
            (system, part, part),
        ):
            connection.execute(
                "DELETE FROM term_words WHERE rowid IN (SELECT num FROM term WHERE terminology = ?)", (num,)
            )
            gone += connection.execute("DELETE FROM term WHERE terminology = ?", (num,)).rowcount
            connection.execute("DELETE FROM terminology WHERE num = ?", (num,))
    return gone


def listing(connection: Connection) -> list[Table]:
    """The tables that there are."""
    found = rows(connection, "SELECT system, name, version, rows, imported FROM terminology ORDER BY system, name")
    return [Table(*values) for values in found]


def by_code(connection: Connection, system: str, part: str, code: str) -> list[Hit]:
    """The terms with exactly this code."""
    found = rows(connection, _HIT + "WHERE t.system = ? AND t.name = ? AND e.code = ?", (system, part, code))
    return [Hit(*values) for values in found]


def beginning(connection: Connection, system: str, part: str, code: str, limit: int) -> list[Hit]:
    """The terms whose code begins so, in the order of their codes."""
    found = rows(
        connection,
        _HIT + "WHERE t.system = ? AND t.name = ? AND e.code >= ? AND e.code < ? ORDER BY e.code LIMIT ?",
        (system, part, code, code + LAST, limit),
    )
    return [Hit(*values) for values in found]


def holding(connection: Connection, expression: str, system: str) -> list[Hit]:
    """At most MAX_HITS terms whose words match; of all systems where `system` is empty."""
    found = rows(
        connection,
        _HIT + "JOIN term_words w ON w.rowid = e.num WHERE term_words MATCH ? AND (? = '' OR t.system = ?) LIMIT ?",
        (expression, system, system, MAX_HITS),
    )
    return [Hit(*values) for values in found]


def _words(part: str, one: Row) -> str:
    """What a search finds a term by. A box is found by its number alone: its words are those of every box."""
    if part == GROUPS:
        return ""
    return one.code if part == PRESENTATIONS else f"{fold(one.label)} {one.code.lower()}"


def _batches(lines: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _value(connection: Connection, sql: str, parameters: Sequence[object] = ()) -> int:
    found = row(connection, sql, parameters)
    return int(found[0]) if found else 0
