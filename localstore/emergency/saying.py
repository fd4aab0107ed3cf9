"""What is said of one item: the alert, the details, and when; in French words without any markup. Pure.

A word in capitals is an alert, and stands before the details.
"""

from datetime import datetime

from localstore.bodies import (
    AllergyBody,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
    RelativeBody,
)
from localstore.emergency import french
from localstore.emergency.sections import Item
from localstore.values import Attachment

Said = tuple[str, tuple[str, ...], str]  # the alert, the details, the moment


def said(item: Item, made: datetime) -> Said:
    """The alert, the details and the moment of an item; `made` tells what has ended since."""
    match item.entry.body:
        case AllergyBody() as body:
            return _allergy(body, item)
        case ProblemBody() as body:
            return _problem(body, item)
        case MedicationBody() as body:
            return _medication(body, item, made)
        case ImmunisationBody() as body:
            return _immunisation(body, item)
        case MeasurementBody() as body:
            value = (french.measurement(body), _bounds(body), body.interpretation, body.note)
            return "", value, french.on(item.date) if item.date else ""
        case ConsultationBody() as body:
            conclusion = body.conclusion if body.conclusion != item.label else ""
            mode = french.word(french.MODE, body.mode)
            return "", (mode, conclusion, body.practitioner), french.on(item.date)
        case ProcedureBody() as body:
            return _procedure(body, item)
    return _of_others(item)


def _of_others(item: Item) -> Said:
    """The same for devices, the family, papers and people."""
    match item.entry.body:
        case DeviceBody() as body:
            identifier = f"n° {body.identifier}" if body.identifier.strip() else ""
            words = (body.body_site.label, body.manufacturer, identifier, body.note)
            return "", words, french.since(item.date)
        case FamilyHistoryBody() as body:
            return _family(body, item)
        case DirectiveBody() as body:
            kept = f"original : {body.place}" if body.place.strip() else ""
            return "", (body.text, kept, _file(body.attachment)), french.on(item.date)
        case DocumentBody() as body:
            return "", (body.text, _file(body.attachment)), french.on(item.date)
        case CarerBody() as body:
            phone = f"tél. {body.phone}" if body.phone.strip() else ""
            return "", (body.role.label, body.organisation, phone, body.note), french.since(item.date)
        case RelativeBody() as body:
            trusted = "PERSONNE DE CONFIANCE" if body.trusted else ""
            return trusted, (body.relationship.label, body.phone or "sans numéro", body.note), ""
    return "", (), french.day(item.date)


def _allergy(body: AllergyBody, item: Item) -> Said:
    danger = french.word(french.CRITICALITY, body.criticality)
    certainty = french.word(french.VERIFICATION, body.verification)
    severity = french.word(french.SEVERITY, body.severity)
    status = "" if item.current and body.clinical_status == "active" else body.clinical_status
    if status == "active":
        status = ""  # it is refuted, which its certainty says
    reactions = [body.reaction, *(one.label for one in body.manifestations)]
    reaction = ", ".join(dict.fromkeys(one.strip() for one in reactions if one.strip()))
    words = (
        french.word(french.ALLERGY_STATUS, status),
        _quiet(danger),
        "intolérance" if body.type == "intolerance" else "",
        french.word(french.CATEGORY, body.category),
        f"réaction : {reaction}" if reaction else "",
        _quiet(severity),
        _quiet(certainty),
        body.note,
    )
    when = french.since(body.onset) if body.onset else _noted("notée", item.date)
    alerts = [_loud(certainty), *([_loud(danger), _loud(severity)] if item.current else [])]
    return " · ".join(filter(None, alerts)), words, when


def _problem(body: ProblemBody, item: Item) -> Said:
    active = body.clinical_status == "active"
    status = "" if active else french.word(french.CLINICAL_STATUS, body.clinical_status)
    certainty = french.word(french.VERIFICATION, body.verification)
    words = (
        status,
        _quiet(certainty),
        body.severity,
        body.body_site.label,
        "ALD" if body.long_term else "",
        body.note,
    )
    if body.abatement or not active:
        return _loud(certainty), words, _span(item.date, body.abatement)
    when = french.since(body.onset) if body.onset else _noted("noté", item.date)
    return _loud(certainty), words, when


