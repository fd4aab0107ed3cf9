"""Two records of one person: read as one, taken apart again, nothing lost."""

from pathlib import Path

import pytest

from localstore import consents, exporting, history, inspection, patients, people, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.errors import Ambiguous, BadInput, NotFound, Refused
from localstore.fhir.json_text import decode
from localstore.identities import merging
from localstore.identity import INS_NIR_OID, INS_TEST_OID
from localstore.practice import Practice
from localstore.values import Concept
from tests import practices

DURAND = PatientBody("Durand", ("Anne",), "1960-05-04", "female", ins="260057511600140", phone="0102030405")
MARTIN = PatientBody("Durand", ("Anne", "Marie"), "1960-05-04", "female", used_name="Martin")
THIRD = PatientBody("Durant", ("Anne",), "1960-05-04", "female")
OTHER_INS = PatientBody("Petit", ("Paul",), "1949-11-30", "male", ins="185057512345673", ins_oid=INS_NIR_OID)
WITH_INS = PatientBody("Grand", ("Jean",), "1985-05-30", "female", ins="277010115400329", ins_oid=INS_NIR_OID)


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    """A practice."""
    return practices.make(tmp_path / "here")


def two(here: Practice) -> tuple[str, str]:
    """Two records of Anne Durand: in the one a problem, in the other an allergy."""
    keep, other = record.add_patient(here, DURAND).id, record.add_patient(here, MARTIN).id
    record.add(here, keep, ProblemBody(Concept("Asthme")), "2010")
    record.add(here, other, AllergyBody(Concept("Latex")), "2015")
    return keep, other


def labels(here: Practice, patient: str) -> list[str]:
    """What stands in a record."""
    found = [entry.body for entry in record.chart(here, patient).entries]
    return [one.concept.label if isinstance(one, ProblemBody) else one.substance.label for one in found]  # type: ignore[union-attr]


def test_a_merged_record_is_read_under_the_one_that_is_kept(here: Practice) -> None:
    keep, other = two(here)
    merging.merge(here, keep, other, "double")
    assert record.chart(here, keep) == record.chart(here, other)
    assert labels(here, other) == ["Asthme", "Latex"]
    chart = record.chart(here, other)
    assert chart.id == keep and chart.patient == DURAND
    assert [entry.body for entry in chart.also_registered] == [MARTIN]
    assert [one.id for one in patients.listing(here.connection)] == [keep]
    assert patients.count(here.connection) == 1
    assert [one.id for one in merging.registered_as(here, keep)] == [other]


@pytest.mark.parametrize("query", ["martin", "anne marie", "durand", "2600575", "04/05/1960"])
def test_a_search_by_what_either_is_registered_under_finds_the_kept_one_once(here: Practice, query: str) -> None:
    keep, other = two(here)
    assert patients.search(here.connection, "martin")[0].id == other
    merging.merge(here, keep, other, "double")
    assert [one.id for one in patients.search(here.connection, query)] == [keep]
    assert patients.resolve(here.connection, other[:8]).id == keep
    merging.unmerge(here, other, "deux personnes")
    assert [one.id for one in patients.search(here.connection, "martin")] == [other]
    assert [one.id for one in patients.search(here.connection, "2600575")] == [keep]


def test_what_is_written_while_merged_stays_with_the_record_it_was_written_to(here: Practice) -> None:
    keep, other = two(here)
    before = record.chart(here, keep), record.chart(here, other)
    merging.merge(here, keep, other, "double")
    new = record.add(here, other, ProblemBody(Concept("Goutte")), "2020")
    assert new.patient == keep
    latex = next(entry for entry in record.chart(here, keep).entries if isinstance(entry.body, AllergyBody))
    amended = record.amend(here, latex.version, AllergyBody(Concept("Latex naturel")))
    identity = record.chart(here, keep).also_registered[0]
    record.amend(here, identity.version, PatientBody("Durand-Lenoir", ("Anne",), "1960-05-04", "female"))
    assert [one.id for one in patients.search(here.connection, "lenoir")] == [keep]
    merging.unmerge(here, other, "deux personnes")
    assert record.chart(here, keep) == before[0]._replace(entries=(*before[0].entries, new))
    assert labels(here, other) == ["Latex naturel"]
    assert record.chart(here, other).entries[0].version == amended.version
    assert [one.id for one in patients.search(here.connection, "lenoir")] == [other]


def test_the_history_tells_of_both_in_both_records(here: Practice) -> None:
    keep, other = two(here)
    merging.merge(here, keep, other, "même carte Vitale")
    merging.unmerge(here, other, "erreur : jumelles")
    for patient in (keep, other):
        found = history.lines(here.connection, patients.number(here.connection, patient))
        told = [(line.action, line.patient, line.subject, line.detail) for line in found if "merged" in line.action]
        assert told == [
            ("patients-merged", keep, other, "même carte Vitale"),
            ("patients-unmerged", keep, other, "erreur : jumelles"),
        ]
    assert [one for one in inspection.findings(here.connection) if not one.is_sound] == []


