"""The options of `confrere add` and `amend`, kind by kind: which field of the body each of them fills. A table.

An option that the table does not name for a kind is wrong usage, not something to drop in silence.
"""

from collections.abc import Callable
from typing import Any

from localstore.kinds import Kind

_NOTED = {"note": "note"}
_NONE = {"none": "none_known"}


def _named(field: str, *options: str) -> dict[str, str]:
    """Words and codes for the concept that the entry is about, then options that are called like their fields."""
    return {"text": field, "code": field} | {option: option for option in options}


# For each kind: option -> field of the body. The options of the field that `code` fills make one concept together.
FIELDS: dict[Kind, dict[str, str]] = {
    Kind.PROBLEM: _named("concept", "verification", "onset", "severity", "body_site", "long_term")
    | {"state": "clinical_status", "end": "abatement"} | _NOTED | _NONE,
    Kind.ALLERGY: _named(
        "substance", "verification", "type", "criticality", "category", "reaction", "severity", "onset"
    ) | {"state": "clinical_status", "sign": "manifestations"} | _NOTED | _NONE,
    Kind.MEDICATION: _named(
        "medicine", "dosage", "dose", "frequency", "period", "route", "as_needed", "course", "state", "start", "end",
        "reason",
    ) | _NOTED | _NONE,
    Kind.IMMUNISATION: _named(
        "vaccine", "state", "lot", "expiry", "manufacturer", "dose", "site", "route", "performer", "reason"
    ) | {"against": "targets"} | _NOTED | _NONE,
    Kind.MEASUREMENT: _named("concept", "category", "low", "high", "method", "body_site", "interpretation")
    | {"value": "quantity", "unit": "quantity", "systolic": "components", "diastolic": "components"} | _NOTED,
    Kind.CONSULTATION: _named(
        "type", "reason", "findings", "conclusion", "plan", "mode", "end", "practitioner", "place"
    ),
    Kind.PROCEDURE: _named("concept", "state", "end", "body_site", "performer", "outcome", "reason") | _NOTED | _NONE,
    Kind.DEVICE: _named("device", "state", "identifier", "manufacturer", "end", "body_site") | _NOTED | _NONE,
    Kind.FAMILY_HISTORY: {
        "relationship": "relationship", "disease": "conditions", "onset_age": "onset_age", "deceased": "deceased",
    } | _NOTED | _NONE,
    Kind.DIRECTIVE: {"type": "type", "code": "type", "text": "text", "state": "state", "place": "place"},
    Kind.DOCUMENT: {
        "title": "title", "type": "type", "code": "type", "text": "text", "file": "content", "media_type": "media_type",
    },
    Kind.LETTER: {
        "title": "title", "direction": "direction", "correspondent": "correspondent", "rpps": "correspondent_rpps",
        "text": "text",
    },
    Kind.RELATIVE: {
        "name": "name", "relationship": "relationship", "phone": "phone", "record": "patient", "to_call": "to_call",
        "trusted": "trusted",
    } | _NOTED,
    Kind.CARER: {
        "name": "name", "role": "role", "code": "role", "rpps": "rpps", "phone": "phone",
        "organisation": "organisation", "end": "end",
    } | _NOTED,
    Kind.RECALL: _named("concept", "state", "done", "reason") | {"every": "every_months"} | _NOTED,
    Kind.APPOINTMENT: {
        "minutes": "minutes", "reason": "reason", "state": "state", "practitioner": "practitioner",
    } | _NOTED,
    Kind.OTHER: {},
}  # fmt: skip
# What becomes a body of its own making; the other options fill their field by its type.
MADE = frozenset({"value", "unit", "systolic", "diastolic"})


def _says(*fields: str) -> Callable[[Any], bool]:
    """Whether one of the fields says something, or that there is none."""

    def says(body: Any) -> bool:
        return getattr(body, "none_known", False) or any(_filled(getattr(body, field)) for field in fields)

    return says


def _filled(value: Any) -> bool:
    return bool(getattr(value, "label", value))


# The least that an entry of the kind must say.
NEEDED: dict[Kind, Callable[[Any], bool]] = {
    Kind.PROBLEM: _says("concept"),
    Kind.ALLERGY: _says("substance"),
    Kind.MEDICATION: _says("medicine"),
    Kind.IMMUNISATION: _says("vaccine"),
    Kind.MEASUREMENT: lambda body: body.concept.label and (body.quantity or body.text or body.components),
    Kind.CONSULTATION: _says("reason", "findings", "conclusion", "plan", "type"),
    Kind.PROCEDURE: _says("concept"),
    Kind.DEVICE: _says("device"),
    Kind.FAMILY_HISTORY: _says("relationship", "conditions"),
    Kind.DIRECTIVE: _says("type", "text", "place", "attachment"),
    Kind.DOCUMENT: _says("text", "content", "attachment", "title"),
    Kind.LETTER: _says("title", "text", "attachment"),
    Kind.RELATIVE: _says("name"),
    Kind.CARER: _says("name"),
    Kind.RECALL: _says("concept"),
    Kind.APPOINTMENT: lambda _: True,  # its day and its time, which `add` asks for
    Kind.OTHER: _says("resource_type"),
}
