"""Changing the record's key: the same contents under a new key, and whatever is killed wherever, somebody gets in."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from localstore import crypto, database, head, history, occupancy, opening, paths, practice, roles, staff
from localstore.database import Connection
from localstore.errors import ConfrereError, DamagedStore, NotYourRole, Occupied, Refused, WrongPassphrase
from localstore.keys import keyring, recovery, rotation
from localstore.keys.keyring import Keyring, Wrap
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.practice import Practice
from tests import practices
from tests.localstore.tampering import by_hand, first_finding

SECRETARY, DOCTOR = "la phrase du secrétariat", practices.PASSPHRASE
LEAST = keyring.MIN_MEMORY

# Opens the practice, says so, and changes the record's key when it is told to.
CHANGE = """
import sys
from pathlib import Path
from localstore import practice
from localstore.keys import rotation
from tests import practices
here = practice.unlock(Path(sys.argv[1]), practices.PASSPHRASE, clock=practices.SteppingClock())
print("open", flush=True)
sys.stdin.readline()
rotation.change(here, lambda _bytes: print("copying", flush=True))
print("changed", flush=True)
"""


class Place(NamedTuple):
    """A closed practice of a doctor and a secretary, with its words and its key."""

    folder: Path
    words: str
    key: bytes


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    here = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    words = recovery.new_words()
    recovery.adopt(here, words)
    for _ in range(30):
        practices.add_zoe(here)
    staff.add(here, "Secrétaire", roles.SECRETARY, SECRETARY, memory=LEAST)
    here.close()
    return Place(here.folder, words, here.key)


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    """A copy of the template."""
    return template._replace(folder=Path(shutil.copytree(template.folder, tmp_path / "alpha")))


def unlock(place: Place, secret: str = DOCTOR) -> Practice:
    """Open it."""
    return practice.unlock(place.folder, secret, clock=practices.SteppingClock())


def ring_of(place: Place) -> Keyring:
    """The keyring on the disk."""
    ring = keyring.read(place.folder)
    assert isinstance(ring, Keyring)
    return ring


def told(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of what a record says, but the change of its key itself and the count of commits."""
    tables = ("version", "patient", "history", "user", "user_key", "secret", "practice", "parent", "author")
    return {
        table: database.rows(connection, f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - names from above
        for table in tables
    }


def everybody_gets_in(place: Place) -> None:
    """Both passphrases and the words open the practice, everything in it is sound, and nothing is left over."""
    here = unlock(place)
    assert first_finding(here) is None
    assert here.connection.execute("SELECT count(*) FROM patient").fetchone()[0] == 30
    practices.add_zoe(here)
    here.close()
    hers = keyring.unlock(ring_of(place).without(here.user.id), SECRETARY)
    assert hers.record_keys == (here.key,)
    assert [user.name for user in recovery.users_of(place.folder, place.words)] == ["Dr Alpha", "Secrétaire"]
    assert not any(wrap.next for wrap in ring_of(place).wraps)
    left = {path.name for path in place.folder.iterdir() if "rekeyed" in path.name}
    assert left == set()


def test_the_contents_are_the_same_and_the_old_key_opens_nothing(place: Place) -> None:
    here = unlock(place)
    before = told(here.connection)
    copied: list[int] = []
    rotation.change(here, copied.append)
    assert sum(copied) == paths.record(place.folder).stat().st_size
    with pytest.raises(DamagedStore):
        opening.open_existing(paths.record(place.folder), place.key, APPLICATION_ID, MIGRATIONS)
    with pytest.raises(DamagedStore):
        head.read(paths.head(place.folder), place.key)
    again = unlock(place)
    assert again.key != place.key
    after = told(again.connection)
    line = after["history"].pop()
    assert line[3] == "record-key-changed"
    assert after == before
    again.close()
    everybody_gets_in(place)


def test_a_removed_user_who_kept_everything_opens_the_old_copy_only(place: Place, tmp_path: Path) -> None:
    kept = Path(shutil.copytree(place.folder, tmp_path / "kept"))
    here = unlock(place)
    staff.remove(here, next(user for user in recovery.users_of(place.folder, place.words) if user.role != "doctor"))
    rotation.change(here)
    opened = keyring.unlock(keyring.read(kept), SECRETARY)
    with pytest.raises(DamagedStore):
        practice.open_record(place.folder, opened.record_keys, practices.SteppingClock())
    shutil.copyfile(paths.keyring(kept), paths.keyring(place.folder))
    with pytest.raises(DamagedStore):
        unlock(place, SECRETARY)


def test_only_who_governs_changes_the_key(place: Place) -> None:
    hers = unlock(place, SECRETARY)
    before = paths.keyring(place.folder).read_bytes()
    with pytest.raises(NotYourRole):
        rotation.change(hers)
    assert paths.keyring(place.folder).read_bytes() == before
    hers.close()


def stranger(wrap: Wrap) -> Wrap:
    """The same wrap with a public key of somebody who can write to the disk."""
    return msgspec.structs.replace(wrap, public=crypto.sealing_key().public)


@pytest.mark.parametrize(("index", "error"), [(0, DamagedStore), (1, Refused), (2, DamagedStore)])
def test_a_substituted_public_key_gets_no_key(place: Place, index: int, error: type[ConfrereError]) -> None:
    here = unlock(place)
    ring = ring_of(place)
    wraps = list(ring.wraps)
    wraps[index] = stranger(wraps[index])
    hostile = msgspec.structs.replace(ring, wraps=tuple(wraps))
    keyring.write(place.folder, hostile)
    lines = history.count(here.connection)
    with pytest.raises(error):
        rotation.change(here)
    assert ring_of(place) == hostile and history.count(here.connection) == lines
    practices.add_zoe(here)  # still open, and nobody is kept out
    here.close()
    unlock(place).close()  # its own secret half is in the wrap: the public one gets nobody in or out


def test_a_planted_wrap_gets_no_key_and_is_thrown_out(place: Place) -> None:
    here = unlock(place)
    ring = ring_of(place)
    planted = keyring.wrap_for_user(
        bytes(32), here.id, "ffffffff", "doctor", "x y z", keys=keyring.new_user_keys(), memory=LEAST
    )
    keyring.write(place.folder, ring.with_wrap(planted))
    rotation.change(here)
    assert [wrap.user for wrap in ring_of(place).wraps] == [wrap.user for wrap in ring.wraps]
    with pytest.raises(WrongPassphrase):
        unlock(place, "x y z")
    everybody_gets_in(place)


def test_what_a_crash_left_of_a_removed_user_does_not_stand_in_the_way(place: Place) -> None:
    here = unlock(place)
    ring = ring_of(place)
    staff.remove(here, next(user for user in recovery.users_of(place.folder, place.words) if user.role != "doctor"))
    keyring.write(place.folder, ring)
    rotation.change(here)
    with pytest.raises(WrongPassphrase):
        unlock(place, SECRETARY)
    unlock(place).close()


def test_a_locum_whose_time_is_over_gets_no_new_key(place: Place) -> None:
    here = unlock(place)
    staff.add(here, "Dr Locum", roles.LOCUM, "x y z", until="2026-03-02", memory=LEAST)
    here.close()
    later = practices.SteppingClock(practices.NOON.replace(day=20))
    rotation.change(practice.unlock(place.folder, DOCTOR, clock=later))
    with pytest.raises(WrongPassphrase):
        keyring.unlock(keyring.read(place.folder), "x y z")


# --- who else has it open ---------------------------------------------------------------------------------------------


def start(folder: Path) -> "subprocess.Popen[str]":
    """Another process that has the practice open, and changes its key when it is told to."""
    command = [sys.executable, "-c", CHANGE, str(folder)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    return process


@pytest.fixture
def other(place: Place) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the practice open."""
    process = start(place.folder)
    yield process
    process.kill()
    process.communicate()


def test_another_window_keeps_the_key_from_being_changed(place: Place, other: "subprocess.Popen[str]") -> None:
    here = unlock(place)
    for _ in range(3):
        with pytest.raises(Occupied):
            rotation.change(here)
    practices.add_zoe(here)
    # The failed tries cost this window nothing of its lock: the other one may not be alone either.
    with pytest.raises(Occupied):
        occupancy.alone(place.folder)
    other.kill()
    other.wait()
    with pytest.raises(Occupied):
        occupancy.alone(place.folder)
    rotation.change(here)
    unlock(place).close()


def test_two_windows_that_both_want_to_be_alone_both_stay(place: Place) -> None:
    first, second = unlock(place), unlock(place)
    for here in (first, second):
        with pytest.raises(Occupied):
            here.lock.alone()
    for _ in range(2):
        with pytest.raises(Occupied):
            occupancy.alone(place.folder)
    second.close()
    first.lock.alone()
    with pytest.raises(Occupied):
        occupancy.share(place.folder)
    first.lock.shared()
    occupancy.share(place.folder).close()
    first.close()
    occupancy.alone(place.folder).close()


# --- interrupted ------------------------------------------------------------------------------------------------------


class Halfway(NamedTuple):
    """The files of a practice before a change, and of the same practice after it."""

    old: Path
    new: Path
    both: Keyring


@pytest.fixture(scope="module")
def halfway(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Halfway:
    """The two ends of a change, and the keyring in between, with both keys for everybody."""
    where = tmp_path_factory.mktemp("halfway")
    place = template._replace(folder=Path(shutil.copytree(template.folder, where / "new")))
    here = unlock(place)
    with database.transaction(here.connection):
        here.log("restore-drill")
    here.close()
    old = Path(shutil.copytree(place.folder, where / "old"))
    before = ring_of(place)
    rotation.change(unlock(place))
    after = ring_of(place)
    wraps = tuple(
        msgspec.structs.replace(wrap, next=following.sealed)
        for wrap, following in zip(before.wraps, after.wraps, strict=True)
    )
    return Halfway(old, place.folder, msgspec.structs.replace(before, wraps=wraps))


# Where the files of a change that was killed come from: the record, and the head beside it.
COPYING, BETWEEN, BEFORE_DROPPING = ("old", "old"), ("new", "old"), ("new", "new")


@pytest.mark.parametrize(
    ("record", "beside", "first"),
    [
        (*COPYING, "doctor"),
        (*COPYING, "words"),
        (*BETWEEN, "doctor"),
        (*BETWEEN, "secretary"),
        (*BETWEEN, "words"),
        (*BEFORE_DROPPING, "secretary"),
        (*BEFORE_DROPPING, "words"),
    ],
)
def test_killed_between_two_steps_whoever_comes_first_gets_in_and_then_everybody(
    halfway: Halfway, template: Place, tmp_path: Path, record: str, beside: str, first: str
) -> None:
    folder = Path(shutil.copytree(halfway.old, tmp_path / "alpha"))
    sources = {"old": halfway.old, "new": halfway.new}
    shutil.copyfile(paths.record(sources[record]), paths.record(folder))
    shutil.copyfile(paths.head(sources[beside]), paths.head(folder))
    keyring.write(folder, halfway.both)
    for suffix in ("", "-wal"):  # what a copy that was not finished leaves
        (folder / f"record.db.rekeyed{suffix}").write_bytes(b"unfinished")
    place = template._replace(folder=folder)
    if first == "words":
        users = recovery.users_of(folder, place.words)
        recovery.set_passphrase(
            folder, place.words, users[0], DOCTOR, clock=practices.SteppingClock(), memory=LEAST
        ).close()
    else:
        unlock(place, DOCTOR if first == "doctor" else SECRETARY).close()
    everybody_gets_in(place)


def test_what_an_interrupted_change_left_does_no_harm_to_the_next_one(place: Place) -> None:
    here = unlock(place)
    (place.folder / "record.db.rekeyed").write_bytes(b"unfinished")
    rotation.change(here)
    everybody_gets_in(place)


def test_a_change_that_fails_leaves_the_old_record(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something in the record is wrong already: it is not carried over under a new key as if it were sound."""
    with by_hand(place.folder, place.key) as connection:
        connection.execute("UPDATE patient SET family_name = 'Autre' WHERE num = 3")
    here = unlock(place)
    with pytest.raises(DamagedStore, match="list of patients"):
        rotation.change(here)
    nothing_is_left(place)
    again = unlock(place)
    assert again.key == place.key and not (place.folder / "record.db.rekeyed").exists()
    finding = first_finding(again)
    assert finding is not None and finding.check == "patients"
    again.close()
    assert not any(wrap.next for wrap in ring_of(place).wraps)


def nothing_is_left(place: Place) -> None:
    """Of a change that failed, at once and without opening the practice again."""
    assert not list(place.folder.glob("record.db.rekeyed*"))
    assert not any(wrap.next for wrap in ring_of(place).wraps)


def full(*_given: object) -> None:
    """What the system says of a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["copy_pages", "_fold_log", "_copy"])
def test_a_change_that_fails_at_any_step_is_not_told_and_can_be_tried_again(place: Place, step: str) -> None:
    here = unlock(place)
    lines = history.lines(here.connection)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(rotation, step, full)
        rotation.change(here)
    nothing_is_left(place)
    again = unlock(place)
    assert (again.key, history.lines(again.connection)) == (place.key, lines)
    rotation.change(again)
    everybody_gets_in(place)


def test_a_change_that_fails_at_the_very_last_leaves_the_old_record(place: Place) -> None:
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        (full if Path(target).name == "record.db" else real)(source, target)

    here = unlock(place)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", replace)
        rotation.change(here)
    nothing_is_left(place)
    again = unlock(place)
    assert again.key == place.key
    assert "record-key-changed" not in [line.action for line in history.lines(again.connection)]
    again.close()
    everybody_gets_in(place)


def test_the_old_keyring_and_the_old_passphrase_open_no_key_after_both_were_changed(place: Place) -> None:
    """Somebody has a copy of the keyring, learns the old passphrase, and comes to the files after the change."""
    old = ring_of(place)
    here = staff.change_passphrase(unlock(place), DOCTOR, "une phrase toute neuve")
    rotation.change(here)
    new = ring_of(place)
    known = keyring.unlock(old, DOCTOR)
    before, after = old.wrap_of(known.user), new.wrap_of(known.user)
    assert before is not None and after is not None and before.public != after.public
    with pytest.raises(crypto.CryptoError):
        crypto.unseal(
            known.keys.sealing.secret,
            after.sealed,
            "keyring-sealed",
            keyring._associated(new.practice, after.user, after.role),
        )
    for mixed in (
        msgspec.structs.replace(before, sealed=after.sealed),
        msgspec.structs.replace(before, next=after.sealed),
        msgspec.structs.replace(before, public=after.public, sealed=after.sealed),
    ):
        with pytest.raises(DamagedStore):
            keyring.unlock(new.with_wrap(mixed), DOCTOR)
    with pytest.raises(DamagedStore):
        practice.open_record(place.folder, known.record_keys, practices.SteppingClock())
    keyring.write(place.folder, new.with_wrap(before))
    with pytest.raises(DamagedStore):
        unlock(place)
    keyring.write(place.folder, new)
    unlock(place, "une phrase toute neuve").close()


def test_killed_at_any_moment_everybody_gets_in(template: Place, tmp_path: Path, at_full_length: bool) -> None:
    random = Random(20260301)  # noqa: S311 - moments, not secrets
    for number in range(100 if at_full_length else 3):
        place = template._replace(folder=Path(shutil.copytree(template.folder, tmp_path / f"{number}")))
        process = start(place.folder)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        # The copy announces itself: from there on, a few milliseconds more or less.
        assert process.stdout.readline()
        try:
            process.wait(timeout=random.uniform(0, 0.12))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        everybody_gets_in(place)
        shutil.rmtree(place.folder)
