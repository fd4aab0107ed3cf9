"""How the tests of reading write their resources down: JSON-like dicts, without what is the same every time."""

from typing import Any, TypeVar

from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.fhir.read import ReadResource, read_resource

Json = dict[str, Any]
OfBody = TypeVar("OfBody", bound=Body)
SNOMED = "http://snomed.info/sct"
IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
HL7 = "http://terminology.hl7.org/CodeSystem/"


def coded(code: str, system: str = SNOMED, display: str = "", **more: Any) -> Json:
    """A CodeableConcept of one code."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding], **more}


def read(kind: str, neighbours: dict[str, Json] | None = None, **fields: Any) -> ReadResource:
    """The reading of a resource of this type with these fields; `class_` stands for `class`."""
    resource = {"resourceType": kind, **{name.rstrip("_"): value for name, value in fields.items()}}
    return read_resource(resource, (neighbours or {}).get)


def body_of(found: ReadResource, type_: type[OfBody]) -> OfBody:
    """The body that was read, which is of that type."""
    assert isinstance(found.body, type_)
    return found.body


def problem(**fields: Any) -> ProblemBody:
    """The body of a Condition."""
    body = read("Condition", **fields).body
    assert isinstance(body, ProblemBody)
    return body


def allergy(**fields: Any) -> AllergyBody:
    """The body of an AllergyIntolerance."""
    body = read("AllergyIntolerance", **fields).body
    assert isinstance(body, AllergyBody)
    return body


def medication(kind: str = "MedicationStatement", **fields: Any) -> MedicationBody:
    """The body of a MedicationStatement or MedicationRequest."""
    body = read(kind, **fields).body
    assert isinstance(body, MedicationBody)
    return body


def immunisation(**fields: Any) -> ImmunisationBody:
    """The body of an Immunization."""
    body = read("Immunization", **fields).body
    assert isinstance(body, ImmunisationBody)
    return body


def measurement(**fields: Any) -> MeasurementBody:
    """The body of an Observation, final unless said otherwise."""
    body = read("Observation", **({"status": "final"} | fields)).body
    assert isinstance(body, MeasurementBody)
    return body


def consultation(**fields: Any) -> ConsultationBody:
    """The body of an Encounter."""
    body = read("Encounter", **fields).body
    assert isinstance(body, ConsultationBody)
    return body


def procedure(**fields: Any) -> ProcedureBody:
    """The body of a Procedure."""
    body = read("Procedure", **fields).body
    assert isinstance(body, ProcedureBody)
    return body


def document(kind: str = "DocumentReference", **fields: Any) -> DocumentBody:
    """The body of a DocumentReference or a DiagnosticReport."""
    body = read(kind, **fields).body
    assert isinstance(body, DocumentBody)
    return body


def patient(**fields: Any) -> PatientBody:
    """The body of a Patient."""
    body = read("Patient", **fields).body
    assert isinstance(body, PatientBody)
    return body


def other(kind: str, **fields: Any) -> OtherBody:
    """The body of a resource that is kept verbatim."""
    body = read(kind, **fields).body
    assert isinstance(body, OtherBody)
    return body
