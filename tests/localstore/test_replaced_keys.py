"""A passphrase that is replaced comes with new keys: what a failed commit, a full disk or a crash leaves of that."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localstore import database, history, paths, practice, roles, staff, users
from localstore.errors import DamagedStore, WrongPassphrase
from localstore.head import HeadFile
from localstore.keys import keyring
from localstore.practice import Practice
from tests import practices
from tests.localstore.tampering import first_finding
from tests.localstore.test_staff import OTHER, THIRD, full

BETA = "Dr Beta"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed practice of two doctors."""
    here = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    staff.add(here, BETA, roles.DOCTOR, OTHER, memory=keyring.MIN_MEMORY)
    here.close()
    return here.folder


@pytest.fixture
def here(template: Path, tmp_path: Path) -> Iterator[Practice]:
    """A copy of it, opened by the first doctor."""
    folder = Path(shutil.copytree(template, tmp_path / "alpha"))
    opened = enter(folder, practices.PASSPHRASE)
    yield opened
    opened.close()


def enter(folder: Path, secret: str) -> Practice:
    """The practice as it opens for the owner of this passphrase."""
    return practice.unlock(folder, secret, clock=practices.SteppingClock())


def give(here: Practice) -> Practice:
    """The second doctor gets another passphrase from the first."""
    staff.give_passphrase(here, users.resolve(here.connection, BETA), THIRD, memory=keyring.MIN_MEMORY)
    return here


def change(here: Practice) -> Practice:
    """The second doctor changes his own."""
    return staff.change_passphrase(enter(here.folder, OTHER), OTHER, THIRD)


def refuse_commits(patch: pytest.MonkeyPatch, *, after: int = 0) -> None:
    """Every commit fails, as on a full disk, but so many first ones."""
    real, seen = HeadFile.before_commit, []

    def before_commit(witness: HeadFile, connection: database.Connection) -> None:
        seen.append(True)
        if len(seen) > after:
            raise database.DatabaseError("database or disk is full")
        real(witness, connection)

    patch.setattr(HeadFile, "before_commit", before_commit)


@pytest.mark.parametrize("gesture", [give, change])
def test_a_passphrase_whose_commit_fails_is_not_changed(here: Practice, gesture: Callable[[Practice], object]) -> None:
    ring, lines = staff.present(here), history.count(here.connection)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(database.DatabaseError):
        refuse_commits(patch)
        gesture(here)
    assert (staff.present(here), history.count(here.connection)) == (ring, lines)
    enter(here.folder, OTHER).close()


@pytest.mark.parametrize("gesture", [give, change])
def test_a_passphrase_that_does_not_reach_the_keyring_leaves_the_old_one(
    here: Practice, gesture: Callable[[Practice], object]
) -> None:
    """As a crash between the commit and the keyring leaves it: nobody is locked out, and the next try goes through."""
    ring = staff.present(here)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", full)
        gesture(here)
    assert staff.present(here) == ring
    theirs = enter(here.folder, OTHER)
    practices.add_zoe(theirs)
    theirs.close()
    gesture(here)
    with pytest.raises(WrongPassphrase):
        enter(here.folder, OTHER)
    enter(here.folder, THIRD).close()
    assert first_finding(here) is None


@pytest.mark.parametrize("gesture", [give, change])
def test_the_old_keys_end_at_the_latest_when_the_new_passphrase_opens(
    here: Practice, gesture: Callable[[Practice], object]
) -> None:
    """As a crash after the keyring leaves it."""
    user = users.resolve(here.connection, BETA)
    old = paths.keyring(here.folder).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        refuse_commits(patch, after=1)
        gesture(here)
    assert len(users.sealing_keys(here.connection)[user.id]) == 2
    enter(here.folder, THIRD).close()
    assert len(users.sealing_keys(here.connection)[user.id]) == 1
    paths.keyring(here.folder).write_bytes(old)
    with pytest.raises(DamagedStore, match="replaced since"):
        enter(here.folder, OTHER)