def test_the_history_and_the_consents_of_a_merged_record_are_those_of_the_person(here: Practice) -> None:
    keep, other = two(here)
    number, merged = (patients.number(here.connection, one) for one in (keep, other))
    record.open_chart(here, other, "ordonnance")
    merging.merge(here, keep, other, "double")
    assert "ordonnance" in [line.detail for line in history.lines(here.connection, number)]
    assert consents.of_patient(here.connection, number) == []
    assert people.members(here.connection, number) == [number, merged]


def test_an_export_of_either_holds_both(here: Practice) -> None:
    keep, other = two(here)
    merging.merge(here, keep, other, "double")
    for patient in (keep, other):
        exported = decode(exporting.export_patient(here, patient).data, "export")
        found = [entry["resource"]["resourceType"] for entry in exported["entry"]]
        assert sorted(found) == ["AllergyIntolerance", "Condition", "Patient", "Patient"]


def test_records_of_one_person_are_a_tree_that_is_taken_apart_at_any_place(here: Practice) -> None:
    keep, other = two(here)
    third = record.add_patient(here, THIRD).id
    alone = record.chart(here, keep), record.chart(here, other), record.chart(here, third)
    merging.merge(here, keep, other, "double")
    merging.merge(here, third, other, "triple")  # what is merged already brings with it what it is read under
    assert [record.chart(here, one).id for one in (keep, other, third)] == [third] * 3
    assert [one.id for one in patients.search(here.connection, "martin")] == [third]
    with pytest.raises(Ambiguous):
        merging.unmerge(here, third, "?")
    merging.unmerge(here, keep, "non")
    assert record.chart(here, third) == alone[2]
    assert record.chart(here, other).id == keep
    merging.unmerge(here, "durand anne marie", "non")
    assert (record.chart(here, keep), record.chart(here, other), record.chart(here, third)) == alone
    with pytest.raises(NotFound):
        merging.unmerge(here, other, "encore")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_reason_is_needed_and_has_a_bound(here: Practice, reason: str) -> None:
    keep, other = two(here)
    with pytest.raises(BadInput):
        merging.merge(here, keep, other, reason)
    assert patients.count(here.connection) == 2


def test_a_record_is_not_merged_into_itself_nor_in_a_circle(here: Practice) -> None:
    keep, other = two(here)
    with pytest.raises(BadInput):
        merging.merge(here, keep, keep, "?")
    merging.merge(here, keep, other, "double")
    for one, two_ in ((keep, other), (other, keep), (other, other)):
        with pytest.raises(BadInput):
            merging.merge(here, one, two_, "?")
    lines = [line.action for line in history.lines(here.connection)]
    assert lines.count("patients-merged") == 1


def test_two_numbers_that_are_both_right_ask_for_certainty(here: Practice) -> None:
    one, other = record.add_patient(here, OTHER_INS).id, record.add_patient(here, WITH_INS).id
    assert merging.preview(here, one, other).different_ins
    with pytest.raises(Refused):
        merging.merge(here, one, other, "double")
    assert patients.count(here.connection) == 2
    merging.merge(here, one, other, "deux numéros, une personne", different_ins=True)
    assert patients.count(here.connection) == 1


def test_a_number_for_tests_is_never_that_of_a_person(here: Practice) -> None:
    tests = PatientBody("Petit", ("Paul",), "1949-11-30", "male", ins=OTHER_INS.ins, ins_oid=INS_TEST_OID)
    one, other = record.add_patient(here, OTHER_INS).id, record.add_patient(here, tests).id
    with pytest.raises(Refused):
        merging.merge(here, one, other, "double")


def test_the_preview_says_why_they_could_be_one_and_what_stands_in_each(here: Practice) -> None:
    keep, other = two(here)
    record.add(here, other, ProblemBody(Concept("Goutte")), "2020-03")
    found = merging.preview(here, keep, other)
    assert found.reason == "same-names-and-birth"
    assert (found.keep.entries, found.keep.since, found.keep.until) == (1, "2010", "2010")
    assert (found.other.entries, found.other.since, found.other.until) == (2, "2015", "2020-03")


def test_a_row_without_its_line_and_a_line_without_its_row_are_found(here: Practice) -> None:
    keep, other = two(here)
    here.connection.execute("BEGIN")
    numbers = [patients.number(here.connection, one) for one in (keep, other)]
    people.join(here.connection, numbers[1], numbers[0], here.now())
    assert not inspection.merged_records(here.connection).is_sound
    here.connection.execute("ROLLBACK")
    merging.merge(here, keep, other, "double")
    assert inspection.merged_records(here.connection).is_sound
    here.connection.execute("BEGIN")
    people.part(here.connection, numbers[1])
    assert not inspection.merged_records(here.connection).is_sound
    here.connection.execute("ROLLBACK")
