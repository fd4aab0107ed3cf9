"""The history: who did what, when, to whose record. Each line holds the hash of the line before.

A line is written in the transaction of the change that it tells of, so neither can exist without the other. Entries are
named by identifier. Details are in words: the reason of a retraction or of a reading, as a person typed it, and the
names of files that were imported. So a line may tell of a patient's health; it lies in the encrypted record with it.
"""

from typing import Any, NamedTuple

import msgspec

from localstore import crypto
from localstore.database import Connection, row, rows

START = bytes(32)


class Line(NamedTuple):
    """One line. `patient` is the identifier of the patient's record, or empty."""

    id: int
    at: str
    user: str
    action: str
    patient: str
    subject: str
    detail: str


def _line_hash(previous: bytes, fields: tuple[Any, ...]) -> bytes:
    return crypto.digest("history-line", previous, msgspec.msgpack.encode(fields))


def append(
    connection: Connection,
    *,
    at: str,
    user: str,
    action: str,
    patient: int | None = None,
    subject: str = "",
    detail: str = "",
) -> None:
    """Add a line. Must be called inside the transaction of the change that it tells of."""
    if not connection.in_transaction:
        raise RuntimeError("a history line belongs to the transaction of its change")
    last = row(connection, "SELECT hash FROM history ORDER BY num DESC LIMIT 1")
    previous = last[0] if last else START
    fields = (at, user, action, patient, subject, detail)
    connection.execute(
        "INSERT INTO history (at, user, action, patient, subject, detail, previous, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*fields, previous, _line_hash(previous, fields)),
    )


def lines(connection: Connection, patient: int | None = None) -> list[Line]:
    """All lines, or those about one patient (by its local number), oldest first."""
    found = rows(
        connection,
        "SELECT h.num, h.at, h.user, h.action, coalesce(lower(hex(p.id)), ''), h.subject, h.detail"
        " FROM history h LEFT JOIN version p ON p.num = h.patient"
        " WHERE ?1 IS NULL OR h.patient = ?1 ORDER BY h.num",
        (patient,),
    )
    return [Line(*values) for values in found]


def first_broken_line(connection: Connection) -> int | None:
    """The number of the first line whose hash does not follow from the lines before it; None when all do."""
    previous, expected = START, 1
    for num, *fields, stored_previous, stored in connection.execute(
        "SELECT num, at, user, action, patient, subject, detail, previous, hash FROM history ORDER BY num"
    ):
        if num != expected or stored_previous != previous or _line_hash(previous, tuple(fields)) != stored:
            return int(num)
        previous, expected = stored, expected + 1
    return None
