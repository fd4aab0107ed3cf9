"""The users' screen; and what a secretary and a locum meet on the other screens."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from localstore import history, occupancy, practice, roles, staff, users
from localstore.clock import system_clock
from localstore.errors import NotYourRole, WrongPassphrase
from localstore.keys import keyring
from localstore.practice import Practice
from localstore.users import User
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, visiting
from tui.app import Ending
from tui.screens.change_key import ChangeKey
from tui.screens.colleagues import Colleagues
from tui.screens.exports import Exports
from tui.screens.inbox import Inbox
from tui.screens.new_user import NewUserForm
from tui.screens.passphrase import NewPassphrase, OwnNewPassphrase, OwnPassphrase
from tui.screens.patient import PatientForm
from tui.screens.question import Asked, Question
from tui.screens.record import RecordRoom
from tui.screens.search import Search
from tui.screens.share import Share
from tui.screens.unlock import Unlock
from tui.screens.users import Users
from tui.widgets.fields import Choice, Line, Secret
from tui.widgets.form import Form
from tui.widgets.listing import Listing
from tui.widgets.words import Words

SECRETS = {
    roles.DOCTOR: "la deuxieme phrase de passe du cabinet",
    roles.LOCUM: "la phrase de passe de la remplacante",
    roles.SECRETARY: "la phrase de passe du secretariat",
}
NAMES = {roles.DOCTOR: "Dr Delta", roles.LOCUM: "Dr Epsilon", roles.SECRETARY: "Mme Zeta"}


def day(after: int) -> str:
    """The day so many days from today, as ISO 8601."""
    return (system_clock().astimezone().date() + timedelta(days=after)).isoformat()


def with_user(folder: Path, role: str, *, days: int = 30) -> User:
    """Add a user of this role; a locum's access ends in so many days."""
    here = practice.unlock(folder, PASSPHRASE)
    until = day(days) if role == roles.LOCUM else ""
    made = staff.add(here, NAMES[role], role, SECRETS[role], until=until, memory=keyring.MIN_MEMORY)
    here.close()
    return made


def opened(folder: Path, secret: str = PASSPHRASE) -> Practice:
    """The practice, opened beside the interface or after it."""
    return practice.unlock(folder, secret)


async def enter(visit: Visit, secret: str) -> Search:
    """Type a passphrase."""
    unlock = await visit.on(Unlock)
    unlock.query_one("#passphrase", Secret).value = secret
    await visit.press("enter")
    search = await visit.on(Search)
    await visit.until(lambda: search.listing.items)
    return search


def shows(visit: Visit, screen: Screen[Any]) -> bool:
    """Whether this screen, and no other, is shown."""
    return visit.app.screen is screen


async def users_room(visit: Visit) -> Users:
    """Go to the users."""
    await visit.press("f12")
    room = await visit.on(Users)
    await visit.until(lambda: room.listing.items)
    return room


async def choose(visit: Visit, secret: str) -> None:
    """Type a new passphrase twice on the screen that asks for it."""
    for field in visit.app.screen.query(Secret):
        field.value = secret
    await visit.press("ctrl+s")


