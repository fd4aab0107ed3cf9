"""The SQL of `postbox.db` for what leaves, as a session needs it: what a peer lacks, and its receipts.

Separate from `postbox`, which is the desk's side. Offering is committed before the first byte leaves, so that a process
killed anywhere has neither lied nor lost, and a withdrawn envelope is either never sent or known to be on its way.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from localstore import incarnations
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, row, rows, transaction
from localstore.feeds import MAX_FEEDS, NO_HEAD, Holding, Piece, next_head
from localstore.postbox import IncidentKind, report_incident

OFFER_BYTES = 1024 * 1024  # at most this much, or one envelope, is marked as offered ahead of the wire
OFFER_COUNT = 256


class Acknowledgement(StrEnum):
    """What a receipt was worth."""

    TAKEN = "taken"
    IGNORED = "ignored"  # the feed is frozen, or nothing here remembers it: a restored backup
    MISMATCH = "mismatch"  # it states what was never sent, or other bytes, or another peer's feed


def offer(
    connection: Connection,
    peer: str,
    held: Mapping[bytes, int],
    halted: Collection[bytes] = (),
    clock: Clock = system_clock,
) -> list[Piece]:
    """The next envelopes for `peer`, committed as offered before this returns.

    `held` says up to which number the peer has each feed (0 where it is not named); feeds in `halted` are left out.
    At most OFFER_COUNT of them and about OFFER_BYTES; empty when nothing is missing.
    """
    if not (feeds := _feeds_behind(connection, peer, held, halted)):
        return []
    at, pieces, size = stamp(clock()), list[Piece](), 0
    with transaction(connection):
        for feed in feeds:
            for piece in _continue(connection, peer, feed, held.get(feed, 0), at):
                pieces.append(piece)
                size += len(piece.envelope)
                if size >= OFFER_BYTES or len(pieces) >= OFFER_COUNT:
                    return pieces
    return pieces


def unoffered(connection: Connection) -> list[tuple[bytes, int]]:
    """The feed and number of what waits and was never offered on the wire; of feeds that go on only."""
    return rows(
        connection,
        "SELECT feed, sequence FROM outgoing_bytes JOIN outgoing USING (feed, sequence)"
        " WHERE sent IS NULL AND feed NOT IN (SELECT feed FROM retired)",
    )


def lacks(connection: Connection, peer: str, held: Mapping[bytes, int]) -> bool:
    """Whether the peer, who has each feed up to `held`, lacks anything."""
    return bool(_feeds_behind(connection, peer, held, ()))


def _feeds_behind(
    connection: Connection, peer: str, held: Mapping[bytes, int], halted: Collection[bytes]
) -> list[bytes]:
    """Read without a transaction, so that an idle daemon never takes the write lock."""
    found = rows(
        connection,
        "SELECT feed, (SELECT max(sequence) FROM outgoing WHERE outgoing.feed = outgoing_feed.feed)"
        " FROM outgoing_feed WHERE peer = ? AND frozen = '' AND feed NOT IN (SELECT feed FROM retired) ORDER BY rowid",
        (peer,),
    )
    return [feed for feed, last in found if feed not in halted and (last or 0) > held.get(feed, 0)]


def _continue(connection: Connection, peer: str, feed: bytes, after: int, at: str) -> Iterator[Piece]:
    """Mark and give the envelopes of a feed one by one, until the caller has enough."""
    head = _head_at(connection, feed, after)
    while head is not None:
        after += 1
        found = row(connection, "SELECT envelope FROM outgoing_bytes WHERE feed = ? AND sequence = ?", (feed, after))
        if found is None:
            # Behind the last, or acknowledged meanwhile: a peer who lost it is met by `reconcile` at the beginning.
            return
        head = next_head(head, found[0])
        connection.execute(
            "UPDATE outgoing SET sent = coalesce(sent, ?), head = ? WHERE feed = ? AND sequence = ?",
            (at, head, feed, after),
        )
        yield Piece(feed, after, found[0])


def _head_at(connection: Connection, feed: bytes, sequence: int) -> bytes | None:
    if sequence == 0:
        return NO_HEAD
    found = row(connection, "SELECT head FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return found[0] if found else None


def acknowledge(
    connection: Connection,
    peer: str,
    holding: Holding,
    signature: bytes,
    clock: Clock = system_clock,
) -> Acknowledgement:
    """Take a receipt whose signature was verified: drop the bytes that the peer holds, keep the receipt.

    A receipt that disagrees with what was sent freezes the feed, with its incident, unless the feed is another peer's.
    One for more than is known here of a retired feed tells what was sent after the backup that was restored.
    """
    at = stamp(clock())
    with transaction(connection):
        found = row(connection, "SELECT peer, frozen FROM outgoing_feed WHERE feed = ?", (holding.feed,))
        if found is None:
            return _acknowledge_unknown(connection, peer, holding, at)
        if found[0] != peer:
            return Acknowledgement.MISMATCH
        if found[1]:
            return Acknowledgement.IGNORED
        own = _head_at(connection, holding.feed, holding.up_to)
        if own is None and incarnations.is_retired(connection, holding.feed):
            incarnations.go_beyond(connection, holding.feed, holding.up_to)
            return Acknowledgement.IGNORED
        if own != holding.head:
            kind = IncidentKind.AHEAD if own is None else IncidentKind.FORK_SENT
            _freeze_outgoing(connection, peer, holding.feed, holding.up_to, kind, at)
            return Acknowledgement.MISMATCH
        _store(connection, holding, signature, at)
        return Acknowledgement.TAKEN


def _acknowledge_unknown(connection: Connection, peer: str, holding: Holding, at: str) -> Acknowledgement:
    """A feed that this postbox never had. Where a backup was restored it is one of the time between; where none was,
    somebody put an older copy back."""
    if holding.up_to == 0:
        return Acknowledgement.IGNORED
    known = row(
        connection,
        "SELECT count(*) FROM outgoing_feed WHERE peer = ? AND (frozen <> '' OR feed IN (SELECT feed FROM retired))",
        (peer,),
    )
    if known is not None and known[0] >= MAX_FEEDS:
        return Acknowledgement.MISMATCH
    connection.execute("INSERT INTO outgoing_feed (feed, peer) VALUES (?, ?)", (holding.feed, peer))
    if row(connection, "SELECT 1 FROM serving WHERE restored > 0"):
        incarnations.retire(connection, holding.feed, at)
        incarnations.go_beyond(connection, holding.feed, holding.up_to)
    else:
        _freeze_outgoing(connection, peer, holding.feed, holding.up_to, IncidentKind.AHEAD, at)
    return Acknowledgement.IGNORED


def acknowledged(connection: Connection, peer: str) -> dict[bytes, int]:
    """How far a peer has acknowledged each feed from which something may still be offered to him; by feed."""
    return dict(
        rows(
            connection,
            "SELECT feed, up_to FROM outgoing_feed WHERE peer = ? AND frozen = ''"
            " AND feed NOT IN (SELECT feed FROM retired) ORDER BY rowid",
            (peer,),
        )
    )


def reconcile(
    connection: Connection,
    peer: str,
    before: Mapping[bytes, int],
    held: Mapping[bytes, int],
    clock: Clock = system_clock,
) -> dict[bytes, int]:
    """Where to go on with each feed, from what the peer says at the beginning of a session that he holds.

    `before` is what he had acknowledged before he could say so. Where he holds less than that he restored a backup: its
    bytes were dropped here, so the feed is retired, and the desk begins another one. What another session acknowledged
    since is no such sign.
    """
    now = acknowledged(connection, peer)
    lost = {feed: held.get(feed, 0) for feed in now if held.get(feed, 0) < before.get(feed, 0)}
    if lost:
        at = stamp(clock())
        with transaction(connection):
            for feed, kept in lost.items():
                incarnations.retire(connection, feed, at, kept)
                connection.execute("DELETE FROM outgoing_bytes WHERE feed = ?", (feed,))
    return {feed: max(up_to, held.get(feed, 0)) for feed, up_to in now.items() if feed not in lost}


def _store(connection: Connection, holding: Holding, signature: bytes, at: str) -> None:
    # What an earlier receipt said is not looked through again: a feed may be long, and its receipts many.
    connection.execute(
        "UPDATE outgoing SET stored = ?1 WHERE feed = ?2 AND stored IS NULL"
        " AND sequence > (SELECT up_to FROM outgoing_feed WHERE feed = ?2) AND sequence <= ?3",
        (at, holding.feed, holding.up_to),
    )
    connection.execute("DELETE FROM outgoing_bytes WHERE feed = ? AND sequence <= ?", (holding.feed, holding.up_to))
    connection.execute(
        "UPDATE outgoing_feed SET up_to = ?1, head = ?2, signature = ?3, acknowledged = ?4 WHERE feed = ?5"
        " AND up_to < ?1",
        (holding.up_to, holding.head, signature, at, holding.feed),
    )


def halt(
    connection: Connection,
    peer: str,
    feed: bytes,
    sequence: int,
    kind: IncidentKind,
    clock: Clock = system_clock,
) -> bool:
    """Freeze an outgoing feed because the peer refused it for good. False when it is no feed to that peer."""
    with transaction(connection):
        if not row(connection, "SELECT 1 FROM outgoing_feed WHERE feed = ? AND peer = ?", (feed, peer)):
            return False
        _freeze_outgoing(connection, peer, feed, sequence, kind, stamp(clock()))
        return True


def _freeze_outgoing(
    connection: Connection, peer: str, feed: bytes, sequence: int, kind: IncidentKind, at: str
) -> None:
    connection.execute("UPDATE outgoing_feed SET frozen = ? WHERE feed = ? AND frozen = ''", (kind, feed))
    report_incident(connection, peer, Piece(feed, sequence, b""), kind, at)
