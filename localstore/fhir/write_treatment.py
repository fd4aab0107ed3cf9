"""Medicines and vaccinations as FHIR R4; see `write_findings`."""

from localstore.bodies import ImmunisationBody, MedicationBody
from localstore.fhir import codes, remarks
from localstore.fhir.dates import is_fhir_date
from localstore.fhir.read_dosage import MAX_FREQUENCY
from localstore.fhir.read_values import number_words
from localstore.fhir.write_values import (
    Json,
    all_said,
    coded,
    concept,
    concepts,
    date_time,
    extension,
    note,
    present,
    quantity,
    said,
    stated,
    undated,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Quantity

NOT_DONE = "not-done"


def _in_error(entry: Entry) -> bool:
    return entry.status is Status.ENTERED_IN_ERROR


def medication(entry: Entry, body: MedicationBody) -> Json:
    """A MedicationStatement: R4 has it for what a patient takes, prescribed by whoever."""
    state = body.state if body.state in codes.MEDICATION_STATES else "unknown"
    extensions = undated(codes.OWN_START, body.start) + undated(codes.OWN_END, body.end)
    status = state
    if _in_error(entry):
        status = codes.ENTERED_IN_ERROR
    elif state not in codes.STATEMENT_STATES:
        status = "stopped"  # a cancelled prescription: R4's statement has no word for it
    if body.course in codes.COURSES:
        extensions.append(extension(codes.OWN_COURSE, valueCode=body.course))
    if status != state:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    return present(
        extension=extensions,
        status=status,
        medicationCodeableConcept=stated(body.medicine, body.none_known, codes.NO_KNOWN_MEDICATION),
        effectivePeriod=present(start=date_time(body.start), end=date_time(body.end)),
        reasonCode=all_said(body.reason),
        note=note(body.note),
        dosage=_dosage(body),
    )


def _dosage(body: MedicationBody) -> list[Json]:
    """The dosage in words and in numbers. One in numbers alone is marked, so that no words are made of them."""
    words, dose = body.dosage, body.dose
    if dose is not None and dose.comparator:  # R4's dose has no comparator
        words, dose = "; ".join([part for part in (words, _in_words(dose)) if part]), None
    amount = quantity(dose) if dose is not None else None
    numbers = present(
        timing=present(repeat=_repeat(body)),
        asNeededBoolean=True if body.as_needed else None,
        route=concept(body.route),
        doseAndRate=[{"doseQuantity": amount}] if amount else [],
    )
    marked = [extension(codes.OWN_EXACT, valueBoolean=True)] if numbers and not words else []
    found = present(extension=marked, text=words) | numbers
    return [found] if found else []


def _in_words(source: Quantity) -> str:
    return " ".join([part for part in (source.comparator, number_words(source.value), source.unit) if part])


def _repeat(body: MedicationBody) -> Json:
    often = body.frequency if 0 < body.frequency <= MAX_FREQUENCY else None
    if body.period not in codes.PERIODS:
        return present(frequency=often)
    return present(frequency=often, period=1, periodUnit=body.period)


def immunisation(entry: Entry, body: ImmunisationBody) -> Json:
    """An Immunization."""
    state = body.state if body.state in codes.IMMUNISATION_STATES else "completed"
    status = NOT_DONE if body.none_known else state  # nobody counts "none" as one that was given
    extensions = [extension(codes.OWN_STATE, valueCode=state)] if _in_error(entry) or status != state else []
    expiry = body.expiry if is_fhir_date(body.expiry) else ""
    if body.expiry and not expiry:
        extensions.append(extension(codes.OWN_EXPIRY, valueString=body.expiry))
    given = date_time(entry.date)
    return present(
        extension=extensions,
        status=codes.ENTERED_IN_ERROR if _in_error(entry) else status,
        statusReason=said(body.reason) if status == NOT_DONE else None,
        vaccineCode=stated(body.vaccine, body.none_known, codes.NO_KNOWN_IMMUNISATION),
        occurrenceDateTime=given,
        occurrenceString=None if given else remarks.UNKNOWN_DATE,
        lotNumber=body.lot,
        expirationDate=expiry,
        manufacturer=present(display=body.manufacturer),
        site=said(body.site),
        route=concept(body.route),
        performer=[_given_by(body.performer)] if body.performer else [],
        reasonCode=[] if status == NOT_DONE else all_said(body.reason),
        note=note(body.note),
        protocolApplied=_protocol(body),
    )


def _protocol(body: ImmunisationBody) -> list[Json]:
    targets = concepts(body.targets)
    if not targets and not body.dose:
        return []
    return [present(targetDisease=targets, doseNumberString=body.dose or remarks.UNKNOWN_DOSE)]  # R4 asks for one


def _given_by(name: str) -> Json:
    return {"function": coded(codes.VACCINATION_ROLE, "AP"), "actor": {"display": name}}


def entered_by(reference: Json) -> Json:
    """The author of an Immunization, who need not be the one who gave it."""
    return {"function": coded(codes.VACCINATION_ROLE, "EP"), "actor": reference}
