"""What a patient was promised when something goes wrong: consents renewed, narrowed and ended while something waits."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localstore import correspondence, followed, history, importing, patients, postbox, record
from localstore.bodies import AllergyBody, DocumentBody, ProblemBody
from localstore.consents import Consent
from localstore.database import transaction
from localstore.documents import adding
from localstore.kinds import Kind, Sensitivity
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author
from sync import desk as desk_room
from sync.papers.documents import Receipt
from sync.receiving import inbox, reception
from sync.sending import gate, letters, outbox, sharing, standing
from sync.sending.outbox import SentState
from sync.sending.withdrawing import Revoked
from tests.localstore.test_importing import PATIENT, bundle, condition
from tests.sync.correspondents import Two, late, problems, sent
from tests.sync.test_late_envelopes import fates, lose_keys


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def grant(two: Two, **terms: object) -> Consent:
    """A standing consent of the patient, unless the terms say otherwise."""
    given = {"purpose": "soins", "stands": True} | terms
    return sharing.grant(two.alpha, two.zoe.id, two.of_beta, **given)  # type: ignore[arg-type]


def says_unreadable(two: Two, kind: str = "extract") -> None:
    """Beta's program says that it cannot open what came last, whether or not that is true."""
    last = sent(two.alpha, kind)[-1]
    with transaction(two.beta.record):
        desk_room.post(two.beta, two.of_alpha, Receipt(last.feed, unreadable=(last.sequence,)))
    desk_room.dispatch(two.beta)
    two.to_alpha()
    reception.collect(two.alpha)


def states(two: Two) -> list[SentState]:
    """How far what speaks of a patient came, oldest first."""
    return [line.state for line in outbox.listing(two.alpha)]


def waits(two: Two) -> list[str]:
    """What reaches Beta now of what speaks of a patient."""
    two.to_beta()
    reception.collect(two.beta)
    return [item.type for item in inbox.listing(two.beta) if item.entries]


# --- what could not be opened ------------------------------------------------------------------------------------


def test_under_a_single_consent_nothing_written_since_goes_in_the_place_of_what_was_lost(two: Two) -> None:
    two.consent()
    two.share()
    two.to_beta()
    two.note("Dépression")
    says_unreadable(two)
    assert (fates(two.alpha), states(two)) == (["withheld"], [SentState.WITHHELD])
    two.share()
    assert states(two)[0] is SentState.REPLACED
    two.settle()
    assert problems(two.beta)[0] == ["Asthme", "Dépression"]


def test_under_a_single_consent_the_very_same_goes_again(two: Two) -> None:
    two.consent()
    two.share()
    lose_keys(two.beta)
    says_unreadable(two)
    assert fates(two.alpha) == ["sealed", ""]
    two.settle()
    assert problems(two.beta)[0] == ["Asthme"]


def test_a_letter_under_a_single_consent_goes_again_only_as_it_was(two: Two) -> None:
    two.consent()
    written = letters.send(two.alpha, two.zoe.id, two.of_beta, "Avis", "Merci")
    two.to_beta()
    says_unreadable(two, "letter")
    assert fates(two.alpha, "letter") == ["sealed", ""]
    record.retract(two.alpha.practice, written.letter.version, "autre patient")
    says_unreadable(two, "letter")
    assert fates(two.alpha, "letter") == ["sealed", "withheld"]


def test_a_letter_that_was_entered_in_error_does_not_go_once_more(two: Two) -> None:
    grant(two)
    written = letters.send(two.alpha, two.zoe.id, two.of_beta, "Avis", "Merci")
    two.to_beta()
    record.retract(two.alpha.practice, written.letter.version, "autre patient")
    says_unreadable(two, "letter")
    assert fates(two.alpha, "letter") == ["withheld"]


def test_a_letter_whose_enclosure_has_grown_too_large_leaves_nothing_behind(two: Two, tmp_path: Path) -> None:
    grant(two)
    here = two.alpha.practice
    small = record.add(here, two.zoe.id, DocumentBody(title="Radio", content=b"petit", media_type="image/png"))
    letters.send(two.alpha, two.zoe.id, two.of_beta, "Avis", "Merci", [small.id])
    two.to_beta()
    file = tmp_path / "grand.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5 * 1024 * 1024))
    large = adding.add(here, two.zoe.id, file, DocumentBody(title="grand"), as_is=True)
    assert isinstance(large.body, DocumentBody)
    record.amend(here, small.version, DocumentBody(title="Radio", attachment=large.body.attachment))
    says_unreadable(two, "letter")
    assert fates(two.alpha, "letter") == ["withheld"]
    assert states(two) == [SentState.WITHHELD]


def test_a_change_that_was_lost_while_its_consent_was_renewed_arrives(two: Two) -> None:
    grant(two)
    two.share()
    two.settle()
    two.note("Goutte")
    lose_keys(two.beta)
    assert len(standing.follow(two.alpha)) == 1
    two.to_beta()
    grant(two)
    two.settle()
    standing.follow(two.alpha)
    two.settle()
    assert problems(two.beta)[0] == ["Asthme", "Goutte"]


