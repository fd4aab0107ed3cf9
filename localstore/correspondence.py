"""The SQL of what was signed for colleagues and of what came from them: outgoing, received."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from localstore.database import Connection, row, rows
from localstore.errors import NotFound, TooShort

SHORTEST_ID_PREFIX = 6
KEPT_BACK = "kept-back"  # the type of an extract that never left


class ReceivedState(StrEnum):
    """What became of a document that arrived."""

    NEW = "new"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"  # a later extract of the same colleague about the same patient came, before anybody acted
    SET_ASIDE = "set-aside"
    HELD = "held"  # a share of the colleague's recovery key, kept for him
    HANDLED = "handled"  # receipts, epoch offers: nothing for the doctor to do


class Outgoing(msgspec.Struct, frozen=True):
    """One signed document on its way. `envelope` is None once the postbox has it; `opened` and `removed` are the
    moments that the colleague's software attested, or empty. `epoch` is the one that it was sealed under: 8 bytes, or
    empty where the first release sealed it. `unreadable` is the moment at which the colleague said that he can't open
    it, `anew` the `unreadable.Anew` of that; both are empty otherwise. `digest` is that of the
    content of an extract, by which it is seen whether the record still says the same; empty for anything else."""

    feed: bytes
    sequence: int
    colleague: int
    type: str
    made: str
    patient: int | None
    consent: int | None
    document_id: str
    entries: int
    opened: str
    removed: str
    envelope: bytes | None
    epoch: bytes = b""
    unreadable: str = ""
    anew: str = ""
    digest: bytes = b""


class Received(msgspec.Struct, frozen=True):
    """One document that arrived. `document` is the signed document, byte for byte; empty once withdrawn. For one that
    was set aside it is the sealed envelope, and `reason` says why."""

    num: int
    id: str
    colleague: int | None
    feed: bytes
    sequence: int
    type: str
    state: ReceivedState
    arrived: str
    reason: str
    patient: int | None
    document: bytes


_OUTGOING = (
    "SELECT feed, sequence, colleague, type, made, patient, consent, document_id, entries, opened, removed, envelope,"
    " epoch, unreadable, anew, digest FROM outgoing "
)
_RECEIVED = "SELECT num, id, colleague, feed, sequence, type, state, arrived, reason, patient, document FROM received "


def _outgoing(values: tuple[Any, ...]) -> Outgoing:
    feed, sequence, colleague, kind, made, patient, consent, identifier, entries, opened, removed, *rest = values
    sent = (feed, sequence, colleague, kind, made, patient, consent)
    return Outgoing(*sent, identifier.hex(), entries, opened, removed, *rest)


def _received(values: tuple[Any, ...]) -> Received:
    num, identifier, colleague, feed, sequence, kind, state, *rest = values
    return Received(num, identifier.hex(), colleague, feed, sequence, kind, ReceivedState(state), *rest)


# --- outgoing --------------------------------------------------------------------------------------------------


def next_sequence(connection: Connection, feed: bytes) -> int:
    """The next number of an outgoing feed, from 1."""
    found = row(connection, "SELECT coalesce(max(sequence), 0) + 1 FROM outgoing WHERE feed = ?", (feed,))
    return int(found[0]) if found else 1


def put_outgoing(connection: Connection, document: Outgoing) -> None:
    """Commit a sealed document as outgoing."""
    connection.execute(
        "INSERT INTO outgoing (feed, sequence, colleague, type, made, patient, consent, document_id, entries, opened,"
        " removed, envelope, epoch, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.feed,
            document.sequence,
            document.colleague,
            document.type,
            document.made,
            document.patient,
            document.consent,
            bytes.fromhex(document.document_id),
            document.entries,
            document.opened,
            document.removed,
            document.envelope,
            document.epoch,
            document.digest,
        ),
    )


def outgoing(connection: Connection) -> list[Outgoing]:
    """Everything that was ever sent, oldest first."""
    return [_outgoing(values) for values in rows(connection, _OUTGOING + "ORDER BY made, feed, sequence")]


def not_yet_posted(connection: Connection) -> list[Outgoing]:
    """What the postbox may not have yet, in feed order."""
    found = rows(connection, _OUTGOING + "WHERE envelope IS NOT NULL ORDER BY feed, sequence")
    return [_outgoing(values) for values in found]


def waiting(connection: Connection) -> list[tuple[bytes, int, int]]:
    """The feed, number and colleague of what the postbox may not have yet, in feed order."""
    return rows(
        connection,
        "SELECT feed, sequence, colleague FROM outgoing WHERE envelope IS NOT NULL ORDER BY feed, sequence",
    )


def consent_of(connection: Connection, feed: bytes, sequence: int, types: Collection[str]) -> int | None:
    """The consent, by local number, under which a document of one of these types was sealed; None for any other."""
    found = row(connection, "SELECT consent, type FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return found[0] if found and found[1] in types else None


def envelope_of(connection: Connection, feed: bytes, sequence: int) -> bytes | None:
    """The envelope that waits for the postbox under this number, or None."""
    found = row(connection, "SELECT envelope FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return found[0] if found else None


def of_consent(connection: Connection, consent: int) -> list[Outgoing]:
    """What was sent under a consent, oldest first."""
    found = rows(connection, _OUTGOING + "WHERE consent = ? ORDER BY feed, sequence", (consent,))
    return [_outgoing(values) for values in found]


def mark_posted(connection: Connection, feed: bytes, sequence: int) -> None:
    """The postbox holds the envelope durably; this copy is dropped."""
    connection.execute("UPDATE outgoing SET envelope = NULL WHERE feed = ? AND sequence = ?", (feed, sequence))


def replace_envelope(connection: Connection, feed: bytes, sequence: int, envelope: bytes) -> None:
    """Put another envelope in the place of one that the postbox does not have yet."""
    connection.execute(
        "UPDATE outgoing SET envelope = ? WHERE feed = ? AND sequence = ? AND envelope IS NOT NULL",
        (envelope, feed, sequence),
    )


def mark_kept_back(connection: Connection, feed: bytes, sequence: int) -> None:
    """The extract was replaced before it left, by a document that says nothing."""
    connection.execute(
        "UPDATE outgoing SET type = ?, entries = 0 WHERE feed = ? AND sequence = ?", (KEPT_BACK, feed, sequence)
    )


def mark_attested(
    connection: Connection, what: str, feed: bytes, sequences: Sequence[int], colleague: int, moment: str
) -> None:
    """The colleague's software attests that it `opened` or `removed` these documents of a feed that is his. What it has
    attested before keeps its first moment."""
    if what not in ("opened", "removed"):
        raise ValueError(what)
    connection.executemany(
        f"UPDATE outgoing SET {what} = ? WHERE feed = ? AND sequence = ? AND colleague = ? AND {what} = ''",  # noqa: S608 - two names
        [(moment, feed, sequence, colleague) for sequence in sequences],
    )


def consents_of(connection: Connection, feed: bytes, sequences: Sequence[int], colleague: int) -> list[int]:
    """The consents, by local number, under which these documents of a feed to a colleague were sent."""
    found: set[int] = set()
    for sequence in sequences:
        under = row(
            connection,
            "SELECT consent FROM outgoing WHERE feed = ? AND sequence = ? AND colleague = ? AND consent IS NOT NULL",
            (feed, sequence, colleague),
        )
        found |= set(under or ())
    return sorted(found)


# --- what a colleague could not read ---------------------------------------------------------------------------


def unreadable(connection: Connection) -> list[Outgoing]:
    """What colleagues could not open and nothing was done about yet, oldest first."""
    found = rows(connection, _OUTGOING + "WHERE unreadable <> '' AND anew = '' ORDER BY made, feed, sequence")
    return [_outgoing(values) for values in found]


def by_place(connection: Connection, feed: bytes, sequence: int) -> Outgoing | None:
    """The document that was sent under this number of a feed, or None."""
    found = row(connection, _OUTGOING + "WHERE feed = ? AND sequence = ?", (feed, sequence))
    return _outgoing(found) if found else None


# --- received --------------------------------------------------------------------------------------------------


def last_sequence(connection: Connection, feed: bytes) -> int:
    """The number of the last document that arrived on a feed, 0 when none did."""
    found = row(connection, "SELECT coalesce(max(sequence), 0) FROM received WHERE feed = ?", (feed,))
    return int(found[0]) if found else 0


def attestable(connection: Connection, colleague: int) -> list[tuple[bytes, int, bool]]:
    """What came from a colleague and was opened, in feed order: feed, number, and whether its content was removed. What
    was taken over stands in a chart, and is not attested as removed."""
    found = rows(
        connection,
        "SELECT feed, sequence, length(document) = 0 AND state <> 'taken' FROM received"
        " WHERE colleague = ? AND type IN ('extract', 'letter', 'recovery-share') ORDER BY feed, sequence",
        (colleague,),
    )
    return [(feed, sequence, bool(removed)) for feed, sequence, removed in found]


def feed_owner(connection: Connection, feed: bytes) -> int | None:
    """The colleague whose documents came on this feed before, or None."""
    found = row(connection, "SELECT colleague FROM received WHERE feed = ? AND colleague IS NOT NULL LIMIT 1", (feed,))
    return int(found[0]) if found else None


def count_set_aside(connection: Connection) -> int:
    """How many documents lie set aside with their bytes."""
    found = row(
        connection,
        "SELECT count(*) FROM received WHERE state = ? AND length(document) > 0",
        (ReceivedState.SET_ASIDE.value,),
    )
    return int(found[0]) if found else 0


def withdrawals(connection: Connection, colleague: int, consent: str) -> list[bytes]:
    """The signed withdrawals of a colleague in which the identifier of a consent stands."""
    found = rows(
        connection,
        "SELECT document FROM received WHERE colleague = ? AND type = 'withdrawal' AND instr(document, ?) > 0",
        (colleague, consent.encode()),
    )
    return [document for (document,) in found]


def is_known(connection: Connection, identifier: bytes) -> bool:
    """Whether a document of this identifier was received before."""
    return row(connection, "SELECT 1 FROM received WHERE id = ?", (identifier,)) is not None


def put_received(connection: Connection, document: Received) -> None:
    """Keep what arrived. The database refuses a second document under the same number of the same feed."""
    connection.execute(
        "INSERT INTO received (id, colleague, feed, sequence, type, state, arrived, reason, patient, document)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            bytes.fromhex(document.id),
            document.colleague,
            document.feed,
            document.sequence,
            document.type,
            document.state.value,
            document.arrived,
            document.reason,
            document.patient,
            document.document,
        ),
    )


def received(connection: Connection) -> list[Received]:
    """What a doctor may look at: everything but what was merely handled, newest first."""
    found = rows(connection, _RECEIVED + "WHERE state <> ? ORDER BY num DESC", (ReceivedState.HANDLED.value,))
    return [_received(values) for values in found]


def count_new(connection: Connection) -> int:
    """How many extracts arrived that nobody has dealt with yet."""
    found = row(connection, "SELECT count(*) FROM received WHERE state = ?", (ReceivedState.NEW.value,))
    return int(found[0]) if found else 0


def by_identifier(connection: Connection, reference: str) -> Received:
    """The received document with this identifier, or the only one whose identifier begins so. Raises NotFound."""
    wanted = reference.strip().lower()
    if len(wanted) < SHORTEST_ID_PREFIX:
        raise TooShort(reference=reference, count=SHORTEST_ID_PREFIX)
    found = [one for one in received(connection) if one.id.startswith(wanted)]
    if len(found) != 1:
        raise NotFound(what="The received document “{reference}”", reference=reference)
    return found[0]


def supersede(connection: Connection, identifier: str, colleague: int) -> bool:
    """An extract that nobody has dealt with yet was followed by another of the same colleague; whether it was so."""
    changed = connection.execute(
        "UPDATE received SET state = ? WHERE id = ? AND colleague = ? AND state = ? AND type = 'extract'",
        (ReceivedState.SUPERSEDED.value, bytes.fromhex(identifier), colleague, ReceivedState.NEW.value),
    )
    return changed.rowcount == 1


def not_dealt_with(connection: Connection, colleague: int) -> list[Received]:
    """The extracts of a colleague that nobody has dealt with yet."""
    found = rows(
        connection,
        _RECEIVED + "WHERE colleague = ? AND state = ? AND type = 'extract'",
        (colleague, ReceivedState.NEW.value),
    )
    return [_received(values) for values in found]


def set_received_state(
    connection: Connection, num: int, state: ReceivedState, *, patient: int | None = None, drop: bool = False
) -> None:
    """Change what became of a received document; `drop` erases its content."""
    connection.execute(
        "UPDATE received SET state = ?, patient = coalesce(?, patient),"
        " document = CASE WHEN ? THEN x'' ELSE document END WHERE num = ?",
        (state.value, patient, drop, num),
    )
