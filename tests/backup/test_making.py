"""Making backups: what is in them, while others write; and what remains where one fails."""

import os
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from localstore import database, head, history, paths, patients
from localstore.backup import examining, making, manifest, scratch, shelf, still
from localstore.backup.errors import BackupFailed, BackupUnderWay
from localstore.backup.rotation import DAYS
from localstore.backup.still import Store
from localstore.database import Connection
from localstore.errors import BadInput
from localstore.migrations import APPLICATION_ID
from tests import practices
from tests.backup.conftest import opened
from tests.practices import SteppingClock


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_backup_holds_what_a_practice_needs_and_only_its_owner_reads_it(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    assert names(made.folder) == ["keyring", "manifest", "postbox.db", "practice.toml", "record.db"]
    assert shelf.NAME.fullmatch(made.folder.name)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.folder.iterdir()} == {0o600}
    assert (made.folder / "keyring").read_bytes() == (folder / "keyring").read_bytes()
    assert names(paths.backups(folder)) == [made.folder.name]
    here.close()


def test_the_manifest_says_how_far_the_record_had_come_and_the_history_tells_of_the_backup(folder: Path) -> None:
    here = opened(folder)
    before = head.current(here.connection)
    made = making.make(here, paths.backups(folder))
    told = manifest.read(made.folder)
    assert (told.practice, told.incarnation, told.made) == (here.id, here.incarnation, made.made)
    assert (told.head.commits, told.head.line, told.head.hash) == before
    last = history.lines(here.connection)[-1]
    assert (last.action, last.subject) == ("backup-made", made.folder.name)
    here.close()


def test_a_file_name_of_a_backup_can_stand_on_any_stick() -> None:
    assert not set(shelf.name_for(practices.NOON)) & set('<>:"/\\|?*')
    assert shelf.name_for(practices.NOON) != shelf.name_for(practices.NOON)


def test_nothing_of_the_record_stands_in_a_backup_in_the_clear(folder: Path) -> None:
    here = opened(folder)
    made = making.make(here, paths.backups(folder))
    everything = b"".join(path.read_bytes() for path in made.folder.iterdir())
    assert b"Dupont" not in everything and b"Cabinet" not in everything and here.key not in everything
    here.close()


@pytest.mark.parametrize("reading", [False, True], ids=["bytes", "pages"])
def test_a_copy_is_one_moment_while_others_write(folder: Path, reading: bool, tmp_path: Path) -> None:
    """Both ways of copying: the bytes of the file, and, while somebody reads an old moment, page by page."""
    here = opened(folder)
    reader = still.attach(Store(paths.record(folder), here.key, APPLICATION_ID)) if reading else None
    if reader is not None:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM history").fetchone()
    practices.add_zoe(here)
    stop = threading.Event()
    writer = opened(folder)

    def write() -> None:
        while not stop.is_set():
            practices.add_zoe(writer)
            database.rows(writer.connection, "PRAGMA wal_checkpoint(PASSIVE)")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        source = making.Source(folder, here.key, SteppingClock())
        made = [making.write(source, tmp_path / f"place{number}") for number in range(3)]
    finally:
        stop.set()
        thread.join()
    for one in made:
        assert examining.examine(one.folder, (here.key,), every_page=True).manifest.head == one.head
    assert made[-1].head.line <= head.current(here.connection).line
    if reader is not None:
        reader.close()
    writer.close()
    here.close()


def test_which_way_is_taken_depends_on_who_reads(folder: Path) -> None:
    here = opened(folder)
    stores = [Store(paths.record(folder), here.key, APPLICATION_ID)]
    with still.held(stores) as held:
        assert held[0].in_file
        practices.add_zoe(here)  # nobody waits, and the file does not change
        before = patients.count(held[0].connection)
    reader = still.attach(stores[0])
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM history").fetchone()
    practices.add_zoe(here)
    with still.held(stores) as held:
        assert not held[0].in_file
        assert patients.count(held[0].connection) == before + 2
    reader.close()
    here.close()


def test_while_a_database_is_held_its_file_does_not_change(folder: Path) -> None:
    here = opened(folder)
    with still.held([Store(paths.record(folder), here.key, APPLICATION_ID)]):
        before = paths.record(folder).stat()
        for _ in range(20):
            practices.add_zoe(here)
            database.rows(here.connection, "PRAGMA wal_checkpoint(PASSIVE)")
        after = paths.record(folder).stat()
        assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        assert paths.record(folder).with_name("record.db-wal").stat().st_size > 0
    database.rows(here.connection, "PRAGMA wal_checkpoint(PASSIVE)")
    assert paths.record(folder).stat().st_mtime_ns > before.st_mtime_ns
    here.close()


def test_a_second_backup_at_once_refuses_and_leaves_the_first_alone(folder: Path) -> None:
    here = opened(folder)
    place = paths.backups(folder)
    refused: list[str] = []

    def second(_stage: str, _done: int, _total: int) -> None:
        try:
            making.make(here, place)
        except BackupUnderWay as error:
            refused.append(error.told(str))

    made = making.make(here, place, second)
    assert refused and str(place) in refused[0]
    assert names(place) == [made.folder.name]
    here.close()


def test_what_an_ended_process_left_is_removed_by_the_next_backup(folder: Path) -> None:
    here = opened(folder)
    place = paths.backups(folder)
    (place / f"{scratch.PREFIX}abandoned").mkdir(parents=True)
    (place / f"{scratch.PREFIX}abandoned" / "record.db").write_bytes(b"half")
    made = making.make(here, place)
    assert names(place) == [made.folder.name]
    here.close()


