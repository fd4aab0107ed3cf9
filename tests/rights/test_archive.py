"""The archive: a record leaves the file whole, is read where it lies, and comes back as it was."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localstore import crypto, exporting, history, keystore, opening, paths, patients, record
from localstore.backup import automatic, making, restoring
from localstore.bodies import DocumentBody
from localstore.database import rows
from localstore.documents import storing
from localstore.errors import ConfrereError, DamagedStore, NotFound, NotYourRole, UnknownPatient
from localstore.identities import merging
from localstore.practice import Practice, unlock
from localstore.rights import archive, archiving, erasure, keeping
from localstore.rights.archive_tables import APPLICATION, MIGRATIONS
from localstore.rights.erasure import Ground
from localstore.rights.terms_of_keeping import State
from tests import practices
from tests.rights import cases

# What may have another number once it is back, and what counts commits or tells of the journey.
_MEANWHILE = frozenset({"history", "tally", "secret", "sqlite_sequence"})


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An open practice with nobody in it."""
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def attach(practice: Practice, patient: str) -> None:
    """A file of three pieces in a record."""
    content = b"Klaxophobe" * 100 + crypto.random_bytes(2 * storing.PIECE_BYTES)
    record.add(practice, patient, DocumentBody("Klaxophobe", media_type="image/png", content=content), "2024")


# Concepts, authors and origins get other numbers when they come back: what refers to them is compared by what they are.
_BY_CONCEPT = (
    "SELECT v.num, c.key FROM version v LEFT JOIN concept c ON c.num = v.concept ORDER BY v.num",
    "SELECT m.version, c.key, m.value, m.unit FROM measured m JOIN concept c ON c.num = m.concept ORDER BY 1, 2",
    "SELECT c.key, n.system, n.code FROM concept_code n JOIN concept c ON c.num = n.concept ORDER BY 1, 2, 3",
    "SELECT v.num, a.name, a.rpps, o.provenance, o.words, o.key FROM version v JOIN author a ON a.num = v.author"
    " JOIN origin o ON o.num = v.origin ORDER BY v.num",
    "SELECT c.key, c.label, w.words FROM concept c JOIN concept_words w ON w.rowid = c.num ORDER BY 1",
)
_NUMBERED = frozenset(
    {"concept", "concept_words", "concept_words_content", "concept_code", "measured", "author", "origin"}
)


