"""Family history, relatives and members of the care team as FHIR R4; see `write_findings`."""

from localstore.bodies import CarerBody, FamilyHistoryBody, RelativeBody
from localstore.fhir import codes
from localstore.fhir.dates import is_fhir_date
from localstore.fhir.write_values import (
    Json,
    absent,
    coded,
    concept,
    concepts,
    date_time,
    extension,
    note,
    practitioner,
    present,
    required,
    undated,
)
from localstore.kinds import Status
from localstore.model import Entry

CARER = "carer"
YES = "yes"


def family(entry: Entry, body: FamilyHistoryBody) -> Json:
    """A FamilyMemberHistory. R4 has no way to say that there is nothing: that is an extension of ours."""
    extensions = [extension(codes.OWN_NONE_KNOWN, valueBoolean=True)] if body.none_known else []
    conditions: list[Json] = [{"code": one} for one in concepts(body.conditions)]
    if body.onset_age is not None and body.onset_age >= 0:
        conditions = conditions or [{"code": absent()}]
        conditions[0]["onsetAge"] = {"value": body.onset_age, "unit": "a", "system": codes.UCUM, "code": "a"}
    died = body.deceased if is_fhir_date(body.deceased) else ""
    if body.deceased and not died and body.deceased != YES:
        extensions.append(extension(codes.OWN_DECEASED, valueString=body.deceased))
    return present(
        extension=extensions,
        status=codes.ENTERED_IN_ERROR if entry.status is Status.ENTERED_IN_ERROR else "completed",
        date=date_time(entry.date),
        relationship=required(body.relationship),
        deceasedDate=died,
        deceasedBoolean=True if body.deceased and not died else None,
        note=note(body.note),
        condition=conditions,
    )


def relative(entry: Entry, body: RelativeBody) -> Json:
    """A RelatedPerson. Whether to call him is FHIR's own relationship; whom the patient trusts is French law."""
    in_error = entry.status is Status.ENTERED_IN_ERROR
    extensions = [
        *([extension(codes.OWN_RECORD, valueString=body.patient)] if body.patient else []),
        *([extension(codes.OWN_TRUSTED, valueBoolean=True)] if body.trusted else []),
        *([extension(codes.OWN_NOTE, valueString=body.note)] if body.note else []),
        *([extension(codes.OWN_STATUS, valueCode=codes.ENTERED_IN_ERROR)] if in_error else []),
    ]
    to_call = [coded(codes.RELATION, "C", "Emergency Contact")] if body.to_call else []
    start = date_time(entry.date)
    return present(
        extension=extensions,
        active=False if in_error else None,
        relationship=concepts((body.relationship,)) + to_call,
        name=[present(text=body.name)] if body.name else [],
        telecom=_phone(body.phone),
        period={"start": start} if start else None,
    )


def _phone(phone: str) -> list[Json]:
    return [present(system="phone", value=phone)] if phone else []


def carer(entry: Entry, body: CarerBody) -> Json:
    """A CareTeam of one, who is inside: R4 lets only a Practitioner act on behalf of an organisation (ctm-1)."""
    identifier = practitioner("", body.rpps).get("identifier")
    person = {"resourceType": "Practitioner", "id": CARER} | present(
        identifier=[identifier] if identifier else [],
        name=[present(text=body.name)] if body.name else [],
        telecom=_phone(body.phone),
    )
    in_error = entry.status is Status.ENTERED_IN_ERROR
    role = concept(body.role)
    return present(
        contained=[person],
        extension=undated(codes.OWN_END, body.end),
        status=codes.ENTERED_IN_ERROR if in_error else "inactive" if body.end else "active",
        period=present(start=date_time(entry.date), end=date_time(body.end)),
        participant=[
            present(
                role=[role] if role else [],
                member={"reference": f"#{CARER}", **present(display=body.name)},
                onBehalfOf=present(display=body.organisation),
            )
        ],
        note=note(body.note),
    )
