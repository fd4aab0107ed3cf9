"""The SQL of `postbox.db` for lots: what goes into one, which were written and which were read.

A lot is a file with what a session would have said. Of each peer the newest are remembered, not their contents: what
they carried stands in the tables of feeds.
"""

from collections.abc import Mapping
from typing import NamedTuple

from localstore.database import Connection, row, rows, transaction
from localstore.postbox import IncidentKind

KEPT_LOTS = 64  # of each peer and direction: an older one that comes back is still read, and proves nothing any more


class Fork(NamedTuple):
    """Two envelopes of a peer's feed under one number, of which he may not know yet."""

    feed: bytes
    sequence: int


def begin(connection: Connection, peer: str, lot: bytes, acknowledged: Mapping[bytes, int], at: str) -> None:
    """Note, inside the caller's transaction, that a lot is about to be written, and how far the peer had acknowledged
    each feed by then."""
    connection.execute("INSERT INTO lot_written (lot, peer, at) VALUES (?, ?, ?)", (lot, peer, at))
    connection.executemany(
        "INSERT INTO lot_acknowledged VALUES (?, ?, ?)",
        [(lot, feed, up_to) for feed, up_to in acknowledged.items() if up_to > 0],
    )
    old = rows(
        connection, "SELECT lot FROM lot_written WHERE peer = ? ORDER BY num DESC LIMIT -1 OFFSET ?", (peer, KEPT_LOTS)
    )
    connection.executemany("DELETE FROM lot_acknowledged WHERE lot = ?", old)
    connection.executemany("DELETE FROM lot_written WHERE lot = ?", old)


def acknowledged_before(connection: Connection, peer: str, lot: bytes) -> dict[bytes, int] | None:
    """What the peer had acknowledged when this lot was written for him, by feed; None for a lot that is not known."""
    if not row(connection, "SELECT 1 FROM lot_written WHERE lot = ? AND peer = ?", (lot, peer)):
        return None
    return dict(rows(connection, "SELECT feed, up_to FROM lot_acknowledged WHERE lot = ?", (lot,)))


def mark_read(connection: Connection, peer: str, lot: bytes, at: str) -> bool:
    """Note that a lot of the peer was read to its end. False, and nothing changed, when it had been."""
    with transaction(connection):
        added = connection.execute("INSERT OR IGNORE INTO lot_read (lot, peer, at) VALUES (?, ?, ?)", (lot, peer, at))
        connection.execute(
            "DELETE FROM lot_read WHERE peer = ?1 AND num NOT IN"
            " (SELECT num FROM lot_read WHERE peer = ?1 ORDER BY num DESC LIMIT ?2)",
            (peer, KEPT_LOTS),
        )
        return added.rowcount == 1


def newest_read(connection: Connection, peer: str) -> bytes | None:
    """The lot of the peer that was first read last."""
    found = row(connection, "SELECT lot FROM lot_read WHERE peer = ? ORDER BY num DESC LIMIT 1", (peer,))
    return None if found is None else bytes(found[0])


def envelope(connection: Connection, feed: bytes, sequence: int) -> bytes | None:
    """An outgoing envelope; None when it was acknowledged, and its bytes dropped."""
    found = row(connection, "SELECT envelope FROM outgoing_bytes WHERE feed = ? AND sequence = ?", (feed, sequence))
    return None if found is None else bytes(found[0])


def forks(connection: Connection, peer: str) -> list[Fork]:
    """The forks that the peer's feeds showed here, by feed."""
    found = rows(
        connection,
        "SELECT feed, sequence FROM incident WHERE peer = ? AND kind = ? ORDER BY feed",
        (peer, IncidentKind.FORK_RECEIVED.value),
    )
    return [Fork(*values) for values in found]
