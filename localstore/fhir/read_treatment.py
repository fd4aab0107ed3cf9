"""Medicines and vaccinations. What was not given, not taken or forbidden never reads as a treatment."""

import msgspec

from localstore.bodies import ImmunisationBody, MedicationBody
from localstore.fhir import codes, remarks
from localstore.fhir.label import label_of
from localstore.fhir.read_dosage import posology
from localstore.fhir.read_values import (
    Report,
    code_in,
    concept,
    number_words,
    reasons,
    reported,
    without,
    words,
)
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import CodeableConcept, Number, Period, Reference
from localstore.fhir.treatment_shapes import (
    Immunization,
    Medication,
    MedicationRequest,
    MedicationStatement,
    ProtocolApplied,
)
from localstore.kinds import Status
from localstore.values import Concept

STOPPED, CANCELLED, UNKNOWN = "stopped", "cancelled", "unknown"
WISHES = frozenset({"proposal", "option"})  # intents of a request that nobody has ordered yet
NONE_STANDS = frozenset({"active", "completed", "unknown"})  # states in which "no known medications" is a statement
NOT_DONE = "not-done"
NOT_GIVING = frozenset({"OP", "EP"})  # v2-0443: who ordered it, who entered it


def request(source: MedicationRequest, reading: Reading) -> tuple[MedicationBody, str, Status]:
    """A MedicationRequest. One that says "do not give" is cancelled, and in words without a code."""
    state = _state(source.status, reading)
    medicine, code = _medicine(source.medicationCodeableConcept, source.medicationReference, reading)
    if source.doNotPerform:
        medicine, code, state = Concept(remarks.DO_NOT_GIVE.format(medicine.label)), None, CANCELLED
    elif source.intent in WISHES and state == "active":
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.intent)))
        state = UNKNOWN
    bounds = _bounds(source)
    validity = source.dispenseRequest.validityPeriod if source.dispenseRequest else None
    date = reading.date(source.authoredOn)
    start = reading.start(bounds) or date
    medicine, state, none_known = _standing(medicine, state, code)
    taken = posology(source.dosageInstruction)
    body = MedicationBody(
        medicine=medicine,
        dosage=taken.words,
        dose=taken.dose,
        frequency=taken.frequency,
        period=taken.period,
        route=taken.route,
        as_needed=taken.as_needed,
        course=_course(source.courseOfTherapyType, reading),
        state=state,
        start=start,
        end=reading.end(bounds) or reading.end(validity),
        reason=reasons(source.reasonCode, source.reasonReference, reading),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date or start, _status(source.status)


def statement(source: MedicationStatement, reading: Reading) -> tuple[MedicationBody, str, Status]:
    """A MedicationStatement."""
    state = _state(source.status, reading)
    medicine, code = _medicine(source.medicationCodeableConcept, source.medicationReference, reading)
    medicine, state, none_known = _standing(medicine, state, code)
    start = reading.date(source.effectiveDateTime) or reading.start(source.effectivePeriod)
    date = start or reading.date(source.dateAsserted)
    taken = posology(source.dosage)
    course = reading.own_text(codes.OWN_COURSE)
    body = MedicationBody(
        medicine=medicine,
        dosage=taken.words,
        dose=taken.dose,
        frequency=taken.frequency,
        period=taken.period,
        route=taken.route,
        as_needed=taken.as_needed,
        course=course if course in codes.COURSES else "",
        state=state,
        start=start or reading.own_text(codes.OWN_START),
        end=reading.end(source.effectivePeriod) or reading.own_text(codes.OWN_END),
        reason=reasons(source.reasonCode, source.reasonReference, reading),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date, _status(source.status)


def _course(source: CodeableConcept | None, reading: Reading) -> str:
    code = code_in(source, codes.COURSE_OF_THERAPY)
    if code in codes.COURSES:
        return code
    if said := code or words(source):
        reading.remarks.append(remarks.COURSE.format(remarks.words(said)))
    return ""


def immunisation(source: Immunization, reading: Reading) -> tuple[ImmunisationBody, str, Status]:
    """An Immunization. Whatever the source says: "no known immunizations" and missing information were not done."""
    state = _given(source.status, reading)
    vaccine = concept(source.vaccineCode)
    report = reported(source.vaccineCode, codes.NO_KNOWN_IMMUNISATIONS)
    if report is Report.NONE_KNOWN:
        lost = reading.own_text(codes.OWN_STATE)
        state = lost if lost in codes.IMMUNISATION_STATES else NOT_DONE
        vaccine = without(vaccine, codes.NO_KNOWN_IMMUNISATIONS)
    elif report is not Report.FINDING:
        frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
        vaccine, state = Concept(frame.format(vaccine.label)), NOT_DONE
    if source.isSubpotent:
        reading.remarks.append(remarks.SUBPOTENT)
    date = reading.date(source.occurrenceDateTime)
    if source.occurrenceString and source.occurrenceString != remarks.UNKNOWN_DATE:
        reading.remarks.append(remarks.WHEN.format(source.occurrenceString))
    body = ImmunisationBody(
        vaccine=vaccine,
        targets=tuple([concept(one) for dose in source.protocolApplied or () for one in dose.targetDisease or ()]),
        state=state,
        lot=source.lotNumber or "",
        expiry=reading.date(source.expirationDate) or reading.own_text(codes.OWN_EXPIRY),
        manufacturer=reading.name_of(source.manufacturer),
        dose="; ".join([found for dose in source.protocolApplied or () if (found := _dose(dose))]),
        site=words(source.site),
        route=concept(source.route),
        performer=_giver(source, reading),
        reason=words(source.statusReason) or reasons(source.reasonCode, source.reasonReference, reading),
        note=reading.note(source.note),
        none_known=report is Report.NONE_KNOWN,
    )
    return body, date or reading.date(source.recorded), _status(source.status)


def _giver(source: Immunization, reading: Reading) -> str:
    """Who gave it: neither who ordered it nor who wrote it down."""
    names = [
        reading.name_of(one.actor)
        for one in source.performer or ()
        if code_in(one.function, codes.VACCINATION_ROLE) not in NOT_GIVING
    ]
    return "; ".join([name for name in names if name])


def _status(status: str | None) -> Status:
    return Status.ENTERED_IN_ERROR if status == codes.ENTERED_IN_ERROR else Status.FINAL


def _state(status: str | None, reading: Reading) -> str:
    """The state of a medicine; what the record has no state for is named in a remark and is never active."""
    own_state = reading.own_text(codes.OWN_STATE)
    if own_state == CANCELLED and status == STOPPED:
        return CANCELLED
    if status in codes.MEDICATION_STATES:
        return status
    if status == codes.ENTERED_IN_ERROR:
        return own_state if own_state in codes.MEDICATION_STATES else UNKNOWN
    if status == "not-taken":
        reading.remarks.append(remarks.NOT_TAKEN)
        return STOPPED
    if status:
        reading.remarks.append(remarks.STATUS.format(remarks.words(status)))
    return UNKNOWN


def _given(status: str | None, reading: Reading) -> str:
    if status in codes.IMMUNISATION_STATES:
        return status
    if status == codes.ENTERED_IN_ERROR:
        lost = reading.own_text(codes.OWN_STATE)
        return lost if lost in codes.IMMUNISATION_STATES else "completed"
    reading.remarks.append(remarks.STATUS.format(remarks.words(status or UNKNOWN)))
    return "completed"


def _standing(medicine: Concept, state: str, code: CodeableConcept | None) -> tuple[Concept, str, bool]:
    """The medicine with its negations resolved, as for allergies: nothing that is absent is ever active."""
    report = reported(code, codes.NO_KNOWN_MEDICATIONS)
    if report is Report.FINDING:
        return medicine, state, False
    if report is Report.NONE_KNOWN and state in NONE_STANDS:
        return without(medicine, codes.NO_KNOWN_MEDICATIONS), state, True
    frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
    return Concept(frame.format(medicine.label)), UNKNOWN, False


def _medicine(
    code: CodeableConcept | None, reference: Reference | None, reading: Reading
) -> tuple[Concept, CodeableConcept | None]:
    """The medicine, written out or found where the reference points, and the code that it was read from."""
    if code is not None or reference is None:
        return concept(code), code
    found = reading.referred(reference)
    if found is None:
        return Concept(reference.display or ""), None
    try:
        medication = msgspec.convert(found, Medication)
    except msgspec.ValidationError:
        return Concept(reference.display or label_of(found)), None  # a broken neighbour; it is reported in its place
    ingredients = [
        words(one.itemCodeableConcept) or reading.name_of(one.itemReference) for one in medication.ingredient or ()
    ]
    named = concept(medication.code)
    return named if named.label else Concept(", ".join(filter(None, ingredients))), medication.code


def _bounds(source: MedicationRequest) -> Period | None:
    for dosage in source.dosageInstruction or ():
        if dosage.timing and dosage.timing.repeat and dosage.timing.repeat.boundsPeriod:
            return dosage.timing.repeat.boundsPeriod
    return None


def _dose(source: ProtocolApplied) -> str:
    """Which dose of how many: `2/3`, with the name of the series where there is one."""
    said = source.doseNumberString
    which = said if said and said != remarks.UNKNOWN_DOSE else _whole(source.doseNumberPositiveInt)
    of = source.seriesDosesString or _whole(source.seriesDosesPositiveInt)
    dose = f"{which}/{of}" if which and of else which
    return " – ".join([part for part in (dose, source.series) if part])


def _whole(value: Number) -> str:
    return "" if value is None else number_words(value)
