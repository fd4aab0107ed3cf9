"""The recovery words: a new passphrase where the old one is lost, and new words; also those of the first release."""

import errno
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import founding, history, paths, patients, practice, record, roles, staff
from localstore.database import Connection, DatabaseError
from localstore.errors import (
    AccessEnded,
    BadInput,
    Busy,
    DamagedStore,
    NotYourRole,
    OtherRecoveryWords,
    Refused,
    UnknownUser,
    WrongPassphrase,
)
from localstore.head import HeadFile
from localstore.keys import earlier, keyring, passphrase, recovery, rotation
from localstore.practice import Practice
from tests import practices
from tests.localstore.tampering import first_finding

GOLDEN = Path(__file__).parent.parent / "golden" / "0.1.0.zip"
DOCTOR, SECRETARY, NEW = "la phrase du docteur", "la phrase du secrétariat", "une phrase toute neuve"
LEAST = keyring.MIN_MEMORY


class Lost(NamedTuple):
    """A closed practice of a doctor and a secretary, with its words."""

    folder: Path
    words: str


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    folder = tmp_path_factory.mktemp("template") / "alpha"
    identity = founding.Identity("Cabinet Alpha", "Lyon", "Dr Alpha", "10001234567")
    words = founding.make(folder, identity, DOCTOR, clock=practices.SteppingClock(), memory=LEAST)
    here = unlock(folder, DOCTOR)
    practices.add_zoe(here)
    staff.add(here, "Secrétaire", roles.SECRETARY, SECRETARY, memory=LEAST)
    here.close()
    return Lost(folder, words)


@pytest.fixture
def lost(template: Lost, tmp_path: Path) -> Lost:
    """A copy of the template."""
    return Lost(Path(shutil.copytree(template.folder, tmp_path / "alpha")), template.words)


