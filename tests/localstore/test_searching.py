"""Finding a patient by whatever a person types: names, birth dates in usual spellings, numbers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import patients, record
from localstore.bodies import PatientBody
from localstore.practice import Practice
from localstore.searching import match_expression, telephone
from tests import practices

ZOE = PatientBody(
    "Dupont-Martin",
    ("Zoé", "Anne"),
    "1958-07-03",
    "female",
    used_name="Lefèvre",
    ins="295102A12611193",
    phone="04 72 00 11 22",
)
FINDS = (
    "dup", "martin zo", "LEFEVRE", "zoé lefè", "1958", "1958-07-03", "1958-07", "03/07/1958", "3/7/58",
    "3.7.1958", "3 7 1958",
    "3 juillet 1958", "juillet 1958", "07/1958", "03071958", "19580703", "dupont 1958", "295102A12611193",
    "2 95 10 2A 126 111 93", "2 95 10 2a 126", "0472001122", "04 72 00 11 22", "04.72.00.11.22", "+33 4 72 00 11 22",
    "0033472001122", "+33 (0)472001122", "04720",
)  # fmt: skip
MISSES = ("dupond", "1959", "3 août 1958", "03/07/1985", "0472001123", "2 95 10 2B 126 111 93", "zoé durand")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    made = practices.make(tmp_path_factory.mktemp("search") / "practice")
    record.add_patient(made, ZOE)
    record.add_patient(made, PatientBody("Durand", ("Paul",), "1961-01-09"))
    return made


@pytest.mark.parametrize("typed", FINDS)
def test_zoe_is_found_by(here: Practice, typed: str) -> None:
    assert [one.family_name for one in patients.search(here.connection, typed)] == ["Dupont-Martin"]


@pytest.mark.parametrize("typed", MISSES)
def test_zoe_is_not_found_by(here: Practice, typed: str) -> None:
    assert patients.search(here.connection, typed) == []


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_search(typed: str) -> None:
    expression = match_expression(typed)
    assert len(expression) < 2_000
    assert expression.count('"') % 2 == 0


def test_whatever_is_typed_is_understood_by_the_index(here: Practice) -> None:
    @given(st.text(alphabet=st.sampled_from("ab12é/.- '\"*()+:^ORANDNOT\0"), max_size=40))
    def look(typed: str) -> None:
        patients.search(here.connection, typed)

    look()


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("04 72 00 11 22", "0472001122"), ("+33 4 72 00 11 22", "0472001122"), ("+32 2 123", "322123"), ("", "")],
)
def test_a_telephone_number_is_its_digits(typed: str, digits: str) -> None:
    assert telephone(typed) == digits


def test_a_practice_of_before_is_found_by_telephone_after_upgrading(tmp_path: Path) -> None:
    # The golden archives hold no telephone; the step itself is what fills the words.
    from localstore import upgrading

    made = practices.make(tmp_path / "practice")
    record.add_patient(made, ZOE)
    made.connection.execute("DELETE FROM patient_words")
    assert patients.search(made.connection, "0472") == []
    upgrading.list_patients(made.connection)
    assert len(patients.search(made.connection, "0472")) == 1
    made.close()


@pytest.mark.parametrize(
    "typed",
    [
        "03-07-1958", "3-7-1958", "03-07-58", "1958/07/03", "1958/7/3", "1958-07-03 0472001122",
        "Dupont 03 07 1958 04 72 00 11 22", "04 72 00 11 22 03/07/1958", "3 juillet 1958 0472001122",
        "07/1958 0472001122", "1958-07 04 72 00 11 22", "2 95 10 2A 126 111 93 03-07-1958", "04-72-00-11-22",
        "+33-4-72-00-11-22",
    ],
)  # fmt: skip
def test_a_date_is_a_date_beside_whatever_number(here: Practice, typed: str) -> None:
    assert [one.family_name for one in patients.search(here.connection, typed)] == ["Dupont-Martin"]


def test_who_has_the_very_name_comes_before_those_whose_name_begins_so(tmp_path: Path) -> None:
    made = practices.make(tmp_path / "practice")
    for number in range(12):
        record.add_patient(made, PatientBody(f"Martinez{number:02}", ("Zed",), "1950-01-01"))
    record.add_patient(made, PatientBody("Martin", ("Zoé",), "1950-01-01"))
    record.add_patient(made, PatientBody("Martin", ("Anne",), "1950-01-01"))
    found = patients.search(made.connection, "martin", limit=10)
    assert [(one.family_name, *one.given_names) for one in found[:2]] == [("Martin", "Anne"), ("Martin", "Zoé")]
    assert len(found) == len({one.id for one in found}) == 10
    assert [one.family_name for one in found[2:]] == sorted(one.family_name for one in found[2:])
    assert len(patients.search(made.connection, "martin", limit=14)) == 14
    (of_one,) = patients.search(made.connection, "martin", limit=1)
    assert of_one.family_name == "Martin"
    made.close()
