"""Strategies and samples of protocol messages for the tests."""

from hypothesis import strategies as st

from localstore import crypto
from localstore.feeds import MAX_SEQUENCE, NO_HEAD
from sync.protocol import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Reason,
    Receipt,
    Refusal,
    sign_receipt,
)

SEED = bytes(range(32))
PEER_KEY = crypto.signing_key(SEED).public
FEED = b"f" * 16
HEAD = b"h" * 32

feeds = st.binary(min_size=16, max_size=16)
sequences = st.integers(1, MAX_SEQUENCE)
heads = st.binary(min_size=32, max_size=32).filter(lambda head: head != NO_HEAD)


def _receipt(feed: bytes, up_to: int, head: bytes) -> Receipt:
    return sign_receipt(SEED, feed, up_to, head)


receipts = st.builds(_receipt, feeds, sequences, heads) | st.builds(_receipt, feeds, st.just(0), st.just(NO_HEAD))
hellos = st.lists(receipts, max_size=4, unique_by=lambda receipt: receipt.feed).map(
    lambda many: Hello(tuple(sorted(many, key=lambda receipt: receipt.feed)))
)
envelopes = st.builds(Envelope, feeds, sequences, st.binary(min_size=1, max_size=300))
refusals = st.builds(Refusal, feeds, sequences, st.sampled_from(Reason))
tokens = st.binary(min_size=8, max_size=8)
messages: st.SearchStrategy[Message] = st.one_of(
    hellos,
    envelopes,
    receipts,
    refusals,
    st.builds(Ping, tokens),
    st.builds(Pong, tokens),
    st.builds(Goodbye, st.sampled_from(Farewell)),
)

SAMPLES: tuple[Message, ...] = (
    Hello((_receipt(FEED, 1, HEAD),)),
    Envelope(FEED, 1, b"sealed"),
    _receipt(FEED, 1, HEAD),
    Refusal(FEED, 1, Reason.FULL),
    Ping(b"12345678"),
    Pong(b"12345678"),
    Goodbye(Farewell.STOPPING),
)
