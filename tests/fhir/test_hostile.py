"""Reading meets whatever JSON there is with a reading or with BrokenResource, and with nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import decode_body, encode_body
from localstore.fhir import care_shapes, people_shapes, shapes, treatment_shapes
from localstore.fhir.json_text import decode, encode
from localstore.fhir.read import ReadResource, read_resource
from localstore.fhir.references import collect_references, names_of
from localstore.fhir.write import write_entry
from localstore.import_errors import BrokenResource
from localstore.model import Entry
from tests.fhir.bodies import BODIES
from tests.fhir.entries import PATIENT_URL, entries

TYPES = [
    "Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Immunization",
    "Observation", "Encounter", "Procedure", "DocumentReference", "DiagnosticReport", "Basic", "Claim",
    "DeviceUseStatement", "FamilyMemberHistory", "Consent", "RelatedPerson", "CareTeam", "Task", "Appointment",
]  # fmt: skip
# Every field name that reading knows, so that odd values stand where they matter.
FIELDS = sorted(
    {
        name
        for module in (shapes, care_shapes, people_shapes, treatment_shapes)
        for shape in vars(module).values()
        if isinstance(shape, type) and issubclass(shape, shapes.Shape)
        for name in shape.__struct_encode_fields__
    }
)
CODES = [
    "716186003", "no-known-allergies", "no-allergy-info", "1287211007", "http://snomed.info/sct", "refuted",
    "entered-in-error", "active", "official", "usual", "phone", "text/plain", "urn:oid:1.2.250.1.213.1.4.8", "#x",
    "2019-13-45", "2019-04", "<", "urn:confrere:fhir:state", "urn:confrere:fhir:clinical-date", "Patient/1", "booked",
    "urn:confrere:fhir:blake2b-256", "urn:confrere:fhir:letter", "urn:confrere:fhir:every-months", "completed", "adr",
    "http://terminology.hl7.org/CodeSystem/consentscope", "urn:confrere:fhir:kind", "recall", "sent", "requested",
]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(CODES),
)
TREES: st.SearchStrategy[Any] = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=30,
)


def met(resource: dict[str, Any]) -> ReadResource | None:
    """The reading, or None where it is refused as broken; anything else is a failure."""
    try:
        found = read_resource(resource, lambda reference: {"resourceType": "Medication", "code": {"text": reference}})
    except BrokenResource as error:
        assert error.details["place"] and error.details["reason"]
        return None
    return found


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS), TREES, max_size=8))
def test_any_fields(kind: str, fields: dict[str, Any]) -> None:
    resource = {**fields, "resourceType": kind}
    found = met(resource)
    if found is not None:
        assert decode_body(encode_body(found.body)) == found.body
    names_of(resource, "")
    collect_references(resource)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [found for key, one in inner for found in [(*path, key), *places(one, (*path, key))]]


@given(entries(st.one_of(*BODIES.values())), st.data())
def test_a_good_resource_with_one_odd_value(source: Entry, data: st.DataObject) -> None:
    resource = decode(encode(write_entry(source, PATIENT_URL)), "resource")
    *path, last = data.draw(st.sampled_from(places(resource)))
    inner: Any = resource
    for step in path:
        inner = inner[step]
    inner[last] = data.draw(TREES)
    met(resource)


@given(entries(st.one_of(*BODIES.values())), st.data())
def test_a_good_resource_with_one_thing_missing(source: Entry, data: st.DataObject) -> None:
    resource = decode(encode(write_entry(source, PATIENT_URL)), "resource")
    *path, last = data.draw(st.sampled_from([place for place in places(resource) if place != ("resourceType",)]))
    inner: Any = resource
    for step in path:
        inner = inner[step]
    del inner[last]
    assert met(resource) is not None
