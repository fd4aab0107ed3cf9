"""The patient list: searching without accents, by any beginning, and telling who is meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import inspection, patients, record
from localstore.bodies import PatientBody
from localstore.database import transaction
from localstore.errors import Ambiguous, UnknownPatient
from localstore.folding import fold
from localstore.practice import Practice
from tests import practices


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    practice = practices.make(tmp_path_factory.mktemp("patients") / "alpha")
    for body in (
        PatientBody("Dupont-Martin", ("Zoé", "Anne"), "1958-07-03", "female", ins="258079900000142"),
        PatientBody("Dupont", ("Jean",), "1960-01-02", "male"),
        PatientBody("D'Ornano", ("Élodie",), "1971-12-31", "female"),
        PatientBody("Lœwy", ("Noël",), "1999-05", "male"),
        PatientBody("محمد", ("علي",), "1980-01-01", "male"),
        PatientBody("Evil\x1b]52;c;aGk=\x07", ("[/]",), "", "unknown"),
    ):
        record.add_patient(practice, body)
    return practice


def names(here: Practice, query: str) -> list[str]:
    return [found.family_name for found in patients.search(here.connection, query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dup", ["Dupont", "Dupont-Martin"]),
        ("zoe", ["Dupont-Martin"]),
        ("MARTIN Zoé", ["Dupont-Martin"]),
        ("dupont martin", ["Dupont-Martin"]),
        ("dupont-martin", ["Dupont-Martin"]),
        ("ornano elodie", ["D'Ornano"]),
        ("d'orn", ["D'Ornano"]),
        ("loewy", ["Lœwy"]),
        ("noel", ["Lœwy"]),
        ("03/07/1958", ["Dupont-Martin"]),
        ("3.7.1958", ["Dupont-Martin"]),
        ("1958-07-03", ["Dupont-Martin"]),
        ("1958", ["Dupont-Martin"]),
        ("2580799", ["Dupont-Martin"]),
        ("محمد", ["محمد"]),
        ("nobody", []),
        ('" NOT * (', []),
        ("!!!", []),
    ],
)
def test_search(here: Practice, query: str, expected: list[str]) -> None:
    assert names(here, query) == expected


def test_an_empty_search_lists_everybody(here: Practice) -> None:
    assert len(names(here, "")) == 6


@given(st.text(max_size=300))
def test_no_query_breaks_the_search(here: Practice, query: str) -> None:
    assert all(isinstance(name, str) for name in names(here, query))


@given(st.text(), st.text())
def test_folding_is_idempotent_and_keeps_word_order(left: str, right: str) -> None:
    assert fold(fold(left)) == fold(left)
    assert fold(f"{left} {right}") == f"{fold(left)} {fold(right)}".strip()


def test_who_is_meant(here: Practice) -> None:
    zoe = patients.search(here.connection, "zoe")[0]
    for reference in (zoe.id, zoe.id[:8], zoe.id.upper(), "Zoé", "258079900000142"):
        assert patients.resolve(here.connection, reference) == zoe
    with pytest.raises(Ambiguous) as caught:
        patients.resolve(here.connection, "dupont")
    assert "Dupont" in str(caught.value)
    for reference in ("", "  ", "nobody", "f" * 32, "%", "_" * 32):
        with pytest.raises(UnknownPatient):
            patients.resolve(here.connection, reference)


def test_an_amended_identity_is_found_by_its_new_name_only(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    zoe = practices.add_zoe(here)
    record.amend(here, zoe.version, PatientBody("Durand", ("Zoé",), "1958-07-03", "female"))
    assert names(here, "durand") == ["Durand"]
    assert names(here, "dupont") == []
    residue = here.connection.execute("SELECT count(*) FROM patient_words_data WHERE instr(block, 'dupont')").fetchone()
    assert residue == (0,)


def test_patients_written_together_are_each_found_by_the_words_that_they_share(tmp_path: Path) -> None:
    """An identity that is written anew and a patient who is added after it, in one transaction, as an import does."""
    here = practices.make(tmp_path / "alpha")
    first = record.add_patient(here, PatientBody("Durand", ("Anne",), "1960-05-04"))
    with transaction(here.connection):
        record.amend(here, first.version, PatientBody("Durand", ("Anne", "Lucie"), "1960-05-04"))
        record.add_patient(here, PatientBody("Durand", ("Marie",), "1960-05-04"))
    for query in ("durand", "dur", "1960-05-04"):
        assert [one.given_names[0] for one in patients.search(here.connection, query)] == ["Anne", "Marie"]
    assert inspection.structure(here.connection).is_sound
