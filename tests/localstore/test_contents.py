"""What the record holds, against what its lines say: nothing put back, hidden, shown again or forgotten."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstore import contents, crypto, database, history, inspection, patients, record, roles, staff
from localstore.bodies import AllergyBody, Body, PatientBody, ProblemBody
from localstore.errors import BrokenHistory, DamagedStore
from localstore.keys import keyring
from localstore.kinds import Sensitivity, Status
from localstore.practice import Practice
from localstore.values import Concept
from sync.sending import sharing
from sync.trust import introductions
from tests import practices
from tests.faults.reopening import Keys, keys_of, reopen
from tests.localstore.tampering import by_hand, first_finding

LOCUM = "la phrase du remplaçant"  # noqa: S105


class Template(NamedTuple):
    """A closed practice in which everything happened that a check looks at, and its keys."""

    folder: Path
    keys: Keys


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    place = tmp_path_factory.mktemp("template")
    alpha, beta, of_beta, _ = practices.two_desks(place)
    here = alpha.practice
    zoe = practices.add_zoe(here).id
    allergy = record.add(here, zoe, AllergyBody(Concept("Pénicilline")), "2019")
    record.amend(here, allergy.version, AllergyBody(Concept("Pénicilline"), reaction="choc"))
    sharing.revoke(alpha, sharing.grant(alpha, zoe, of_beta, purpose="avis"))
    sharing.grant(alpha, zoe, of_beta, purpose="suite")
    user = staff.add(here, "Remplaçante", roles.LOCUM, LOCUM, until="2026-12-31", memory=keyring.MIN_MEMORY)
    staff.set_until(here, user, "2026-11-30")
    staff.remove(here, staff.add(here, "Ancien", roles.SECRETARY, "x y z", memory=keyring.MIN_MEMORY))
    introductions.remove(alpha, of_beta)
    alpha.close()
    beta.close()
    return Template(here.folder, keys_of(here.folder))


@pytest.fixture
def here(template: Template, tmp_path: Path) -> Iterator[Practice]:
    """A copy of the template, open."""
    opened = reopen(Path(shutil.copytree(template.folder, tmp_path / "alpha")), template.keys)
    yield opened
    opened.close()


def test_the_template_is_sound(here: Practice) -> None:
    assert [one.check for one in inspection.findings(here.connection)] == [name for name, _ in inspection.CHECKS]
    inspection.require_sound(here.connection, "record.db")


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE version SET current = 1 WHERE kind = 'allergy'", "current-versions"),
        ("UPDATE version SET current = 0 WHERE kind = 'allergy'", "current-versions"),
        ("UPDATE version SET current = 0 WHERE kind = 'patient'", "current-versions"),
        ("UPDATE patient SET family_name = 'Autre'", "patients"),
        ("UPDATE patient SET ins = '1'", "patients"),
        ("DELETE FROM patient", "patients"),
        ("UPDATE consent SET revoked = ''", "states"),
        ("DELETE FROM consent WHERE revoked = ''", "states"),
        ("UPDATE user SET removed = ''", "states"),
        ("UPDATE user SET until = '2026-12-31' WHERE until <> ''", "states"),
        ("UPDATE user SET until = '' WHERE until <> ''", "states"),
        ("UPDATE colleague SET state = 'verified'", "states"),
        ("DELETE FROM user WHERE name = 'Ancien'", "references"),
        ("DELETE FROM author", "references"),
        ("UPDATE version SET body = zeroblob(10) WHERE kind = 'allergy'", "history"),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_named(here: Practice, statement: str, check: str) -> None:
    with by_hand(here.folder, here.key) as connection:
        connection.execute(statement)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    found = first_finding(here)
    assert found is not None and found.check == check
    with pytest.raises(DamagedStore, match="Nothing was changed"):
        inspection.require_sound(here.connection, "record.db")


def test_a_key_that_was_written_down_in_another_users_name_is_found(here: Practice) -> None:
    """With the record's key anybody can sign as the doctor, by a key of his own: but not without a line about it."""
    seed = bytes(range(32))
    with by_hand(here.folder, here.key) as connection:
        connection.execute(
            "INSERT INTO user_key (user, signing, sealing, voucher, made, ended)"
            " SELECT user, ?, sealing, voucher, made, '' FROM user_key WHERE num = 1",
            (crypto.signing_key(seed).public,),
        )
        (number,) = connection.execute("SELECT max(num) FROM user_key").fetchone()
    signer = history.Signer(number, crypto.signing_key(seed))
    with database.transaction(here.connection):
        history.append(here.connection, signer, at=here.now(), user=here.user.id, action="record-read")
    found = first_finding(here)
    assert found is not None and found.check == "keys"


