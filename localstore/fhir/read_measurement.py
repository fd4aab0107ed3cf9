"""Observations: every kind of value that R4 allows, as a quantity where it is one and in words where not."""

from decimal import Decimal

from localstore.bodies import Component, MeasurementBody
from localstore.fhir import codes, remarks
from localstore.fhir.read_values import (
    NOTHING,
    code_in,
    concept,
    number,
    pairs,
    quantity,
    quantity_words,
    range_words,
    ratio_words,
    words,
    words_of_all,
)
from localstore.fhir.reading import Reading, own_text
from localstore.fhir.shapes import Concepts, Observation, ReferenceRange, Valued
from localstore.fhir.shapes import Quantity as QuantityShape
from localstore.kinds import Status
from localstore.values import Quantity

VALID = frozenset({"final", "amended", "corrected", codes.ENTERED_IN_ERROR})
CANCELLED = "cancelled"
NORMAL = "normal"  # of the meanings of a reference range


def measurement(source: Observation, reading: Reading) -> tuple[MeasurementBody, str, Status]:
    """An Observation. The value of a cancelled one is kept as words that say so."""
    date = reading.date(source.effectiveDateTime) or reading.start(source.effectivePeriod)
    date = date or reading.date(source.effectiveInstant) or reading.date(source.issued)
    amount, text = _value(source, reading)
    components = tuple([_component(part, reading) for part in source.component]) if source.component else ()
    if not (amount or text or components) and source.hasMember:
        text = "; ".join([name for member in source.hasMember if (name := reading.name_of(member))])
    if source.status == CANCELLED:
        amount, text = None, remarks.CANCELLED.format(quantity_words(source.valueQuantity) or text).rstrip(" :")
        components = ()
    elif source.status not in VALID:
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.status or "unknown")))
    low, high = _normal(source, reading) if source.referenceRange else (None, None)
    body = MeasurementBody(
        concept=concept(source.code),
        quantity=amount,
        text=text,
        components=components,
        category=_category(source.category),
        low=low,
        high=high,
        method=concept(source.method) if source.method else NOTHING,
        body_site=concept(source.bodySite) if source.bodySite else NOTHING,
        interpretation=words_of_all(source.interpretation) if source.interpretation else "",
        note=reading.note(source.note) if source.note or reading.remarks else "",
    )
    return body, date, Status.ENTERED_IN_ERROR if source.status == codes.ENTERED_IN_ERROR else Status.FINAL


def _component(source: Valued, reading: Reading) -> Component:
    if source.modifierExtension:
        return Component(concept(source.code), text=remarks.UNREADABLE)
    amount, text = _value(source, reading)
    if source.interpretation:
        text = "; ".join(part for part in (text, words_of_all(source.interpretation)) if part)
    if source.referenceRange:
        ranges = "; ".join([_range(one) for one in source.referenceRange])
        reading.remarks.append(remarks.RANGE.format(remarks.RANGE_OF.format(words(source.code), ranges)))
    return Component(concept(source.code), amount, text)


def _value(source: Valued, reading: Reading) -> tuple[Quantity | None, str]:
    """The value as a quantity, or in words; words of our own beside a quantity come from an extension."""
    beside = own_text(source.extension, codes.OWN_WORDS) if source.extension else ""
    if source.valueQuantity is not None:
        return quantity(source.valueQuantity, reading), beside
    if source.valueInteger is not None:
        whole = number(source.valueInteger)
        return (None, str(source.valueInteger)) if whole is None else (Quantity(whole), beside)
    return None, _words(source) or beside


def _words(source: Valued) -> str:
    if source.valueString:
        return source.valueString
    if source.valueCodeableConcept is not None:
        return words(source.valueCodeableConcept)
    if source.valueBoolean is not None:
        return remarks.YES if source.valueBoolean else remarks.NO
    if source.valueSampledData is not None:
        return remarks.SAMPLES.format(len((source.valueSampledData.data or "").split()))
    if source.valuePeriod is not None:
        return " – ".join([part for part in (source.valuePeriod.start, source.valuePeriod.end) if part])
    rare = range_words(source.valueRange) or ratio_words(source.valueRatio)
    return rare or source.valueTime or source.valueDateTime or _absent(source)


def _absent(source: Valued) -> str:
    if source.dataAbsentReason is None:
        return ""
    return remarks.ABSENT.format(remarks.words(words(source.dataAbsentReason)) or remarks.NO_REASON)


def _category(categories: Concepts) -> str:
    """The first category of FHIR's own list, else the first one in words."""
    for category in categories or ():
        for system, code in pairs(category):
            if system == codes.OBSERVATION_CATEGORY and code:
                return code
    return next((found for category in categories or () if (found := words(category))), "")


def _normal(source: Observation, reading: Reading) -> tuple[Decimal | None, Decimal | None]:
    """The bounds of what is normal, as numbers where they stand alone and are in the unit of the value.

    Whatever is more than that (several ranges, one for an age, a target, words) goes into a remark as it is.
    """
    ranges = source.referenceRange or []
    if len(ranges) == 1 and _is_plain(ranges[0]):
        low, high = [_bound(one, source.valueQuantity) for one in (ranges[0].low, ranges[0].high)]
        if (low is None) == (ranges[0].low is None) and (high is None) == (ranges[0].high is None):
            return low, high
    reading.remarks.append(remarks.RANGE.format("; ".join([_range(one) for one in ranges])))
    return None, None


def _is_plain(source: ReferenceRange) -> bool:
    """Whether the range is for everybody, and about what is normal."""
    meaning = "" if source.type is None else code_in(source.type, codes.RANGE_MEANING) or words(source.type)
    return not (source.text or source.appliesTo or source.age or meaning not in ("", NORMAL))


def _bound(source: QuantityShape | None, value: QuantityShape | None) -> Decimal | None:
    """The number of a bound in the unit of the value; None where it is in another one, or no plain number."""
    if source is None or source.value is None or source.comparator:
        return None
    unit, code = (value.unit, value.code) if value else (None, None)
    if (source.unit or unit) != unit or (source.code or code) != code:
        return None
    return number(source.value)


def _range(source: ReferenceRange) -> str:
    if source.text:
        return source.text
    if source.low and source.high:
        return f"{quantity_words(source.low)} – {quantity_words(source.high)}"
    return f"≥ {quantity_words(source.low)}" if source.low else f"≤ {quantity_words(source.high)}"
