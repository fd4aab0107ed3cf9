"""Values and dates that are unlikely to be true. Pure. A caution is a question, never a refusal.

Bounds and their sources stand in `measures`. A confused unit is guessed where the value as written is outside of what
is usual and the same number in another unit of the same measure is inside: 5.5 g/L of glucose was mmol/L.
"""

from collections.abc import Iterator
from decimal import Decimal

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    RecallBody,
)
from localstore.safety.ages import age_range, is_after
from localstore.safety.cautions import Caution, Severity
from localstore.safety.measures import Measure, Unit, is_comparable, measure_of, unit_of
from localstore.values import Concept, Quantity

_BOUNDS = "OMS 2006, 2007; Fleming, Lancet 2011;377:1011-1018; SFBC 2017 (localstore/safety/measures.py)"
_UNITS = "Masses molaires; IFCC-NGSP (Hoelzel, Clin Chem 2004;50:166-174)"
_PRESSURE = "ESC/ESH, recommandations sur l'hypertension artérielle, 2018: mesure de la pression"
_CALENDAR = "Le calendrier"
A_DAY = 1  # moments of an import are of other time zones, and a death has its papers on the day after
_HAPPENS_LATER = (RecallBody, AppointmentBody)  # they lie ahead by what they are


def value_cautions(body: MeasurementBody, patient: PatientBody, on: str) -> Iterator[Caution]:
    """What is unlikely in a measurement of the day `on`."""
    parts = [(body.concept, body.quantity), *((part.concept, part.quantity) for part in body.components)]
    found = {}
    for concept, quantity in parts:
        measure = measure_of(concept)
        if measure is None or quantity is None or not is_comparable(quantity.value):
            continue
        found[measure.key] = quantity
        yield from _of_value(measure, concept, quantity, patient, on)
    yield from pressure_cautions(found.get("systolic"), found.get("diastolic"))


def _of_value(
    measure: Measure, concept: Concept, quantity: Quantity, patient: PatientBody, on: str
) -> Iterator[Caution]:
    details = {"value": str(quantity.value), "unit": quantity.unit or quantity.code}
    label = {"what": measure.label}
    if measure.sex and patient.sex in ("male", "female") and patient.sex != measure.sex:
        yield Caution(
            "other-sex", "{what} is not measured in a patient of this sex.", Severity.DOUBT, _BOUNDS, {}, label
        )
    unit = unit_of(measure, quantity)
    if unit is None:
        return
    meant = confused_unit(measure, quantity.value, unit, patient.birth_date, on)
    if meant is not None:
        yield Caution(
            "unit",
            "{what}: {value} {unit} is unusual; {value} {meant} would not be. Is the unit right?",
            Severity.DOUBT,
            _UNITS,
            details | {"meant": meant.names[0]},
            label,
        )
    elif not is_plausible(measure, unit.base(quantity.value), patient.birth_date, on):
        yield Caution("implausible", "{what}: {value} {unit} is unusual.", Severity.DOUBT, _BOUNDS, details, label)


def is_plausible(measure: Measure, value: Decimal, birth: str, on: str) -> bool:
    """Whether a value, in the base unit, is within the bounds of every age that the patient may have had."""
    low, high = measure.bounds(*age_range(birth, on))
    return low <= value <= high


def confused_unit(measure: Measure, value: Decimal, unit: Unit, birth: str = "", on: str = "") -> Unit | None:
    """The unit in which the number would be usual at that age, where it is not in its own."""
    low, high = measure.usual

    def fits(one: Unit) -> bool:
        return low <= one.base(value) <= high and is_plausible(measure, one.base(value), birth, on)

    return None if fits(unit) else next((one for one in measure.units if one != unit and fits(one)), None)


def pressure_cautions(systolic: Quantity | None, diastolic: Quantity | None) -> Iterator[Caution]:
    """Two pressures that cannot be one blood pressure."""
    if systolic is not None and diastolic is not None and systolic.value <= diastolic.value:
        yield Caution(
            "pressure-order", "The systolic pressure is not above the diastolic one.", Severity.DOUBT, _PRESSURE
        )
    if (systolic is None) != (diastolic is None):
        yield Caution("pressure-alone", "Only one of the two blood pressures is given.", Severity.DOUBT, _PRESSURE)


def date_cautions(body: Body, date: str, patient: PatientBody, today: str) -> Iterator[Caution]:
    """Dates that lie in the future, before the birth, after the death; an end before its beginning.

    A beginning or a date that is only known by its year is compared as far as it is known."""
    known = {"Date": "" if isinstance(body, _HAPPENS_LATER) else date} | _dates_of(body)
    for label, one in known.items():
        details, labels = {"date": one}, {"what": label}
        if is_after(one, today) and label != "End":
            yield Caution("future", "{what}: {date} lies in the future.", Severity.DOUBT, _CALENDAR, details, labels)
        if is_after(patient.birth_date, one):
            yield Caution(
                "before-birth",
                "{what}: {date} lies before the birth of the patient.",
                Severity.DOUBT,
                _CALENDAR,
                details,
                labels,
            )
        if is_after(one, patient.deceased, A_DAY) and label == "Date":
            yield Caution(
                "after-death",
                "{what}: {date} lies after the death of the patient.",
                Severity.DOUBT,
                _CALENDAR,
                details,
                labels,
            )
    if is_after(known.get("Beginning", ""), known.get("End", "")):
        yield Caution("end-first", "The end lies before the beginning.", Severity.DOUBT, _CALENDAR)


def _dates_of(body: Body) -> dict[str, str]:
    match body:
        case ProblemBody():
            return {"Beginning": body.onset, "End": body.abatement}
        case MedicationBody():
            return {"Beginning": body.start, "End": body.end}
        case AllergyBody():
            return {"Beginning": body.onset}
    return {}
