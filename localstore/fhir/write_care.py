"""Measurements, consultations, procedures, documents and words alone as FHIR R4; see `write_findings`."""

import binascii

from localstore.bodies import Component, ConsultationBody, DocumentBody, MeasurementBody, OtherBody, ProcedureBody
from localstore.fhir import codes
from localstore.fhir.write_findings import category
from localstore.fhir.write_values import (
    Json,
    absent,
    all_said,
    coded,
    concept,
    date_time,
    extension,
    note,
    present,
    quantity,
    required,
    said,
    undated,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Quantity

TEXT_PART, FILE_PART = "text", "file"
PLAIN = "text/plain; charset=utf-8"


def _status(entry: Entry, status: str) -> str:
    return codes.ENTERED_IN_ERROR if entry.status is Status.ENTERED_IN_ERROR else status


def _value(amount: Quantity | None, text: str) -> Json:
    """A quantity, or words; words beside a quantity go into an extension, because R4 has one value."""
    found = quantity(amount) if amount is not None else None
    if found is None:
        return present(valueString=text if amount is None else f"{amount.value} {amount.unit} {text}".strip())
    beside = [extension(codes.OWN_WORDS, valueString=text)] if text else []
    return present(extension=beside, valueQuantity=found)


def measurement(entry: Entry, body: MeasurementBody) -> Json:
    """An Observation."""
    return _value(body.quantity, body.text) | present(
        status=_status(entry, "final"),
        category=category(body.category),
        code=required(body.concept),
        effectiveDateTime=date_time(entry.date),
        interpretation=all_said(body.interpretation),
        note=note(body.note),
        component=[_component(part) for part in body.components],
    )


def _component(part: Component) -> Json:
    return _value(part.quantity, part.text) | {"code": required(part.concept)}


def consultation(entry: Entry, body: ConsultationBody) -> Json:
    """An Encounter. The notes of it have no field there and go into extensions."""
    extensions = undated(codes.OWN_END, body.end)
    for url, text in (
        (codes.OWN_FINDINGS, body.findings),
        (codes.OWN_CONCLUSION, body.conclusion),
        (codes.OWN_PLAN, body.plan),
    ):
        if text:
            extensions.append(extension(url, valueString=text))
    return present(
        extension=extensions,
        status=_status(entry, "finished"),
        class_={"system": codes.ACT_CODE, "code": "AMB"},
        type=[concept(body.type)] if concept(body.type) else [],
        participant=[{"individual": present(display=body.practitioner)}] if body.practitioner else [],
        period=present(start=date_time(entry.date), end=date_time(body.end)),
        reasonCode=all_said(body.reason),
        location=[{"location": present(display=body.place)}] if body.place else [],
    )


def procedure(entry: Entry, body: ProcedureBody) -> Json:
    """A Procedure."""
    state = body.state if body.state in codes.PROCEDURE_STATES else "unknown"
    extensions = undated(codes.OWN_END, body.end)
    if entry.status is Status.ENTERED_IN_ERROR:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    start, end = date_time(entry.date), date_time(body.end)
    return present(
        extension=extensions,
        status=_status(entry, state),
        code=required(body.concept),
        performedDateTime=None if end else start,
        performedPeriod=present(start=start, end=end) if end else None,
        reasonCode=all_said(body.reason),
        note=note(body.note),
    )


def document(entry: Entry, body: DocumentBody) -> Json:
    """A DocumentReference: the words as one content, the file as another, each marked for what it is."""
    parts = []
    if body.text:
        parts.append(_part(TEXT_PART, PLAIN, body.text.encode(), body.title))
    if body.content or body.media_type or not parts:
        parts.append(_part(FILE_PART, body.media_type, body.content, body.title))
    start = date_time(entry.date)
    return present(
        status=_status(entry, "current"),
        type=concept(body.type),
        description=body.title,
        content=parts,
        context={"period": {"start": start}} if start else None,
    )


def _part(part: str, media_type: str, content: bytes, title: str) -> Json:
    data = binascii.b2a_base64(content, newline=False).decode() if content else None
    # A media type is a FHIR code: single spaces only.
    attachment = present(contentType=" ".join(media_type.split()), data=data, title=title) or absent()
    return {"attachment": attachment, "format": {"system": codes.OWN_PART, "code": part}}


def other(entry: Entry, body: OtherBody) -> Json:
    """A Basic with the words: for an entry whose resource did not come along."""
    in_error = entry.status is Status.ENTERED_IN_ERROR
    extensions = [extension(codes.OWN_RESOURCE_TYPE, valueCode=body.resource_type)]
    if in_error:
        extensions.append(extension(codes.OWN_STATUS, valueCode=codes.ENTERED_IN_ERROR))
    return present(extension=extensions, code=said(body.label) or absent())


def participant(reference: Json) -> Json:
    """The author of an Encounter, who need not be the one who was there."""
    return {"type": [coded(codes.PARTICIPATION, "AUT", "author (originator)")], "individual": reference}