@pytest.fixture
def golden(tmp_path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The practice of the first release, and what was known of it."""
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    yield tmp_path / "practice", json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))


def unlock(folder: Path, secret: str) -> Practice:
    """Open it."""
    return practice.unlock(folder, secret, clock=practices.SteppingClock())


def set_passphrase(lost: Lost, whose: str, secret: str = NEW) -> Practice:
    """Give the user of that name a new passphrase."""
    (user,) = (user for user in recovery.users_of(lost.folder, lost.words) if user.name == whose)
    return recovery.set_passphrase(lost.folder, lost.words, user, secret, clock=practices.SteppingClock(), memory=LEAST)


def test_the_words_say_whether_they_open_and_change_nothing(lost: Lost) -> None:
    before = {path.name: path.read_bytes() for path in lost.folder.iterdir()}
    assert recovery.opens(lost.folder, lost.words)
    assert recovery.opens(lost.folder, lost.words.upper())
    assert not recovery.opens(lost.folder, passphrase.recovery_words(bytes(32)))
    with pytest.raises(BadInput):
        recovery.opens(lost.folder, "pas des mots")
    assert {path.name: path.read_bytes() for path in lost.folder.iterdir()} == before


def test_the_founder_is_named_first(lost: Lost) -> None:
    assert [user.name for user in recovery.users_of(lost.folder, lost.words)] == ["Dr Alpha", "Secrétaire"]
    with pytest.raises(OtherRecoveryWords):
        recovery.users_of(lost.folder, passphrase.recovery_words(bytes(32)))


def test_a_lost_passphrase_is_replaced_and_everything_is_there(lost: Lost) -> None:
    here = set_passphrase(lost, "Dr Alpha")
    assert len(patients.listing(here.connection)) == 1
    assert [line.action for line in history.lines(here.connection)][-2:] == ["key-registered", "passphrase-changed"]
    assert history.lines(here.connection)[-1].detail == "recovery"
    practices.add_zoe(here)
    assert first_finding(here) is None
    here.close()
    with pytest.raises(WrongPassphrase):
        unlock(lost.folder, DOCTOR)
    unlock(lost.folder, NEW).close()
    unlock(lost.folder, SECRETARY).close()  # the others' passphrases stay
    assert recovery.opens(lost.folder, lost.words)  # and the words


def test_the_words_serve_any_user(lost: Lost) -> None:
    hers = set_passphrase(lost, "Secrétaire")
    assert (hers.user.name, hers.user.role) == ("Secrétaire", roles.SECRETARY)
    with pytest.raises(NotYourRole):
        recovery.adopt(hers, recovery.new_words())
    hers.close()
    unlock(lost.folder, DOCTOR).close()


def test_nobody_gets_a_passphrase_who_is_unknown_or_was_removed(lost: Lost) -> None:
    here = unlock(lost.folder, DOCTOR)
    gone = next(user for user in recovery.users_of(lost.folder, lost.words) if user.name == "Secrétaire")
    staff.remove(here, gone)
    here.close()
    before = paths.keyring(lost.folder).read_bytes()
    with pytest.raises(UnknownUser):
        recovery.set_passphrase(lost.folder, lost.words, gone, NEW, memory=LEAST)
    with pytest.raises(BadInput):
        set_passphrase(lost, "Dr Alpha", "")
    assert paths.keyring(lost.folder).read_bytes() == before


def test_the_passphrase_of_another_user_is_refused(lost: Lost) -> None:
    before = paths.keyring(lost.folder).read_bytes()
    with pytest.raises(BadInput, match="Choose another"):
        set_passphrase(lost, "Dr Alpha", SECRETARY)
    assert paths.keyring(lost.folder).read_bytes() == before


def test_a_locum_whose_time_is_over_is_not_let_in_by_the_words(lost: Lost) -> None:
    here = unlock(lost.folder, DOCTOR)
    staff.add(here, "Dr Locum", roles.LOCUM, "x y z", until="2026-03-01", memory=LEAST)
    here.close()
    clock = practices.SteppingClock(practices.NOON.replace(month=5))
    (locum,) = (user for user in recovery.users_of(lost.folder, lost.words) if user.name == "Dr Locum")
    with pytest.raises(AccessEnded):
        recovery.set_passphrase(lost.folder, lost.words, locum, NEW, clock=clock, memory=LEAST)
    unlock(lost.folder, DOCTOR).close()


def test_new_words_take_the_place_of_the_old_ones(lost: Lost) -> None:
    here = unlock(lost.folder, DOCTOR)
    words = recovery.new_words()
    recovery.adopt(here, words)
    assert history.lines(here.connection)[-1].action == "recovery-renewed"
    here.close()
    assert recovery.opens(lost.folder, words) and not recovery.opens(lost.folder, lost.words)
    with pytest.raises(OtherRecoveryWords):
        recovery.users_of(lost.folder, lost.words)
    set_passphrase(Lost(lost.folder, words), "Dr Alpha").close()
    unlock(lost.folder, NEW).close()


def refuse_commits(patch: pytest.MonkeyPatch, *, after: int = 0) -> None:
    """Every commit fails, as on a full disk, but so many first ones."""
    real, seen = HeadFile.before_commit, []

    def before_commit(witness: HeadFile, connection: Connection) -> None:
        seen.append(True)
        if len(seen) > after:
            raise DatabaseError("database or disk is full")
        real(witness, connection)

    patch.setattr(HeadFile, "before_commit", before_commit)


def full(*_given: object) -> None:
    """What the system says of a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_new_words_whose_commit_fails_leave_the_old_ones(lost: Lost) -> None:
    here, words = unlock(lost.folder, DOCTOR), recovery.new_words()
    lines = history.count(here.connection)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(DatabaseError):
        refuse_commits(patch)
        recovery.adopt(here, words)
    assert recovery.opens(lost.folder, lost.words) and not recovery.opens(lost.folder, words)
    assert history.count(here.connection) == lines
    rotation.change(here)  # the old ones are still those that the record knows
    assert recovery.users_of(lost.folder, lost.words)


def test_new_words_that_do_not_reach_the_keyring_leave_the_old_ones(lost: Lost) -> None:
    """As a crash between the commit and the keyring leaves it."""
    here, words = unlock(lost.folder, DOCTOR), recovery.new_words()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", full)
        recovery.adopt(here, words)
    assert recovery.opens(lost.folder, lost.words) and not recovery.opens(lost.folder, words)
    with pytest.raises(Refused, match="confrere recovery renew"):
        rotation.change(here)
    here.close()
    here = set_passphrase(lost, "Dr Alpha")  # the words on paper do what they are for
    recovery.adopt(here, words)
    assert recovery.opens(lost.folder, words) and not recovery.opens(lost.folder, lost.words)
    rotation.change(here)
    assert recovery.users_of(lost.folder, words)


def test_words_that_are_none_are_not_adopted(lost: Lost) -> None:
    here = unlock(lost.folder, DOCTOR)
    before = paths.keyring(lost.folder).read_bytes(), history.count(here.connection)
    with pytest.raises(BadInput):
        recovery.adopt(here, "pas des mots")
    assert (paths.keyring(lost.folder).read_bytes(), history.count(here.connection)) == before
    here.close()


def test_a_passphrase_from_the_words_that_does_not_reach_the_keyring_leaves_the_old_one(lost: Lost) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", full)
        set_passphrase(lost, "Dr Alpha")
    unlock(lost.folder, DOCTOR).close()
    set_passphrase(lost, "Dr Alpha").close()


def test_killed_before_the_first_opening_the_new_passphrase_opens_and_its_line_is_there(lost: Lost) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(DatabaseError):
        refuse_commits(patch)
        set_passphrase(lost, "Dr Alpha")
    here = unlock(lost.folder, NEW)
    assert [line.action for line in history.lines(here.connection)][-2:] == ["key-registered", "passphrase-changed"]
    assert first_finding(here) is None
    here.close()
    with pytest.raises(WrongPassphrase):
        unlock(lost.folder, DOCTOR)


def test_the_words_settle_a_change_of_the_key_that_was_interrupted(lost: Lost) -> None:
    """Killed once the record was under its new key: whoever comes first, the others' new keys are kept."""
    here = unlock(lost.folder, DOCTOR)
    old = staff.present(here)
    rotation.change(here)
    new = keyring.read(lost.folder)
    assert isinstance(new, keyring.Keyring)
    both = [
        wrap.__class__(**{**as_dict(wrap), "next": following.sealed})
        for wrap, following in zip(old.wraps, new.wraps, strict=True)
    ]
    keyring.write(lost.folder, keyring.Keyring(keyring.FORMAT, old.practice, tuple(both)))
    set_passphrase(lost, "Dr Alpha").close()
    unlock(lost.folder, SECRETARY).close()
    assert recovery.users_of(lost.folder, lost.words)


def as_dict(wrap: keyring.Wrap) -> dict[str, Any]:
    """The fields of a wrap."""
    return {name: getattr(wrap, name) for name in wrap.__struct_fields__}


def test_a_keyring_that_another_window_changes_meanwhile_is_not_written_over(lost: Lost) -> None:
    other, real = unlock(lost.folder, DOCTOR), staff.require_unused

    def slow(*given: Any) -> None:
        real(*given)
        staff.add(other, "Dr Beta", roles.DOCTOR, "x y z", memory=LEAST)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "require_unused", once(slow, real))
        with pytest.raises(Busy):
            set_passphrase(lost, "Secrétaire")
    other.close()
    unlock(lost.folder, "x y z").close()
    unlock(lost.folder, SECRETARY).close()