def test_what_one_standing_consent_sent_the_next_one_sends_again_when_it_was_lost(two: Two) -> None:
    grant(two)
    two.share()
    two.settle()
    grant(two)
    with transaction(two.alpha.record):
        followed.repeat(two.alpha.record, two.of_beta.num)
    assert len(standing.follow(two.alpha)) == 1


# --- clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renewed", [False, True])
def test_a_clock_that_jumps_past_the_end_and_back_loses_nothing(two: Two, renewed: bool) -> None:
    grant(two, ends="2026-12-31")
    two.share()
    two.settle()
    two.note("Goutte")
    assert len(standing.follow(two.alpha)) == 1
    if renewed:
        grant(two, ends="2026-12-31")
    two.pass_days(600, two.alpha)
    assert sharing.settle_revocations(two.alpha) == 1
    standing.follow(two.alpha)
    two.pass_days(-600, two.alpha)
    assert len(standing.follow(two.alpha)) == 1
    two.settle()
    assert problems(two.beta)[0] == ["Asthme", "Goutte"]


# --- consents that took the place of others ----------------------------------------------------------------------


def test_revoking_reaches_what_was_sent_under_the_consents_before(two: Two) -> None:
    first = grant(two)
    two.share()
    two.settle()
    two.note("Goutte")
    standing.follow(two.alpha)
    two.settle()
    second = grant(two, ends="2027-12-31")
    done = sharing.revoke(two.alpha, second)
    assert (done.removal_requested, done.opened, set(done.consents)) == (2, 2, {first.id, second.id})
    assert len([one for one in history.lines(two.alpha.record) if one.action == "consent-revoked"]) == 2
    two.settle()
    assert problems(two.beta) == []
    assert set(states(two)[:2]) == {SentState.REMOVED}
    assert sharing.revoke(two.alpha, second) == Revoked((), 0, 0)
    assert sharing.revoke(two.alpha, first).consents == ()


def test_what_waits_under_a_consent_before_never_leaves_once_the_last_one_is_revoked(two: Two) -> None:
    two.consent()
    two.share()
    second = grant(two, stands=False, kinds=(Kind.ALLERGY,))
    assert sharing.revoke(two.alpha, second).never_sent == 1
    assert waits(two) == []


