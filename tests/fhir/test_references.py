"""The names that resources go by, and those they use for others."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.fhir.json_text import encode
from localstore.fhir.references import collect_references, names_of, normal

CLAIM: dict[str, Any] = {
    "resourceType": "Claim",
    "contained": [{"resourceType": "Coverage", "payor": [{"reference": "Organization/5"}]}],
    "patient": {"reference": "urn:uuid:1"},
    "insurance": [{"coverage": {"reference": "#c"}}, {"coverage": {"reference": "Coverage/2/_history/7"}}],
    "item": [{"encounter": [{"reference": "urn:uuid:3"}, {"reference": "urn:uuid:1"}]}],
}


def test_a_resource_goes_by_its_url_its_id_and_its_identifiers() -> None:
    resource = {
        "resourceType": "Patient",
        "id": "7",
        "identifier": [{"system": "urn:oid:1", "value": "A"}, {"value": "B"}, {"system": "urn:oid:2"}, 5],
    }
    assert names_of(resource, "urn:uuid:1") == [
        "urn:uuid:1",
        "Patient/7",
        "Patient?identifier=urn:oid:1|A",
        "Patient?identifier=|B",
    ]


def test_a_single_identifier_is_one_too() -> None:
    resource = {"resourceType": "Bundle", "identifier": {"system": "urn:oid:1", "value": "A"}}
    assert names_of(resource, "") == ["Bundle?identifier=urn:oid:1|A"]


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": 5, "id": 7}, {"resourceType": "X", "id": 7, "identifier": 5}]
)
def test_odd_fields_are_no_names(resource: dict[str, Any]) -> None:
    assert names_of(resource, "urn:uuid:1") == ["urn:uuid:1"]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("Patient/1/_history/3", "Patient/1"),
        ("http://a/Patient/1#x", "http://a/Patient/1"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("#c", "#c"),
    ],
)
def test_a_reference_is_a_name_without_version_and_fragment(reference: str, name: str) -> None:
    assert normal(reference) == name


@pytest.mark.parametrize("with_bytes", [False, True])
def test_references_are_found_wherever_they_are(with_bytes: bool) -> None:
    raw = encode(CLAIM) if with_bytes else b""
    assert set(collect_references(CLAIM, raw)) == {"Organization/5", "urn:uuid:1", "Coverage/2", "urn:uuid:3"}


@pytest.mark.parametrize("with_bytes", [False, True])
def test_references_by_identifier_and_files_are_found(with_bytes: bool) -> None:
    document = {
        "resourceType": "DocumentReference",
        "subject": {"type": "Patient", "identifier": {"system": "urn:oid:1", "value": "A"}},
        "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/4"}}],
        "extension": [{"url": "https://example.org/extension"}],
    }
    raw = encode(document) if with_bytes else b""
    assert set(collect_references(document, raw)) == {"Patient?identifier=urn:oid:1|A", "Binary/4"}


def test_escaped_names_are_found_by_walking() -> None:
    raw = b'{"resourceType":"X","subject":{"ref\\u0065rence":"Patient/1"}}'
    assert collect_references(msgspec.json.decode(raw), raw) == ["Patient/1"]


NAMES = st.sampled_from(["reference", "url", "contentType", "type", "identifier", "system", "value", "x", 'a"b'])
TREES = st.recursive(
    st.text(max_size=6) | st.sampled_from(["Patient/1", "#c", 'say "reference"', '"reference":"Goal/1"']) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_the_fast_way_and_the_slow_way_find_the_same(tree: dict[str, Any]) -> None:
    assert set(collect_references(tree, encode(tree))) == set(collect_references(tree))
