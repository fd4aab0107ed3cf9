"""The parts of FHIR R4 that reading looks at, as types: decoding into them checks that their JSON is of R4's shape.

One struct per R4 type, with R4's own field names and only the fields that are read; whatever else a resource holds
stays in its source. A field may be missing or null. Nothing here gives meaning to anything.
"""

from decimal import Decimal
from typing import Any

import msgspec

Text = str | None
Number = Decimal | int | float | None
Unread = list[Any] | None  # only whether there is something


class Shape(msgspec.Struct, gc=False):
    """Base of all shapes. They form no cycles, so the garbage collector need not look at them."""


class Coding(Shape):
    """R4 Coding."""

    system: Text = None
    code: Text = None
    display: Text = None
    version: Text = None


class CodeableConcept(Shape):
    """R4 CodeableConcept."""

    text: Text = None
    coding: list[Coding] | None = None


Concepts = list[CodeableConcept] | None


class Quantity(Shape):
    """R4 Quantity, with Age, Duration and SimpleQuantity."""

    value: Number = None
    comparator: Text = None
    unit: Text = None
    system: Text = None
    code: Text = None


class Period(Shape):
    """R4 Period."""

    start: Text = None
    end: Text = None


class Range(Shape):
    """R4 Range."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Shape):
    """R4 Ratio."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Identifier(Shape):
    """R4 Identifier."""

    use: Text = None
    system: Text = None
    value: Text = None


class Reference(Shape):
    """R4 Reference."""

    reference: Text = None
    type: Text = None
    identifier: Identifier | None = None
    display: Text = None


References = list[Reference] | None


class Annotation(Shape):
    """R4 Annotation."""

    text: Text = None


class Attachment(Shape):
    """R4 Attachment."""

    contentType: Text = None
    data: Text = None
    url: Text = None
    title: Text = None
    creation: Text = None
    size: Number = None
    extension: "list[Extension] | None" = None


class Address(Shape):
    """R4 Address."""

    use: Text = None
    text: Text = None
    line: list[Text] | None = None
    city: Text = None
    state: Text = None
    postalCode: Text = None
    country: Text = None
    extension: "list[Extension] | None" = None


class Extension(Shape):
    """R4 Extension, with the values that known extensions have."""

    url: Text = None
    extension: "list[Extension] | None" = None
    valueString: Text = None
    valueCode: Text = None
    valueDateTime: Text = None
    valueCoding: Coding | None = None
    valueAddress: Address | None = None
    valueBoolean: bool | None = None
    valueInteger: Number = None
    valueReference: Reference | None = None
    valueAttachment: Attachment | None = None


Extensions = list[Extension] | None


class HumanName(Shape):
    """R4 HumanName."""

    use: Text = None
    text: Text = None
    family: Text = None
    given: list[Text] | None = None
    prefix: list[Text] | None = None
    extension: Extensions = None


class ContactPoint(Shape):
    """R4 ContactPoint."""

    system: Text = None
    value: Text = None
    use: Text = None


class Meta(Shape):
    """R4 Meta."""

    security: list[Coding] | None = None


class Resource(Shape):
    """What all resources share, as far as it is read."""

    meta: Meta | None = None
    status: Text = None
    subject: Reference | None = None
    patient: Reference | None = None
    note: list[Annotation] | None = None
    extension: Extensions = None


class PatientContact(Shape):
    """R4 Patient.contact."""

    relationship: Concepts = None
    name: HumanName | None = None
    telecom: list[ContactPoint] | None = None
    organization: Reference | None = None


class Communication(Shape):
    """R4 Patient.communication."""

    language: CodeableConcept | None = None
    preferred: bool | None = None


class Patient(Resource):
    """R4 Patient."""

    identifier: list[Identifier] | None = None
    name: list[HumanName] | None = None
    telecom: list[ContactPoint] | None = None
    gender: Text = None
    birthDate: Text = None
    deceasedBoolean: bool | None = None
    deceasedDateTime: Text = None
    address: list[Address] | None = None
    contact: list[PatientContact] | None = None
    communication: list[Communication] | None = None
    generalPractitioner: References = None


class _WithOnset(Resource):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    onsetDateTime: Text = None
    onsetAge: Quantity | None = None
    onsetPeriod: Period | None = None
    onsetRange: Range | None = None
    onsetString: Text = None
    recordedDate: Text = None


class Condition(_WithOnset):
    """R4 Condition."""

    severity: CodeableConcept | None = None
    bodySite: Concepts = None
    abatementDateTime: Text = None
    abatementAge: Quantity | None = None
    abatementPeriod: Period | None = None
    abatementRange: Range | None = None
    abatementString: Text = None


class Reaction(Shape):
    """R4 AllergyIntolerance.reaction."""

    substance: CodeableConcept | None = None
    manifestation: Concepts = None
    description: Text = None
    severity: Text = None
    extension: Extensions = None


class AllergyIntolerance(_WithOnset):
    """R4 AllergyIntolerance."""

    type: Text = None
    category: list[Text] | None = None
    criticality: Text = None
    reaction: list[Reaction] | None = None


class SampledData(Shape):
    """R4 SampledData."""

    data: Text = None


class ReferenceRange(Shape):
    """R4 Observation.referenceRange."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None
    appliesTo: Concepts = None
    age: Range | None = None
    text: Text = None


class Valued(Resource):
    """R4 Observation.component, and what an Observation has in common with it: a code, a value or why there is none."""

    modifierExtension: Unread = None
    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: Text = None
    valueBoolean: bool | None = None
    valueInteger: Number = None
    valueRange: Range | None = None
    valueRatio: Ratio | None = None
    valueSampledData: SampledData | None = None
    valueTime: Text = None
    valueDateTime: Text = None
    valuePeriod: Period | None = None
    dataAbsentReason: CodeableConcept | None = None
    interpretation: Concepts = None
    referenceRange: list[ReferenceRange] | None = None


class Observation(Valued):
    """R4 Observation."""

    category: Concepts = None
    effectiveDateTime: Text = None
    effectivePeriod: Period | None = None
    effectiveInstant: Text = None
    issued: Text = None
    bodySite: CodeableConcept | None = None
    method: CodeableConcept | None = None
    hasMember: References = None
    component: list[Valued] | None = None
