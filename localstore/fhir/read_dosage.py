"""A dosage in words, and in numbers where it is simple enough for them.

What the prescriber wrote is taken as it is; only without it are the structured parts put into words. Numbers are read
of a single dosage alone: of several, or of one that changes with the day, they would say half of the truth.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from localstore.fhir import codes, remarks
from localstore.fhir.read_values import (
    NOTHING,
    concept,
    number,
    number_words,
    quantity_words,
    range_words,
    ratio_words,
    words,
    words_of_all,
)
from localstore.fhir.reading import own_mark
from localstore.fhir.treatment_shapes import Dosage, DoseAndRate, Timing, TimingRepeat
from localstore.values import Concept, Quantity

MAX_FREQUENCY = 10_000  # times in one period: more is no dosage


class Posology(NamedTuple):
    """A dosage: in words, the dose at a time, how often in each period, by which route, and whether only if needed."""

    words: str = ""
    dose: Quantity | None = None
    frequency: int = 0
    period: str = ""
    route: Concept = NOTHING
    as_needed: bool = False


def posology(dosages: list[Dosage] | None) -> Posology:
    """The dosages of one medicine."""
    said = dosages_in_words(dosages)
    if not dosages or len(dosages) > 1 or dosages[0].modifierExtension:
        return Posology(said)
    dosage = dosages[0]
    if not dosage.text and own_mark(dosage.extension, codes.OWN_EXACT):
        said = ""  # it was recorded in numbers alone
    frequency, period = _simple(dosage.timing.repeat) if dosage.timing and dosage.timing.repeat else (0, "")
    as_needed = dosage.asNeededBoolean is True or dosage.asNeededCodeableConcept is not None
    return Posology(said, _single_dose(dosage.doseAndRate), frequency, period, concept(dosage.route), as_needed)


def _single_dose(sources: list[DoseAndRate] | None) -> Quantity | None:
    """The dose where there is only one, and nothing more to it."""
    if not sources or len(sources) > 1:
        return None
    source = sources[0].doseQuantity
    if source is None or source.value is None:
        return None
    exact, comparator = number(source.value), source.comparator or ""
    if exact is None or (comparator and comparator not in codes.COMPARATORS):
        return None  # it stays in the words
    return Quantity(exact, source.unit or "", (source.code or "") if source.system == codes.UCUM else "", comparator)


def _simple(repeat: TimingRepeat) -> tuple[int, str]:
    """How often in each period, where the same holds for every one of them."""
    if repeat.frequencyMax is not None or repeat.periodMax is not None or repeat.dayOfWeek or repeat.when:
        return 0, ""
    often = repeat.frequency
    whole = int(often) if often is not None and 0 < often <= MAX_FREQUENCY and often == int(often) else 0
    if repeat.period is None and repeat.periodUnit is None:
        return whole, ""
    if repeat.period != 1 or repeat.periodUnit not in codes.PERIODS or (often is not None and not whole):
        return 0, ""
    return whole, repeat.periodUnit


def dosages_in_words(dosages: list[Dosage] | None) -> str:
    """All dosages, in their order."""
    return "; ".join([found for dosage in dosages or () if (found := dosage_in_words(dosage))])


def dosage_in_words(dosage: Dosage) -> str:
    """One dosage, e.g. `1 comprimé, 2 fois par jour, après les repas, si besoin`."""
    if dosage.modifierExtension:
        return remarks.UNREADABLE
    if dosage.text:
        return dosage.text
    parts = [_dose(one) for one in dosage.doseAndRate or ()]
    if dosage.timing:
        parts += _timing(dosage.timing)
    parts += [words(dosage.route), words(dosage.site), _as_needed(dosage), _most(dosage)]
    parts += [words_of_all(dosage.additionalInstruction), dosage.patientInstruction or ""]
    return _joined(parts)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join([part for part in parts if part])


def _dose(source: DoseAndRate) -> str:
    rate = quantity_words(source.rateQuantity) or range_words(source.rateRange)
    if not rate and source.rateRatio:
        rate = _each(quantity_words(source.rateRatio.numerator), quantity_words(source.rateRatio.denominator))
    return _joined([quantity_words(source.doseQuantity) or range_words(source.doseRange), rate])


def _each(amount: str, unit: str) -> str:
    return remarks.OF_EACH.format(amount, unit) if unit else amount


def _most(dosage: Dosage) -> str:
    most = dosage.maxDosePerPeriod
    if most is None:
        return ""
    if most.numerator is None:
        return remarks.AT_MOST.format(ratio_words(most))
    return remarks.AT_MOST.format(_each(quantity_words(most.numerator), quantity_words(most.denominator)))


def _as_needed(dosage: Dosage) -> str:
    why = words(dosage.asNeededCodeableConcept)
    if why:
        return f"{remarks.AS_NEEDED} ({why})"
    return remarks.AS_NEEDED if dosage.asNeededBoolean else ""


def _timing(timing: Timing) -> list[str]:
    repeat = timing.repeat
    if repeat is None:
        return [words(timing.code)]
    often = _often(repeat)
    days = ", ".join([remarks.DAYS.get(day, day) for day in repeat.dayOfWeek or () if day])
    moments = ", ".join([remarks.MOMENTS.get(when, when) for when in repeat.when or () if when])
    hours = ", ".join([remarks.AT.format(time) for time in repeat.timeOfDay or () if time])
    return [often or words(timing.code), days, moments, hours, *_bounds(repeat)]


def _often(repeat: TimingRepeat) -> str:
    times = _span(repeat.frequency, repeat.frequencyMax)
    period = _span(repeat.period, repeat.periodMax)
    unit = repeat.periodUnit or ""
    one, many, every = remarks.EVERY.get(unit, (unit, unit, "tous les"))
    if not period or not unit:
        return remarks.TIMES.format(times) if times else ""
    if period == "1":
        return remarks.PER.format(times or "1", one)
    spaced = f"{every} {period} {many}"
    return spaced if times in ("", "1") else f"{remarks.TIMES.format(times)} {spaced}"


def _span(low: object, high: object) -> str:
    found = [number_words(value) for value in (low, high) if isinstance(value, int | float | Decimal)]
    return "–".join(found)


def _bounds(repeat: TimingRepeat) -> list[str]:
    duration = quantity_words(repeat.boundsDuration) or range_words(repeat.boundsRange)
    return [
        remarks.DURING.format(duration) if duration else "",
        remarks.DOSES_IN_ALL.format(number_words(repeat.count)) if repeat.count is not None else "",
    ]
