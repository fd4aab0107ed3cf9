"""Problems and allergies as FHIR R4. Each function gives the fields that its body fills."""

from localstore.bodies import AllergyBody, ProblemBody
from localstore.fhir import codes
from localstore.fhir.write_values import (
    Json,
    absent,
    all_said,
    coded,
    concepts,
    date_time,
    extension,
    note,
    present,
    said,
    stated,
)
from localstore.kinds import Status
from localstore.model import Entry

REFUTED, PRESUMED = "refuted", "presumed"
MARKED = frozenset({REFUTED, PRESUMED})


def _in_error(entry: Entry) -> bool:
    return entry.status is Status.ENTERED_IN_ERROR


def _clinical(entry: Entry, state: str, clinical: str, certainty: str, verification: str) -> Json:
    """Clinical and verification status. What was entered in error has no clinical status in FHIR (con-5, ait-2).

    A refuted entry of ours is marked: read without the mark it is somebody else's, and loses its codes.
    """
    if _in_error(entry):
        lost = [extension(codes.OWN_STATE, valueCode=state)]
        if certainty:
            lost.append(extension(codes.OWN_VERIFICATION, valueCode=certainty))
        return {"extension": lost, "verificationStatus": coded(verification, codes.ENTERED_IN_ERROR)}
    marked = [extension(codes.OWN_VERIFICATION, valueCode=certainty)] if certainty in MARKED else []
    # R4's value set for allergies has no word for "presumed", which R5 put between the two.
    code = "unconfirmed" if certainty == PRESUMED else certainty
    return present(
        extension=marked,
        clinicalStatus=coded(clinical, state),
        verificationStatus=coded(verification, code) if code else None,
    )


def _onset(text: str) -> Json:
    return {"onsetDateTime": text} if date_time(text) else present(onsetString=text)


def problem(entry: Entry, body: ProblemBody) -> Json:
    """A Condition."""
    state = body.clinical_status if body.clinical_status in codes.CONDITION_STATES else "active"
    certainty = body.verification if body.verification in codes.PROBLEM_VERIFICATIONS else ""
    fields = _clinical(entry, state, codes.CONDITION_CLINICAL, certainty, codes.CONDITION_VERIFICATION)
    if body.long_term:
        fields.setdefault("extension", []).append(extension(codes.OWN_LONG_TERM, valueBoolean=True))
    if body.abatement and (state not in codes.ABATED_STATES or _in_error(entry)):
        # FHIR con-4: an abatement stands only beside a clinical status that has abated.
        fields.setdefault("extension", []).append(extension(codes.OWN_ABATEMENT, valueString=body.abatement))
    elif date_time(body.abatement):
        fields["abatementDateTime"] = body.abatement
    elif body.abatement:
        fields |= present(abatementString=body.abatement)
    return fields | present(
        code=stated(body.concept, body.none_known, codes.NO_KNOWN_PROBLEM),
        severity=said(body.severity),
        bodySite=concepts((body.body_site,)),
        **_onset(body.onset),
        note=note(body.note),
    )


def allergy(entry: Entry, body: AllergyBody) -> Json:
    """An AllergyIntolerance."""
    state = body.clinical_status if body.clinical_status in codes.ALLERGY_STATES else "active"
    certainty = body.verification if body.verification in codes.ALLERGY_VERIFICATIONS else ""
    return _clinical(entry, state, codes.ALLERGY_CLINICAL, certainty, codes.ALLERGY_VERIFICATION) | present(
        type=body.type if body.type in codes.ALLERGY_TYPES else "",
        category=[body.category] if body.category in codes.ALLERGY_CATEGORIES else [],
        criticality=body.criticality if body.criticality in codes.CRITICALITIES else "",
        code=stated(body.substance, body.none_known, codes.NO_KNOWN_ALLERGY),
        reaction=_reaction(body),
        **_onset(body.onset),
        note=note(body.note),
    )


def _reaction(body: AllergyBody) -> list[Json]:
    """The reaction: in words alone as its manifestation, else with its words beside what is coded."""
    coded_ones = concepts(body.manifestations)
    severity = body.severity if body.severity in codes.SEVERITIES else ""
    if not coded_ones and not severity:
        return [{"manifestation": all_said(body.reaction)}] if body.reaction else []
    return [
        present(
            extension=[extension(codes.OWN_EXACT, valueBoolean=True)],
            manifestation=coded_ones or [absent()],
            description=body.reaction,
            severity=severity,
        )
    ]
