"""FHIR R4 resources of the patient summary, one small builder for each body, after the profiles of IPS 2.0.1.

Codes go out as they came: system, code, display. What a profile requires and the record does not know carries the
data-absent-reason extension, never a guess. A value that FHIR's grammar forbids (a date that is none, a code with a line
break) is said in words instead, so that it is not lost. No status is made up: a problem of which nobody said that it was
confirmed has no verificationStatus.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from localstore.emergency import french
from localstore.emergency.keyvalues import Group, key_of
from localstore.emergency.sections import Item
from localstore.model import (
    AllergyBody,
    Author,
    Component,
    Concept,
    ConsultationBody,
    DocumentBody,
    Entry,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
    Quantity,
)

Json = dict[str, Any]

IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
RPPS = "https://rpps.esante.gouv.fr"
NAMESPACE = UUID("6f0a1c1e-5d0b-5c0e-9d5e-6b2f3b8f7a10")  # any constant: it makes our uuids ours

# "Asked, and there is none", as IPS 2.0.1 recommends: a resource with a SNOMED CT code, which can carry date and author.
NONE_CODES = {
    "AllergyIntolerance": ("716186003", "No known allergy (situation)"),
    "Condition": ("160245001", "No current problems or disability (situation)"),
    "MedicationStatement": ("787481004", "No known medications (situation)"),
}
MEDICATION_STATES = frozenset({"active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken"})
PROCEDURE_STATES = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"}
)
PROBLEM_STATUSES = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
ABATED = frozenset({"inactive", "remission", "resolved"})  # R4 con-4: only these may have an abatement
ALLERGY_STATUSES = frozenset({"active", "inactive", "resolved"})
ALLERGY_CATEGORIES = frozenset({"food", "medication", "environment", "biologic"})
CRITICALITIES = frozenset({"low", "high", "unable-to-assess"})
COMPARATORS = frozenset({"<", "<=", ">=", ">"})

_DATE = r"[1-9]\d{3}(?:-\d{2}(?:-\d{2})?)?"
_MOMENT = re.compile(rf"({_DATE})(T\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?(?:Z|[+-]\d{{2}}:\d{{2}}))?")
_CODE = re.compile(r"\S+( \S+)*")  # FHIR's `code`: no white space but single spaces
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
    """The resource without what is empty: FHIR knows no empty value."""
    return {name: value for name, value in resource.items() if value is not None and value != "" and value != [] and value != {}}


def fhir_date(text: str, *, day_only: bool = False) -> str | None:
    """`text` as a FHIR date or dateTime, or None where it is none of the calendar."""
    found = _MOMENT.match(text)
    if found is None or french.parts_of(found[1]) is None or text[found.end(1) : found.end(1) + 1] not in ("", "T"):
        return None
    return found[1] if day_only or not found[2] or len(found[1]) != 10 else found[0]


def dated(name: str, text: str) -> Json:
    """An element for a date, or the reason why it is absent."""
    date = fhir_date(text)
    return {name: date} if date else {f"_{name}": absent()}


def absent(reason: str = "unknown") -> Json:
    """The extension that says why a required value is missing."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def concept(value: Concept) -> Json:
    """A CodeableConcept with its codes as they came; a coding that is no code in FHIR's grammar is kept as words."""
    codings = [_coding(coding.system, coding.code, coding.label) for coding in value.codings]
    odd = [f"{c.system} {c.code} {c.label}" for c, one in zip(value.codings, codings, strict=True) if one is None]
    text = clean(" ; ".join(part for part in (value.text or value.label, *odd) if part.strip()))
    built = pruned({"coding": [one for one in codings if one], "text": text})
    return built or {"coding": [{"system": f"{TERMINOLOGY}data-absent-reason", "code": "unknown"}]}


def _coding(system: str, code: str, display: str) -> Json | None:
    good = (not system or _URI.fullmatch(system)) and (not code or _CODE.fullmatch(code)) and system == clean(system)
    if not good or code != clean(code) or not (system or code or display):
        return None
    return pruned({"system": system, "code": code, "display": clean(display)})


def coded(system: str, code: str) -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def none_known(resource_type: str) -> Json:
    """The concept that says "asked, and there is none"."""
    code, display = NONE_CODES[resource_type]
    return {"coding": [{"system": SNOMED, "code": code, "display": display}]}


def note(*texts: str) -> list[Json]:
    """Annotations, those without words left out."""
    return [{"text": clean(text)} for text in texts if clean(text)]


def said(text: str) -> Json:
    """A CodeableConcept in words, or nothing."""
    return pruned({"text": clean(text)})


def base(resource_type: str, entry: Entry, profile: str) -> Json:
    """What every resource begins with; its id depends on the version that it shows."""
    return pruned(
        {
            "resourceType": resource_type,
            "id": identifier(entry.id, entry.version),
            "meta": {"profile": [profile]} if profile else {},
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identifier('entry', entry.id)}"}],
        }
    )


def author_id(author: Author) -> str:
    """The id of the resource of an author."""
    return identifier("author", author.name, author.rpps)


def practitioner(author: Author) -> Json:
    """An author."""
    number = [{"system": RPPS, "value": clean(author.rpps)}] if clean(author.rpps) else []
    name: Json = {"text": clean(author.name)} if clean(author.name) else absent()
    return pruned(
        {
            "resourceType": "Practitioner",
            "id": author_id(author),
            "meta": {"profile": [f"{IPS}Practitioner-uv-ips"]},
            "identifier": number,
            "name": [name],
        }
    )


