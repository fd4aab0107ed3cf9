"""Erasing a record: nothing of it is left in any page, everything else is as it was, and the history still verifies."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from localstore import contents, history, paths, patients, record
from localstore.errors import BadInput, NotYourRole, Refused, UnknownPatient
from localstore.model import PatientSummary
from localstore.practice import Practice, unlock
from localstore.rights import erasure
from localstore.rights.erasure import Ground
from tests import practices
from tests.localstore.tampering import by_hand
from tests.rights import cases


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An open practice with nobody in it."""
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def test_the_marks_are_there_before(practice: Practice) -> None:
    cases.marked(practice)
    found = cases.traces(paths.record(practice.folder), practice.key)
    assert {"Xylophag", "Brumophilie", "Klaxophobe", "Wyvernine"} <= set(found)


def test_nothing_is_left_of_an_erased_record(practice: Practice, tmp_path: Path) -> None:
    cases.fill(practice, cases.import_marked(practice, tmp_path / "in"))
    kept = cases.other(practice)
    before = record.chart(practice, kept)
    patient = patients.resolve(practice.connection, "Xylophagides").id
    done = erasure.erase(practice, patient, Ground.MISTAKE, "inscrit sous un autre nom")
    assert done.versions == 46
    assert done.log_emptied
    assert cases.traces(paths.record(practice.folder), practice.key) == {}
    assert cases.unsound(practice) == []
    assert record.chart(practice, kept) == before
    with pytest.raises(UnknownPatient):
        patients.number(practice.connection, patient)
    assert patients.search(practice.connection, "Xylophagides") == []
    told = history.lines(practice.connection)[-1]
    assert (told.action, told.patient) == ("patient-erased", patient)
    assert "inscrit sous un autre nom" in told.detail


def test_the_practice_goes_on_after_it(practice: Practice, tmp_path: Path) -> None:
    patient = cases.marked(practice)
    erasure.erase(practice, patient, Ground.FICTITIOUS, "essai")
    again = cases.import_marked(practice, tmp_path / "in")
    cases.other(practice)
    assert again != patient
    assert cases.unsound(practice) == []
    folder = practice.folder
    practice.close()
    reopened = unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    try:
        assert cases.unsound(reopened) == []
        assert len(patients.listing(reopened.connection)) == 2
    finally:
        reopened.close()


def test_a_version_that_is_deleted_by_hand_is_found(practice: Practice) -> None:
    patient = cases.marked(practice)
    erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    cases.other(practice)
    with by_hand(practice.folder, practice.key) as hand:
        hand.execute("DELETE FROM version WHERE kind = 'problem'")
        hand.execute("DELETE FROM entry_words")
        hand.commit()
    assert "history" in cases.unsound(practice)


@pytest.mark.parametrize("removal", ["1", "(SELECT max(num) FROM removal)"])
def test_a_version_that_is_deleted_by_hand_and_called_erased_is_found(practice: Practice, removal: str) -> None:
    patient = cases.marked(practice)
    cases.other(practice)
    erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    (num,) = practice.connection.execute("SELECT num FROM version WHERE kind = 'problem'").fetchone()
    part = contents.part_of(practice.connection, num)
    with by_hand(practice.folder, practice.key) as hand:
        if removal != "1":
            hand.execute(
                "INSERT INTO removal (id, kind, at, versions, digest, kept) VALUES (x'01', 'erased', '', 1, x'', x'')"
            )
        hand.execute(f"INSERT INTO erased (num, digest, removal) VALUES (?, ?, {removal})", part)  # noqa: S608
        hand.execute("DELETE FROM version WHERE num = ?", (num,))
        hand.commit()
    assert cases.unsound(practice) == ["removals"]


def test_an_erased_version_that_is_put_back_is_found(practice: Practice) -> None:
    patient = cases.marked(practice)
    rows = practice.connection.execute("SELECT * FROM version").fetchall()
    erasure.erase(practice, patient, Ground.MISTAKE, "erreur")
    with by_hand(practice.folder, practice.key) as hand:
        for values in rows:
            hand.execute(f"INSERT INTO version VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
        hand.execute("DELETE FROM erased")
        hand.execute("DELETE FROM removal")
        hand.commit()
    assert "removals" in cases.unsound(practice)


def test_the_law_is_asked_first(practice: Practice) -> None:
    patient = cases.marked(practice)
    with pytest.raises(Refused) as refused:
        erasure.erase(practice, patient, Ground.TIME_OVER)
    assert refused.value.details["date"] == "2046-03-01"
    with pytest.raises(BadInput):
        erasure.erase(practice, patient, Ground.REQUEST, " ")
    with pytest.raises(Refused):
        erasure.erase(practice, patient, Ground.DUPLICATE, "deux fois")
    with pytest.raises(BadInput):
        erasure.erase(practice, patient, Ground.REQUEST, "x" * 501)
    assert len(record.chart(practice, patient).entries) == 4


def test_an_empty_duplicate_leaves(practice: Practice) -> None:
    patient = record.add_patient(practice, cases.MARKED).id
    assert erasure.erase(practice, patient, Ground.DUPLICATE, "deux fois").versions == 1
    assert cases.unsound(practice) == []


def test_a_record_leaves_without_a_ground_once_its_time_is_over(tmp_path: Path) -> None:
    clock = practices.SteppingClock()
    practice = practices.make(tmp_path / "practice", clock=clock)
    patient = cases.marked(practice)
    clock.moment = clock.moment.replace(year=2046, day=2)
    done = erasure.erase(practice, patient, Ground.TIME_OVER)
    assert done.backups_until == "2047-03-01"
    assert cases.unsound(practice) == []
    practice.close()


def test_only_a_doctor_erases(practice: Practice) -> None:
    patient = cases.marked(practice)
    locum = replace(practice, user=replace(practice.user, role="locum"))
    with pytest.raises(NotYourRole):
        erasure.erase(locum, patient, Ground.MISTAKE, "erreur")


def test_the_name_must_be_typed() -> None:
    zoe = PatientSummary("00" * 16, "Dupont-Martin", ("Zoé",), "1958-07-03", "female")
    erasure.require_named(zoe, "DUPONT MARTIN")
    for typed in ("", "oui", "Dupont", "Zoé"):
        with pytest.raises(Refused):
            erasure.require_named(zoe, typed)


# The tables that refer to a version or to a file: each is emptied of whoever leaves.
REFERRING = {
    *("version", "parent", "block", "measured", "source_name", "same_person", "came_with", "patient", "attachment"),
    *("chunk", "unsettled", "original"),
}


def test_no_table_that_speaks_of_versions_is_forgotten(practice: Practice) -> None:
    with by_hand(practice.folder, practice.key) as hand:
        names = [name for (name,) in hand.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {
            name
            for name in names
            for key in hand.execute(f"PRAGMA foreign_key_list({name})")  # noqa: S608 - its own names
            if key[2] in ("version", "attachment")
        }
    assert found == REFERRING
