"""One document of a verified colleague: those after it are opened whatever it does, and nothing of it stays behind."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import colleagues, correspondence, crypto, history, postbox
from localstore.correspondence import ReceivedState
from localstore.database import transaction
from localstore.errors import BadInput, Busy
from sync import desk as desk_room
from sync import epochs
from sync.papers import documents
from sync.papers.documents import CardUpdate, DocumentBody, Receipt
from sync.receiving import inbox, reception
from sync.sending import outbox, sharing
from sync.sending.outbox import SentState
from sync.trust import card, introductions
from sync.trust.card import CardBody
from tests.sync.correspondents import Two, problems

KEY = crypto.SEALING_PUBLIC_BYTES - 32


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """Two paired practices; Alpha has shared an extract, so it has an epoch towards Beta."""
    both = Two(tmp_path)
    both.consent()
    both.share()
    both.settle()
    return both


def _beta_says(two: Two, *bodies: DocumentBody) -> None:
    with transaction(two.beta.record):
        for body in bodies:
            desk_room.post(two.beta, two.of_alpha, body)
    desk_room.dispatch(two.beta)
    two.to_alpha()


def _other_card(two: Two, case: str) -> CardUpdate:
    mine: CardBody = introductions.my_card(two.beta).body
    key = mine.sealing_key
    cases: dict[str, dict[str, Any]] = {
        "the curve's half is zero": {"sealing_key": key[:KEY] + bytes(32)},
        "the lattice's half is none": {"sealing_key": b"\xff" * KEY + key[KEY:]},
        "an empty address": {"addresses": ("",)},
    }
    return CardUpdate(card.make(msgspec.structs.replace(mine, **cases[case]), two.beta.signing.secret).signed)


@pytest.mark.parametrize("case", ["the curve's half is zero", "the lattice's half is none", "an empty address"])
def test_a_card_that_could_not_be_used_is_set_aside(two: Two, case: str) -> None:
    before = two.of_beta.card
    _beta_says(two, _other_card(two, case))
    assert reception.collect(two.alpha).set_aside == 1
    assert two.of_beta.card == before
    assert reception.collect(two.alpha).set_aside == 0
    two.note("Goutte")
    two.share()
    two.settle()
    assert problems(two.beta)[0] == ["Asthme", "Goutte"]


@pytest.mark.parametrize("fault", [BadInput(what="?", remedy="?"), crypto.CryptoError()])
def test_what_a_document_raises_is_undone_with_it_and_stops_no_other(
    two: Two, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """The card is kept first; then its effect fails. Nothing of it stays, and the receipt after it is believed."""
    mine = msgspec.structs.replace(introductions.my_card(two.beta).body, made="2026-03-01T13:00:00.000Z")
    update = CardUpdate(card.make(mine, two.beta.signing.secret).signed)

    def fail(*_: object) -> None:
        raise fault

    before = two.of_beta.card
    with monkeypatch.context() as patch:
        _beta_says(two, update, Receipt(desk_room.feed_towards(two.alpha, two.of_beta), removed=(2,)))
        patch.setattr(desk_room, "epoch_towards", fail)
        found = reception.collect(two.alpha)
    assert (found.set_aside, found.receipts) == (1, 1)
    assert two.of_beta.card == before
    assert [line.action for line in history.lines(two.alpha.record)].count("card-updated") == 0
    assert any(one.removed for one in correspondence.outgoing(two.alpha.record))
    two.settle()


def test_what_is_no_fault_of_a_document_stops_and_is_tried_again(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Busy

    _beta_says(two, CardUpdate(introductions.my_card(two.beta).signed))
    with monkeypatch.context() as patch:
        patch.setattr(epochs, "take_update", busy)
        with pytest.raises(Busy):
            reception.collect(two.alpha)
    assert reception.collect(two.alpha).set_aside == 0
    assert colleagues.by_number(two.alpha.record, two.of_beta.num).is_verified


def test_a_fault_of_the_program_is_not_hidden(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    _beta_says(two, CardUpdate(introductions.my_card(two.beta).signed))
    with monkeypatch.context() as patch:
        patch.setattr(epochs, "take_update", broken)
        with pytest.raises(ZeroDivisionError):
            reception.collect(two.alpha)
    assert [one.peer for one in postbox.arrived(two.alpha.postbox)] == [two.of_beta.id]


def test_what_comes_after_its_consent_was_withdrawn_is_kept_without_its_content(tmp_path: Path) -> None:
    """The withdrawal overtakes the extract on another road: here the extract is posted once more under its consent."""
    two = Two(tmp_path)
    given = two.consent()
    two.share()
    two.settle()
    (came,) = correspondence.received(two.beta.record)
    body = documents.read(came.document).content.body
    sharing.revoke(two.alpha, given)
    two.settle()
    withdrawn = inbox.listing(two.beta)
    with transaction(two.alpha.record):
        desk_room.post(two.alpha, two.of_beta, body)
    desk_room.dispatch(two.alpha)
    two.to_beta()
    assert reception.collect(two.beta).extracts == 0
    assert problems(two.beta) == []
    assert len(inbox.listing(two.beta)) == len(withdrawn) + 1
    assert {one.state for one in inbox.listing(two.beta)} == {ReceivedState.WITHDRAWN}
    assert not any(one.document for one in correspondence.received(two.beta.record))
    two.settle()
    states = [one.state for one in outbox.listing(two.alpha) if one.sent.type == "extract"]
    assert states == [SentState.REMOVED] * 2


def test_what_was_taken_over_is_not_attested_as_removed(tmp_path: Path) -> None:
    two = Two(tmp_path)
    given = two.consent()
    two.share()
    two.settle()
    (item,) = inbox.listing(two.beta)
    inbox.take(two.beta, item.id, new=True)
    sharing.revoke(two.alpha, given)
    two.settle()
    (sent,) = [one for one in correspondence.outgoing(two.alpha.record) if one.type == "extract"]
    assert (bool(sent.opened), sent.removed) == (True, "")
    assert [one.state for one in inbox.listing(two.beta)] == [ReceivedState.TAKEN]
