"""What is due and what is booked. Tasks and appointments that mean more than that are kept verbatim.

FHIR's Task also carries orders between systems (fulfil this request, with these inputs), and its Appointment what
nobody has agreed to yet: neither is a recall or a visit of this practice.
"""

from localstore.bodies import AppointmentBody, RecallBody
from localstore.fhir import codes
from localstore.fhir.dates import instant
from localstore.fhir.people_shapes import Appointment, AppointmentParticipant, Task
from localstore.fhir.read_values import code_in, concept, words, words_of_all
from localstore.fhir.reading import Reading, own
from localstore.fhir.references import means_patient
from localstore.fhir.shapes import Number
from localstore.kinds import Kind, Status
from localstore.values import Concept

PERFORMER, SUBJECT = "PPRF", "SBJ"  # v3-ParticipationType
USUAL_MINUTES = 15
MAX_MINUTES = 100_000
MAX_MONTHS = 12_000
DUE, DONE, CANCELLED = "due", "done", "cancelled"
_RECALL_STATES = {
    "requested": DUE, "received": DUE, "accepted": DUE, "ready": DUE, "in-progress": DUE, "completed": DONE,
    "cancelled": CANCELLED, "rejected": CANCELLED,
}  # fmt: skip
_APPOINTMENT_STATES = {state: state for state in codes.APPOINTMENT_STATES} | {"checked-in": "arrived"}


def recall(source: Task, reading: Reading) -> tuple[RecallBody, str, Status] | None:
    """A Task that says what is due for somebody and when; None for any other."""
    reading.subject = source.for_
    state = _recall_state(source, reading)
    if state is None or not _is_recall(source, reading):
        return None
    period = source.restriction.period if source.restriction else None
    every = own(reading.extensions, codes.OWN_EVERY_MONTHS)
    body = RecallBody(
        concept=concept(source.code) if source.code else Concept(source.description or ""),
        state=state,
        done=reading.end(source.executionPeriod) or reading.own_text(codes.OWN_DONE),
        every_months=_whole(every.valueInteger, MAX_MONTHS) if every else 0,
        reason=words(source.reasonCode),
        note=reading.note(source.note),
    )
    in_error = source.status == codes.ENTERED_IN_ERROR
    date = reading.end(period) or reading.start(period)
    return body, date, Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _recall_state(source: Task, reading: Reading) -> str | None:
    if source.status == codes.ENTERED_IN_ERROR:
        lost = reading.own_text(codes.OWN_STATE)
        return lost if lost in codes.RECALL_STATES else CANCELLED
    return _RECALL_STATES.get(source.status or "")


def _is_recall(source: Task, reading: Reading) -> bool:
    """Whether we wrote it as one, or it stands alone, names what is to be done, and by when."""
    if reading.own_text(codes.OWN_KIND) == Kind.RECALL:
        return True
    alone = not (source.focus or source.basedOn or source.partOf or source.input or source.output)
    named = bool(words(source.code) or source.description)
    period = source.restriction.period if source.restriction else None
    return alone and named and period is not None and bool(period.start or period.end)


def _whole(value: Number, most: int) -> int:
    return int(value) if value is not None and 0 < value <= most and value == int(value) else 0


def appointment(source: Appointment, reading: Reading) -> tuple[AppointmentBody, str, Status] | None:
    """An Appointment of one patient that is booked, took place, or did not; None for any other."""
    people = [one for one in source.participant or () if _is_patient(one, reading)]
    reading.subject = people[0].actor if len(people) == 1 else None
    in_error = source.status == codes.ENTERED_IN_ERROR
    lost = reading.own_text(codes.OWN_STATE)
    state = (lost if lost in codes.APPOINTMENT_STATES else CANCELLED) if in_error else source.status
    if len(people) > 1 or state not in _APPOINTMENT_STATES:
        return None
    others = [one for one in source.participant or () if not any(one is person for person in people)]
    names = [name for one in others if (name := reading.name_of(one.actor))]
    said = [words_of_all(source.reasonCode) or source.description or ""]
    said += [source.description] if source.reasonCode and source.description else []
    body = AppointmentBody(
        minutes=_minutes(source),
        reason="; ".join([one for one in said if one]),
        state=_APPOINTMENT_STATES[state],
        practitioner="; ".join(names),
        note="\n".join([*([source.comment] if source.comment else []), *reading.remarks]),
    )
    return body, reading.date(source.start), Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _is_patient(source: AppointmentParticipant, reading: Reading) -> bool:
    if source.actor is None:
        return False
    if any(code_in(role, codes.PARTICIPATION) == SUBJECT for role in source.type or ()):
        return True
    if source.actor.type == "Patient" or means_patient(source.actor.reference or ""):
        return True
    found = reading.referred(source.actor)
    return found is not None and found.get("resourceType") == "Patient"


def _minutes(source: Appointment) -> int:
    """How long it is: as stated, else from its start to its end, else as long as usual."""
    if found := _whole(source.minutesDuration, MAX_MINUTES):
        return found
    start, end = instant(source.start or ""), instant(source.end or "")
    if start is None or end is None:
        return USUAL_MINUTES
    return _whole((end - start).total_seconds() // 60, MAX_MINUTES) or USUAL_MINUTES
