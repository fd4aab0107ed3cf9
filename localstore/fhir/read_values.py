"""FHIR's data types in the record's words: concepts, quantities, ranges, and what stands in a text instead of them."""

from decimal import Decimal
from enum import Enum, auto

from localstore.fhir import remarks
from localstore.fhir.codes import COMPARATORS, NEGATIONS, NO_INFORMATION, UCUM
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import CodeableConcept, Concepts, Range, Ratio, References
from localstore.fhir.shapes import Quantity as QuantityShape
from localstore.values import Coding, Concept, Quantity

NOTHING = Concept()
MAX_DIGITS = 40  # FHIR asks for 18 significant digits; a number far longer is no measurement
MAX_EXPONENT = 30  # a magnitude that medicine has no unit for
MAX_QUOTED = 80  # characters of an absurd number that are worth showing


class Report(Enum):
    """What a code says: a finding, "none known" of the whole question or of a part of it, or that nobody knows."""

    FINDING = auto()
    NONE_KNOWN = auto()
    NEGATION = auto()
    NO_INFORMATION = auto()


def concept(source: CodeableConcept | None) -> Concept:
    """The concept with its text and its codes, as they came. A coding without code and display is left out."""
    if source is None:
        return NOTHING
    codings = source.coding
    if not codings:
        return Concept(source.text) if source.text else NOTHING
    return Concept(
        source.text or "",
        tuple(
            [
                Coding(coding.system or "", coding.code or "", coding.display or "", coding.version or "")
                for coding in codings
                if coding.code or coding.display
            ]
        ),
    )


def words(source: CodeableConcept | None) -> str:
    """The concept in words."""
    return concept(source).label if source is not None else ""


def words_of_all(sources: Concepts) -> str:
    """Several concepts in words."""
    return "; ".join([found for source in sources or () if (found := words(source))])


def first_of(sources: Concepts, frame: str, reading: Reading) -> Concept:
    """The first of several concepts; the others go into a remark, in that frame."""
    if not sources:
        return NOTHING
    if others := words_of_all(sources[1:]):
        reading.remarks.append(frame.format(others))
    return concept(sources[0])


def pairs(source: CodeableConcept | None) -> set[tuple[str, str]]:
    """The (system, code) pairs of a concept, to look up in a table."""
    if source is None or not source.coding:
        return set()
    return {(coding.system or "", coding.code or "") for coding in source.coding}


def code_in(source: CodeableConcept | None, system: str) -> str:
    """The concept's code in that system, or the empty text. A code without a system is taken for one of it."""
    for coding in (source.coding or ()) if source else ():
        if coding.code and coding.system in (system, None):
            return coding.code
    return ""


def reasons(codes: Concepts, references: References, reading: Reading) -> str:
    """Why something was done: reason codes, then the names of what reason references point to."""
    found = [words(code) for code in codes or ()]
    found += [reading.name_of(reference) for reference in references or ()]
    return "; ".join([reason for reason in found if reason])


def number(value: Decimal | int | float) -> Decimal | None:
    """The number exactly as it was written, or None where it is absurd."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or abs(exact.adjusted()) > MAX_EXPONENT:
        return None
    return exact if len(exact.as_tuple().digits) <= MAX_DIGITS else None


def reported(source: CodeableConcept | None, none_known: frozenset[tuple[str, str]]) -> Report:
    """What kind of statement a code makes: a finding, "none known", or that nothing is known."""
    codes = pairs(source)
    if codes & none_known:
        return Report.NONE_KNOWN
    if codes & NO_INFORMATION:
        return Report.NO_INFORMATION
    return Report.NEGATION if codes & NEGATIONS else Report.FINDING


def without(about: Concept, removed: frozenset[tuple[str, str]]) -> Concept:
    """The concept without those codes: of "none known" its own words and codes remain, usually nothing."""
    others = tuple(coding for coding in about.codings if (coding.system, coding.code) not in removed)
    return Concept(about.text, others) if about.text or others else NOTHING


def quantity(source: QuantityShape | None, reading: Reading) -> Quantity | None:
    """The quantity; None, with a remark in place of it, where it has a number or a comparator that cannot be read."""
    if source is None or source.value is None:
        return None
    exact = number(source.value)
    comparator = source.comparator or ""
    if exact is None or (comparator and comparator not in COMPARATORS):
        text = quantity_words(source)
        reading.remarks.append(remarks.NUMBER.format(text))
        return None
    return Quantity(exact, source.unit or "", (source.code or "") if source.system == UCUM else "", comparator)


def number_words(value: Decimal | int | float) -> str:
    """The number in words, without zeros at its end: "1.0" is misread as 10 on a prescription."""
    exact = number(value)
    if exact is None:
        return str(value)[:MAX_QUOTED]
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity_words(source: QuantityShape | None) -> str:
    """A quantity in words: `<= 5 mg`."""
    if source is None:
        return ""
    value = "" if source.value is None else number_words(source.value)
    return " ".join([part for part in (source.comparator, value, source.unit or source.code) if part])


def range_words(source: Range | None) -> str:
    """A range in words: `3.9 – 5.5 mmol/L`."""
    if source is None:
        return ""
    low, high = source.low, source.high
    if low and high and low.value is not None and (low.unit or low.code) == (high.unit or high.code):
        return f"{number_words(low.value)} – {quantity_words(high)}"
    if low and high:
        return f"{quantity_words(low)} – {quantity_words(high)}"
    return f"≥ {quantity_words(low)}" if low else f"≤ {quantity_words(high)}" if high else ""


def ratio_words(source: Ratio | None) -> str:
    """A ratio in words: `1 : 128`."""
    if source is None:
        return ""
    return f"{quantity_words(source.numerator)} : {quantity_words(source.denominator)}"
