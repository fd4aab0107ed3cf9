"""Measurements, consultations, procedures, devices and words alone as FHIR R4; see `write_findings`."""

from localstore.bodies import Component, ConsultationBody, DeviceBody, MeasurementBody, OtherBody, ProcedureBody
from localstore.fhir import codes
from localstore.fhir.write_values import (
    Json,
    absent,
    all_said,
    coded,
    coding,
    concept,
    concepts,
    date_time,
    extension,
    note,
    present,
    quantity,
    required,
    said,
    simple_quantity,
    stated,
    undated,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Coding, Quantity

NOT_DONE = "not-done"
DEVICE = "device"


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
        category=_category(body.category),
        code=required(body.concept),
        effectiveDateTime=date_time(entry.date),
        interpretation=all_said(body.interpretation),
        note=note(body.note),
        bodySite=concept(body.body_site),
        method=concept(body.method),
        referenceRange=_range(body),
        component=[_component(part) for part in body.components],
    )


def _range(body: MeasurementBody) -> list[Json]:
    found = present(low=simple_quantity(body.low, body.quantity), high=simple_quantity(body.high, body.quantity))
    return [found] if found else []


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
        class_={"system": codes.ACT_CODE, "code": codes.MODES[body.mode]} if body.mode in codes.MODES else absent(),
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
    status = NOT_DONE if body.none_known else state  # nobody counts "none" as one that was done
    if entry.status is Status.ENTERED_IN_ERROR or status != state:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    start, end = date_time(entry.date), date_time(body.end)
    return present(
        extension=extensions,
        status=_status(entry, status),
        code=stated(body.concept, body.none_known, codes.NO_KNOWN_PROCEDURE),
        performedDateTime=None if end else start,
        performedPeriod=present(start=start, end=end) if end else None,
        performer=[{"actor": {"display": body.performer}}] if body.performer else [],
        reasonCode=all_said(body.reason),
        bodySite=concepts((body.body_site,)),
        outcome=said(body.outcome),
        note=note(body.note),
    )


def device(entry: Entry, body: DeviceBody) -> Json:
    """A DeviceUseStatement, with the Device inside."""
    state = body.state if body.state in codes.DEVICE_STATES else "active"
    extensions = undated(codes.OWN_END, body.end)
    if entry.status is Status.ENTERED_IN_ERROR:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    about = stated(body.device, True, codes.NO_KNOWN_DEVICE) if body.none_known else concept(body.device)
    thing = {"resourceType": "Device", "id": DEVICE} | present(
        identifier=[present(value=body.identifier)] if body.identifier else [],
        manufacturer=body.manufacturer,
        type=about,
    )
    return present(
        contained=[thing],
        extension=extensions,
        status=_status(entry, state),
        timingPeriod=present(start=date_time(entry.date), end=date_time(body.end)),
        device={"reference": f"#{DEVICE}"},
        bodySite=concept(body.body_site),
        note=note(body.note),
    )


def other(entry: Entry, body: OtherBody) -> Json:
    """A Basic with the words: for an entry whose resource did not come along."""
    in_error = entry.status is Status.ENTERED_IN_ERROR
    extensions = [extension(codes.OWN_RESOURCE_TYPE, valueCode=body.resource_type)]
    if body.unread:
        extensions.append(extension(codes.OWN_UNREAD, valueString=body.unread))
    if in_error:
        extensions.append(extension(codes.OWN_STATUS, valueCode=codes.ENTERED_IN_ERROR))
    return present(extension=extensions, code=said(body.label) or absent())


def participant(reference: Json) -> Json:
    """The author of an Encounter, who need not be the one who was there."""
    return {"type": [coded(codes.PARTICIPATION, "AUT", "author (originator)")], "individual": reference}


def _category(text: str) -> list[Json]:
    """The category of an Observation: FHIR's code where it is one, else words."""
    if text in codes.OBSERVATION_CATEGORIES:
        return [{"coding": [coding(Coding(codes.OBSERVATION_CATEGORY, text))]}]
    return all_said(text)