def register(here: Practice, *actions: tuple[str, str]) -> None:
    """A forger's key in the doctor's name, written down with these lines (action, detail) under that very key."""
    pair = crypto.signing_key(bytes(range(32)))
    with database.transaction(here.connection):
        here.connection.execute(
            "INSERT INTO user_key (user, signing, sealing, voucher, made, ended)"
            " SELECT user, ?, sealing, voucher, made, '' FROM user_key WHERE num = 1",
            (pair.public,),
        )
        (number,) = here.connection.execute("SELECT max(num) FROM user_key").fetchone()
        for action, detail in actions:
            signer = history.Signer(number, pair)
            history.append(here.connection, signer, at=here.now(), user=here.user.id, action=action, detail=detail)


@pytest.mark.parametrize("action", ["key-registered", "passphrase-changed", "user-added", "practice-made"])
def test_a_key_that_introduces_itself_is_found(here: Practice, action: str) -> None:
    register(here, (action, ""), ("record-read", ""))
    assert inspection.lines(here.connection).is_sound
    assert not inspection.introduced_keys(here.connection).is_sound


def test_a_key_after_the_recovery_words_is_sound_and_shown(here: Practice) -> None:
    """This can be imitated by whoever has the record's key: so it is shown."""
    before = inspection.self_introduced(here.connection)
    register(here, ("key-registered", ""), ("passphrase-changed", "recovery"))
    assert inspection.introduced_keys(here.connection).is_sound
    (shown,) = [line for line in inspection.self_introduced(here.connection) if line not in before]
    assert (shown.action, shown.user) == ("key-registered", here.user.id)


def test_a_key_that_comes_before_its_line_is_found(here: Practice) -> None:
    register(here, ("record-read", ""))
    assert not inspection.introduced_keys(here.connection).is_sound
    with database.transaction(here.connection):
        here.log("passphrase-changed", subject=here.user.id)  # a true line afterwards makes it no better
    assert not inspection.introduced_keys(here.connection).is_sound


def test_a_forgotten_revocation_names_its_line(here: Practice) -> None:
    with by_hand(here.folder, here.key) as connection:
        connection.execute("UPDATE consent SET revoked = ''")
    line = next(one for one in history.lines(here.connection) if one.action == "consent-revoked")
    with pytest.raises(BrokenHistory, match=f"Line {line.id} "):
        inspection.require_sound(here.connection, "record.db")


def test_a_whole_page_that_is_put_back_is_detected_where_it_hides_a_version(template: Template, tmp_path: Path) -> None:
    """The measured attack: each page is well encrypted and has its MAC, and is an old one."""
    folder = Path(shutil.copytree(template.folder, tmp_path / "alpha"))
    old = paths_record(folder).read_bytes()
    here = reopen(folder, template.keys)
    zoe = patients.listing(here.connection)[0].id
    allergy = next(one for one in record.chart(here, zoe).entries if isinstance(one.body, AllergyBody))
    record.amend(here, allergy.version, AllergyBody(Concept("Pénicilline"), reaction="choc, réanimation"))
    here.close()
    new, detected, differing = paths_record(folder).read_bytes(), 0, 0
    for at in range(0, min(len(old), len(new)), 4096):
        if old[at : at + 4096] == new[at : at + 4096]:
            continue
        differing += 1
        copy = Path(shutil.copytree(folder, tmp_path / f"at-{at}"))
        paths_record(copy).write_bytes(new[:at] + old[at : at + 4096] + new[at + 4096 :])
        # What SQLite does not miss, the place of a word in a list of one page, changes no answer.
        detected += is_detected(copy, template.keys) or finds_the_allergy(copy, template.keys)
        shutil.rmtree(copy)
    assert differing > 3 and detected == differing


