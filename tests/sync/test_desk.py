"""From consent to inbox, between two real practices; the postman of `tests.practices` stands for the daemons."""

from pathlib import Path

import msgspec
import pytest

from localstore import consents, correspondence, history, keystore, postbox, practice, record, roles, staff
from localstore.bodies import AllergyBody, MedicationBody, OtherBody, PatientBody, ProblemBody
from localstore.colleagues import State
from localstore.correspondence import ReceivedState
from localstore.errors import AlreadyThere, BadInput, DamagedStore, NotFound, NotYourRole, UnknownPatient
from localstore.keys.keyring import MIN_MEMORY
from localstore.kinds import Kind, Sensitivity
from localstore.values import Concept, Contact
from sync import desk
from sync.desk import Desk
from sync.errors import NoConsent, NotACard, NotVerified, OtherFingerprint, OtherKey
from sync.receiving import inbox, reception
from sync.sending import sharing
from sync.trust import card, introductions
from tests import practices

SECOND = "une autre phrase de passe pour les essais"


class Pair:
    """Two paired practices and one patient with three ordinary entries, one restricted and one without a kind."""

    def __init__(self, folder: Path) -> None:
        self.alpha, self.beta, self.of_beta, self.of_alpha = practices.two_desks(folder)
        here = self.alpha.practice
        self.zoe = practices.add_zoe(here)
        first = record.add(here, self.zoe.id, AllergyBody(Concept("Pénicilline"), reaction="urticaire"), "2019")
        self.allergy = record.amend(here, first.version, AllergyBody(Concept("Pénicilline"), reaction="choc"))
        self.problem = record.add(here, self.zoe.id, ProblemBody(Concept("Asthme")), "2001-04")
        self.medication = record.add(here, self.zoe.id, MedicationBody(Concept("Salbutamol")), "2025-11-03")
        self.secret = record.add(here, self.zoe.id, ProblemBody(Concept("IVG")), "2010", Sensitivity.RESTRICTED)
        self.other = record.add(here, self.zoe.id, OtherBody("Claim", "facture"))

    def carry(self) -> int:
        return practices.carry(self.alpha, self.of_beta, self.beta, self.of_alpha)

    def carry_back(self) -> int:
        return practices.carry(self.beta, self.of_alpha, self.alpha, self.of_beta)

    def share(self, **terms: object) -> sharing.Shared:
        sharing.grant(self.alpha, self.zoe.id, self.of_beta, purpose="soins", **terms)  # type: ignore[arg-type]
        return sharing.share(self.alpha, self.zoe.id, self.of_beta)


