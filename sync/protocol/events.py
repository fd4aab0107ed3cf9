"""What two post offices say to each other, as frozen values that cannot be built wrong.

Each event checks itself when it is made and raises LocalProtocolError; the decoder turns that into a
RemoteProtocolError. So whoever holds an event need not check its shapes again.
"""

from dataclasses import dataclass
from enum import IntEnum

from localstore import crypto
from localstore.feeds import (
    FEED_BYTES,
    HEAD_BYTES,
    MAX_ENVELOPE_BYTES,
    MAX_FEEDS,
    MAX_SEQUENCE,
    NO_HEAD,
    RECEIPT_PURPOSE,
    statement,
)
from sync.protocol.errors import LocalProtocolError
from sync.protocol.limits import SIGNATURE_BYTES, TOKEN_BYTES


class Reason(IntEnum):
    """Why an envelope was refused. Only `FULL` and `TOO_MANY_FEEDS` pass by themselves."""

    FULL = 1  # too much lies unopened; a new receipt for the feed says when there is room again
    FORK = 2  # another envelope is held under this number: a copied installation
    FOREIGN = 3  # the feed belongs to somebody else
    TOO_MANY_FEEDS = 4  # no further feed is accepted from this peer


class Farewell(IntEnum):
    """Why a session ends."""

    STOPPING = 1  # the program stops
    DUPLICATE = 2  # another session of the same two is kept
    PROTOCOL = 3  # the other side broke the protocol
    VERSION = 4  # the other side speaks another version


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise LocalProtocolError(reason=reason)


@dataclass(frozen=True, slots=True)
class Receipt:
    """I durably hold this feed up to here, and this is what it hashes to. Cumulative.

    feed: 16 bytes. up_to: 0 when nothing is held. head: 32 bytes, `NO_HEAD` exactly when up_to is 0.
    signature: 64 bytes over `statement`, by the transport key of the side that holds it.
    """

    feed: bytes
    up_to: int
    head: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _require(len(self.feed) == FEED_BYTES, "a feed has 16 bytes")
        _require(0 <= self.up_to <= MAX_SEQUENCE, "a sequence number out of range")
        _require(len(self.head) == HEAD_BYTES, "a head has 32 bytes")
        _require((self.up_to == 0) == (self.head == NO_HEAD), "an empty feed has the empty head")
        _require(len(self.signature) == SIGNATURE_BYTES, "a signature has 64 bytes")


def sign_receipt(seed: bytes, feed: bytes, up_to: int, head: bytes) -> Receipt:
    """A receipt signed with the transport key whose 32-byte seed is given. Raises LocalProtocolError."""
    return Receipt(feed, up_to, head, crypto.sign(seed, RECEIPT_PURPOSE, statement(feed, up_to, head)))


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of each side: what I hold of your feeds, one receipt each, in ascending order of the feed."""

    receipts: tuple[Receipt, ...] = ()

    def __post_init__(self) -> None:
        _require(len(self.receipts) <= MAX_FEEDS, "too many feeds")
        feeds = [receipt.feed for receipt in self.receipts]
        _require(all(left < right for left, right in zip(feeds, feeds[1:], strict=False)), "feeds out of order")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One sealed envelope: the `sequence`-th of `feed`, counted from 1. `sealed` means nothing to this layer."""

    feed: bytes
    sequence: int
    sealed: bytes

    def __post_init__(self) -> None:
        _require(len(self.feed) == FEED_BYTES, "a feed has 16 bytes")
        _require(1 <= self.sequence <= MAX_SEQUENCE, "a sequence number out of range")
        _require(1 <= len(self.sealed) <= MAX_ENVELOPE_BYTES, "an envelope is empty or too large")


@dataclass(frozen=True, slots=True)
class Refusal:
    """I did not take envelope `sequence` of `feed`, nor anything after it."""

    feed: bytes
    sequence: int
    reason: Reason

    def __post_init__(self) -> None:
        _require(len(self.feed) == FEED_BYTES, "a feed has 16 bytes")
        _require(1 <= self.sequence <= MAX_SEQUENCE, "a sequence number out of range")


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you still there? `token` is 8 bytes."""

    token: bytes

    def __post_init__(self) -> None:
        _require(len(self.token) == TOKEN_BYTES, "a token has 8 bytes")


@dataclass(frozen=True, slots=True)
class Pong:
    """I am; `token` is that of the ping. The session answers pings by itself."""

    token: bytes

    def __post_init__(self) -> None:
        _require(len(self.token) == TOKEN_BYTES, "a token has 8 bytes")


@dataclass(frozen=True, slots=True)
class Goodbye:
    """I say nothing more; what you have sent already is still taken."""

    reason: Farewell


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection ended between two messages. Never sent: it is what `receive_eof` reports."""


Message = Hello | Envelope | Receipt | Refusal | Ping | Pong | Goodbye
Event = Message | Ended
