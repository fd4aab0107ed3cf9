"""From the options of `confrere add` and `amend` to the body of an entry. Pure: files were read before.

Each kind takes the options that its table names; another one is wrong usage, not something to drop in silence.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from localstore.bodies import BODIES, Body, Component, MeasurementBody, MedicationBody, OtherBody
from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.values import Coding, Concept, Quantity
from tui import filling
from tui.cli.entry_fields import FIELDS, MADE, NEEDED
from tui.cli.errors import Misused
from tui.words.catalogue import text

LOINC = "http://loinc.org"
PRESSURE_UNIT, PRESSURE_CODE = "mmHg", "mm[Hg]"


def new(kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body of a new entry. Raises Misused (an option of another kind), BadInput (nothing said, a bad value)."""
    if kind is Kind.PATIENT:
        raise Misused(problem="A patient is registered with: confrere patient new.", command="confrere add")
    return changed(OtherBody("") if kind is Kind.OTHER else filling.EMPTY[kind], kind, given)


def changed(body: Body, kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body with the options that were given. Raises as `new`."""
    chosen = {option: value for option, value in given.items() if value is not None and value != []}
    strange = sorted(set(chosen) - set(FIELDS[kind]))
    if strange:
        problem = text("An entry of kind {kind} takes no --{option}.")
        raise Misused(
            problem=problem.format(kind=kind.value, option=strange[0].replace("_", "-")), command="confrere add"
        )
    about = _about(kind) & set(chosen)
    body = _with_concept(body, kind, {option: chosen[option] for option in about})
    body = _with_pressure(body, chosen)
    body = _with_value(body, chosen)
    plain = {option: value for option, value in chosen.items() if option not in about | MADE}
    fields = {FIELDS[kind][option]: value for option, value in plain.items()}
    body = msgspec.structs.replace(body, **{name: _held(body, name, value) for name, value in fields.items()})
    if not NEEDED[kind](body):
        raise BadInput(what="This entry would say nothing.", remedy="Say at least what it is about, with --text.")
    return body


def _about(kind: Kind) -> set[str]:
    """The options that make the concept of the entry together: its codes, and its words."""
    fields = FIELDS[kind]
    return {option for option, field in fields.items() if field == fields.get("code")}


def _held(body: Body, name: str, given: Any) -> Any:
    """What an option means to the field that it fills. Raises BadInput."""
    if name == "content":
        return given
    before = getattr(body, name)
    if isinstance(before, Concept):
        return concept(given)
    if isinstance(before, tuple):
        return tuple(concept(one) for one in given)
    if isinstance(body, MeasurementBody) and name in ("low", "high"):
        return decimal(given) if given else None
    if isinstance(body, MedicationBody) and name == "dose":
        return _amount(given) if given else None
    return given


def concept(typed: str) -> Concept:
    """A concept in words, or as `SYSTEM|CODE|LABEL`. Raises BadInput."""
    return Concept(codings=(coding(typed),)) if "|" in typed else Concept(typed)


def _amount(typed: str) -> Quantity:
    """`500 mg`. Raises BadInput."""
    number, _, unit = typed.strip().partition(" ")
    return Quantity(decimal(number), unit.strip())


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
    if not chosen:
        return body
    field = FIELDS[kind]["code"]
    before: Concept = getattr(body, field)
    codings = tuple(coding(one) for one in chosen["code"]) if "code" in chosen else before.codings
    words = next((value for option, value in chosen.items() if option != "code"), before.text)
    return msgspec.structs.replace(body, **{field: Concept(words, codings)})


def coding(typed: str | Coding) -> Coding:
    """`SYSTEM|CODE|LABEL`, the label being optional; what is a coding already stays. Raises BadInput."""
    if isinstance(typed, Coding):
        return typed
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