def finds_the_allergy(folder: Path, keys: Keys) -> bool:
    """Whether the chart and the words of the practice both know of the amended allergy."""
    here = reopen(folder, keys)
    zoe = patients.listing(here.connection)[0].id
    (allergy,) = [one for one in record.chart(here, zoe).entries if isinstance(one.body, AllergyBody)]
    found = database.rows(here.connection, "SELECT rowid FROM entry_words WHERE entry_words MATCH 'reanimation'")
    here.close()
    assert isinstance(allergy.body, AllergyBody)
    return allergy.body.reaction == "choc, réanimation" and len(found) == 1


def paths_record(folder: Path) -> Path:
    """The record's file."""
    return folder / "record.db"


def is_detected(folder: Path, keys: Keys) -> bool:
    """Whether opening the record, or looking at it, says that something is wrong."""
    try:
        here = reopen(folder, keys)
    except (DamagedStore, database.DatabaseError):
        return True
    try:
        return first_finding(here) is not None
    finally:
        here.close()


def test_the_digest_follows_from_the_versions_alone(here: Practice) -> None:
    whole = contents.extend(here.connection, contents.Contents(0, contents.START))
    assert contents.extend(here.connection, whole) == whole
    assert contents.extend(here.connection, contents.Contents(0, contents.START)) == whole
    stored = list(history.stored(here.connection))
    replay = contents.Replay(here.connection, contents.Contents(0, contents.START))
    for line in stored:
        assert line.contents is not None
        assert replay.up_to(line.contents.versions) == line.contents.digest
    assert not replay.left


# --- the law: whatever is done through the program leaves everything sound -------------------------------------------

GESTURES = st.lists(
    st.tuples(
        st.sampled_from(["patient", "identity", "add", "amend", "twin", "retract", "read", "reopen"]),
        st.integers(0, 7),
    ),
    max_size=12,
)


def another(before: Body, number: int) -> Body:
    """A body of the same kind."""
    words = Concept(f"Autre chose {number}")
    return AllergyBody(words) if isinstance(before, AllergyBody) else ProblemBody(words)


def make_a_gesture(here: Practice, gesture: str, number: int) -> None:
    """One thing that a doctor does; nothing where there is nothing to do it to."""
    everybody = patients.listing(here.connection)
    if gesture == "patient" or not everybody:
        record.add_patient(here, PatientBody(f"Essai-{number}", ("Zoé",), "1958-07-03", "female"))
        return
    chart = record.chart(here, everybody[number % len(everybody)].id)
    if gesture == "identity":
        version = chart.identity[number % len(chart.identity)].version
        record.amend(here, version, PatientBody(f"Nom-{number}", ("Zoé", "Anne"), "1958-07", "female"))
    elif gesture == "read":
        record.open_chart(here, chart.id, "raison" * (number % 2))
    elif gesture == "add" or not chart.entries:
        sensitivity = Sensitivity.RESTRICTED if number % 3 else Sensitivity.NORMAL
        record.add(here, chart.id, ProblemBody(Concept(f"Problème {number}")), "2001", sensitivity)
    else:
        entry = chart.entries[number % len(chart.entries)]
        if gesture == "retract":
            record.retract(here, entry.version, "erreur")
        elif entry.status is Status.FINAL:  # what was entered in error is not amended
            record.amend(here, entry.version, another(entry.body, number))
        if gesture == "twin" and entry.status is Status.FINAL:  # a second version beside the first
            record.amend(here, entry.version, another(entry.body, number + 1))


@settings(max_examples=12)
@given(GESTURES)
def test_any_sequence_of_gestures_leaves_everything_sound(
    template: Template, tmp_path_factory: pytest.TempPathFactory, gestures: list[tuple[str, int]]
) -> None:
    folder = Path(shutil.copytree(template.folder, tmp_path_factory.mktemp("law") / "alpha"))
    here = reopen(folder, template.keys)
    for gesture, number in gestures:
        if gesture == "reopen":
            here.close()
            here = reopen(folder, template.keys)
        else:
            make_a_gesture(here, gesture, number)
    assert first_finding(here) is None
    here.close()
    shutil.rmtree(folder)
