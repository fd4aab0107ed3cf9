"""From the options of `confrere add` and `amend` to the body of an entry. Pure: files were read before.

Each kind takes the options that its table names; another one is wrong usage, not something to drop in silence.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from localstore.bodies import (
    BODIES,
    AllergyBody,
    Body,
    Component,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.values import Coding, Concept, Quantity
from tui.cli.errors import Misused
from tui.words.catalogue import text

LOINC = "http://loinc.org"
PRESSURE_UNIT, PRESSURE_CODE = "mmHg", "mm[Hg]"

# For each kind: option -> field of the body. `text` and `code` together make the concept that the entry is about.
FIELDS: dict[Kind, dict[str, str]] = {
    Kind.PROBLEM: {
        "text": "concept",
        "code": "concept",
        "state": "clinical_status",
        "onset": "onset",
        "end": "abatement",
        "severity": "severity",
        "note": "note",
        "none": "none_known",
    },
    Kind.ALLERGY: {
        "text": "substance",
        "code": "substance",
        "state": "clinical_status",
        "criticality": "criticality",
        "category": "category",
        "reaction": "reaction",
        "onset": "onset",
        "note": "note",
        "none": "none_known",
    },
    Kind.MEDICATION: {
        "text": "medicine",
        "code": "medicine",
        "dosage": "dosage",
        "state": "state",
        "start": "start",
        "end": "end",
        "reason": "reason",
        "note": "note",
        "none": "none_known",
    },
    Kind.IMMUNISATION: {
        "text": "vaccine",
        "code": "vaccine",
        "state": "state",
        "lot": "lot",
        "dose": "dose",
        "site": "site",
        "reason": "reason",
        "note": "note",
    },
    Kind.MEASUREMENT: {
        "text": "concept",
        "code": "concept",
        "value": "quantity",
        "unit": "quantity",
        "systolic": "components",
        "diastolic": "components",
        "category": "category",
        "interpretation": "interpretation",
        "note": "note",
    },
    Kind.CONSULTATION: {
        "text": "type",
        "code": "type",
        "reason": "reason",
        "findings": "findings",
        "conclusion": "conclusion",
        "plan": "plan",
        "end": "end",
    },
    Kind.PROCEDURE: {
        "text": "concept",
        "code": "concept",
        "state": "state",
        "end": "end",
        "reason": "reason",
        "note": "note",
    },
    Kind.DOCUMENT: {
        "title": "title",
        "text": "text",
        "code": "type",
        "file": "content",
        "media_type": "media_type",
    },
    Kind.OTHER: {},
}
# Where a code is not enough: the least that an entry of the kind must say.
_NEEDED: dict[Kind, Callable[[Any], bool]] = {
    Kind.PROBLEM: lambda body: body.none_known or body.concept.label,
    Kind.ALLERGY: lambda body: body.none_known or body.substance.label,
    Kind.MEDICATION: lambda body: body.none_known or body.medicine.label,
    Kind.IMMUNISATION: lambda body: body.vaccine.label,
    Kind.MEASUREMENT: lambda body: body.concept.label and (body.quantity or body.text or body.components),
    Kind.CONSULTATION: lambda body: any((body.reason, body.findings, body.conclusion, body.plan, body.type.label)),
    Kind.PROCEDURE: lambda body: body.concept.label,
    Kind.DOCUMENT: lambda body: any((body.text, body.content, body.title)),
    Kind.OTHER: lambda body: body.resource_type,
}
_EMPTY: dict[Kind, Body] = {
    Kind.PROBLEM: ProblemBody(),
    Kind.ALLERGY: AllergyBody(),
    Kind.MEDICATION: MedicationBody(),
    Kind.IMMUNISATION: ImmunisationBody(Concept()),
    Kind.MEASUREMENT: MeasurementBody(Concept()),
    Kind.CONSULTATION: ConsultationBody(),
    Kind.PROCEDURE: ProcedureBody(Concept()),
    Kind.DOCUMENT: DocumentBody(),
    Kind.OTHER: OtherBody(""),
}


def new(kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body of a new entry. Raises Misused (an option of another kind), BadInput (nothing said, a bad value)."""
    if kind is Kind.PATIENT:
        raise Misused(problem="A patient is registered with: confrere patient new.", command="confrere add")
    return changed(_EMPTY[kind], kind, given)


