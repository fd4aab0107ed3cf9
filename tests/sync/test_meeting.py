"""The conversation of a live pairing: any order, any cut, any garbage, and somebody in the middle."""

import contextlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from localstore import crypto
from sync.meeting import conversation as talking
from sync.meeting.conversation import Conversation, Kind, Phase, commitment, frame
from sync.meeting.words import spoken
from sync.protocol.errors import LocalProtocolError, RemoteProtocolError, UnknownVersion
from tests.sync.introduced import carry, der, doctor, two

ANYTHING = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def compared(one: Conversation) -> tuple[str, tuple[str, ...]]:
    """What is shown on one side."""
    assert one.compared is not None
    return one.compared.digits, one.compared.words


def phases(one: Conversation, other: Conversation) -> tuple[Phase, Phase]:
    """Where both stand."""
    return one.phase, other.phase


def test_both_see_the_same_and_agree_when_both_have_said_yes() -> None:
    alpha, beta = two()
    carry(alpha, beta)
    assert phases(alpha, beta) == (Phase.COMPARING, Phase.COMPARING)
    assert compared(alpha) == compared(beta)
    assert alpha.their_card is not None and alpha.their_card.body.name == "Dr Beta"
    assert beta.their_card is not None and beta.their_card.body.name == "Dr Alpha"
    alpha.confirm()
    carry(alpha, beta)
    assert phases(alpha, beta) == (Phase.COMPARING, Phase.COMPARING)  # one yes is none
    beta.confirm()
    assert phases(alpha, beta) == (Phase.COMPARING, Phase.AGREED)
    carry(alpha, beta)
    assert phases(alpha, beta) == (Phase.AGREED, Phase.AGREED)


@pytest.mark.parametrize("by_alpha", [True, False])
@pytest.mark.parametrize("after_a_yes", [True, False])
def test_one_no_ends_it_for_both(by_alpha: bool, after_a_yes: bool) -> None:
    alpha, beta = two()
    carry(alpha, beta)
    refusing, other = (alpha, beta) if by_alpha else (beta, alpha)
    if after_a_yes:
        other.confirm()
    refusing.refuse()
    carry(alpha, beta)
    assert alpha.phase is beta.phase is Phase.REFUSED
    with pytest.raises(LocalProtocolError):
        other.confirm()


def test_the_digits_and_words_come_from_all_of_it() -> None:
    first = two()
    carry(*first)
    again, other_nonce = two(), two((b"a" * 32, b"c" * 32))
    other_certificate = (
        Conversation(doctor("Alpha").own(der(3)), der(2), b"a" * 32),
        Conversation(doctor("Beta", "10001234575").own(der(2)), der(3), b"b" * 32),
    )
    for pair in (again, other_nonce, other_certificate):
        carry(*pair)
    assert compared(again[0]) == compared(first[0])
    assert len({compared(pair[0]) for pair in (first, other_nonce, other_certificate)}) == 3


def test_what_is_said_aloud_is_fixed() -> None:
    """A second implementation has to say the same."""
    assert spoken(bytes(32)) == spoken(bytes(32))
    assert spoken(bytes(32)).digits == DIGITS_OF_ZERO
    assert spoken(bytes(32)).words == WORDS_OF_ZERO


DIGITS_OF_ZERO = "223 614"
WORDS_OF_ZERO = ("journal", "neige", "censurer")


@given(st.binary(min_size=32, max_size=32))
def test_six_digits_and_three_words(transcript: bytes) -> None:
    said = spoken(transcript)
    assert len(said.digits.replace(" ", "")) == 6 and said.digits.replace(" ", "").isdigit()
    assert len(said.words) == 3 and all(said.words)


