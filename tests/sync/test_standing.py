"""Standing consents: what goes by itself and what does not, interruptions, and what revoking one reaches."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localstore import (
    colleagues,
    correspondence,
    followed,
    history,
    importing,
    patients,
    postbox,
    practice,
    record,
    roles,
    staff,
    versions,
)
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.colleagues import State
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.documents import stowing
from localstore.errors import TooLarge
from localstore.feeds import Piece
from localstore.identities import merging
from localstore.keys import keyring
from localstore.kinds import Kind, Sensitivity
from localstore.model import Entry
from localstore.postbox import IncidentKind
from localstore.values import Concept
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import DocumentType
from sync.receiving import inbox, reception
from sync.sending import outbox, sharing, standing, withdrawing
from sync.sending.outbox import SentState
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle, condition
from tests.practices import SteppingClock, carry


class House:
    """Alpha with the patient Zoé and one problem; Beta, who is verified. Nothing is shared yet."""

    def __init__(self, folder: Path) -> None:
        self.clock = SteppingClock(practices.NOON + timedelta(minutes=1))
        self.alpha, self.beta = (self.window(folder / name) for name in ("alpha", "beta"))
        (self.of_beta,), (self.of_alpha,) = (colleagues.listing(one.record) for one in (self.alpha, self.beta))
        (zoe,) = patients.listing(self.alpha.record)
        chart = record.chart(self.alpha.practice, zoe.id)
        self.zoe, self.problem = chart.identity[0], chart.entries[0]

    def window(self, folder: Path) -> Desk:
        """One more window on a practice."""
        return desk_room.establish(practice.unlock(folder, practices.PASSPHRASE, clock=self.clock))

    def close(self) -> None:
        """Close both."""
        self.alpha.close()
        self.beta.close()

    def add(self, words: str, sensitivity: Sensitivity = Sensitivity.NORMAL) -> Entry:
        """One more problem of Zoé's."""
        return record.add(self.alpha.practice, self.zoe.id, ProblemBody(Concept(words)), "2024-03-02", sensitivity)

    def grant(self, **terms: object) -> Consent:
        """A standing consent for Beta."""
        given = {"purpose": "soins", "stands": True} | terms
        return sharing.grant(self.alpha, self.zoe.id, self.of_beta, **given)  # type: ignore[arg-type]

    def extracts(self) -> list[Outgoing]:
        """What speaks of a patient, oldest first."""
        return [one for one in correspondence.outgoing(self.alpha.record) if one.type == DocumentType.EXTRACT]

    def follow(self) -> int:
        """How many extracts went by themselves."""
        return len(standing.follow(self.alpha))

    def arrived(self) -> inbox.Item:
        """The last extract that Beta has, after everything was carried."""
        carry(self.alpha, self.of_beta, self.beta, self.of_alpha)
        reception.collect(self.beta)
        carry(self.beta, self.of_alpha, self.alpha, self.of_beta)
        reception.collect(self.alpha)
        return inbox.listing(self.beta)[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two practices, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    alpha, beta, _, _ = practices.two_desks(folder)
    zoe = practices.add_zoe(alpha.practice)
    record.add(alpha.practice, zoe.id, ProblemBody(Concept("Asthme")), "2024-03-02")
    alpha.close()
    beta.close()
    return folder


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Iterator[House]:
    here = House(Path(shutil.copytree(built, tmp_path / "houses")))
    yield here
    here.close()


def words(item: inbox.Item) -> set[str]:
    """What the problems of an extract are called."""
    return {entry.body.concept.label for entry in item.entries if isinstance(entry.body, ProblemBody)}


# --- what goes, and what does not -------------------------------------------------------------------------------


def test_each_change_within_the_scope_goes_and_nothing_goes_twice(house: House) -> None:
    house.grant()
    assert house.follow() == 0  # what was there is for the doctor to share
    house.add("Goutte")
    assert [one[:2] for one in standing.follow(house.alpha)] == [("Dr Beta", 2)]
    assert (house.follow(), len(house.extracts())) == (0, 1)
    assert words(house.arrived()) == {"Asthme", "Goutte"}
    record.amend(house.alpha.practice, house.problem.version, ProblemBody(Concept("Asthme sévère")))
    assert house.follow() == 1
    latest = house.arrived()
    assert words(latest) == {"Asthme sévère", "Goutte"} and latest.supersedes == house.extracts()[0].document_id


def test_what_was_shared_by_hand_is_not_sent_again(house: House) -> None:
    house.grant()
    house.add("Goutte")
    sharing.share(house.alpha, house.zoe.id, house.of_beta)
    assert (house.follow(), len(house.extracts())) == (0, 1)


def test_a_retraction_goes_with_its_mark_and_so_does_another_name(house: House) -> None:
    house.grant()
    record.retract(house.alpha.practice, house.problem.version, "autre patient")
    assert house.follow() == 1
    assert [str(entry.status) for entry in house.arrived().entries] == ["entered-in-error"]
    body = PatientBody("Durand", ("Zoé",), "1958-07-03", "female")
    record.amend(house.alpha.practice, house.zoe.version, body)
    assert house.follow() == 1
    patient = house.arrived().patient
    assert patient is not None and patient.family_name == "Durand"


@pytest.mark.parametrize("outside", ["kind", "restricted", "date", "address", "other patient"])
def test_nothing_outside_of_the_scope_sends_anything(house: House, outside: str) -> None:
    house.grant(kinds=(Kind.PROBLEM,), since="2024")
    here = house.alpha.practice
    if outside == "kind":
        record.add(here, house.zoe.id, AllergyBody(Concept("Iode")), "2024-05-05")
    elif outside == "restricted":
        house.add("Confidentiel", Sensitivity.RESTRICTED)
    elif outside == "date":
        record.add(here, house.zoe.id, ProblemBody(Concept("Varicelle")), "1965")
    elif outside == "address":
        body = PatientBody("Dupont-Martin", ("Zoé", "Anne"), "1958-07-03", "female", address="2 rue du Lac")
        record.amend(here, house.zoe.version, body)
    else:
        other = record.add_patient(here, PatientBody("Martin"))
        record.add(here, other.id, ProblemBody(Concept("Goutte")), "2024-05-05")
    assert (house.follow(), house.extracts()) == (0, [])


def test_a_restricted_entry_goes_only_where_it_is_named(house: House) -> None:
    secret = house.add("Confidentiel", Sensitivity.RESTRICTED)
    house.grant()
    record.amend(house.alpha.practice, secret.version, ProblemBody(Concept("Très confidentiel")))
    assert house.follow() == 0
    house.grant(restricted=(secret.id,))
    (standing_one,) = record.all_versions(house.alpha.practice, secret.id)[1:]
    record.amend(house.alpha.practice, standing_one.version, ProblemBody(Concept("Encore")))
    assert house.follow() == 1
    assert words(house.arrived()) == {"Asthme", "Encore"}


def test_an_entry_that_is_restricted_now_is_gone_from_the_next_extract(house: House) -> None:
    house.grant()
    gone = house.add("Goutte")
    assert house.follow() == 1
    body = ProblemBody(Concept("Goutte"))
    record.amend(house.alpha.practice, gone.version, body, sensitivity=Sensitivity.RESTRICTED)
    assert house.follow() == 1
    assert words(house.arrived()) == {"Asthme"}


@pytest.mark.parametrize("why", ["single", "revoked", "ended", "to come", "replaced", "removed", "key changed"])
def test_nothing_goes_under_a_consent_that_does_not_stand(house: House, why: str) -> None:
    ends: dict[str, dict[str, Any]] = {
        "ended": {"ends": "2026-03-01"},
        "to come": {"begins": "2026-04-01"},
        "single": {"stands": False},
    }
    consent = house.grant(**ends.get(why, {}))
    if why == "revoked":
        sharing.revoke(house.alpha, consent)
    elif why == "ended":
        house.clock.moment += timedelta(days=2)
    elif why == "replaced":
        house.grant(stands=False, kinds=(Kind.ALLERGY,))
    elif why in ("removed", "key changed"):
        state = State.REMOVED if why == "removed" else State.KEY_CHANGED
        with transaction(house.alpha.record):
            colleagues.set_state(house.alpha.record, house.of_beta.num, state, "")
    house.add("Goutte")
    assert (house.follow(), house.follow(), house.extracts()) == (0, 0, [])
    assert followed.due(house.alpha.record, house.alpha.practice.today()) == []


def test_what_changed_meanwhile_goes_on_the_day_on_which_a_consent_begins(house: House) -> None:
    house.grant(begins="2026-03-03")
    house.add("Goutte")
    assert house.follow() == 0
    house.clock.moment += timedelta(days=2)
    assert (house.follow(), house.follow()) == (1, 0)


def test_what_changed_meanwhile_goes_once_the_colleague_is_verified_again(house: House) -> None:
    house.grant()
    with transaction(house.alpha.record):
        colleagues.set_state(house.alpha.record, house.of_beta.num, State.KEY_CHANGED, "")
    house.add("Goutte")
    assert house.follow() == 0
    with transaction(house.alpha.record):
        colleagues.set_state(house.alpha.record, house.of_beta.num, State.VERIFIED_BY_PHONE, "2026-03-01")
    assert house.follow() == 1


def test_an_unsent_change_passes_to_the_consent_that_takes_the_place_of_another(house: House) -> None:
    house.grant()
    house.add("Goutte")  # and the program is killed before anything went
    house.grant(purpose="suite")
    assert house.follow() == 1


# --- whoever saved, and however ----------------------------------------------------------------------------------


def test_an_import_and_taken_over_entries_go_too(house: House, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_bytes(bundle(PATIENT, condition("c1", "Asthme")))
    importing.import_paths(house.alpha.practice, [file])
    (num,) = house.alpha.record.execute("SELECT num FROM patient WHERE family_name <> 'Dupont-Martin'").fetchall()[0]
    imported = versions.identifier(house.alpha.record, num)
    sharing.grant(house.alpha, imported, house.of_beta, purpose="soins", stands=True)
    file.write_bytes(bundle(PATIENT, condition("c1", "Asthme"), condition("c2", "Goutte")))
    importing.import_paths(house.alpha.practice, [file])
    assert house.follow() == 1
    mine = record.add_patient(house.beta.practice, practices.ZOE)
    record.add(house.beta.practice, mine.id, ProblemBody(Concept("Angor")))
    sharing.grant(house.beta, mine.id, house.of_alpha, purpose="soins")
    sharing.share(house.beta, mine.id, house.of_alpha)
    house.grant()
    carry(house.beta, house.of_alpha, house.alpha, house.of_beta)
    reception.collect(house.alpha)
    assert house.follow() == 0  # what arrived is not in the record
    inbox.take(house.alpha, inbox.listing(house.alpha)[0].id, house.zoe.id)
    assert house.follow() == 1
    assert words(house.arrived()) == {"Asthme", "Angor"}


def test_what_a_secretary_saves_goes_whole_though_she_may_not_read_it(house: House) -> None:
    house.grant()
    here = house.alpha.practice
    secret = "une autre phrase de passe, longue aussi"  # noqa: S105
    staff.add(here, "Mme Accueil", roles.SECRETARY, secret, memory=keyring.MIN_MEMORY)
    desk = desk_room.establish(practice.unlock(here.folder, secret, clock=house.clock))
    try:
        assert record.chart(desk.practice, house.zoe.id).entries == ()
        body = PatientBody("Durand", ("Zoé",), "1958-07-03", "female")
        record.amend(desk.practice, house.zoe.version, body)
        assert [one[:2] for one in standing.follow(desk)] == [("Dr Beta", 1)]
    finally:
        desk.close()
    item = house.arrived()
    assert words(item) == {"Asthme"} and item.patient is not None and item.patient.family_name == "Durand"
    (line,) = [one for one in history.lines(here.connection) if one.action == "extract-followed"]
    assert history.names(here.connection)[line.user] == "Mme Accueil"


def test_a_merge_of_two_records_and_taking_them_apart_again(house: House) -> None:
    house.grant()
    twin = record.add_patient(house.alpha.practice, practices.ZOE)
    record.add(house.alpha.practice, twin.id, ProblemBody(Concept("Goutte")))
    assert house.follow() == 0
    merging.merge(house.alpha.practice, house.zoe.id, twin.id, "même personne")
    assert house.follow() == 1
    assert words(house.arrived()) == {"Asthme", "Goutte"}
    merging.unmerge(house.alpha.practice, twin.id, "deux personnes")
    assert house.follow() == 1
    assert words(house.arrived()) == {"Asthme"}


def test_settling_versions_goes(house: House) -> None:
    here = house.alpha.practice
    record.amend(here, house.problem.version, ProblemBody(Concept("A")))
    other = record.amend(here, house.problem.version, ProblemBody(Concept("B")))
    house.grant()
    record.settle(here, other.version)
    assert house.follow() == 1
    assert words(house.arrived()) == {"B"}


# --- interruptions, another window -------------------------------------------------------------------------------


def test_of_two_windows_one_sends(house: House) -> None:
    house.grant()
    house.add("Goutte")
    other = house.window(house.alpha.practice.folder)
    try:
        assert len(standing.follow(other)) == 1
    finally:
        other.close()
    assert (house.follow(), len(house.extracts())) == (0, 1)


def test_what_is_too_large_is_told_once_and_tried_again_after_the_next_change(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.grant()

    def refuse(*_: object) -> None:
        raise TooLarge(what="This extract", limit="1 MiB")

    house.add("Goutte")
    with monkeypatch.context() as patched:
        patched.setattr(stowing, "unstow", refuse)
        (held,) = standing.follow(house.alpha)
        assert held.refused is not None and house.extracts() == [] and house.follow() == 0
    assert house.follow() == 0
    house.add("Angor")
    assert house.follow() == 1


def test_what_a_colleague_lost_goes_once_more(house: House) -> None:
    house.grant()
    house.add("Goutte")
    house.follow()
    house.arrived()
    with transaction(house.alpha.record):
        followed.repeat(house.alpha.record, house.of_beta.num)
    assert (house.follow(), house.follow()) == (1, 0)


def test_what_was_never_sent_is_not_repeated(house: House) -> None:
    house.grant()
    with transaction(house.alpha.record):
        followed.repeat(house.alpha.record, house.of_beta.num)
    assert house.follow() == 0


# --- revoking ----------------------------------------------------------------------------------------------------


def test_revoking_says_what_was_kept_back_what_left_and_what_was_read(house: House) -> None:
    consent = house.grant()
    house.add("Goutte")
    house.follow()
    house.arrived()
    house.add("Angor")
    house.follow()
    carry(house.alpha, house.of_beta, house.beta, house.of_alpha)
    house.add("Zona")
    house.follow()
    done = sharing.revoke(house.alpha, consent)
    assert (done.never_sent, done.removal_requested, done.out_of_reach, done.opened) == (1, 2, 0, 1)
    house.arrived()
    assert [line.state for line in outbox.listing(house.alpha)] == [
        SentState.REMOVED, SentState.REMOVED, SentState.KEPT_BACK, SentState.SENT
    ]  # fmt: skip
    assert {item.state.value for item in inbox.listing(house.beta)} == {"withdrawn"}


def test_between_the_two_steps_of_a_revocation_another_window_moves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent = house.grant()
    house.add("Goutte")
    with monkeypatch.context() as patched:  # killed before it reached the postbox
        patched.setattr(desk_room, "dispatch", lambda _desk: [])
        house.follow()
        patched.setattr(withdrawing, "settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            sharing.revoke(house.alpha, consent)
    desk_room.dispatch(house.alpha)
    moved = {(one.feed, one.sequence) for one in postbox.progress(house.alpha.postbox)}
    (extract,) = house.extracts()
    assert (extract.feed, extract.sequence) not in moved
    sharing.settle_revocations(house.alpha)
    desk_room.dispatch(house.alpha)
    carry(house.alpha, house.of_beta, house.beta, house.of_alpha)
    assert reception.collect(house.beta).extracts == 0 and house.extracts() == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_waits_when_a_standing_consent_ends_by_its_date_is_kept_back(house: House) -> None:
    house.grant(ends="2026-03-02")
    house.add("Goutte")
    assert house.follow() == 1
    house.clock.moment += timedelta(days=3)
    assert (sharing.settle_revocations(house.alpha), sharing.settle_revocations(house.alpha)) == (1, 0)
    carry(house.alpha, house.of_beta, house.beta, house.of_alpha)
    assert reception.collect(house.beta).extracts == 0


def test_sealing_anew_asks_the_consent_again(house: House) -> None:
    consent = house.grant()
    house.add("Goutte")
    house.follow()
    (sent,) = house.extracts()
    with transaction(house.alpha.record):
        assert sharing.seal_anew(house.alpha, sent)
    assert (len(house.extracts()), house.follow()) == (2, 0)
    sharing.revoke(house.alpha, consent)
    with transaction(house.alpha.record):
        assert not sharing.seal_anew(house.alpha, sent)


def test_a_feed_that_stands_still_is_told(house: House) -> None:
    with transaction(house.alpha.postbox):
        piece = Piece(bytes(16), 1, b"other")
        postbox.report_incident(house.alpha.postbox, house.of_beta.id, piece, IncidentKind.AHEAD, "2026-03-01")
    assert outbox.frozen(house.alpha) == [("Dr Beta", IncidentKind.AHEAD, "2026-03-01")]
