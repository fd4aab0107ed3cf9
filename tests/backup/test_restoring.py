"""Putting a backup back: a new incarnation in one move, or nothing changed."""

import json
import re
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from localstore import (
    database,
    founding,
    head,
    history,
    incarnations,
    inspection,
    keystore,
    occupancy,
    paths,
    patients,
    postbox,
    record,
    roles,
    staff,
)
from localstore.backup import automatic, making, manifest, restoring, shelf, still
from localstore.backup.errors import DamagedBackup
from localstore.backup.restoring import Passphrase, Words
from localstore.bodies import ProblemBody
from localstore.errors import AlreadyThere, BadInput, NotYourRole, Occupied, WrongPassphrase
from localstore.keys import keyring, passphrase
from localstore.migrations import APPLICATION_ID
from localstore.practice import unlock
from localstore.values import Concept
from sync.sending import sharing
from tests import practices
from tests.backup.conftest import everything, flip, opened, restore
from tests.practices import PASSPHRASE, SteppingClock

ROOT = Path(__file__).parents[1]


def test_on_a_clean_machine_the_practice_is_as_it_was_in_a_new_incarnation(
    backup: Path, folder: Path, tmp_path: Path
) -> None:
    before = opened(folder)
    done = restore(backup, tmp_path / "far" / "new")
    assert (done.folder, done.backup, done.kept) == (tmp_path / "far" / "new", backup, None)
    after = opened(done.folder)
    assert after.id == before.id and after.incarnation != before.incarnation
    assert patients.listing(after.connection) == patients.listing(before.connection)
    told = manifest.read(backup)
    assert head.holds(after.connection, told.head.line, told.head.hash)
    last = history.lines(after.connection)[-1]
    assert (last.action, last.subject) == ("restored", backup.name)
    assert last.detail == f"{told.made} {told.head.line} {told.head.hash.hex()}"
    inspection.require_sound(after.connection, "record.db")
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["new"]
    assert not list(done.folder.glob("*manifest*"))
    before.close()
    after.close()


def test_the_postbox_serves_the_new_incarnation_and_every_feed_has_ended(tmp_path: Path) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    patient = practices.add_zoe(alpha.practice).id
    record.add(alpha.practice, patient, ProblemBody(concept=Concept(text="Asthme")))
    sharing.grant(alpha, patient, of_beta, purpose="soins")
    sharing.share(alpha, patient, of_beta)
    made = making.make(alpha.practice, tmp_path / "place")
    alpha.close()
    beta.close()
    done = restore(made.folder, tmp_path / "new")
    here = opened(done.folder)
    key = keystore.get(here.connection, "postbox")
    assert key is not None
    box = postbox.open_postbox(paths.postbox(done.folder), key)
    serving = incarnations.serving(box)
    assert serving is not None and serving.incarnation == here.incarnation
    assert [ended.peer for ended in incarnations.ended(box)] == [of_beta.id]
    box.close()
    here.close()


@pytest.mark.parametrize("named", ["folder", "file", "place"])
def test_a_backup_is_named_by_its_folder_a_file_in_it_or_its_place(backup: Path, tmp_path: Path, named: str) -> None:
    path = {"folder": backup, "file": backup / "record.db", "place": backup.parent}[named]
    assert restore(path, tmp_path / "new").backup == backup


def test_of_several_the_newest_good_one_is_taken_and_the_others_are_said(folder: Path, tmp_path: Path) -> None:
    clock = SteppingClock()
    here, place = opened(folder, clock), tmp_path / "place"
    made = []
    for _ in range(4):
        clock.moment += automatic.OFTEN_ENOUGH
        practices.add_zoe(here)
        made.append(making.make(here, place).folder)
    here.close()
    flip(made[3] / "record.db", 5 * 4096 + 1000)
    (made[2] / "keyring").unlink()
    done = restore(place, tmp_path / "new")
    assert done.backup == made[1]
    assert [(one.folder, one.file) for one in done.passed_over] == [(made[3], "record.db")]


def test_over_a_practice_only_when_asked_and_then_what_was_there_is_kept(
    backup: Path, folder: Path, tmp_path: Path
) -> None:
    here = opened(folder)
    practices.add_zoe(here)
    here.close()
    before = everything(folder)
    with pytest.raises(AlreadyThere, match="--replace"):
        restore(backup, folder)
    assert everything(folder) == before
    done = restore(backup, folder, replace=True)
    assert done.kept is not None and done.kept.parent == folder.parent
    assert everything(done.kept).items() >= before.items()
    after, kept = opened(folder), opened(done.kept)
    assert patients.count(after.connection) == 1 and patients.count(kept.connection) == 2
    after.close()
    kept.close()


