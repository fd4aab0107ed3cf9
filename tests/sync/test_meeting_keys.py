"""What the desk makes of a meeting and of changed keys: kept, stopped, gone back, re-keyed."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from localstore import colleagues, consents, crypto, history, incarnations, postbox
from localstore.colleagues import Colleague, State
from localstore.database import transaction
from localstore.errors import AlreadyThere, BadInput
from localstore.postbox import DeliveryState
from sync.desk import Desk
from sync.errors import KeyChanged, KeyInDoubt, NotACard, OtherFingerprint, OtherKey, OtherThanShown
from sync.receiving import inbox, reception
from sync.sending import sharing
from sync.trust import card, introductions
from sync.trust.card import Card
from tests import practices
from tests.sync.introduced import doctor
from tests.sync.meetings import Town


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Alpha and Beta, paired and closed; to be copied."""
    made = Town(tmp_path_factory.mktemp("kept"))
    made.close()
    return made


@pytest.fixture
def town(kept: Town, tmp_path: Path) -> Iterator[Town]:
    """Alpha and Beta, paired."""
    made = kept.elsewhere(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Beta has reinstalled: the same number, other keys."""
    made = practices.make_desk(tmp_path_factory.mktemp("again") / "beta", "Beta", "10001234575")
    yield made
    made.close()


def stop(here: Desk, other: Desk | Card) -> None:
    """A card under another key comes."""
    with pytest.raises(KeyChanged):
        introductions.add(here, card.armour(other if isinstance(other, Card) else introductions.my_card(other)))


def beta_at(here: Desk) -> Colleague:
    """Beta as alpha knows him."""
    return colleagues.resolve(here.record, "beta")


def keep(here: Desk, theirs: Card, state: State) -> Colleague:
    """Both doctors have said yes to a card, of which nothing changed since it was shown."""
    return introductions.meet(here, theirs, state, introductions.known_by(here, theirs))


def roads(here: Desk) -> list[str]:
    """Whom the postbox exchanges with."""
    return [one.id for one in postbox.peers(here.postbox)]


def actions(here: Desk) -> list[str]:
    """What the history says was done, oldest first."""
    return [line.action for line in history.lines(here.record)]


def test_a_changed_key_is_a_hard_stop(town: Town, again: Desk) -> None:
    alpha, before = town.alpha.desk, beta_at(town.alpha.desk)
    town.alpha.consent()
    town.beta.consent()
    town.beta.share()
    town.meet()  # what beta sent lies in the postbox, unopened
    stop(alpha, again)
    stopped = beta_at(alpha)
    assert (stopped.state, stopped.former, stopped.is_verified) == (State.KEY_CHANGED, before.state.value, False)
    assert stopped.signing_key == before.signing_key and roads(alpha) == []
    with pytest.raises(KeyInDoubt, match="confrere colleague keep"):
        sharing.share(alpha, town.alpha.patient, stopped)
    reception.collect(alpha)
    assert town.alpha.extracts() == []
    assert actions(alpha).count("colleague-key-changed") == 1
    stop(alpha, card.check(stopped.pending))  # the same card once more
    assert actions(alpha).count("colleague-key-changed") == 1
    assert beta_at(alpha).former == before.state.value
    stop(alpha, doctor("Beta", "10001234575").card)  # and another one
    assert beta_at(alpha).former == before.state.value
    assert actions(alpha).count("colleague-key-changed") == 2


def test_what_was_queued_before_stays_and_goes_out_when_the_old_key_is_kept(town: Town, again: Desk) -> None:
    town.alpha.consent()
    town.alpha.share()
    stop(town.alpha.desk, again)
    kept = introductions.keep_key(town.alpha.desk, beta_at(town.alpha.desk))
    assert (kept.state, kept.pending, kept.former) == (State.VERIFIED_IN_PERSON, b"", "")
    assert roads(town.alpha.desk) == [kept.id]
    town.exchange()
    assert len(town.beta.extracts()) == 1
    assert introductions.keep_key(town.alpha.desk, kept) == kept
    assert actions(town.alpha.desk).count("colleague-key-kept") == 1


def test_an_unverified_colleague_goes_back_to_unverified(tmp_path: Path, again: Desk) -> None:
    alpha, beta = practices.make_desk(tmp_path / "a"), practices.make_desk(tmp_path / "b", "Beta", "10001234575")
    practices.introduce(alpha, beta)
    stop(alpha, again)
    kept = introductions.keep_key(alpha, beta_at(alpha))
    assert kept.state is State.RECEIVED and roads(alpha) == []


def test_the_fingerprint_of_the_new_key_rekeys(town: Town, again: Desk) -> None:
    alpha = town.alpha.desk
    consent = town.alpha.consent()
    town.alpha.share()
    town.exchange()
    before, old_digits = beta_at(alpha), introductions.fingerprint(alpha, beta_at(alpha))
    town.alpha.share()  # this one is still here when the key changes
    stop(alpha, again)
    of_alpha = introductions.add(again, card.armour(introductions.my_card(alpha)))
    digits = introductions.fingerprint(again, of_alpha)
    assert digits == introductions.fingerprint(alpha, beta_at(alpha)) != old_digits
    with pytest.raises(OtherFingerprint):
        introductions.verify(alpha, beta_at(alpha), old_digits)
    assert beta_at(alpha).state is State.KEY_CHANGED
    rekeyed = introductions.verify(alpha, beta_at(alpha), digits, State.VERIFIED_BY_PHONE)
    assert (rekeyed.id, rekeyed.num, rekeyed.state) == (before.id, before.num, State.VERIFIED_BY_PHONE)
    assert (rekeyed.signing_key, rekeyed.pending) == (again.signing.public, b"")
    assert actions(alpha)[-2:] == ["colleague-rekeyed", "colleague-verified"]

    told = [one.state for one in postbox.progress(alpha.postbox)]
    assert DeliveryState.STORED in told and DeliveryState.LOST in told
    assert DeliveryState.QUEUED not in told and len(incarnations.ended(alpha.postbox, rekeyed.id)) == 1
    assert not consents.by_identifier(alpha.record, consent.id).revoked

    introductions.verify(again, of_alpha, digits)
    sharing.share(alpha, town.alpha.patient, beta_at(alpha))
    practices.carry(alpha, rekeyed, again, colleagues.resolve(again.record, "alpha"))
    reception.collect(again)
    assert len([item for item in inbox.listing(again) if item.entries]) == 1


def test_nothing_of_the_old_key_is_believed_after_rekeying(town: Town, again: Desk) -> None:
    town.beta.consent()
    town.beta.share()
    town.meet()
    keep(town.alpha.desk, introductions.my_card(again), State.VERIFIED_IN_PERSON)
    reception.collect(town.alpha.desk)
    assert town.alpha.extracts() == []


def test_meeting_somebody_new_keeps_him_verified(tmp_path: Path) -> None:
    alpha, beta = practices.make_desk(tmp_path / "a"), practices.make_desk(tmp_path / "b", "Beta", "10001234575")
    met = keep(alpha, introductions.my_card(beta), State.VERIFIED_BY_PHONE)
    assert met.state is State.VERIFIED_BY_PHONE and roads(alpha) == [met.id]
    assert actions(alpha)[-2:] == ["colleague-added", "colleague-verified"]


@pytest.mark.parametrize("state", ["received", "removed", "key-changed", "verified-in-person"])
def test_meeting_one_who_is_known_under_the_same_key_verifies_him(town: Town, again: Desk, state: str) -> None:
    alpha = town.alpha.desk
    if state == "key-changed":
        stop(alpha, again)
    elif state == "removed":
        introductions.remove(alpha, beta_at(alpha))
    elif state == "received":
        with transaction(alpha.record):
            colleagues.set_state(alpha.record, beta_at(alpha).num, State.RECEIVED, "")
    met = keep(alpha, introductions.my_card(town.beta.desk), State.VERIFIED_IN_PERSON)
    assert (met.num, met.state, met.pending) == (town.alpha.other.num, State.VERIFIED_IN_PERSON, b"")
    assert roads(alpha) == [met.id]


def test_a_yes_to_a_stranger_rekeys_nobody_who_was_added_meanwhile(tmp_path: Path, again: Desk) -> None:
    alpha, beta = practices.make_desk(tmp_path / "a"), practices.make_desk(tmp_path / "b", "Beta", "10001234575")
    theirs = introductions.my_card(again)
    assert introductions.known_by(alpha, theirs) is None  # so he was shown, without any caution
    practices.pair(alpha, beta)  # in another window
    with pytest.raises(OtherThanShown):
        introductions.meet(alpha, theirs, State.VERIFIED_IN_PERSON, None)
    assert beta_at(alpha).is_verified and beta_at(alpha).signing_key == beta.signing.public
    assert roads(alpha) == [beta_at(alpha).id] and "colleague-rekeyed" not in actions(alpha)


def test_a_yes_to_one_key_replaces_no_third_one(town: Town, again: Desk, tmp_path: Path) -> None:
    alpha, shown = town.alpha.desk, beta_at(town.alpha.desk)
    keep(alpha, introductions.my_card(again), State.VERIFIED_IN_PERSON)
    third = practices.make_desk(tmp_path / "third", "Beta", "10001234575")
    with pytest.raises(OtherThanShown):
        introductions.meet(alpha, introductions.my_card(third), State.VERIFIED_IN_PERSON, shown)
    assert beta_at(alpha).signing_key == again.signing.public


def test_meeting_refuses_what_adding_refuses(town: Town) -> None:
    alpha = town.alpha.desk
    with pytest.raises(AlreadyThere):
        keep(alpha, introductions.my_card(alpha), State.VERIFIED_IN_PERSON)
    with pytest.raises(BadInput):
        keep(alpha, doctor("Delta", "10001234591").card, State.RECEIVED)
    assert [one.name for one in colleagues.listing(alpha.record)] == ["Dr Beta"]


def test_a_key_of_one_colleague_under_the_number_of_another_changes_nothing(town: Town) -> None:
    alpha, gamma = town.alpha.desk, doctor("Gamma", "10001234583")
    introductions.add(alpha, card.armour(gamma.card))
    false = card.make(msgspec.structs.replace(gamma.card.body, rpps="10001234575"), gamma.signing.secret)
    with pytest.raises(OtherKey) as refused:
        introductions.add(alpha, card.armour(false))
    assert type(refused.value) is OtherKey
    with pytest.raises(OtherKey) as refused:
        keep(alpha, false, State.VERIFIED_IN_PERSON)
    assert type(refused.value) is OtherKey
    assert beta_at(alpha).is_verified and roads(alpha) == [beta_at(alpha).id]


def test_a_renewed_card_of_the_old_key_decides_nothing(town: Town, again: Desk) -> None:
    alpha = town.alpha.desk
    stop(alpha, again)
    introductions.add(alpha, card.armour(introductions.my_card(town.beta.desk)))
    stopped = beta_at(alpha)
    assert (stopped.state, stopped.former) == (State.KEY_CHANGED, "verified-in-person") and roads(alpha) == []
    body = msgspec.structs.replace(
        introductions.my_card(town.beta.desk).body, pairing_key=crypto.agreement_key().public
    )
    introductions.add(alpha, card.armour(card.make(body, town.beta.desk.signing.secret)))
    stopped = beta_at(alpha)
    assert (stopped.state, stopped.former) == (State.KEY_CHANGED, "received") and roads(alpha) == []


def test_the_old_practice_put_back_can_be_met_again(town: Town, again: Desk) -> None:
    alpha = town.alpha.desk
    town.alpha.consent()
    town.alpha.share()
    for theirs in (again, town.beta.desk, again, town.beta.desk):
        keep(alpha, introductions.my_card(theirs), State.VERIFIED_IN_PERSON)
    assert beta_at(alpha).signing_key == town.beta.desk.signing.public
    town.alpha.other = beta_at(alpha)
    town.alpha.share()
    town.exchange()
    assert town.beta.extracts()


def test_the_text_of_a_code_is_a_card_and_nothing_else_of_it_is() -> None:
    made = doctor("Alpha").card
    text = card.alphanumeric(made)
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert card.read(text.encode()) == made
    pieces = "\r\n".join(text[at : at + 170] for at in range(0, len(text), 170))
    assert card.read(b" " + pieces.encode() + b"\n") == made
    others = [text.lower(), text[:-1], text + "A", text[:-1] + ("B" if text[-1] != "B" else "C"), text + "=", text[1:]]
    for other in [*others, text.replace("A", "1", 1), text[:15], text[:200] + text[210:]]:
        with pytest.raises(NotACard):
            card.read(other.encode())
