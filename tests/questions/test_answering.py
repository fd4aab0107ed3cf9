"""Answers of a real practice: by concept, by code, by words, by value and by period; each question leaves its line."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from localstore import history, patients, record, roles, staff
from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
)
from localstore.errors import NotYourRole
from localstore.keys import keyring
from localstore.practice import Practice, unlock
from localstore.questions import answering, asking, counting
from localstore.questions.asking import Question
from localstore.values import Coding, Concept, Quantity
from tests import practices

TODAY = date(2026, 3, 1)
LOINC = "http://loinc.org"
A1C = Concept("Hemoglobin A1c/Hemoglobin.total in Blood", (Coding(LOINC, "4548-4", "Hemoglobin A1c"),))
SECRET = "la phrase du secrétariat"  # noqa: S105


def value(number: str) -> Body:
    """An HbA1c."""
    return MeasurementBody(A1C, Quantity(Decimal(number), "%", "%"))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    made = practices.make(tmp_path_factory.mktemp("questions") / "practice")
    people = [
        record.add_patient(made, PatientBody(family, ("Anne",), birth, sex)).id
        for family, birth, sex in (("Azur", "1950", "female"), ("Brun", "1961-05-02", "male"), ("Ciel", "", "unknown"))
    ]
    azur, brun, ciel = people
    penicillin = Concept("Pénicilline G", (Coding("http://www.whocc.no/atc", "J01CE01", "benzylpenicillin"),))
    record.add(made, azur, AllergyBody(penicillin), "2019")
    record.add(made, brun, AllergyBody(none_known=True), "2019")
    record.add(made, azur, ProblemBody(Concept("Diabète de type 2")), "2010")
    record.add(made, brun, ProblemBody(Concept("Diabète de type 1")), "1999")
    record.add(made, azur, value("8.6"), "2025-11")
    record.add(made, azur, value("7.1"), "2024-11-05")
    record.add(made, brun, value("9.5"), "2024-01-10")
    wrong = record.add(made, ciel, value("12.0"), "2026-01-10")
    record.retract(made, wrong.version, "autre patient")
    amended = record.add(made, ciel, value("80"), "2026-02-10")
    record.amend(made, amended.version, value("8.0"))
    record.add(made, ciel, ConsultationBody("Fatigue", "Pâleur conjonctivale"), "2026-02-10")
    yield made
    made.close()


def ask(here: Practice, typed: str) -> list[str]:
    """The family names of those who answer, one for each entry."""
    return [one.family_name for one in answering.ask(here, asking.read(typed, TODAY), typed).answers]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("allergie pénicilline", ["Azur"]),
        ("allergie", ["Azur"]),  # "none known" is no allergy
        ("diabète", ["Azur", "Brun"]),
        ("problème diabète type 1", ["Brun"]),
        ("HbA1c > 8", ["Azur", "Brun"]),
        ("HbA1c >= 8", ["Azur", "Brun", "Ciel"]),
        ("HbA1c > 8 depuis 1 an", ["Azur"]),
        ("HbA1c depuis 5 mois", ["Azur", "Ciel"]),  # 2025-11 may lie in the period
        ("HbA1c avant 2025", ["Azur", "Brun"]),
        ("HbA1c = 12", []),  # retracted
        ("HbA1c = 80", []),  # amended
        ("hemoglobin > 8 mmol/mol", []),
        ("diabète sauf HbA1c depuis 1 an", ["Brun"]),
        ("pâleur", ["Ciel"]),
        ("consultation fatigue", ["Ciel"]),
        ("mesure fatigue", []),
    ],
)
def test_who_answers(here: Practice, typed: str, names: list[str]) -> None:
    assert ask(here, typed) == names


def test_what_is_denied_answers_to_nothing_and_what_is_over_says_so(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "practice")
    zoe = practices.add_zoe(here).id
    flu, asthma, drug = Concept("Vaccin grippe"), Concept("Asthme"), Concept("Warfarine")
    for body in (
        ProblemBody(asthma),
        ImmunisationBody(flu, state="not-done", reason="refus"),
        AllergyBody(Concept("Pénicilline"), verification="refuted"),
        ProblemBody(Concept("Cancer"), verification="refuted"),
        MedicationBody(drug, state="stopped"),
        ProblemBody(Concept("Angine"), clinical_status="resolved"),
        MedicationBody(none_known=True),
    ):
        record.add(here, zoe, body, "2026-01-10")

    def ask(typed: str) -> list[tuple[str, bool]]:
        return [(one.label, one.is_over) for one in answering.ask(here, asking.read(typed, TODAY)).answers]

    assert ask("asthme sauf vaccin grippe") == [("Asthme", False)]
    assert ask("vaccin grippe") == ask("allergie pénicilline") == ask("cancer") == []
    assert ask("traitement warfarine") == [("Warfarine", True)]
    assert ask("traitement actuel warfarine") == ask("traitements actuels") == []
    assert ask("angine") == [("Angine", True)]
    here.close()


def test_a_code_is_asked_for_by_its_beginning(here: Practice) -> None:
    found = answering.ask(here, Question(code="J01C"), "J01C").answers
    assert [(one.family_name, one.label, one.date) for one in found] == [("Azur", "Pénicilline G", "2019")]
    assert answering.ask(here, Question(code="J01D"), "").answers == []
    assert answering.ask(here, Question(code="J01C", system=LOINC), "").answers == []


def test_an_answer_says_whose_what_and_how_much(here: Practice) -> None:
    (one,) = answering.ask(here, asking.read("HbA1c > 9", TODAY)).answers
    assert (one.given_names, one.birth_date, one.sex, one.kind) == (("Anne",), "1961-05-02", "male", "measurement")
    assert (one.value, one.unit, one.date, one.label) == (9.5, "%", "2024-01-10", A1C.text)
    chart = record.chart(here, one.patient)
    assert one.version in {entry.version for entry in chart.entries}


def test_each_question_leaves_a_line_in_the_words_of_who_asked(here: Practice) -> None:
    ask(here, "allergie pénicilline")
    line = history.lines(here.connection)[-1]
    assert (line.action, line.detail, line.patient) == ("practice-asked", "allergie pénicilline", "")


def test_answers_are_counted_by_year_sex_and_age(here: Practice) -> None:
    found = answering.ask(here, asking.read("HbA1c", TODAY)).answers
    whole = counting.whole(found)
    assert (whole.entries, whole.patients, whole.least, whole.greatest, whole.unit) == (4, 3, 7.1, 9.5, "%")
    assert whole.median == pytest.approx(8.3)
    problems = counting.whole(answering.ask(here, asking.read("diabète", TODAY)).answers)
    assert (problems.median, problems.unit) == (None, "")
    measured = answering.ask(here, asking.read("HbA1c > 0", TODAY)).answers
    assert [(one.group, one.entries) for one in counting.by(measured, "year", TODAY)] == [
        ("2024", 2), ("2025", 1), ("2026", 1),
    ]  # fmt: skip
    assert [one.group for one in counting.by(measured, "sex", TODAY)] == ["female", "male", "unknown"]
    assert [one.group for one in counting.by(measured, "age", TODAY)] == ["", "060-069", "070-079"]


def test_a_secretary_may_not_ask(tmp_path: Path) -> None:
    made = practices.make(tmp_path / "practice")
    staff.add(made, "Accueil", roles.SECRETARY, SECRET, memory=keyring.MIN_MEMORY)
    made.close()
    here = unlock(made.folder, SECRET)
    with pytest.raises(NotYourRole):
        answering.ask(here, Question(("x",)))
    assert patients.count(here.connection) == 0
    here.close()