def changed(body: Body, kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body with the options that were given. Raises as `new`."""
    chosen = {option: value for option, value in given.items() if value not in (None, False, [])}
    strange = sorted(set(chosen) - set(FIELDS[kind]))
    if strange:
        problem = text("An entry of kind {kind} takes no --{option}.")
        raise Misused(
            problem=problem.format(kind=kind.value, option=strange[0].replace("_", "-")), command="confrere add"
        )
    body = _with_concept(body, kind, chosen)
    body = _with_pressure(body, chosen)
    body = _with_value(body, chosen)
    made = {"text", "code", "value", "unit", "systolic", "diastolic"}
    plain = {FIELDS[kind][option]: value for option, value in chosen.items() if option not in made}
    body = msgspec.structs.replace(body, **plain)
    if not _NEEDED[kind](body):
        raise BadInput(what="This entry would say nothing.", remedy="Say at least what it is about, with --text.")
    return body


def from_json(kind: Kind, document: bytes) -> Body:
    """A body written as JSON, as `confrere record --json` prints it. Raises BadInput."""
    try:
        fields = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
        tagged = fields | {"kind": msgspec.Raw(msgspec.json.encode(kind.value))}
        body: Body = msgspec.json.decode(msgspec.json.encode(tagged), type=BODIES[kind])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(
            what="The body is not one of this kind, written in JSON.", remedy="Compare it with: confrere record --json."
        ) from error
    return body


def _with_concept(body: Body, kind: Kind, chosen: Mapping[str, Any]) -> Body:
    """The words and the codes of what the entry is about; those that were not given stay."""
    if kind is Kind.DOCUMENT and "text" in chosen:
        body = msgspec.structs.replace(body, text=chosen["text"])
        chosen = {option: value for option, value in chosen.items() if option != "text"}
    field = FIELDS[kind].get("code")
    if field is None or not {"text", "code"} & set(chosen):
        return body
    before: Concept = getattr(body, field)
    codings = tuple(coding(one) for one in chosen["code"]) if "code" in chosen else before.codings
    return msgspec.structs.replace(body, **{field: Concept(chosen.get("text", before.text), codings)})


def coding(typed: str) -> Coding:
    """`SYSTEM|CODE|LABEL`, the label being optional. Raises BadInput."""
    parts = typed.split("|", 2)
    if len(parts) < 2 or not parts[1]:
        raise BadInput(what="A code is written SYSTEM|CODE|LABEL.", remedy="Check --code.")
    return Coding(*parts)


def decimal(typed: str) -> Decimal:
    """A number, with a point or a comma. Raises BadInput."""
    try:
        figure = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation as error:
        raise BadInput(what="“{value}” is not a number.", value=typed, remedy="Write it as 72.5.") from error
    if not figure.is_finite():
        raise BadInput(what="“{value}” is not a number.", value=typed, remedy="Write it as 72.5.")
    return figure


def _with_value(body: Body, chosen: Mapping[str, Any]) -> Body:
    """A number with its unit, or words where the value is none: `negative`."""
    if not isinstance(body, MeasurementBody) or not {"value", "unit"} & set(chosen):
        return body
    before = body.quantity
    unit = chosen.get("unit", before.unit if before else "")
    if "value" not in chosen:
        return body if before is None else msgspec.structs.replace(body, quantity=_quantity(before.value, unit))
    try:
        figure = decimal(chosen["value"])
    except BadInput:
        if unit:
            raise
        return msgspec.structs.replace(body, text=chosen["value"], quantity=None)
    return msgspec.structs.replace(body, quantity=_quantity(figure, unit), text="")


def _quantity(figure: Decimal, unit: str) -> Quantity:
    return Quantity(figure, unit, PRESSURE_CODE if unit == PRESSURE_UNIT else "")


def _with_pressure(body: Body, chosen: Mapping[str, Any]) -> Body:
    """A blood pressure: both figures, under the LOINC codes that other programs look for."""
    if not isinstance(body, MeasurementBody) or not {"systolic", "diastolic"} & set(chosen):
        return body
    if not {"systolic", "diastolic"} <= set(chosen):
        raise BadInput(what="A blood pressure has two figures.", remedy="Give --systolic and --diastolic.")
    parts = (("systolic", "8480-6", "Systolique"), ("diastolic", "8462-4", "Diastolique"))
    components = tuple(
        Component(
            Concept(words, (Coding(LOINC, code, words),)),
            Quantity(decimal(chosen[option]), PRESSURE_UNIT, PRESSURE_CODE),
        )
        for option, code, words in parts
    )
    concept = body.concept if body.concept.label else Concept("Pression artérielle", (Coding(LOINC, "85354-9"),))
    return msgspec.structs.replace(body, concept=concept, components=components, category="vital-signs")
