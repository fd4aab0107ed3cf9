"""When something is due, and what might be suggested."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.agenda import due
from localstore.agenda.due import Standing
from localstore.agenda.suggestions import RULES, Suggestion, suggestions
from localstore.bodies import (
    Body,
    ImmunisationBody,
    MeasurementBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.values import Author, Coding, Concept, Quantity

TODAY = "2026-03-01"
days = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
partial = st.tuples(days, st.sampled_from((4, 7, 10))).map(lambda one: one[0][: one[1]])
DIABETES = ProblemBody(Concept("Diabète de type 2"))


@given(partial)
def test_a_date_begins_and_ends_within_itself(text: str) -> None:
    first, last = due.first_day(text), due.last_day(text)
    assert first <= last and is_date(first) and is_date(last)
    assert first.startswith(text) and last.startswith(text)


@given(partial, days)
def test_something_is_due_from_its_first_day_and_overdue_after_its_last(text: str, today: str) -> None:
    standing = due.standing(text, today)
    assert (standing is Standing.LATER) == (today < due.first_day(text))
    assert (standing is Standing.OVERDUE) == (today > due.last_day(text))


def test_what_has_no_date_is_due() -> None:
    assert due.standing("", TODAY) is Standing.DUE


@given(st.text(max_size=12), days)
def test_what_is_no_date_is_due_and_breaks_nothing(text: str, today: str) -> None:
    if not is_date(text):
        assert (due.first_day(text), due.last_day(text), due.after(text, 3)) == ("", "", "")
        assert due.standing(text, today) is Standing.DUE


@given(partial, st.integers(0, 600), st.integers(0, 600))
def test_later_is_never_earlier_and_as_exact(text: str, one: int, more: int) -> None:
    then = due.after(text, one)
    assert is_date(then) and len(then) == len(text) and then >= text
    assert due.after(text, one + more) >= then


@pytest.mark.parametrize(
    ("text", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11", 3, "2027-02"),
        ("2026", 12, "2027"),
        ("2026", 3, "2027"),
        ("", 3, ""),
        ("9999-12-31", 12, "9999-12-31"),
    ],
)
def test_the_next_time(text: str, months: int, then: str) -> None:
    assert due.after(text, months) == then


def entries(*bodies: tuple[Body, str], status: Status = Status.FINAL) -> list[Entry]:
    """A record with these."""
    return [Entry("a" * 32, "a" * 32, "f" * 32, day, Author("Dr A"), "", body, status=status) for body, day in bodies]


def told(birth: str, sex: str, *bodies: tuple[Body, str], today: str = TODAY) -> dict[str, Suggestion]:
    """What is suggested, by its label."""
    return {one.label: one for one in suggestions(PatientBody("M", birth_date=birth, sex=sex), entries(*bodies), today)}


def test_each_names_its_source() -> None:
    assert all(rule.source and rule.words and rule.label for rule in RULES)
    assert len({rule.label for rule in RULES}) == len(RULES)


def test_boosters_are_due_at_their_ages() -> None:
    booster = "Rappel diphtérie-tétanos-poliomyélite"
    vaccine = ImmunisationBody(Concept("REVAXIS"))
    assert told("1996-01-01", "male")[booster].due == TODAY  # nobody knows of one at 25
    assert told("1996-01-01", "male", (vaccine, "2021-05"))[booster].due == "2041-01-01"
    assert told("1996-01-01", "male", (vaccine, "2019-06-01"))[booster].due == "2041-01-01"  # two years before counts
    assert told("1996-01-01", "male", (vaccine, "2005"))[booster].due == TODAY
    assert told("2004-06-15", "male")[booster].due == "2029-06-15"
    refused = ImmunisationBody(Concept("REVAXIS"), state="not-done")
    assert told("1996-01-01", "male", (refused, "2021-05"))[booster].due == TODAY


def test_screening_goes_by_age_and_sex() -> None:
    def screened(birth: str, sex: str) -> set[str]:
        return {label.split("(")[-1] for label in told(birth, sex) if label.startswith("Dépistage")}

    assert screened("1999-01-01", "female") == {"cytologie)"}
    assert screened("1990-01-01", "female") == {"test HPV)"}
    assert screened("1970-01-01", "female") == {"test HPV)", "mammographie)", "test immunologique)"}
    assert screened("1970-01-01", "male") == {"test immunologique)"}
    assert screened("1950-01-01", "female") == set()
    assert screened("1970-01-01", "unknown") == {"test immunologique)"}


def test_after_the_last_time_comes_the_interval() -> None:
    mammography = "Dépistage du cancer du sein (mammographie)"
    done = ProcedureBody(Concept("Mammographie de dépistage"))
    assert told("1970-01-01", "female", (done, "2025-06-10"))[mammography].due == "2027-06-10"
    assert told("1970-01-01", "female", (done, "2015"))[mammography].due == TODAY
    cancer = ProblemBody(Concept("Cancer du sein"))
    assert mammography not in told("1970-01-01", "female", (cancer, "2020"))


@pytest.mark.parametrize(
    ("problem", "counts"),
    [
        (DIABETES, True),
        (ProblemBody(Concept("Type 2", (Coding("urn:oid:icd10", "E11.9"),))), True),
        (ProblemBody(Concept("", (Coding("http://snomed.info/sct", "44054006"),))), True),
        (ProblemBody(Concept("Diabète insipide")), False),
        (ProblemBody(Concept("Diabète gestationnel")), False),
        (ProblemBody(Concept("Pré-diabète")), False),
        (ProblemBody(Concept("Diabète"), clinical_status="resolved"), False),
        (ProblemBody(Concept("Diabète"), verification="refuted"), False),
        (ProblemBody(none_known=True), False),
    ],
)
def test_diabetes_is_followed_and_what_only_sounds_alike_is_not(problem: ProblemBody, counts: bool) -> None:
    assert ("HbA1c" in told("1980-01-01", "male", (problem, "2020"))) is counts


def test_hba1c_comes_three_months_after_the_last() -> None:
    value = MeasurementBody(Concept("", (Coding("http://loinc.org", "4548-4"),)), Quantity(Decimal("7.1"), "%"))
    found = told("1980-01-01", "male", (DIABETES, "2020"), (value, "2026-02-10"))["HbA1c"]
    assert (found.due, found.every_months) == ("2026-05-10", 3)


HBA1C = Concept("", (Coding("http://loinc.org", "4548-4"),))
MAMMOGRAPHY = "Dépistage du cancer du sein (mammographie)"


@pytest.mark.parametrize("state", ["not-done", "stopped", "in-progress", "preparation", "unknown"])
def test_an_examination_that_was_not_done_does_not_count(state: str) -> None:
    examined = ProcedureBody(Concept("Mammographie"), state=state)
    assert told("1970-01-01", "female", (examined, "2026-02-01"))[MAMMOGRAPHY].due == TODAY
    none = ProcedureBody(Concept("Mammographie"), none_known=True)
    assert told("1970-01-01", "female", (none, "2026-02-01"))[MAMMOGRAPHY].due == TODAY


@pytest.mark.parametrize("text", ["", "Annulé : tube hémolysé", "Pas de valeur : non réalisé"])
def test_a_measurement_without_a_result_does_not_count(text: str) -> None:
    empty = MeasurementBody(HBA1C, text=text)
    assert told("1980-01-01", "male", (DIABETES, "2020"), (empty, "2026-02-10"))["HbA1c"].due == TODAY
    in_words = MeasurementBody(HBA1C, text="7,1 %")
    assert told("1980-01-01", "male", (DIABETES, "2020"), (in_words, "2026-02-10"))["HbA1c"].due == "2026-05-10"


@pytest.mark.parametrize("day", ["2062-02-20", "2027", "2026-03-02"])
def test_what_is_dated_in_the_future_was_not_done(day: str) -> None:
    value = MeasurementBody(HBA1C, Quantity(Decimal("7.1"), "%"))
    assert told("1980-01-01", "male", (DIABETES, "2020"), (value, day))["HbA1c"].due == TODAY
    before = told("1980-01-01", "male", (DIABETES, "2020"), (value, day), (value, "2026-02-10"))
    assert before["HbA1c"].due == "2026-05-10"


def test_the_day_of_a_moment_is_that_of_the_calendar_here(monkeypatch: pytest.MonkeyPatch) -> None:
    value = MeasurementBody(HBA1C, Quantity(Decimal("7.1"), "%"))
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        found = told("1980-01-01", "male", (DIABETES, "2020"), (value, "2026-02-10T23:30:00Z"))
        born = told("1970-03-01T23:30:00Z", "female")  # a birth stays on its day
        standings = [due.standing("2026-02-28T23:30:00Z", TODAY), due.standing("2026-03-01T00:10:00+02:00", TODAY)]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found["HbA1c"].due == "2026-05-11"
    assert born["Rappel diphtérie-tétanos-poliomyélite"].due == TODAY
    assert suggestions(PatientBody("M", birth_date="1967-03-01T23:30:00Z"), (), TODAY)
    assert standings == [Standing.DUE, Standing.OVERDUE]


@pytest.mark.parametrize(
    "problem",
    [
        ProblemBody(Concept("Diabète"), none_known=True),
        ProblemBody(Concept("Diabète"), abatement="2019"),
        ProblemBody(Concept("Diabète"), clinical_status="remission"),
        ProblemBody(Concept("Absence déclarée : diabète")),
    ],
)
def test_what_a_patient_has_not_asks_for_nothing(problem: ProblemBody) -> None:
    assert "HbA1c" not in told("1980-01-01", "male", (problem, "2010"))


def test_what_a_patient_had_rules_screening_out_for_good() -> None:
    for label in ("Cancer du sein", "Hystérectomie totale", "Cancer du côlon"):
        over = ProblemBody(Concept(label), clinical_status="resolved", abatement="2015")
        denied = ProblemBody(Concept(label), verification="refuted")
        assert len(told("1970-01-01", "female", (over, "2010"))) == len(told("1970-01-01", "female")) - 1
        assert told("1970-01-01", "female", (denied, "2010")) == told("1970-01-01", "female")


def test_what_was_decided_is_not_suggested_again() -> None:
    def with_recall(state: str = "due", done: str = "") -> bool:
        recall = RecallBody(Concept("hba1c"), state, done)
        return "HbA1c" in told("1980-01-01", "male", (DIABETES, "2020"), (recall, "2026-02"))

    assert not with_recall()
    assert not with_recall("cancelled")
    assert with_recall("done", "2026-02-10")
    old = RecallBody(Concept("HbA1c"), state="cancelled")
    assert "HbA1c" in told("1980-01-01", "male", (DIABETES, "2020"), (old, "2010"))
    done = told(
        "1980-01-01", "male", (DIABETES, "2020"), (RecallBody(Concept("HbA1c"), "done", "2026-02-10"), "2026-01")
    )
    assert done["HbA1c"].due == "2026-05-10"


def test_what_was_entered_in_error_says_nothing() -> None:
    wrong = entries((DIABETES, "2020"), status=Status.ENTERED_IN_ERROR)
    labels = {one.label for one in suggestions(PatientBody("M", birth_date="1980-01-01"), wrong, TODAY)}
    assert "HbA1c" not in labels


@pytest.mark.parametrize(
    "change", [{"birth_date": ""}, {"deceased": "2025-01-01"}, {"deceased": "yes"}, {"birth_date": "2030"}]
)
def test_nothing_is_suggested_without_an_age(change: dict[str, str]) -> None:
    patient = PatientBody("M", **({"birth_date": "1950-01-01"} | change))  # type: ignore[arg-type]
    assert suggestions(patient, entries((DIABETES, "2020")), TODAY) == ()


@given(partial, st.sampled_from(("male", "female", "other")), days, st.lists(partial, max_size=3))
def test_a_suggestion_is_never_for_the_past(birth: str, sex: str, today: str, done: list[str]) -> None:
    bodies: list[tuple[Body, str]] = [(DIABETES, ""), *((ProcedureBody(Concept("Fond d'œil")), day) for day in done)]
    found = told(birth, sex, *bodies, today=today)
    assert all(is_date(one.due) and one.due >= today for one in found.values())