@ANYTHING
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4000)), max_size=40), st.booleans())
def test_any_cut_and_any_order_of_the_two_directions(pieces: list[tuple[bool, int]], early: bool) -> None:
    alpha, beta = two()
    waiting = {True: bytearray(), False: bytearray()}

    def step(to_beta: bool, size: int) -> None:
        waiting[True] += alpha.data_to_send()
        waiting[False] += beta.data_to_send()
        data = bytes(waiting[to_beta][:size])
        del waiting[to_beta][:size]
        (beta if to_beta else alpha).receive(data)
        if early and alpha.phase is Phase.COMPARING:
            with contextlib.suppress(LocalProtocolError):
                alpha.confirm()

    for to_beta, size in pieces:
        step(to_beta, size)
    for _ in range(4):
        step(True, 20_000)
        step(False, 20_000)
    assert compared(alpha) == compared(beta)
    for one in (alpha, beta):
        with contextlib.suppress(LocalProtocolError):
            one.confirm()
    for _ in range(2):
        step(True, 20_000)
        step(False, 20_000)
    assert alpha.phase is beta.phase is Phase.AGREED


@ANYTHING
@given(st.sampled_from(["committing", "revealing", "comparing"]), st.binary(max_size=300))
@example("comparing", frame(Kind.CONFIRM, bytes(64)))
@example("revealing", frame(Kind.REVEAL, bytes(400)))
@example("committing", b"\x02\xff\xff")
def test_garbage_at_any_moment_ends_it_with_one_kind_of_error_and_never_agrees(moment: str, garbage: bytes) -> None:
    alpha, beta = two()
    if moment != "committing":
        alpha.receive(beta.data_to_send())
    if moment == "comparing":
        carry(alpha, beta)
        alpha.confirm()
    try:
        alpha.receive(garbage)
        alpha.receive(garbage)
    except RemoteProtocolError:
        assert alpha.phase is Phase.BROKEN
    assert alpha.phase is not Phase.AGREED
    assert len(alpha._buffer) <= max(longest for _, longest in talking.LIMITS.values()) + talking.HEADER_BYTES


@ANYTHING
@given(st.data())
def test_every_altered_byte_is_noticed(data: st.DataObject) -> None:
    alpha, beta = two()
    first = alpha.data_to_send()
    beta.receive(first)
    alpha.receive(beta.data_to_send())
    said = alpha.data_to_send()
    at = data.draw(st.integers(0, len(said) - 1))
    altered = bytearray(said)
    altered[at] ^= data.draw(st.integers(1, 255))
    try:
        beta.receive(bytes(altered))
    except RemoteProtocolError:
        assert beta.phase is Phase.BROKEN
    assert beta.phase is not Phase.COMPARING
    assert beta.compared is None


@ANYTHING
@given(st.lists(st.sampled_from(["commit", "reveal", "confirm", "refuse"]), max_size=6))
def test_messages_in_any_other_order_are_refused(order: list[str]) -> None:
    alpha, beta = two()
    commit = beta.data_to_send()
    beta.receive(alpha.data_to_send())
    reveal = beta.data_to_send()
    alpha.receive(commit)
    beta.receive(alpha.data_to_send())
    beta.confirm()
    said = {"commit": commit, "reveal": reveal, "confirm": beta.data_to_send(), "refuse": frame(Kind.REFUSE)}
    fresh, _ = two()
    right = ["commit", "reveal", "confirm"]
    if "refuse" in order:
        before = order[: order.index("refuse")]
    else:
        before = order
    try:
        for name in order:
            fresh.receive(said[name])
    except RemoteProtocolError:
        assert before != right[: len(before)] or len(before) > 3
    else:
        assert before == right[: len(before)]
    assert fresh.phase is not Phase.AGREED  # its own doctor has said nothing


# --- somebody in the middle ------------------------------------------------------------------------------------------


def test_a_middle_who_passes_everything_on_is_noticed_by_the_programs() -> None:
    """Alpha sees the certificate of the middle, and so does Beta: the commitments are bound to others."""
    alpha = Conversation(doctor("Alpha").own(der(1)), der(8), b"a" * 32)
    beta = Conversation(doctor("Beta", "10001234575").own(der(2)), der(9), b"b" * 32)
    with pytest.raises(RemoteProtocolError, match="promised"):
        carry(alpha, beta)
    assert alpha.compared is None or beta.compared is None


