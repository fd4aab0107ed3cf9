"""Entries in words, one line each, for tables. Pure; nothing here is safe for a terminal yet."""

from datetime import datetime
from decimal import Decimal

from localstore.model import (
    AllergyBody,
    Body,
    Component,
    ConsultationBody,
    DocumentBody,
    Entry,
    ImmunisationBody,
    Kind,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    Quantity,
    Sensitivity,
    Status,
)
from tui.words.catalogue import text

SHORT_ID = 8  # digits of an identifier in a table; any command takes them
LONGER_ID = 16  # of patients and versions: those of one import begin with the same 8
BLOOD_PRESSURE = ("8480-6", "8462-4")  # LOINC: systolic, diastolic


def short(identifier: str) -> str:
    """An identifier as tables show it."""
    return identifier[:SHORT_ID]


def longer(identifier: str) -> str:
    """The identifier of a patient or a version as tables show it."""
    return identifier[:LONGER_ID]


def moment(stamp: str) -> str:
    """A moment in UTC as the clock on the wall says it: `2026-03-01 10:30`."""
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return stamp


def kind_name(kind: Kind) -> str:
    """The kind, in the user's language."""
    return {
        Kind.PATIENT: text("Identity"),
        Kind.PROBLEM: text("Problems"),
        Kind.ALLERGY: text("Allergies"),
        Kind.MEDICATION: text("Medicines"),
        Kind.IMMUNISATION: text("Immunisations"),
        Kind.MEASUREMENT: text("Measurements"),
        Kind.CONSULTATION: text("Consultations"),
        Kind.PROCEDURE: text("Procedures"),
        Kind.DOCUMENT: text("Documents"),
        Kind.OTHER: text("Other"),
    }[kind]


def none_known_words(kind: Kind) -> str:
    """What a statement of absence says."""
    return {
        Kind.ALLERGY: text("no known allergy"),
        Kind.MEDICATION: text("takes no medicine"),
    }.get(kind, text("no known problem"))


def full_name(body: PatientBody) -> str:
    """Family name, given names."""
    return " ".join((body.family_name.upper(), *body.given_names)).strip()


def words(body: Body) -> str:
    """What an entry says, in one line."""
    if getattr(body, "none_known", False):
        return none_known_words(Kind(str(body.__struct_config__.tag)))
    match body:
        case PatientBody():
            return _joined(full_name(body), body.birth_date, body.ins)
        case ProblemBody():
            return _joined(body.concept.label, body.clinical_status, _since(body.onset, body.abatement), body.note)
        case AllergyBody():
            return _joined(body.substance.label, body.reaction, body.criticality, body.clinical_status, body.note)
        case MedicationBody():
            period = _since(body.start, body.end)
            return _joined(body.medicine.label, body.dosage, body.state, period, body.reason, body.note)
        case ImmunisationBody():
            return _joined(body.vaccine.label, body.state, body.dose, body.lot, body.site, body.reason, body.note)
        case MeasurementBody():
            return _joined(f"{body.concept.label}: {value(body)}", body.interpretation, body.note)
        case ConsultationBody():
            parts = (body.reason, body.findings, body.conclusion, body.plan)
            return _joined(body.type.label, *parts, body.practitioner, body.place)
        case ProcedureBody():
            return _joined(body.concept.label, body.state, body.reason, body.note)
        case DocumentBody():
            size = text("{count} bytes").format(count=len(body.content)) if body.content else ""
            return _joined(body.title or body.type.label, body.media_type, size, body.text)
        case OtherBody():
            return _joined(body.resource_type, body.label)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part and part != ": ")


def _since(start: str, end: str) -> str:
    return f"{start}–{end}" if start and end else start or (f"–{end}" if end else "")


def value(body: MeasurementBody) -> str:
    """What was measured: a blood pressure as 120/80, components by name, a quantity, or words."""
    pressure = [_component(body, code) for code in BLOOD_PRESSURE]
    if all(one is not None and one.quantity is not None for one in pressure):
        numbers = "/".join(number(one.quantity.value) for one in pressure if one and one.quantity)
        units = {one.quantity.unit for one in pressure if one and one.quantity}
        return f"{numbers} {units.pop()}" if len(units) == 1 else numbers
    parts = [f"{one.concept.label} {_quantity(one.quantity) or one.text}" for one in body.components]
    return ", ".join(filter(None, (_quantity(body.quantity), body.text, *parts)))


def _component(body: MeasurementBody, code: str) -> Component | None:
    return next((one for one in body.components if any(c.code == code for c in one.concept.codings)), None)


def _quantity(quantity: Quantity | None) -> str:
    return f"{quantity.comparator}{number(quantity.value)} {quantity.unit}".strip() if quantity else ""


def number(figure: Decimal) -> str:
    """Without an exponent, and without zeros that say nothing."""
    shown = f"{figure:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def marks(entry: Entry, competing: bool) -> str:
    """What a reader must not overlook about an entry."""
    found = [
        (entry.status is Status.ENTERED_IN_ERROR, text("ENTERED IN ERROR")),
        (competing, text("COMPETING VERSIONS")),
        (entry.sensitivity is Sensitivity.RESTRICTED, text("restricted")),
    ]
    return " ".join(f"[{words}]" for holds, words in found if holds)
