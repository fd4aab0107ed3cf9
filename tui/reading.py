"""How an entry reads: a title, what it says beside it, who states it, where it came from. Pure.

Everything here may hold foreign text as it was signed; the widgets make it safe to show. `tui.details` says the rest.
"""

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.folding import fold
from localstore.kinds import Kind, Provenance
from localstore.model import Entry, PatientSummary
from localstore.partial_date import calendar_date, is_date
from localstore.values import Concept
from tui import statuses, vocabulary
from tui.amounts import measured, quantity
from tui.dates import WHOLE_DAY, age, shown_date, shown_moment
from tui.vocabulary import word
from tui.words.catalogue import text, texts
from tui.words.marking import message

NONE_KNOWN = {
    Kind.PROBLEM: message("No known problem"),
    Kind.ALLERGY: message("No known allergy"),
    Kind.MEDICATION: message("No current medicine"),
    Kind.IMMUNISATION: message("No known vaccination"),
    Kind.PROCEDURE: message("No known procedure"),
    Kind.DEVICE: message("No known device"),
    Kind.FAMILY_HISTORY: message("No known family history"),
}


def full_name(patient: PatientBody | PatientSummary) -> str:
    """Family name in capitals, then the given names."""
    return " ".join((patient.family_name.upper(), *patient.given_names))


def told_death(birth: str, died: str) -> str:
    """That somebody died: in which year, and how old, as far as it is known."""
    year = calendar_date(died)[:4] if is_date(died) else ""
    words = text("deceased{when}").format(when=f" {year}" if year else "")
    years = age(birth, _whole_day(died)) if year else ""
    if years and len(calendar_date(died)) < WHOLE_DAY and not years.startswith("~"):
        years = f"~ {years}"
    return f"{words}, {years}" if years else words


def _whole_day(date: str) -> str:
    """The last day that a date may mean, for an age: of a year or a month, its end."""
    day = calendar_date(date)[:10]
    return day if len(day) == WHOLE_DAY else f"{day}-28" if len(day) == 7 else f"{day}-12-31"


def states_none(body: Body) -> bool:
    """Whether the body states that the patient was asked and that there is none."""
    return bool(getattr(body, "none_known", False))


def title(entry: Entry) -> str:
    """What the entry is, in one line."""
    if states_none(entry.body):
        return text(NONE_KNOWN[entry.kind])
    return _title(entry.body).strip() or text("(without a name)")


def _title(body: Body) -> str:
    match body:
        case PatientBody():
            return full_name(body)
        case ConsultationBody():
            return body.reason or body.type.label or text("Consultation")
        case FamilyHistoryBody():
            diseases = ", ".join(one.label for one in body.conditions)
            return _joined(body.relationship.label, diseases)
        case DirectiveBody():
            return body.type.label or text("Advance directives")
        case DocumentBody():
            return body.title or body.type.label or text("Document")
        case LetterBody():
            return body.title or text("Letter")
        case RelativeBody() | CarerBody():
            return body.name
        case AppointmentBody():
            return body.reason or text("Appointment")
        case OtherBody():
            return body.label or body.resource_type
    return concept_of(body).label


def concept_of(body: Body) -> Concept:
    """The concept that an entry is about; an empty one where it is about none."""
    match body:
        case ProblemBody() | MeasurementBody() | ProcedureBody() | RecallBody():
            return body.concept
        case AllergyBody():
            return body.substance
        case MedicationBody():
            return body.medicine
        case ImmunisationBody():
            return body.vaccine
        case DeviceBody():
            return body.device
    return Concept()


def beside(entry: Entry) -> str:
    """What the entry says beside its title, in one line: a value, a dosage, a reaction."""
    match entry.body:
        case ProblemBody() as body:
            status = _unless("active", body.clinical_status, vocabulary.PROBLEM_STATUS)
            certainty = _unless("confirmed", body.verification, statuses.PROBLEM_VERIFICATION)
            long_term = text("ALD") if body.long_term else ""
            site = body.body_site.label
            return _joined(status, certainty, body.severity, long_term, site, _since(body.onset), body.note)
        case AllergyBody() as body:
            status = _unless("active", body.clinical_status, vocabulary.ALLERGY_STATUS)
            certainty = _unless("confirmed", body.verification, statuses.ALLERGY_VERIFICATION)
            danger = word(vocabulary.CRITICALITY, body.criticality)
            return _joined(status, danger, certainty, reaction(body), body.note)
        case MedicationBody() as body:
            state = _unless("active", body.state, vocabulary.MEDICATION_STATE)
            return _joined(state, dosage(body), body.note)
        case ImmunisationBody() as body:
            state = _unless("completed", body.state, vocabulary.IMMUNISATION_STATE)
            return _joined(state, body.dose, body.note)
        case MeasurementBody() as body:
            return _joined(measured(body), body.interpretation, body.note)
        case ConsultationBody() as body:
            mode = "" if body.mode == "office" else word(statuses.MODE, body.mode)
            return _joined(mode, body.conclusion, body.plan, body.findings, body.type.label if body.reason else "")
        case ProcedureBody() as body:
            state = _unless("completed", body.state, statuses.PROCEDURE_STATE)
            return _joined(state, body.body_site.label, body.outcome, body.reason, body.note)
        case DocumentBody() as body:
            return _joined(body.text or body.media_type or (body.attachment.media_type if body.attachment else ""))
        case OtherBody() as body:
            return _joined(body.resource_type if body.label else "", body.unread)
    return _beside_others(entry.body)


