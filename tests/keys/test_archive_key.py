"""Changing the record's key gives the archive a new key too, whatever is killed in between."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from random import Random

import pytest

from localstore import keystore, opening, paths, practice, record
from localstore.backup import automatic, making, restoring
from localstore.errors import DamagedStore
from localstore.keys import archive_key, rotation
from localstore.practice import Practice
from localstore.rights import archive, archiving
from localstore.rights.archive_tables import APPLICATION, MIGRATIONS
from tests import practices
from tests.keys.test_rotation import start
from tests.rights import cases


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed practice with one patient in use, and one in the archive."""
    here = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    cases.other(here)
    archiving.into_archive(here, cases.marked(here))
    here.close()
    return here.folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "alpha"))


def unlock(folder: Path) -> Practice:
    """Open it."""
    return practice.unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())


def key_of(here: Practice) -> bytes:
    """The key of the archive."""
    key = keystore.get(here.connection, keystore.ARCHIVE)
    assert key is not None
    return key


def all_is_there(folder: Path) -> None:
    """The record, and in the archive the one who was put there, who comes back; nothing is left over."""
    here = unlock(folder)
    try:
        assert not list(folder.glob("*.rekeyed*"))
        assert [one.seen for one in archiving.findings(here)] == ["", "", ""]
        (one,) = archive.listing(here)
        archiving.bring_back(here, one.id)
        assert len(record.every_version(here, one.id)) == 6
        assert cases.unsound(here) == []
        archiving.into_archive(here, one.id)
    finally:
        here.close()


def test_the_old_key_opens_nothing_of_what_is_archived_later(folder: Path) -> None:
    here = unlock(folder)
    old = key_of(here)
    assert cases.traces(paths.archive(folder), old)
    rotation.change(here)
    again = unlock(folder)
    archiving.into_archive(again, cases.marked(again))
    assert key_of(again) != old
    assert len(archive.listing(again)) == 2
    assert not paths.rekeyed_archive(folder).exists()
    with pytest.raises(DamagedStore):
        opening.open_existing(paths.archive(folder), old, APPLICATION, MIGRATIONS)
    assert cases.traces(paths.archive(folder), old) == {}
    assert set(cases.traces(paths.archive(folder), key_of(again))) >= {"Brumophilie", "Xylophag"}
    again.close()


def test_a_practice_without_an_archive_changes_its_key(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    rotation.change(here)
    again = unlock(tmp_path / "alpha")
    assert not archive.is_used(again)
    archiving.into_archive(again, cases.marked(again))
    again.close()
    all_is_there(tmp_path / "alpha")


@pytest.mark.parametrize("step", ["put_in_place", "settle"])
def test_killed_between_the_record_and_the_archive(folder: Path, step: str) -> None:
    """The record under its new key stands, the archive is still the old file: the next unlocking ends it. Also where
    that one is killed as well."""

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    here = unlock(folder)
    old = key_of(here)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_key, "put_in_place", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.change(here)
        assert paths.rekeyed_archive(folder).exists() and cases.traces(paths.archive(folder), old)
        if step == "settle":
            with pytest.raises(KeyboardInterrupt):
                unlock(folder)
    all_is_there(folder)
    again = unlock(folder)
    assert key_of(again) != old
    again.close()


def test_a_backup_after_an_interrupted_change_holds_the_archive(folder: Path, tmp_path: Path) -> None:
    here = unlock(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_key, "put_in_place", lambda _folder: None)
        rotation.change(here)
    again = unlock(folder)
    made = making.make(again, tmp_path / "place")
    assert automatic.places(folder).there
    again.close()
    secret = restoring.Passphrase(practices.PASSPHRASE)
    restoring.restore(made.folder, tmp_path / "again", secret, replace=False, clock=practices.SteppingClock())
    all_is_there(tmp_path / "again")


def test_a_change_that_fails_at_the_very_last_leaves_the_old_archive(folder: Path) -> None:
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(target).name == "record.db":
            raise OSError(28, "No space left on device")
        real(source, target)

    here = unlock(folder)
    old = key_of(here)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", replace)
        rotation.change(here)
    assert not list(folder.glob("*.rekeyed*"))
    all_is_there(folder)
    again = unlock(folder)
    assert key_of(again) == old
    again.close()


def test_what_a_change_that_never_came_to_the_record_left_is_removed(folder: Path) -> None:
    here = unlock(folder)
    archive_key.copy(folder, here.connection, lambda _bytes: None)
    here.close()
    assert paths.rekeyed_archive(folder).exists()
    all_is_there(folder)


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_damaged_archive_is_not_carried_over_as_if_it_were_sound(folder: Path, damage: str) -> None:
    path = paths.archive(folder)
    if damage == "missing":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[-2000] ^= 1
        path.write_bytes(data)
    here = unlock(folder)
    key = here.key
    with pytest.raises(DamagedStore, match=r"archive\.db"):
        rotation.change(here)
    again = unlock(folder)
    assert again.key == key and not list(folder.glob("*.rekeyed*"))
    again.close()


def test_killed_at_any_moment_the_archive_opens(template: Path, tmp_path: Path, at_full_length: bool) -> None:
    random = Random(20260301)  # noqa: S311 - moments, not secrets
    for number in range(60 if at_full_length else 3):
        folder = Path(shutil.copytree(template, tmp_path / f"{number}"))
        process = start(folder)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline()  # the copy of the archive announces itself
        try:
            process.wait(timeout=random.uniform(0, 0.12))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        all_is_there(folder)
        shutil.rmtree(folder)
