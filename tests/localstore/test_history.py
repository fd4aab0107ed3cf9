"""The history: chained, signed by who acted, and refused when anything in it was altered."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import crypto, database, history, inspection, practice, record, roles, staff, verification
from localstore.bodies import ProblemBody
from localstore.database import Connection
from localstore.errors import BrokenHistory, StaleStore
from localstore.history import Signer
from localstore.keys import keyring
from localstore.practice import Practice
from localstore.values import Concept
from localstore.verification import ALTERED, OTHER_CONTENTS, UNSIGNED, UNSPOKEN, Broken
from tests import practices
from tests.faults.reopening import Keys, keys_of, reopen
from tests.localstore.tampering import by_hand, first_finding

SECRET = "une autre phrase"  # noqa: S105


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    """A closed practice whose doctor wrote, and read; and its keys."""
    opened = practices.make(tmp_path_factory.mktemp("template") / "alpha")
    zoe = practices.add_zoe(opened).id
    first = record.add(opened, zoe, ProblemBody(Concept("Asthme")), "2001")
    record.amend(opened, first.version, ProblemBody(Concept("Asthme allergique")))
    record.open_chart(opened, zoe, "lettre")
    opened.close()
    return opened.folder, keys_of(opened.folder)


@pytest.fixture
def here(template: tuple[Path, Keys], tmp_path: Path) -> Iterator[Practice]:
    """A copy of the template, open."""
    opened = reopen(Path(shutil.copytree(template[0], tmp_path / "alpha")), template[1])
    yield opened
    opened.close()


def add_secretary(here: Practice) -> Practice:
    """A secretary, who has registered a patient: the practice as she has it open."""
    staff.add(here, "Secrétaire", roles.SECRETARY, SECRET, memory=keyring.MIN_MEMORY)
    hers = practice.unlock(here.folder, SECRET, clock=practices.SteppingClock())
    practices.add_zoe(hers)
    return hers


def broken(here: Practice) -> Broken | None:
    """What the verification says."""
    return verification.first_broken_line(here.connection)


def alter(here: Practice, statement: str, *parameters: Any) -> None:
    """Change the record behind the program's back."""
    with by_hand(here.folder, here.key) as connection:
        connection.execute(statement, parameters)


def test_an_untouched_history_is_whole_and_every_line_is_signed(here: Practice) -> None:
    assert broken(here) is None
    assert all(line.signature is not None and line.contents is not None for line in history.stored(here.connection))
    assert [line.action for line in history.lines(here.connection)] == [
        "practice-made",
        "patient-added",
        "entry-added",
        "entry-amended",
        "record-read",
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-03-01T12:00:01.000Z"),
        ("user", "00000000"),
        ("action", "record-read"),
        ("patient", 2),
        ("subject", "00"),
        ("detail", "problème"),
        ("previous", bytes(32)),
        ("hash", bytes(32)),
        ("versions", 1),
        ("content", bytes(32)),
    ],
)
def test_an_altered_word_is_found_at_its_line(here: Practice, column: str, value: object) -> None:
    alter(here, f"UPDATE history SET {column} = ? WHERE num = 3", value)  # noqa: S608 - a name from above
    assert broken(here) == Broken(3, ALTERED)


@pytest.mark.parametrize("signature", [bytes(64), b"", None, bytes(63)])
def test_an_altered_signature_is_found_at_its_line(here: Practice, signature: bytes | None) -> None:
    alter(here, "UPDATE history SET signature = ? WHERE num = 3", signature)
    assert broken(here) == Broken(3, UNSIGNED)