async def test_a_doctor_adds_a_secretary_who_can_open_the_practice(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await users_room(visit)
        await visit.press("a")
        form = await visit.on(NewUserForm)
        await visit.press("ctrl+s")
        refused = form.query(".refused")
        await visit.until(lambda: len(refused) == 2)  # no name; and a locum needs a last day
        name, role = form.query_one(Form).field("name"), form.query_one(Form).field("role")
        assert isinstance(name, Line) and isinstance(role, Choice)
        name.value, role.chosen = "Mme Zeta", roles.ROLES.index(roles.SECRETARY)
        await visit.press("ctrl+s")
        await visit.on(NewPassphrase)
        await choose(visit, SECRETS[roles.SECRETARY] + " assez longue")
        await visit.on(Users)
        await visit.until(lambda: len(room.listing.items) == 2)
        assert {one.name: one.role for one in room.listing.items} == {"Dr Alpha": "doctor", "Mme Zeta": "secretary"}
    here = opened(houses.alpha, SECRETS[roles.SECRETARY] + " assez longue")
    assert here.user.role == roles.SECRETARY
    here.close()


async def test_a_last_day_is_changed_and_a_user_removed(houses: Houses) -> None:
    added = with_user(houses.alpha, roles.LOCUM)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await users_room(visit)
        await visit.press("end", "d")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = "31/12/2099"
        await visit.press("enter")
        await visit.on(Users)
        await visit.until(lambda: room.listing.items[1].until == "2099-12-31")
        await visit.press("x")
        await visit.on(Question)
        await visit.press("right", "enter")  # not the first answer, which keeps him
        await visit.on(Users)
        await visit.until(lambda: room.listing.items[1].removed)
        await visit.press("d")
        await visit.until(lambda: "Dr Epsilon" in visit.told)  # nothing more can be changed about him
    with pytest.raises(WrongPassphrase):
        opened(houses.alpha, SECRETS[roles.LOCUM])
    here = opened(houses.alpha)
    assert keyring.read(houses.alpha).practice == here.id
    assert (users.by_identifier(here.connection, added.id) or added).removed
    here.close()


async def test_the_last_doctor_of_the_card_cannot_be_removed(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await users_room(visit)
        await visit.press("x")
        await visit.on(Question)
        await visit.press("right", "right", "enter")
        await visit.until(lambda: visit.told)
        await visit.on(Users)
        assert not room.listing.items[0].removed
        occupancy.share(houses.alpha).close()  # and others can open the practice again


async def test_one_s_own_passphrase_is_changed_with_the_old_one(houses: Houses) -> None:
    with_user(houses.alpha, roles.SECRETARY)
    async with visiting(houses.alpha) as visit:
        await enter(visit, SECRETS[roles.SECRETARY])
        await users_room(visit)
        for old, done in (("faux", False), (SECRETS[roles.SECRETARY], True)):
            await visit.press("p")
            dialog = await visit.on(OwnPassphrase)
            dialog.query_one("#old", Secret).value = old
            await visit.press("enter")
            await visit.on(OwnNewPassphrase)
            await choose(visit, "une toute nouvelle phrase de passe pour moi")
            if done:
                await visit.on(Users)
            else:
                await visit.until(lambda: visit.told)
                await visit.on(OwnPassphrase)
                await visit.press("escape")
                await visit.on(Users)
    here = opened(houses.alpha, "une toute nouvelle phrase de passe pour moi")
    assert here.user.role == roles.SECRETARY
    here.close()


async def test_removing_with_a_new_key_locks_and_the_old_key_opens_nothing(houses: Houses) -> None:
    with_user(houses.alpha, roles.SECRETARY)
    before = opened(houses.alpha, SECRETS[roles.SECRETARY])
    old_key = before.key
    before.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await users_room(visit)
        await visit.press("end", "x")
        await visit.on(Question)
        await visit.press("right", "right", "enter")
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
    with pytest.raises(WrongPassphrase):
        opened(houses.alpha, SECRETS[roles.SECRETARY])
    here = opened(houses.alpha)
    assert here.key != old_key
    assert [line.action for line in history.lines(here.connection)][-2:] == ["user-removed", "record-key-changed"]
    here.close()


async def test_the_key_is_not_changed_while_another_window_is_open(houses: Houses) -> None:
    with_user(houses.alpha, roles.SECRETARY)
    other = opened(houses.alpha)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await users_room(visit)
        await visit.press("end", "x")
        await visit.on(Question)
        await visit.press("right", "right", "enter")
        await visit.until(lambda: visit.told)
        await visit.on(Users)
        assert not any(one.removed for one in room.listing.items)
    again = opened(houses.alpha)
    assert other.key == again.key
    again.close()
    other.close()


async def test_the_program_cannot_be_left_while_the_key_changes(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChangeKey, "on_mount", lambda self: None)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        dialog = ChangeKey()
        await visit.app.push_screen(dialog)
        dialog._holds = True
        await visit.press("ctrl+l", "ctrl+q", "escape")
        assert shows(visit, dialog) and visit.app.return_value is None
        dialog._holds = False
        await visit.press("ctrl+l")
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)


async def test_a_secretary_finds_patients_and_sees_identities_alone(houses: Houses) -> None:
    with_user(houses.alpha, roles.SECRETARY)
    async with visiting(houses.alpha) as visit:
        search = await enter(visit, SECRETS[roles.SECRETARY])
        await visit.press("ctrl+o", "f4")  # import, and opening with a reason, are not offered
        assert shows(visit, search)
        await visit.write("lucie")
        await visit.until(lambda: len(search.listing.items) == 1)
        await visit.press("enter")
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        assert room.record is not None and room.record.closed and room.record.entries == ()
        await visit.until(lambda: room.query_one("#closed").display)
        assert not room.query_one("#record-body").display
        assert room.query_one("#closed", Words).words
        await visit.press("a", "p", "c", "s", "e", "h", "f2", "f6", "n", "f")
        assert shows(visit, room)
        await visit.press("t")
        form = await visit.on(PatientForm)
        phone = form.query_one(Form).field("phone")
        assert isinstance(phone, Line)
        phone.value = "0102030405"
        await visit.press("ctrl+s")
        await visit.until(lambda: isinstance(visit.app.screen, RecordRoom | Question))
        if isinstance(visit.app.screen, Question):  # a homonym is asked about
            await visit.press("right", "enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: room.record is not None and room.record.patient.phone == "0102030405")
        await visit.press("escape")
        await visit.on(Search)
        await visit.press("f7")
        inbox = await visit.on(Inbox)
        await visit.pilot.pause()
        assert not inbox.query_one("#inbox", Listing).items
        assert not visit.told
        await visit.press("escape", "f8")
        colleagues = await visit.on(Colleagues)
        await visit.until(lambda: colleagues.listing.items)
        await visit.press("a", "v", "x", "enter")
        assert shows(visit, colleagues)
        await visit.press("escape")
        room_of_users = await users_room(visit)
        await visit.press("a", "d", "x", "n", "k")
        assert shows(visit, room_of_users)
        await visit.press("escape", "ctrl+l")
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
    here = opened(houses.alpha)
    told = [(line.action, line.user) for line in history.lines(here.connection) if line.user != here.user.id]
    assert [action for action, _ in told][:2] == ["administrative-read", "entry-amended"]
    here.close()


async def test_a_colleague_s_extract_is_not_shown_to_a_secretary_by_any_way(houses: Houses) -> None:
    with_user(houses.alpha, roles.SECRETARY)
    async with visiting(houses.alpha) as visit:
        await enter(visit, SECRETS[roles.SECRETARY])
        gateway = visit.app.gateway
        for asked in (gateway.inbox(), gateway.consents(houses.jeanne), gateway.history(houses.jeanne)):
            with pytest.raises(NotYourRole):
                await asked
        chart = await gateway.renew_record(houses.jeanne)
        assert chart.closed and not chart.entries
        await visit.app.push_screen(Share(chart))  # no key leads there
        share = await visit.on(Share)
        await visit.until(lambda: "Rien n'a été fait" in visit.told or "Nothing was done" in visit.told)
        assert shows(visit, share)


async def test_a_locum_works_as_a_doctor_without_governing(houses: Houses) -> None:
    with_user(houses.alpha, roles.LOCUM)
    async with visiting(houses.alpha) as visit:
        await enter(visit, SECRETS[roles.LOCUM])
        room = await users_room(visit)
        await visit.press("a", "d", "x", "n", "k")
        assert shows(visit, room)
        await visit.until(lambda: room.query_one("#about-words", Words).words)
        await visit.press("escape", "f8")
        colleagues = await visit.on(Colleagues)
        await visit.press("a", "x")
        assert shows(visit, colleagues)
        await visit.app.push_screen(RecordRoom(houses.jeanne))
        chart = await visit.on(RecordRoom)
        await visit.until(lambda: chart.record)
        assert chart.record is not None and not chart.record.closed and chart.record.entries


async def test_the_reason_of_an_emergency_is_in_the_history(houses: Houses, tmp_path: Path) -> None:
    async with visiting(houses.alpha) as visit:
        search = await visit.unlock()
        await visit.write("lucie")
        await visit.until(lambda: len(search.listing.items) == 1)
        await visit.press("f4")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = "appel du SAMU"
        await visit.press("enter")
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        await visit.press("e")
        exports = await visit.on(Exports)
        exports.query_one("#folder", Line).value = str(tmp_path / "out")
        exports.query_one("#why", Line).value = "transfert"
        await visit.pilot.click("#emergency")
        await visit.until(lambda: (tmp_path / "out" / "ips.json").exists())
        await visit.press("enter")
    here = opened(houses.alpha)
    told = {line.action: line.detail for line in history.lines(here.connection)}
    assert (told["record-read"], told["emergency-exported"]) == ("appel du SAMU", "transfert")
    here.close()


async def test_the_end_of_an_access_is_said_at_the_door_and_to_the_doctor(
    houses: Houses,
) -> None:
    added = with_user(houses.alpha, roles.LOCUM, days=0)
    here = opened(houses.alpha)
    yesterday = day(-1)
    users.set_until(here.connection, added.id, yesterday)
    here.close()
    async with visiting(houses.alpha) as visit:
        door = await visit.on(Unlock)
        door.query_one("#passphrase", Secret).value = SECRETS[roles.LOCUM]
        await visit.press("enter")
        await visit.until(lambda: yesterday in door.query_one("#door-words", Words).words)
        assert shows(visit, door)
        await visit.unlock()
        await visit.until(lambda: "Dr Epsilon" in visit.told)
    with pytest.raises(WrongPassphrase):  # the wrap is gone: not even the passphrase is known any more
        opened(houses.alpha, SECRETS[roles.LOCUM])
