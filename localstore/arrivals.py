"""The SQL of `postbox.db` for what arrives, as a session needs it: envelopes, knocks, and changes by the desk.

Separate from `postbox`, which is the desk's side. What came in is on disk before it is acknowledged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, row, rows, transaction
from localstore.feeds import MAX_FEEDS, NO_HEAD, Holding, Piece, next_head
from localstore.postbox import IncidentKind, report_incident

KNOCK_MEMORY_SLOTS = 96  # a day of 15-minute slots: a clock set back by hours does not forget a knock
MAX_KNOCKS_IN_WINDOW = 4096  # of one peer, in the slots that are accepted; an honest one needs a few


class IncomingLimits(msgspec.Struct, frozen=True):
    """How much of one peer may lie unopened here: a practice that is locked for its holidays still receives, and a
    colleague gone mad cannot fill the disk."""

    envelopes: int = 16_384
    bytes: int = 1024 * 1024 * 1024
    feeds: int = MAX_FEEDS


class Reception(StrEnum):
    """What became of an envelope that came in."""

    STORED = "stored"
    HELD = "held"  # the same bytes were here already
    GAP = "gap"  # its number is not the next one
    FULL = "full"  # too much lies unopened
    FORK = "fork"  # other bytes are held under its number, or the feed is frozen for that
    FOREIGN = "foreign"  # its feed is another peer's
    TOO_MANY_FEEDS = "too-many-feeds"


def holdings(connection: Connection, peer: str) -> list[Holding]:
    """What is held of the feeds of `peer`, in ascending order of the feed."""
    found = rows(
        connection,
        "SELECT feed, up_to, head FROM incoming_feed WHERE peer = ? AND up_to > 0 ORDER BY feed",
        (peer,),
    )
    return [Holding(*values) for values in found]


def receive(
    connection: Connection,
    peer: str,
    pieces: Sequence[Piece],
    limits: IncomingLimits | None = None,
    clock: Clock = system_clock,
) -> list[Reception]:
    """Commit what came in, all in one transaction, and say what became of each; on disk when this returns."""
    limits = IncomingLimits() if limits is None else limits
    at = stamp(clock())
    with transaction(connection):
        count, size = _unopened(connection, peer)
        feeds: dict[bytes, _Feed] = {}
        outcomes = []
        for piece in pieces:
            fits = count < limits.envelopes and size + len(piece.envelope) <= limits.bytes
            feed = feeds.get(piece.feed) or feeds.setdefault(piece.feed, _feed(connection, peer, piece.feed))
            outcome = _receive(connection, peer, feed, piece, fits, limits, at)
            if outcome is Reception.STORED:
                count, size = count + 1, size + len(piece.envelope)
            outcomes.append(outcome)
        for name, feed in feeds.items():
            if feed.grew:
                connection.execute(
                    "UPDATE incoming_feed SET up_to = ?, head = ? WHERE feed = ?", (feed.up_to, feed.head, name)
                )
        return outcomes


def newest_feed(connection: Connection, peer: str) -> bytes | None:
    """The feed of `peer` that began last here. What comes of an earlier one is of before: whoever restores a backup
    ends his feeds and begins others."""
    found = row(connection, "SELECT feed FROM incoming_feed WHERE peer = ? ORDER BY rowid DESC LIMIT 1", (peer,))
    return None if found is None else bytes(found[0])


def has_room(connection: Connection, peer: str, limits: IncomingLimits | None = None) -> bool:
    """Whether so much was opened that a peer who was refused may go on: half of each limit is free again."""
    limits = IncomingLimits() if limits is None else limits
    count, size = _unopened(connection, peer)
    return count * 2 <= limits.envelopes and size * 2 <= limits.bytes


def _unopened(connection: Connection, peer: str) -> tuple[int, int]:
    found = row(
        connection,
        "SELECT count(*), coalesce(sum(size), 0) FROM incoming_feed JOIN incoming USING (feed)"
        " WHERE peer = ? AND opened IS NULL",
        (peer,),
    )
    return (0, 0) if found is None else (found[0], found[1])


@dataclass(slots=True)
class _Feed:
    """An incoming feed while a batch is taken in. It is read once and written once for all that came of it together."""

    owner: str
    frozen: str
    up_to: int
    head: bytes
    is_known: bool
    grew: bool = False


def _feed(connection: Connection, peer: str, name: bytes) -> _Feed:
    found = row(connection, "SELECT peer, frozen, up_to, head FROM incoming_feed WHERE feed = ?", (name,))
    if found is None:
        return _Feed(peer, "", 0, NO_HEAD, False)
    owner, frozen, up_to, head = found
    return _Feed(owner, frozen, up_to, head, True)


def _receive(
    connection: Connection, peer: str, feed: _Feed, piece: Piece, fits: bool, limits: IncomingLimits, at: str
) -> Reception:
    if feed.owner != peer:
        return Reception.FOREIGN
    if feed.frozen:
        return Reception.FORK
    if piece.sequence <= feed.up_to:
        return _compare(connection, peer, feed, piece, at)
    if piece.sequence > feed.up_to + 1:
        return Reception.GAP
    if not fits:
        return Reception.FULL
    if not feed.is_known and _count_feeds(connection, peer) >= limits.feeds:
        return Reception.TOO_MANY_FEEDS
    _append(connection, peer, feed, piece, at)
    return Reception.STORED


def _count_feeds(connection: Connection, peer: str) -> int:
    found = row(connection, "SELECT count(*) FROM incoming_feed WHERE peer = ?", (peer,))
    return 0 if found is None else int(found[0])


def _append(connection: Connection, peer: str, feed: _Feed, piece: Piece, at: str) -> None:
    feed.up_to, feed.head, feed.grew = piece.sequence, next_head(feed.head, piece.envelope), True
    if not feed.is_known:
        connection.execute("INSERT INTO incoming_feed (feed, peer, head) VALUES (?, ?, ?)", (piece.feed, peer, NO_HEAD))
        feed.is_known = True
    connection.execute(
        "INSERT INTO incoming (feed, sequence, head, size, received) VALUES (?, ?, ?, ?, ?)",
        (piece.feed, piece.sequence, feed.head, len(piece.envelope), at),
    )
    connection.execute("INSERT INTO incoming_bytes VALUES (?, ?, ?)", (piece.feed, piece.sequence, piece.envelope))


def _compare(connection: Connection, peer: str, feed: _Feed, piece: Piece, at: str) -> Reception:
    """An envelope under a number that is held: the same one again, or proof of a copied installation."""
    before = NO_HEAD if piece.sequence == 1 else _held_head(connection, piece.feed, piece.sequence - 1)
    if next_head(before, piece.envelope) == _held_head(connection, piece.feed, piece.sequence):
        return Reception.HELD
    kind = IncidentKind.FORK_RECEIVED
    feed.frozen = kind
    connection.execute("UPDATE incoming_feed SET frozen = ? WHERE feed = ?", (kind, piece.feed))
    report_incident(connection, peer, piece, kind, at)
    return Reception.FORK


def _held_head(connection: Connection, feed: bytes, sequence: int) -> bytes:
    found = row(connection, "SELECT head FROM incoming WHERE feed = ? AND sequence = ?", (feed, sequence))
    return NO_HEAD if found is None else found[0]


def admit_knock(connection: Connection, peer: str, nonce: bytes, slot: int, now: int) -> bool:
    """Remember a recognised knock durably. False for one that came before, in this run or an earlier one, and for a
    peer that knocks more often than any honest one. `slot` is the knock's, `now` the present one."""
    with transaction(connection):
        connection.execute("DELETE FROM knock WHERE abs(slot - ?) > ?", (now, KNOCK_MEMORY_SLOTS))
        recent = row(
            connection, "SELECT count(*) FROM knock WHERE peer = ? AND slot BETWEEN ? AND ?", (peer, now - 1, now + 1)
        )
        if recent is not None and recent[0] >= MAX_KNOCKS_IN_WINDOW:
            return False
        added = connection.execute("INSERT OR IGNORE INTO knock VALUES (?, ?, ?)", (peer, nonce, slot))
        return added.rowcount == 1


def changes(connection: Connection) -> int:
    """A number that changes when another process has committed to the postbox."""
    found = row(connection, "PRAGMA data_version")
    return 0 if found is None else int(found[0])