@ANYTHING
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.booleans())
def test_a_middle_who_holds_two_conversations_shows_other_digits_to_each(one: bytes, two_: bytes, keys: bool) -> None:
    """He may show the true names, under his own keys, or under the true cards, which he cannot confirm."""
    alpha = Conversation(doctor("Alpha").own(der(1)), der(8), b"a" * 32)
    beta = Conversation(doctor("Beta", "10001234575").own(der(2)), der(9), b"b" * 32)
    as_beta = doctor("Beta", "10001234575") if keys else doctor("False Beta")
    as_alpha = doctor("Alpha") if keys else doctor("False Alpha")
    middle_to_alpha = Conversation(as_beta.own(der(8)), der(1), one)
    middle_to_beta = Conversation(as_alpha.own(der(9)), der(2), two_)
    carry(alpha, middle_to_alpha)
    carry(beta, middle_to_beta)
    assert compared(alpha) != compared(beta)


def test_who_shows_the_card_of_another_cannot_confirm() -> None:
    thief = crypto.signing_key()
    alpha = Conversation(doctor("Alpha").own(der(1)), der(2), b"a" * 32)
    beta = doctor("Beta", "10001234575")._replace(signing=thief)
    false = Conversation(beta.own(der(2)), der(1), b"b" * 32)
    carry(alpha, false)
    alpha.confirm()
    false.confirm()
    with pytest.raises(RemoteProtocolError, match="confirmation"):
        carry(alpha, false)
    assert alpha.phase is Phase.BROKEN


def test_a_mirror_is_no_colleague() -> None:
    alpha = Conversation(doctor("Alpha").own(der(1)), der(2), b"a" * 32)
    with pytest.raises(RemoteProtocolError, match="came back"):
        alpha.receive(alpha.data_to_send())
    again = Conversation(doctor("Alpha").own(der(1)), der(2), b"a" * 32)
    other_window = Conversation(doctor("Alpha").own(der(2)), der(1), b"b" * 32)
    with pytest.raises(RemoteProtocolError, match="own card"):
        carry(again, other_window)


def test_nothing_is_revealed_before_both_are_committed() -> None:
    alpha, beta = two()
    first = alpha.data_to_send()
    assert len(first) == talking.HEADER_BYTES + 1 + talking.COMMITMENT_BYTES
    assert alpha.data_to_send() == b""
    with pytest.raises(RemoteProtocolError):  # a reveal without a commit
        alpha.receive(frame(Kind.REVEAL, b"b" * 32 + doctor("Beta", "10001234575").card.signed))
    assert alpha.data_to_send() == b""
    beta.receive(first)
    assert doctor("Beta", "10001234575").card.signed in beta.data_to_send()


def test_a_commitment_to_something_else_does_not_hold() -> None:
    alpha, _ = two()
    beta = doctor("Beta", "10001234575").card.signed
    promised = commitment(b"x" * 32, beta, der(2))
    alpha.receive(frame(Kind.COMMIT, b"\x01" + promised))
    with pytest.raises(RemoteProtocolError, match="promised"):
        alpha.receive(frame(Kind.REVEAL, b"y" * 32 + beta))


def test_another_version_is_told_as_such() -> None:
    alpha, _ = two()
    with pytest.raises(UnknownVersion):
        alpha.receive(frame(Kind.COMMIT, b"\x02" + bytes(32)))


def test_a_confirmation_that_comes_twice_or_is_ones_own_is_refused() -> None:
    for twice in (True, False):
        alpha, beta = two()
        carry(alpha, beta)
        speaking, listening = (beta, alpha) if twice else (alpha, alpha)
        speaking.confirm()
        said = speaking.data_to_send()
        with pytest.raises(RemoteProtocolError):
            listening.receive(said)
            listening.receive(said)
