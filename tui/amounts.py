"""Numbers, quantities and measurements in the user's notation. Pure."""

from decimal import Context, Decimal

from localstore.bodies import Component, MeasurementBody
from localstore.values import Quantity
from tui.words.catalogue import ENGLISH, language

LEGIBLE_DIGITS, ROUNDED_DIGITS = 6, 4  # a device's 164.84046947598196 cm is read as 164.8 cm
LARGEST_EXPONENT = 30  # a number that says it has a million zeros is shown as it was written
SYSTOLIC = "8480-6"  # LOINC: it is read before the diastolic one, in whichever order they came

# UCUM codes stand where an import has no other unit; some are no unit to a reader.
_UNITS = {"mm[Hg]": "mmHg", "Cel": "°C", "10*3/uL": "10³/µL", "10*6/uL": "10⁶/µL", "kg/m2": "kg/m²", "[degF]": "°F"}


def number(value: Decimal, *, exact: bool = True) -> str:
    """A number in the user's notation: as it was recorded, or with 4 digits where it has more than anybody reads."""
    if not exact and len(value.as_tuple().digits) > LEGIBLE_DIGITS:
        value = Context(prec=ROUNDED_DIGITS).plus(value)
    written = format(value, "f") if abs(value.adjusted()) <= LARGEST_EXPONENT else str(value)
    return written if language() == ENGLISH else written.replace(".", ",")


def quantity(of: Quantity, *, exact: bool = True) -> str:
    """A quantity with its unit."""
    return f"{of.comparator} {number(of.value, exact=exact)} {unit(of)}".strip()


def unit(of: Quantity) -> str:
    """The unit as it is read; nothing where it is none to a reader."""
    words = of.unit or of.code
    return "" if words.startswith("{") and words.endswith("}") else _UNITS.get(words, words)


def part_value(part: Component, *, exact: bool = True) -> str:
    """The value of one part of a measurement."""
    return quantity(part.quantity, exact=exact) if part.quantity else part.text


def measured(body: MeasurementBody) -> str:
    """The value of a measurement in one line: 130/80 mmHg, 72 kg, or words. The detail has all its digits."""
    said = [quantity(body.quantity, exact=False)] if body.quantity else []
    said += [body.text] if body.text else []
    parts = sorted(body.components, key=lambda part: not is_systolic(part))
    found = [part.quantity for part in parts if part.quantity]
    if len(found) == len(parts) == 2 and found[0].unit == found[1].unit:
        upper, lower = (number(one.value, exact=False) for one in found)
        said.append(f"{upper}/{lower} {unit(found[0])}")
    else:
        said += [f"{part.concept.label} : {part_value(part, exact=False)}" for part in parts]
    return " · ".join(said)


def is_systolic(part: Component) -> bool:
    """Whether this is the systolic pressure, by its LOINC code."""
    return any(coding.code == SYSTOLIC for coding in part.concept.codings)
