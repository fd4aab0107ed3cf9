"""Envelopes: sealed for one, refused at the change of any single bit, and never a bomb."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto
from sync.errors import SetAside
from sync.papers import envelope

FEED, EPOCH, KEY = b"f" * 16, b"e" * 8, b"k" * 32
DOCUMENT = b"a signed document " * 20


@given(st.binary(max_size=5000), st.integers(min_value=1, max_value=2**63))
def test_what_was_sealed_comes_out(document: bytes, sequence: int) -> None:
    sealed = envelope.seal(document, FEED, sequence, EPOCH, KEY)
    header = envelope.read_header(sealed)
    assert (header.feed, header.sequence, header.epoch) == (FEED, sequence, EPOCH)
    assert envelope.open_sealed(sealed, KEY) == document


def test_every_single_bit_counts() -> None:
    sealed = envelope.seal(DOCUMENT, FEED, 1, EPOCH, KEY)
    for position in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(SetAside):
            envelope.open_sealed(bytes(flipped), KEY)


def test_every_bit_of_an_offer_counts(at_full_length: bool) -> None:
    pair = crypto.sealing_key()
    sealed = envelope.seal_offer(DOCUMENT, FEED, 1, EPOCH, pair.public)
    assert envelope.open_offer(sealed, pair.secret) == DOCUMENT
    for position in range(0, len(sealed) * 8, 1 if at_full_length else 7):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(SetAside):
            envelope.read_header(bytes(flipped))
            envelope.open_offer(bytes(flipped), pair.secret)


@pytest.mark.parametrize("length", [0, 1, 61, 78, 79, 200])
def test_a_truncated_envelope_is_refused(length: int) -> None:
    sealed = envelope.seal(DOCUMENT, FEED, 1, EPOCH, KEY)
    with pytest.raises(SetAside):
        envelope.open_sealed(sealed[:length], KEY)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SetAside):
        envelope.open_sealed(envelope.seal(DOCUMENT, FEED, 1, EPOCH, KEY), b"K" * 32)
    with pytest.raises(SetAside):
        envelope.open_offer(
            envelope.seal_offer(DOCUMENT, FEED, 1, EPOCH, crypto.sealing_key().public), crypto.sealing_key().secret
        )


def test_a_compression_bomb_ends_before_it_is_unpacked() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(envelope.MAX_OPENED_BYTES + 1))
    assert len(bomb) < 100_000
    with pytest.raises(SetAside, match="limit"):
        envelope.unpack(_padded(bomb))
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1000))
    with pytest.raises(SetAside, match="limit"):
        envelope.unpack(_padded(unsized))


def _padded(packed: bytes) -> bytes:
    framed = len(packed).to_bytes(4, "big") + packed
    return framed.ljust(envelope.padded_length(len(framed)), b"\0")


@given(st.binary(max_size=2000))
def test_garbage_unpacks_to_nothing(garbage: bytes) -> None:
    with pytest.raises(SetAside):
        envelope.unpack(garbage)


@given(st.integers(min_value=0, max_value=2**40))
def test_padding_wastes_little_and_tells_little(length: int) -> None:
    padded = envelope.padded_length(length)
    assert padded >= max(length, envelope.SMALLEST_PADDED)
    assert padded <= max(envelope.SMALLEST_PADDED, length * 1.12)
    assert envelope.padded_length(padded) == padded


def test_the_header_is_laid_out_as_documented() -> None:
    sealed = envelope.seal(DOCUMENT, FEED, 7, EPOCH, KEY)
    assert sealed[:6] == b"CFRE\x01\x01"
    assert sealed[6:22] == FEED
    assert sealed[22:30] == (7).to_bytes(8, "big")
    assert sealed[30:38] == EPOCH
    assert len(sealed) == 62 + envelope.padded_length(4 + len(zstandard.compress(DOCUMENT, 9))) + crypto.TAG_BYTES