def _beside_others(body: Body) -> str:
    """The same for what surrounds the medical part: devices, people, papers, what is planned."""
    match body:
        case DeviceBody():
            state = _unless("active", body.state, statuses.DEVICE_STATE)
            return _joined(state, body.body_site.label, body.manufacturer, body.identifier, body.note)
        case FamilyHistoryBody():
            return _joined(_at_age(body.onset_age), body.note)
        case DirectiveBody():
            state = _unless("active", body.state, statuses.DIRECTIVE_STATE)
            kept = text("kept: {place}").format(place=body.place) if body.place else ""
            return _joined(state, body.text, kept)
        case LetterBody():
            way = text("from {name}") if body.direction == "received" else text("to {name}")
            return _joined(way.format(name=body.correspondent) if body.correspondent else "", body.text)
        case RelativeBody():
            called = text("to call") if body.to_call else ""
            trusted = text("person of trust") if body.trusted else ""
            return _joined(called, trusted, body.relationship.label, body.phone, body.note)
        case CarerBody():
            ended = text("until {date}").format(date=shown_date(body.end)) if body.end else ""
            return _joined(body.role.label, ended, body.organisation, body.phone, body.note)
        case RecallBody():
            every = texts("every month", "every {n} months", body.every_months)
            state = word(statuses.RECALL_STATE, body.state)
            again = every.format(n=body.every_months) if body.every_months else ""
            return _joined(state, again, body.reason, body.note)
        case AppointmentBody():
            minutes = text("{n} min").format(n=body.minutes)
            return _joined(word(statuses.APPOINTMENT_STATE, body.state), minutes, body.practitioner, body.note)
    return ""


def reaction(body: AllergyBody) -> str:
    """What an allergy does, in one line."""
    signs = ", ".join(one.label for one in body.manifestations if one.label and one.label not in body.reaction)
    worst = word(statuses.REACTION_SEVERITY, body.severity)
    return _joined(body.reaction, signs, worst)


def dosage(body: MedicationBody) -> str:
    """How a medicine is taken: in words where it was written in words, else from its parts."""
    if body.dosage:
        return _joined(body.dosage, text("only as needed") if body.as_needed and not _says_as_needed(body) else "")
    often = texts("{n} time", "{n} times", body.frequency).format(n=body.frequency) if body.frequency else ""
    rate = f"{often} {word(statuses.PERIOD, body.period)}".strip() if often else ""
    as_needed = text("only as needed") if body.as_needed else ""
    return _joined(quantity(body.dose) if body.dose else "", rate, body.route.label, as_needed)


def _says_as_needed(body: MedicationBody) -> bool:
    return any(words in fold(body.dosage) for words in ("si besoin", "as needed", "a la demande"))


def _unless(usual: str, code: str, table: dict[str, str]) -> str:
    """The word for a code, where it is not the one that goes without saying."""
    return "" if code == usual else word(table, code)


def _joined(*parts: str) -> str:
    return " · ".join(" ".join(part.split()) for part in parts if part.strip())


def _since(onset: str) -> str:
    return text("since {date}").format(date=shown_date(onset)) if onset else ""


def _at_age(years: int | None) -> str:
    return "" if years is None else texts("at {n} year", "at {n} years", years).format(n=years)


def signature(entry: Entry) -> str:
    """Who states the entry, and when it was written down."""
    author = f"{entry.author.name} (RPPS {entry.author.rpps})" if entry.author.rpps else entry.author.name
    return text("{author}, recorded on {moment}").format(author=author, moment=shown_moment(entry.recorded))


def provenance(entry: Entry) -> str:
    """Where the entry came from; of what came from elsewhere, as of when it was true there."""
    if entry.provenance is Provenance.OWN:
        return text("recorded here")
    imported = entry.provenance is Provenance.IMPORTED
    words = text("imported from {origin}") if imported else text("received from {origin}")
    said = words.format(origin=entry.origin or "?")
    if imported:
        return said
    # A colleague may have written on since: what arrived is a copy of that moment.
    return text("{source}, as it stood on {moment}").format(source=said, moment=shown_moment(entry.recorded))
