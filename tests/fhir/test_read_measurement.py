"""Observations: each kind of value."""

from decimal import Decimal

import pytest

from localstore.bodies import Component
from localstore.kinds import Status
from localstore.values import Concept, Quantity
from tests.fhir.reading_of import HL7, Json, coded, measurement, read

UCUM = "http://unitsofmeasure.org"
WEIGHT: Json = {"text": "Poids"}


def test_a_quantity_keeps_its_digits_its_unit_and_its_comparator() -> None:
    value = {"value": Decimal("1.00"), "unit": "mg/L", "system": UCUM, "code": "mg/L", "comparator": "<"}
    found = measurement(code=WEIGHT, valueQuantity=value).quantity
    assert found == Quantity(Decimal("1.00"), "mg/L", "mg/L", "<")
    assert str(found.value) == "1.00"


def test_a_code_of_another_system_is_no_ucum_code() -> None:
    value = {"value": 5, "unit": "cp", "system": "urn:oid:1", "code": "T"}
    assert measurement(code=WEIGHT, valueQuantity=value).quantity == Quantity(Decimal(5), "cp")


def test_a_float_is_read_as_it_is_written() -> None:
    assert measurement(code=WEIGHT, valueQuantity={"value": 0.1}).quantity == Quantity(Decimal("0.1"))


def test_blood_pressure_has_two_components() -> None:
    parts = [
        {"code": coded("8480-6", "http://loinc.org"), "valueQuantity": {"value": 120, "unit": "mmHg"}},
        {"code": coded("8462-4", "http://loinc.org"), "valueQuantity": {"value": 80, "unit": "mmHg"}},
    ]
    body = measurement(code=coded("85354-9", "http://loinc.org"), component=parts)
    assert [part.quantity for part in body.components] == [
        Quantity(Decimal(120), "mmHg"),
        Quantity(Decimal(80), "mmHg"),
    ]
    assert [part.concept.codings[0].code for part in body.components] == ["8480-6", "8462-4"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valueString": "trouble"}, "trouble"),
        ({"valueCodeableConcept": coded("260385009", display="Negative")}, "Negative"),
        ({"valueBoolean": True}, "oui"),
        ({"valueBoolean": False}, "non"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "m"}}}, "1 – 2 m"),
        ({"valueRange": {"low": {"value": 1, "unit": "m"}}}, "≥ 1 m"),
        ({"valueRange": {"high": {"value": 2, "unit": "m"}}}, "≤ 2 m"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1 : 128"),
        ({"valueSampledData": {"data": "1 2 3 E"}}, "Tracé de 4 points, conservé avec la source."),
        ({"valueTime": "08:30:00"}, "08:30:00"),
        ({"valueDateTime": "2024-05"}, "2024-05"),
        ({"valuePeriod": {"start": "2024-05-01", "end": "2024-05-03"}}, "2024-05-01 – 2024-05-03"),
        ({"dataAbsentReason": coded("not-asked", HL7 + "data-absent-reason")}, "Pas de valeur : non demandé"),
        ({"dataAbsentReason": {}}, "Pas de valeur : sans précision"),
        ({}, ""),
    ],
)
def test_other_values_are_words(fields: Json, words: str) -> None:
    body = measurement(code=WEIGHT, **fields)
    assert (body.quantity, body.text) == (None, words)
    part = measurement(code=WEIGHT, component=[{"code": WEIGHT, **fields}]).components[0]
    assert part == Component(Concept("Poids"), text=words)


def test_an_integer_is_a_quantity_without_a_unit() -> None:
    assert measurement(code=WEIGHT, valueInteger=7).quantity == Quantity(Decimal(7))


@pytest.mark.parametrize(
    "value",
    [
        {"value": Decimal("1E+99")},
        {"value": 10**60},
        {"value": float("nan")},
        {"value": Decimal("0." + "1" * 60)},
        {"value": 5, "comparator": "~"},
    ],
)
def test_an_absurd_number_is_no_quantity(value: Json) -> None:
    body = measurement(code=WEIGHT, valueQuantity=value)
    assert body.quantity is None
    assert body.note.startswith("Nombre illisible dans la source : ")
    assert len(body.note) < 200


def test_a_cancelled_observation_has_no_value() -> None:
    body = measurement(code=WEIGHT, status="cancelled", valueQuantity={"value": 80, "unit": "kg"})
    assert (body.quantity, body.text) == (None, "Annulé : 80 kg")
    parts = [{"code": WEIGHT, "valueQuantity": {"value": 80}}]
    assert measurement(code=WEIGHT, status="cancelled", component=parts).components == ()


def test_a_preliminary_result_says_so() -> None:
    assert measurement(code=WEIGHT, status="preliminary").note == "Statut dans la source : provisoire."