@pytest.fixture
def both(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_the_received_entries_are_exactly_those_consented_to(both: Pair) -> None:
    shared = both.share()
    assert (shared.entries, shared.left_out) == (3, 2)
    assert both.carry() == 3  # the epoch offer, an anchor, then the extract
    assert reception.collect(both.beta).extracts == 1
    (item,) = inbox.listing(both.beta)
    assert item.entries == (both.allergy, both.problem, both.medication)
    assert item.patient == practices.ZOE
    assert item.terms is not None
    assert item.terms.purpose == "soins"
    assert item.colleague == "Dr Alpha"


def test_a_restricted_entry_travels_only_when_it_is_named(both: Pair) -> None:
    both.share(restricted=(both.secret.id,))
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    assert both.secret in item.entries


def test_the_scope_bounds_kinds_and_dates(both: Pair) -> None:
    assert both.share(kinds=(Kind.PROBLEM, Kind.MEDICATION, Kind.ALLERGY), since="2019", before="2025-10").entries == 1
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    assert item.entries == (both.allergy,)


def test_only_what_recognises_the_patient_travels(both: Pair) -> None:
    body = PatientBody(
        "Dupont-Martin",
        ("Zoé", "Anne"),
        "1958-07-03",
        "female",
        ins="258079900000142",
        phone="0199000000",
        address="1 rue de la Paix",
        contacts=(Contact("Jean"),),
    )
    record.amend(both.alpha.practice, both.zoe.version, body)
    both.share()
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    assert item.patient == practices.ZOE


@pytest.mark.parametrize("verified", [False, True])
def test_nothing_is_sealed_without_verification_and_consent(tmp_path: Path, verified: bool) -> None:
    alpha, beta = practices.make_desk(tmp_path / "a"), practices.make_desk(tmp_path / "b", "Beta", "10001234575")
    of_beta, _ = practices.pair(alpha, beta) if verified else practices.introduce(alpha, beta)
    zoe = practices.add_zoe(alpha.practice)
    record.add(alpha.practice, zoe.id, ProblemBody(Concept("Asthme")))
    if not verified:
        sharing.grant(alpha, zoe.id, of_beta, purpose="soins")
    with pytest.raises(NoConsent if verified else NotVerified):
        sharing.share(alpha, zoe.id, of_beta)
    assert correspondence.outgoing(alpha.record) == []
    assert postbox.progress(alpha.postbox) == []
    assert verified or postbox.peers(alpha.postbox) == []


def test_an_expired_or_future_consent_does_not_count(both: Pair) -> None:
    for terms in ({"begins": "2020-01-01", "ends": "2026-02-28"}, {"begins": "2026-03-02"}):
        with pytest.raises(NoConsent):
            both.share(**terms)
    both.share(ends="2026-03-01")


def test_the_newest_consent_counts_alone(both: Pair) -> None:
    sharing.grant(both.alpha, both.zoe.id, both.of_beta, purpose="tout")
    assert both.share(kinds=(Kind.ALLERGY,)).entries == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"begins": "2026-3-1"},
        {"ends": "2026"},
        {"begins": "2026-03-02", "ends": "2026-03-01"},
        {"since": "hier"},
        {"given": "pigeon"},
        {"kinds": ()},
        {"kinds": (Kind.PATIENT,)},
        {"restricted": ("0" * 32,)},
        {"purpose": " "},
    ],
)
def test_a_consent_that_says_nothing_clear_is_refused(both: Pair, terms: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        sharing.grant(both.alpha, both.zoe.id, both.of_beta, **{"purpose": "soins", **terms})  # type: ignore[arg-type]


def test_the_second_extract_supersedes_the_first_and_needs_no_second_offer(both: Pair) -> None:
    first = both.share()
    second = sharing.share(both.alpha, both.zoe.id, both.of_beta)
    assert both.carry() == 5
    reception.collect(both.beta)
    newest, oldest = inbox.listing(both.beta)
    assert (newest.id, newest.supersedes, oldest.id) == (second.document, first.document, first.document)


def test_collecting_twice_changes_nothing(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    lines = history.lines(both.beta.record)
    assert reception.collect(both.beta) == reception.Collected()
    assert history.lines(both.beta.record) == lines


def test_a_crash_between_the_two_files_loses_and_doubles_nothing(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    both.share()
    both.carry()
    with monkeypatch.context() as patch:
        patch.setattr(postbox, "mark_opened", _fail)
        with pytest.raises(OSError, match="power"):
            reception.collect(both.beta)
    reception.collect(both.beta)
    assert [item.state for item in inbox.listing(both.beta)] == [ReceivedState.NEW]
    assert list(postbox.arrived(both.beta.postbox)) == []
    with monkeypatch.context() as patch:
        patch.setattr(correspondence, "mark_posted", _fail)
        with pytest.raises(OSError, match="power"):
            sharing.share(both.alpha, both.zoe.id, both.of_beta)
    desk.dispatch(both.alpha)
    assert both.carry() == 2


def _fail(*_arguments: object) -> None:
    raise OSError("power cut")


def test_the_sender_learns_that_it_was_opened(both: Pair) -> None:
    shared = both.share()
    both.carry()
    reception.collect(both.beta)
    both.carry_back()
    assert reception.collect(both.alpha).receipts == 1
    (sent,) = [one for one in correspondence.outgoing(both.alpha.record) if one.document_id == shared.document]
    assert sent.opened


def test_taking_over_keeps_identifiers_authors_and_versions(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    with pytest.raises(BadInput):
        inbox.take(both.beta, item.id)  # no such patient here, and a new one was not asked for
    taken = inbox.take(both.beta, item.id, new=True)
    assert (taken.added, taken.already_here) == (3, 0)
    chart = record.chart(both.beta.practice, taken.patient)
    assert [(e.id, e.version, e.parents, e.body, e.author) for e in chart.entries] == [
        (e.id, e.version, e.parents, e.body, e.author) for e in item.entries
    ]
    assert {entry.origin for entry in chart.entries} == {"Dr Alpha"}
    again = inbox.take(both.beta, item.id)
    assert (again.patient, again.added, again.already_here) == (taken.patient, 0, 3)


def test_a_newer_version_taken_later_replaces_the_older_one(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    patient = inbox.take(both.beta, inbox.listing(both.beta)[0].id, new=True).patient
    newer = record.amend(both.alpha.practice, both.allergy.version, AllergyBody(Concept("Amoxicilline")))
    sharing.share(both.alpha, both.zoe.id, both.of_beta)
    both.carry()
    reception.collect(both.beta)
    inbox.take(both.beta, inbox.listing(both.beta)[0].id)
    allergies = [e for e in record.chart(both.beta.practice, patient).entries if e.kind is Kind.ALLERGY]
    assert [(entry.id, entry.version) for entry in allergies] == [(newer.id, newer.version)]


def test_an_entry_can_not_be_slipped_into_another_patients_record(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    item = inbox.listing(both.beta)[0]
    inbox.take(both.beta, item.id, new=True)
    record.amend(both.alpha.practice, both.allergy.version, AllergyBody(Concept("X")))
    sharing.share(both.alpha, both.zoe.id, both.of_beta)
    both.carry()
    reception.collect(both.beta)
    stranger = record.add_patient(both.beta.practice, PatientBody("Autre", ("Homme",)))
    with pytest.raises(BadInput):
        inbox.take(both.beta, inbox.listing(both.beta)[0].id, stranger.id)
    assert record.chart(both.beta.practice, stranger.id).entries == ()


def test_take_refuses_what_it_cannot_place(both: Pair) -> None:
    both.share()
    both.carry()
    reception.collect(both.beta)
    item = inbox.listing(both.beta)[0]
    with pytest.raises(NotFound):
        inbox.take(both.beta, "f" * 32)
    with pytest.raises(UnknownPatient):
        inbox.take(both.beta, item.id, "f" * 32)
    for _ in range(2):
        record.add_patient(both.beta.practice, practices.ZOE)
    with pytest.raises(BadInput):
        inbox.take(both.beta, item.id)
    assert len(inbox.candidates(both.beta, practices.ZOE)) == 2


def test_revoking_before_anything_left_keeps_everything_back(both: Pair) -> None:
    shared = both.share()
    done = sharing.revoke(both.alpha, _consent(both, shared))
    assert (done.never_sent, done.removal_requested) == (1, 0)
    assert both.carry() == 3
    collected = reception.collect(both.beta)
    assert (collected.extracts, collected.set_aside) == (0, 0)
    assert inbox.listing(both.beta) == []
    with pytest.raises(NoConsent):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)


def test_revoking_afterwards_removes_what_was_not_taken_over(both: Pair) -> None:
    shared = both.share()
    both.carry()
    reception.collect(both.beta)
    done = sharing.revoke(both.alpha, _consent(both, shared))
    assert (done.never_sent, done.removal_requested) == (0, 1)
    both.carry()
    assert reception.collect(both.beta).withdrawals == 1
    (item,) = inbox.listing(both.beta)
    assert (item.state, item.entries, item.patient) == (ReceivedState.WITHDRAWN, (), None)
    both.carry_back()
    reception.collect(both.alpha)
    (sent,) = [one for one in correspondence.outgoing(both.alpha.record) if one.document_id == shared.document]
    assert sent.removed
    assert sharing.revoke(both.alpha, _consent(both, shared)).removal_requested == 0


def test_an_interrupted_revocation_is_finished_later(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = both.share()
    with monkeypatch.context() as patch:
        patch.setattr(postbox, "replace_unsent", _fail)
        with pytest.raises(OSError, match="power"):
            sharing.revoke(both.alpha, _consent(both, shared))
    with pytest.raises(NoConsent):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)
    assert sharing.settle_revocations(both.alpha) == 1
    assert sharing.settle_revocations(both.alpha) == 0
    both.carry()
    reception.collect(both.beta)
    assert inbox.listing(both.beta) == []


def _consent(both: Pair, shared: sharing.Shared) -> consents.Consent:
    return consents.by_identifier(both.alpha.record, shared.consent)


# --- introductions ---------------------------------------------------------------------------------------------


def test_both_sides_read_the_same_fingerprint(tmp_path: Path) -> None:
    alpha, beta = practices.make_desk(tmp_path / "a"), practices.make_desk(tmp_path / "b", "Beta", "10001234575")
    of_beta, of_alpha = practices.introduce(alpha, beta)
    digits = introductions.fingerprint(alpha, of_beta)
    assert digits == introductions.fingerprint(beta, of_alpha)
    assert len(digits.replace(" ", "")) == 50
    for wrong in ("", "0" * 50, digits[:29], digits[:-1], digits + "x", digits[::-1]):
        with pytest.raises(OtherFingerprint):
            introductions.verify(alpha, of_beta, wrong)
    with pytest.raises(BadInput):
        introductions.verify(alpha, of_beta, digits, State.RECEIVED)
    verified = introductions.verify(alpha, of_beta, digits.replace(" ", "-"), State.VERIFIED_BY_PHONE)
    assert verified.is_verified


def test_another_key_for_a_known_number_is_a_hard_stop(tmp_path: Path) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    impostor = practices.make_desk(tmp_path / "impostor", "Beta", "10001234575")
    with pytest.raises(OtherKey):
        introductions.add(alpha, card.armour(introductions.my_card(impostor)))
    introductions.remove(alpha, of_beta)
    again = introductions.add(alpha, card.armour(introductions.my_card(impostor)))
    assert not again.is_verified


def test_a_removed_colleague_gets_nothing_and_must_be_verified_again(both: Pair) -> None:
    both.share()
    introductions.remove(both.alpha, both.of_beta)
    assert postbox.peers(both.alpha.postbox) == []
    with pytest.raises(NotVerified):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)
    again = introductions.add(both.alpha, card.armour(introductions.my_card(both.beta)))
    assert again.state is State.RECEIVED


def test_what_a_removed_colleague_sends_is_set_aside(both: Pair) -> None:
    both.share()
    both.carry()
    introductions.remove(both.beta, both.of_alpha)
    collected = reception.collect(both.beta)
    assert collected.extracts == 0
    assert all(item.state is ReceivedState.SET_ASIDE for item in inbox.listing(both.beta))


def test_ones_own_card_and_no_card_are_refused(tmp_path: Path) -> None:
    alpha = practices.make_desk(tmp_path / "a")
    mine = card.armour(introductions.my_card(alpha))
    with pytest.raises(AlreadyThere):
        introductions.add(alpha, mine)
    for wrong in (b"", b"hello", mine[:-60], mine.replace(b"A", b"B", 1), mine * 20, b"\xff" * 100):
        with pytest.raises(NotACard):
            introductions.add(alpha, wrong)


def test_a_postbox_that_vanished_is_never_replaced_in_silence(tmp_path: Path) -> None:
    alpha = practices.make_desk(tmp_path / "a")
    alpha.postbox.close()
    (tmp_path / "a" / "postbox.db").unlink()
    with pytest.raises(DamagedStore):
        desk.establish(alpha.practice)
    assert not (tmp_path / "a" / "postbox.db").exists()


def test_the_desk_is_the_same_when_it_opens_again(tmp_path: Path) -> None:
    alpha: Desk = practices.make_desk(tmp_path / "a")
    again = desk.establish(alpha.practice)
    assert (again.signing, again.pairing, again.sealing, again.certificate) == (
        alpha.signing,
        alpha.pairing,
        alpha.sealing,
        alpha.certificate,
    )


# --- whoever works ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [roles.LOCUM, roles.SECRETARY])
def test_the_desk_is_the_practices_whoever_works(both: Pair, role: str) -> None:
    """A card, keys and feeds of the founder's; and what the patient agreed to is recorded by whoever asked him."""
    mine = introductions.my_card(both.alpha).body
    until = "2026-03-31" if role == roles.LOCUM else ""
    staff.add(both.alpha.practice, "Dr Remplaçant", role, SECOND, rpps="10009999999", until=until, memory=MIN_MEMORY)
    feed, folder = desk.feed_towards(both.alpha, both.of_beta), both.alpha.practice.folder
    both.share()
    both.alpha.close()
    here = practice.unlock(folder, SECOND, clock=practices.SteppingClock())
    assert (here.user.name, here.user.role, here.founder.name) == ("Dr Remplaçant", role, "Dr Alpha")
    other = desk.establish(here)
    same = msgspec.structs.replace(introductions.my_card(other).body, made=mine.made)
    assert same == mine
    assert desk.feed_towards(other, both.of_beta) == feed
    assert introductions.fingerprint(other, both.of_beta) == introductions.fingerprint(both.beta, both.of_alpha)
    assert [name for name, _ in keystore.beginning_with(other.record, "signing/")] == [f"signing/{here.founder.id}"]
    _exchange_as(both, other, role)
    other.close()


def _exchange_as(both: Pair, other: Desk, role: str) -> None:
    """What reaches whom, while somebody else works at Alpha's desk."""
    told = record.add_patient(both.beta.practice, PatientBody("Autre", ("Paul",)))
    record.add(both.beta.practice, told.id, ProblemBody(Concept("Rhume")))
    sharing.grant(both.beta, told.id, both.of_alpha, purpose="soins")
    sharing.share(both.beta, told.id, both.of_alpha)
    practices.carry(both.beta, both.of_alpha, other, both.of_beta)
    collected = reception.collect(other)
    assert (collected.extracts, collected.set_aside) == (1, 0)
    if role == roles.LOCUM:
        consent = sharing.grant(other, both.zoe.id, both.of_beta, purpose="soins")
        assert consent.terms.recorded_by == "Dr Remplaçant"
        sharing.share(other, both.zoe.id, both.of_beta)
    else:
        with pytest.raises(NotYourRole):
            sharing.share(other, both.zoe.id, both.of_beta)
    practices.carry(other, both.of_beta, both.beta, both.of_alpha)
    found = reception.collect(both.beta)
    assert (found.extracts, found.set_aside) == (1 + (role == roles.LOCUM), 0)
    assert {item.colleague for item in inbox.listing(both.beta)} == {"Dr Alpha"}