def test_a_copy_that_is_not_good_is_removed_and_said(folder: Path, tmp_path: Path) -> None:
    """The disk has other bytes than were read: here because somebody writes into the copy before it is examined."""
    here = opened(folder)
    place = tmp_path / "place"

    def spoil(stage: str, _done: int, _total: int) -> None:
        if stage == making.CHECKING:
            (copy,) = place.glob(f"{scratch.PREFIX}*/record.db")
            with open(copy, "r+b") as file:
                file.seek(copy.stat().st_size // 2)
                file.write(os.urandom(64))

    with pytest.raises(BackupFailed, match=r"record\.db: .* It was removed") as caught:
        making.make(here, place, spoil)
    assert caught.value.exit_code == 6
    assert names(place) == []
    assert history.lines(here.connection)[-1].action != "backup-made"
    here.close()


def test_a_place_is_made_but_not_the_folder_that_it_would_stand_in(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    with pytest.raises(BadInput, match="is not a folder"):
        making.make(here, tmp_path / "stick" / "backups")
    assert not (tmp_path / "stick").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match="is not a folder"):
        making.make(here, tmp_path / "file")
    making.make(here, tmp_path / "new")
    here.close()


def test_a_practice_without_a_postbox_has_a_backup_too(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "practice")
    made = making.make(here, tmp_path / "place")
    assert "postbox.db" not in names(made.folder)
    examining.examine(made.folder, (here.key,), every_page=True)
    here.close()


def test_rotation_removes_only_good_backups_of_this_practice(folder: Path, tmp_path: Path) -> None:
    clock = SteppingClock()
    here, place = opened(folder, clock), tmp_path / "place"
    other = practices.make(tmp_path / "other", clock=SteppingClock(practices.NOON - timedelta(days=900)))
    foreign = making.make(other, place)
    damaged = making.make(here, place)
    (damaged.folder / "practice.toml").write_bytes(b"# altered")
    (place / "letters").mkdir()
    mine = []
    for _ in range(3):
        mine.append(making.make(here, place))
        clock.moment += timedelta(hours=1)
    assert mine[-1].removed == (mine[-2].folder.name,)
    kept = {foreign.folder.name, damaged.folder.name, "letters", mine[-1].folder.name}
    assert set(names(place)) == kept
    here.close()
    other.close()


def test_rotation_knows_backups_from_before_the_record_key_was_changed(folder: Path, tmp_path: Path) -> None:
    from localstore.keys import rotation

    clock = SteppingClock()
    here, place = opened(folder, clock), tmp_path / "place"
    before = making.make(here, place)
    rotation.change(here)
    here = opened(folder, clock)
    after = making.make(here, place)
    assert after.removed == (before.folder.name,)
    here.close()


def test_examining_changes_nothing_and_leaves_nothing_beside(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    made = making.make(here, tmp_path / "place")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in made.folder.iterdir()}
    for path in made.folder.iterdir():
        path.chmod(0o400)
    made.folder.chmod(0o500)  # as a write-protected stick
    examining.examine(made.folder, (here.key,), every_page=True)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in made.folder.iterdir()} == before
    made.folder.chmod(0o700)
    here.close()


def test_copying_page_by_page_may_change_the_key(folder: Path, tmp_path: Path) -> None:
    here = opened(folder)
    key = bytes(range(32))
    told: list[int] = []
    still.copy_pages(here.connection, tmp_path / "copy.db", key, told.append)
    store = Store(tmp_path / "copy.db", key, APPLICATION_ID)
    assert sum(told) == store.path.stat().st_size
    with still.closing(still.open_still(store)) as copied:
        assert head.current(copied) == head.current(here.connection)
        assert still.first_damage(copied, every_page=True) == ""
        _refuses_writing(copied)
    here.close()


def _refuses_writing(connection: Connection) -> None:
    with pytest.raises(database.DatabaseError, match="readonly"):
        connection.execute("DELETE FROM history")


def test_a_new_backup_outlives_those_that_a_wrong_clock_dated(folder: Path, tmp_path: Path) -> None:
    """The clock was eleven days ahead for ten days, then it was put right."""
    clock = SteppingClock()
    here, place = opened(folder, clock), tmp_path / "place"
    clock.moment += timedelta(days=11)
    for _ in range(10):
        making.make(here, place)
        clock.moment += timedelta(days=1)
    ahead = set(names(place))
    clock.moment = practices.NOON
    for _ in range(2):
        made = making.make(here, place)
        assert made.removed == () and made.folder.is_dir()
        clock.moment += timedelta(days=1, minutes=1)
    assert len(ahead) >= DAYS and ahead <= set(names(place))
    here.close()


def test_what_was_left_in_the_practice_folder_is_removed_by_the_next_backup(folder: Path, tmp_path: Path) -> None:
    """A drill that was killed leaves a whole copy of the record; a write that was killed, a small file."""
    here = opened(folder)
    now = here.clock().timestamp()
    left = folder / f"{scratch.PREFIX}drill"
    left.mkdir()
    (left / "record.db").write_bytes(b"all of it")
    old, fresh, other = folder / ".keyring.abcd_123", folder / ".keyring.abcd_124", folder / ".keyringabcd_123"
    for path in (old, fresh, other):
        path.write_bytes(b"{}")
        os.utime(path, (now - 7200, now - 7200) if path != fresh else (now - 60, now - 60))
    making.make(here, tmp_path / "place")
    assert [path.exists() for path in (left, old, fresh, other)] == [False, False, True, True]
    here.close()


def test_sweeping_leaves_a_folder_alone_in_which_somebody_works(folder: Path) -> None:
    with scratch.alone_in(folder), scratch.scratch(folder) as working:
        scratch.sweep(folder, practices.NOON)
        assert working.is_dir()