def once(first: Any, then: Any) -> Any:
    """The first function at the first call, the other one afterwards."""
    calls: list[bool] = []

    def call(*given: Any) -> Any:
        calls.append(True)
        return (first if len(calls) == 1 else then)(*given)

    return call


# --- of the first release ---------------------------------------------------------------------------------------------


def test_words_of_the_first_release_work_before_its_practice_was_ever_opened_here(
    golden: tuple[Path, dict[str, Any]],
) -> None:
    folder, expected = golden
    assert isinstance(keyring.read(folder), earlier.Keyring)
    lost = Lost(folder, expected["recovery_words"])
    assert recovery.opens(*lost)
    here = set_passphrase(lost, "Dr Alpha")
    assert [one.id for one in patients.listing(here.connection)] == [one["id"] for one in expected["patients"]]
    assert first_finding(here) is None
    here.close()
    with pytest.raises(WrongPassphrase):
        unlock(folder, expected["passphrase"])
    assert recovery.opens(*lost)
    # These words are now of the present format: the record's key can be changed without making new ones.
    rotation.change(unlock(folder, NEW))
    unlock(folder, NEW).close()
    assert recovery.users_of(*lost)


def test_words_of_the_first_release_work_after_the_upgrade_too(golden: tuple[Path, dict[str, Any]]) -> None:
    folder, expected = golden
    unlock(folder, expected["passphrase"]).close()
    assert isinstance(keyring.read(folder), keyring.Keyring)
    lost = Lost(folder, expected["recovery_words"])
    assert recovery.opens(*lost)
    set_passphrase(lost, "Dr Alpha").close()
    unlock(folder, NEW).close()


def test_the_key_is_not_changed_until_words_of_the_first_release_are_renewed(
    golden: tuple[Path, dict[str, Any]],
) -> None:
    folder, expected = golden
    here = unlock(folder, expected["passphrase"])
    before, lines = paths.keyring(folder).read_bytes(), history.count(here.connection)
    with pytest.raises(Refused, match="confrere recovery renew"):
        rotation.change(here)
    assert paths.keyring(folder).read_bytes() == before and history.count(here.connection) == lines
    practices.add_zoe(here)  # it is still open
    words = recovery.new_words()
    recovery.adopt(here, words)
    old_key = here.key
    rotation.change(here)
    again = unlock(folder, expected["passphrase"])
    assert again.key != old_key and len(patients.listing(again.connection)) == len(expected["patients"]) + 1
    assert record.chart(again, expected["zoe"]).entries
    again.close()
    assert recovery.opens(folder, words) and not recovery.opens(folder, expected["recovery_words"])


def test_words_for_a_damaged_keyring_say_so(lost: Lost) -> None:
    paths.keyring(lost.folder).write_bytes(b"{}")
    with pytest.raises(DamagedStore):
        recovery.opens(lost.folder, lost.words)
