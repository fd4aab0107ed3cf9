"""What a person means by a question that he types."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.questions import periods
from localstore.questions.asking import Limit, Question, read

TODAY = date(2026, 3, 31)
A1C = ("hba1c",)
OVER_8 = (Limit(">", Decimal(8)),)
READ = {
    "allergie pénicilline": Question(("penicilline",), Kind.ALLERGY),
    "Allergies à la pénicilline": Question(("penicilline",), Kind.ALLERGY),
    "all with allergy to penicillin": Question(("penicillin",), Kind.ALLERGY),
    "allergy to penicillin": Question(("penicillin",), Kind.ALLERGY),
    "tous les patients avec une allergie à l'amoxicilline": Question(("amoxicilline",), Kind.ALLERGY),
    "toutes les allergies amoxicilline": Question(("amoxicilline",), Kind.ALLERGY),
    "patients allergiques à la pénicilline": Question(("penicilline",), Kind.ALLERGY),
    "HbA1c > 8 depuis 1 an": Question(A1C, limits=OVER_8, since="2025-03-31"),
    "HbA1c > 8 depuis un an": Question(A1C, limits=OVER_8, since="2025-03-31"),
    "HbA1c over 8 in the last year": Question(A1C, limits=OVER_8, since="2025-03-31"),
    "HbA1c over 8 in the last 6 months": Question(A1C, limits=OVER_8, since="2025-09-30"),
    "HbA1c plus de 8 ces six derniers mois": Question(A1C, limits=OVER_8, since="2025-09-30"),
    "HbA1c supérieure à 8 l'an dernier": Question(A1C, limits=OVER_8, since="2025", before="2026"),
    "HbA1c > 8 cette année": Question(A1C, limits=OVER_8, since="2026"),
    "HbA1c over 8": Question(A1C, limits=OVER_8),
    "HbA1c au-dessus de 8": Question(A1C, limits=OVER_8),
    "HbA1c moins de 8,5 %": Question(A1C, limits=(Limit("<", Decimal("8.5")),), unit="%"),
    "HbA1c supérieure ou égale à 8": Question(A1C, limits=(Limit(">=", Decimal(8)),)),
    "HbA1c inférieur à 7": Question(A1C, limits=(Limit("<", Decimal(7)),)),
    "HbA1c entre 7 et 9": Question(A1C, limits=(Limit(">=", Decimal(7)), Limit("<=", Decimal(9)))),
    "sodium < 130 > 120": Question(("sodium",), limits=(Limit(">", Decimal(120)), Limit("<", Decimal(130)))),
    "hba1c ≥ 7,5 % depuis 6 mois": Question(A1C, limits=(Limit(">=", Decimal("7.5")),), unit="%", since="2025-09-30"),
    "vaccin grippe avant 2024": Question(("grippe",), Kind.IMMUNISATION, before="2024"),
    "vaccin hépatite A": Question(("hepatite", "a"), Kind.IMMUNISATION),
    "vitamine D": Question(("vitamine", "d")),
    "diabète de type 2": Question(("diabete", "type", "2")),
    "doliprane 1000 mg": Question(("doliprane", "1000", "mg")),
    "poids < 50 kg since 2025-01": Question(("poids",), limits=(Limit("<", Decimal(50)),), unit="kg", since="2025-01"),
    "problème diabète sauf HbA1c depuis 6 mois": Question(
        ("diabete",), Kind.PROBLEM, without=Question(A1C, since="2025-09-30")
    ),
    "diabete sans consultation depuis 3/7/2025": Question(
        ("diabete",), without=Question((), Kind.CONSULTATION, since="2025-07-03")
    ),
    "consultations depuis 15 jours": Question((), Kind.CONSULTATION, since="2026-03-16"),
    "traitement actuel warfarine": Question(("warfarine",), Kind.MEDICATION, only_current=True),
    "traitements actuels": Question((), Kind.MEDICATION, only_current=True),
    "hépatite chronique active": Question(("hepatite", "chronique", "active")),
    "traitement charbon actif": Question(("charbon", "actif"), Kind.MEDICATION),
    "fracture membre supérieur": Question(("fracture", "membre", "superieur")),
}
MEANS_NOTHING = (
    "", "   ", "> 8", "depuis 1 an", "diabete sauf", "HbA1c depuis hier", "x" * 501, "a b " * 60, "HbA1c 8",
    "mesure ferritine 30", "HbA1c > > 8", "HbA1c > beaucoup", "HbA1c > 1 > 2 > 3", "HbA1c > 8 % < 53 mmol/mol",
    "diabète plus de 65 ans", "HbA1c > 8 9",
)  # fmt: skip


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
        ("un an", "2025-03-31"),
        ("deux semaines", "2026-03-17"),
        ("10 jours", "2026-03-21"),
        ("2 semaines", "2026-03-17"),
        ("9999 ans", "1826-03-31"),
        ("2024", "2024"),
        ("31/12/2024", "2024-12-31"),
    ],
)
def test_a_span_or_a_date_is_a_day(span: str, day: str) -> None:
    assert periods.day(span, TODAY) == day


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 2400))
def test_so_many_months_ago_is_a_day_of_that_month(today: date, months: int) -> None:
    found = date.fromisoformat(periods.day(f"{months} mois", today))
    assert (today.year - found.year) * 12 + today.month - found.month == min(months, 2400)
    assert found.day <= today.day
