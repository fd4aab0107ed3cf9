"""The clinical resources of the patient summary: one small builder for each body, after the profiles of IPS 2.0.1.

What a profile requires and the record does not know carries the data-absent-reason extension, never a guess. No status
is made up: a problem of which nobody said that it was confirmed has no verificationStatus.
"""

from base64 import b64encode

from localstore.bodies import (
    AllergyBody,
    Component,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency.fhirvalues import (
    IPS,
    LOINC,
    SNOMED,
    TERMINOLOGY,
    Json,
    absent,
    author_id,
    base,
    clean,
    coded,
    concept,
    dated,
    fhir_date,
    is_before,
    media_type,
    notes,
    odd_date,
    period,
    pruned,
    quantity,
    recorded,
    reference,
    said,
)
from localstore.emergency.keyvalues import Group, key_of
from localstore.emergency.sections import Item

# "Asked, and there is none": IPS 2.0 removed its own code system for this and recommends a resource with a SNOMED CT
# code (Empty Sections and Missing Data), which, unlike an emptyReason, says when it was asked and by whom.
NO_ALLERGY = coded(SNOMED, "716186003", "No known allergy (situation)")
NO_PROBLEM = coded(SNOMED, "160245001", "No current problems or disability (situation)")
NO_MEDICATION = coded(SNOMED, "787481004", "No known medications (situation)")

ALLERGY_STATUSES = frozenset({"active", "inactive", "resolved"})
ALLERGY_CATEGORIES = frozenset({"food", "medication", "environment", "biologic"})
CRITICALITIES = frozenset({"low", "high", "unable-to-assess"})
PROBLEM_STATUSES = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
ABATED = frozenset({"inactive", "remission", "resolved"})  # R4 con-4: only these may have an abatement
MEDICATION_STATES = frozenset({"active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken"})
PROCEDURE_STATES = frozenset({"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"})
CATEGORIES = {Group.RESULT: "laboratory", Group.VITAL_SIGN: "vital-signs", Group.SOCIAL: "social-history"}
UNKNOWN_DATE = "date inconnue"
VITAL_SIGNS = "http://hl7.org/fhir/StructureDefinition/vitalsigns"


def allergy(item: Item, body: AllergyBody, patient: Json) -> Json:
    """AllergyIntolerance, or the statement that there is none."""
    reaction = said(body.reaction)
    status = _known(body.clinical_status, ALLERGY_STATUSES, "active")
    return pruned(
        {
            **base("AllergyIntolerance", item.entry, f"{IPS}AllergyIntolerance-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}allergyintolerance-clinical", status),
            "category": [body.category] if body.category in ALLERGY_CATEGORIES else None,
            "criticality": _known(body.criticality, CRITICALITIES, ""),
            "code": NO_ALLERGY if body.none_known else concept(body.substance),
            "patient": patient,
            "onsetDateTime": fhir_date(body.onset),
            **recorded(item.entry),
            "note": notes(
                body.note,
                odd_date(body.onset),
                _odd("Statut", body.clinical_status, status),
                _odd("Criticité", body.criticality, _known(body.criticality, CRITICALITIES, "")),
            ),
            "reaction": [{"manifestation": [reaction]}] if reaction else None,
        }
    )


def condition(item: Item, body: ProblemBody, patient: Json) -> Json:
    """Condition, or the statement that there is no problem."""
    status = _known(body.clinical_status, PROBLEM_STATUSES, "active")
    start, end = fhir_date(body.onset), fhir_date(body.abatement)
    if end and (status not in ABATED or (start and is_before(end, start))):
        end = None
    return pruned(
        {
            **base("Condition", item.entry, f"{IPS}Condition-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}condition-clinical", status),
            "category": [coded(f"{TERMINOLOGY}condition-category", "problem-list-item")],
            "severity": said(body.severity),
            "code": NO_PROBLEM if body.none_known else concept(body.concept),
            "subject": patient,
            "onsetDateTime": start,
            "abatementDateTime": end,
            **recorded(item.entry),
            "note": notes(
                body.note,
                odd_date(body.onset),
                f"Fin notée : {body.abatement}" if body.abatement and not end else "",
                _odd("Statut", body.clinical_status, status),
            ),
        }
    )


def medication(item: Item, body: MedicationBody, patient: Json) -> Json:
    """MedicationStatement, or the statement that nothing is taken."""
    span, reason = period(body.start, body.end), said(body.reason)
    status = _known(body.state, MEDICATION_STATES, "unknown")
    return pruned(
        {
            **base("MedicationStatement", item.entry, f"{IPS}MedicationStatement-uv-ips"),
            "status": status,
            "medicationCodeableConcept": NO_MEDICATION if body.none_known else concept(body.medicine),
            "subject": patient,
            **({"effectivePeriod": span} if span else dated("effectiveDateTime", item.entry.date)),
            "dateAsserted": fhir_date(item.entry.recorded),
            "informationSource": reference(author_id(item.entry.author)),
            "reasonCode": [reason] if reason else None,
            "note": notes(
                body.note,
                odd_date(body.start),
                f"Fin notée : {body.end}" if body.end and "end" not in span else "",
                _odd("État", body.state, status),
            ),
            "dosage": [{"text": clean(body.dosage)}] if clean(body.dosage) else None,
        }
    )


def immunization(item: Item, body: ImmunisationBody, patient: Json) -> Json:
    """Immunization, given or not."""
    given, reason = body.state != "not-done", said(body.reason)
    return pruned(
        {
            **base("Immunization", item.entry, f"{IPS}Immunization-uv-ips"),
            "status": "completed" if given else "not-done",
            "statusReason": None if given else reason,
            "vaccineCode": concept(body.vaccine),
            "patient": patient,
            **_occurrence(item.date),
            "lotNumber": clean(body.lot),
            "site": said(body.site),
            "reasonCode": [reason] if given and reason else None,
            "note": notes(body.note),
            "protocolApplied": [{"doseNumberString": clean(body.dose)}] if clean(body.dose) else None,
        }
    )


def _occurrence(date: str) -> Json:
    """When a vaccine was given. It may be told in words, and then needs no reason for its absence."""
    moment = fhir_date(date)
    return {"occurrenceDateTime": moment} if moment else {"occurrenceString": clean(date) or UNKNOWN_DATE}


def procedure(item: Item, body: ProcedureBody, patient: Json) -> Json:
    """Procedure."""
    span, reason = period(item.date, body.end), said(body.reason)
    status = _known(body.state, PROCEDURE_STATES, "unknown")
    return pruned(
        {
            **base("Procedure", item.entry, f"{IPS}Procedure-uv-ips"),
            "status": status,
            "code": concept(body.concept),
            "subject": patient,
            **({"performedPeriod": span} if "end" in span else dated("performedDateTime", item.date)),
            "reasonCode": [reason] if reason else None,
            "note": notes(
                body.note,
                odd_date(item.date),
                f"Fin notée : {body.end}" if body.end and "end" not in span else "",
                _odd("État", body.state, status),
            ),
        }
    )


def observation(item: Item, body: MeasurementBody, patient: Json) -> Json:
    """Observation: a laboratory result, a vital sign, a fact of social history."""
    key = key_of(body)
    category = CATEGORIES.get(key.group, "") if key else ""
    value = {} if body.quantity is None else quantity(body.quantity)
    words = body.text if not value else ""
    return pruned(
        {
            **base("Observation", item.entry, _observation_profile(category, item.date)),
            "status": "final",
            "category": [coded(f"{TERMINOLOGY}observation-category", category)] if category else None,
            "code": concept(body.concept),
            "subject": patient,
            **dated("effectiveDateTime", item.date),
            "performer": [reference(author_id(item.entry.author))],
            "valueQuantity": value,
            "valueString": clean(words),
            "interpretation": [said(body.interpretation)] if said(body.interpretation) else None,
            "note": notes(body.note, odd_date(item.date), body.text if value else ""),
            "component": [_component(part) for part in body.components],
        }
    )


def _component(part: Component) -> Json:
    value = {} if part.quantity is None else quantity(part.quantity)
    words = clean(part.text) if not value else ""
    missing = coded(f"{TERMINOLOGY}data-absent-reason", "unknown") if not value and not words else None
    return pruned(
        {
            "code": concept(part.concept),
            "valueQuantity": value,
            "valueString": words,
            "dataAbsentReason": missing,
        }
    )


def _observation_profile(category: str, date: str) -> str:
    """The profile that the observation meets: vital signs need a date precise to the day (vs-1)."""
    if category == "laboratory":
        return f"{IPS}Observation-results-laboratory-pathology-uv-ips"
    precise = len(fhir_date(date) or "") >= 10
    return VITAL_SIGNS if category == "vital-signs" and precise else ""


def encounter(item: Item, body: ConsultationBody, patient: Json) -> Json:
    """Encounter: a consultation, with its reason in words."""
    span = period(item.date, body.end)
    return pruned(
        {
            **base("Encounter", item.entry),
            "status": "finished",
            "class": {"system": f"{TERMINOLOGY}v3-ActCode", "code": "AMB", "display": "ambulatory"},
            "type": [concept(body.type)] if body.type.label else None,
            "subject": patient,
            "period": span or absent(),
            "reasonCode": [said(item.label)],
        }
    )


def directive(item: Item, body: DocumentBody, patient: Json) -> Json:
    """DocumentReference: an advance directive, with its text or its file."""
    content = body.content or body.text.encode("utf-8", "replace")
    kind = body.media_type if body.content else "text/plain; charset=utf-8"
    attachment = pruned(
        {
            "contentType": media_type(kind) if content else "",
            "data": b64encode(content).decode("ascii"),
            "title": clean(item.label),
        }
    )
    return pruned(
        {
            **base("DocumentReference", item.entry),
            "status": "current",
            "type": concept(body.type) if body.type.codings else coded(LOINC, "42348-3", "Advance directives"),
            "subject": patient,
            "author": [reference(author_id(item.entry.author))],
            "description": clean(item.label),
            "content": [{"attachment": attachment}],
            "context": pruned({"period": period(item.date, "")}),
        }
    )


def _known(code: str, codes: frozenset[str], otherwise: str) -> str:
    return code if code in codes else otherwise


def _odd(name: str, came: str, kept: str) -> str:
    """Words for a code that FHIR's value set does not have."""
    return "" if came == kept or not came else f"{name} : {came}"