def _medication(body: MedicationBody, item: Item, made: datetime) -> Said:
    state = french.word(french.MEDICATION_STATE, body.state)
    reason = f"pour {body.reason}" if body.reason.strip() else ""
    over = french.parts_of(body.end) is not None and body.end[:10] < made.date().isoformat()[: len(body.end[:10])]
    end = french.until(body.end) + (" (date passée)" if over else "")
    start = french.since(body.start) if body.start else _noted("noté", item.date)
    when = " ".join(part for part in (start, end) if part.strip())
    as_needed = "seulement si besoin" if body.as_needed and "si besoin" not in body.dosage.casefold() else ""
    course = french.word(french.COURSE, body.course)
    words = (
        body.dosage,
        structured_dosage(body),
        body.route.label,
        as_needed,
        course,
        reason,
        _quiet(state),
        body.note,
    )
    return _loud(state), words, when


def structured_dosage(body: MedicationBody) -> str:
    """`500 mg, 2 fois par jour`; nothing where the parts are not known."""
    dose = french.quantity(body.dose) if body.dose is not None else ""
    often = f"{body.frequency} fois {french.word(french.PERIOD, body.period)}".strip() if body.frequency else ""
    return ", ".join(part for part in (dose, often) if part)


def _immunisation(body: ImmunisationBody, item: Item) -> Said:
    state = french.word(french.IMMUNISATION_STATE, body.state)
    lot = f"lot {body.lot}" if body.lot.strip() else ""
    dose = f"dose {body.dose}" if body.dose.strip().isdigit() else body.dose.strip()
    particulars = ", ".join(part for part in (dose, lot, body.site.strip(), body.route.label.strip()) if part)
    when = french.day(item.date) or "date non précisée"
    words = (_quiet(state), against(body), body.reason, body.note)
    return _loud(state), words, f"{when} ({particulars})" if particulars else when


def _procedure(body: ProcedureBody, item: Item) -> Said:
    state = french.word(french.PROCEDURE_STATE, body.state)
    words = (_quiet(state), body.body_site.label, body.performer, body.reason, body.outcome, body.note)
    return _loud(state), words, _span(item.date, body.end)


def _family(body: FamilyHistoryBody, item: Item) -> Said:
    age = f"à partir de {french.plural(body.onset_age, 'an', 'ans')}" if body.onset_age is not None else ""
    died = "" if not body.deceased else "décès" if body.deceased == "yes" else f"décès {french.on(body.deceased)}"
    diseases = ", ".join(one.label for one in body.conditions if one.label.strip())
    return "", (diseases, age, died, body.note), _noted("noté", item.date)


def _bounds(body: MeasurementBody) -> str:
    """`normale : 3,5 à 5`; nothing where the laboratory gave no bounds."""
    low, high = (french.number(value) if value is not None else "" for value in (body.low, body.high))
    if low and high:
        return f"normale : {low} à {high}"
    return f"normale : à partir de {low}" if low else f"normale : jusqu'à {high}" if high else ""


def against(body: ImmunisationBody) -> str:
    """The diseases that a vaccine protects against."""
    labels = ", ".join(one.label for one in body.targets if one.label.strip())
    return f"contre : {labels}" if labels else ""


def _file(attachment: Attachment | None) -> str:
    """A file lies in the record and is not printed: that it exists is said."""
    return "" if attachment is None else f"fichier au dossier, non repris ici : {attachment.name or 'sans nom'}"


def _loud(state: str) -> str:
    return state if state.isupper() else ""


def _quiet(state: str) -> str:
    return "" if state.isupper() else state


def _noted(word: str, date: str) -> str:
    return f"{word} {french.on(date)}" if date else ""


def _span(start: str, end: str) -> str:
    """`2009 – 2012`, or the one day where both are the same."""
    first, last = french.day(start), french.day(end)
    return " – ".join(part for part in dict.fromkeys((first, last)) if part)
