"""What a person means by a question that he types."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.questions import asking
from localstore.questions.asking import Question, read

TODAY = date(2026, 3, 31)
READ = {
    "allergie pénicilline": Question(("penicilline",), Kind.ALLERGY),
    "Allergies à la pénicilline": Question(("penicilline",), Kind.ALLERGY),
    "all with allergy to penicillin": Question(("allergy", "penicillin")),
    "allergy to penicillin": Question(("penicillin",), Kind.ALLERGY),
    "HbA1c > 8 depuis 1 an": Question(("hba1c",), comparison=">", value=Decimal(8), since="2025-03-31"),
    "HbA1c over 8": Question(("hba1c", "over", "8")),
    "hba1c ≥ 7,5 % depuis 6 mois": Question(
        ("hba1c",), comparison=">=", value=Decimal("7.5"), unit="%", since="2025-09-30"
    ),
    "vaccin grippe avant 2024": Question(("grippe",), Kind.IMMUNISATION, before="2024"),
    "poids < 50 kg since 2025-01": Question(("poids",), comparison="<", value=Decimal(50), unit="kg", since="2025-01"),
    "problème diabète sauf HbA1c depuis 6 mois": Question(
        ("diabete",), Kind.PROBLEM, without=Question(("hba1c",), since="2025-09-30")
    ),
    "diabete sans consultation depuis 3/7/2025": Question(
        ("diabete",), without=Question((), Kind.CONSULTATION, since="2025-07-03")
    ),
    "consultations depuis 15 jours": Question((), Kind.CONSULTATION, since="2026-03-16"),
}
MEANS_NOTHING = ("", "   ", "> 8", "depuis 1 an", "diabete sauf", "HbA1c depuis hier", "x" * 501, "a b " * 60)


@pytest.mark.parametrize("typed", READ)
def test_it_is_read(typed: str) -> None:
    assert read(typed, TODAY) == READ[typed]


@pytest.mark.parametrize("typed", MEANS_NOTHING)
def test_what_means_nothing_is_said(typed: str) -> None:
    with pytest.raises(BadInput):
        read(typed, TODAY)


@given(st.text(max_size=120))
def test_whatever_is_typed_is_a_question_or_bad_input(typed: str) -> None:
    try:
        question = read(typed, TODAY)
    except BadInput:
        return
    assert question.words or question.kind


@pytest.mark.parametrize(
    ("span", "day"),
    [
        ("1 mois", "2026-02-28"),
        ("13 mois", "2025-02-28"),
        ("1 an", "2025-03-31"),
        ("10 jours", "2026-03-21"),
        ("2 semaines", "2026-03-17"),
        ("9999 ans", "1826-03-31"),
        ("2024", "2024"),
        ("31/12/2024", "2024-12-31"),
    ],
)
def test_a_span_or_a_date_is_a_day(span: str, day: str) -> None:
    assert asking.day(span, TODAY) == day


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 2400))
def test_so_many_months_ago_is_a_day_of_that_month(today: date, months: int) -> None:
    found = date.fromisoformat(asking.day(f"{months} mois", today))
    assert (today.year - found.year) * 12 + today.month - found.month == min(months, 2400)
    assert found.day <= today.day
