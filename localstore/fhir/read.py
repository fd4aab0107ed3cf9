"""From a FHIR R4 resource to an entry's typed body. The one door of reading.

    resource ── shape (is its JSON of R4's types?) ── meaning (what may it say in the record?) ── ReadResource

Types that the record has no kind for, and resources that carry a modifier which this program does not know (FHIR
forbids to process such a one as if it were plain), become `OtherBody`: kept verbatim, shown by their best words. Pure:
no clock, no store; whatever a resource refers to is asked from `resolve`.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import msgspec

from localstore.bodies import Body, OtherBody
from localstore.fhir import codes
from localstore.fhir.care_shapes import DeviceUseStatement, DiagnosticReport, DocumentReference, Encounter, Procedure
from localstore.fhir.dates import is_clinical_date
from localstore.fhir.label import label_of, words_of
from localstore.fhir.people_shapes import (
    Appointment,
    CareTeam,
    Consent,
    FamilyMemberHistory,
    RelatedPerson,
    Task,
)
from localstore.fhir.read_agenda import appointment, recall
from localstore.fhir.read_care import consultation, procedure
from localstore.fhir.read_device import device
from localstore.fhir.read_directive import directive
from localstore.fhir.read_document import document, report
from localstore.fhir.read_findings import allergy, problem
from localstore.fhir.read_measurement import measurement
from localstore.fhir.read_patient import patient
from localstore.fhir.read_people import carer, family, relative
from localstore.fhir.read_treatment import immunisation, request, statement
from localstore.fhir.reading import Reading, Resolve
from localstore.fhir.shapes import (
    AllergyIntolerance,
    CodeableConcept,
    Condition,
    Meta,
    Observation,
    Patient,
    Reference,
    Resource,
    Shape,
)
from localstore.fhir.treatment_shapes import Immunization, MedicationRequest, MedicationStatement
from localstore.import_errors import BrokenResource
from localstore.kinds import Sensitivity, Status

MAX_TYPE = 64  # characters of a resource type; FHIR's longest has 33


class ReadResource(NamedTuple):
    """What one resource says: the body, when it was true, whether it stands, whose it is.

    `patient_reference` is the reference to the patient as the resource has it, or `Patient?identifier=SYSTEM|VALUE`
    for a reference by identifier; empty for a Patient and for what is about nobody. `remarks` are what could not be
    put into the body's fields, in words; a body that has a note holds them there too.
    """

    body: Body
    date: str
    status: Status
    patient_reference: str
    sensitivity: Sensitivity = Sensitivity.NORMAL
    remarks: tuple[str, ...] = ()


# None: what the resource says has no kind here, so that it is kept as it is.
_Reader = Callable[[Any, Reading], tuple[Body, str, Status] | None]
_READERS: dict[str, tuple[type[Resource], _Reader]] = {
    "Patient": (Patient, patient),
    "Condition": (Condition, problem),
    "AllergyIntolerance": (AllergyIntolerance, allergy),
    "MedicationRequest": (MedicationRequest, request),
    "MedicationStatement": (MedicationStatement, statement),
    "Immunization": (Immunization, immunisation),
    "Observation": (Observation, measurement),
    "Encounter": (Encounter, consultation),
    "Procedure": (Procedure, procedure),
    "DocumentReference": (DocumentReference, document),
    "DiagnosticReport": (DiagnosticReport, report),
    "DeviceUseStatement": (DeviceUseStatement, device),
    "FamilyMemberHistory": (FamilyMemberHistory, family),
    "Consent": (Consent, directive),
    "RelatedPerson": (RelatedPerson, relative),
    "CareTeam": (CareTeam, carer),
    "Task": (Task, recall),
    "Appointment": (Appointment, appointment),
}
_Shaped = TypeVar("_Shaped", bound=Shape)
_EXPECTED = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_NUMBERS = (Decimal,)  # said to be native, so that a text is not taken for a number

# Where other types keep what is read of every resource, best first.
_SUBJECTS = ("subject", "patient", "beneficiary", "for", "individual")
_DATES = (
    "date", "authoredOn", "created", "issued", "occurrenceDateTime", "effectiveDateTime", "performedDateTime",
    "started", "whenHandedOver", "sent", "startDate", "recordedDate", "start", "timestamp",
)  # fmt: skip
_PERIODS = ("period", "occurrencePeriod", "effectivePeriod", "billablePeriod", "performedPeriod", "servicedPeriod")


def resource_type(resource: dict[str, Any]) -> str:
    """The resource's type. Raises BrokenResource where it has none."""
    kind = resource.get("resourceType")
    if type(kind) is str and (kind in _READERS or (len(kind) <= MAX_TYPE and kind.isascii() and kind.isalpha())):
        return kind
    raise BrokenResource(place="resourceType", reason="the type of the resource is missing or is no word")


