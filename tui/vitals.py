"""Vital signs on a form: their codes, their units, and how they are typed. Pure.

LOINC codes and UCUM units are those of the FHIR R4 vital signs profiles. What is implausible is told by
`localstore.safety`.
"""

import re
from decimal import Decimal
from typing import NamedTuple

import msgspec

from localstore.bodies import Component, MeasurementBody
from localstore.values import Coding, Concept, Quantity
from tui.words.marking import message

LOINC = "http://loinc.org"
LARGEST_EXPONENT = 30  # a number that says it has a million zeros is not typed again
_ANY_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?")
_NUMBER = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")  # longer ones are no vital sign


class Vital(NamedTuple):
    """One value on the form. `unit` is shown, `ucum` is the code."""

    name: str
    label: str
    words: str
    code: str
    unit: str
    ucum: str


SYSTOLIC, DIASTOLIC = "systolic", "diastolic"
VITALS = (
    Vital(SYSTOLIC, message("Systolic pressure"), "Pression systolique", "8480-6", "mmHg", "mm[Hg]"),
    Vital(DIASTOLIC, message("Diastolic pressure"), "Pression diastolique", "8462-4", "mmHg", "mm[Hg]"),
    Vital("pulse", message("Pulse"), "Fréquence cardiaque", "8867-4", "/min", "/min"),
    Vital("temperature", message("Temperature"), "Température", "8310-5", "°C", "Cel"),
    Vital("weight", message("Weight"), "Poids", "29463-7", "kg", "kg"),
    Vital("height", message("Height"), "Taille", "8302-2", "cm", "cm"),
    Vital("saturation", message("Oxygen saturation"), "Saturation en oxygène", "59408-5", "%", "%"),
    Vital("breaths", message("Breathing rate"), "Fréquence respiratoire", "9279-1", "/min", "/min"),
)
BY_NAME = {vital.name: vital for vital in VITALS}
BLOOD_PRESSURE = Concept("Pression artérielle", (Coding(LOINC, "85354-9", "Blood pressure panel"),))


def value(typed: str) -> Decimal | None:
    """A number as typed, with a comma or a point; None when it is none."""
    said = typed.strip().replace(",", ".")
    return Decimal(said) if _NUMBER.fullmatch(said) else None


def _any_number(typed: str) -> Decimal | None:
    """A number of a laboratory: 250000, or all the digits of a device."""
    said = typed.strip().replace(",", ".")
    return Decimal(said) if _ANY_NUMBER.fullmatch(said) else None


def unreadable(typed: dict[str, str]) -> list[str]:
    """The names of the fields that hold something, and no number."""
    return [name for name, said in typed.items() if said.strip() and value(said) is None]


def measurements(typed: dict[str, str]) -> list[MeasurementBody]:
    """The measurements that the values make; both pressures are one. The record's own words are French."""
    quantities = {
        name: Quantity(number, BY_NAME[name].unit, BY_NAME[name].ucum)
        for name, said in typed.items()
        if (number := value(said)) is not None
    }
    made = []
    pressures = tuple(
        Component(_concept(BY_NAME[name]), quantities.pop(name)) for name in (SYSTOLIC, DIASTOLIC) if name in quantities
    )
    if pressures:
        made.append(MeasurementBody(BLOOD_PRESSURE, components=pressures, category="vital-signs"))
    for name, quantity in quantities.items():
        made.append(MeasurementBody(_concept(BY_NAME[name]), quantity, category="vital-signs"))
    return made


def _concept(vital: Vital) -> Concept:
    return Concept(vital.words, (Coding(LOINC, vital.code),))


def editable(body: MeasurementBody) -> str | None:
    """The value as it can be typed again: `72.5`, `130/80` or words; None where that cannot be done."""
    quantities = [part.quantity for part in body.components] or [body.quantity]
    if not body.components and body.quantity is None:
        return body.text
    numbers = [one.value for one in quantities if one is not None]
    if len(numbers) < len(quantities) or any(abs(number.adjusted()) > LARGEST_EXPONENT for number in numbers):
        return None
    return "/".join(format(number, "f") for number in numbers)


def edited(body: MeasurementBody, typed: str) -> MeasurementBody | None:
    """The measurement with another value; None when what was typed is none."""
    if not body.components and not body.quantity:
        return msgspec.structs.replace(body, text=typed)
    numbers = [_any_number(part) for part in typed.split("/")]
    parts = body.components or (body.quantity,)
    if len(numbers) != len(parts) or any(number is None for number in numbers):
        return None
    if body.quantity and not body.components:
        return msgspec.structs.replace(body, quantity=_with_value(body.quantity, numbers[0]))
    components = tuple(
        msgspec.structs.replace(part, quantity=_with_value(part.quantity, number))
        for part, number in zip(body.components, numbers, strict=True)
    )
    return msgspec.structs.replace(body, components=components)


def _with_value(quantity: Quantity | None, number: Decimal | None) -> Quantity | None:
    return None if quantity is None or number is None else msgspec.structs.replace(quantity, value=number)