@pytest.mark.parametrize("moved", [True, False])
def test_what_waits_under_a_wider_consent_is_kept_back_once_it_was_narrowed(
    two: Two, moved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.consent()
    with monkeypatch.context() as patched:
        if not moved:  # killed before it reached the postbox
            patched.setattr(desk_room, "dispatch", lambda _desk: [])
        two.share()
        sharing.grant(two.alpha, two.zoe.id, two.of_beta, purpose="soins", kinds=(Kind.ALLERGY,))
    if not moved:
        desk_room.dispatch(two.alpha)
        assert waits(two) == []
    assert (sharing.settle_revocations(two.alpha), sharing.settle_revocations(two.alpha)) == (1, 0)
    desk_room.dispatch(two.alpha)
    assert waits(two) == [] and states(two) == [SentState.KEPT_BACK]


def test_what_waits_under_a_consent_that_was_only_renewed_leaves(two: Two) -> None:
    two.consent()
    two.share()
    two.consent()
    assert sharing.settle_revocations(two.alpha) == 0
    assert waits(two) == ["extract"]


# --- a crash between the two files -------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["waits", "offered", "clock back"])
def test_a_crash_between_the_two_files_leaves_nothing_listed_as_sent_that_never_left(
    two: Two, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent = grant(two, ends="2026-03-05")
    two.share()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(correspondence, "mark_kept_back", killed)
        with pytest.raises(KeyboardInterrupt):
            if then == "clock back":
                two.pass_days(10, two.alpha)
                sharing.settle_revocations(two.alpha)
            else:
                sharing.revoke(two.alpha, consent)
    if then == "offered":
        assert waits(two) == []
    if then == "clock back":
        two.pass_days(-10, two.alpha)
    sharing.settle_revocations(two.alpha)
    assert [one.type for one in correspondence.outgoing(two.alpha.record) if one.consent] == ["kept-back"]
    assert waits(two) == []
    assert len(standing.follow(two.alpha)) == (then == "clock back")


def test_a_crash_before_the_postbox_was_written_takes_nothing_from_a_consent_that_counts(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(two, ends="2026-03-05")
    two.share()

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    two.pass_days(10, two.alpha)
    with monkeypatch.context() as patched:
        patched.setattr(postbox, "replace_unsent", killed)
        with pytest.raises(KeyboardInterrupt):
            sharing.settle_revocations(two.alpha)
    two.pass_days(-10, two.alpha)
    assert sharing.settle_revocations(two.alpha) == 0
    assert waits(two) == ["extract"]


# --- what the colleague must refuse ------------------------------------------------------------------------------


def test_what_no_colleague_may_let_in_stays_here_and_takes_nothing_with_it(two: Two, tmp_path: Path) -> None:
    far = "http://example.org/" + "a" * 2100 + "/Condition/1"
    large = {**condition("c2", "Angor"), "note": [{"text": "n" * 1_100_000}]}
    file = tmp_path / "in.json"
    data = json.loads(bundle(PATIENT, condition("c1", "Goutte"), large))
    data["entry"][1]["fullUrl"] = far
    file.write_text(json.dumps(data))
    importing.import_paths(two.alpha.practice, [file])
    (patient,) = [one for one in patients.listing(two.alpha.record) if one.id != two.zoe.id]
    sharing.grant(two.alpha, patient.id, two.of_beta, purpose="soins")
    shared = sharing.share(two.alpha, patient.id, two.of_beta)
    assert (shared.too_large, shared.entries) == (("Angor",), 1)
    two.settle()
    assert problems(two.beta) == [["Goutte"]] and late(two.beta) == []


# --- the law of what covers what ---------------------------------------------------------------------------------

DATES = st.sampled_from(["", "2019", "2020", "2020-06", "2020-06-15", "9999-12-31"])
TERMS = st.builds(
    Terms,
    kinds=st.sets(st.sampled_from([Kind.PROBLEM, Kind.ALLERGY]), min_size=1).map(tuple),
    purpose=st.just("soins"),
    given=st.just("oral"),
    recorded_by=st.just(""),
    begins=st.just("2026-01-01"),
    restricted=st.sets(st.sampled_from(["a", "b"])).map(tuple),
    since=DATES,
    before=DATES,
)
ENTRIES = st.builds(
    Entry,
    id=st.sampled_from("abc"),
    version=st.just("v"),
    patient=st.just("p"),
    date=st.sampled_from(["", "2019", "2019-12-31", "2020", "2020-06", "2020-06-15", "2020-06-15T10:00:00Z", "2031"]),
    author=st.just(Author("", "")),
    recorded=st.just(""),
    body=st.sampled_from([ProblemBody(), AllergyBody()]),
    sensitivity=st.sampled_from(list(Sensitivity)),
)


@settings(max_examples=500)
@given(one=TERMS, other=TERMS, entries=st.lists(ENTRIES, max_size=6))
def test_terms_that_include_others_let_out_whatever_those_do(one: Terms, other: Terms, entries: list[Entry]) -> None:
    assert gate.includes(one, one)
    if gate.includes(one, other):
        assert set(map(id, gate.select(other, entries).entries)) <= set(map(id, gate.select(one, entries).entries))


# --- the law of standing consents that are renewed while clocks jump ---------------------------------------------

ACTS = st.one_of(
    st.sampled_from(["add", "renew", "jump", "back", "lose keys", "carry", "look", "crash"]),
    st.sampled_from(["add", "look"]),
)


class Course:
    """One course of events between two practices, of which the clock of one jumps."""

    def __init__(self, two: Two) -> None:
        self.two, self.ahead, self.count = two, 0, 0
        grant(two, ends="2027-03-01")
        two.share()

    def look(self) -> None:
        """As every command and window begins and ends."""
        sharing.settle_revocations(self.two.alpha)
        reception.collect(self.two.alpha)
        standing.follow(self.two.alpha)

    def act(self, name: str) -> None:
        """One event."""
        two = self.two
        if name == "add":
            self.count += 1
            two.note(f"P{self.count}")
        elif name == "renew" and not self.ahead:
            grant(two, ends="2027-03-01")
        elif name in ("jump", "back"):
            to = 600 if name == "jump" else 0
            two.pass_days(to - self.ahead, two.alpha)
            self.ahead = to
        elif name == "lose keys":
            lose_keys(two.beta)
        elif name == "carry":
            two.to_beta()
            reception.collect(two.beta)
            two.to_alpha()
        elif name == "crash":
            standing.follow(two.alpha)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(correspondence, "mark_kept_back", _killed)
                try:
                    sharing.settle_revocations(two.alpha)
                except KeyboardInterrupt:
                    return
        else:
            self.look()

    def end(self) -> None:
        """The clock is right, everything is carried: then Beta has all of it, and nothing moves any more."""
        self.act("back")
        for _ in range(3):
            self.look()
            self.two.settle()
        wanted = ["Asthme", *(f"P{number + 1}" for number in range(self.count))]
        assert problems(self.two.beta)[0] == wanted
        assert standing.follow(self.two.alpha) == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def _run(acts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    two = Two(tmp_path_factory.mktemp("course"))
    try:
        course = Course(two)
        for name in acts:
            course.act(name)
        course.end()
    finally:
        two.close()


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, max_size=8))
def test_whatever_is_renewed_lost_or_out_of_time_arrives_in_the_end(
    acts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _run(acts, tmp_path_factory)


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, max_size=25))
def test_long_courses_end_well(acts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    _run(acts, tmp_path_factory)
