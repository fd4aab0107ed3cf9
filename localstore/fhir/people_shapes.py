"""The shapes of who belongs to the patient, of what they had, and of what he wants; see `shapes`."""

from typing import Any

import msgspec

from localstore.fhir.shapes import (
    Address,
    Annotation,
    Attachment,
    CodeableConcept,
    Concepts,
    ContactPoint,
    HumanName,
    Identifier,
    Number,
    Period,
    Quantity,
    Range,
    Reference,
    Resource,
    Shape,
    Text,
    Unread,
)


class FamilyCondition(Shape):
    """R4 FamilyMemberHistory.condition."""

    modifierExtension: Unread = None
    code: CodeableConcept | None = None
    outcome: CodeableConcept | None = None
    contributedToDeath: bool | None = None
    onsetAge: Quantity | None = None
    onsetRange: Range | None = None
    onsetPeriod: Period | None = None
    onsetString: Text = None
    note: list[Annotation] | None = None


class FamilyMemberHistory(Resource):
    """R4 FamilyMemberHistory."""

    date: Text = None
    name: Text = None
    relationship: CodeableConcept | None = None
    deceasedBoolean: bool | None = None
    deceasedAge: Quantity | None = None
    deceasedRange: Range | None = None
    deceasedDate: Text = None
    deceasedString: Text = None
    condition: list[FamilyCondition] | None = None


class RelatedPerson(Resource):
    """R4 RelatedPerson."""

    active: bool | None = None
    relationship: Concepts = None
    name: list[HumanName] | None = None
    telecom: list[ContactPoint] | None = None
    birthDate: Text = None
    address: list[Address] | None = None
    period: Period | None = None


class TeamMember(Shape):
    """R4 CareTeam.participant."""

    modifierExtension: Unread = None
    role: Concepts = None
    member: Reference | None = None
    onBehalfOf: Reference | None = None
    period: Period | None = None


class CareTeam(Resource):
    """R4 CareTeam."""

    name: Text = None
    period: Period | None = None
    participant: list[TeamMember] | None = None
    telecom: list[ContactPoint] | None = None


class Person(Shape):
    """R4 Practitioner, PractitionerRole and Organization, as far as a name needs company."""

    identifier: list[Identifier] | None = None
    telecom: list[ContactPoint] | None = None
    practitioner: Reference | None = None


class Consent(Resource):
    """R4 Consent."""

    scope: CodeableConcept | None = None
    category: Concepts = None
    dateTime: Text = None
    sourceAttachment: Attachment | None = None
    sourceReference: Reference | None = None
    provision: Any = None


class TaskRestriction(Shape):
    """R4 Task.restriction."""

    period: Period | None = None


class Task(Resource):
    """R4 Task."""

    for_: Reference | None = msgspec.field(default=None, name="for")
    code: CodeableConcept | None = None
    description: Text = None
    focus: Reference | None = None
    basedOn: Unread = None
    partOf: Unread = None
    input: Unread = None
    output: Unread = None
    executionPeriod: Period | None = None
    reasonCode: CodeableConcept | None = None
    restriction: TaskRestriction | None = None


class AppointmentParticipant(Shape):
    """R4 Appointment.participant."""

    type: Concepts = None
    actor: Reference | None = None


class Appointment(Resource):
    """R4 Appointment."""

    start: Text = None
    end: Text = None
    minutesDuration: Number = None
    reasonCode: Concepts = None
    description: Text = None
    comment: Text = None
    participant: list[AppointmentParticipant] | None = None
