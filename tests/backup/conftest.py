"""Practices for the tests of backups: one is made for each worker, and copied."""

import shutil
from pathlib import Path

import pytest

from localstore.backup import making, restoring
from localstore.backup.restoring import Passphrase
from localstore.practice import Practice, unlock
from tests import practices
from tests.practices import PASSPHRASE, SteppingClock

SECRET = Passphrase(PASSPHRASE)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice with its postbox and one patient; to be copied, not used."""
    folder = tmp_path_factory.mktemp("pristine") / "practice"
    desk = practices.make_desk(folder)
    practices.add_zoe(desk.practice)
    desk.close()
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A practice of this test alone, locked."""
    return Path(shutil.copytree(pristine, tmp_path / "practice"))


def opened(folder: Path, clock: SteppingClock | None = None) -> Practice:
    """The practice in a folder, unlocked."""
    return unlock(folder, PASSPHRASE, clock=clock or SteppingClock())


@pytest.fixture(scope="session")
def good(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the practice; to be copied, not used."""
    place = tmp_path_factory.mktemp("good")
    shutil.copytree(pristine, place / "practice")
    here = opened(place / "practice")
    made = making.make(here, place / "place")
    here.close()
    return made.folder


@pytest.fixture
def backup(good: Path, tmp_path: Path) -> Path:
    """A backup of the practice, in a place of its own."""
    return Path(shutil.copytree(good, tmp_path / "place" / good.name))


def restore(backup: Path, target: Path, secret: restoring.Secret = SECRET, replace: bool = False) -> restoring.Restored:
    """Put a backup back."""
    return restoring.restore(backup, target, secret, replace=replace, clock=SteppingClock())


def everything(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its name in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    """Cut a file to a size; a negative one is how much is cut off."""
    path.write_bytes(path.read_bytes()[:size])


def edit(path: Path, old: bytes, new: bytes) -> None:
    """Replace some bytes of a file."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