def allergy(item: Item, body: AllergyBody, patient: Json) -> Json:
    """AllergyIntolerance, or the statement that there is none."""
    status = body.clinical_status if body.clinical_status in ALLERGY_STATUSES else "active"
    odd = "" if status == body.clinical_status else f"Statut : {body.clinical_status}"
    reaction = said(body.reaction)
    return pruned(
        {
            **base("AllergyIntolerance", item.entry, f"{IPS}AllergyIntolerance-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}allergyintolerance-clinical", status),
            "category": [body.category] if body.category in ALLERGY_CATEGORIES else [],
            "criticality": body.criticality if body.criticality in CRITICALITIES else "",
            "code": none_known("AllergyIntolerance") if body.none_known else concept(body.substance),
            "patient": patient,
            "onsetDateTime": fhir_date(body.onset),
            **_recorded("recordedDate", item.entry),
            "note": note(body.note, odd, _odd_date(body.onset)),
            "reaction": [{"manifestation": [reaction]}] if reaction else [],
        }
    )


def condition(item: Item, body: ProblemBody, patient: Json) -> Json:
    """Condition, or the statement that there is no problem."""
    status = body.clinical_status if body.clinical_status in PROBLEM_STATUSES else "active"
    odd = "" if status == body.clinical_status else f"Statut : {body.clinical_status}"
    end = fhir_date(body.abatement) if status in ABATED else None
    return pruned(
        {
            **base("Condition", item.entry, f"{IPS}Condition-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}condition-clinical", status),
            "category": [coded(f"{TERMINOLOGY}condition-category", "problem-list-item")],
            "severity": said(body.severity),
            "code": none_known("Condition") if body.none_known else concept(body.concept),
            "subject": patient,
            "onsetDateTime": fhir_date(body.onset or ("" if body.none_known else item.entry.date)),
            "abatementDateTime": end,
            **_recorded("recordedDate", item.entry),
            "note": note(
                body.note, odd, _odd_date(body.onset), "" if end or not body.abatement else f"Fin : {body.abatement}"
            ),
        }
    )


def medication_statement(item: Item, body: MedicationBody, patient: Json) -> Json:
    """MedicationStatement, or the statement that nothing is taken."""
    start, end = fhir_date(item.date), fhir_date(body.end)
    period = pruned({"start": start, "end": end})
    effective: Json = {"effectivePeriod": period} if period else {"_effectiveDateTime": absent()}
    reason = said(body.reason)
    return pruned(
        {
            **base("MedicationStatement", item.entry, f"{IPS}MedicationStatement-uv-ips"),
            "status": body.state if body.state in MEDICATION_STATES else "unknown",
            "medicationCodeableConcept": none_known("MedicationStatement")
            if body.none_known
            else concept(body.medicine),
            "subject": patient,
            **effective,
            **_asserted(item.entry),
            "reasonCode": [reason] if reason else [],
            "note": note(body.note, _odd_date(body.start), _odd_date(body.end)),
            "dosage": [{"text": clean(body.dosage)}] if clean(body.dosage) else [],
        }
    )


def _recorded(name: str, entry: Entry) -> Json:
    """When it was recorded, and by whom."""
    return pruned({name: fhir_date(entry.recorded), "recorder": reference(author_id(entry.author))})


def _asserted(entry: Entry) -> Json:
    return pruned({"dateAsserted": fhir_date(entry.recorded), "informationSource": reference(author_id(entry.author))})


def _odd_date(text: str) -> str:
    """Words for a date that FHIR cannot carry."""
    return f"Date notée : {text}" if text and fhir_date(text) is None else ""


def immunization(item: Item, body: ImmunisationBody, patient: Json) -> Json:
    """Immunization, given or not."""
    given = body.state == "completed"
    return pruned(
        {
            **base("Immunization", item.entry, f"{IPS}Immunization-uv-ips"),
            "status": "completed" if given else "not-done",
            "statusReason": {} if given else said(body.reason),
            "vaccineCode": concept(body.vaccine),
            "patient": patient,
            **dated("occurrenceDateTime", item.date),
            "lotNumber": clean(body.lot),
            "site": said(body.site),
            "reasonCode": [said(body.reason)] if given and said(body.reason) else [],
            "note": note(body.note, _odd_date(item.date)),
            "protocolApplied": [{"doseNumberString": clean(body.dose)}] if clean(body.dose) else [],
        }
    )


def procedure(item: Item, body: ProcedureBody, patient: Json) -> Json:
    """Procedure."""
    start, end = fhir_date(item.date), fhir_date(body.end)
    performed: Json = (
        {"performedPeriod": pruned({"start": start, "end": end})} if end else dated("performedDateTime", item.date)
    )
    reason = said(body.reason)
    return pruned(
        {
            **base("Procedure", item.entry, f"{IPS}Procedure-uv-ips"),
            "status": body.state if body.state in PROCEDURE_STATES else "unknown",
            "code": concept(body.concept),
            "subject": patient,
            **performed,
            "reasonCode": [reason] if reason else [],
            "note": note(body.note, _odd_date(item.date), _odd_date(body.end)),
        }
    )


