"""From an entry to a FHIR R4 resource: the inverse of `read`. Pure.

The law: reading what was written gives the same body. What FHIR has no field for goes into extensions under
`urn:confrere:`, and only that: a value that is in two places could be changed in one of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from localstore.bodies import AllergyBody, MedicationBody, OtherBody, PatientBody, ProblemBody
from localstore.fhir import codes
from localstore.fhir.dates import is_instant
from localstore.fhir.json_text import decode
from localstore.fhir.write_care import consultation, document, measurement, other, participant, procedure
from localstore.fhir.write_findings import allergy, immunisation, medication, problem
from localstore.fhir.write_patient import patient
from localstore.fhir.write_values import Json, author, date_time, extension, present, tidy
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry


def _alone(reference: Json) -> Json:
    return reference


def _listed(reference: Json) -> list[Json]:
    return [reference]


def _acting(reference: Json) -> list[Json]:
    return [{"actor": reference}]


def _taking_part(reference: Json) -> list[Json]:
    return [participant(reference)]


class _Form(NamedTuple):
    """Where R4 wants what every entry has: the fields for the subject, the author, the moment of recording."""

    type: str
    write: Callable[[Entry, Any], Json]
    subject: str
    author: str
    author_as: Callable[[Json], Any]
    recorded: str = ""


_FORMS = {
    Kind.PROBLEM: _Form("Condition", problem, "subject", "recorder", _alone, "recordedDate"),
    Kind.ALLERGY: _Form("AllergyIntolerance", allergy, "patient", "recorder", _alone, "recordedDate"),
    Kind.MEDICATION: _Form("MedicationStatement", medication, "subject", "informationSource", _alone, "dateAsserted"),
    Kind.IMMUNISATION: _Form("Immunization", immunisation, "patient", "performer", _acting, "recorded"),
    Kind.MEASUREMENT: _Form("Observation", measurement, "subject", "performer", _listed, "issued"),
    Kind.CONSULTATION: _Form("Encounter", consultation, "subject", "participant", _taking_part),
    Kind.PROCEDURE: _Form("Procedure", procedure, "subject", "recorder", _alone),
    Kind.DOCUMENT: _Form("DocumentReference", document, "subject", "author", _listed, "date"),
    Kind.OTHER: _Form("Basic", other, "subject", "author", _alone),
}


def write_entry(entry: Entry, patient_url: str) -> Json:
    """The entry as an R4 resource about the patient that `patient_url` refers to.

    An `OtherBody` comes out as its source; without one as a Basic with its words. Numbers are `Decimal`: encode with
    `json_text.encode`. Raises BrokenResource where a source is no JSON any more.
    """
    if isinstance(entry.body, PatientBody):
        return write_patient(entry)
    if isinstance(entry.body, OtherBody) and entry.source:
        return decode(entry.source, entry.body.resource_type)
    entry = msgspec.structs.replace(entry, body=tidy(entry.body), author=tidy(entry.author))
    form = _FORMS[entry.kind]
    fields = form.write(entry, entry.body)
    contained, by = author(entry.author)
    stated, asserted = _stated_date(entry), ""
    if form.recorded and (entry.date or stated) and is_instant(entry.recorded):
        asserted = entry.recorded
        fields[form.recorded] = asserted
    if entry.date and entry.date != (stated or asserted):
        fields.setdefault("extension", []).append(_clinical_date(entry.date))
    if by is not None:
        placed = form.author_as(by)
        # A consultation's participants are both: who was there, and who wrote it down.
        fields[form.author] = fields.get(form.author, []) + placed if isinstance(placed, list) else placed
    return {
        "resourceType": form.type,
        **_head(entry, []),
        **present(contained=contained),
        **fields,
        form.subject: {"reference": patient_url},
    }


def write_patient(entry: Entry) -> Json:
    """An identity as an R4 Patient. Raises TypeError for an entry of another kind."""
    if not isinstance(entry.body, PatientBody):
        raise TypeError("not the entry of an identity")
    body: PatientBody = tidy(entry.body)
    fields = patient(body)
    contained, by = author(tidy(entry.author))
    if by is not None:  # a Patient has no author
        fields.setdefault("extension", []).append({"url": codes.OWN_AUTHOR, "valueReference": by})
    if entry.status is Status.ENTERED_IN_ERROR:
        fields.setdefault("extension", []).append(extension(codes.OWN_STATUS, valueCode=codes.ENTERED_IN_ERROR))
        fields["active"] = False
    identifiers = fields.pop("identifier", [])
    return {
        "resourceType": "Patient",
        **_head(entry, identifiers),
        **present(contained=contained),
        **fields,
    }


def _head(entry: Entry, identifiers: list[Json]) -> Json:
    restricted = {"system": codes.CONFIDENTIALITY, "code": "R", "display": "restricted"}
    return {
        "id": entry.id,
        "meta": present(
            versionId=entry.version,
            lastUpdated=entry.recorded if is_instant(entry.recorded) else "",
            security=[restricted] if entry.sensitivity is Sensitivity.RESTRICTED else [],
        ),
        "identifier": [*identifiers, {"system": codes.OWN_ENTRY, "value": entry.id}],
    }


def _stated_date(entry: Entry) -> str:
    """The clinical date that a reader finds in the resource without our extension."""
    body = entry.body
    if isinstance(body, ProblemBody | AllergyBody):
        return date_time(body.onset) or ""
    if isinstance(body, MedicationBody):
        return date_time(body.start) or ""
    if isinstance(body, OtherBody):
        return ""
    return date_time(entry.date) or ""


def _clinical_date(text: str) -> Json:
    if date_time(text):
        return extension(codes.OWN_CLINICAL_DATE, valueDateTime=text)
    return extension(codes.OWN_CLINICAL_DATE, valueString=text)
