"""Knocks and announcements: recognised by the one colleague, in their slot and direction, and noise to anybody else."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.feeds import NO_HEAD, next_head
from sync.post_office import knock
from sync.post_office.knock import KNOCK_BYTES, TEXT_BYTES, TOKEN_BYTES, TOKENS, Pair

SECRET, NONCE, CHANCE = b"s" * 32, b"n" * 16, b"r" * 32
ALICE, BERNARD, CAROLE = b"A" * 32, b"B" * 32, b"C" * 32
AT_ALICE = Pair("bernard", SECRET, own_key=ALICE, peer_key=BERNARD)
AT_BERNARD = Pair("alice", SECRET, own_key=BERNARD, peer_key=ALICE)
OTHERS = [Pair(f"peer {n}", bytes([n]) * 32, BERNARD, bytes([n]) * 32) for n in range(1, 6)]
SLOT = 1_900_000


def test_a_knock_is_recognised_among_others() -> None:
    heard = knock.recognise(knock.knock(AT_ALICE, SLOT, NONCE), [*OTHERS, AT_BERNARD], SLOT)
    assert heard == knock.Knock("alice", NONCE, SLOT)
    assert len(knock.knock(AT_ALICE, SLOT, NONCE)) == KNOCK_BYTES == 48


@pytest.mark.parametrize("apart", range(-3, 4))
def test_clocks_may_be_one_slot_apart(apart: int) -> None:
    heard = knock.recognise(knock.knock(AT_ALICE, SLOT, NONCE), [AT_BERNARD], SLOT + apart)
    assert (heard is not None) == (abs(apart) <= 1)
    text = knock.announcements([AT_ALICE], SLOT, CHANCE)[0]
    assert (knock.announcer(text, [AT_BERNARD], SLOT + apart) == "alice") == (abs(apart) <= 1)


def test_a_knock_sent_back_means_nothing() -> None:
    assert knock.recognise(knock.knock(AT_ALICE, SLOT, NONCE), [AT_ALICE], SLOT) is None


def test_an_announcement_repeated_means_nothing_to_the_announcer() -> None:
    text = knock.announcements([AT_ALICE], SLOT, CHANCE)[0]
    assert knock.announcer(text, [AT_ALICE], SLOT) is None


@pytest.mark.parametrize(
    "stranger",
    [AT_BERNARD._replace(secret=b"t" * 32), AT_BERNARD._replace(peer_key=CAROLE), AT_BERNARD._replace(own_key=CAROLE)],
    ids=["another secret", "another caller", "another listener"],
)
def test_nobody_else_recognises_anything(stranger: Pair) -> None:
    assert knock.recognise(knock.knock(AT_ALICE, SLOT, NONCE), [stranger], SLOT) is None
    assert knock.announcer(knock.announcements([AT_ALICE], SLOT, CHANCE)[0], [stranger], SLOT) is None


def test_every_single_flipped_bit_of_a_knock_is_noticed() -> None:
    good = knock.knock(AT_ALICE, SLOT, NONCE)
    for bit in range(KNOCK_BYTES * 8):
        altered = bytearray(good)
        altered[bit // 8] ^= 1 << bit % 8
        assert knock.recognise(bytes(altered), [AT_BERNARD], SLOT) is None


@given(st.binary(max_size=100))
def test_garbage_is_recognised_by_nobody(data: bytes) -> None:
    assert knock.recognise(data, [AT_BERNARD, *OTHERS], SLOT) is None
    assert knock.announcer(data, [AT_BERNARD, *OTHERS], SLOT) is None


@given(st.integers(0, 40))
def test_an_announcement_does_not_tell_how_many_colleagues_there_are(colleagues: int) -> None:
    pairs = [Pair(str(n), n.to_bytes(32, "big"), ALICE, n.to_bytes(32, "little")) for n in range(1, colleagues + 1)]
    texts = knock.announcements(pairs, SLOT, CHANCE)
    assert len(texts) == -(-colleagues // TOKENS)
    assert all(len(text) == TEXT_BYTES == 210 and text.startswith(b"t=") for text in texts)
    tokens = Counter(text[at : at + TOKEN_BYTES] for text in texts for at in range(18, TEXT_BYTES, TOKEN_BYTES))
    assert all(count == 1 for count in tokens.values())
    for pair in pairs:
        there = Pair("alice", pair.secret, pair.peer_key, ALICE)
        assert [knock.announcer(text, [there], SLOT) for text in texts].count("alice") == 1


def test_two_announcements_of_one_slot_have_nothing_in_common_and_a_colleague_stands_at_any_place() -> None:
    there, places = [AT_BERNARD], set()
    seen: set[bytes] = set()
    for n in range(1, 65):
        text = knock.announcements([AT_ALICE], SLOT, bytes([n]) * 32)[0]
        assert knock.announcer(text, there, SLOT) == "alice"
        pieces = [text[2:18], *(text[at : at + TOKEN_BYTES] for at in range(18, TEXT_BYTES, TOKEN_BYTES))]
        assert seen.isdisjoint(pieces)
        seen.update(pieces)
        places |= {at for at in range(18, TEXT_BYTES, TOKEN_BYTES) if _stops_without(text, at)}
    assert len(places) > TOKENS // 2


def _stops_without(text: bytes, at: int) -> bool:
    """Whether the token at this place is the one by which Bernard knows Alice."""
    altered = text[:at] + bytes(TOKEN_BYTES) + text[at + TOKEN_BYTES :]
    return knock.announcer(altered, [AT_BERNARD], SLOT) is None


def test_a_token_under_the_random_bytes_of_another_announcement_means_nothing() -> None:
    one, other = (knock.announcements([AT_ALICE], SLOT, bytes([n]) * 32)[0] for n in (1, 2))
    assert knock.announcer(one[:18] + other[18:], [AT_BERNARD], SLOT) is None


def test_an_announcement_of_the_first_release_is_still_recognised() -> None:
    """As 0.1.0 made it for Alice and Bernard with these values: one token for Bernard, fifteen of nobody."""
    token = bytes.fromhex("1a5b2dde6fdb5697d2bdcc9a")
    text = b"t=" + bytes(range(12)) * 7 + token + bytes(range(12, 24)) * 8
    assert len(text) == knock.FORMER_TEXT_BYTES == 194
    assert knock.announcer(text, [*OTHERS, AT_BERNARD], SLOT) == "alice"
    assert knock.announcer(text, [AT_BERNARD], SLOT + 2) is None
    assert knock.announcer(text, [AT_ALICE], SLOT) is None


def test_nothing_is_the_same_in_the_next_slot() -> None:
    now, later = (knock.announcements([AT_ALICE], slot, bytes([slot % 251]) * 32)[0] for slot in (SLOT, SLOT + 1))
    cut = range(18, TEXT_BYTES, TOKEN_BYTES)
    assert not {now[at : at + TOKEN_BYTES] for at in cut} & {later[at : at + TOKEN_BYTES] for at in cut}


def test_a_knock_is_what_the_page_says() -> None:
    """docs/protocol.md, computed with another implementation of BLAKE2b."""

    def joined(purpose: bytes, *parts: bytes) -> bytes:
        return b"confrere/v1/" + purpose + b"\0" + b"".join(len(part).to_bytes(8, "big") + part for part in parts)

    slot = SLOT.to_bytes(8, "big")
    mac = hashlib.blake2b(joined(b"knock", slot, ALICE, BERNARD, NONCE), digest_size=32, key=SECRET).digest()
    assert knock.knock(AT_ALICE, SLOT, NONCE) == NONCE + mac
    text = knock.announcements([AT_ALICE], SLOT, CHANCE)[0]
    words = joined(b"announcement", slot, ALICE, BERNARD, text[2:18])
    token = hashlib.blake2b(words, digest_size=12, key=SECRET).digest()
    assert token in [text[at : at + TOKEN_BYTES] for at in range(18, TEXT_BYTES, TOKEN_BYTES)]
    head = hashlib.blake2b(joined(b"feed-head", bytes(32), b"sealed"), digest_size=32).digest()
    assert next_head(NO_HEAD, b"sealed") == head


def test_slots_are_quarters_of_an_hour_everywhere() -> None:
    moment = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    assert knock.slot_of(moment + timedelta(seconds=1)) == knock.slot_of(moment) + 1
    assert knock.slot_of(moment + timedelta(minutes=15)) == knock.slot_of(moment) + 1
    assert knock.slot_of(datetime(1969, 12, 31, tzinfo=UTC)) < 0
    assert knock.recognise(knock.knock(AT_ALICE, -96, NONCE), [AT_BERNARD], -96) is not None
