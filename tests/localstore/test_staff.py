"""Who works in the practice: wraps on the disk, rows in the record, and what a crash between the two leaves."""

import errno
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from localstore import database, founding, history, inspection, paths, practice, record, roles, staff, users
from localstore.errors import (
    AccessEnded,
    AccessEndedMeanwhile,
    AlreadyThere,
    BadInput,
    DamagedStore,
    NotYourRole,
    Refused,
    UnknownUser,
    WrongPassphrase,
)
from localstore.keys import keyring
from localstore.practice import Practice
from localstore.users import User
from tests import practices
from tests.faults.reopening import Keys, keys_of, reopen
from tests.localstore.tampering import first_finding

SECRET, OTHER, THIRD = "une première phrase", "une autre phrase", "une troisième phrase"


class Template(NamedTuple):
    """A closed practice, and its doctor's keys."""

    folder: Path
    keys: Keys


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    here = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    here.close()
    return Template(here.folder, keys_of(here.folder))


@pytest.fixture
def here(template: Template, tmp_path: Path) -> Iterator[Practice]:
    """A copy of the template, opened by the doctor."""
    opened = reopen(Path(shutil.copytree(template.folder, tmp_path / "alpha")), template.keys)
    yield opened
    opened.close()


def add(here: Practice, name: str, role: str, secret: str = SECRET, until: str = "") -> User:
    """A user, with the cheapest derivation that is allowed."""
    return staff.add(here, name, role, secret, until=until, memory=keyring.MIN_MEMORY)


def enter(here: Practice, secret: str, *, day: datetime = practices.NOON) -> Practice:
    """The practice as it opens for the owner of this passphrase."""
    return practice.unlock(here.folder, secret, clock=practices.SteppingClock(day))


def holders(here: Practice) -> set[str]:
    """Whose wraps are in the keyring."""
    return {wrap.user for wrap in staff.present(here).wraps}


def is_sound(here: Practice) -> bool:
    """Whether every check passes."""
    return first_finding(here) is None


def test_each_user_has_an_own_passphrase_an_own_wrap_and_own_keys(here: Practice) -> None:
    locum = add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-06-30")
    hers = enter(here, OTHER)
    assert (hers.user, hers.founder, hers.key) == (locum, here.user, here.key)
    assert hers.signer.pair != here.signer.pair
    zoe = practices.add_zoe(hers)
    assert record.chart(hers, zoe.id).identity[0].author.name == "Dr Locum"
    assert history.lines(here.connection)[-1].user == locum.id
    hers.close()
    assert holders(here) == {here.user.id, locum.id, keyring.RECOVERY}
    wrap = staff.present(here).wrap_of(locum.id)
    assert wrap is not None and wrap.role == roles.LOCUM
    assert here.key not in msgspec.json.encode(staff.present(here))
    assert is_sound(here)


def test_a_removed_user_enters_no_more_and_the_others_do(here: Practice) -> None:
    user = add(here, "Secrétaire", roles.SECRETARY, OTHER)
    before = paths.keyring(here.folder).read_bytes()
    staff.remove(here, user)
    assert holders(here) == {here.user.id, keyring.RECOVERY}
    with pytest.raises(WrongPassphrase):
        enter(here, OTHER)
    enter(here, practices.PASSPHRASE).close()
    paths.keyring(here.folder).write_bytes(before)  # as a crash before the keyring was written leaves it
    with pytest.raises(AccessEnded, match="2026-03-01"):
        enter(here, OTHER)
    assert users.listing(here.connection) == [here.user]
    assert {one.id for one in users.listing(here.connection, removed=True)} == {here.user.id, user.id}
    assert is_sound(here)


def test_what_a_crash_left_of_a_removed_user_is_swept_away(here: Practice) -> None:
    user = add(here, "Secrétaire", roles.SECRETARY, OTHER)
    ring = staff.present(here)
    staff.remove(here, user)
    keyring.write(here.folder, ring)
    assert [one.id for one in staff.drop_ended(here)] == [user.id]
    assert staff.drop_ended(here) == []
    assert user.id not in holders(here)


