"""Damaged backups, and what is none: refused by name, and nothing is changed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from localstore.backup import examining, making, manifest, restoring, shelf
from localstore.backup.errors import DamagedBackup, NoBackup
from tests import practices
from tests.backup.conftest import SECRET, cut, edit, everything, flip, opened, restore
from tests.practices import SteppingClock


def to_pipe(path: Path) -> None:
    """A pipe that nobody writes to: reading it would never end."""
    path.unlink()
    os.mkfifo(path)


def to_link(path: Path) -> None:
    """A link to the same bytes elsewhere."""
    path.rename(path.parent.parent / path.name)
    path.symlink_to(path.parent.parent / path.name)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "record emptied": (lambda b: cut(b / "record.db", 0), "record.db"),
    "record of one byte": (lambda b: cut(b / "record.db", 1), "record.db"),
    "record cut by a page": (lambda b: cut(b / "record.db", -4096), "record.db"),
    "record's first page": (lambda b: flip(b / "record.db", 100), "record.db"),
    "record's last page": (lambda b: flip(b / "record.db", -10), "record.db"),
    "record missing": (lambda b: (b / "record.db").unlink(), "record.db"),
    "postbox altered": (lambda b: flip(b / "postbox.db", 4096 * 3 + 7), "postbox.db"),
    "postbox missing": (lambda b: (b / "postbox.db").unlink(), "postbox.db"),
    "keyring missing": (lambda b: (b / "keyring").unlink(), "keyring"),
    "keyring empty": (lambda b: cut(b / "keyring", 0), "keyring"),
    "keyring absurd": (lambda b: edit(b / "keyring", b"67108864", b"99999999"), "keyring"),
    "settings altered": (lambda b: edit(b / "practice.toml", b"= 5", b"= 0"), "practice.toml"),
    "record a link": (lambda b: to_link(b / "record.db"), "record.db"),
    "settings a pipe": (lambda b: to_pipe(b / "practice.toml"), "practice.toml"),
    "manifest a pipe": (lambda b: to_pipe(b / "manifest"), "manifest"),
    "manifest missing": (lambda b: (b / "manifest").unlink(), "manifest"),
    "manifest empty": (lambda b: cut(b / "manifest", 0), "manifest"),
    "manifest cut": (lambda b: cut(b / "manifest", 300), "manifest"),
    "manifest huge": (lambda b: (b / "manifest").write_bytes(b" " * 20_000), "manifest"),
    "manifest of another format": (lambda b: edit(b / "manifest", b'"format": 1', b'"format": 2'), "manifest"),
    "manifest of another day": (lambda b: edit(b / "manifest", b"2026-03-01", b"2026-03-02"), "manifest"),
    "manifest with a path": (lambda b: edit(b / "manifest", b'"keyring"', b'"../x"'), "manifest"),
    "manifest with a number too large": (lambda b: edit(b / "manifest", b'"line": ', b'"line": 9'), "manifest"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_refused_by_the_name_of_its_file(backup: Path, tmp_path: Path, damage: str) -> None:
    spoil, file = DAMAGE[damage]
    spoil(backup)
    before = everything(tmp_path)
    with pytest.raises(DamagedBackup) as caught:
        restore(backup, tmp_path / "new")
    assert caught.value.exit_code == 6
    told = caught.value.told(str)
    assert f"The backup {backup} is damaged: {file}: " in told and "Nothing was changed." in told
    assert everything(tmp_path) == before


def test_a_foreign_keyring_is_refused_even_where_the_manifest_was_adapted(backup: Path, tmp_path: Path) -> None:
    """Whoever has the stick can make a manifest that fits, but no MAC; and his passphrase opens his keyring only."""
    practices.make(tmp_path / "other").close()
    data = (tmp_path / "other" / "keyring").read_bytes()
    (backup / "keyring").write_bytes(data)
    told = manifest.decode((backup / "manifest").read_bytes(), "")
    pieces = tuple(
        manifest.Piece(one.name, len(data), manifest.digest(data)) if one.name == "keyring" else one
        for one in told.files
    )
    forged = manifest.Manifest(told.format, told.practice, told.incarnation, told.made, told.head, pieces, told.mac)
    (backup / "manifest").write_bytes(manifest.encode(forged))
    with pytest.raises(DamagedBackup, match="manifest: it was altered, or belongs to another practice"):
        restore(backup, tmp_path / "new")


def test_the_record_of_another_moment_is_refused(folder: Path, tmp_path: Path) -> None:
    """Both were made by this practice, and each is sound: but the manifest speaks of the other."""
    here, clock = opened(folder), SteppingClock()
    first = making.make(here, tmp_path / "place").folder
    shutil.copytree(first, tmp_path / "earlier")
    practices.add_zoe(here)
    second = making.write(making.Source(folder, here.key, clock), tmp_path / "later").folder
    here.close()
    shutil.copyfile(tmp_path / "earlier" / "record.db", second / "record.db")
    told = shelf.look_at(second)
    reason = "it has another length" if told.seen else "it has come less far, or further, than the manifest says"
    with pytest.raises(DamagedBackup, match=reason):
        restore(second, tmp_path / "new")


@pytest.mark.parametrize("what", ["empty folder", "file", "nothing", "practice"])
def test_what_is_no_backup_is_said_to_be_none(folder: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "file").write_bytes(b"x")
    path = {
        "empty folder": tmp_path / "empty",
        "file": tmp_path / "empty" / "file",
        "nothing": tmp_path / "nowhere",
        "practice": folder,
    }[what]
    with pytest.raises(NoBackup):
        restore(path, tmp_path / "new")


def test_every_page_of_a_copy_is_looked_at(backup: Path, tmp_path: Path) -> None:
    """One flipped bit in each page in turn, whether it is in use or free."""
    path = backup / "record.db"
    data = path.read_bytes()
    key = restoring.record_keys(backup, SECRET)
    pages = len(data) // 4096
    for page in range(pages):
        altered = bytearray(data)
        altered[page * 4096 + 1000 + page % 3000] ^= 4
        path.write_bytes(altered)
        with pytest.raises(DamagedBackup):
            examining.examine(backup, key, every_page=True)
    assert pages > 20
    path.write_bytes(data)
    examining.examine(backup, key, every_page=True)
