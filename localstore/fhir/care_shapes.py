"""The shapes of encounters, procedures, devices and documents; see `shapes`."""

import msgspec

from localstore.fhir.shapes import (
    Attachment,
    CodeableConcept,
    Coding,
    Concepts,
    Identifier,
    Period,
    Quantity,
    Range,
    Reference,
    References,
    Resource,
    Shape,
    Text,
)
from localstore.fhir.treatment_shapes import Performer


class Participant(Shape):
    """R4 Encounter.participant."""

    type: Concepts = None
    individual: Reference | None = None


class Location(Shape):
    """R4 Encounter.location."""

    location: Reference | None = None


class Encounter(Resource):
    """R4 Encounter."""

    class_: Coding | None = msgspec.field(default=None, name="class")
    type: Concepts = None
    participant: list[Participant] | None = None
    period: Period | None = None
    reasonCode: Concepts = None
    reasonReference: References = None
    location: list[Location] | None = None
    serviceProvider: Reference | None = None


class Procedure(Resource):
    """R4 Procedure."""

    statusReason: CodeableConcept | None = None
    code: CodeableConcept | None = None
    performedDateTime: Text = None
    performedPeriod: Period | None = None
    performedString: Text = None
    performedAge: Quantity | None = None
    performedRange: Range | None = None
    reasonCode: Concepts = None
    reasonReference: References = None
    bodySite: Concepts = None
    performer: list[Performer] | None = None
    outcome: CodeableConcept | None = None
    complication: Concepts = None


class Udi(Shape):
    """R4 Device.udiCarrier."""

    deviceIdentifier: Text = None
    carrierHRF: Text = None


class DeviceName(Shape):
    """R4 Device.deviceName."""

    name: Text = None


class Device(Shape):
    """R4 Device."""

    identifier: list[Identifier] | None = None
    type: CodeableConcept | None = None
    deviceName: list[DeviceName] | None = None
    udiCarrier: list[Udi] | None = None
    manufacturer: Text = None
    modelNumber: Text = None
    lotNumber: Text = None
    serialNumber: Text = None


class DeviceUseStatement(Resource):
    """R4 DeviceUseStatement."""

    device: Reference | None = None
    timingPeriod: Period | None = None
    timingDateTime: Text = None
    recordedOn: Text = None
    bodySite: CodeableConcept | None = None
    reasonCode: Concepts = None


class DocumentContent(Shape):
    """R4 DocumentReference.content."""

    attachment: Attachment | None = None
    format: Coding | None = None


class DocumentContext(Shape):
    """R4 DocumentReference.context."""

    period: Period | None = None


class DocumentReference(Resource):
    """R4 DocumentReference."""

    docStatus: Text = None
    category: Concepts = None
    type: CodeableConcept | None = None
    date: Text = None
    description: Text = None
    content: list[DocumentContent] | None = None
    context: DocumentContext | None = None


class DiagnosticReport(Resource):
    """R4 DiagnosticReport."""

    code: CodeableConcept | None = None
    effectiveDateTime: Text = None
    effectivePeriod: Period | None = None
    issued: Text = None
    result: References = None
    conclusion: Text = None
    conclusionCode: Concepts = None
    presentedForm: list[Attachment] | None = None


class Binary(Shape):
    """R4 Binary."""

    contentType: Text = None
    data: Text = None