def read_resource(resource: dict[str, Any], resolve: Resolve) -> ReadResource:
    """Read one decoded R4 resource.

    `resolve` gives the resource that a reference (`urn:uuid:...`, `Medication/12`) points to, or None. Contained
    resources are found without it. Raises BrokenResource with the place of what is not of R4's shape; a missing field
    is no error, and neither is a date that is none: that one is quoted in a remark.
    """
    kind = resource_type(resource)
    reader = _READERS.get(kind)
    if reader is None or resource.get("modifierExtension") or resource.get("implicitRules"):
        return _other(kind, resource)
    shape, read = reader
    try:
        source: Resource = msgspec.convert(resource, shape, builtin_types=_NUMBERS)
    except msgspec.ValidationError as error:
        raise _broken(kind, error) from error
    reading = Reading(resource, resolve, source.extension)
    found = read(source, reading)
    if found is None:
        return _other(kind, resource, _reference(reading.subject))
    body, date, status = found
    if source.extension is not None:
        date = _own_date(reading) or date
    return ReadResource(
        body,
        date,
        status,
        "" if kind == "Patient" else _reference(reading.subject or source.subject or source.patient),
        _sensitivity(source.meta),
        tuple(reading.remarks) if reading.remarks else (),
    )


def _broken(kind: str, error: msgspec.ValidationError) -> BrokenResource:
    """The same in our words: msgspec says ``Expected `str | null`, got `int` - at `$.code.text` ``."""
    message, _, path = str(error).partition(" - at `$")
    place = kind + path.rstrip("`")
    found = _EXPECTED.fullmatch(message)
    if found is None:
        return BrokenResource(place=place, reason="it is not of the type that FHIR R4 has there")
    expected = found[1].removesuffix(" | null")
    return BrokenResource(
        place=place, reason="FHIR R4 has {expected} there, and this is {found}", expected=expected, found=found[2]
    )


def _own_date(reading: Reading) -> str:
    stated = reading.own_text(codes.OWN_CLINICAL_DATE)
    return stated if is_clinical_date(stated) else ""


def _reference(reference: Reference | None) -> str:
    if reference is None:
        return ""
    if reference.reference:
        return reference.reference
    identifier = reference.identifier
    if identifier is None or not identifier.value:
        return ""
    return f"Patient?identifier={identifier.system or ''}|{identifier.value}"


def _sensitivity(meta: Meta | None) -> Sensitivity:
    for label in (meta.security or ()) if meta is not None else ():
        if label.system == codes.CONFIDENTIALITY and label.code in codes.RESTRICTED_CODES:
            return Sensitivity.RESTRICTED
    return Sensitivity.NORMAL


def _other(kind: str, resource: dict[str, Any], subject: str = "") -> ReadResource:
    """A resource that is kept verbatim. Only its own `resourceType` can break it: nothing else of it is understood."""
    own_type = _own_text(resource, codes.OWN_RESOURCE_TYPE) if kind == "Basic" else ""
    in_error = codes.ENTERED_IN_ERROR in (
        resource.get("status"),
        _verification(resource),
        _own_text(resource, codes.OWN_STATUS),
    )
    own_words = words_of(resource.get("code")), _own_text(resource, codes.OWN_UNREAD)
    return ReadResource(
        OtherBody(own_type, *own_words) if own_type else OtherBody(kind, label_of(resource)),
        _date(resource),
        Status.ENTERED_IN_ERROR if in_error else Status.FINAL,
        subject or _subject(resource),
        _sensitivity(_converted(resource.get("meta"), Meta)),
    )


def kept(resource: dict[str, Any], kind: str, reason: str) -> ReadResource:
    """A resource of type `kind` that is kept verbatim and not understood, for that reason. Raises nothing."""
    # A stand-in for one in XML says in its securityContext whose it is; any other Binary says there whom it is for.
    subject = _reference(_converted(resource.get("securityContext"), Reference))
    found = _other(resource["resourceType"], resource, subject)
    return found._replace(body=OtherBody(kind, label_of(resource), reason))


def _own_text(resource: dict[str, Any], url: str) -> str:
    """The text in an extension of ours. A Basic of ours stands for an entry of which only the words are left."""
    extensions = resource.get("extension")
    for extension in extensions if type(extensions) is list else ():
        if type(extension) is dict and extension.get("url") == url:
            found = extension.get("valueCode") or extension.get("valueDateTime") or extension.get("valueString")
            return found if type(found) is str else ""
    return ""


def _verification(resource: dict[str, Any]) -> str:
    status = _converted(resource.get("verificationStatus"), CodeableConcept)
    return next((coding.code for coding in (status.coding or ()) if coding.code), "") if status else ""


def _date(resource: dict[str, Any]) -> str:
    stated = _own_text(resource, codes.OWN_CLINICAL_DATE)
    if stated and is_clinical_date(stated):
        return stated
    for key in _DATES:
        value = resource.get(key)
        if type(value) is str and is_clinical_date(value):
            return value
    for key in _PERIODS:
        period = resource.get(key)
        start = period.get("start") if type(period) is dict else None
        if type(start) is str and is_clinical_date(start):
            return start
    return ""


def _subject(resource: dict[str, Any]) -> str:
    for key in _SUBJECTS:
        value = resource.get(key)
        reference = _converted(value, Reference) if type(value) is dict else None
        if found := _reference(reference):
            return found
    return ""


def _converted(value: Any, shape: type[_Shaped]) -> _Shaped | None:
    """The value in that shape, or None where it is not: the types that are kept verbatim are not judged."""
    if value is None:
        return None
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return None
