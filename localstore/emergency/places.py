"""Where each body belongs in the export, how it is called, and how pressing it is. Pure tables and small rules.

Apart from the selection (`summary`) because it grows with the kinds. What a doctor plans with his patient, recalls and
appointments, is nothing that an emergency needs, and appointments never leave the practice: neither has a place here.
"""

import re

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
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.emergency import keyvalues
from localstore.emergency.sections import SectionName
from localstore.model import Entry
from localstore.values import Concept

# What no longer holds. A status that is unknown here counts as current: the safe side in an emergency.
PAST_PROBLEMS = frozenset({"inactive", "remission", "resolved", "refuted"})
PAST_ALLERGIES = frozenset({"inactive", "resolved", "refuted"})
PAST_MEDICATIONS = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", "ended"})
PAST_DEVICES = frozenset({"completed", "stopped"})
REFUTED = "refuted"

# Advance directives, among documents (LOINC: the document, its content, the care plan, the power of attorney).
DIRECTIVE_CODES = frozenset({"42348-3", "75320-2", "81334-5", "64298-3"})
DIRECTIVE_WORDS = re.compile(r"directives?\s+anticip", re.IGNORECASE)
DEVICE_TYPES = frozenset({"Device", "DeviceUseStatement"})

_CRITICALITY = {"high": 0, "unable-to-assess": 1, "": 1, "low": 2}
# SNOMED CT's semantic tags for what is no disease: "Full-time employment (finding)".
_CIRCUMSTANCE = re.compile(r"\((finding|situation|observable entity)\)\s*$")


def is_planned(body: Body) -> bool:
    """Whether the body is a plan of the practice, of which the export says nothing, not even how many there are."""
    return isinstance(body, RecallBody | AppointmentBody)


def states_none(body: Body) -> bool:
    """Whether the body states that the patient was asked and that there is none."""
    return bool(getattr(body, "none_known", False))


def place(body: Body, today: str) -> SectionName | None:
    """The section to which a body belongs on the day `today`, or None where the export has none for it."""
    if ended_of(body, today) is not None:
        return None
    match body:
        case AllergyBody():
            return SectionName.ALLERGIES
        case ProblemBody():
            past = body.clinical_status in PAST_PROBLEMS or body.verification == REFUTED
            return SectionName.HISTORY if past and not body.none_known else SectionName.PROBLEMS
        case MedicationBody():
            return SectionName.MEDICATIONS
        case ImmunisationBody():
            return SectionName.IMMUNISATIONS
        case MeasurementBody():
            return SectionName.MEASUREMENTS
        case ConsultationBody():
            return SectionName.CONSULTATIONS
        case ProcedureBody():
            return SectionName.PROCEDURES
        case DeviceBody():
            return SectionName.DEVICES
        case FamilyHistoryBody():
            return SectionName.FAMILY
        case DirectiveBody():
            return SectionName.DIRECTIVES
        case DocumentBody():
            return SectionName.DIRECTIVES if _is_directive(body) else None
        case CarerBody():
            return SectionName.CARE_TEAM
        case RelativeBody():
            return SectionName.CONTACTS if body.to_call or body.trusted else None
        case OtherBody():
            is_device = body.resource_type in DEVICE_TYPES and bool(body.label.strip())
            return SectionName.DEVICES if is_device else None
    return None


def ended_of(body: Body, today: str) -> SectionName | None:
    """The section that counts the body as ended: a treatment that is over, a device that was removed."""
    match body:
        case MedicationBody() if body.state in PAST_MEDICATIONS and not body.none_known:
            return SectionName.MEDICATIONS
        case DeviceBody() if body.state in PAST_DEVICES and not body.none_known:
            return SectionName.DEVICES
        case DirectiveBody() if body.state == "inactive":
            return SectionName.DIRECTIVES
        case CarerBody() if body.end and body.end[:10] < today[: len(body.end[:10])]:
            return SectionName.CARE_TEAM
    return None


def _is_directive(body: DocumentBody) -> bool:
    words = (body.title, body.type.label)
    coded = keyvalues.loinc_codes(body.type) & DIRECTIVE_CODES
    return bool(coded) or any(DIRECTIVE_WORDS.search(text) for text in words)


def is_current(body: Body) -> bool:
    """Whether what is shown still holds: resolved allergies are shown too."""
    if not isinstance(body, AllergyBody):
        return True
    return body.clinical_status not in PAST_ALLERGIES and body.verification != REFUTED


def rank(body: Body, label: str, current: bool) -> tuple[int, int]:
    """Allergies by their danger, diseases before circumstances, medicines that are taken before those on hold, the
    person of trust before other people."""
    match body:
        case AllergyBody():
            return (not current, _CRITICALITY.get(body.criticality, 1))
        case ProblemBody():
            return (0, int(bool(_CIRCUMSTANCE.search(label))))
        case MedicationBody():
            return (0, int(body.state == "on-hold"))
        case ImmunisationBody():
            return (0, int(body.state == "not-done"))
        case RelativeBody():
            return (0, int(not body.trusted))
    return (0, 0)


def face(entry: Entry) -> tuple[str, str, str]:
    """The label, the clinical date and the status of an entry."""
    match entry.body:
        case AllergyBody() as body:
            return body.substance.label, body.onset or entry.date, body.clinical_status
        case ProblemBody() as body:
            return body.concept.label, body.onset or entry.date, body.clinical_status
        case MedicationBody() as body:
            return body.medicine.label, body.start or entry.date, body.state
        case ImmunisationBody() as body:
            return body.vaccine.label, entry.date, body.state
        case MeasurementBody() as body:
            key = keyvalues.key_of(body)
            return key.name if key else body.concept.label, entry.date, entry.status
        case ConsultationBody() as body:
            return _reason(body.reason, body.type, body.conclusion), entry.date, entry.status
        case ProcedureBody() as body:
            return body.concept.label, entry.date, body.state
        case DocumentBody() as body:
            return body.title or body.type.label, entry.date, entry.status
        case DeviceBody() as body:
            return body.device.label, entry.date, body.state
        case FamilyHistoryBody() as body:
            return body.relationship.label or "Famille", entry.date, entry.status
        case DirectiveBody() as body:
            return body.type.label or "Directives anticipées", entry.date, body.state
        case LetterBody() as body:
            return body.title, entry.date, entry.status
        case RelativeBody() | CarerBody() as body:
            return body.name, entry.date, entry.status
        case OtherBody() as body:
            return body.label, entry.date, entry.status
    return "", entry.date, entry.status


def _reason(reason: str, kind: Concept, conclusion: str) -> str:
    return next((words for words in (reason, kind.label, conclusion) if words.strip()), "Motif non noté")
