"""The SQL of `postbox.db` as the desk sees it: the transport identity, the peers, what is to leave, what has arrived.

The postbox has a key of its own and holds sealed envelopes only, so that it can stay open while the record is locked.
What a session does with it stands in `departures` and `arrivals`. Every change is one transaction, on disk when the
call returns.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from localstore import crypto, incarnations
from localstore.clock import Clock, stamp, system_clock
from localstore.database import Connection, row, rows, transaction
from localstore.errors import AlreadyThere, BadInput, DamagedStore, FeedConflict, NotFound, TooLarge
from localstore.feeds import FEED_BYTES, MAX_ENVELOPE_BYTES, MAX_SEQUENCE, Piece
from localstore.opening import create as create_database
from localstore.opening import open_existing
from localstore.postbox_tables import APPLICATION, MIGRATIONS

PAIR_SECRET_BYTES = 32
MAX_CERTIFICATE_BYTES = 1024  # ours has about 200
MAX_PEER_ID = 64  # characters
MAX_ADDRESSES = 16  # of one peer; they come from a contact card, so from outside
MAX_ADDRESS = 261  # characters: a DNS name of at most 253, a colon, a port, and brackets


class Transport(NamedTuple):
    """This practice's transport identity: the seed of its Ed25519 key, and its certificate (DER)."""

    seed: bytes
    certificate: bytes


class Peer(msgspec.Struct, frozen=True):
    """A colleague's post office. `certificate` is its TLS certificate (DER), `pair_secret` 32 bytes known to both,
    `addresses` are `host:port` to try besides what is discovered."""

    id: str
    certificate: bytes
    pair_secret: bytes
    addresses: tuple[str, ...] = ()


class DeliveryState(StrEnum):
    """How far an outgoing envelope has come."""

    QUEUED = "queued"  # never offered on the wire
    SENT = "sent"  # offered at least once
    STORED = "stored"  # acknowledged by a receipt that the colleague's transport key signed
    LOST = "lost"  # its feed ended, after a backup was restored on either side, and the colleague does not hold it


class Progress(msgspec.Struct, frozen=True):
    """One outgoing envelope; `at` is when it came into its state."""

    peer: str
    feed: bytes
    sequence: int
    state: DeliveryState
    at: str


class Arrived(msgspec.Struct, frozen=True):
    """One envelope that arrived and was not opened yet. `received` is when it was committed here."""

    peer: str
    feed: bytes
    sequence: int
    envelope: bytes
    received: str


class KeptReceipt(msgspec.Struct, frozen=True):
    """The newest receipt of an outgoing feed: `signature` is over `feeds.statement`, by the peer's transport key."""

    peer: str
    feed: bytes
    up_to: int
    head: bytes
    signature: bytes
    acknowledged: str


class IncidentKind(StrEnum):
    """Why a feed was frozen. Each is for the doctor to see: nothing more of that feed travels by itself."""

    FORK_RECEIVED = "fork-received"  # the colleague sent two envelopes with one number: a copied installation
    FORK_SENT = "fork-sent"  # the colleague holds other bytes under our numbers: this installation was copied
    AHEAD = "ahead"  # the colleague holds more of our feed than was ever offered from here: an old copy put back
    FOREIGN = "foreign"  # the colleague holds our feed as somebody else's


class Incident(msgspec.Struct, frozen=True):
    """What froze a feed. `envelope` is the other one of a fork that was received, else empty."""

    peer: str
    feed: bytes
    sequence: int
    kind: IncidentKind
    envelope: bytes
    at: str


def create(path: Path, key: bytes) -> Connection:
    """Make a new postbox, opened. Raises FileExistsError."""
    return create_database(path, key, APPLICATION, MIGRATIONS)


def open_postbox(path: Path, key: bytes) -> Connection:
    """Open the postbox. Raises NoPractice, DamagedStore, NewerStore."""
    return open_existing(path, key, APPLICATION, MIGRATIONS)


def begin_incarnation(connection: Connection, incarnation: bytes, clock: Clock = system_clock) -> None:
    """Whoever puts a backup back calls this on its postbox, with the incarnation (16 bytes) that he gives the record:
    all feeds of before are retired. The same call again changes nothing."""
    incarnations.begin(connection, incarnation, stamp(clock()))


# --- identity and peers ----------------------------------------------------------------------------------------


def set_transport(connection: Connection, seed: bytes, certificate: bytes) -> None:
    """Save the transport identity, replacing an earlier one."""
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO transport VALUES (1, ?, ?)", (seed, certificate))


def transport(connection: Connection) -> Transport:
    """The transport identity. Raises DamagedStore when there is none: it is made with the postbox."""
    found = row(connection, "SELECT seed, certificate FROM transport")
    if found is None:
        raise DamagedStore(file="postbox.db", seen="it holds no transport key")
    return Transport(*found)


