"""The best human words for a resource of any type.

Total: it never fails, whatever JSON it meets, because a label is no reason to refuse a resource that is kept verbatim.
"""

from collections.abc import Iterator
from typing import Any

MAX_LABEL = 200  # characters: one line of a chart

# Where the words of a resource are, best first; a dot goes one level deeper, a list means its first item.
_PATHS = tuple(
    tuple(path.split("."))
    for path in (
        "title",
        "name",
        "code",
        "vaccineCode",
        "medicationCodeableConcept",
        "description",
        "deviceName.name",
        "procedureCode",
        "productOrService",
        "item.productOrService",
        "activity.detail.code",
        "series.modality",
        "type",
        "serviceType",
        "category",
        "specialty",
        "content.attachment.title",
        "deviceName",
        "udiCarrier.deviceIdentifier",
        "reasonCode",
        "conclusion",
        "topic",
        "payload.contentString",
        "summary",
        "issue.diagnostics",
        "address",
        "identifier.value",
    )
)
# Types of which the general order would take the less telling words first.
_FIRST = {
    "Claim": (("item", "productOrService"),),
    "ExplanationOfBenefit": (("item", "productOrService"),),
    "CarePlan": (("title",), ("category",), ("activity", "detail", "code"), ("description",)),
    "ImagingStudy": (("description",), ("procedureCode",), ("series", "modality")),
    "Goal": (("description",),),
    "PractitionerRole": (("code",), ("specialty",)),
}


def label_of(resource: dict[str, Any]) -> str:
    """The words, at most `MAX_LABEL` characters; empty where the resource has none."""
    kind = resource.get("resourceType")
    first = _FIRST.get(kind, ()) if type(kind) is str else ()
    for path in (*first, *_PATHS):
        value = _at(resource, path)
        if value is not None and (found := words_of(value)):
            return found if len(found) <= MAX_LABEL else found[: MAX_LABEL - 1] + "…"
    return ""


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if type(value) is list:
            value = value[0] if value else None
        if type(value) is not dict:
            return None
        value = value.get(key)
    return value


def words_of(value: Any) -> str:
    """The words of a text, a CodeableConcept, a Coding, a HumanName or an Address, or of the first of several."""
    if type(value) is list:
        value = value[0] if value else None
    if type(value) is str:
        return value
    if type(value) is not dict:
        return ""
    return next((found for found in _candidates(value) if found), "")


def _candidates(value: dict[str, Any]) -> Iterator[str]:
    yield _text(value, "text")
    yield _text(value, "display")
    codings = value.get("coding")
    if type(codings) is list:
        yield next((found for coding in codings if type(coding) is dict and (found := _text(coding, "display"))), "")
        yield next((found for coding in codings if type(coding) is dict and (found := _text(coding, "code"))), "")
    yield _name(value)
    yield _text(value, "city")
    yield _text(value, "code")


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return found if type(found) is str else ""


def _name(value: dict[str, Any]) -> str:
    parts: list[str] = []
    for key in ("prefix", "given", "family"):
        part = value.get(key)
        parts += [one for one in (part if type(part) is list else [part]) if type(one) is str]
    return " ".join(parts)
