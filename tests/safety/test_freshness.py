"""How old the last value is, and when it is too old."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import MeasurementBody, MedicationBody, PatientBody
from localstore.model import Entry
from localstore.safety.cautions import Severity
from localstore.safety.checking import warnings
from localstore.safety.freshness import due, last
from localstore.values import Coding, Concept
from tests.safety.charts import LOINC, MAN, TODAY, WOMAN, entry, measured, medicine, problem

INR = Concept("INR", (Coding(LOINC, "6301-6"),))
CHILD = PatientBody("Petit", birth_date="2022-03-01", sex="male")


def old(new: MedicationBody, patient: PatientBody, *entries: Entry) -> list[str]:
    """What is said of values that the medicine asks for."""
    found = warnings(entries, patient, new, TODAY)
    return [f"{one.code} {one.labels['what']}" for one in found if one.code in ("old-value", "no-value")]


def weight(day: str) -> Entry:
    """A weight of that day."""
    return entry(measured("29463-7", "16", "kg"), day)


@pytest.mark.parametrize(
    ("new", "patient", "entries", "expected"),
    [
        (medicine("Amoxicilline"), CHILD, [], ["no-value Weight"]),
        (medicine("Amoxicilline"), CHILD, [weight("2025-08-01")], ["old-value Weight"]),
        (medicine("Amoxicilline"), CHILD, [weight("2025-08-01"), weight("2026-02-01")], []),
        (medicine("Amoxicilline"), WOMAN, [], []),
        (medicine("Fluindione 20 mg"), MAN, [entry(measured("6301-6", "2.4", ""), "2026-01-15")], ["old-value INR"]),
        (medicine("x", "B01AA02"), MAN, [entry(measured("6301-6", "2.4", ""), "2026-02-15")], []),
        (medicine("Metformine 850 mg"), WOMAN, [], ["no-value Creatinine"]),
        (medicine("x", "A10BD07"), WOMAN, [entry(measured("14682-9", "70", "µmol/L"), "2025-06")], []),
        (medicine("Ibuprofène"), MAN, [], ["no-value Creatinine"]),
        (medicine("Ibuprofène"), WOMAN, [], []),
        (medicine("Ibuprofène"), PatientBody("Inconnu"), [], []),
        (medicine("Lévothyroxine 75 µg"), WOMAN, [], ["no-value TSH"]),
    ],
)
def test_what_a_medicine_asks_for(
    new: MedicationBody, patient: PatientBody, entries: list[Entry], expected: list[str]
) -> None:
    assert old(new, patient, *entries) == expected


def test_an_old_value_is_a_notice() -> None:
    assert {one.severity for one in warnings([], CHILD, medicine("Amoxicilline"), TODAY)} == {Severity.NOTICE}


def test_what_is_due_follows_from_what_the_patient_has() -> None:
    diabetic = entry(problem("Diabète de type 2"))
    assert [one.labels["what"] for one in due([diabetic], WOMAN, TODAY)] == ["HbA1c"]
    assert list(due([diabetic, entry(measured("4548-4", "7", "%"), "2026-01-02")], WOMAN, TODAY)) == []
    assert list(due([entry(problem("Diabète insipide"))], WOMAN, TODAY)) == []
    assert [one.labels["what"] for one in due([entry(medicine("Previscan"))], WOMAN, TODAY)] == ["INR"]


def inr(value: str, day: str) -> Entry:
    """An INR; in words where it is no number."""
    return entry(measured("6301-6", value, "") if value[:1].isdigit() else MeasurementBody(INR, text=value), day)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([inr("2.4", "2026-02-20")], []),
        ([inr("Pas de valeur : non réalisé", "2026-02-20")], ["no-value INR"]),
        ([inr("Annulé : tube hémolysé", "2026-02-20")], ["no-value INR"]),
        ([inr("", "2026-02-20")], ["no-value INR"]),
        ([inr("2.4", "2062-02-20")], ["no-value INR"]),
        ([inr("2.4", "2026-01-02"), inr("2.4", "2062-02-20")], ["old-value INR"]),
        ([inr("2.4", "2026-01-02"), inr("Pas de valeur", "2026-02-28")], ["old-value INR"]),
        ([inr("2.4", "2026-03")], []),  # somewhere in this month
    ],
)
def test_what_is_no_result_or_lies_ahead_is_no_last_value(entries: list[Entry], expected: list[str]) -> None:
    assert old(medicine("Previscan"), MAN, *entries) == expected


def test_the_day_of_a_value_is_that_of_the_calendar_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        found = last([inr("2.4", "2026-02-27T23:30:00Z")], "inr", TODAY)
        ahead = last([inr("2.4", "2026-03-01T23:30:00Z")], "inr", TODAY)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (found and found.days, ahead) == (1, None)


@given(st.lists(st.dates().map(str), min_size=1, max_size=6))
def test_the_last_value_is_the_newest_one(days: list[str]) -> None:
    found = last([entry(measured("29463-7", "70", "kg"), day) for day in days], "weight", "9999-12-31")
    assert found is not None and found.entry.date == max(days) and found.days >= 0