def put_peer(connection: Connection, peer: Peer) -> None:
    """Add a peer, or change it. Raises BadInput, and AlreadyThere when another one has its certificate or secret."""
    _check_peer(peer)
    with transaction(connection):
        if row(
            connection,
            "SELECT 1 FROM peer WHERE id <> ? AND (certificate = ? OR pair_secret = ?)",
            (peer.id, peer.certificate, peer.pair_secret),
        ):
            raise AlreadyThere(what="A colleague with these transport keys", remedy="Remove that colleague first.")
        connection.execute(
            "INSERT INTO peer VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET certificate = ?2,"
            " pair_secret = ?3, addresses = ?4",
            (peer.id, peer.certificate, peer.pair_secret, msgspec.json.encode(peer.addresses).decode()),
        )


def remove_peer(connection: Connection, peer_id: str) -> bool:
    """Forget a peer: its sessions end, nothing more is sent to it or taken from it. What was exchanged stays listed."""
    with transaction(connection):
        return connection.execute("DELETE FROM peer WHERE id = ?", (peer_id,)).rowcount == 1


def peers(connection: Connection) -> list[Peer]:
    """All peers, by id."""
    found = rows(connection, "SELECT id, certificate, pair_secret, addresses FROM peer ORDER BY id")
    return [Peer(peer_id, certificate, secret, _addresses(text)) for peer_id, certificate, secret, text in found]


