"""From an entry to a FHIR R4 resource: the inverse of `read`. Pure.

The law: reading what was written gives the same body. What FHIR has no field for goes into extensions under
`urn:confrere:`, and only that: a value that is in two places could be changed in one of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    LetterBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
)
from localstore.fhir import codes
from localstore.fhir.dates import is_instant
from localstore.fhir.json_text import decode
from localstore.fhir.write_agenda import appointment, attending, recall
from localstore.fhir.write_care import consultation, device, measurement, other, participant, procedure
from localstore.fhir.write_document import directive, document, letter
from localstore.fhir.write_findings import allergy, problem
from localstore.fhir.write_patient import patient
from localstore.fhir.write_people import carer, family, relative
from localstore.fhir.write_treatment import entered_by, immunisation, medication
from localstore.fhir.write_values import Json, author, date_time, extension, present, tidy
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry


def _alone(reference: Json) -> Json:
    return reference


def _listed(reference: Json) -> list[Json]:
    return [reference]


def _entering(reference: Json) -> list[Json]:
    return [entered_by(reference)]


def _taking_part(reference: Json) -> list[Json]:
    return [participant(reference)]


PARTICIPANTS = "participant"  # where an Appointment has its patient, among others
RECEIVED = "received"


class _Form(NamedTuple):
    """Where R4 wants what every entry has: the fields for the subject, the author, the moment of recording.

    Where it has none for the author, he is in an extension of ours.
    """

    type: str
    write: Callable[[Entry, Any], Json]
    subject: str
    author: str = ""
    author_as: Callable[[Json], Any] = _alone
    recorded: str = ""


_FORMS = {
    Kind.PROBLEM: _Form("Condition", problem, "subject", "recorder", _alone, "recordedDate"),
    Kind.ALLERGY: _Form("AllergyIntolerance", allergy, "patient", "recorder", _alone, "recordedDate"),
    Kind.MEDICATION: _Form("MedicationStatement", medication, "subject", "informationSource", _alone, "dateAsserted"),
    Kind.IMMUNISATION: _Form("Immunization", immunisation, "patient", "performer", _entering, "recorded"),
    Kind.MEASUREMENT: _Form("Observation", measurement, "subject", "performer", _listed, "issued"),
    Kind.CONSULTATION: _Form("Encounter", consultation, "subject", "participant", _taking_part),
    Kind.PROCEDURE: _Form("Procedure", procedure, "subject", "recorder", _alone),
    Kind.DEVICE: _Form("DeviceUseStatement", device, "subject", "source", _alone, "recordedOn"),
    Kind.FAMILY_HISTORY: _Form("FamilyMemberHistory", family, "patient"),
    Kind.DIRECTIVE: _Form("Consent", directive, "patient"),
    Kind.LETTER: _Form("DocumentReference", letter, "subject", "author", _listed, "date"),
    Kind.RELATIVE: _Form("RelatedPerson", relative, "patient"),
    Kind.CARER: _Form("CareTeam", carer, "subject"),
    Kind.RECALL: _Form("Task", recall, "for", "requester", _alone, "authoredOn"),
    Kind.APPOINTMENT: _Form("Appointment", appointment, PARTICIPANTS, recorded="created"),
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
    stated, asserted = _stated_date(entry, fields), ""
    if form.recorded and (entry.date or stated) and is_instant(entry.recorded):
        asserted = entry.recorded
        fields[form.recorded] = asserted
    if entry.date and entry.date != (stated or asserted):
        fields.setdefault("extension", []).append(_clinical_date(entry.date))
    _sign(fields, entry.body, form, by)
    subject: Any = {"reference": patient_url}
    if form.subject == PARTICIPANTS:
        subject = [attending(subject), *fields.pop(PARTICIPANTS, [])]
    inside = fields.pop("contained", [])
    return {
        "resourceType": form.type,
        **_head(entry, []),
        **present(contained=inside + contained),
        **fields,
        form.subject: subject,
    }


def _sign(fields: Json, body: Body, form: _Form, by: Json | None) -> None:
    """Put the author of the entry into the fields, who is not the author of a letter that was received."""
    if by is None:
        return
    if not form.author or (isinstance(body, LetterBody) and body.direction == RECEIVED):
        fields.setdefault("extension", []).append({"url": codes.OWN_AUTHOR, "valueReference": by})
        return
    placed = form.author_as(by)
    # A consultation's participants are both: who was there, and who wrote it down.
    fields[form.author] = fields.get(form.author, []) + placed if isinstance(placed, list) else placed


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


def _stated_date(entry: Entry, fields: Json) -> str:
    """The clinical date that a reader finds in the resource without our extension."""
    body = entry.body
    if isinstance(body, ProblemBody | AllergyBody):
        return date_time(body.onset) or ""
    if isinstance(body, MedicationBody):
        return date_time(body.start) or ""
    if isinstance(body, OtherBody):
        return ""
    if isinstance(body, AppointmentBody):
        return str(fields.get("start", ""))
    return date_time(entry.date) or ""


def _clinical_date(text: str) -> Json:
    if date_time(text):
        return extension(codes.OWN_CLINICAL_DATE, valueDateTime=text)
    return extension(codes.OWN_CLINICAL_DATE, valueString=text)
