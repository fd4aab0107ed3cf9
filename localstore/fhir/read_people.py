"""Who belongs to the patient: what relatives had, relatives themselves, and who takes part in the care."""

from localstore.bodies import CarerBody, FamilyHistoryBody, RelativeBody
from localstore.fhir import codes, remarks
from localstore.fhir.people_shapes import CareTeam, FamilyCondition, FamilyMemberHistory, RelatedPerson
from localstore.fhir.read_practitioner import email, phone, referred, rpps
from localstore.fhir.read_values import (
    NOTHING,
    Report,
    concept,
    first_of,
    number,
    pairs,
    quantity_words,
    range_words,
    reported,
    words,
)
from localstore.fhir.reading import Reading
from localstore.fhir.references import means_patient
from localstore.fhir.shapes import CodeableConcept, HumanName, Quantity
from localstore.kinds import Status
from localstore.values import Concept

EMERGENCY_CONTACT = (codes.RELATION, "C")
YEARS = frozenset({"a", "an", "ans", "year", "years", "yr", "yrs"})
MAX_AGE = 150
DECEASED = "yes"
COMPLETED = "completed"
TEAM_STATES = frozenset({"active", "inactive", codes.ENTERED_IN_ERROR})


def family(source: FamilyMemberHistory, reading: Reading) -> tuple[FamilyHistoryBody, str, Status]:
    """A FamilyMemberHistory. What is said of one condition beyond its name is said in the note."""
    conditions = list(source.condition or ())
    age = _years(conditions[0].onsetAge) if conditions else None
    for place, one in enumerate(conditions):
        _remark_condition(one, reading, with_onset=bool(place) or age is None)
    if source.name:
        reading.remarks.append(remarks.NAMED.format(source.name))
    if source.status not in (COMPLETED, codes.ENTERED_IN_ERROR, None):
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.status)))
    deceased = _deceased(source, reading)
    body = FamilyHistoryBody(
        relationship=concept(source.relationship),
        conditions=tuple([about for one in conditions if (about := _condition(one)) != NOTHING]),
        onset_age=age,
        deceased=deceased,
        note=reading.note(source.note),
        none_known=reading.own_mark(codes.OWN_NONE_KNOWN),
    )
    return body, reading.date(source.date), _status(source.status)


def _condition(source: FamilyCondition) -> Concept:
    """What the relative had. Negations lose their code, so that nothing takes them for a finding."""
    if source.modifierExtension:
        return Concept(remarks.UNREADABLE)
    about = concept(source.code)
    report = reported(source.code, frozenset())
    if report is Report.FINDING:
        return about
    frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
    return Concept(frame.format(about.label))


def _years(age: Quantity | None) -> int | None:
    """An age in whole years, or None where it is anything else."""
    if age is None or age.value is None or age.comparator:
        return None
    exact = number(age.value)
    unit = age.code or age.unit or ""
    if exact is None or unit not in YEARS or not 0 <= exact <= MAX_AGE or exact != int(exact):
        return None
    return int(exact)


def _remark_condition(source: FamilyCondition, reading: Reading, with_onset: bool) -> None:
    found = []
    if with_onset:
        start = source.onsetPeriod.start if source.onsetPeriod else ""
        age = quantity_words(source.onsetAge) or range_words(source.onsetRange)
        found.append(source.onsetString or (remarks.AGE.format(age) if age else start or ""))
    found += [words(source.outcome), remarks.CAUSE_OF_DEATH if source.contributedToDeath else ""]
    found += [note.text or "" for note in source.note or ()]
    if said := ", ".join([one for one in found if one]):
        reading.remarks.append(remarks.RANGE_OF.format(_condition(source).label or remarks.NO_NAME, said) + ".")


def _deceased(source: FamilyMemberHistory, reading: Reading) -> str:
    if source.deceasedDate:
        return reading.date(source.deceasedDate) or DECEASED
    age = quantity_words(source.deceasedAge) or range_words(source.deceasedRange)
    if how := source.deceasedString or (remarks.AGE.format(age) if age else ""):
        reading.remarks.append(remarks.DIED.format(how))
        return DECEASED
    return (reading.own_text(codes.OWN_DECEASED) or DECEASED) if source.deceasedBoolean else ""


def relative(source: RelatedPerson, reading: Reading) -> tuple[RelativeBody, str, Status]:
    """A RelatedPerson."""
    in_error = reading.own_text(codes.OWN_STATUS) == codes.ENTERED_IN_ERROR
    roles = [one for one in source.relationship or () if not _is_to_call(one)]
    kinship = first_of(roles, remarks.OTHER_ROLES, reading)
    _remark_relative(source, reading, in_error)
    own_note = reading.own_text(codes.OWN_NOTE)
    body = RelativeBody(
        name=next((found for one in source.name or () if (found := _name(one))), ""),
        relationship=kinship,
        phone=phone(source.telecom),
        patient=reading.own_text(codes.OWN_RECORD),
        to_call=any(_is_to_call(one) for one in source.relationship or ()),
        trusted=reading.own_mark(codes.OWN_TRUSTED),
        note="\n".join([*([own_note] if own_note else []), *reading.remarks]),
    )
    return body, reading.start(source.period), Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _remark_relative(source: RelatedPerson, reading: Reading, in_error: bool) -> None:
    """Say in words what is known of a relative and has no field of its own."""
    if source.active is False and not in_error:
        reading.remarks.append(remarks.NOT_ACTIVE)
    if source.birthDate:
        reading.remarks.append(remarks.BORN.format(source.birthDate))
    if mail := email(source.telecom):
        reading.remarks.append(remarks.OTHER_CONTACT.format(mail))
    for place in source.address or ():
        lines = [*(place.line or ()), place.postalCode, place.city]
        if where := place.text or ", ".join([line for line in lines if line]):
            reading.remarks.append(remarks.ADDRESS.format(where))
    if end := reading.end(source.period):
        reading.remarks.append(remarks.OTHER_DATES.format(end))


def _is_to_call(source: CodeableConcept) -> bool:
    return pairs(source) == {EMERGENCY_CONTACT}


def _name(source: HumanName) -> str:
    parts = [*(source.prefix or ()), *(source.given or ()), source.family]
    return source.text or " ".join([part for part in parts if part])


def carer(source: CareTeam, reading: Reading) -> tuple[CarerBody, str, Status] | None:
    """A CareTeam of one, or None: a team of several says of whom they are a team, which no single carer would."""
    members = source.participant or []
    if len(members) != 1 or members[0].modifierExtension or members[0].member is None:
        return None
    (taking_part,) = members
    member = taking_part.member
    if member is None or means_patient(member.reference or "") or member.type == "Patient":
        return None
    role = first_of(taking_part.role, remarks.OTHER_ROLES, reading)
    if source.name:
        reading.remarks.append(remarks.NAMED.format(source.name))
    if source.status and source.status not in TEAM_STATES:
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.status)))
    person = referred(member, reading)
    start = reading.start(source.period) or reading.start(taking_part.period)
    body = CarerBody(
        name=reading.name_of(member),
        role=role,
        rpps=rpps(member, reading),
        phone=phone(person.telecom if person else None) or phone(source.telecom),
        organisation=reading.name_of(taking_part.onBehalfOf),
        end=reading.end(source.period) or reading.end(taking_part.period) or reading.own_text(codes.OWN_END),
        note=reading.note(source.note),
    )
    return body, start, _status(source.status)


def _status(status: str | None) -> Status:
    return Status.ENTERED_IN_ERROR if status == codes.ENTERED_IN_ERROR else Status.FINAL
