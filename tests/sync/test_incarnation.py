"""A backup that was put back: both sides go on in new feeds, nothing is frozen, and both are told what was lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import consents, correspondence, history, incarnations, postbox
from localstore.database import transaction
from sync import restoration
from sync.desk import feed_towards
from sync.errors import NoConsent
from sync.receiving.reception import Collected
from tests.sync.meetings import Town
from tui.cli import restored


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Town]:
    """Two practices that are paired, and the same after they have exchanged an extract each way; closed."""
    folder = tmp_path_factory.mktemp("towns")
    paired = Town(folder / "paired")
    paired.close()
    later = paired.elsewhere(folder / "later")
    for house in (later.alpha, later.beta):
        house.consent()
        house.share()
    later.exchange()
    later.close()
    return paired, later


@pytest.fixture
def paired(towns: tuple[Town, Town], tmp_path: Path) -> Iterator[Town]:
    """Two practices that have never exchanged anything."""
    town = towns[0].elsewhere(tmp_path)
    yield town
    town.close()


@pytest.fixture
def town(towns: tuple[Town, Town], tmp_path: Path) -> Iterator[Town]:
    """Two practices that have exchanged an extract each way."""
    town = towns[1].elsewhere(tmp_path)
    yield town
    town.close()


def test_both_sides_converge_and_are_told_what_was_lost(town: Town) -> None:
    copy = town.alpha.back_up()
    old = feed_towards(town.alpha.desk, town.alpha.other)
    for house in (town.alpha, town.beta):
        house.share()
    town.exchange()
    assert (len(town.alpha.extracts()), len(town.beta.extracts())) == (2, 2)

    town.alpha.restore(copy)
    assert feed_towards(town.alpha.desk, town.alpha.other) != old
    assert len(town.alpha.extracts()) == 1
    of_alpha, of_beta = town.exchange()
    lost = sum(one.lost_here for one in of_alpha)
    assert lost > 0
    assert sum(one.lost_there for one in of_beta) == lost
    assert town.alpha.incidents() == town.beta.incidents() == []

    (here,) = restoration.findings(town.alpha.desk.record, town.alpha.desk.postbox)
    assert (here.name, here.lost_there, here.undelivered) == ("Dr Beta", 0, 0)
    assert here.unknown_here == 3  # an anchor, the extract, and the receipt for Beta's
    (there,) = restoration.findings(town.beta.desk.record, town.beta.desk.postbox)
    assert (there.name, there.unknown_here, there.lost_there, there.undelivered) == ("Dr Alpha", 0, lost, 1)
    told = [line.found for house in (town.alpha, town.beta) for line in restored.checks(house.desk.practice)]
    assert [("Dr Beta" in line, "Dr Alpha" in line) for line in told] == [(True, False), (False, True)]
    assert "3" in told[0]
    for house in (town.alpha, town.beta):
        assert "feed-restarted" in [line.action for line in history.lines(house.desk.record)]

    shared = [house.share().document for house in (town.alpha, town.beta)]
    of_alpha, of_beta = town.exchange()
    assert sum(one.set_aside for one in of_alpha + of_beta) == 0
    assert (town.alpha.extracts()[-1], town.beta.extracts()[-1]) == (shared[1], shared[0])
    assert {town.alpha.states()[shared[0]], town.beta.states()[shared[1]]} == {"stored"}
    assert (len(town.alpha.extracts()), len(town.beta.extracts())) == (2, 3)
    (there,) = restoration.findings(town.beta.desk.record, town.beta.desk.postbox)
    assert there.undelivered == 0  # shared again


def test_it_converges_again_when_the_same_backup_is_put_back_again(town: Town) -> None:
    copy = town.alpha.back_up()
    for _ in range(3):
        for house in (town.alpha, town.beta):
            house.share()
        town.exchange()
        town.alpha.restore(copy)
        town.exchange()
    shared = town.alpha.share().document, town.beta.share().document
    found = town.exchange()
    assert (town.beta.extracts()[-1], town.alpha.extracts()[-1]) == shared
    assert town.alpha.incidents() == town.beta.incidents() == []
    assert sum(one.set_aside for one in found[0] + found[1]) == 0
    assert len(incarnations.ended(town.beta.desk.postbox)) == 3


def test_a_colleague_who_was_met_after_the_backup_gets_on_as_well(paired: Town) -> None:
    """The backup knows him, and nothing that was ever sent."""
    town = paired
    copy = town.alpha.back_up()
    for house in (town.alpha, town.beta):
        house.consent()
        house.share()
    town.exchange()
    town.alpha.restore(copy)
    town.exchange()
    town.alpha.consent()
    shared = town.alpha.share().document, town.beta.share().document
    town.exchange()
    assert (town.beta.extracts()[-1], town.alpha.extracts()[-1]) == shared
    assert town.alpha.incidents() == town.beta.incidents() == []
    (here,) = restoration.findings(town.alpha.desk.record, town.alpha.desk.postbox)
    assert here.unknown_here > 0


def test_what_is_lost_is_said_once_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    restored.announce(Collected(lost_here=2, lost_there=7))
    out, err = capsys.readouterr()
    assert out == ""
    assert ("2" in err, "7" in err, len(err.splitlines())) == (True, True, 2)
    restored.announce(Collected(extracts=1))
    assert capsys.readouterr() == ("", "")


def test_nothing_is_told_where_nothing_was_restored(town: Town) -> None:
    for house in (town.alpha, town.beta):
        assert restoration.findings(house.desk.record, house.desk.postbox) == []
        assert restored.checks(house.desk.practice) == []
        assert restoration.resume(house.desk) == 0
        assert incarnations.ended(house.desk.postbox) == []


# --- consents --------------------------------------------------------------------------------------------------


def consent_of(town: Town) -> consents.Consent:
    """Alpha's consent."""
    (consent,) = consents.of_patient(town.alpha.desk.record, 1)
    return consent


