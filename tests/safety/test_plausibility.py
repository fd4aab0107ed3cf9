"""Values and dates: what is asked about, what is not, and that bounds are never narrower for knowing less."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import (
    Body,
    Component,
    DocumentBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    RecallBody,
)
from localstore.safety import ages
from localstore.safety.checking import warnings
from localstore.safety.measures import MEASURES, measure_of, unit_of
from localstore.safety.plausibility import is_plausible
from localstore.values import Concept, Quantity
from tests.safety.charts import LOINC, MAN, TODAY, WOMAN, measured, named, problem

BABY = PatientBody("Petit", birth_date="2025-12-01", sex="female")
UNKNOWN = PatientBody("Inconnu")


def codes(body: Body, patient: PatientBody = WOMAN, date: str = TODAY) -> list[str]:
    """The codes of what there is to say."""
    return [one.code for one in warnings([], patient, body, TODAY, date=date)]


@pytest.mark.parametrize(
    ("code", "value", "unit", "patient", "expected"),
    [
        ("29463-7", "72.5", "kg", WOMAN, []),
        ("29463-7", "725", "kg", WOMAN, ["implausible"]),
        ("29463-7", "3500", "kg", BABY, ["unit"]),
        ("29463-7", "4.2", "kg", BABY, []),
        ("29463-7", "4.2", "kg", WOMAN, ["implausible"]),
        ("29463-7", "4200", "g", BABY, []),
        ("8302-2", "1.72", "cm", WOMAN, ["unit"]),
        ("8302-2", "172", "cm", WOMAN, []),
        ("8302-2", "172", "cm", BABY, ["implausible"]),
        ("8302-2", "30", "cm", BABY, []),
        ("8310-5", "98", "Cel", WOMAN, ["unit"]),
        ("8310-5", "39.9", "°C", WOMAN, []),
        ("8310-5", "99", "[degF]", WOMAN, []),
        ("8867-4", "180", "/min", BABY, []),
        ("8867-4", "300", "/min", WOMAN, ["implausible"]),
        ("59408-5", "101", "%", WOMAN, ["implausible"]),
        ("1558-6", "5.5", "g/L", WOMAN, ["unit"]),
        ("1558-6", "0.95", "mmol/L", WOMAN, ["unit"]),
        ("1558-6", "1.26", "g/L", WOMAN, []),
        ("1558-6", "3.4", "g/L", WOMAN, []),
        ("1558-6", "95", "mg/dL", WOMAN, []),
        ("4548-4", "7.2", "%", WOMAN, []),
        ("4548-4", "53", "%", WOMAN, ["unit"]),
        ("4548-4", "7.2", "mmol/mol", WOMAN, ["unit"]),
        ("14682-9", "80", "µmol/L", WOMAN, []),
        ("14682-9", "9", "µmol/L", WOMAN, ["unit"]),
        ("14682-9", "80", "mg/L", WOMAN, ["unit"]),
        ("14682-9", "700", "µmol/L", WOMAN, []),
        ("2823-3", "41", "mmol/L", WOMAN, ["implausible"]),
        ("2951-2", "14", "mmol/L", WOMAN, ["implausible"]),
        ("718-7", "13", "g/L", WOMAN, ["unit"]),
        ("718-7", "130", "g/L", WOMAN, []),
        ("6301-6", "2.5", "", WOMAN, []),
        ("6301-6", "25", "{INR}", WOMAN, ["implausible"]),
        ("3016-3", "2.1", "mUI/L", WOMAN, []),
        ("2857-1", "2", "ng/mL", WOMAN, ["other-sex"]),
        ("2857-1", "2", "ng/mL", MAN, []),
        ("29463-7", "725", "stone", WOMAN, []),
        ("99999-9", "725", "kg", WOMAN, []),
    ],
)
def test_values(code: str, value: str, unit: str, patient: PatientBody, expected: list[str]) -> None:
    assert codes(measured(code, value, unit), patient) == expected


def test_a_measure_without_a_code_is_known_by_its_name() -> None:
    body = MeasurementBody(Concept("Poids"), Quantity(Decimal(725), "kg"))
    assert codes(body) == ["implausible"]
    assert measure_of(named("Poids", "8302-2", LOINC)) is MEASURES["height"]
    assert measure_of(named("Poids", "99999-9", LOINC)) is None


def pressure(systolic: str, diastolic: str | None, unit: str = "mmHg") -> MeasurementBody:
    """A blood pressure, or half of one."""
    parts = [Component(named("", "8480-6", LOINC), Quantity(Decimal(systolic), unit))]
    if diastolic is not None:
        parts.append(Component(named("", "8462-4", LOINC), Quantity(Decimal(diastolic), unit)))
    return MeasurementBody(named("", "85354-9", LOINC), components=tuple(parts))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (pressure("130", "80"), []),
        (pressure("80", "130"), ["pressure-order"]),
        (pressure("130", None), ["pressure-alone"]),
        (pressure("300", "80"), ["implausible"]),
        (pressure("13", "8"), ["unit", "unit"]),
        (pressure("13", "8", "cmHg"), []),
    ],
)
def test_pressures(body: MeasurementBody, expected: list[str]) -> None:
    assert codes(body) == expected


@pytest.mark.parametrize(
    ("body", "date", "expected"),
    [
        (DocumentBody("a"), "2026-03-01", []),
        (DocumentBody("a"), "2026-03-02", ["future"]),
        (DocumentBody("a"), "2026", []),
        (DocumentBody("a"), "2027", ["future"]),
        (DocumentBody("a"), "1990", []),
        (DocumentBody("a"), "1990-06", ["before-birth"]),
        (DocumentBody("a"), "1989", ["before-birth"]),
        (DocumentBody("a"), "absurd", []),
        (RecallBody(Concept("a")), "2027", []),
        (problem("a", onset="2027"), "", ["future"]),
        (problem("a", onset="2020", abatement="2019"), "", ["end-first"]),
        (problem("a", onset="2020", abatement="2020"), "", []),
        (MedicationBody(Concept("a"), start="2026-01", end="2028"), "", []),
    ],
)
def test_dates(body: Body, date: str, expected: list[str]) -> None:
    assert codes(body, WOMAN, date) == expected


def test_after_the_death() -> None:
    dead = PatientBody("Dupont", birth_date="1930", deceased="2020-05-01")
    assert codes(DocumentBody("a"), dead, "2020-05-02") == []
    assert codes(DocumentBody("a"), dead, "2020-05-03") == ["after-death"]
    assert codes(DocumentBody("a"), PatientBody("Dupont", deceased="yes"), "2020-05-02") == []


DATES = st.one_of(
    st.dates().map(str),
    st.dates().map(lambda day: str(day)[:7]),
    st.dates().map(lambda day: str(day)[:4]),
    st.text(max_size=12),
)
VALUES = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6)


@given(st.sampled_from(sorted(MEASURES)), VALUES, st.dates(), st.dates())
def test_knowing_less_of_the_age_never_asks_more(key: str, value: Decimal, born: object, on: object) -> None:
    measure = MEASURES[key]
    for less in (str(born)[:7], str(born)[:4], ""):
        if is_plausible(measure, value, str(born), str(on)):
            assert is_plausible(measure, value, less, str(on))


@given(st.sampled_from(sorted(MEASURES)), st.decimals(), st.text(max_size=10), DATES, DATES)
def test_no_value_breaks_a_check(key: str, value: Decimal, unit: str, born: str, on: str) -> None:
    code = sorted(MEASURES[key].codes)[0]
    body = MeasurementBody(named("", code, LOINC), Quantity(value, unit))
    for one in warnings([], PatientBody("A", birth_date=born), body, TODAY, date=on):
        assert one.told(str)


@given(DATES, DATES)
def test_no_two_dates_lie_after_each_other(one: str, other: str) -> None:
    assert not (ages.is_after(one, other) and ages.is_after(other, one))
    assert not ages.is_after(one, one)


@given(DATES, DATES, DATES)
def test_no_date_breaks_a_check(birth: str, start: str, end: str) -> None:
    body = ProblemBody(Concept("a"), onset=start, abatement=end)
    assert all(one.told(str) for one in warnings([], PatientBody("A", birth_date=birth), body, TODAY, date=start))


def test_every_measure_holds_together() -> None:
    seen: set[str] = set()
    for measure in MEASURES.values():
        assert not seen & measure.codes, measure.key
        seen |= measure.codes
        assert measure.bands[0].age == 0 and [band.age for band in measure.bands] == sorted(
            {band.age for band in measure.bands}
        )
        assert all(band.low < band.high for band in measure.bands)
        low, high = measure.bounds(None, None)
        assert low <= measure.usual[0] < measure.usual[1] <= high, measure.key
        for unit in measure.units:
            for name in unit.names:
                assert unit_of(measure, Quantity(Decimal(1), name)) == unit, (measure.key, name)


@given(st.integers(0, 120), st.sampled_from(sorted(MEASURES)))
def test_every_age_has_its_bounds(age: int, key: str) -> None:
    low, high = MEASURES[key].bounds(Decimal(age), Decimal(age))
    assert low < high
