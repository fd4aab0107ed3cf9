"""What record and postbox must agree on when a desk opens, after a crash between the two."""

from pathlib import Path

import pytest

from localstore import colleagues, postbox, practice
from localstore.colleagues import State
from localstore.database import transaction
from sync import desk as desk_room
from sync.errors import KeyChanged
from sync.papers.documents import CardUpdate
from sync.receiving import reception
from sync.trust import card, introductions
from tests import practices


class Killed(BaseException):
    """The process ends here."""


def _reopened(folder: Path, was: desk_room.Desk) -> desk_room.Desk:
    was.close()
    return desk_room.establish(practice.unlock(folder, practices.PASSPHRASE, clock=was.practice.clock))


def test_a_colleague_who_was_half_removed_is_reached_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    whole = postbox.peers(alpha.postbox)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(colleagues, "set_state", die)
        with pytest.raises(Killed):
            introductions.remove(alpha, of_beta)
    assert colleagues.by_number(alpha.record, of_beta.num).is_verified
    assert postbox.peers(alpha.postbox) == []
    alpha = _reopened(tmp_path / "alpha", alpha)
    assert postbox.peers(alpha.postbox) == whole
    with transaction(beta.record):
        desk_room.post(beta, of_alpha, _card_of(beta))
    desk_room.dispatch(beta)
    assert practices.carry(beta, of_alpha, alpha, of_beta) > 0
    alpha.close()
    beta.close()


def _card_of(of: desk_room.Desk) -> CardUpdate:
    """His card, as a document."""
    return CardUpdate(introductions.my_card(of).signed)


@pytest.mark.parametrize("state", [State.RECEIVED, State.REMOVED, State.KEY_CHANGED])
def test_who_is_not_verified_has_no_road(tmp_path: Path, state: State) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    with transaction(alpha.record):
        colleagues.set_state(alpha.record, of_beta.num, state, "")
    assert len(postbox.peers(alpha.postbox)) == 1
    alpha = _reopened(tmp_path / "alpha", alpha)
    assert postbox.peers(alpha.postbox) == []
    alpha.close()
    beta.close()


def test_an_address_that_only_the_first_card_named_survives_cards_without_any(tmp_path: Path) -> None:
    """The cards that go by themselves name none; then a stranger's card comes for him, and was a false alarm."""
    alpha, beta = practices.make_desk(tmp_path / "alpha"), practices.make_desk(tmp_path / "beta", "Beta", "10001234575")
    named = ("10.0.0.7:4242",)
    introductions.add(alpha, card.armour(introductions.my_card(beta, named)))
    of_beta, of_alpha = practices.pair(alpha, beta)
    with transaction(beta.record):
        desk_room.post(beta, of_alpha, _card_of(beta))
    desk_room.dispatch(beta)
    practices.carry(beta, of_alpha, alpha, of_beta)
    reception.collect(alpha)
    assert card.stored(colleagues.by_number(alpha.record, of_beta.num).card).addresses == ()
    assert [one.addresses for one in postbox.peers(alpha.postbox)] == [named]
    other = practices.make_desk(tmp_path / "other", "Beta", "10001234575")
    with pytest.raises(KeyChanged):
        introductions.add(alpha, card.armour(introductions.my_card(other)))
    assert postbox.peers(alpha.postbox) == []
    introductions.keep_key(alpha, colleagues.by_number(alpha.record, of_beta.num))
    assert [one.addresses for one in postbox.peers(alpha.postbox)] == [named]
    for desk in (alpha, beta, other):
        desk.close()