def test_what_was_entered_in_error_has_that_status() -> None:
    assert read("Observation", status="entered-in-error").status is Status.ENTERED_IN_ERROR


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ({"effectiveDateTime": "2011-07-11T16:42:48+00:00", "issued": "2012"}, "2011-07-11T16:42:48+00:00"),
        ({"effectivePeriod": {"start": "2011-07"}, "issued": "2012"}, "2011-07"),
        ({"effectiveInstant": "2011-07-11T16:42:48Z"}, "2011-07-11T16:42:48Z"),
        ({"issued": "2012-01-01T00:00:00Z"}, "2012-01-01T00:00:00Z"),
        ({}, ""),
    ],
)
def test_the_clinical_date(fields: Json, date: str) -> None:
    assert read("Observation", status="final", **fields).date == date


def test_the_category_is_fhirs_code_else_words() -> None:
    local = {"text": "constantes"}
    vital = coded("vital-signs", HL7 + "observation-category")
    assert measurement(code=WEIGHT, category=[local, vital]).category == "vital-signs"
    assert measurement(code=WEIGHT, category=[local]).category == "constantes"


def test_interpretation_and_reference_range_are_kept() -> None:
    body = measurement(
        code=WEIGHT,
        valueQuantity={"value": 9},
        interpretation=[coded("H", HL7 + "v3-ObservationInterpretation", "High")],
        referenceRange=[{"low": {"value": 3.9}, "high": {"value": 5.5, "unit": "mmol/L"}}, {"text": "enfant : 3 à 5"}],
    )
    assert body.interpretation == "High"
    assert body.note == "Valeurs de référence : 3.9 – 5.5 mmol/L; enfant : 3 à 5."


MMOL = {"unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}


@pytest.mark.parametrize(
    ("limits", "low", "high"),
    [
        ({"low": {"value": 3.9, **MMOL}, "high": {"value": 5.5, **MMOL}}, Decimal("3.9"), Decimal("5.5")),
        ({"low": {"value": 3.9}}, Decimal("3.9"), None),
        ({"high": {"value": 5.5, "unit": "mmol/L"}}, None, Decimal("5.5")),
        ({"high": {"value": 5.5}, "type": coded("normal", HL7 + "referencerange-meaning")}, None, Decimal("5.5")),
    ],
)
def test_what_is_normal_is_a_number_where_it_is_plain(limits: Json, low: Decimal | None, high: Decimal | None) -> None:
    body = measurement(code=WEIGHT, valueQuantity={"value": 9, **MMOL}, referenceRange=[limits])
    assert (body.low, body.high, body.note) == (low, high, "")


@pytest.mark.parametrize(
    "limits",
    [
        {"low": {"value": 70, "unit": "mg/dL"}},
        {"low": {"value": 3.9, "code": "g/L"}},
        {"low": {"value": 3.9}, "text": "à jeun"},
        {"low": {"value": 3.9}, "age": {"low": {"value": 18, "unit": "ans"}}},
        {"low": {"value": 3.9}, "appliesTo": [{"text": "femmes"}]},
        {"high": {"value": 7}, "type": coded("therapeutic", HL7 + "referencerange-meaning")},
        {"high": {"value": 7, "comparator": "<"}},
        {"low": {"value": 3.9}, "high": {"value": 126, "unit": "mg/dL"}},
    ],
)
def test_what_is_normal_for_some_or_in_another_unit_stays_in_words(limits: Json) -> None:
    body = measurement(code=WEIGHT, valueQuantity={"value": 9, **MMOL}, referenceRange=[limits])
    assert (body.low, body.high) == (None, None)
    assert body.note.startswith("Valeurs de référence : ")


def test_what_is_normal_for_a_part_is_said_with_its_name() -> None:
    part = {"code": {"text": "Systolique"}, "valueQuantity": {"value": 120}, "referenceRange": [{"text": "< 140"}]}
    assert measurement(code=WEIGHT, component=[part]).note == "Valeurs de référence : Systolique : < 140."


def test_method_and_site() -> None:
    body = measurement(code=WEIGHT, method={"text": "auscultatoire"}, bodySite={"text": "bras gauche"})
    assert (body.method.text, body.body_site.text) == ("auscultatoire", "bras gauche")


def test_a_panel_names_its_members() -> None:
    found = read(
        "Observation",
        status="final",
        code={"text": "Bilan"},
        hasMember=[{"reference": "urn:uuid:1"}, {"display": "Glycémie"}],
        neighbours={"urn:uuid:1": {"resourceType": "Observation", "code": {"text": "Sodium"}}},
    )
    assert getattr(found.body, "text", None) == "Sodium; Glycémie"


def test_a_component_with_an_unknown_modifier_has_no_value() -> None:
    part = {"code": WEIGHT, "valueQuantity": {"value": 80}, "modifierExtension": [{"url": "x"}]}
    found = measurement(code=WEIGHT, component=[part]).components[0]
    assert found.quantity is None
    assert found.text.startswith("À lire dans la source")
