"""An archived record is always readable, and what came in again meanwhile is said before anything is changed; what a
crash leaves in the archive is swept at the next unlocking; and nobody who is expected goes there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import exporting, history, importing, keystore, paths, patients, record
from localstore.agenda import appointments
from localstore.agenda.day import CANCELLED
from localstore.bodies import AppointmentBody, DocumentBody, ProblemBody, RecallBody
from localstore.documents import adding
from localstore.errors import Refused
from localstore.practice import Practice, unlock
from localstore.rights import archive, archiving, erasure, keeping
from localstore.rights.erasure import Ground
from localstore.rights.terms_of_keeping import State
from localstore.values import Concept
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.rights import cases


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An open practice with nobody in it."""
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def comes_back_after_the_other_one_left(practice: Practice, patient: str, other: str) -> None:
    """Both are readable, whichever is in the archive; the way out that the refusal names is one."""
    before, name = archiving.read(practice, patient, "suivi"), patients.resolve(practice.connection, other)
    newer = record.every_version(practice, other)
    with pytest.raises(Refused, match=f"{name.family_name}.*{other[:16]}"):
        archiving.bring_back(practice, patient)
    assert cases.unsound(practice) == []
    assert record.every_version(practice, other) == newer
    archiving.into_archive(practice, other)
    assert len(archive.listing(practice)) == 2
    archiving.bring_back(practice, patient)
    assert record.chart(practice, patient) == before
    assert cases.unsound(practice) == []
    assert len(archiving.read(practice, other, "suivi").entries) >= 1
    with pytest.raises(Refused):
        archiving.bring_back(practice, other)
    assert [one.seen for one in archiving.findings(practice)] == ["", "", ""]


def test_a_file_that_was_imported_again_meanwhile(practice: Practice, tmp_path: Path) -> None:
    patient, scan = practices.add_zoe(practice).id, tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4 hello " + b"x" * 5000)
    adding.add(practice, patient, scan, DocumentBody(title="scan"))
    bundle = tmp_path / "zoe.json"
    bundle.write_bytes(exporting.export_patient(practice, patient).data)
    archiving.into_archive(practice, patient)
    assert not importing.import_paths(practice, [bundle]).broken
    (other,) = patients.listing(practice.connection)
    comes_back_after_the_other_one_left(practice, patient, other.id)


def test_an_extract_that_was_taken_again_meanwhile(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    zoe = practices.add_zoe(alpha.practice).id
    record.add(alpha.practice, zoe, ProblemBody(Concept("Asthme")), "2020")
    sharing.grant(alpha, zoe, of_beta, purpose="avis")
    taken: list[str] = []
    for body in (None, ProblemBody(Concept("Migraine"))):
        if body is not None:
            archiving.into_archive(beta.practice, taken[0])
            record.add(alpha.practice, zoe, body, "2021")
        sharing.share(alpha, zoe, of_beta)
        practices.carry(alpha, of_beta, beta, of_alpha)
        reception.collect(beta)
        newest = next(item for item in inbox.listing(beta) if item.state == "new")
        taken.append(inbox.take(beta, newest.id, new=True).patient)
    comes_back_after_the_other_one_left(beta.practice, *taken)
    for desk in (alpha, beta):
        desk.close()


# --- what a crash leaves ----------------------------------------------------------------------------------------------


def killed(*_given: object, **_named: object) -> int:
    """The process is killed here."""
    raise KeyboardInterrupt


def test_an_erasure_that_was_interrupted_is_ended_by_the_next_unlocking(practice: Practice) -> None:
    patient = cases.marked(practice)
    archiving.into_archive(practice, patient)
    key = keystore.get(practice.connection, keystore.ARCHIVE)
    assert key is not None
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(archive, "sweep", killed)
        erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    assert cases.traces(paths.archive(practice.folder), key)
    assert [one.seen for one in archiving.findings(practice)][2].startswith("it still holds a record")
    again = unlock(practice.folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    try:
        assert cases.traces(paths.archive(again.folder), key) == {}
        assert [one.seen for one in archiving.findings(again)] == ["", "", ""]
        assert archive.listing(again) == []
    finally:
        again.close()


def test_an_archiving_that_was_interrupted_leaves_no_second_copy(practice: Practice) -> None:
    patient = cases.marked(practice)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("localstore.rights.archiving.removals.take_out", killed)
        archiving.into_archive(practice, patient)
    key = keystore.get(practice.connection, keystore.ARCHIVE)
    assert key is not None and cases.traces(paths.archive(practice.folder), key)
    unlock(practice.folder, practices.PASSPHRASE, clock=practices.SteppingClock()).close()
    assert cases.traces(paths.archive(practice.folder), key) == {}
    assert len(record.every_version(practice, patient)) == 6


def test_the_first_archiving_that_was_interrupted_can_be_tried_again(practice: Practice) -> None:
    """The file of the archive is there, and the record does not say so yet: its key must not be gone."""
    patient = cases.marked(practice)
    real = keystore.put

    def put(connection: object, name: str, *given: object) -> None:
        if name == keystore.ARCHIVE_MADE:
            raise KeyboardInterrupt
        real(connection, name, *given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(keystore, "put", put)
        archiving.into_archive(practice, patient)
    assert paths.archive(practice.folder).exists()
    archiving.into_archive(practice, patient)
    assert [one.id for one in archive.listing(practice)] == [patient]


def test_a_damaged_archive_keeps_nobody_from_working(practice: Practice) -> None:
    archiving.into_archive(practice, cases.marked(practice))
    paths.archive(practice.folder).write_bytes(b"")
    again = unlock(practice.folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    cases.other(again)
    again.close()


# --- who is expected --------------------------------------------------------------------------------------------------


def state_of(practice: Practice, patient: str) -> State:
    """Where the record stands; the list of all says the same."""
    found = keeping.of_patient(practice, patient).state
    assert {one.patient.id: one.state for one in keeping.listing(practice)}[patient] is found
    return found


def test_whoever_has_an_appointment_is_not_archived(tmp_path: Path) -> None:
    practice, patient = unused(tmp_path)
    assert state_of(practice, patient) is State.DORMANT
    visit = record.add(practice, patient, AppointmentBody(reason="contrôle"), "2026-03-02T09:00:00Z")
    assert state_of(practice, patient) is State.ACTIVE
    with pytest.raises(Refused, match="2026-03-02"):
        archiving.into_archive(practice, patient)
    assert cases.unsound(practice) == []
    appointments.mark(practice, visit.version, CANCELLED)
    assert state_of(practice, patient) is State.DORMANT
    archiving.into_archive(practice, patient)
    assert "patient-archived" in [line.action for line in history.lines(practice.connection)]
    practice.close()


@pytest.mark.parametrize(("due", "state"), [("2026-05", State.ACTIVE), ("2025-06-01", State.ACTIVE),
                                            ("2024-01", State.DORMANT)])  # fmt: skip
def test_whoever_is_recalled_is_not_to_be_archived(tmp_path: Path, due: str, state: State) -> None:
    practice, patient = unused(tmp_path)
    record.add(practice, patient, RecallBody(Concept("vaccin")), due)
    assert state_of(practice, patient) is state
    practice.close()


def unused(tmp_path: Path) -> tuple[Practice, str]:
    """A practice of 2026 with a patient who was last seen in 2019."""
    clock = practices.SteppingClock(practices.NOON.replace(year=2019))
    practice = practices.make(tmp_path / "practice", clock=clock)
    patient = practices.add_zoe(practice).id
    record.add(practice, patient, ProblemBody(Concept("Asthme")), "2019-02")
    clock.moment = practices.NOON
    return practice, patient