def everything(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but of those that the journey itself writes to."""
    names = [name for (name,) in rows(practice.connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    kept = [
        name for name in names if name not in _MEANWHILE and not name.endswith(("_data", "_idx", "_docsize", "_config"))
    ]
    found = {
        name: sorted(rows(practice.connection, f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - its own names
        for name in kept
        if name not in _NUMBERED
    }
    columns = [name for name, *_ in practice.connection.execute("SELECT * FROM version").description]
    same = [place for place, name in enumerate(columns) if name not in ("concept", "author", "origin")]
    found["version"] = [tuple(values[place] for place in same) for values in found["version"]]
    return found | {sql: rows(practice.connection, sql) for sql in _BY_CONCEPT}


def full(practice: Practice, folder: Path) -> str:
    """A patient of every sort of row: imported, written, amended, with a file; his identifier."""
    patient = cases.import_marked(practice, folder)
    cases.fill(practice, patient)
    attach(practice, patient)
    return patient


def test_a_record_comes_back_as_it_was(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    cases.other(practice)
    before, exported = everything(practice), exporting.export_patient(practice, patient)
    archiving.into_archive(practice, patient)
    assert cases.unsound(practice) == []
    assert cases.traces(paths.record(practice.folder), practice.key) == {}
    with pytest.raises(UnknownPatient):
        patients.number(practice.connection, patient)
    archiving.bring_back(practice, patient)
    assert cases.unsound(practice) == []
    assert everything(practice) == before
    assert exporting.export_patient(practice, patient).resources == exported.resources
    assert archive.listing(practice) == []
    assert [line.action for line in history.lines(practice.connection)][-3:-1] == [
        "patient-archived",
        "patient-unarchived",
    ]


def test_a_record_comes_back_after_others_were_written(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    before = record.every_version(practice, patient)
    archiving.into_archive(practice, patient)
    for _ in range(3):
        newcomer = cases.marked(practice)
        attach(practice, newcomer)
    archiving.bring_back(practice, patient)
    assert cases.unsound(practice) == []
    assert record.every_version(practice, patient) == before
    found = rows(practice.connection, "SELECT count(*), count(DISTINCT attachment) FROM chunk")
    assert found == [(12, 4)]


def test_an_archived_record_is_read_with_a_reason_and_stays(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    before = record.chart(practice, patient)
    archiving.into_archive(practice, patient)
    assert archiving.read(practice, patient, "il revient la semaine prochaine") == before
    line = history.lines(practice.connection)[-1]
    assert (line.action, line.patient, line.detail) == ("archive-read", patient, "il revient la semaine prochaine")
    assert [one.id for one in archive.listing(practice)] == [patient]
    assert cases.traces(paths.record(practice.folder), practice.key) == {}
    assert cases.unsound(practice) == []
    with pytest.raises(UnknownPatient):
        patients.number(practice.connection, patient)


def test_whose_role_it_is(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    secretary = replace(practice, user=replace(practice.user, role="secretary"))
    with pytest.raises(NotYourRole):
        archiving.into_archive(secretary, patient)
    archiving.into_archive(practice, patient)
    assert [one.id for one in archive.listing(secretary)] == [patient]
    with pytest.raises(NotYourRole):
        archiving.read(secretary, patient, "curiosité")
    with pytest.raises(NotYourRole):
        archiving.bring_back(secretary, patient)
    assert [one.id for one in archive.listing(practice)] == [patient]
    assert cases.unsound(practice) == []


def test_an_archived_record_can_be_erased(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    archiving.into_archive(practice, patient)
    key = keystore.get(practice.connection, keystore.ARCHIVE)
    assert key is not None
    assert erasure.erase(practice, patient, Ground.REQUEST, "demande acceptée").versions == 47
    assert archive.listing(practice) == []
    assert cases.traces(paths.archive(practice.folder), key) == {}
    assert cases.unsound(practice) == []
    with pytest.raises(NotFound):
        archiving.bring_back(practice, patient)
    assert [one.is_sound for one in archiving.findings(practice)] == [True, True, True]


def test_the_archive_is_in_the_backups(practice: Practice, tmp_path: Path) -> None:
    patient = full(practice, tmp_path / "in")
    before = record.chart(practice, patient)
    archiving.into_archive(practice, patient)
    made = making.make(practice, tmp_path / "place")
    assert (made.folder / "archive.db").stat().st_size > 4096
    restoring.restore(
        made.folder,
        tmp_path / "again",
        restoring.Passphrase(practices.PASSPHRASE),
        replace=False,
        clock=practices.SteppingClock(),
    )
    restored = unlock(tmp_path / "again", practices.PASSPHRASE, clock=practices.SteppingClock())
    try:
        archiving.bring_back(restored, patient)
        assert record.chart(restored, patient) == before
        assert cases.unsound(restored) == []
    finally:
        restored.close()
    assert automatic.places(practice.folder).there


@pytest.mark.parametrize("damage", ["missing", "short", "altered", "emptied"])
def test_a_damaged_archive_says_so_and_the_record_goes_on(practice: Practice, tmp_path: Path, damage: str) -> None:
    patient = full(practice, tmp_path / "in")
    archiving.into_archive(practice, patient)
    path = paths.archive(practice.folder)
    if damage == "missing":
        path.unlink()
    elif damage == "short":
        path.write_bytes(path.read_bytes()[:8192])
    elif damage == "altered":
        data = bytearray(path.read_bytes())
        for place in range(3000, len(data), 4096):
            data[place] ^= 1
        path.write_bytes(data)
    else:
        path.write_bytes(b"")
    with pytest.raises(ConfrereError) as told:
        archiving.bring_back(practice, patient)
    assert isinstance(told.value, DamagedStore)
    assert cases.unsound(practice) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM piece WHERE num = (SELECT max(num) FROM piece)",
        "UPDATE piece SET data = x'90' WHERE num = 3",
        "UPDATE piece SET name = 'nothing' WHERE num = 3",
        "UPDATE piece SET name = 'parent' WHERE name = 'block'",
        "INSERT INTO piece (removal, name, data) SELECT removal, name, data FROM piece WHERE name = 'came_with'"
        " OR name = 'parent'",
    ],
)
def test_pieces_that_somebody_changed_do_not_come_back(practice: Practice, tmp_path: Path, statement: str) -> None:
    patient = full(practice, tmp_path / "in")
    archiving.into_archive(practice, patient)
    key = keystore.get(practice.connection, keystore.ARCHIVE)
    assert key is not None
    held = opening.open_existing(paths.archive(practice.folder), key, APPLICATION, MIGRATIONS)
    held.execute(statement)
    held.close()
    before = everything(practice)
    assert [one.check for one in archiving.findings(practice) if not one.is_sound] == ["archived"]
    with pytest.raises(DamagedStore):
        archiving.bring_back(practice, patient)
    assert everything(practice) == before
    assert cases.unsound(practice) == []


def test_retention_is_told_of_those_in_the_archive_too(tmp_path: Path) -> None:
    clock = practices.SteppingClock()
    practice = practices.make(tmp_path / "practice", clock=clock)
    old, young = cases.marked(practice), cases.other(practice)
    clock.moment = clock.moment.replace(year=2033)
    record.add(practice, young, cases.BODIES[0][0], "2033-02")
    states = {one.patient.id: one.state for one in keeping.listing(practice)}
    assert states == {old: State.DORMANT, young: State.ACTIVE}
    assert [one.patient.id for one in keeping.listing(practice, frozenset({State.DORMANT}))] == [old]
    archiving.into_archive(practice, old)
    states = {one.patient.id: one.state for one in keeping.listing(practice)}
    assert states == {old: State.ARCHIVED, young: State.ACTIVE}
    clock.moment = clock.moment.replace(year=2047)
    assert keeping.listing(practice)[0][:2][1] is State.DUE
    practice.close()


def test_two_records_that_were_merged_leave_and_come_back_together(practice: Practice) -> None:
    kept, other = cases.marked(practice), cases.marked(practice)
    merging.merge(practice, kept, other, "même personne")
    before = everything(practice)
    archiving.into_archive(practice, kept)
    assert cases.unsound(practice) == []
    assert cases.traces(paths.record(practice.folder), practice.key) == {}
    archiving.bring_back(practice, kept)
    assert cases.unsound(practice) == []
    assert everything(practice) == before
    assert erasure.erase(practice, kept, Ground.MISTAKE, "erreur").versions == 12
    assert cases.unsound(practice) == []
    assert cases.traces(paths.record(practice.folder), practice.key) == {}
