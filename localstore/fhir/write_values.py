"""The record's values as FHIR R4 data types. Every function gives valid R4, whatever text a person typed."""

from decimal import Decimal
from typing import Any

import msgspec

from localstore.fhir import codes
from localstore.fhir.dates import is_fhir_date_time
from localstore.fhir.read_values import number
from localstore.values import Author, Coding, Concept, Quantity

Json = dict[str, Any]

# FHIR strings hold no control characters but tab, line feed and carriage return (R4, datatypes, string).
_CONTROL = {point: "\ufffd" for point in range(32) if chr(point) not in "\t\n\r"}
AUTHOR = "author"


def tidy(value: Any) -> Any:
    """A body or an author whose texts are FHIR strings: no forbidden characters, and nothing where only blanks are."""
    if isinstance(value, str):
        return value.translate(_CONTROL) if value.strip() else ""
    if isinstance(value, tuple):
        return tuple([tidy(one) for one in value])
    if isinstance(value, msgspec.Struct):
        return type(value)(**{name: tidy(getattr(value, name)) for name in value.__struct_fields__})
    return value


def present(**fields: Any) -> Json:
    """These fields without the empty ones, which FHIR has no place for; a trailing underscore of a name is dropped."""
    return {
        name.rstrip("_"): value
        for name, value in fields.items()
        if value is not None and value != "" and value != [] and value != {}
    }


def extension(url: str, **value: Any) -> Json:
    """An extension with one value."""
    return {"url": url, **present(**value)}


def absent(reason: str = "unknown") -> Json:
    """A required element that there is nothing to put into."""
    return {"extension": [extension(codes.DATA_ABSENT_REASON, valueCode=reason)]}


def coding(source: Coding) -> Json:
    """A Coding. A code has no white space at its ends and single spaces inside, a system has none at all."""
    return present(
        system="".join(source.system.split()),
        version=source.version,
        code=" ".join(source.code.split()),
        display=source.label,
    )


def coded(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [present(system=system, code=code, display=display)]}


def concept(source: Concept) -> Json:
    """A CodeableConcept; empty where the concept is."""
    return present(text=source.text, coding=[one for each in source.codings if (one := coding(each))])


def required(source: Concept) -> Json:
    """A CodeableConcept where R4 asks for one."""
    return concept(source) or absent()


def concepts(sources: tuple[Concept, ...]) -> list[Json]:
    """Several CodeableConcepts, without those that say nothing."""
    return [one for each in sources if (one := concept(each))]


def stated(about: Concept, none_known: bool, none: tuple[str, str, str]) -> Json:
    """What an entry is about, where R4 asks for it; for "none known" with the SNOMED code that says so."""
    if not none_known:
        return required(about)
    return concept(Concept(about.text, (Coding(*none), *about.codings)))


def said(text: str) -> Json | None:
    """A CodeableConcept of words alone."""
    return present(text=text) or None


def all_said(text: str) -> list[Json]:
    """A list of at most one CodeableConcept of words alone."""
    return [present(text=text)] if text else []


def note(text: str) -> list[Json]:
    """A list of at most one Annotation."""
    return [present(text=text)] if text else []


def quantity(source: Quantity) -> Json | None:
    """A Quantity, its number digit for digit; None where the number is absurd."""
    if number(source.value) is None:
        return None
    return {
        "value": source.value,
        **present(
            comparator=source.comparator if source.comparator in codes.COMPARATORS else "",
            unit=source.unit,
            system=codes.UCUM if source.code else "",
            code=" ".join(source.code.split()),
        ),
    }


def simple_quantity(value: Decimal | None, like: Quantity | None) -> Json | None:
    """A Quantity without a comparator, in the unit of another one; None where there is no number, or an absurd one."""
    if value is None or number(value) is None:
        return None
    unit, code = (like.unit, like.code) if like is not None else ("", "")
    return quantity(Quantity(value, unit, code))


def practitioner(name: str, rpps: str) -> Json:
    """A Reference to somebody by name and RPPS number; empty where neither is known."""
    return present(identifier=present(system=codes.RPPS, value=rpps) if rpps else None, display=name)


def date_time(text: str) -> str | None:
    """The text where it is a FHIR dateTime."""
    return text if is_fhir_date_time(text) else None


def undated(url: str, text: str) -> list[Json]:
    """An extension for a date that is none in FHIR, as a person may have typed it; nothing for one that is."""
    return [extension(url, valueString=text)] if text and not is_fhir_date_time(text) else []


def author(source: Author) -> tuple[list[Json], Json | None]:
    """The author: the contained Practitioner where there is a number to say who it is, and the reference to it."""
    name = source.name
    if not source.rpps:
        return [], ({"display": name} if name else None)
    identifier = {
        "type": coded(codes.FR_IDENTIFIER_TYPE, "RPPS"),
        **present(system=codes.RPPS, value=source.rpps),
    }
    practitioner: Json = {"resourceType": "Practitioner", "id": AUTHOR, "identifier": [identifier]}
    if name:
        practitioner["name"] = [{"text": name}]
    return [practitioner], {"reference": f"#{AUTHOR}", **present(display=name)}
