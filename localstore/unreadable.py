"""The SQL of what was sent and could not be opened, because its recipient had deleted the key: what became of it."""

from collections.abc import Sequence
from enum import StrEnum

from localstore.correspondence import Outgoing
from localstore.database import Connection, row


class Anew(StrEnum):
    """What became of a document that its recipient could not open, because he had deleted the key."""

    SEALED = "sealed"  # it, or what it says today, was sealed under another key
    WITHHELD = "withheld"  # no consent covers it any more: nothing went
    REPLACED = "replaced"  # a later one says all that it said
    LOST = "lost"  # it cannot be made again: a share of recovery words


def mark_unreadable(connection: Connection, feed: bytes, sequences: Sequence[int], colleague: int, moment: str) -> None:
    """The colleague's software says that it can't open these documents of a feed that is his. What he has said before,
    and what he has attested to have opened, stays as it is."""
    connection.executemany(
        "UPDATE outgoing SET unreadable = ? WHERE feed = ? AND sequence = ? AND colleague = ? AND unreadable = ''"
        " AND opened = '' AND removed = ''",
        [(moment, feed, sequence, colleague) for sequence in sequences],
    )


def mark_anew(connection: Connection, feed: bytes, sequence: int, outcome: Anew) -> None:
    """What became of a document that a colleague could not open."""
    connection.execute("UPDATE outgoing SET anew = ? WHERE feed = ? AND sequence = ?", (outcome.value, feed, sequence))


def has_later_extract(connection: Connection, sent: Outgoing, feed: bytes) -> bool:
    """Whether an extract that was sealed later, under the same consent, is there, or on its way on the present `feed`.
    One that could not be opened either replaces it only if it was sealed anew; one that waited in a feed that has ended
    replaces nothing."""
    found = row(
        connection,
        "SELECT 1 FROM outgoing WHERE consent = ?1 AND type = ?2 AND (feed, sequence) <> (?3, ?4) AND"
        " CASE feed WHEN ?3 THEN sequence > ?4 ELSE made > ?5 END AND"
        " (opened <> '' OR anew = ?7 OR (feed = ?6 AND unreadable = ''))",
        (sent.consent, sent.type, sent.feed, sent.sequence, sent.made, feed, Anew.SEALED.value),
    )
    return found is not None


def newest(connection: Connection, colleague: int, document_type: str) -> str:
    """The identifier of the document of a type that was sealed last for a colleague; empty where there is none."""
    found = row(
        connection,
        "SELECT document_id FROM outgoing WHERE colleague = ? AND type = ? ORDER BY rowid DESC LIMIT 1",
        (colleague, document_type),
    )
    return found[0].hex() if found else ""


def epoch_of(connection: Connection, feed: bytes, sequence: int) -> tuple[int, bytes] | None:
    """The colleague for whom a document was sealed, and its epoch; the epoch is empty where the first release sealed
    it. None when nothing here has that number."""
    found = row(connection, "SELECT colleague, epoch FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return (found[0], bytes(found[1])) if found else None
