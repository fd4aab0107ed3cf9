"""What each role may do, shown by real gestures: allowed, or refused with nothing changed."""

import ast
import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from localstore import (
    colleagues,
    consents,
    exporting,
    history,
    importing,
    inspection,
    practice,
    record,
    retention,
    roles,
    settings,
    staff,
    users,
    verification,
)
from localstore.bodies import AllergyBody, PatientBody
from localstore.colleagues import Colleague, State
from localstore.database import rows
from localstore.emergency import door
from localstore.errors import AccessEnded, BadInput, BrokenHistory, NotYourRole, Refused, WrongPassphrase
from localstore.keys import keyring, recovery, rotation
from localstore.practice import Practice
from localstore.roles import DOCTOR, LOCUM, ROLES, SECRETARY, Right
from localstore.users import User
from localstore.values import Concept
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import KeyChanged
from sync.receiving import inbox, reception
from sync.sending import sharing
from sync.trust import card, introductions
from sync.trust.card import Card
from tests import practices
from tests.checks.source import name_of, python_files, tree_of
from tests.practices import PASSPHRASE, SteppingClock
from tests.sync.introduced import doctor
from tui import vocabulary

SECRETS = {role: f"la phrase de passe de {role}" for role in ROLES}
PENICILLIN = AllergyBody(Concept("Pénicilline"))
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
            "resource": {"resourceType": "Patient", "name": [{"family": "Nguyen", "given": ["Linh"]}]},
        }
    ],
}


class Place(NamedTuple):
    """A practice opened by somebody: with a colleague, a patient with an entry and a consent, and an extract that
    arrived from the colleague. `card` is that of a stranger, `folder` is for files."""

    desk: Desk
    patient: str
    entry: str
    colleague: str
    consent: str
    document: str
    card: bytes
    folder: Path

    @property
    def here(self) -> Practice:
        """The practice."""
        return self.desk.practice

    def of_colleague(self) -> Colleague:
        """The colleague."""
        return colleagues.resolve(self.desk.record, self.colleague)

    def user(self, name: str) -> User:
        """A user."""
        return users.resolve(self.desk.record, name)

    def file(self) -> Path:
        """A file to import."""
        path = self.folder / "import.json"
        path.write_text(json.dumps(BUNDLE))
        return path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The practice, closed; to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    alpha, beta, of_beta, of_alpha = practices.two_desks(folder)
    zoe = practices.add_zoe(alpha.practice)
    entry = record.add(alpha.practice, zoe.id, PENICILLIN)
    consent = sharing.grant(alpha, zoe.id, of_beta, purpose="avis")
    theirs = practices.add_zoe(beta.practice)
    record.add(beta.practice, theirs.id, PENICILLIN)
    sharing.grant(beta, theirs.id, of_alpha, purpose="avis")
    sharing.share(beta, theirs.id, of_alpha)
    practices.carry(beta, of_alpha, alpha, of_beta)
    reception.collect(alpha)
    (item,) = inbox.listing(alpha)
    stranger = card.armour(introductions.my_card(practices.make_desk(folder / "gamma", "Gamma", "10001234583")))
    for role in ROLES:
        until = "2026-12-31" if role == LOCUM else ""
        staff.add(alpha.practice, f"User {role}", role, SECRETS[role], until=until, memory=keyring.MIN_MEMORY)
    staff.add(alpha.practice, "Somebody", SECRETARY, "une autre phrase encore", memory=keyring.MIN_MEMORY)
    alpha.close()
    return Place(alpha, zoe.id, entry.version, of_beta.id, consent.id, item.id, stranger, folder)


