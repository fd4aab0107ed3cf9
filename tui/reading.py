"""How an entry reads: a title, what it says beside it, and every field in words. Pure.

Everything here may hold foreign text as it was signed; the widgets make it safe to show.
"""

from decimal import Context, Decimal

from localstore.bodies import (
    AllergyBody,
    Component,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.kinds import Kind, Provenance
from localstore.model import Entry, PatientSummary
from localstore.values import Concept, Quantity
from tui import vocabulary
from tui.dates import shown_date, shown_moment
from tui.vocabulary import word
from tui.words.catalogue import ENGLISH, language, text
from tui.words.marking import message

Rows = list[tuple[str, str]]

LEGIBLE_DIGITS, ROUNDED_DIGITS = 6, 4  # a device's 164.84046947598196 cm is read as 164.8 cm
LARGEST_EXPONENT = 30  # a number that says it has a million zeros is shown as it was written
SYSTOLIC = "8480-6"  # LOINC: it is read before the diastolic one, in whichever order they came

NONE_KNOWN = {
    Kind.PROBLEM: message("No known problem"),
    Kind.ALLERGY: message("No known allergy"),
    Kind.MEDICATION: message("No current medicine"),
}


def full_name(patient: PatientBody | PatientSummary) -> str:
    """Family name in capitals, then the given names."""
    return " ".join((patient.family_name.upper(), *patient.given_names))


def number(value: Decimal, *, exact: bool = True) -> str:
    """A number in the user's notation: as it was recorded, or with 4 digits where it has more than anybody reads."""
    if not exact and len(value.as_tuple().digits) > LEGIBLE_DIGITS:
        value = Context(prec=ROUNDED_DIGITS).plus(value)
    written = format(value, "f") if abs(value.adjusted()) <= LARGEST_EXPONENT else str(value)
    return written if language() == ENGLISH else written.replace(".", ",")


def quantity(of: Quantity, *, exact: bool = True) -> str:
    """A quantity with its unit."""
    return f"{of.comparator} {number(of.value, exact=exact)} {_unit(of)}".strip()


# UCUM codes stand where an import has no other unit; some are no unit to a reader.
_UNITS = {"mm[Hg]": "mmHg", "Cel": "°C", "10*3/uL": "10³/µL", "10*6/uL": "10⁶/µL", "kg/m2": "kg/m²", "[degF]": "°F"}


def _unit(of: Quantity) -> str:
    unit = of.unit or of.code
    return "" if unit.startswith("{") and unit.endswith("}") else _UNITS.get(unit, unit)


def _part(component: Component, *, exact: bool = True) -> str:
    said = quantity(component.quantity, exact=exact) if component.quantity else component.text
    return f"{component.concept.label} : {said}"


def measured(body: MeasurementBody) -> str:
    """The value of a measurement in one line: 130/80 mmHg, 72 kg, or words. The detail has all its digits."""
    said = [quantity(body.quantity, exact=False)] if body.quantity else []
    said += [body.text] if body.text else []
    parts = sorted(body.components, key=lambda part: not _is_systolic(part))
    found = [part.quantity for part in parts if part.quantity]
    if len(found) == len(parts) == 2 and found[0].unit == found[1].unit:
        upper, lower = (number(one.value, exact=False) for one in found)
        said.append(f"{upper}/{lower} {_unit(found[0])}")
    else:
        said += [_part(part, exact=False) for part in parts]
    return " · ".join(said)


def _is_systolic(part: Component) -> bool:
    return any(coding.code == SYSTOLIC for coding in part.concept.codings)


def title(entry: Entry) -> str:
    """What the entry is, in one line."""
    body = entry.body
    match body:
        case PatientBody():
            return full_name(body)
        case ProblemBody() | AllergyBody() | MedicationBody() if body.none_known:
            return text(NONE_KNOWN[entry.kind])
        case ConsultationBody():
            return body.reason or body.type.label or text("Consultation")
        case DocumentBody():
            return body.title or body.type.label or text("Document")
        case OtherBody():
            return body.label or body.resource_type
        case _:
            return _concept(body).label or text("(without a name)")


def _concept(body: object) -> Concept:
    match body:
        case ProblemBody() | MeasurementBody() | ProcedureBody():
            return body.concept
        case AllergyBody():
            return body.substance
        case MedicationBody():
            return body.medicine
        case ImmunisationBody():
            return body.vaccine
    return Concept()


def beside(entry: Entry) -> str:
    """What the entry says beside its title, in one line: a value, a dosage, a reaction."""
    match entry.body:
        case ProblemBody() as body:
            status = "" if body.clinical_status == "active" else word(vocabulary.PROBLEM_STATUS, body.clinical_status)
            return _joined(status, body.severity, _since(body.onset), body.note)
        case AllergyBody() as body:
            status = "" if body.clinical_status == "active" else word(vocabulary.ALLERGY_STATUS, body.clinical_status)
            return _joined(status, word(vocabulary.CRITICALITY, body.criticality), body.reaction, body.note)
        case MedicationBody() as body:
            state = "" if body.state == "active" else word(vocabulary.MEDICATION_STATE, body.state)
            return _joined(state, body.dosage, body.note)
        case ImmunisationBody() as body:
            state = "" if body.state == "completed" else word(vocabulary.IMMUNISATION_STATE, body.state)
            return _joined(state, body.dose, body.note)
        case MeasurementBody() as body:
            return _joined(measured(body), body.interpretation, body.note)
        case ConsultationBody() as body:
            return _joined(body.conclusion, body.plan, body.findings, body.type.label if body.reason else "")
        case ProcedureBody() as body:
            return _joined(body.reason, body.note)
        case DocumentBody() as body:
            return _joined(body.text or body.media_type)
        case OtherBody() as body:
            return body.resource_type if body.label else ""
    return ""


def _joined(*parts: str) -> str:
    return " · ".join(" ".join(part.split()) for part in parts if part.strip())


def _since(onset: str) -> str:
    return text("since {date}").format(date=shown_date(onset)) if onset else ""


def rows(entry: Entry) -> Rows:
    """Every field that says something, as (label, words)."""
    found: Rows = [(text("Date"), shown_date(entry.date, time=True) or text("not given"))]
    match entry.body:
        case ProblemBody() as body:
            found += [
                (text("Status"), word(vocabulary.PROBLEM_STATUS, body.clinical_status)),
                (text("Beginning"), shown_date(body.onset)),
                (text("End"), shown_date(body.abatement)),
                (text("Severity"), body.severity),
                (text("Note"), body.note),
            ]
        case AllergyBody() as body:
            found += [
                (text("Status"), word(vocabulary.ALLERGY_STATUS, body.clinical_status)),
                (text("Severity"), word(vocabulary.CRITICALITY, body.criticality)),
                (text("Allergy to"), word(vocabulary.ALLERGY_CATEGORY, body.category)),
                (text("Reaction"), body.reaction),
                (text("Beginning"), shown_date(body.onset)),
                (text("Note"), body.note),
            ]
        case MedicationBody() as body:
            found += [
                (text("State"), word(vocabulary.MEDICATION_STATE, body.state)),
                (text("Dosage"), body.dosage),
                (text("Beginning"), shown_date(body.start)),
                (text("End"), shown_date(body.end)),
                (text("Reason"), body.reason),
                (text("Note"), body.note),
            ]
        case ImmunisationBody() as body:
            found += [
                (text("State"), word(vocabulary.IMMUNISATION_STATE, body.state)),
                (text("Dose"), body.dose),
                (text("Lot"), body.lot),
                (text("Site"), body.site),
                (text("Reason"), body.reason),
                (text("Note"), body.note),
            ]
        case _:
            found += _other_rows(entry.body)
    return [(label, said) for label, said in found + _codes(entry.body) if said]


def _other_rows(body: object) -> Rows:
    match body:
        case MeasurementBody():
            values = [(part.concept.label, _part(part).partition(" : ")[2]) for part in body.components]
            return [
                (text("Value"), quantity(body.quantity) if body.quantity else body.text),
                *values,
                (text("Category"), word(vocabulary.CATEGORY, body.category)),
                (text("Interpretation"), body.interpretation),
                (text("Note"), body.note),
            ]
        case ConsultationBody():
            return [
                (text("Type"), body.type.label),
                (text("Reason"), body.reason),
                (text("Findings"), body.findings),
                (text("Conclusion"), body.conclusion),
                (text("Plan"), body.plan),
                (text("Practitioner"), body.practitioner),
                (text("Place"), body.place),
                (text("End"), shown_date(body.end, time=True)),
            ]
        case ProcedureBody():
            state = "" if body.state == "completed" else body.state
            return [
                (text("State"), state),
                (text("End"), shown_date(body.end, time=True)),
                (text("Reason"), body.reason),
                (text("Note"), body.note),
            ]
        case DocumentBody():
            size = text("{kib} KiB").format(kib=-(-len(body.content) // 1024)) if body.content else ""
            return [(text("Type"), body.type.label), (text("File"), _joined(body.media_type, size)), ("", body.text)]
        case OtherBody():
            return [(text("Resource"), body.resource_type)]
    return []


def _codes(body: object) -> Rows:
    codings = _concept(body).codings
    named = [f"{coding.code} ({coding.system.removeprefix('http://')})" for coding in codings if coding.code]
    return [(text("Codes"), " · ".join(named))]


def signature(entry: Entry) -> str:
    """Who states the entry, and when it was written down."""
    author = f"{entry.author.name} (RPPS {entry.author.rpps})" if entry.author.rpps else entry.author.name
    return text("{author}, recorded on {moment}").format(author=author, moment=shown_moment(entry.recorded))


def provenance(entry: Entry) -> str:
    """Where the entry came from."""
    if entry.provenance is Provenance.IMPORTED:
        return text("imported from {origin}").format(origin=entry.origin or "?")
    if entry.provenance is Provenance.RECEIVED:
        return text("received from {origin}").format(origin=entry.origin or "?")
    return text("recorded here")
