"""What an answer may not get wrong: negations, units, bounds, words in several places, merged records, local days."""

import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from localstore import patients, record
from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    Component,
    ConsultationBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
)
from localstore.errors import BadInput, TooLarge
from localstore.identities import merging
from localstore.kinds import Kind
from localstore.practice import Practice
from localstore.questions import answering, asking, counting, finding
from localstore.questions.answering import Reply
from localstore.questions.asking import Limit, Question
from localstore.values import Coding, Concept, Quantity
from tests import practices

TODAY = date(2026, 3, 1)
A1C, ASTHMA = Concept("HbA1c"), Concept("Asthme")
DIABETES = ProblemBody(Concept("Diabète de type 2"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Practice]:
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def patient(here: Practice, family: str, *bodies: Body, day: str = "2026-01-10") -> str:
    """A patient with these entries; his identifier."""
    identifier = record.add_patient(here, PatientBody(family, ("Anne",), "1950-01-01")).id
    for body in bodies:
        record.add(here, identifier, body, day)
    return identifier


def value(number: str, unit: str = "%", of: Concept = A1C, comparator: str = "") -> MeasurementBody:
    """A value that was measured."""
    return MeasurementBody(of, Quantity(Decimal(number), unit, "", comparator))


def reply(here: Practice, typed: str) -> Reply:
    return answering.ask(here, asking.read(typed, TODAY), typed)


def names(here: Practice, typed: str) -> list[str]:
    """Those who answer, once each."""
    return sorted({one.family_name for one in reply(here, typed).answers})


def said(here: Practice, typed: str) -> list[str]:
    return [one.told(str) for one in reply(here, typed).remarks]


NOT_DONE: tuple[Body, ...] = (
    MeasurementBody(A1C),
    MeasurementBody(A1C, text="Annulé : tube hémolysé"),
    MeasurementBody(A1C, text="Pas de valeur : non demandé"),
    OtherBody("Goal", "HbA1c < 7"),
    RecallBody(A1C),
    ConsultationBody(plan="HbA1c à refaire"),
    AppointmentBody(reason="HbA1c"),
    FamilyHistoryBody(Concept("Mère"), (A1C,)),
    ProcedureBody(A1C, state="not-done"),
    ProcedureBody(A1C, state="preparation"),
)


def test_what_was_not_done_leaves_nobody_out(here: Practice) -> None:
    for number, body in enumerate(NOT_DONE):
        patient(here, f"N{number}", DIABETES, body)
    patient(here, "Done", DIABETES, value("7"))
    assert names(here, "problème diabète sauf HbA1c depuis 6 mois") == [f"N{number}" for number in range(10)]


def test_a_kind_that_is_named_after_sauf_counts(here: Practice) -> None:
    patient(here, "Azur", DIABETES, RecallBody(A1C), ConsultationBody("HbA1c"))
    assert names(here, "problème diabète sauf rappel HbA1c") == []
    assert names(here, "problème diabète sauf consultation HbA1c") == []


NONE: tuple[Body, ...] = (
    AllergyBody(Concept("Absence déclarée : No known history of drug allergy")),
    AllergyBody(Concept("No known allergy (situation)")),
    AllergyBody(Concept("Aucune allergie médicamenteuse connue")),
    AllergyBody(Concept("Pas d'allergie connue")),
    ProblemBody(Concept("Réfuté : allergie")),
    MedicationBody(Concept("Allergie extrait"), state="cancelled"),
)


def test_what_says_that_there_is_none_answers_to_nothing(here: Practice) -> None:
    patient(here, "Azur", *NONE)
    assert names(here, "allergie") == names(here, "allergy") == names(here, "allergies drug") == []


def test_what_ended_is_over_from_the_next_day_on(here: Practice) -> None:
    today = here.today()
    patient(here, "Azur", MedicationBody(Concept("Warfarine"), end="2021"))
    patient(here, "Brun", MedicationBody(Concept("Warfarine"), end=today))
    patient(here, "Ciel", MedicationBody(Concept("Warfarine"), end=today[:4]), MedicationBody(Concept("Aspirine")))
    patient(here, "Dune", ProblemBody(ASTHMA, abatement="1999-05"))
    found = {one.family_name: one.is_over for one in reply(here, "warfarine").answers}
    assert found == {"Azur": True, "Brun": False, "Ciel": False}
    assert names(here, "traitement actuel warfarine") == ["Brun", "Ciel"]
    assert names(here, "problèmes actifs asthme") == []


def test_active_is_a_word_like_any_other_away_from_the_kind(here: Practice) -> None:
    patient(here, "Azur", ProblemBody(Concept("Hépatite chronique active"), clinical_status="resolved"))
    patient(here, "Brun", MedicationBody(Concept("Charbon actif"), state="stopped"))
    patient(here, "Ciel", MedicationBody(Concept("Charbon végétal")))
    assert names(here, "hépatite chronique active") == ["Azur"]
    assert names(here, "charbon actif") == ["Brun"]


def test_one_letter_is_a_word(here: Practice) -> None:
    patient(here, "Azur", ImmunisationBody(Concept("Vaccin hépatite A (adulte)")))
    patient(here, "Brun", ImmunisationBody(Concept("Vaccin hépatite B (adulte)")))
    patient(here, "Ciel", MedicationBody(Concept("Vitamine D3")), value("30", "ng/mL", Concept("Vitamine D")))
    patient(here, "Dune", MedicationBody(Concept("Vitamine B12")))
    assert names(here, "vaccin hépatite A") == ["Azur"]
    assert names(here, "vaccins sauf vaccin hépatite A") == ["Brun"]
    assert names(here, "vitamine D") == ["Ciel"]


def test_a_value_that_is_only_a_bound_answers_where_the_true_one_must(here: Practice) -> None:
    patient(here, "Azur", value("8", comparator="<"))
    patient(here, "Brun", value("9", comparator=">="))
    assert names(here, "HbA1c < 8") == names(here, "HbA1c <= 8") == names(here, "HbA1c < 9") == ["Azur"]
    assert names(here, "HbA1c < 7") == names(here, "HbA1c = 8") == names(here, "HbA1c > 9") == []
    assert names(here, "HbA1c >= 9") == names(here, "HbA1c > 8") == names(here, "HbA1c >= 8") == ["Brun"]
    (one,) = reply(here, "HbA1c < 8").answers
    assert (one.value, one.bound) == (8, "<")
    assert counting.whole([one]).median is None


def test_a_known_measure_is_converted_and_that_is_told(here: Practice) -> None:
    patient(here, "Azur", value("53", "mmol/mol"))
    patient(here, "Brun", value("75", "mmol/mol"))
    patient(here, "Ciel", value("8.5"))
    patient(here, "Dune", value("9", "mg"), value("9", ""))
    assert names(here, "HbA1c > 8") == ["Brun", "Ciel"]
    assert said(here, "HbA1c > 8") == [
        "No unit was given: compared in %.", "Values in mmol/mol were converted.", "Values in mg were left out.",
        "Values without a unit were left out.",
    ]  # fmt: skip
    assert names(here, "HbA1c > 53 mmol/mol") == ["Brun", "Ciel"]
    assert names(here, "HbA1c entre 6,9 et 7,1 %") == ["Azur"]
    glucose = Concept("Glycémie", (Coding("http://loinc.org", "14749-6", "Glucose"),))
    patient(here, "Etna", value("5.5", "mmol/L", glucose))
    patient(here, "Foch", value("1.4", "g/L", glucose))
    assert names(here, "glycémie > 1,26") == ["Foch"]
    assert names(here, "glycémie < 1") == ["Etna"]


def test_an_unknown_measure_is_compared_in_the_unit_of_most(here: Practice) -> None:
    dose = Concept("Ferritinémie")
    for name, number, unit in (("Azur", "20", "ng/mL"), ("Brun", "30", "ng/mL"), ("Ciel", "40", "pmol/L")):
        patient(here, name, value(number, unit, dose))
    assert names(here, "ferritinémie > 25") == ["Brun"]
    assert said(here, "ferritinémie > 25") == [
        "No unit was given: compared in ng/mL.", "Values in pmol/L were left out.",
    ]  # fmt: skip
    assert names(here, "ferritinémie > 25 pmol/L") == ["Ciel"]
    assert said(here, "ferritinémie > 25 g") == ["Values in ng/mL, pmol/L were left out."]
    assert said(here, "inconnu > 25") == ["No value is known under the name “inconnu”."]


def test_another_measure_whose_name_begins_alike_is_not_compared(here: Practice) -> None:
    patient(here, "Azur", value("9", "%", Concept("Hémoglobine glyquée")))
    patient(here, "Brun", value("9", "g/dL", Concept("Hémoglobine")))
    assert names(here, "hémoglobine < 10") == ["Brun"]


def test_a_number_without_a_measure_is_refused(here: Practice) -> None:
    with pytest.raises(BadInput):
        answering.ask(here, Question(kind=Kind.MEASUREMENT, limits=(Limit(">", Decimal(8)),)))


def test_both_pressures_are_found_and_the_systolic_one_is_compared(here: Practice) -> None:
    parts = [("Systolique", "8480-6", "150"), ("Diastolique", "8462-4", "95")]
    components = tuple(
        Component(Concept(name, (Coding("http://loinc.org", code, name),)), Quantity(Decimal(number), "mmHg", "mm[Hg]"))
        for name, code, number in parts
    )
    patient(here, "Azur", MeasurementBody(Concept("Pression artérielle"), components=components))
    patient(here, "Brun", ProblemBody(Concept("Tabagisme")))
    for name in ("tension", "TA", "PA", "pression artérielle", "blood pressure"):
        assert names(here, f"{name} > 140") == ["Azur"], name
        assert names(here, f"{name} > 160") == [], name
    assert names(here, "tension < 100") == []
    assert said(here, "tension > 140 mmHg") == ["The systolic pressure is compared."]
    assert names(here, "systolique") == names(here, "diastolique > 90") == ["Azur"]
    assert names(here, "pression artérielle") == ["Azur"]


def test_words_may_lie_partly_in_the_concept_and_partly_in_what_was_typed(here: Practice) -> None:
    patient(here, "Azur", ProblemBody(Concept("Fracture"), note="poignet gauche"))
    patient(here, "Brun", ProblemBody(Concept("Fracture"), note="cheville"), ProblemBody(Concept("Entorse du poignet")))
    patient(here, "Ciel", ConsultationBody("Fracture ?", "poignet indolore"))
    assert names(here, "fracture poignet") == ["Azur", "Ciel"]
    assert names(here, "problème fracture du poignet gauche") == ["Azur"]
    assert names(here, "fracture poignet droit") == []


BESIDES: tuple[tuple[Body, str], ...] = (
    (AllergyBody(Concept("Pénicilline"), manifestations=(Concept("Choc anaphylactique"),)), "anaphylactique"),
    (AllergyBody(Concept("Pénicilline"), manifestations=(Concept("Urticaire"),)), "allergie pénicilline urticaire"),
    (FamilyHistoryBody(Concept("Mère"), (Concept("Asthme"), Concept("Diabète"))), "diabète"),
    (ProblemBody(Concept("Fracture"), body_site=Concept("Fémur")), "fracture fémur"),
    (ImmunisationBody(Concept("Priorix"), (Concept("Rougeole"),)), "vaccin rougeole"),
    (MeasurementBody(Concept("Score"), components=(Component(Concept("Sommeil"), text="bon"),)), "score sommeil"),
)


def test_what_an_entry_speaks_of_besides_is_found(here: Practice) -> None:
    for number, (body, _) in enumerate(BESIDES):
        patient(here, f"N{number}", body)
    for number, (_, typed) in enumerate(BESIDES):
        assert names(here, typed) == [f"N{number}"], typed


def test_the_records_of_one_person_are_one_however_they_were_merged(here: Practice) -> None:
    alpha = patient(here, "Alpha", DIABETES)
    bravo = patient(here, "Bravo", value("9"))
    charlie = patient(here, "Charlie", value("8.5"))
    merging.merge(here, alpha, bravo, "doublon")
    merging.merge(here, bravo, charlie, "doublon")
    kept = patients.listing(here.connection)
    assert len(kept) == 1
    assert {one.patient for one in reply(here, "HbA1c > 8").answers} == {kept[0].id}
    assert names(here, "HbA1c > 8 sauf problème diabète") == []
    assert len(reply(here, "HbA1c > 8").answers) == 2


def test_a_moment_counts_on_its_day_here(here: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        patient(here, "Azur", ConsultationBody("toux"), day="2025-01-01T23:30:00Z")
        assert names(here, "toux depuis 2025-01-02") == ["Azur"]
        assert names(here, "toux avant 2025-01-02") == names(here, "toux depuis 2025-01-03") == []
        patient(here, "Brun", ConsultationBody("toux"), day="2024-12-31T23:30:00Z")
        assert names(here, "toux avant 2025") == []
        assert names(here, "toux depuis 2025") == ["Azur", "Brun"]
        assert [one.date for one in reply(here, "toux").answers] == ["2025-01-02", "2025-01-01"]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_more_answers_than_the_bound_are_told_and_not_cut(here: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(here, "Azur", DIABETES, DIABETES, DIABETES)
    monkeypatch.setattr(finding, "MAX_ROWS", 3)
    assert len(reply(here, "diabète").answers) == 3
    monkeypatch.setattr(finding, "MAX_ROWS", 2)
    for typed in ("diabète", "problèmes"):
        with pytest.raises(TooLarge):
            reply(here, typed)
