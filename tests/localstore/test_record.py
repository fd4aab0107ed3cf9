"""The record: versions, competing versions, retraction, reading as an act."""

from pathlib import Path

import pytest

from localstore import history, patients, record, verification, versions
from localstore.bodies import AllergyBody, DocumentBody, PatientBody, ProblemBody
from localstore.errors import BadInput, TooLarge, UnknownEntry, UnknownPatient
from localstore.kinds import Kind, Sensitivity, Status
from localstore.practice import Practice
from localstore.values import Concept
from tests import practices

PENICILLIN = AllergyBody(Concept("Pénicilline"), reaction="urticaire")


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


def actions(here: Practice) -> list[str]:
    return [line.action for line in history.lines(here.connection)]


def test_an_entry_comes_back_as_it_was_written(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    added = record.add(here, zoe.id, PENICILLIN, "2019", Sensitivity.RESTRICTED)
    chart = record.chart(here, zoe.id)
    assert chart.patient == practices.ZOE
    assert chart.entries == (added,)
    assert (added.body, added.date, added.sensitivity, added.kind) == (
        PENICILLIN,
        "2019",
        Sensitivity.RESTRICTED,
        Kind.ALLERGY,
    )
    assert added.id == added.version
    assert added.author.name == "Dr Alpha"


def test_an_amendment_is_a_new_version_that_names_its_parent(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    second = record.amend(here, first.version, AllergyBody(Concept("Pénicilline"), reaction="choc"))
    assert second.id == first.id
    assert second.parents == (first.version,)
    assert record.chart(here, zoe.id).entries == (second,)
    assert record.all_versions(here, first.id) == [first, second]


def test_two_versions_of_one_parent_both_stand(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    one = record.amend(here, first.version, AllergyBody(Concept("A")))
    other = record.amend(here, first.version, AllergyBody(Concept("B")))
    chart = record.chart(here, zoe.id)
    assert chart.entries == (one, other)
    assert chart.competing() == {first.id}


def test_a_version_that_arrives_after_its_successor_is_not_current(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    record.amend(here, first.version, AllergyBody(Concept("B")))
    late, unknown = versions.new_id(), versions.new_id()
    connection = here.connection
    owner = versions.number(connection, zoe.id)
    author, origin = 1, 1
    entry = versions.entry_number(connection, first.id)

    def version(num: int, identifier: bytes, parents: tuple[bytes, ...]) -> versions.NewVersion:
        return versions.NewVersion(
            num, identifier, entry, owner, PENICILLIN, Kind.ALLERGY, "", "", author, origin, parents=parents
        )

    num = versions.next_number(connection)
    versions.insert(connection, [version(num, unknown, (late,))])
    versions.insert(connection, [version(num + 1, late, ())])
    current = {entry.version for entry in record.chart(here, zoe.id).entries}
    assert late.hex() not in current
    assert unknown.hex() in current


def test_a_retraction_keeps_the_statement_and_says_that_it_was_wrong(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    retracted = record.retract(here, first.version, "mauvais dossier")
    assert retracted.status is Status.ENTERED_IN_ERROR
    assert retracted.body == PENICILLIN
    assert history.lines(here.connection)[-1].detail == "mauvais dossier"


def test_every_change_and_every_reading_has_its_line(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    second = record.amend(here, first.version, PENICILLIN, "2020")
    record.open_chart(here, zoe.id, "urgence")
    record.retract(here, second.version, "erreur")
    assert actions(here) == [
        "practice-made",
        "patient-added",
        "entry-added",
        "entry-amended",
        "record-read",
        "entry-retracted",
    ]
    assert verification.first_broken_line(here.connection) is None


def test_what_is_refused_leaves_neither_entry_nor_line(here: Practice) -> None:
    zoe = practices.add_zoe(here)
    first = record.add(here, zoe.id, PENICILLIN)
    before = actions(here)
    with pytest.raises(UnknownPatient):
        record.add(here, "0" * 32, PENICILLIN)
    with pytest.raises(UnknownPatient):
        record.add(here, first.id, PENICILLIN)  # the identifier of an entry is not that of a patient
    with pytest.raises(BadInput):
        record.add(here, zoe.id, PENICILLIN, "2019-13")
    with pytest.raises(BadInput):
        record.add(here, zoe.id, PatientBody("X"))
    with pytest.raises(BadInput):
        record.amend(here, first.version, ProblemBody(Concept("X")))
    with pytest.raises(UnknownEntry):
        record.amend(here, "no", PENICILLIN)
    with pytest.raises(BadInput):
        record.retract(here, zoe.version, "x")
    with pytest.raises(BadInput):
        record.add_patient(here, PatientBody("  "))
    with pytest.raises(TooLarge):
        record.add(here, zoe.id, DocumentBody(content=bytes(5 * 1024 * 1024)))
    with pytest.raises(TooLarge):
        record.add(here, zoe.id, ProblemBody(note="x" * 2_000_000))
    assert actions(here) == before
    assert record.chart(here, zoe.id).entries == (first,)


def test_a_changed_line_breaks_the_chain(here: Practice) -> None:
    practices.add_zoe(here)
    practices.add_zoe(here)
    here.connection.execute("UPDATE history SET action = 'nothing' WHERE num = 2")
    assert verification.first_broken_line(here.connection) == (2, verification.ALTERED)


def test_a_removed_line_breaks_the_chain(here: Practice) -> None:
    practices.add_zoe(here)
    practices.add_zoe(here)
    here.connection.execute("DELETE FROM history WHERE num = 2")
    assert verification.first_broken_line(here.connection) == (3, verification.ALTERED)


def test_what_was_entered_in_error_is_not_amended_back_to_life(here: Practice) -> None:
    patient = record.add_patient(here, PatientBody("Durand", ("Paul",))).id
    wrong = record.retract(here, record.add(here, patient, ProblemBody(Concept("Asthme"))).version, "autre patient")
    with pytest.raises(BadInput, match="entered in error"):
        record.amend(here, wrong.version, ProblemBody(Concept("Goutte")))
    (entry,) = record.chart(here, patient).entries
    assert (entry.version, entry.status) == (wrong.version, Status.ENTERED_IN_ERROR)


def test_versions_that_compete_are_not_settled_into_another_kind(here: Practice) -> None:
    patient = record.add_patient(here, PatientBody("Durand", ("Paul",))).id
    first = record.add(here, patient, ProblemBody(Concept("Asthme")))
    rivals = [record.amend(here, first.version, ProblemBody(Concept(label))) for label in ("Goutte", "Eczéma")]
    with pytest.raises(BadInput, match="what an entry is about"):
        record.settle(here, rivals[0].version, AllergyBody(Concept("Latex")))
    assert {entry.version for entry in record.chart(here, patient).entries} == {one.version for one in rivals}
    settled = record.settle(here, rivals[0].version, ProblemBody(Concept("Migraine")))
    assert [entry.version for entry in record.chart(here, patient).entries] == [settled.version]


def test_each_identity_that_competes_finds_the_patient(here: Practice) -> None:
    made = record.add_patient(here, PatientBody("Un", ("Paul",)))
    rivals = [record.amend(here, made.version, PatientBody(name, ("Paul",))) for name in ("Deux", "Trois")]
    for name, count in (("un", 0), ("deux", 1), ("trois", 1), ("paul", 1)):
        assert [one.id for one in patients.search(here.connection, name)] == [made.id] * count
    record.settle(here, rivals[0].version)
    for name, count in (("deux", 1), ("trois", 0)):
        assert [one.id for one in patients.search(here.connection, name)] == [made.id] * count
