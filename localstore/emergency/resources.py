"""The clinical resources of the patient summary: one small builder for each body, after the profiles of IPS 2.0.1.

What a profile requires and the record does not know carries the data-absent-reason extension, never a guess. No status
is made up: a problem of which nobody said that it was confirmed has no verificationStatus.
"""

from localstore.bodies import (
    AllergyBody,
    Component,
    ConsultationBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import french, saying, valuesets
from localstore.emergency.fhirvalues import (
    IPS,
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
    fhir_day,
    is_before,
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
from localstore.values import Concept, Quantity

# "Asked, and there is none": IPS 2.0 removed its own code system for this and recommends a resource with a SNOMED CT
# code (Empty Sections and Missing Data), which, unlike an emptyReason, says when it was asked and by whom.
NO_ALLERGY = coded(SNOMED, "716186003", "No known allergy (situation)")
NO_PROBLEM = coded(SNOMED, "160245001", "No current problems or disability (situation)")
NO_MEDICATION = coded(SNOMED, "787481004", "No known medications (situation)")
NO_IMMUNISATION = coded(SNOMED, "787482006", "No known immunizations (situation)")
NO_PROCEDURE = coded(SNOMED, "787480003", "No known procedures (situation)")

CATEGORIES = {Group.RESULT: "laboratory", Group.VITAL_SIGN: "vital-signs", Group.SOCIAL: "social-history"}
UNKNOWN_DATE = "date inconnue"
VITAL_SIGNS = "http://hl7.org/fhir/StructureDefinition/vitalsigns"


def allergy(item: Item, body: AllergyBody, patient: Json) -> Json:
    """AllergyIntolerance, or the statement that there is none."""
    status = _known(body.clinical_status, valuesets.ALLERGY_STATUSES, "active")
    return pruned(
        {
            **base("AllergyIntolerance", item.entry, f"{IPS}AllergyIntolerance-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}allergyintolerance-clinical", status),
            "verificationStatus": _certainty(
                "allergyintolerance-verification", body.verification, valuesets.ALLERGY_VERIFICATIONS
            ),
            "type": _known(body.type, valuesets.ALLERGY_TYPES, ""),
            "category": [body.category] if body.category in valuesets.ALLERGY_CATEGORIES else None,
            "criticality": _known(body.criticality, valuesets.CRITICALITIES, ""),
            "code": NO_ALLERGY if body.none_known else concept(body.substance),
            "patient": patient,
            "onsetDateTime": fhir_date(body.onset),
            **recorded(item.entry),
            "note": notes(
                body.note,
                odd_date(body.onset),
                _odd("Statut", body.clinical_status, status),
                _odd("Criticité", body.criticality, _known(body.criticality, valuesets.CRITICALITIES, "")),
            ),
            "reaction": _reactions(body),
        }
    )


def _reactions(body: AllergyBody) -> list[Json]:
    """What the allergy does: each sign, and the words; R4 asks for a sign wherever there is a reaction."""
    signs = [concept(one) for one in body.manifestations]
    signs += [said(body.reaction)] if said(body.reaction) else []
    severity = _known(body.severity, valuesets.SEVERITIES, "")
    if severity and not signs:
        signs = [coded(f"{TERMINOLOGY}data-absent-reason", "unknown")]
    return [pruned({"manifestation": signs, "severity": severity})] if signs else []


def _certainty(system: str, code: str, codes: frozenset[str]) -> Json | None:
    return coded(f"{TERMINOLOGY}{system}", code) if code in codes else None


def condition(item: Item, body: ProblemBody, patient: Json) -> Json:
    """Condition, or the statement that there is no problem."""
    status = _known(body.clinical_status, valuesets.PROBLEM_STATUSES, "active")
    start, end = fhir_date(body.onset), fhir_date(body.abatement)
    if end and (status not in valuesets.ABATED or (start and is_before(end, start))):
        end = None
    return pruned(
        {
            **base("Condition", item.entry, f"{IPS}Condition-uv-ips"),
            "clinicalStatus": coded(f"{TERMINOLOGY}condition-clinical", status),
            "verificationStatus": _certainty(
                "condition-ver-status", body.verification, valuesets.PROBLEM_VERIFICATIONS
            ),
            "category": [coded(f"{TERMINOLOGY}condition-category", "problem-list-item")],
            "severity": said(body.severity),
            "code": NO_PROBLEM if body.none_known else concept(body.concept),
            "bodySite": _concepts(body.body_site),
            "subject": patient,
            "onsetDateTime": start,
            "abatementDateTime": end,
            **recorded(item.entry),
            "note": notes(
                body.note,
                odd_date(body.onset),
                f"Fin notée : {body.abatement}" if body.abatement and not end else "",
                "Affection de longue durée (ALD)" if body.long_term else "",
                _odd("Statut", body.clinical_status, status),
            ),
        }
    )


def medication(item: Item, body: MedicationBody, patient: Json) -> Json:
    """MedicationStatement, or the statement that nothing is taken."""
    span, reason = period(body.start, body.end), said(body.reason)
    status = _known(body.state, valuesets.MEDICATION_STATES, "unknown")
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
            "dosage": [taken] if (taken := _dosage(body)) else None,
        }
    )


