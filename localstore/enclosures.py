"""The SQL of what letters held that were sent: which entries, so that one can be sealed anew as it was meant."""

from collections.abc import Sequence
from typing import NamedTuple

from localstore.database import Connection, row, rows


class Enclosed(NamedTuple):
    """The entries of a letter by identifier (32 hex digits), the letter itself first; and which letter it answers."""

    entries: tuple[str, ...]
    answers: str


def put(connection: Connection, document: bytes, answers: str, entries: Sequence[str]) -> None:
    """Note what a document holds, inside the transaction that sends it."""
    connection.executemany(
        "INSERT INTO enclosed (document, place, entry) VALUES (?, ?, unhex(?))",
        [(document, place, entry) for place, entry in enumerate(entries)],
    )
    if answers:
        connection.execute("INSERT INTO answered (document, letter) VALUES (?, unhex(?))", (document, answers))


def of(connection: Connection, document: bytes) -> Enclosed | None:
    """What a document holds; None where it is no letter that was sent from here."""
    found = rows(connection, "SELECT lower(hex(entry)) FROM enclosed WHERE document = ? ORDER BY place", (document,))
    answers = row(connection, "SELECT lower(hex(letter)) FROM answered WHERE document = ?", (document,))
    return Enclosed(tuple(entry for (entry,) in found), answers[0] if answers else "") if found else None
