"""Feeds, as both halves of the house and the wire know them: sizes, limits and the running head. Pure.

A feed is one author's stream to one recipient: sealed envelopes counted from 1, without gaps. Both sides keep a running
head, so that one hash says whether they hold the same bytes in the same order.
"""

import msgspec

from localstore import crypto

FEED_BYTES = 16  # a random identifier: two feeds never meet
HEAD_BYTES = 32  # BLAKE2b over the feed so far
NO_HEAD = bytes(HEAD_BYTES)  # the head of a feed of which nothing is held yet
RECEIPT_PURPOSE = "receipt"

MAX_ENVELOPE_BYTES = 16 * 1024 * 1024  # a document of 4 MiB with its chart, sealed and padded, with room to spare
MAX_SEQUENCE = 2**63 - 1  # the largest integer of the store; no feed lives that long
MAX_FEEDS = 1024  # of one peer: one for each restored backup, so a handful; bounds the first message to 120 kB


class Holding(msgspec.Struct, frozen=True):
    """How far an incoming feed is held, and its head there."""

    feed: bytes
    up_to: int
    head: bytes


class Piece(msgspec.Struct, frozen=True):
    """One envelope in its place in a feed, on its way out or in."""

    feed: bytes
    sequence: int
    envelope: bytes


def next_head(head: bytes, envelope: bytes) -> bytes:
    """The running head after `envelope`, given the head before it (`NO_HEAD` at the beginning): 32 bytes."""
    return crypto.digest("feed-head", head, envelope)


def statement(feed: bytes, up_to: int, head: bytes) -> bytes:
    """The bytes that a receipt signs: feed (16), up_to (8, big-endian), head (32)."""
    return feed + up_to.to_bytes(8, "big") + head
