"""Encounters and procedures. What was planned, cancelled or not done says so."""

from localstore.bodies import ConsultationBody, ProcedureBody
from localstore.fhir import codes, remarks
from localstore.fhir.care_shapes import Encounter, Participant, Procedure
from localstore.fhir.read_values import (
    NOTHING,
    Report,
    code_in,
    concept,
    first_of,
    quantity_words,
    range_words,
    reasons,
    reported,
    without,
    words,
    words_of_all,
)
from localstore.fhir.reading import Reading
from localstore.kinds import Status
from localstore.values import Coding, Concept

AUTHOR = "AUT"  # v3-ParticipationType: who wrote it, who need not be who was there
_MODES = {code: mode for mode, code in codes.MODES.items()}
NOT_DONE = "not-done"
TAKEN_PLACE = frozenset({"finished", codes.ENTERED_IN_ERROR})
CANCELLED, PLANNED = "cancelled", "planned"


def consultation(source: Encounter, reading: Reading) -> tuple[ConsultationBody, str, Status]:
    """An Encounter. FHIR's has no field for findings, conclusion and plan: they come from our own extensions."""
    reason = reasons(source.reasonCode, source.reasonReference, reading)
    if source.status == CANCELLED:
        reason = remarks.CANCELLED.format(reason).rstrip(" :")
    elif source.status == PLANNED:
        reason = remarks.PLANNED.format(reason).rstrip(" :")
    place = next((name for one in source.location or () if (name := reading.name_of(one.location))), "")
    end = reading.end(source.period) or reading.own_text(codes.OWN_END)
    body = ConsultationBody(
        reason=reason,
        findings=reading.own_text(codes.OWN_FINDINGS),
        conclusion=reading.own_text(codes.OWN_CONCLUSION),
        plan=reading.own_text(codes.OWN_PLAN),
        type=_type(source),
        mode=_MODES.get(_class(source), ""),
        end=end,
        practitioner=_practitioner(source.participant, reading),
        place=place or reading.name_of(source.serviceProvider),
    )
    return body, reading.start(source.period), _status(source.status)


def _type(source: Encounter) -> Concept:
    """The first type; without one the class, where the record has no mode for it."""
    if source.type:
        return concept(source.type[0])
    kind = source.class_
    if kind is None or not kind.code or _class(source) in _MODES:
        return NOTHING
    return Concept("", (Coding(kind.system or "", kind.code, kind.display or "", kind.version or ""),))


def _class(source: Encounter) -> str:
    """The code of the class, if it is one of FHIR's. A code without a system is taken for one of them."""
    kind = source.class_
    return kind.code or "" if kind is not None and kind.system in (codes.ACT_CODE, None) else ""


def _practitioner(participants: list[Participant] | None, reading: Reading) -> str:
    for participant in participants or ():
        roles = {code_in(role, codes.PARTICIPATION) for role in participant.type or ()}
        if roles != {AUTHOR} and (name := reading.name_of(participant.individual)):
            return name
    return ""


def procedure(source: Procedure, reading: Reading) -> tuple[ProcedureBody, str, Status]:
    """A Procedure. "No known procedures" and missing information are procedures that were not done."""
    about = concept(source.code)
    state = _state(source.status, reading)
    report = reported(source.code, codes.NO_KNOWN_PROCEDURES)
    if report is Report.NONE_KNOWN:
        lost = reading.own_text(codes.OWN_STATE)
        state = lost if lost in codes.PROCEDURE_STATES else NOT_DONE
        about = without(about, codes.NO_KNOWN_PROCEDURES)
    elif report is not Report.FINDING:
        frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
        about, state = Concept(frame.format(about.label)), NOT_DONE
    date = reading.date(source.performedDateTime) or reading.start(source.performedPeriod)
    when = source.performedString or quantity_words(source.performedAge) or range_words(source.performedRange)
    if when:
        reading.remarks.append(remarks.WHEN.format(when))
    site = first_of(source.bodySite, remarks.OTHER_SITES, reading)
    if source.complication and (harm := words_of_all(source.complication)):
        reading.remarks.append(remarks.COMPLICATION.format(harm))
    doers = [name for one in source.performer or () if (name := reading.name_of(one.actor))]
    body = ProcedureBody(
        concept=about,
        state=state,
        end=reading.end(source.performedPeriod) or reading.own_text(codes.OWN_END),
        body_site=site,
        performer="; ".join(doers),
        outcome=words(source.outcome),
        reason=reasons(source.reasonCode, source.reasonReference, reading) or words(source.statusReason),
        note=reading.note(source.note),
        none_known=report is Report.NONE_KNOWN,
    )
    return body, date, _status(source.status)


def _state(status: str | None, reading: Reading) -> str:
    if status in codes.PROCEDURE_STATES:
        return status
    lost = reading.own_text(codes.OWN_STATE)
    if status and status != codes.ENTERED_IN_ERROR:
        reading.remarks.append(remarks.STATUS.format(remarks.words(status)))
    return lost if lost in codes.PROCEDURE_STATES else "unknown"


def _status(status: str | None) -> Status:
    return Status.ENTERED_IN_ERROR if status == codes.ENTERED_IN_ERROR else Status.FINAL
