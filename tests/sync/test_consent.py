"""What consent promises: who gets what, what withholds it, what its end does, between two windows too."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import consents, correspondence, importing, keystore, patients, postbox, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.colleagues import State
from localstore.database import transaction
from localstore.errors import BadInput, FeedConflict
from localstore.kinds import Sensitivity
from localstore.values import Concept, Contact
from sync import desk
from sync.errors import NoConsent, OtherKey
from sync.receiving import inbox, reception
from sync.sending import extract, gate, sharing
from sync.trust import card, introductions
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle, condition
from tests.sync.test_desk import Pair


@pytest.fixture
def both(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def consent_of(both: Pair, shared: sharing.Shared) -> consents.Consent:
    return consents.by_identifier(both.alpha.record, shared.consent)


def test_an_entry_is_restricted_as_soon_as_one_version_that_stands_is(both: Pair) -> None:
    here = both.alpha.practice
    record.amend(here, both.problem.version, ProblemBody(Concept("A")), sensitivity=Sensitivity.RESTRICTED)
    record.amend(here, both.problem.version, ProblemBody(Concept("B")))
    both.share()
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    assert both.problem.id not in {entry.id for entry in item.entries}
    terms = consent_of(both, sharing.share(both.alpha, both.zoe.id, both.of_beta)).terms
    chart = record.chart(here, both.zoe.id)
    assert len(gate.select(terms, chart.entries).entries) == 2


@pytest.mark.parametrize("where", ["identifier", "contained", "narrative", "display"])
def test_a_source_that_tells_more_than_the_identity_stays_here(tmp_path: Path, where: str) -> None:
    alpha, _, of_beta, _ = practices.two_desks(tmp_path)
    ways: dict[str, dict[str, Any]] = {
        "identifier": {"subject": {"reference": "urn:uuid:p1", "identifier": {"value": "258079900000142"}}},
        "contained": {"contained": [{"resourceType": "Patient", "telecom": [{"value": "0199000000"}]}]},
        "narrative": {"text": {"status": "generated", "div": "<div>tél. 01 99 00 00 00</div>"}},
        "display": {"subject": {"reference": "urn:uuid:p1", "display": "Luc, 0199000000"}},
    }
    told = ways[where]
    identity = PATIENT | {"telecom": [{"system": "phone", "value": "0199000000"}]}
    file = tmp_path / "in.json"
    file.write_bytes(bundle(identity, condition("c1", "Asthme") | told, condition("c2", "Goutte")))
    assert importing.import_paths(alpha.practice, [file]).broken == []
    (one,) = patients.listing(alpha.record)
    chart = record.chart(alpha.practice, one.id)
    entries = record.with_sources(alpha.practice, one.id, chart.entries)
    consent = sharing.grant(alpha, one.id, of_beta, purpose="soins")
    made = extract.build(consent.id, consent.terms, one.id, chart.patient, entries, "", "")
    assert [bool(entry.source) for entry in made.entries] == [False, True]
    assert all(number not in msgspec.json.encode(made) for number in (b"0199000000", b"01 99 00", b"25807990"))


def test_an_unqualified_number_travels_nowhere(tmp_path: Path) -> None:
    body = PatientBody("D", ins="258079900000142", phone="0199000000", contacts=(Contact("Jean Valjean"),))
    for text in ("2 58 07 99 000 001 42", "0199000000", "Jean Valjean"):
        source = msgspec.json.encode({"resourceType": "Condition", "note": [{"text": text}]})
        assert extract.source_tells_more(source, body)
    assert not extract.source_tells_more(b'{"resourceType":"Condition","code":{"text":"Asthme"}}', body)
    assert extract.source_tells_more(b"}{", body)
    qualified = msgspec.structs.replace(body, identity_status="qualified")
    assert not extract.source_tells_more(b'{"resourceType":"Condition","id":"258079900000142"}', qualified)


def test_taking_back_the_newest_consent_brings_no_older_one_back(both: Pair) -> None:
    sharing.grant(both.alpha, both.zoe.id, both.of_beta, purpose="tout")
    shared = both.share()
    sharing.revoke(both.alpha, consent_of(both, shared))
    with pytest.raises(NoConsent):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)


def test_what_still_waits_when_a_consent_ends_is_kept_back(tmp_path: Path) -> None:
    clock = practices.SteppingClock()
    alpha = practices.make_desk(tmp_path / "a", clock=clock)
    beta = practices.make_desk(tmp_path / "b", "Beta", "10001234575", clock)
    of_beta, of_alpha = practices.pair(alpha, beta)
    zoe = practices.add_zoe(alpha.practice)
    record.add(alpha.practice, zoe.id, ProblemBody(Concept("Asthme")))
    sharing.grant(alpha, zoe.id, of_beta, purpose="soins", ends="2026-03-01")
    sharing.share(alpha, zoe.id, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    sharing.share(alpha, zoe.id, of_beta)
    assert sharing.settle_revocations(alpha) == 0
    clock.moment += timedelta(days=2)
    assert (sharing.settle_revocations(alpha), sharing.settle_revocations(alpha)) == (1, 0)
    practices.carry(alpha, of_beta, beta, of_alpha)
    collected = reception.collect(beta)
    assert (collected.extracts, collected.withdrawals, collected.set_aside) == (1, 0, 0)
    kinds = [sent.type for sent in correspondence.outgoing(alpha.record)]
    assert kinds == ["epoch-offer", "receipt", "extract", "receipt", "kept-back"]


def test_a_consents_days_are_those_of_the_practices_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        clock = practices.SteppingClock(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))  # half past midnight in Paris
        assert practices.make(tmp_path / "a", clock=clock).today() == "2026-07-02"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_can_no_longer_be_asked_is_said_so(both: Pair) -> None:
    shared = both.share()
    both.carry()
    introductions.remove(both.alpha, both.of_beta)
    done = sharing.revoke(both.alpha, consent_of(both, shared))
    assert (done.never_sent, done.removal_requested, done.out_of_reach) == (0, 0, 1)
    before = len(correspondence.outgoing(both.alpha.record))
    assert sharing.settle_revocations(both.alpha) == 0
    assert len(correspondence.outgoing(both.alpha.record)) == before


def test_a_window_that_held_the_old_bytes_cannot_send_them_after_a_revocation(
    both: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other window has read what waits; this one revokes; then the other one goes on."""
    sharing.grant(both.alpha, both.zoe.id, both.of_beta, purpose="soins")
    genuine = correspondence.not_yet_posted
    with monkeypatch.context() as patch:
        patch.setattr(correspondence, "not_yet_posted", lambda _connection: [])
        shared = sharing.share(both.alpha, both.zoe.id, both.of_beta)  # committed, not moved: a crash in between
        held = genuine(both.alpha.record)
        done = sharing.revoke(both.alpha, consent_of(both, shared))
        patch.setattr(correspondence, "not_yet_posted", lambda _connection: held)
        assert desk.dispatch(both.alpha) == []
    assert done.never_sent == 1
    both.carry()
    collected = reception.collect(both.beta)
    assert (collected.extracts, collected.set_aside) == (0, 0)


