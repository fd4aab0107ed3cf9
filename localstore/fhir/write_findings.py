"""Problems, allergies, medicines and vaccinations as FHIR R4. Each function gives the fields that its body fills."""

from localstore.bodies import AllergyBody, ImmunisationBody, MedicationBody, ProblemBody
from localstore.fhir import codes, remarks
from localstore.fhir.write_values import (
    Json,
    all_said,
    coded,
    coding,
    concept,
    date_time,
    extension,
    note,
    present,
    required,
    said,
    undated,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Coding, Concept

CONFIRMED = "confirmed"


def _stated(about: Concept, none_known: bool, none: tuple[str, str, str]) -> Json:
    """What the entry is about; for "none known" with the SNOMED code that says so."""
    if not none_known:
        return required(about)
    return concept(Concept(about.text, (Coding(*none), *about.codings)))


def _in_error(entry: Entry) -> bool:
    return entry.status is Status.ENTERED_IN_ERROR


def _clinical(entry: Entry, state: str, clinical: str, verification: str) -> Json:
    """Clinical and verification status. What was entered in error has no clinical status in FHIR (con-5, ait-2)."""
    if _in_error(entry):
        return {
            "extension": [extension(codes.OWN_STATE, valueCode=state)],
            "verificationStatus": coded(verification, codes.ENTERED_IN_ERROR),
        }
    return {"clinicalStatus": coded(clinical, state), "verificationStatus": coded(verification, CONFIRMED)}


def _onset(text: str) -> Json:
    return {"onsetDateTime": text} if date_time(text) else present(onsetString=text)


def problem(entry: Entry, body: ProblemBody) -> Json:
    """A Condition."""
    state = body.clinical_status if body.clinical_status in codes.CONDITION_STATES else "active"
    fields = _clinical(entry, state, codes.CONDITION_CLINICAL, codes.CONDITION_VERIFICATION)
    if body.abatement and (state not in codes.ABATED_STATES or _in_error(entry)):
        # FHIR con-4: an abatement stands only beside a clinical status that has abated.
        fields.setdefault("extension", []).append(extension(codes.OWN_ABATEMENT, valueString=body.abatement))
    elif date_time(body.abatement):
        fields["abatementDateTime"] = body.abatement
    elif body.abatement:
        fields |= present(abatementString=body.abatement)
    return fields | present(
        code=_stated(body.concept, body.none_known, codes.NO_KNOWN_PROBLEM),
        severity=said(body.severity),
        **_onset(body.onset),
        note=note(body.note),
    )


def allergy(entry: Entry, body: AllergyBody) -> Json:
    """An AllergyIntolerance."""
    state = body.clinical_status if body.clinical_status in codes.ALLERGY_STATES else "active"
    return _clinical(entry, state, codes.ALLERGY_CLINICAL, codes.ALLERGY_VERIFICATION) | present(
        category=[body.category] if body.category in codes.ALLERGY_CATEGORIES else [],
        criticality=body.criticality if body.criticality in codes.CRITICALITIES else "",
        code=_stated(body.substance, body.none_known, codes.NO_KNOWN_ALLERGY),
        reaction=[{"manifestation": all_said(body.reaction)}] if body.reaction else [],
        **_onset(body.onset),
        note=note(body.note),
    )


def medication(entry: Entry, body: MedicationBody) -> Json:
    """A MedicationStatement: R4 has it for what a patient takes, prescribed by whoever."""
    state = body.state if body.state in codes.MEDICATION_STATES else "unknown"
    extensions = undated(codes.OWN_START, body.start) + undated(codes.OWN_END, body.end)
    status = state
    if _in_error(entry):
        status = codes.ENTERED_IN_ERROR
    elif state not in codes.STATEMENT_STATES:
        status = "stopped"  # a cancelled prescription: R4's statement has no word for it
    if status != state:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    return present(
        extension=extensions,
        status=status,
        medicationCodeableConcept=_stated(body.medicine, body.none_known, codes.NO_KNOWN_MEDICATION),
        effectivePeriod=present(start=date_time(body.start), end=date_time(body.end)),
        reasonCode=all_said(body.reason),
        note=note(body.note),
        dosage=all_said(body.dosage),
    )


def immunisation(entry: Entry, body: ImmunisationBody) -> Json:
    """An Immunization."""
    state = body.state if body.state in codes.IMMUNISATION_STATES else "completed"
    lost = [extension(codes.OWN_STATE, valueCode=state)] if _in_error(entry) else []
    given = date_time(entry.date)
    return present(
        extension=lost,
        status=codes.ENTERED_IN_ERROR if _in_error(entry) else state,
        statusReason=said(body.reason) if state == "not-done" else None,
        vaccineCode=required(body.vaccine),
        occurrenceDateTime=given,
        occurrenceString=None if given else remarks.UNKNOWN_DATE,
        lotNumber=body.lot,
        site=said(body.site),
        reasonCode=[] if state == "not-done" else all_said(body.reason),
        note=note(body.note),
        protocolApplied=[present(doseNumberString=body.dose)] if body.dose else [],
    )


def category(text: str) -> list[Json]:
    """The category of an Observation: FHIR's code where it is one, else words."""
    if text in codes.OBSERVATION_CATEGORIES:
        return [{"coding": [coding(Coding(codes.OBSERVATION_CATEGORY, text))]}]
    return all_said(text)