def test_every_bit_of_a_signature_counts(here: Practice) -> None:
    line = list(history.stored(here.connection))[2]
    assert line.signature is not None
    for bit in range(0, 512, 17):
        altered = bytearray(line.signature)
        altered[bit // 8] ^= 1 << bit % 8
        alter(here, "UPDATE history SET signature = ? WHERE num = 3", bytes(altered))
        assert broken(here) == Broken(3, UNSIGNED)


def test_a_removed_line_is_missed(here: Practice) -> None:
    alter(here, "DELETE FROM history WHERE num = 3")
    assert broken(here) == Broken(4, ALTERED)


def test_a_removed_first_line_is_missed(here: Practice) -> None:
    alter(here, "DELETE FROM history WHERE num = 1")
    assert broken(here) == Broken(2, ALTERED)


def test_two_lines_that_changed_places_are_found(here: Practice) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        alter(here, "UPDATE history SET num = ? WHERE num = ?", new, old)
    assert broken(here) == Broken(3, ALTERED)


def test_a_tail_that_was_cut_off_leaves_versions_that_no_line_speaks_of(here: Practice) -> None:
    alter(here, "DELETE FROM history WHERE num >= 4")
    assert broken(here) == Broken(3, UNSPOKEN)


def test_a_tail_of_readings_that_was_cut_off_is_caught_by_the_head(here: Practice) -> None:
    folder, key = here.folder, here.key
    here.close()
    with by_hand(folder, key) as connection:
        connection.execute("DELETE FROM history WHERE num = 5")
    with pytest.raises(StaleStore, match="line 5"):
        practice.unlock(folder, practices.PASSPHRASE)


def forge(connection: Connection, signer: Signer | None, user: str) -> None:
    """A line after the last one, well chained, in somebody's name: signed by `signer`, or not at all."""
    last = list(history.stored(connection))[-1]
    assert last.contents is not None
    num, told = last.num + 1, ("2026-03-02T12:00:00.000Z", user, "record-read", None, "", "")
    if signer is None:
        stated = msgspec.msgpack.encode(told)
        digest, signature = crypto.digest("history-line", last.hash, stated), None
        rest: tuple[object, ...] = (None, None, None, None)
    else:
        digest = history.line_hash(num, told, last.hash, signer.key, last.contents)
        signature = crypto.sign(signer.pair.secret, "history-line", digest)
        rest = (signer.key, signature, last.contents.versions, last.contents.digest)
    connection.execute(
        "INSERT INTO history (num, at, user, action, patient, subject, detail, previous, hash, key, signature,"
        " versions, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (num, *told, last.hash, digest, *rest),
    )


def test_a_secretary_cannot_sign_in_the_doctors_name(here: Practice) -> None:
    hers = add_secretary(here)
    forge(hers.connection, hers.signer, here.user.id)
    hers.close()
    last = history.lines(here.connection)[-1]
    assert broken(here) == Broken(last.id, UNSIGNED)


def test_her_own_lines_are_good(here: Practice) -> None:
    hers = add_secretary(here)
    forge(hers.connection, hers.signer, hers.user.id)
    hers.close()
    assert broken(here) is None


def test_her_signature_under_the_number_of_the_doctors_key_is_refused(here: Practice) -> None:
    hers = add_secretary(here)
    forge(hers.connection, Signer(here.signer.key, hers.signer.pair), here.user.id)
    hers.close()
    assert broken(here) == Broken(history.lines(here.connection)[-1].id, UNSIGNED)


def test_an_unsigned_line_after_signed_ones_is_refused(here: Practice) -> None:
    forge(here.connection, None, here.user.id)
    assert broken(here) == Broken(6, UNSIGNED)


def test_a_line_whose_key_is_gone_is_refused(here: Practice) -> None:
    alter(here, "DELETE FROM user_key")
    assert broken(here) == Broken(1, UNSIGNED)


def test_a_key_that_was_given_to_another_user_does_not_verify(here: Practice) -> None:
    hers = add_secretary(here)
    alter(here, "UPDATE user_key SET user = ? WHERE num = ?", hers.user.id, here.signer.key)
    hers.close()
    assert broken(here) == Broken(1, UNSIGNED)


def test_what_a_removed_user_signed_verifies_ever_after(here: Practice) -> None:
    hers = add_secretary(here)
    user = hers.user
    hers.close()
    staff.remove(here, user)
    practices.add_zoe(here)
    assert broken(here) is None
    assert history.names(here.connection)[user.id] == "Secrétaire"
    inspection.require_sound(here.connection, "record.db")


def test_a_line_belongs_to_the_transaction_of_its_change(here: Practice) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        history.append(here.connection, here.signer, at=here.now(), user=here.user.id, action="record-read")


def test_a_change_that_fails_leaves_no_line(here: Practice) -> None:
    before = history.count(here.connection)
    with pytest.raises(ZeroDivisionError), database.transaction(here.connection):
        here.log("record-read")
        raise ZeroDivisionError
    assert history.count(here.connection) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE version SET body = (SELECT body FROM version WHERE num = 1) WHERE num = 2",
        "UPDATE version SET date = '1999' WHERE num = 2",
        "UPDATE version SET status = 'entered-in-error' WHERE num = 2",
        "UPDATE version SET sensitivity = 'restricted' WHERE num = 2",
        "UPDATE version SET recorded = '2020-01-01T00:00:00.000Z' WHERE num = 2",
        "UPDATE version SET id = zeroblob(16) WHERE num = 2",
        "UPDATE author SET name = 'Dr Personne'",
        "UPDATE origin SET words = 'ailleurs'",
        "DELETE FROM parent",
    ],
)
def test_what_a_version_says_is_covered(here: Practice, statement: str) -> None:
    alter(here, statement)
    found = broken(here)
    assert found is not None and found.seen == OTHER_CONTENTS
    with pytest.raises(BrokenHistory, match=f"Line {found.line} "):
        inspection.require_sound(here.connection, "record.db")


def test_a_removed_version_is_missed(here: Practice) -> None:
    alter(here, "DELETE FROM parent")
    alter(here, "DELETE FROM version WHERE num = 3")
    assert broken(here) == Broken(4, OTHER_CONTENTS)


def test_a_version_that_no_line_speaks_of_is_found(here: Practice) -> None:
    alter(
        here,
        "INSERT INTO version SELECT 9, randomblob(16), 9, NULL, patient, kind, date, recorded, author, origin, status,"
        " sensitivity, 1, body, block, place, concept, stance, until FROM version WHERE num = 2",
    )
    assert broken(here) == Broken(5, UNSPOKEN)


def test_the_first_of_two_broken_lines_is_named(here: Practice) -> None:
    alter(here, "UPDATE history SET detail = 'x' WHERE num IN (2, 4)")
    found = first_finding(here)
    assert found is not None and (found.check, found.line, found.seen) == ("history", 2, ALTERED)
