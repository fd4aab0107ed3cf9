"""Recalls and appointments as FHIR R4; see `write_findings`."""

from datetime import timedelta

from localstore.bodies import AppointmentBody, RecallBody
from localstore.fhir import codes
from localstore.fhir.dates import instant
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
    said,
    undated,
)
from localstore.kinds import Kind, Status
from localstore.model import Entry

MAX_POSITIVE = 2**31 - 1  # of R4's positiveInt


def recall(entry: Entry, body: RecallBody) -> Json:
    """A Task, marked as ours: the date of the entry is when it is due, the end of what the Task is restricted to."""
    state = body.state if body.state in codes.RECALL_STATES else "due"
    in_error = entry.status is Status.ENTERED_IN_ERROR
    extensions = [extension(codes.OWN_KIND, valueCode=Kind.RECALL.value), *undated(codes.OWN_DONE, body.done)]
    if in_error:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    if 0 < body.every_months <= MAX_POSITIVE:
        extensions.append(extension(codes.OWN_EVERY_MONTHS, valueInteger=body.every_months))
    due, done = date_time(entry.date), date_time(body.done)
    return present(
        extension=extensions,
        status=codes.ENTERED_IN_ERROR if in_error else codes.RECALL_STATES[state],
        intent="order",
        code=concept(body.concept),
        executionPeriod={"end": done} if done else None,
        reasonCode=said(body.reason),
        note=note(body.note),
        restriction={"period": {"end": due}} if due else None,
    )


def appointment(entry: Entry, body: AppointmentBody) -> Json:
    """An Appointment. R4 asks for a start and an end to the second, with the offset: a date that is less is in an
    extension of ours, and both say that they are absent."""
    state = body.state if body.state in codes.APPOINTMENT_STATES else "booked"
    in_error = entry.status is Status.ENTERED_IN_ERROR
    minutes = body.minutes if 0 < body.minutes <= MAX_POSITIVE else None
    end = _end(entry.date, minutes or 0)
    doctor = {"type": [coded(codes.PARTICIPATION, "PPRF", "primary performer")], "status": "accepted"}
    return present(
        extension=[extension(codes.OWN_STATE, valueCode=state)] if in_error else [],
        status=codes.ENTERED_IN_ERROR if in_error else state,
        reasonCode=all_said(body.reason),
        start=entry.date if end else None,
        end=end,
        _start=None if end else absent(),
        _end=None if end else absent(),
        minutesDuration=minutes,
        comment=body.note,
        participant=[doctor | {"actor": {"display": body.practitioner}}] if body.practitioner else [],
    )


def _end(start: str, minutes: int) -> str | None:
    """When it ends, or None where its start is no FHIR instant or the calendar does not go that far."""
    moment = instant(start)
    if moment is None:
        return None
    try:
        return (moment + timedelta(minutes=minutes)).isoformat()
    except OverflowError:
        return None


def attending(patient: Json) -> Json:
    """The patient as a participant of an Appointment."""
    return {"type": [coded(codes.PARTICIPATION, "SBJ", "subject")], "actor": patient, "status": "accepted"}
