"""The restore drill, and backups that are made without being asked for."""

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from localstore import head, history, paths, settings
from localstore.backup import automatic, drill, making, restoring, scratch
from localstore.backup.errors import DamagedBackup
from localstore.errors import WrongPassphrase
from localstore.practice import Practice
from tests import practices
from tests.backup.conftest import SECRET, cut, opened, restore
from tests.practices import NOON, SteppingClock


def hold(here: Practice, backup: Path, secret: restoring.Secret = SECRET) -> drill.Drilled:
    return drill.hold(here, backup, secret, lambda *_: None)


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_drill_changes_one_line_of_the_history_and_nothing_else(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    before = head.current(here.connection)
    done = hold(here, paths.backups(folder))
    assert (done.backup, done.patients, done.entries) == (made.folder, 1, 0) and done.seconds > 0
    after = head.current(here.connection)
    assert (after.commits, after.line) == (before.commits + 1, before.line + 1)
    last = history.lines(here.connection)[-1]
    assert (last.action, last.subject, last.detail) == ("restore-drill", made.folder.name, "passed")
    assert drill.last(here.connection) == last.at
    assert left(folder) == []
    here.close()


def test_a_drill_is_alone_in_a_private_folder_that_goes_away_with_an_error_too(folder: Path) -> None:
    here = opened(folder)
    making.make(here, paths.backups(folder))
    seen: list[int] = []

    def watch(stage: str, _done: int, _total: int) -> None:
        for path in folder.glob(f"{scratch.PREFIX}*"):
            seen.append(path.stat().st_mode & 0o777)
            raise OSError(5, "Input/output error", str(path))

    with pytest.raises(OSError, match="Input/output"):
        drill.hold(here, paths.backups(folder), SECRET, watch)
    assert seen == [0o700] and left(folder) == []
    assert history.lines(here.connection)[-1].detail == "failed"
    assert drill.last(here.connection) == ""
    here.close()


def test_a_drill_with_another_passphrase_or_a_damaged_backup_fails_and_is_written_down(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    with pytest.raises(WrongPassphrase):
        hold(here, made.folder, restoring.Passphrase("tout autre chose"))
    cut(made.folder / "record.db", -4096)
    with pytest.raises(DamagedBackup):
        hold(here, made.folder)
    assert [line.detail for line in history.lines(here.connection)][-2:] == ["failed", "failed"]
    assert left(folder) == []
    here.close()


def test_a_drill_wants_a_backup_of_this_very_record(folder: Path, tmp_path: Path) -> None:
    """A copy of the folder that went its own way has the same practice and the same keys, but another history."""
    twin = Path(shutil.copytree(folder, tmp_path / "twin"))
    there = opened(twin, SteppingClock(NOON + timedelta(days=1)))
    practices.add_zoe(there)
    made = making.make(there, tmp_path / "place")
    there.close()
    here = opened(folder)
    with pytest.raises(DamagedBackup, match="its history is not the beginning of the history of this practice"):
        hold(here, made.folder)
    other = practices.make(tmp_path / "other")
    foreign = making.make(other, tmp_path / "elsewhere")
    other.close()
    with pytest.raises(DamagedBackup, match="it belongs to another practice"):
        hold(here, foreign.folder)
    here.close()


def test_a_practice_that_was_restored_drills_with_backups_from_before(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    made = making.make(here, tmp_path / "place")
    here.close()
    again = opened(restore(made.folder, tmp_path / "new").folder)
    assert hold(again, made.folder).patients == 1
    again.close()


# --- without being asked ------------------------------------------------------------------------------------------


def later(**by: float) -> datetime:
    return NOON + timedelta(**by)


def test_a_backup_is_due_when_there_was_none_for_a_day(folder: Path) -> None:
    assert automatic.due(folder, NOON)
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    assert not automatic.due(folder, later(hours=1))
    assert not automatic.due(folder, later(hours=23))
    assert automatic.due(folder, later(hours=25))
    (made.folder / "manifest").write_bytes(b"{}")
    assert automatic.due(folder, later(hours=1))
    here.close()


def test_a_backup_from_the_future_does_not_keep_others_from_being_made(folder: Path) -> None:
    here = opened(folder, SteppingClock(later(days=4000)))
    making.make(here, paths.backups(folder))
    assert automatic.due(folder, NOON)
    here.close()


def test_automatic_makes_what_is_due_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    clock = SteppingClock()
    here = opened(folder, clock)
    assert automatic.automatic(here, lambda *_: None) is not None
    assert automatic.automatic(here, lambda *_: None) is None
    settings.write(folder, settings.Settings(backup=settings.Backup(str(tmp_path / "stick"))))
    assert automatic.places(folder) == ((paths.backups(folder),), tmp_path / "stick")
    assert automatic.automatic(here, lambda *_: None) is None
    (tmp_path / "stick").mkdir()
    made = automatic.automatic(here, lambda *_: None)
    assert made is not None and made.folder.parent == tmp_path / "stick"
    clock.moment += timedelta(days=2)
    assert automatic.due(folder, clock())
    assert automatic.automatic(here, lambda *_: None) is not None
    assert not automatic.due(folder, clock())
    here.close()


def test_a_manifest_that_somebody_else_wrote_does_not_put_off_a_backup(folder: Path, tmp_path: Path) -> None:
    other = practices.make(tmp_path / "other")
    making.make(other, paths.backups(folder))
    other.close()
    here = opened(folder)
    assert automatic.automatic(here, lambda *_: None) is not None
    here.close()


def test_a_place_that_fails_keeps_none_of_the_others_from_a_backup(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    settings.write(folder, settings.Settings(backup=settings.Backup(str(tmp_path / "stick"))))
    paths.backups(folder).write_bytes(b"in the way")
    here = opened(folder)
    with pytest.raises(making.ERRORS):
        automatic.automatic(here, lambda *_: None)
    assert not automatic.is_due(tmp_path / "stick", later(hours=1), here.key)
    here.close()


def test_a_backup_from_the_future_is_no_fresh_one(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    here.close()
    ahead = opened(folder, SteppingClock(later(days=4000)))
    making.make(ahead, paths.backups(folder))
    ahead.close()
    here = opened(folder)
    assert automatic.newest(paths.backups(folder), later(days=9), here.key) == datetime.fromisoformat(made.made)
    assert automatic.newest(paths.backups(folder), later(days=-1), here.key) is None
    here.close()


def test_a_drill_takes_a_backup_of_this_practice_past_a_newer_one_of_another(folder: Path, tmp_path: Path) -> None:
    here, place = opened(folder), tmp_path / "place"
    made = making.make(here, place)
    other = practices.make(tmp_path / "other", clock=SteppingClock(later(days=1)))
    making.make(other, place)  # under the same passphrase, even
    other.close()
    done = hold(here, place)
    assert done.backup == made.folder and done.passed_over == ()
    here.close()


def test_a_drill_removes_what_a_killed_one_left(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    making.make(here, tmp_path / "place")
    left, small = folder / f"{scratch.PREFIX}drill", folder / ".practice.toml.abcdefgh"
    left.mkdir()
    small.write_bytes(b"")
    os.utime(small, (0, 0))
    hold(here, tmp_path / "place")
    assert not left.exists() and not small.exists()
    here.close()
