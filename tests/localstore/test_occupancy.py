"""Who has a practice open: the lock is on the file that has the name, also when a restoration moves the folder away."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from localstore import occupancy, paths
from localstore.errors import Occupied

pytestmark = pytest.mark.skipif(os.name == "nt", reason="locks of this kind are not used there")


def moving(monkeypatch: pytest.MonkeyPatch, move: Callable[[], None]) -> None:
    """Do something between the opening of a lock's file and the locking, each time."""
    real = os.open

    def opening(path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor = real(path, flags, mode)
        move()
        return descriptor

    monkeypatch.setattr("localstore.occupancy.os.open", opening)


def replace(folder: Path) -> None:
    """What a restoration does: another folder stands under the name."""
    number = len(list(folder.parent.iterdir()))
    folder.rename(folder.with_name(f"kept-{number}"))
    folder.mkdir()


def test_the_lock_is_on_the_folder_that_has_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    once = iter([lambda: replace(folder)])
    with monkeypatch.context() as patched:
        moving(patched, lambda: next(once, lambda: None)())
        taken = occupancy.share(folder)
    with pytest.raises(Occupied):
        occupancy.alone(folder)
    taken.close()
    occupancy.alone(folder).close()


def test_a_folder_that_goes_on_moving_is_occupied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    with monkeypatch.context() as patched:
        moving(patched, lambda: replace(folder))
        with pytest.raises(Occupied):
            occupancy.share(folder)
    occupancy.alone(folder).close()
    assert len(list(tmp_path.iterdir())) == occupancy.ATTEMPTS + 1


def test_a_folder_that_has_just_gone_is_occupied_and_one_that_never_was_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "practice"
    with pytest.raises(FileNotFoundError):
        occupancy.share(folder)
    folder.mkdir()
    with monkeypatch.context() as patched:
        moving(patched, lambda: os.rename(folder, tmp_path / "kept"))
        with pytest.raises(Occupied):
            occupancy.share(folder)


def test_being_alone_twice_is_being_alone_once(tmp_path: Path) -> None:
    taken = occupancy.alone(tmp_path)
    taken.alone()
    with pytest.raises(Occupied):
        occupancy.share(tmp_path)
    taken.shared()
    occupancy.share(tmp_path).close()
    taken.close()
    assert paths.occupancy(tmp_path).exists()
