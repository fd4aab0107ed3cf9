"""Going on with a record whose head is gone or remembers more: who may, and what an interruption leaves."""

import shutil
import zipfile
from pathlib import Path

import pytest

from localstore import acceptance, head, history, inspection, paths, practice, roles, staff
from localstore.clock import system_clock
from localstore.errors import AccessEnded, MissingHead, NotYourRole, StaleStore, WrongPassphrase
from localstore.keys import keyring
from localstore.practice import Practice
from tests import practices
from tests.faults.reopening import keys_of

GOLDEN = Path(__file__).parent.parent / "golden" / "0.1.0.zip"
SECRET = "une autre phrase"  # noqa: S105


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice with a secretary; closed."""
    here = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    practices.add_zoe(here)
    staff.add(here, "Secrétaire", roles.SECRETARY, SECRET, memory=keyring.MIN_MEMORY)
    here.close()
    return here.folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "alpha"))


def accept(folder: Path, secret: str = practices.PASSPHRASE) -> Practice:
    """Accept the record as it stands."""
    return acceptance.accept(folder, secret, clock=practices.SteppingClock())


def put_back(folder: Path, template: Path) -> head.Head:
    """Let the record fall behind its head, which is returned."""
    here = practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    practices.add_zoe(here)
    remembered = head.current(here.connection)
    here.close()
    shutil.copyfile(paths.record(template), paths.record(folder))
    with pytest.raises(StaleStore):
        practice.unlock(folder, practices.PASSPHRASE)
    return remembered


def test_what_the_old_head_remembered_is_told_and_a_new_incarnation_begins(folder: Path, template: Path) -> None:
    before = practice.unlock(Path(shutil.copytree(template, folder.with_name("before"))), practices.PASSPHRASE)
    before.close()
    remembered = put_back(folder, template)
    here = accept(folder)
    last = history.lines(here.connection)[-1]
    assert (last.action, last.detail) == ("head-accepted", f"line {remembered.line}, commit {remembered.commits}")
    assert here.incarnation != before.incarnation
    assert head.read(paths.head(folder), here.key) == head.current(here.connection)
    inspection.require_sound(here.connection, "record.db")
    here.close()
    practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock()).close()


def test_interrupted_before_the_head_it_is_refused_and_can_be_accepted_again(folder: Path) -> None:
    paths.head(folder).unlink()
    paths.head(folder).mkdir()  # a head that cannot be written: all before it is done
    with pytest.raises(OSError, match="head"):
        accept(folder)
    paths.head(folder).rmdir()
    with pytest.raises(MissingHead):
        practice.unlock(folder, practices.PASSPHRASE)
    here = accept(folder)
    told = [line.detail for line in history.lines(here.connection) if line.action == "head-accepted"]
    assert len(told) == 2 and "no plain file" in told[0]
    here.close()


def test_interrupted_with_an_old_head_in_place_the_evidence_is_still_there(folder: Path, template: Path) -> None:
    remembered = put_back(folder, template)
    kept = paths.head(folder).read_bytes()
    accept(folder).close()
    paths.head(folder).write_bytes(kept)  # as if it had ended before the head
    with pytest.raises(StaleStore):
        practice.unlock(folder, practices.PASSPHRASE)
    here = accept(folder)
    told = [line.detail for line in history.lines(here.connection) if line.action == "head-accepted"]
    assert told == [f"line {remembered.line}, commit {remembered.commits}"] * 2
    here.close()


def test_only_a_doctor_who_may_still_work_accepts_and_nothing_changes_otherwise(folder: Path) -> None:
    here = practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    doctor = staff.add(here, "Dr M", roles.DOCTOR, "encore une autre", until="2026-03-02", memory=keyring.MIN_MEMORY)
    here.close()
    paths.head(folder).unlink()
    before = paths.record(folder).read_bytes()
    with pytest.raises(NotYourRole):
        accept(folder, SECRET)
    with pytest.raises(AccessEnded):
        acceptance.accept(folder, "encore une autre", clock=system_clock)
    with pytest.raises(WrongPassphrase):
        accept(folder, "aucune")
    assert doctor.until and not paths.head(folder).exists() and paths.record(folder).read_bytes() == before


def test_each_of_two_record_keys_is_tried(folder: Path) -> None:
    keys = (bytes(32), *keys_of(folder).records)
    record = acceptance._open(folder, keys, practices.SteppingClock())
    assert record.key == keys[1]
    assert acceptance._remembered(folder, keys).startswith("line ")
    record.connection.close()


def test_a_record_of_the_first_release_is_backed_up_before_it_is_upgraded(tmp_path: Path) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "practice"
    here = accept(folder)
    assert [path for path in paths.backups(folder).iterdir() if path.is_dir()]
    inspection.require_sound(here.connection, "record.db")
    here.close()
    practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock()).close()