def _addresses(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _check_peer(peer: Peer) -> None:
    for condition, what in (
        (1 <= len(peer.id) <= MAX_PEER_ID, "The identifier of a peer is empty or too long."),
        (len(peer.pair_secret) == PAIR_SECRET_BYTES, "A pair secret has 32 bytes."),
        (1 <= len(peer.certificate) <= MAX_CERTIFICATE_BYTES, "A transport certificate is empty or too large."),
        (len(peer.addresses) <= MAX_ADDRESSES, "A peer has too many addresses."),
        (all(1 <= len(address) <= MAX_ADDRESS for address in peer.addresses), "An address is empty or too long."),
    ):
        if not condition:
            raise BadInput(what=what, remedy="Check the contact card.")


# --- what is to leave ------------------------------------------------------------------------------------------


def queue(
    connection: Connection,
    peer_id: str,
    feed: bytes,
    sequence: int,
    envelope: bytes,
    clock: Clock = system_clock,
) -> None:
    """Put an envelope on its way. The same call again changes nothing.

    Raises FeedConflict for other bytes under a number that is taken, for a gap in the numbers, and for a feed of
    another peer; TooLarge and BadInput for a size outside of the limits.
    """
    _check_envelope(feed, sequence, envelope)
    digest = _digest(envelope)
    with transaction(connection):
        owner, last = row(connection, _FEED_AND_LAST, (feed,)) or (None, 0)
        if owner is not None and owner != peer_id:
            raise FeedConflict(sequence=sequence, seen="its feed goes to somebody else")
        if sequence != last + 1:
            _require_queued(connection, feed, sequence, digest, last)
            return
        if owner is None:
            connection.execute("INSERT INTO outgoing_feed (feed, peer) VALUES (?, ?)", (feed, peer_id))
        connection.execute(
            "INSERT INTO outgoing (feed, sequence, digest, queued) VALUES (?, ?, ?, ?)",
            (feed, sequence, digest, stamp(clock())),
        )
        connection.execute("INSERT INTO outgoing_bytes VALUES (?, ?, ?)", (feed, sequence, envelope))


_FEED_AND_LAST = (
    "SELECT peer, (SELECT coalesce(max(sequence), 0) FROM outgoing WHERE outgoing.feed = outgoing_feed.feed)"
    " FROM outgoing_feed WHERE feed = ?"
)


def _require_queued(connection: Connection, feed: bytes, sequence: int, digest: bytes, last: int) -> None:
    """Return if this very envelope was queued before; raise FeedConflict otherwise."""
    held = row(connection, "SELECT digest FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    if held is None:
        raise FeedConflict(sequence=sequence, seen="the number after {last} was expected", last=last)
    if held[0] != digest:
        raise FeedConflict(sequence=sequence, seen="another envelope has this number")


def was_offered(connection: Connection, feed: bytes, sequence: int) -> bool | None:
    """Whether an outgoing envelope was offered to the network; None for one that is not here."""
    found = row(connection, "SELECT sent IS NOT NULL FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return None if found is None else bool(found[0])


def replace_unsent(connection: Connection, feed: bytes, sequence: int, envelope: bytes) -> bool:
    """Put another envelope in the place of one that was never offered on the wire. False, and nothing changed, when it
    was offered, or is not there: offering is committed before the first byte leaves, so True is certain. False also
    in a feed that ended: what was queued in a backup may have left after it."""
    _check_envelope(feed, sequence, envelope)
    with transaction(connection):
        changed = connection.execute(
            "UPDATE outgoing SET digest = ? WHERE feed = ? AND sequence = ? AND sent IS NULL"
            " AND feed NOT IN (SELECT feed FROM retired)",
            (_digest(envelope), feed, sequence),
        )
        if changed.rowcount == 0:
            return False
        connection.execute(
            "UPDATE outgoing_bytes SET envelope = ? WHERE feed = ? AND sequence = ?", (envelope, feed, sequence)
        )
        return True


def progress(connection: Connection) -> list[Progress]:
    """Each outgoing envelope, by feed and number."""
    found = rows(
        connection,
        "SELECT peer, outgoing.feed, sequence, queued, sent, stored, coalesce(sequence <= beyond, 0),"
        " CASE WHEN sequence <= beyond OR sequence <= coalesce(kept, iif(stored IS NULL, 0, sequence)) THEN ''"
        " ELSE coalesce(at, '') END FROM outgoing JOIN outgoing_feed USING (feed) LEFT JOIN retired USING (feed)"
        " ORDER BY peer, outgoing.feed, sequence",
    )
    return [Progress(peer, feed, sequence, *_state(*told)) for peer, feed, sequence, *told in found]


def receipts(connection: Connection) -> list[KeptReceipt]:
    """The newest receipt of each outgoing feed that has one: proof of what the colleague's software holds."""
    found = rows(
        connection,
        "SELECT peer, feed, up_to, head, signature, acknowledged FROM outgoing_feed WHERE up_to > 0"
        " ORDER BY peer, feed",
    )
    return [KeptReceipt(*values) for values in found]


def incidents(connection: Connection) -> list[Incident]:
    """What froze a feed, oldest first."""
    found = rows(
        connection, "SELECT peer, feed, sequence, kind, coalesce(envelope, x''), at FROM incident ORDER BY num"
    )
    return [Incident(peer, feed, number, IncidentKind(kind), *rest) for peer, feed, number, kind, *rest in found]


def report_incident(connection: Connection, peer: str, piece: Piece, kind: IncidentKind, at: str) -> None:
    """Note, inside the caller's transaction, why a feed was frozen: once for each feed and kind."""
    connection.execute(
        "INSERT OR IGNORE INTO incident (peer, feed, sequence, kind, envelope, at) VALUES (?, ?, ?, ?, ?, ?)",
        (peer, piece.feed, piece.sequence, kind, piece.envelope, at),
    )


def _state(queued: str, sent: str | None, stored: str | None, beyond: int, lost: str) -> tuple[DeliveryState, str]:
    if lost:
        return DeliveryState.LOST, lost
    if stored is not None or beyond:
        return DeliveryState.STORED, stored or sent or queued
    return (DeliveryState.QUEUED, queued) if sent is None else (DeliveryState.SENT, sent)


def _digest(envelope: bytes) -> bytes:
    return crypto.digest("postbox-envelope", envelope)


def _check_envelope(feed: bytes, sequence: int, envelope: bytes) -> None:
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise TooLarge(what="An envelope", limit="16 MiB")
    if not envelope or len(feed) != FEED_BYTES or not 1 <= sequence <= MAX_SEQUENCE:
        raise BadInput(what="An envelope, its feed or its number is malformed.", remedy="Please report it.")


# --- what has arrived ------------------------------------------------------------------------------------------


def arrived(connection: Connection) -> Iterator[Arrived]:
    """The envelopes not opened yet, as they came, which is the order of each feed too; one in memory at a time. Opening
    them while iterating is fine."""
    for peer, feed, sequence, received in rows(
        connection,
        "SELECT peer, incoming.feed, sequence, received FROM incoming JOIN incoming_feed USING (feed)"
        " WHERE opened IS NULL ORDER BY +incoming.rowid",  # with the sign the index of what is unopened leads
    ):
        found = row(connection, "SELECT envelope FROM incoming_bytes WHERE feed = ? AND sequence = ?", (feed, sequence))
        if found is not None:
            yield Arrived(peer, feed, sequence, found[0], received)


def mark_opened(connection: Connection, feed: bytes, sequence: int, clock: Clock = system_clock) -> None:
    """Drop the bytes of an envelope that the desk has dealt with; its number and head stay. Again changes nothing.
    Raises NotFound."""
    with transaction(connection):
        changed = connection.execute(
            "UPDATE incoming SET opened = ? WHERE feed = ? AND sequence = ? AND opened IS NULL",
            (stamp(clock()), feed, sequence),
        )
        if changed.rowcount == 0:
            if not row(connection, "SELECT 1 FROM incoming WHERE feed = ? AND sequence = ?", (feed, sequence)):
                raise NotFound(what="An envelope with this number")
            return
        connection.execute("DELETE FROM incoming_bytes WHERE feed = ? AND sequence = ?", (feed, sequence))