def test_something_that_is_no_practice_is_not_overwritten_either(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(AlreadyThere):
        restore(backup, tmp_path / "letters")
    done = restore(backup, tmp_path / "letters", replace=True)
    assert done.kept is not None and (done.kept / "dear.txt").read_text(encoding="utf-8") == "dear"


def test_a_practice_that_is_open_is_not_replaced(backup: Path, folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    with pytest.raises(Occupied):
        restore(backup, folder, replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place", "practice"]
    practices.add_zoe(here)
    here.close()
    occupancy.alone(folder).close()


def test_a_wrong_passphrase_changes_nothing(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase):
        restore(backup, tmp_path / "new", Passphrase("autre chose, tout à fait"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place"]


def test_with_the_recovery_words_the_doctor_gets_a_new_passphrase(tmp_path: Path) -> None:
    """Row 28 of the faults: the passphrase is lost, and the machine with it."""
    clock = SteppingClock()
    identity = founding.Identity("Cabinet", "Lyon", "Dr Alpha", "10001234567")
    words = founding.make(tmp_path / "old", identity, PASSPHRASE, clock=clock, memory=keyring.MIN_MEMORY)
    here = unlock(tmp_path / "old", PASSPHRASE, clock=clock)
    practices.add_zoe(here)
    place = making.make(here, tmp_path / "place").folder
    here.close()
    shutil.rmtree(tmp_path / "old")
    new = "une toute nouvelle phrase de passe"
    for wrong in ("abaisser " * 24, passphrase.recovery_words(bytes(32))):
        with pytest.raises((BadInput, WrongPassphrase)):
            restore(place, tmp_path / "new", Words(wrong, new))
    assert not (tmp_path / "new").exists()
    restore(place, tmp_path / "new", Words(words, new))
    after = unlock(tmp_path / "new", new, clock=clock)
    assert patients.count(after.connection) == 1
    assert [line.action for line in history.lines(after.connection)][-2:] == ["passphrase-changed", "restored"]
    after.close()
    with pytest.raises(WrongPassphrase):
        unlock(tmp_path / "new", PASSPHRASE, clock=clock)


def test_only_a_doctor_may_restore(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    hers = "la phrase de passe du secrétariat"
    staff.add(here, "Secrétariat", roles.SECRETARY, hers, memory=keyring.MIN_MEMORY)
    made = making.make(here, tmp_path / "place")
    here.close()
    with pytest.raises(NotYourRole):
        restore(made.folder, tmp_path / "new", Passphrase(hers))
    assert not (tmp_path / "new").exists()


def test_what_comes_after_an_interrupted_restoration_removes_what_it_left(backup: Path, tmp_path: Path) -> None:
    left = tmp_path / ".confrere-scratch-left"
    left.mkdir()
    (left / "record.db").write_bytes(b"half")
    restore(backup, tmp_path / "new")
    assert not left.exists()


def test_a_practice_of_the_first_release_is_backed_up_as_it_is_and_restored_upgraded(tmp_path: Path) -> None:
    """What happens before the upgrade: nothing is migrated by the backup, and the backup opens with this release."""
    with zipfile.ZipFile(ROOT / "golden" / "0.1.0.zip") as archive:
        archive.extractall(tmp_path)
        expected = json.loads(archive.read("expected.json"))
    folder = tmp_path / "practice"
    ring = keyring.read(folder)
    key, *_ = keyring.unlock(ring, expected["passphrase"]).record_keys
    made = making.write(making.Source(folder, key, SteppingClock()), tmp_path / "place")
    with still.closing(still.attach(still.Store(paths.record(folder), key, APPLICATION_ID))) as connection:
        assert database.version(connection) == 2
    secrets: list[tuple[restoring.Secret, str]] = [
        (Passphrase(expected["passphrase"]), expected["passphrase"]),
        (Words(expected["recovery_words"], "une autre phrase"), "une autre phrase"),
    ]
    for number, (secret, opens) in enumerate(secrets):
        done = restore(made.folder, tmp_path / f"new{number}", secret)
        after = unlock(done.folder, opens, clock=SteppingClock())
        assert patients.count(after.connection) > 0
        inspection.require_sound(after.connection, "record.db")
        after.close()


def foreign(tmp_path: Path, place: Path, secret: str) -> Path:
    """A newer backup of another practice, under another passphrase, planted in a place."""
    clock = SteppingClock(practices.NOON + timedelta(days=1))
    identity = founding.Identity("Autre cabinet", "Lyon", "Dr Omega", "10001234567")
    founding.make(tmp_path / "foreign", identity, secret, clock=clock, memory=keyring.MIN_MEMORY)
    there = unlock(tmp_path / "foreign", secret, clock=clock)
    made = making.make(there, place).folder
    there.close()
    return made


def test_a_newer_backup_of_somebody_else_does_not_stand_in_the_way(backup: Path, tmp_path: Path) -> None:
    planted = foreign(tmp_path, backup.parent, "une phrase de quelqu'un d'autre")
    done = restore(backup.parent, tmp_path / "new")
    assert done.backup == backup
    assert done.passed_over == (restoring.PassedOver(planted, "", restoring.NOT_OURS),)
    assert restoring.choose(backup.parent, Passphrase(PASSPHRASE)).folder == backup
    with pytest.raises(WrongPassphrase):
        restore(backup.parent, tmp_path / "newer", Passphrase("autre chose, tout à fait"))
    with pytest.raises(WrongPassphrase):
        restore(planted, tmp_path / "newer")


def test_recovery_words_open_what_they_can_past_a_newer_backup_under_others(tmp_path: Path) -> None:
    identity = founding.Identity("Cabinet", "Lyon", "Dr Alpha", "10001234567")
    words = founding.make(tmp_path / "old", identity, PASSPHRASE, clock=SteppingClock(), memory=keyring.MIN_MEMORY)
    here = unlock(tmp_path / "old", PASSPHRASE, clock=SteppingClock())
    made = making.make(here, tmp_path / "place").folder
    here.close()
    foreign(tmp_path, tmp_path / "place", PASSPHRASE)
    restoring.require_opening(tmp_path / "place", Words(words, ""))
    with pytest.raises(WrongPassphrase):
        restoring.require_opening(tmp_path / "place", Words(passphrase.recovery_words(bytes(32)), ""))
    assert restore(tmp_path / "place", tmp_path / "new", Words(words, "une toute nouvelle phrase")).backup == made


def test_a_damaged_backup_that_is_ours_is_what_is_told_where_the_other_is_not_ours(
    backup: Path, tmp_path: Path
) -> None:
    foreign(tmp_path, backup.parent, "une phrase de quelqu'un d'autre")
    flip(backup / "record.db", 5 * 4096 + 1000)
    with pytest.raises(DamagedBackup, match=re.escape(str(backup))):
        restore(backup.parent, tmp_path / "far" / "new")
    assert not (tmp_path / "far").exists()


def test_the_backups_of_a_practice_that_is_replaced_stay_where_they_were(folder: Path) -> None:
    clock = SteppingClock()
    here = opened(folder, clock)
    made = making.make(here, paths.backups(folder)).folder
    here.close()
    done = restore(made, folder, replace=True)
    assert done.backup == made and made.is_dir()
    assert done.kept is not None and not paths.backups(done.kept).exists()
    assert [one.folder for one in shelf.standing(paths.backups(folder))] == [made]


def test_a_backup_elsewhere_in_the_replaced_folder_is_named_where_it_is_now(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, folder / "mine").folder
    here.close()
    done = restore(made, folder, replace=True)
    assert done.kept is not None
    assert done.backup == done.kept / "mine" / made.name and done.backup.is_dir()


def test_two_restorations_in_the_same_second_keep_both(backup: Path, folder: Path) -> None:
    kept = [restore(backup, folder, replace=True).kept for _ in range(3)]
    assert len(set(kept)) == 3
    assert all(one is not None and paths.holds_practice(one) for one in kept)


@pytest.mark.parametrize("name", ["practice.toml", "keyring", "record.db"])  # the postbox is copied first
def test_what_is_examined_is_what_is_used(backup: Path, folder: Path, tmp_path: Path, name: str) -> None:
    """A stick that gives other bytes once its files were looked at."""
    practices.make(tmp_path / "other").close()
    told: list[str] = []

    def exchange(stage: str, _done: int, _total: int) -> None:
        told.append(stage)
        if told[1:]:  # once, while the postbox is copied
            return
        data = (backup / name).read_bytes()
        if name == "record.db":
            (backup / name).write_bytes(bytes(len(data)))
        else:
            shutil.copyfile(tmp_path / "other" / name, backup / name)
            with open(backup / name, "ab") as file:
                file.write(b"\n")

    with pytest.raises(DamagedBackup, match=re.escape(f"The backup {backup} is damaged: {name}")):
        restoring.restore(
            backup,
            tmp_path / "new",
            Passphrase(PASSPHRASE),
            replace=False,
            clock=SteppingClock(),
            progress=exchange,
        )
    assert not (tmp_path / "new").exists()
