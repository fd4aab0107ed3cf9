"""The shapes of medicines and vaccinations; see `shapes`."""

from localstore.fhir.shapes import (
    CodeableConcept,
    Concepts,
    Extensions,
    Number,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    References,
    Resource,
    Shape,
    Text,
    Unread,
)


class TimingRepeat(Shape):
    """R4 Timing.repeat."""

    boundsDuration: Quantity | None = None
    boundsPeriod: Period | None = None
    boundsRange: Range | None = None
    count: Number = None
    frequency: Number = None
    frequencyMax: Number = None
    period: Number = None
    periodMax: Number = None
    periodUnit: Text = None
    dayOfWeek: list[Text] | None = None
    timeOfDay: list[Text] | None = None
    when: list[Text] | None = None


class Timing(Shape):
    """R4 Timing."""

    repeat: TimingRepeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Shape):
    """R4 Dosage.doseAndRate."""

    doseQuantity: Quantity | None = None
    doseRange: Range | None = None
    rateQuantity: Quantity | None = None
    rateRange: Range | None = None
    rateRatio: Ratio | None = None


class Dosage(Shape):
    """R4 Dosage."""

    extension: Extensions = None
    modifierExtension: Unread = None
    text: Text = None
    additionalInstruction: Concepts = None
    patientInstruction: Text = None
    timing: Timing | None = None
    asNeededBoolean: bool | None = None
    asNeededCodeableConcept: CodeableConcept | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    doseAndRate: list[DoseAndRate] | None = None
    maxDosePerPeriod: Ratio | None = None


class Ingredient(Shape):
    """R4 Medication.ingredient."""

    itemCodeableConcept: CodeableConcept | None = None
    itemReference: Reference | None = None


class Medication(Shape):
    """R4 Medication."""

    code: CodeableConcept | None = None
    ingredient: list[Ingredient] | None = None


class _Prescribed(Resource):
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    reasonCode: Concepts = None
    reasonReference: References = None


class DispenseRequest(Shape):
    """R4 MedicationRequest.dispenseRequest."""

    validityPeriod: Period | None = None


class MedicationRequest(_Prescribed):
    """R4 MedicationRequest."""

    intent: Text = None
    doNotPerform: bool | None = None
    authoredOn: Text = None
    courseOfTherapyType: CodeableConcept | None = None
    dosageInstruction: list[Dosage] | None = None
    dispenseRequest: DispenseRequest | None = None


class MedicationStatement(_Prescribed):
    """R4 MedicationStatement."""

    effectiveDateTime: Text = None
    effectivePeriod: Period | None = None
    dateAsserted: Text = None
    dosage: list[Dosage] | None = None


class ProtocolApplied(Shape):
    """R4 Immunization.protocolApplied."""

    series: Text = None
    targetDisease: Concepts = None
    doseNumberPositiveInt: Number = None
    doseNumberString: Text = None
    seriesDosesPositiveInt: Number = None
    seriesDosesString: Text = None


class Performer(Shape):
    """R4 Immunization.performer and Procedure.performer."""

    function: CodeableConcept | None = None
    actor: Reference | None = None


class Immunization(Resource):
    """R4 Immunization."""

    statusReason: CodeableConcept | None = None
    vaccineCode: CodeableConcept | None = None
    occurrenceDateTime: Text = None
    occurrenceString: Text = None
    recorded: Text = None
    lotNumber: Text = None
    expirationDate: Text = None
    manufacturer: Reference | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    performer: list[Performer] | None = None
    reasonCode: Concepts = None
    reasonReference: References = None
    isSubpotent: bool | None = None
    protocolApplied: list[ProtocolApplied] | None = None