def test_a_user_who_was_removed_cannot_be_changed_any_more(here: Practice) -> None:
    user = add(here, "Secrétaire", roles.SECRETARY, OTHER)
    staff.remove(here, user)
    for change in (
        lambda: staff.remove(here, user),
        lambda: staff.set_until(here, user, "2026-12-31"),
        lambda: staff.give_passphrase(here, user, THIRD, memory=keyring.MIN_MEMORY),
    ):
        with pytest.raises(UnknownUser):
            change()
    assert user.id not in holders(here)


def test_a_locums_last_day_is_a_whole_day(here: Practice) -> None:
    add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    enter(here, OTHER, day=datetime(2026, 3, 5, 20, 0, tzinfo=UTC)).close()
    with pytest.raises(AccessEnded, match="2026-03-05"):
        enter(here, OTHER, day=datetime(2026, 3, 6, 20, 0, tzinfo=UTC))


def test_the_last_day_is_that_of_the_calendar_here(here: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    monkeypatch.setenv("TZ", "America/Martinique")  # four hours behind UTC
    time.tzset()
    try:
        late = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)  # nine in the evening of the fifth
        first = enter(here, OTHER, day=late)
        practices.add_zoe(first)  # a line whose moment in UTC is of the sixth
        first.close()
        enter(here, OTHER, day=late).close()
        with pytest.raises(AccessEnded):
            enter(here, OTHER, day=datetime(2026, 3, 6, 5, 0, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_setting_the_clock_back_opens_nothing(here: Practice) -> None:
    add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    later = enter(here, practices.PASSPHRASE, day=datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
    practices.add_zoe(later)
    later.close()
    with pytest.raises(AccessEnded):
        enter(here, OTHER, day=datetime(2026, 3, 4, 12, 0, tzinfo=UTC))


def test_an_ended_access_can_be_prolonged_and_its_wrap_dropped(here: Practice) -> None:
    user = add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    later = enter(here, practices.PASSPHRASE, day=datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
    practices.add_zoe(later)
    with pytest.raises(AccessEnded):
        enter(here, OTHER, day=datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
    staff.set_until(later, user, "2026-04-30")
    enter(here, OTHER, day=datetime(2026, 4, 1, 12, 0, tzinfo=UTC)).close()
    assert staff.drop_ended(later) == []
    later.close()
    first = enter(here, practices.PASSPHRASE, day=datetime(2026, 5, 2, 12, 0, tzinfo=UTC))
    practices.add_zoe(first)
    assert staff.drop_ended(first) == []  # the clock alone says that the day is over
    first.close()
    after = enter(here, practices.PASSPHRASE, day=datetime(2026, 5, 2, 12, 0, tzinfo=UTC))
    assert [one.id for one in staff.drop_ended(after)] == [user.id]
    with pytest.raises(WrongPassphrase):
        enter(here, OTHER, day=datetime(2026, 5, 2, 12, 0, tzinfo=UTC))
    staff.set_until(after, user, "2026-05-30")
    staff.give_passphrase(after, user, THIRD, memory=keyring.MIN_MEMORY)
    enter(here, THIRD, day=datetime(2026, 5, 2, 12, 0, tzinfo=UTC)).close()
    assert is_sound(after)
    after.close()


def test_a_clock_that_is_wrong_once_takes_no_passphrase_away(here: Practice) -> None:
    add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    wrong = datetime(2036, 3, 1, 12, 0, tzinfo=UTC)
    future = enter(here, practices.PASSPHRASE, day=wrong)
    assert staff.drop_ended(future) == []
    future.close()
    with pytest.raises(AccessEnded):
        enter(here, OTHER, day=wrong)
    enter(here, OTHER).close()


def test_a_window_does_not_outlive_its_user(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    locum = add(here, "Dr Locum", roles.LOCUM, OTHER, "2026-03-05")
    clock = practices.SteppingClock()
    window = practice.unlock(here.folder, OTHER, clock=clock)
    clock.moment = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    record.open_chart(window, zoe.id)
    clock.moment = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    refused_now(window, zoe.id, "2026-03-05")
    clock.moment = practices.NOON
    record.open_chart(window, zoe.id)
    staff.give_passphrase(here, locum, THIRD, memory=keyring.MIN_MEMORY)
    refused_now(window, zoe.id, "2026-03-01")
    window.close()
    window = practice.unlock(here.folder, THIRD, clock=clock)
    staff.remove(here, locum)
    refused_now(window, zoe.id, "2026-03-01")
    window.close()


def refused_now(window: Practice, patient: str, date: str) -> None:
    """Neither reading nor writing is possible any more, and nothing is left of the try."""
    before = history.count(window.connection), database.rows(window.connection, "SELECT count(*) FROM version")
    for gesture in (lambda: record.open_chart(window, patient), lambda: practices.add_zoe(window)):
        with pytest.raises(AccessEndedMeanwhile, match=date):
            gesture()
    after = history.count(window.connection), database.rows(window.connection, "SELECT count(*) FROM version")
    assert after == before


def test_a_wrap_of_another_role_than_the_record_s_opens_nothing(here: Practice) -> None:
    user = add(here, "Mme S", roles.SECRETARY, OTHER)
    other = keyring.wrap_for_user(
        here.key, here.id, user.id, roles.DOCTOR, OTHER, keys=keyring.new_user_keys(), memory=keyring.MIN_MEMORY
    )
    keyring.write(here.folder, staff.present(here).with_wrap(other))
    lines = history.count(here.connection)
    with pytest.raises(DamagedStore, match="another user"):
        enter(here, OTHER)
    assert history.count(here.connection) == lines


def test_the_founder_stays(here: Practice) -> None:
    colleague = add(here, "Dr Beta", roles.DOCTOR, OTHER)
    theirs = enter(here, OTHER)
    with pytest.raises(Refused, match="card"):
        staff.remove(theirs, here.user)
    with pytest.raises(Refused, match="card"):
        staff.set_until(theirs, here.user, "2026-12-31")
    with pytest.raises(Refused, match="yourself"):
        staff.remove(theirs, colleague)
    theirs.close()


@pytest.mark.parametrize("role", [roles.LOCUM, roles.SECRETARY])
def test_who_does_not_govern_changes_nobody(here: Practice, role: str) -> None:
    user = add(here, "Quelqu'un", role, OTHER, "2026-12-31")
    theirs = enter(here, OTHER)
    before = history.count(here.connection), paths.keyring(here.folder).read_bytes()
    for change in (
        lambda: add(theirs, "Autre", roles.DOCTOR, THIRD),
        lambda: staff.remove(theirs, here.user),
        lambda: staff.set_until(theirs, user, "2027-12-31"),
        lambda: staff.give_passphrase(theirs, here.user, THIRD),
    ):
        with pytest.raises(NotYourRole):
            change()
    assert (history.count(here.connection), paths.keyring(here.folder).read_bytes()) == before
    theirs.close()


@pytest.mark.parametrize(
    ("role", "until", "error"),
    [
        ("chief", "", "no role"),
        (roles.LOCUM, "", "ends on a day"),
        (roles.LOCUM, "2026-02-28", "is over"),
        (roles.LOCUM, "2026-13-01", "not a day"),
        (roles.DOCTOR, "2026-03", "not a day"),
    ],
)
def test_a_user_who_cannot_be_is_not_added(here: Practice, role: str, until: str, error: str) -> None:
    before = paths.keyring(here.folder).read_bytes()
    with pytest.raises(BadInput, match=error):
        add(here, "Quelqu'un", role, OTHER, until)
    assert paths.keyring(here.folder).read_bytes() == before and users.listing(here.connection) == [here.user]


def test_two_users_of_one_name_and_two_of_one_passphrase_are_refused(here: Practice) -> None:
    add(here, "Dr Beta", roles.DOCTOR, OTHER)
    with pytest.raises(AlreadyThere):
        add(here, " Dr Beta ", roles.SECRETARY, THIRD)
    with pytest.raises(BadInput, match="Choose another"):
        add(here, "Dr Gamma", roles.DOCTOR, OTHER)
    with pytest.raises(BadInput, match="Choose another"):
        staff.change_passphrase(here, practices.PASSPHRASE, OTHER)


def test_no_more_users_are_added_than_a_keyring_is_believed_with(here: Practice) -> None:
    ring = staff.present(here)
    one = ring.wraps[0]
    many = tuple(msgspec.structs.replace(one, user=f"{number:08x}") for number in range(keyring.MAX_WRAPS - 2))
    full = msgspec.structs.replace(ring, wraps=(*ring.wraps, *many))
    keyring.write(here.folder, full)
    with pytest.raises(Refused, match="no room"):
        staff._require_room(full.with_wrap(msgspec.structs.replace(one, user="one-more")))
    dear = tuple(msgspec.structs.replace(wrap, memory=keyring.MAX_MEMORY) for wrap in many[:15])
    keyring.write(here.folder, msgspec.structs.replace(ring, wraps=(*ring.wraps, *dear)))
    staff.present(here)
    with pytest.raises(Refused, match="no room"):
        staff._require_room(
            msgspec.structs.replace(ring, wraps=(*ring.wraps, *dear, msgspec.structs.replace(dear[0], user="more")))
        )


def test_a_changed_passphrase_comes_with_new_keys_and_the_window_goes_on_with_them(here: Practice) -> None:
    with pytest.raises(WrongPassphrase):
        staff.change_passphrase(here, SECRET, OTHER)
    old = paths.keyring(here.folder).read_bytes()
    changed = staff.change_passphrase(here, practices.PASSPHRASE, OTHER)
    with pytest.raises(WrongPassphrase):
        enter(here, practices.PASSPHRASE)
    again = enter(here, OTHER)
    assert again.signer == changed.signer != here.signer
    assert history.lines(again.connection)[-1].action == "passphrase-changed"
    again.close()
    practices.add_zoe(changed)
    lines = history.count(here.connection)
    with pytest.raises(AccessEndedMeanwhile):  # a window that works under the keys that were replaced
        practices.add_zoe(here)
    paths.keyring(here.folder).write_bytes(old)
    with pytest.raises(DamagedStore, match="replaced since"):
        enter(here, practices.PASSPHRASE)
    assert history.count(here.connection) == lines and is_sound(here)


def test_another_users_passphrase_changes_nothing_of_mine(here: Practice) -> None:
    add(here, "Dr Beta", roles.DOCTOR, OTHER)
    before = paths.keyring(here.folder).read_bytes()
    with pytest.raises(DamagedStore, match="another user"):
        staff.change_passphrase(here, OTHER, THIRD)
    assert paths.keyring(here.folder).read_bytes() == before


def test_a_given_passphrase_comes_with_new_keys_and_the_old_lines_verify(here: Practice) -> None:
    user = add(here, "Secrétaire", roles.SECRETARY, OTHER)
    hers = enter(here, OTHER)
    practices.add_zoe(hers)
    hers.close()
    old = paths.keyring(here.folder).read_bytes()
    staff.give_passphrase(here, user, THIRD, memory=keyring.MIN_MEMORY)
    with pytest.raises(WrongPassphrase):
        enter(here, OTHER)
    again = enter(here, THIRD)
    assert again.signer.key != hers.signer.key
    practices.add_zoe(again)
    again.close()
    assert is_sound(here)
    with pytest.raises(Refused, match="own passphrase"):
        staff.give_passphrase(here, here.user, THIRD)
    # An old keyring that is put back: the passphrase that was replaced opens nothing, and nothing is changed.
    lines = history.count(here.connection)
    paths.keyring(here.folder).write_bytes(old)
    with pytest.raises(DamagedStore, match="replaced since"):
        enter(here, OTHER)
    assert history.count(here.connection) == lines
    enter(here, practices.PASSPHRASE).close()


# --- what a crash, or a disk that cannot be written, leaves -----------------------------------------------------------


def full(*_given: object) -> None:
    """What the system says of a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_user_whose_wrap_cannot_be_written_is_not_added(here: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    before = history.count(here.connection), users.listing(here.connection)
    ring = staff.present(here)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        add(here, "Dr Beta", roles.DOCTOR, OTHER)
    monkeypatch.undo()
    assert (history.count(here.connection), users.listing(here.connection)) == before
    assert staff.present(here) == ring and is_sound(here)
    assert not [path for path in here.folder.iterdir() if path.name.startswith(".")]
    add(here, "Dr Beta", roles.DOCTOR, OTHER)
    enter(here, OTHER).close()


def test_a_wrap_without_a_user_opens_nothing(here: Practice) -> None:
    """As a crash between the keyring and the commit leaves it."""
    user = add(here, "Dr Beta", roles.DOCTOR, OTHER)
    ring = staff.present(here)
    staff.remove(here, user)
    keyring.write(here.folder, ring)
    with database.transaction(here.connection):
        here.connection.execute("DELETE FROM user_key WHERE user = ?", (user.id,))
        here.connection.execute("DELETE FROM user WHERE id = ?", (user.id,))
    with pytest.raises(DamagedStore, match="does not know"):
        enter(here, OTHER)
    enter(here, practices.PASSPHRASE).close()


def test_a_new_key_that_the_record_does_not_know_yet_is_written_down_at_the_next_unlocking(here: Practice) -> None:
    """As a crash leaves it between the keyring and the first opening, of a passphrase set with the recovery words."""
    user = add(here, "Dr Beta", roles.DOCTOR, OTHER)
    keys = keyring.new_user_keys()
    wrap = keyring.wrap_for_user(here.key, here.id, user.id, user.role, THIRD, keys=keys, memory=keyring.MIN_MEMORY)
    keyring.write(here.folder, staff.present(here).with_wrap(wrap))
    theirs = enter(here, THIRD)
    assert theirs.signer.pair.secret == keys.seed
    told = [(line.action, line.detail) for line in history.lines(here.connection)[-2:]]
    assert told == [("key-registered", ""), ("passphrase-changed", "recovery")]
    theirs.close()
    enter(here, THIRD).close()
    assert [line.action for line in history.lines(here.connection)].count("key-registered") == 1
    assert is_sound(here)


def test_two_windows_do_not_write_over_each_others_changes(here: Practice) -> None:
    """One changes his passphrase, which takes a while; meanwhile another adds a user."""
    second = enter(here, practices.PASSPHRASE)
    real = keyring.wrap_for_user
    added: list[bool] = []

    def slow(*given: object, **named: object) -> keyring.Wrap:
        made: keyring.Wrap = real(*given, **named)  # type: ignore[arg-type]
        if not added:
            added.append(True)
            add(second, "Dr Beta", roles.DOCTOR, OTHER)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring, "wrap_for_user", slow)
        staff.change_passphrase(here, practices.PASSPHRASE, THIRD)
    second.close()
    enter(here, OTHER).close()
    enter(here, THIRD).close()


def test_names_are_bounded(here: Practice) -> None:
    for name in ("", "  ", "x" * (founding.MAX_NAME_LENGTH + 1)):
        with pytest.raises(BadInput):
            add(here, name, roles.DOCTOR, OTHER)
    inspection.require_sound(here.connection, "record.db")
