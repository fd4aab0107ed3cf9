"""Two joined postboxes for the tests: what one offers, the other receives and acknowledges."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from localstore import arrivals, departures, postbox
from localstore.arrivals import IncomingLimits, Reception
from localstore.database import Connection
from localstore.departures import Acknowledgement
from localstore.feeds import NO_HEAD, Holding, Piece, next_head
from localstore.postbox import Peer

KEY = bytes(range(32))
FEED = b"f" * 16
OTHER_FEED = b"g" * 16
SIGNATURE = b"s" * 64
CERTIFICATE = b"c" * 176
SECRET = b"p" * 32
BERNARD = Peer("bernard", CERTIFICATE, SECRET, ("192.168.1.20:7400",))


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """One second later at each look."""
        self.moment += timedelta(seconds=1)
        return self.moment


def fresh(folder: Path, name: str = "postbox.db") -> Connection:
    """A new postbox."""
    return postbox.create(folder / name, KEY)


def head_of(*envelopes: bytes) -> bytes:
    """The head of a feed with these envelopes."""
    head = NO_HEAD
    for envelope in envelopes:
        head = next_head(head, envelope)
    return head


def fill(connection: Connection, *envelopes: bytes, feed: bytes = FEED, peer: str = "bernard") -> None:
    """Queue envelopes from number 1."""
    for sequence, envelope in enumerate(envelopes, start=1):
        postbox.queue(connection, peer, feed, sequence, envelope)


def offered(connection: Connection, **held: int) -> list[tuple[int, bytes]]:
    """What is offered to Bernard on FEED, who holds it up to `held`."""
    pieces = departures.offer(connection, "bernard", {FEED: held.get("held", 0)})
    return [(piece.sequence, piece.envelope) for piece in pieces]


def take(
    connection: Connection, *pieces: tuple[int, bytes], feed: bytes = FEED, peer: str = "alice"
) -> list[Reception]:
    """Receive pieces of a feed from Alice."""
    return arrivals.receive(connection, peer, [Piece(feed, *piece) for piece in pieces])


def acknowledge(connection: Connection, up_to: int, head: bytes, feed: bytes = FEED) -> Acknowledgement:
    """Take a receipt of Bernard."""
    return departures.acknowledge(connection, "bernard", Holding(feed, up_to, head), SIGNATURE)


SMALL = IncomingLimits(envelopes=4, bytes=100, feeds=2)
