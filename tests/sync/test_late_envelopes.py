"""Envelopes that come when their key was deleted: asked for anew, sealed anew where a consent still allows it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localstore import colleagues, correspondence, crypto, epoch_keys, history, postbox, practice, record
from localstore.bodies import ProblemBody
from localstore.colleagues import State
from localstore.database import transaction
from localstore.keys import keyring, shares
from localstore.values import Concept
from sync import desk, epochs, restoration
from sync.papers.documents import Receipt, RecoveryShare
from sync.receiving import late as late_room
from sync.receiving import reception
from sync.sending import sharing
from tests import practices
from tests.sync.correspondents import Two, late, lines, new, problems, sealing_numbers, sent


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def outlive(two: Two) -> None:
    """Both work on for more than two months without ever meeting: every key of before is gone."""
    for _ in range(3):
        two.month()
    assert 1 not in sealing_numbers(two.alpha) + sealing_numbers(two.beta)


def fates(one: desk.Desk, kind: str = "extract") -> list[str]:
    """What became of what the other could not open, oldest first; empty for what he could."""
    return [each.anew for each in sent(one, kind)]


def lose_keys(one: desk.Desk) -> None:
    """A record that has lost every epoch key that it was offered."""
    with transaction(one.record):
        for num in epoch_keys.holders(one.record, epoch_keys.IN):
            epoch_keys.end_all_of(one.record, num, one.practice.now())
        for num, epoch in epoch_keys.ended_with_key(one.record, epoch_keys.IN):
            epoch_keys.delete_key(one.record, epoch_keys.IN, num, epoch)


def test_what_came_too_late_is_sealed_anew_as_the_record_is_then_where_later_changes_go(two: Two) -> None:
    sharing.grant(two.alpha, two.zoe.id, two.of_beta, purpose="soins", stands=True)
    two.share()
    two.note("Goutte")
    outlive(two)
    two.to_beta()
    found = reception.collect(two.beta)
    assert (found.late, found.extracts, found.set_aside) == (3, 0, 0)
    two.settle()
    assert problems(two.beta) == [["Asthme", "Goutte"]]
    assert fates(two.alpha) == ["sealed", ""]
    assert all("asked for anew" in reason for reason in late(two.beta))
    first, again = sent(two.alpha, "extract")
    assert [detail.split()[1:] for detail in lines(two.alpha, "sealed-anew")] == [
        ["receipt", "sealed"],
        ["extract", "sealed", first.document_id],
    ]
    subjects = [line.subject for line in history.lines(two.alpha.record) if line.action == "sealed-anew"]
    assert subjects[-1] == again.document_id
    assert two.settle() == 0


def test_of_several_only_the_newest_goes_again(two: Two) -> None:
    two.consent()
    for words in ("Goutte", "Migraine", "Eczéma"):
        two.note(words)
        two.share()
    outlive(two)
    two.settle()
    assert fates(two.alpha) == ["replaced", "replaced", "sealed", ""]
    assert problems(two.beta) == [["Asthme", "Goutte", "Migraine", "Eczéma"]]


def test_nothing_goes_when_the_consent_was_revoked_meanwhile(two: Two) -> None:
    consent = two.consent()
    two.share()
    outlive(two)
    two.to_beta()
    reception.collect(two.beta)
    assert sharing.revoke(two.alpha, consent).removal_requested == 1
    two.settle()
    assert fates(two.alpha) == ["withheld"]
    assert problems(two.beta) == []
    assert new(two.beta) == 0
    assert len(sent(two.alpha, "withdrawal")) >= 1
    assert two.settle() == 0


def test_nothing_goes_when_the_consent_has_ended_by_its_date(two: Two) -> None:
    today = two.alpha.practice.today()
    sharing.grant(two.alpha, two.zoe.id, two.of_beta, purpose="soins", begins=today, ends=today)
    two.share()
    two.to_beta()  # offered, so it cannot be kept back any more
    with transaction(two.beta.record):
        pair = crypto.sealing_key()
        epoch_keys.put_sealing_key(two.beta.record, 2, pair, two.beta.practice.now())
        epoch_keys.drop_sealing_key(two.beta.record, 1)
    two.pass_days(2)
    two.settle()
    assert fates(two.alpha) == ["withheld"]
    assert problems(two.beta) == []


def test_when_the_keys_of_both_are_gone_they_still_find_each_other(two: Two) -> None:
    """Paired at a congress, both sealed something, and they met three months later."""
    two.consent()
    two.share()
    there = practices.add_zoe(two.beta.practice)
    sharing.grant(two.beta, there.id, two.of_alpha, purpose="soins")
    record.add(two.beta.practice, there.id, ProblemBody(Concept("Asthme")))
    sharing.share(two.beta, there.id, two.of_alpha)
    outlive(two)
    two.settle()
    assert problems(two.alpha) == problems(two.beta) == [["Asthme"]]
    assert fates(two.alpha) == fates(two.beta) == ["sealed", ""]


def test_a_withdrawal_is_made_again_and_takes_effect(two: Two) -> None:
    consent = two.consent()
    two.share()
    two.settle()
    assert new(two.beta) == 1
    lose_keys(two.beta)
    sharing.revoke(two.alpha, consent)
    two.to_beta()
    assert reception.collect(two.beta).withdrawals == 0
    two.settle()
    assert fates(two.alpha, "withdrawal") == ["sealed", ""]
    assert new(two.beta) == 0
    (extract,) = sent(two.alpha, "extract")
    assert extract.removed  # attested


def test_receipts_are_attested_once_more(two: Two) -> None:
    two.consent()
    two.share()
    two.settle()
    lose_keys(two.alpha)
    two.note("Goutte")
    two.share()
    two.settle()
    assert all(one.opened for one in sent(two.alpha, "extract"))
    assert "sealed" in fates(two.beta, "receipt")


def test_a_share_of_recovery_words_is_not_made_again_and_that_is_told(two: Two) -> None:
    lose = RecoveryShare("ab" * 16, 2, 2, shares.split(crypto.random_bytes(32), 2, 2)[0])
    with transaction(two.alpha.record):
        desk.post(two.alpha, two.of_beta, lose)
    desk.dispatch(two.alpha)
    outlive(two)
    two.settle()
    assert fates(two.alpha, "recovery-share") == ["lost"]
    assert lines(two.alpha, "sealed-anew")[-1].endswith("recovery-share lost")


# --- no loops ---------------------------------------------------------------------------------------------------


def test_who_never_can_open_anything_is_not_written_to_without_end(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.consent()
    two.share()
    with monkeypatch.context() as mad:  # a colleague's program that forgets each key at once
        mad.setattr(epochs, "take_offer", lambda *_: None)
        for _ in range(30):
            two.to_beta()
            reception.collect(two.beta)
            two.to_alpha()
            reception.collect(two.alpha)
    assert len(sent(two.alpha, "epoch-offer")) == desk.MAX_EPOCHS_OF_ONE_KEY
    assert len(sent(two.alpha, "extract")) <= desk.MAX_EPOCHS_OF_ONE_KEY
    assert fates(two.alpha)[-1] == ""
    assert sent(two.alpha, "extract")[-1].unreadable  # it waits for his next key
    two.pass_days(31, two.beta)
    two.settle()
    assert problems(two.beta) == [["Asthme"]]


def test_saying_it_again_changes_nothing(two: Two) -> None:
    two.consent()
    two.share()
    outlive(two)
    two.settle()
    before = len(correspondence.outgoing(two.alpha.record))
    feed = sent(two.alpha, "extract")[0].feed
    for numbers in ((1, 2, 3), tuple(range(1, 50))):
        with transaction(two.beta.record):
            desk.post(two.beta, two.of_alpha, Receipt(feed, unreadable=numbers))
        desk.dispatch(two.beta)
        two.to_alpha()
        reception.collect(two.alpha)
    extracts = sent(two.alpha, "extract")
    assert len(extracts) == 2  # what he has attested to have opened, he can open
    assert len(correspondence.outgoing(two.alpha.record)) - before < 10


def test_one_colleague_does_not_speak_for_another(two: Two, tmp_path: Path) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    of_gamma, of_alpha = practices.pair(two.alpha, gamma)
    two.consent()
    two.share()
    feed = sent(two.alpha, "extract")[0].feed
    with transaction(gamma.record):
        desk.post(gamma, of_alpha, Receipt(feed, unreadable=(1, 2, 3)))
    desk.dispatch(gamma)
    practices.carry(gamma, of_alpha, two.alpha, of_gamma)
    assert reception.collect(two.alpha).receipts == 1
    assert [one.unreadable for one in correspondence.outgoing(two.alpha.record)] == [""] * 3
    gamma.close()


def test_an_altered_envelope_is_not_asked_for_anew(two: Two) -> None:
    two.consent()
    two.share()
    two.settle()
    two.share()
    two.to_beta()
    with transaction(two.beta.postbox):
        two.beta.postbox.execute(
            "UPDATE incoming_bytes SET envelope = CAST(substr(envelope, 1, 100) || zeroblob(600) AS BLOB)"
        )
    found = reception.collect(two.beta)
    assert (found.late, found.set_aside) == (0, 2)
    assert "receipt" not in [one.type for one in correspondence.not_yet_posted(two.beta.record)]


def test_who_is_not_verified_gets_no_answer(two: Two) -> None:
    two.consent()
    two.share()
    two.to_beta()
    with transaction(two.beta.record):
        colleagues.set_state(two.beta.record, two.of_alpha.num, State.RECEIVED, "")
    before = len(correspondence.outgoing(two.beta.record))
    found = reception.collect(two.beta)
    assert (found.late, found.set_aside) == (0, 3)
    assert len(correspondence.outgoing(two.beta.record)) == before


# --- crashes ----------------------------------------------------------------------------------------------------

STEPS: list[tuple[Any, str]] = [
    (epochs, "renew"),
    (restoration, "resume"),
    (late_room, "answer"),
    (postbox, "mark_opened"),
    (late_room, "seal_anew"),
    (desk, "dispatch"),
    (postbox, "queue"),
    (epochs, "take_update"),
    (sharing, "seal_anew"),
    (epochs, "sweep"),
]


class Crash(BaseException):
    """The process ends here."""


class Crashing:
    """A step that ends the process: at its first call, and at the third call after that."""

    def __init__(self, step: Callable[..., Any], after: bool) -> None:
        self._step, self._after, self._left = step, after, [1, 3]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Do the step, or end."""
        if self._left:
            self._left[0] -= 1
        ends = bool(self._left) and self._left[0] == 0
        found = self._step(*arguments, **named) if self._after or not ends else None
        if ends:
            del self._left[0]
            raise Crash
        return found


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=[f"{module.__name__}.{name}" for module, name in STEPS])
def test_a_crash_between_two_steps_changes_nothing_in_the_end(
    two: Two, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str], after: bool
) -> None:
    two.consent()
    two.share()
    outlive(two)
    opened = {one.practice.folder: unlocked(one) for one in (two.alpha, two.beta)}
    monkeypatch.setattr(*step, Crashing(getattr(*step), after))
    crashes = 0
    for _ in range(10):
        for which in ("alpha", "beta"):
            here: desk.Desk = getattr(two, which)
            folder, clock = here.practice.folder, here.practice.clock
            try:
                two.to_beta()
                two.to_alpha()
                reception.collect(here)
            except Crash:
                crashes += 1
                here.close()
                setattr(two, which, desk.establish(practice.enter(folder, opened[folder], clock)))
    monkeypatch.undo()
    assert crashes >= 1
    two.settle()
    assert problems(two.beta) == [["Asthme"]]
    assert fates(two.alpha) == ["sealed", ""]
    assert new(two.beta) == 1


def unlocked(one: desk.Desk) -> keyring.Opened:
    return keyring.unlock(keyring.read(one.practice.folder), practices.PASSPHRASE)