@pytest.fixture(scope="module", params=ROLES)
def place(request: pytest.FixtureRequest, prepared: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A copy of it, opened by a user of each role in turn. Each gesture is made once in each copy."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(prepared.folder / "alpha", folder / "alpha")
    clock = SteppingClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    desk = desk_room.establish(practice.unlock(folder / "alpha", SECRETS[request.param], clock=clock))
    yield prepared._replace(desk=desk, folder=folder)
    desk.close()


def _amend_identity(at: Place) -> None:
    chart = record.chart(at.here, at.patient)
    record.amend(at.here, chart.identity[-1].version, msgspec.structs.replace(chart.patient, phone="0102030405"))


def _read_medical(at: Place) -> None:
    if not record.open_chart(at.here, at.patient).entries:
        raise NotYourRole(role=at.here.user.role)  # the identity alone was given, and that was written down


GESTURES: dict[str, tuple[Right, Callable[[Place], object]]] = {
    "received-read": (Right.READ, lambda at: inbox.show(at.desk, at.document)),
    "inbox": (Right.READ, lambda at: inbox.listing(at.desk)),
    "versions": (Right.READ, lambda at: record.all_versions(at.here, at.entry)),
    "entry-added": (Right.WRITE, lambda at: record.add(at.here, at.patient, PENICILLIN)),
    "entry-amended": (Right.WRITE, lambda at: record.amend(at.here, at.entry, AllergyBody(Concept("Amoxicilline")))),
    "imported": (Right.WRITE, lambda at: importing.import_paths(at.here, [at.file()])),
    "patient-added": (Right.IDENTITY, lambda at: record.add_patient(at.here, PatientBody("Nouveau"))),
    "identity": (Right.IDENTITY, _amend_identity),
    "exported": (Right.EXPORT, lambda at: exporting.export_patient(at.here, at.patient)),
    "emergency-exported": (Right.EXPORT, lambda at: door.write(at.here, at.patient, at.folder / "out")),
    "extract-shared": (Right.SHARE, lambda at: sharing.share(at.desk, at.patient, at.of_colleague())),
    "consent-granted": (Right.SHARE, lambda at: sharing.grant(at.desk, at.patient, at.of_colleague(), purpose="x")),
    "consent-revoked": (
        Right.SHARE,
        lambda at: sharing.revoke(at.desk, consents.by_identifier(at.desk.record, at.consent)),
    ),
    "extract-taken": (Right.SHARE, lambda at: inbox.take(at.desk, at.document, at.patient)),
    "colleague-added": (Right.TRUST, lambda at: introductions.add(at.desk, at.card)),
    "colleague-verified": (
        Right.TRUST,
        lambda at: introductions.verify(
            at.desk, at.of_colleague(), introductions.fingerprint(at.desk, at.of_colleague())
        ),
    ),
    "colleague-key-changed": (Right.TRUST, lambda at: _stopped(at)),
    "colleague-key-kept": (Right.TRUST, lambda at: introductions.keep_key(at.desk, at.of_colleague())),
    "colleague-rekeyed": (
        Right.TRUST,
        lambda at: _met_anew(at, doctor("Beta", "10001234575").card),
    ),
    "user-added": (
        Right.GOVERN,
        lambda at: staff.add(at.here, "Nouveau", SECRETARY, "encore une autre", memory=keyring.MIN_MEMORY),
    ),
    "user-changed": (Right.GOVERN, lambda at: staff.set_until(at.here, at.user("Somebody"), "2026-12-24")),
    "user-passphrase": (
        Right.GOVERN,
        lambda at: staff.give_passphrase(at.here, at.user("Somebody"), "tout autre chose", keyring.MIN_MEMORY),
    ),
    "user-removed": (Right.GOVERN, lambda at: staff.remove(at.here, at.user("Somebody"))),
    "recovery-renewed": (Right.GOVERN, lambda at: recovery.adopt(at.here, recovery.new_words())),
    "history-dropped": (Right.GOVERN, lambda at: retention.drop(at.here, "2001-01")),
    "key": (Right.GOVERN, lambda at: rotation.require_possible(at.here)),
    "colleague-removed": (Right.TRUST, lambda at: introductions.remove(at.desk, at.of_colleague())),
    "entry-retracted": (Right.WRITE, lambda at: record.retract(at.here, at.entry, "erreur")),
    "record-read": (Right.READ, _read_medical),
    # The last: this window still has the keys that are replaced with it.
    "passphrase-changed": (
        Right.EVERYBODY,
        lambda at: staff.change_passphrase(at.here, SECRETS[at.here.user.role], "la mienne et nouvelle"),
    ),
}


def _met_anew(at: Place, theirs: Card) -> None:
    introductions.meet(at.desk, theirs, State.VERIFIED_IN_PERSON, introductions.known_by(at.desk, theirs))


def _stopped(at: Place) -> None:
    with contextlib.suppress(KeyChanged):
        introductions.add(at.desk, card.armour(doctor("Beta", "10001234575").card))


def state(at: Place) -> object:
    """What a refused gesture must leave as it is: each table, the postbox' peers, the keyring, the files."""
    tables = [name for (name,) in rows(at.desk.record, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    held = {name: rows(at.desk.record, f'SELECT * FROM "{name}"') for name in tables if "search" not in name}  # noqa: S608
    held.pop("tally", None)
    peers = rows(at.desk.postbox, "SELECT * FROM peer")
    return held, peers, keyring.read(at.here.folder), sorted(path.name for path in (at.folder / "out").glob("*"))


@pytest.mark.parametrize("gesture", GESTURES)
def test_a_gesture_is_allowed_or_refused_and_then_changes_nothing(place: Place, gesture: str) -> None:
    right, make = GESTURES[gesture]
    if roles.may(place.here.user.role, right):
        make(place)
        return
    before = state(place)
    with pytest.raises(NotYourRole) as refused:
        make(place)
    assert place.here.user.role in str(refused.value)
    if gesture == "record-read":
        assert history.lines(place.desk.record)[-1].action == "administrative-read"
    else:
        assert state(place) == before


def test_the_table_says_who_may_what() -> None:
    table = {role: {right for right in Right if roles.may(role, right)} for role in (*ROLES, "visitor")}
    assert table == {
        DOCTOR: set(Right),
        LOCUM: set(Right) - {Right.TRUST, Right.GOVERN},
        SECRETARY: {Right.IDENTITY, Right.EVERYBODY},
        "visitor": set(),
    }


def logged() -> dict[str, str]:
    """Every action that a file of the house writes into the history, and where."""
    found: dict[str, str] = {}
    for path in python_files("localstore", "sync", "tui"):
        constants = {
            node.targets[0].id: node.value.value
            for node in tree_of(path).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                found |= dict.fromkeys(_actions(node, constants), name_of(path))
    return found


def _actions(call: ast.Call, constants: dict[str, str]) -> list[str]:
    """The actions that a call writes: of `practice.log`, `practice.log_reading`, `history.append`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("log", "log_reading", "append"):
        return []
    if call.func.attr == "append":
        given = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
    else:
        given = call.args[:1]
    found: list[str] = []
    for one in given:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.append(one.value)
        elif isinstance(one, ast.Name) and one.id in constants:
            found.append(constants[one.id])
    return found


COMPUTED = {
    *("record-read", "administrative-read"),  # record.open_chart chooses by the role
    *("document-read", "document-saved"),  # documents.viewing: by what is done with the file
    *("patient-erased", "patient-archived", "patient-unarchived"),  # rights.removals: by what became of the record
}


def test_every_action_that_is_logged_has_a_right_and_a_word_and_none_has_one_in_vain() -> None:
    actions = set(logged()) | COMPUTED
    assert actions == roles.actions()
    assert actions == set(vocabulary.ACTIONS)


def test_an_action_without_a_right_cannot_be_logged(prepared: Place) -> None:
    with pytest.raises(KeyError):
        prepared.here.log("unheard-of")


class Setting:
    """A clock that shows what it is told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def noon(day: int, month: int = 3) -> datetime:
    """Noon on a day of 2026."""
    return datetime(2026, month, day, 12, 0, tzinfo=UTC)


def test_the_access_of_a_locum_ends_on_its_day_and_no_clock_brings_it_back(tmp_path: Path) -> None:
    clock = Setting(noon(1))
    here = practices.make(tmp_path / "alpha", clock=clock)
    staff.add(here, "Dr L", LOCUM, SECRETS[LOCUM], until="2026-03-10", memory=keyring.MIN_MEMORY)
    here.close()

    def enter(moment: datetime) -> Practice:
        return practice.unlock(tmp_path / "alpha", SECRETS[LOCUM], clock=Setting(moment))

    enter(noon(10)).close()
    with pytest.raises(AccessEnded, match="2026-03-10"):
        enter(noon(11))
    enter(noon(9)).close()  # nobody has written since: the clock is all there is
    later = practice.unlock(tmp_path / "alpha", PASSPHRASE, clock=Setting(noon(11)))
    practices.add_zoe(later)
    later.close()
    with pytest.raises(AccessEnded, match="2026-03-10"):
        enter(noon(9))


def test_what_has_ended_is_dropped_and_comes_back_with_another_day_and_passphrase(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha", clock=Setting(noon(1)))
    locum = staff.add(here, "Dr L", LOCUM, SECRETS[LOCUM], until="2026-03-10", memory=keyring.MIN_MEMORY)
    assert staff.drop_ended(here) == []
    here.close()
    here = practice.unlock(tmp_path / "alpha", PASSPHRASE, clock=Setting(noon(11)))
    practices.add_zoe(here)
    here.close()
    here = practice.unlock(tmp_path / "alpha", PASSPHRASE, clock=Setting(noon(11)))
    assert [one.name for one in staff.drop_ended(here)] == ["Dr L"]
    assert staff.drop_ended(here) == []
    with pytest.raises(WrongPassphrase):
        keyring.unlock(staff.present(here), SECRETS[LOCUM])
    staff.give_passphrase(here, staff.set_until(here, locum, "2026-04-01"), "la nouvelle", keyring.MIN_MEMORY)
    here.close()
    practice.unlock(tmp_path / "alpha", "la nouvelle", clock=Setting(noon(12))).close()


def test_a_passphrase_is_nobody_else_s(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    other = staff.add(here, "Mme S", SECRETARY, SECRETS[SECRETARY], memory=keyring.MIN_MEMORY)
    for attempt in (
        lambda: staff.add(here, "Mme T", SECRETARY, SECRETS[SECRETARY], memory=keyring.MIN_MEMORY),
        lambda: staff.give_passphrase(here, other, PASSPHRASE, keyring.MIN_MEMORY),
        lambda: staff.change_passphrase(here, PASSPHRASE, SECRETS[SECRETARY]),
    ):
        with pytest.raises(BadInput):
            attempt()
    staff.change_passphrase(here, PASSPHRASE, PASSPHRASE)  # to the same: it is one's own
    here.close()


def test_a_keyring_is_never_filled_beyond_what_can_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = practices.make(tmp_path / "alpha")
    monkeypatch.setattr(keyring, "MAX_WRAPS", 3)
    staff.add(here, "Mme S", SECRETARY, SECRETS[SECRETARY], memory=keyring.MIN_MEMORY)
    with pytest.raises(Refused):
        staff.add(here, "Mme T", SECRETARY, "une autre encore", memory=keyring.MIN_MEMORY)
    assert len(users.listing(here.connection)) == 2
    here.close()
    practice.unlock(tmp_path / "alpha", PASSPHRASE).close()


# --- retention -------------------------------------------------------------------------------------------------------


def lived(folder: Path) -> Practice:
    """A practice with lines of three months of 2001, opened and used 25 years later."""
    here = practices.make(folder, clock=Setting(datetime(2001, 1, 5, tzinfo=UTC)))
    zoe = practices.add_zoe(here)
    here.close()
    for month in (2, 3):
        here = practice.unlock(folder, PASSPHRASE, clock=Setting(datetime(2001, month, 5, tzinfo=UTC)))
        record.add(here, zoe.id, PENICILLIN)
        record.open_chart(here, zoe.id)
        here.close()
    here = practice.unlock(folder, PASSPHRASE, clock=Setting(noon(1)))
    record.open_chart(here, zoe.id)
    return here


def test_old_months_are_dropped_and_the_rest_of_the_history_verifies(tmp_path: Path) -> None:
    here = lived(tmp_path / "alpha")
    assert retention.droppable(here, "2001-03") == retention.Old(2, "2001-01", "2001-02", 4)
    assert retention.drop(here, "2001-03").lines == 4
    left = history.lines(here.connection)
    assert [line.action for line in left] == ["entry-added", "record-read", "record-read", "history-dropped"]
    inspection.require_sound(here.connection, "record.db")
    assert retention.drop(here, "2001-03").lines == 0
    here.close()
    again = practice.unlock(tmp_path / "alpha", PASSPHRASE, clock=Setting(noon(2)))
    assert verification.first_broken_line(again.connection) is None
    again.close()


def test_what_must_be_kept_is_refused_and_nothing_is_dropped(tmp_path: Path) -> None:
    here = lived(tmp_path / "alpha")
    for before, error in (("2006-04", Refused), ("2026-01", Refused), ("2001", BadInput), ("2001-13", BadInput)):
        with pytest.raises(error):
            retention.drop(here, before)
    assert retention.drop(here, "2001-01").lines == 0
    assert history.count(here.connection) == 7
    settings.write(here.folder, settings.Settings(history=settings.History(retention_years=3)))
    assert retention.limit(here) == "2023-03"
    (here.folder / "practice.toml").write_text("[history]\nretention_years = 2\n")
    with pytest.raises(BadInput):
        retention.drop(here, "2001-03")
    here.close()


def test_a_history_that_would_not_verify_afterwards_is_not_dropped(tmp_path: Path) -> None:
    here = lived(tmp_path / "alpha")
    here.connection.execute("UPDATE history SET detail = 'x' WHERE num = 6")
    with pytest.raises(BrokenHistory):
        retention.drop(here, "2001-03")
    assert history.count(here.connection) == 7
    here.close()
