"""Who could be taken for whom, and why: the rules, and finding them on record."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import record
from localstore.bodies import PatientBody
from localstore.identities import candidates, homonyms, merging
from localstore.identities.homonyms import Person, Reason
from localstore.model import PatientSummary
from localstore.practice import Practice
from tests import practices


def person(
    identifier: str, family: str, given_name: str, birth: str = "1958-03-12", ins: str = "", used: str = ""
) -> Person:
    """Somebody."""
    return Person(identifier, family, (given_name,), birth, ins, used)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (person("a", "Dupont", "Jean"), person("b", "Dupond", "Jean", "1990-01-01"), Reason.NEAR_NAMES),
        (person("a", "Dupont", "Jean"), person("b", "Dupond", "Jean"), Reason.NEAR_NAMES_AND_BIRTH),
        (person("a", "Dupont", "Jean"), person("b", "DUPONT", "Marie"), Reason.SAME_FAMILY_AND_BIRTH),  # twins
        (person("a", "Dupont", "Jean"), person("b", "Dupont", "Marie", "1990-01-01"), None),
        (person("a", "Lefèvre", "Zoé"), person("b", "lefevre", "ZOE", "1990-01-01"), Reason.SAME_NAMES),
        (person("a", "Lefèvre", "Zoé"), person("b", "lefevre", "ZOE"), Reason.SAME_NAMES_AND_BIRTH),
        (person("a", "Martin", "Jean"), person("b", "Matrin", "Jean", "1990-01-01"), Reason.NEAR_NAMES),
        (person("a", "Lee", "Jean"), person("b", "Lea", "Jean"), None),  # too short for a slip
        (person("a", "Petit", "A", "1990-01-01", "1"), person("b", "Grand", "B", "1950-01-01", "1"), Reason.SAME_INS),
        (person("a", "Petit", "A"), person("a", "Petit", "A"), None),  # the same record
        (person("a", "Martin", "Bernard"), person("b", "Bernard", "Martin"), Reason.SWAPPED_NAMES),
        (person("a", "Martin", "Bernard"), person("b", "Bernard", "Martin", "1990-01-01"), None),
        (person("a", "Durand", "Anne", used="Petit"), person("b", "Petit", "Anne", "1990-01-01"), Reason.USED_NAME),
        (person("a", "Durand", "Anne", used="Petit"), person("b", "Roux", "Anne", used="Petit"), Reason.USED_NAME),
        (person("a", "Durand", "Anne", used="Petit"), person("b", "Petit", "Marc"), None),
        (person("a", "Dupont-Martin", "Zoé"), person("b", "Martin", "Zoé"), Reason.NEAR_NAMES_AND_BIRTH),
        (person("a", "De Villepin", "Zoé"), person("b", "De Gaulle", "Zoé"), None),
        (person("a", "Vandenbroucke", "Zoé"), person("b", "Van den Brouke", "Zoé"), Reason.NEAR_NAMES_AND_BIRTH),
        (person("a", "Dupont", "Jean-Marie"), person("b", "Dupont", "Jean"), Reason.NEAR_NAMES_AND_BIRTH),
        (person("a", "Dupont", ""), person("b", "Dupont", "", "1990-01-01"), None),
    ],
)
def test_who_could_be_taken_for_whom(one: Person, other: Person, reason: Reason | None) -> None:
    assert homonyms.why(one, other) == reason
    assert homonyms.why(other, one) == reason
    pairs = list(homonyms.alike([one, other]))
    assert pairs == ([] if reason is None else [homonyms.Likeness("a", "b", reason)])


def test_the_list_marks_those_who_could_be_confused() -> None:
    found = [
        PatientSummary("a", "Dupont", ("Jean",), "1958-03-12", "male"),
        PatientSummary("b", "Dupond", ("Jean",), "1990-03-12", "male"),
        PatientSummary("c", "Martin", ("Jean",), "1958-03-12", "male"),
    ]
    assert homonyms.confusable(found) == {"a", "b"}


def plainly(one: str, other: str) -> int:
    """The distance by its definition: the whole table."""
    table = [
        [max(row, place) if not min(row, place) else 0 for place in range(len(other) + 1)]
        for row in range(len(one) + 1)
    ]
    for row in range(1, len(one) + 1):
        for place in range(1, len(other) + 1):
            cost = one[row - 1] != other[place - 1]
            best = min(table[row - 1][place] + 1, table[row][place - 1] + 1, table[row - 1][place - 1] + cost)
            if min(row, place) > 1 and one[row - 1] == other[place - 2] and one[row - 2] == other[place - 1]:
                best = min(best, table[row - 2][place - 2] + 1)
            table[row][place] = best
    return table[-1][-1]


names = st.text("abc", max_size=8)


@given(names, names, st.integers(0, 3))
def test_the_distance_is_that_of_the_whole_table_up_to_its_bound(one: str, other: str, bound: int) -> None:
    expected = plainly(one, other)
    assert homonyms.distance(one, other, bound) == (expected if expected <= bound else None)
    assert homonyms.distance(one, other, bound) == homonyms.distance(other, one, bound)


spelt = st.text("aeéînprtS -'\u202e", max_size=12)
people = st.builds(
    Person,
    st.sampled_from("abc"),
    spelt,
    st.lists(spelt, max_size=2).map(tuple),
    st.sampled_from(["", "1958", "1958-03-12", "1990-01-01"]),
    st.sampled_from(["", "1"]),
    spelt,
)


@given(people, people)
def test_a_likeness_goes_both_ways(one: Person, other: Person) -> None:
    assert homonyms.why(one, other) == homonyms.why(other, one)


ANNE = PatientBody("Durand", ("Anne",), "1960-05-04", "female", used_name="Martin")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """A practice with some who could be confused, and many who could not."""
    made = practices.make(tmp_path_factory.mktemp("homonyms") / "here")
    for body in (
        ANNE,
        PatientBody("Durant", ("Anne",), "1960-05-04", "female"),
        PatientBody("Martin", ("Anne",), "1971-01-01", "female"),
        PatientBody("Petit", ("Paul",), "1949-11-30", "male", ins="185057512345673"),
        PatientBody("Petit", ("Paul",), "1949-11-03", "male"),
        PatientBody("Petit", ("Paul",), "1949", "male"),
        PatientBody("Petit", ("Paul",), "1980-01-01", "male"),
        PatientBody("Roux", ("Marc",), "1949-11-30", "male", ins="185057512345673"),
        *(PatientBody(f"Autre{number:02}", ("Marie",), f"19{number:02}-01-01") for number in range(60)),
    ):
        record.add_patient(made, body)
    return made


def similar(here: Practice, body: PatientBody) -> list[tuple[str, str, str]]:
    """Who could be taken for a new patient."""
    found = candidates.like(here.connection, homonyms.of_body("", body))
    return [(one.patient.family_name, one.patient.birth_date, one.reason.value) for one in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ANNE, [("Durand", "1960-05-04", "same-names-and-birth"), ("Martin", "1971-01-01", "used-name"),
                ("Durant", "1960-05-04", "near-names-and-birth")]),
        (PatientBody("Martin", ("Anne",), "1960-05-04"), [("Martin", "1971-01-01", "same-names"),
                                                          ("Durand", "1960-05-04", "used-name")]),
        (PatientBody("Anne", ("Durand",), "1960-05-04"), [("Durand", "1960-05-04", "swapped-names"),
                                                          ("Durant", "1960-05-04", "swapped-names")]),
        (PatientBody("Inconnu", ("Zacharie",), "1960-05-04"), []),
        (PatientBody("X", (), "", ins="185057512345673"), [("Petit", "1949-11-30", "same-ins"),
                                                           ("Roux", "1949-11-30", "same-ins")]),
    ],
)  # fmt: skip
def test_who_is_here_already(here: Practice, body: PatientBody, expected: list[tuple[str, str, str]]) -> None:
    assert similar(here, body) == expected


def test_records_that_may_be_of_one_person_are_listed_the_likeliest_first(here: Practice) -> None:
    found = [
        (double.reason.value, {(one.family_name, one.birth_date) for one in (double.one, double.other)})
        for double in candidates.doubles(here.connection)
    ]
    assert found[0] == ("same-ins", {("Petit", "1949-11-30"), ("Roux", "1949-11-30")})
    assert ("near-names-and-birth", {("Durand", "1960-05-04"), ("Durant", "1960-05-04")}) in found
    assert ("same-names", {("Petit", "1949-11-30"), ("Petit", "1949-11-03")}) in found
    assert ("same-names", {("Petit", "1949-11-30"), ("Petit", "1949")}) in found
    assert not any(("Petit", "1980-01-01") in pair for _, pair in found)
    assert not any(name.startswith("Autre") for _, pair in found for name, _ in pair)
    assert len(candidates.doubles(here.connection, 1)) == 1


def test_a_merged_record_is_no_homonym_and_no_double(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "here")
    keep, other = record.add_patient(here, ANNE).id, record.add_patient(here, ANNE).id
    assert [one.patient.id for one in candidates.like(here.connection, homonyms.of_body(keep, ANNE))] == [other]
    merging.merge(here, keep, other, "double")
    assert candidates.like(here.connection, homonyms.of_body(keep, ANNE)) == ()
    assert candidates.doubles(here.connection) == []