def test_one_feed_that_is_refused_does_not_hold_up_the_others(tmp_path: Path, both: Pair) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    of_gamma, _ = practices.pair(both.alpha, gamma)
    both.share()
    feed = desk.feed_towards(both.alpha, both.of_beta)
    postbox.queue(both.alpha.postbox, both.of_beta.id, feed, 4, b"x" * 200)  # as a copy of this practice would have
    with pytest.raises(FeedConflict):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)
    sharing.grant(both.alpha, both.zoe.id, of_gamma, purpose="soins")
    sharing.share(both.alpha, both.zoe.id, of_gamma)
    assert len([one for one in postbox.progress(both.alpha.postbox) if one.peer == of_gamma.id]) == 3


def test_who_calls_himself_otherwise_is_to_be_verified_again(both: Pair) -> None:
    def renamed(**changes: str) -> bytes:
        body = introductions.my_card(both.beta).body
        return card.armour(card.make(msgspec.structs.replace(body, **changes), both.beta.signing.secret))

    again = introductions.add(both.alpha, renamed(made="2026-04-01T00:00:00.000Z"))
    assert again.is_verified
    other = introductions.add(both.alpha, renamed(name="Dr Gamma", made="2026-05-01T00:00:00.000Z"))
    assert other.state is State.RECEIVED
    assert postbox.peers(both.alpha.postbox) == []
    known = practices.make_desk(both.alpha.practice.folder.parent / "delta", "Delta", "10001234591")
    introductions.add(both.alpha, card.armour(introductions.my_card(known)))
    with pytest.raises(OtherKey):
        introductions.add(both.alpha, renamed(rpps="10001234591", made="2026-06-01T00:00:00.000Z"))


def test_each_half_of_the_fingerprint_stands_for_one_identity(tmp_path: Path, both: Pair) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    of_gamma, _ = practices.introduce(both.alpha, gamma)
    first = introductions.fingerprint(both.alpha, both.of_beta)
    second = introductions.fingerprint(both.alpha, of_gamma)
    halves = [{text[:29], text[30:]} for text in (first, second)]
    assert len(halves[0] & halves[1]) == 1  # alpha's own, in both


def test_a_postbox_whose_making_was_interrupted_is_marked_later(both: Pair) -> None:
    with transaction(both.alpha.record):
        both.alpha.record.execute("DELETE FROM secret WHERE name = 'postbox-made'")
    desk.establish(both.alpha.practice)
    assert keystore.get(both.alpha.record, "postbox-made")


def test_taking_nothing_that_was_named_is_an_error(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    with pytest.raises(BadInput):
        inbox.take(both.beta, item.id, new=True, only=["0" * 32])
    assert patients.count(both.beta.record) == 0
    assert inbox.listing(both.beta)[0].state is correspondence.ReceivedState.NEW
