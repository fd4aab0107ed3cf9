"""The small values of FHIR R4: dates, codes, concepts, references, and what to say when something is not known.

Codes go out as they came: system, code, display. A value that FHIR's grammar forbids (a date that is none, a code with
a line break) is said in words instead, so that it is not lost. Nothing empty is written: FHIR knows no empty value.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from localstore.emergency import french
from localstore.model import Entry
from localstore.values import Author, Concept, Quantity

Json = dict[str, Any]

IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
URI_SYSTEM = "urn:ietf:rfc:3986"
NAMESPACE = UUID("b3d5c0de-0f1c-5e00-8a7e-c0f4e4e5a9e1")  # a constant of this program: it makes its uuids its own
COMPARATORS = frozenset({"<", "<=", ">=", ">"})

_DATE = re.compile(r"[1-9]\d{3}(?:-\d{2}(?:-\d{2})?)?")
_TIME = re.compile(r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)")
_CODE = re.compile(r"[^\s]+( [^\s]+)*")  # FHIR's `code`: no white space but single spaces
_URI = re.compile(r"\S+")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not allowed in a FHIR string


def identifier(*names: str) -> str:
    """A uuid that depends on the names only."""
    return str(uuid5(NAMESPACE, "\x1f".join(names)))


def reference(resource_id: str) -> Json:
    """A reference to a resource of the same document."""
    return {"reference": f"urn:uuid:{resource_id}"}


def clean(text: str) -> str:
    """`text` with what no FHIR string may hold made visible, and without white space around it."""
    return _FORBIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text).strip()


def pruned(resource: Mapping[str, Any]) -> Json:
    """The resource without what is empty."""
    return {name: value for name, value in resource.items() if value is not None and value not in ("", [], {})}


def fhir_date(text: str) -> str | None:
    """`text` as a FHIR date or dateTime, None where it is none of the calendar. A time without its zone is dropped."""
    found = _DATE.match(text)
    if found is None or french.parts_of(text) is None:
        return None
    return text if len(found[0]) == 10 and _TIME.fullmatch(text[10:]) else found[0]


def fhir_day(text: str) -> str | None:
    """`text` as a FHIR date: no time."""
    date = fhir_date(text)
    return date[:10] if date else None


def odd_date(text: str) -> str:
    """Words for a date that FHIR cannot carry."""
    return f"Date notée : {text}" if text and fhir_date(text) is None else ""


def absent(reason: str = "unknown") -> Json:
    """The extension that says why a required value is missing."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def dated(name: str, text: str) -> Json:
    """An element for a date, or the reason why it is absent."""
    date = fhir_date(text)
    return {name: date} if date else {f"_{name}": absent()}


def period(start: str, end: str) -> Json:
    """A Period, or nothing. An end before its start is left out (per-1): it is for a note then."""
    first, last = fhir_date(start), fhir_date(end)
    if first and last and is_before(last, first):
        last = None
    return pruned({"start": first, "end": last})


def is_before(one: str, other: str) -> bool:
    """Whether a date is before another, as far as both are precise."""
    size = min(len(one), len(other), 10)
    return one[:size] < other[:size]


def concept(value: Concept) -> Json:
    """A CodeableConcept with its codes as they came; a coding that is no code in FHIR's grammar is kept as words."""
    codings = [_coding(one.system, one.code, one.label) for one in value.codings]
    odd = [
        f"{one.system} {one.code} {one.label}"
        for one, built in zip(value.codings, codings, strict=True)
        if built is None
    ]
    text = clean(" ; ".join(part for part in (value.text, *odd) if part.strip()))
    found = pruned({"coding": [one for one in codings if one], "text": text})
    return found or coded(f"{TERMINOLOGY}data-absent-reason", "unknown")


def _coding(system: str, code: str, display: str) -> Json | None:
    """A Coding; nothing at all where there is nothing; None where FHIR's grammar forbids it."""
    if (system and not _URI.fullmatch(system)) or (code and not _CODE.fullmatch(code)):
        return None
    if clean(system) != system or clean(code) != code:
        return None
    return pruned({"system": system, "code": code, "display": clean(display)})


def coded(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [pruned({"system": system, "code": code, "display": display})]}


def said(text: str) -> Json:
    """A CodeableConcept in words, or nothing."""
    return pruned({"text": clean(text)})


def notes(*texts: str) -> list[Json]:
    """Annotations; those without words are left out."""
    return [{"text": clean(text)} for text in texts if clean(text)]


def quantity(value: Quantity) -> Json:
    """A Quantity, exact: the value stays a decimal number."""
    code = value.code if _CODE.fullmatch(value.code) and clean(value.code) == value.code else ""
    return pruned(
        {
            "value": value.value if value.value.is_finite() else None,
            "comparator": value.comparator if value.comparator in COMPARATORS else "",
            "unit": clean(value.unit or value.code),
            "system": UCUM if code else "",
            "code": code,
        }
    )


def media_type(text: str) -> str:
    """A media type as FHIR's `code`, or that of bytes of which nothing is known."""
    return text if _CODE.fullmatch(text) and clean(text) == text else "application/octet-stream"


def author_id(author: Author) -> str:
    """The id of the resource of an author."""
    return identifier("author", author.name, author.rpps)


def entry_id(entry: Entry) -> str:
    """The id of the resource that shows this version of an entry."""
    return identifier("version", entry.id, entry.version)


def base(resource_type: str, entry: Entry, profile: str = "") -> Json:
    """What every resource made from an entry begins with. Its identifier is that of the entry, over all versions."""
    return pruned(
        {
            "resourceType": resource_type,
            "id": entry_id(entry),
            "meta": {"profile": [profile]} if profile else None,
            "identifier": [{"system": URI_SYSTEM, "value": f"urn:uuid:{identifier('entry', entry.id)}"}],
        }
    )


def recorded(entry: Entry) -> Json:
    """When it was noted (its clinical date, else when it was written), and by whom."""
    return pruned(
        {
            "recordedDate": fhir_date(entry.date) or fhir_date(entry.recorded),
            "recorder": reference(author_id(entry.author)),
        }
    )