def _dosage(body: MedicationBody) -> Json:
    """How it is taken: the words, and the parts where they are known."""
    period = body.period if body.period in valuesets.PERIODS else ""
    repeat = {"frequency": body.frequency, "period": 1, "periodUnit": period} if body.frequency and period else None
    words = body.dosage or (saying.structured_dosage(body) if body.dose or body.frequency else "")
    return pruned(
        {
            "text": clean(words),
            "timing": {"repeat": repeat} if repeat else None,
            "asNeededBoolean": True if body.as_needed else None,
            "route": concept(body.route) if body.route != Concept() else None,
            "doseAndRate": [{"doseQuantity": quantity(body.dose)}] if body.dose is not None else None,
        }
    )


def _concepts(*found: Concept) -> list[Json]:
    return [concept(one) for one in found if one != Concept()]


def immunization(item: Item, body: ImmunisationBody, patient: Json) -> Json:
    """Immunization, given or not."""
    given, reason = body.state != "not-done", said(body.reason)
    return pruned(
        {
            **base("Immunization", item.entry, f"{IPS}Immunization-uv-ips"),
            "status": "completed" if given else "not-done",
            "statusReason": None if given else reason,
            "vaccineCode": NO_IMMUNISATION if body.none_known else concept(body.vaccine),
            "patient": patient,
            **(_asked(item) if body.none_known else _occurrence(item.date)),
            "manufacturer": {"display": clean(body.manufacturer)} if clean(body.manufacturer) else None,
            "lotNumber": clean(body.lot),
            "expirationDate": fhir_day(body.expiry),
            "site": said(body.site),
            "route": concept(body.route) if body.route != Concept() else None,
            "performer": [{"actor": {"display": clean(body.performer)}}] if clean(body.performer) else None,
            "reasonCode": [reason] if given and reason else None,
            "note": notes(
                body.note,
                f"Péremption notée : {body.expiry}" if body.expiry and not fhir_day(body.expiry) else "",
                "" if clean(body.dose) else saying.against(body),
            ),
            "protocolApplied": _protocol(body),
        }
    )


def _asked(item: Item) -> Json:
    """In the place of a moment, for what never was: when that was asked."""
    return {"occurrenceString": f"Demandé {french.on(item.date or item.entry.recorded[:10])}"}


def _protocol(body: ImmunisationBody) -> list[Json]:
    """The dose with the diseases; R4 asks for the number of the dose wherever there is a protocol."""
    dose = clean(body.dose)
    return [pruned({"targetDisease": _concepts(*body.targets), "doseNumberString": dose})] if dose else []


def _occurrence(date: str) -> Json:
    """When a vaccine was given. It may be told in words, and then needs no reason for its absence."""
    moment = fhir_date(date)
    return {"occurrenceDateTime": moment} if moment else {"occurrenceString": clean(date) or UNKNOWN_DATE}


def procedure(item: Item, body: ProcedureBody, patient: Json) -> Json:
    """Procedure."""
    span, reason = period(item.date, body.end), said(body.reason)
    status = "unknown" if body.none_known else _known(body.state, valuesets.PROCEDURE_STATES, "unknown")
    performer, done = clean(body.performer), "" if body.none_known else item.date
    return pruned(
        {
            **base("Procedure", item.entry, f"{IPS}Procedure-uv-ips"),
            "status": status,
            "code": NO_PROCEDURE if body.none_known else concept(body.concept),
            "subject": patient,
            **({"performedPeriod": span} if "end" in span else dated("performedDateTime", done)),
            "performer": [{"actor": {"display": performer}}] if performer else None,
            "reasonCode": [reason] if reason else None,
            "bodySite": _concepts(body.body_site),
            "outcome": said(body.outcome),
            "note": notes(
                body.note,
                str(_asked(item)["occurrenceString"]) if body.none_known else odd_date(item.date),
                f"Fin notée : {body.end}" if body.end and "end" not in span else "",
                "" if body.none_known else _odd("État", body.state, status),
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
            "bodySite": concept(body.body_site) if body.body_site != Concept() else None,
            "method": concept(body.method) if body.method != Concept() else None,
            "referenceRange": _range(body) if value else None,
            "component": [_component(part) for part in body.components],
        }
    )


def _range(body: MeasurementBody) -> list[Json]:
    """What the laboratory calls normal, in the unit of the value."""
    if body.quantity is None:
        return []
    bounds = {
        name: quantity(Quantity(bound, body.quantity.unit, body.quantity.code))
        for name, bound in (("low", body.low), ("high", body.high))
        if bound is not None
    }
    return [bounds] if bounds else []


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
    code, display = valuesets.ENCOUNTERS.get(body.mode, valuesets.AMBULATORY)
    return pruned(
        {
            **base("Encounter", item.entry),
            "status": "finished",
            "class": {"system": f"{TERMINOLOGY}v3-ActCode", "code": code, "display": display},
            "type": [concept(body.type)] if body.type.label else None,
            "subject": patient,
            "period": span or absent(),
            "reasonCode": [said(item.label)],
        }
    )


def _known(code: str, codes: frozenset[str], otherwise: str) -> str:
    return code if code in codes else otherwise


def _odd(name: str, came: str, kept: str) -> str:
    """Words for a code that FHIR's value set does not have."""
    return "" if came == kept or not came else f"{name} : {came}"
