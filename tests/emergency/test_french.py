"""Dates, ages and numbers in French words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import Component, MeasurementBody
from localstore.emergency import french
from localstore.values import Concept, Quantity
from tests.emergency.charts import LOINC, coded, pressure, words


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2021-03-12", "12 mars 2021"),
        ("2021-03-01", "1er mars 2021"),
        ("2021-03", "mars 2021"),
        ("2019", "2019"),
        ("2021-08-31T23:59:59+02:00", "31 août 2021"),
        ("", ""),
        ("2021-13", "2021-13"),
        ("2021-02-30", "2021-02-30"),
        ("0000", "0000"),
        ("hier", "hier"),
        ("2021-3-1", "2021-3-1"),
    ],
)
def test_a_date_in_words(date: str, said: str) -> None:
    assert french.day(date) == said


@pytest.mark.parametrize(
    ("date", "on", "since", "until"),
    [
        ("2021-03-12", "le 12 mars 2021", "depuis le 12 mars 2021", "jusqu'au 12 mars 2021"),
        ("2021-03", "en mars 2021", "depuis mars 2021", "jusqu'en mars 2021"),
        ("2021", "en 2021", "depuis 2021", "jusqu'en 2021"),
        ("", "à une date non précisée", "", ""),
    ],
)
def test_a_date_with_its_preposition(date: str, on: str, since: str, until: str) -> None:
    assert (french.on(date), french.since(date), french.until(date)) == (on, since, until)


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("1958-03-03", "68 ans"),
        ("1958-03-04", "67 ans"),
        ("2026-03-02", "1 jour"),
        ("2026-02-10", "21 jours"),
        ("2025-12-04", "2 mois"),
        ("2024-03-04", "23 mois"),
        ("2024-03-03", "2 ans"),
        ("2024-02-29", "2 ans"),
        ("1958", "environ 68 ans"),
        ("1958-03", "environ 68 ans"),
        ("2025", ""),
        ("2030-01-01", ""),
        ("", ""),
        ("vers 1950", ""),
    ],
)
def test_an_age(birth: str, age: str) -> None:
    assert french.age(birth, datetime(2026, 3, 3, 12, tzinfo=UTC)) == age


@pytest.mark.parametrize(
    ("sex", "said"),
    [("female", "née le 12 mars 1958"), ("male", "né le 12 mars 1958"), ("unknown", "né(e) le 12 mars 1958")],
)
def test_birth_agrees_with_the_sex(sex: str, said: str) -> None:
    assert french.born("1958-03-12", sex) == said
    assert french.born("", sex) == "date de naissance non renseignée"


def test_a_moment_says_its_zone() -> None:
    utc = datetime(2026, 3, 3, 9, 5, tzinfo=UTC)
    assert french.moment(utc) == "3 mars 2026 à 9 h 05 (UTC)"
    assert french.moment(utc.astimezone(timezone(timedelta(hours=1)))) == "3 mars 2026 à 10 h 05 (UTC+01:00)"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("72.50", "72,5"),
        ("100", "100"),
        ("12345.678", "12\u202f345,68"),
        ("0.00351234", "0,00351"),
        ("-0.5", "-0,5"),
        ("0", "0"),
        ("0.000", "0"),
        ("1E+3", "1\u202f000"),
        ("1E+40", "1E+40"),
        ("1E-40", "1E-40"),
        ("NaN", "NaN"),
    ],
)
def test_a_number(value: str, said: str) -> None:
    assert french.number(Decimal(value)) == said


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_size(value: Decimal) -> None:
    printed = Decimal(french.number(value).replace("\u202f", "").replace(",", "."))
    assert abs(printed - value) <= max(abs(value) * Decimal("0.01"), Decimal(0))


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        (Quantity(Decimal("78.4"), "kg", "kg"), "78,4\u202fkg"),
        (Quantity(Decimal("0.1"), "mg/L", comparator="<"), "<\u202f0,1\u202fmg/L"),
        (Quantity(Decimal(95), "%", "%", ">="), "≥\u202f95\u202f%"),
        (Quantity(Decimal(12), "", "mm[Hg]"), "12\u202fmmHg"),
        (Quantity(Decimal("2.4"), "{INR}", "{INR}"), "2,4"),
    ],
)
def test_a_quantity(quantity: Quantity, said: str) -> None:
    assert french.quantity(quantity) == said


def test_blood_pressure_is_one_value() -> None:
    body = pressure("136", "82", "2026-02-10").body
    assert isinstance(body, MeasurementBody)
    assert french.measurement(body) == "136/82\u202fmmHg"


def test_other_components_are_told_one_by_one() -> None:
    body = MeasurementBody(
        words("Score"),
        components=(Component(words("Yeux"), Quantity(Decimal(4))), Component(words("Voix"), text="claire")),
    )
    assert french.measurement(body) == "Yeux 4 · Voix claire"


def test_half_a_blood_pressure_is_not_made_whole() -> None:
    body = MeasurementBody(
        Concept(), components=(Component(coded(LOINC, "8480-6", "Systolique"), Quantity(Decimal(136), "mmHg")),)
    )
    assert french.measurement(body) == "Systolique 136\u202fmmHg"


def test_an_unknown_code_is_shown_as_it_came() -> None:
    assert french.word(french.CRITICALITY, "strange") == "strange"
    assert french.plural(1, "document", "documents") == "1 document"
    assert french.plural(0, "document", "documents") == "0 documents"