def test_a_withdrawal_that_was_never_acknowledged_reaches_him(town: Town) -> None:
    town.alpha.revoke(consent_of(town))
    copy = town.alpha.back_up()
    town.alpha.restore(copy)
    assert len(town.beta.extracts()) == 1
    town.exchange()
    assert town.beta.extracts() == []
    sent = correspondence.of_consent(town.alpha.desk.record, consent_of(town).num)
    assert [bool(one.removed) for one in sent if one.type == "extract"] == [True]
    before = len(correspondence.outgoing(town.alpha.desk.record))
    town.exchange()
    assert len(correspondence.outgoing(town.alpha.desk.record)) == before  # once, and not at each look


def test_a_revocation_that_the_backup_does_not_know_is_learnt_from_the_colleague(town: Town) -> None:
    copy = town.alpha.back_up()
    town.alpha.revoke(consent_of(town))
    town.exchange()
    assert town.beta.extracts() == []
    town.alpha.restore(copy)
    assert not consent_of(town).revoked
    town.exchange()
    assert consent_of(town).revoked
    with pytest.raises(NoConsent):
        town.alpha.share()


def test_what_was_shared_after_the_backup_is_withdrawn_too(town: Town) -> None:
    copy = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.restore(copy)
    town.exchange()
    assert len(town.beta.extracts()) == 2
    assert town.alpha.revoke(consent_of(town)).removal_requested == 1
    town.exchange()
    assert town.beta.extracts() == []


def test_also_where_the_backup_knows_of_no_extract_at_all(paired: Town) -> None:
    town = paired
    consent = town.alpha.consent()
    copy = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.restore(copy)
    assert town.alpha.revoke(consent).removal_requested == 1
    town.exchange()
    assert town.beta.extracts() == []


def test_a_withdrawal_that_the_colleague_lost_with_his_backup_is_repeated(town: Town) -> None:
    """He had attested the removal; his backup brings the extract back."""
    copy = town.beta.back_up()
    town.alpha.revoke(consent_of(town))
    town.exchange()
    assert town.beta.extracts() == []
    town.beta.restore(copy)
    assert len(town.beta.extracts()) == 1
    town.exchange()
    assert town.beta.extracts() == []
    assert town.alpha.incidents() == town.beta.incidents() == []


def test_an_extract_that_waited_in_the_backup_is_reported_and_never_sent_by_itself(town: Town) -> None:
    waiting = town.alpha.share().document
    copy = town.alpha.back_up()
    town.alpha.restore(copy)
    town.exchange()
    assert waiting not in town.beta.extracts()
    assert town.alpha.states()[waiting] == "lost"
    (here,) = restoration.findings(town.alpha.desk.record, town.alpha.desk.postbox)
    assert (here.undelivered, here.unknown_here) == (1, 0)
    again = town.alpha.share().document
    town.exchange()
    assert town.beta.extracts()[-1] == again
    assert restoration.findings(town.alpha.desk.record, town.alpha.desk.postbox) == []


def test_an_extract_that_waited_in_the_backup_and_left_since_is_known_to_have_come(town: Town) -> None:
    waiting = town.alpha.share().document
    copy = town.alpha.back_up()
    town.exchange()
    town.alpha.restore(copy)
    town.exchange()
    assert town.alpha.states()[waiting] == "stored"
    assert town.alpha.revoke(consent_of(town)).removal_requested == 2
    town.exchange()
    assert town.beta.extracts() == []


def test_what_still_waited_in_the_record_itself_never_leaves(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Committed in the record and not in the postbox yet: a crash in between, and then a restored backup."""
    with monkeypatch.context() as patch:
        patch.setattr(correspondence, "not_yet_posted", lambda _connection: [])
        waiting = town.alpha.share().document
    copy = town.alpha.back_up()
    town.alpha.restore(copy)
    town.exchange()
    assert waiting not in town.beta.extracts()
    assert town.alpha.states()[waiting] == "lost"
    assert correspondence.not_yet_posted(town.alpha.desk.record) == []


# --- an old copy that nobody restored --------------------------------------------------------------------------


def test_an_old_copy_that_was_put_back_without_a_word_is_still_an_incident(town: Town) -> None:
    copy = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(copy)
    with pytest.raises(Exception, match="something else than was sent"):
        town.meet()
    assert town.alpha.incidents() == ["ahead"]


def test_a_copy_that_begins_to_send_in_the_new_incarnation_is_noticed(town: Town) -> None:
    copy = town.alpha.back_up()
    town.alpha.restore(copy)
    again = town.alpha.back_up("again")
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(again)
    with pytest.raises(Exception, match="something else than was sent"):
        town.meet()
    assert town.alpha.incidents() == ["ahead"]


def test_a_postbox_that_was_not_told_is_told_by_the_desk(town: Town) -> None:
    with transaction(town.alpha.desk.record):
        town.alpha.desk.record.execute("UPDATE practice SET incarnation = ?", (b"n" * 16,))
        town.alpha.desk.practice.log("restored")
    town.alpha.close()
    town.alpha.open()
    serving = incarnations.serving(town.alpha.desk.postbox)
    assert serving is not None
    assert (serving.incarnation, serving.restored, serving.settled) == (b"n" * 16, 1, True)
    assert len(incarnations.ended(town.alpha.desk.postbox)) == 1
    assert postbox.incidents(town.alpha.desk.postbox) == []
