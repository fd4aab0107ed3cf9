"""Another implementation of FHIR (fhir.resources, its R4B package) accepts everything that is written here."""

from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from localstore.fhir.bundle import assemble
from localstore.fhir.json_text import encode
from localstore.fhir.write import write_entry
from localstore.kinds import Kind, Status
from localstore.model import Entry
from tests.fhir.bodies import BODIES, NONE_KNOWN
from tests.fhir.entries import PATIENT_URL, entries


def judged(raw: bytes) -> Any:
    """The resource as the other implementation sees it. Raises pydantic.ValidationError."""
    kind = raw.partition(b'"resourceType":"')[2].partition(b'"')[0].decode()
    return get_fhir_model_class(kind).model_validate_json(raw)


@pytest.mark.parametrize("kind", list(Kind))
@settings(max_examples=25)
@given(data=st.data())
def test_every_kind_is_valid_r4(kind: Kind, data: st.DataObject) -> None:
    source: Entry = data.draw(entries(BODIES[kind]))
    judged(encode(write_entry(source, PATIENT_URL)))


@settings(max_examples=25)
@given(entries(NONE_KNOWN))
def test_none_known_is_valid_r4(source: Entry) -> None:
    judged(encode(write_entry(source, PATIENT_URL)))


@settings(max_examples=10)
@given(st.lists(entries(st.one_of(*BODIES.values())), max_size=4))
def test_a_bundle_is_valid_r4(sources: list[Entry]) -> None:
    written = [(f"urn:uuid:{number}", write_entry(source, PATIENT_URL)) for number, source in enumerate(sources)]
    bundle = judged(assemble(written, "export-1", "2026-03-01T09:30:00.000Z"))
    assert bundle.type == "collection"
    assert len(bundle.entry or []) == len(sources)


@settings(max_examples=25)
@given(entries(BODIES[Kind.PROBLEM]), st.sampled_from(["con-4", "con-5"]))
def test_conditions_keep_the_rules_that_the_judge_does_not_check(source: Entry, rule: str) -> None:
    written = write_entry(source, PATIENT_URL)
    state = [code["code"] for code in written.get("clinicalStatus", {}).get("coding", ())]
    if rule == "con-5":
        assert (state == []) is (source.status is Status.ENTERED_IN_ERROR)
    elif "abatementDateTime" in written or "abatementString" in written:
        assert set(state) & {"inactive", "resolved", "remission"}


def test_the_judge_refuses_what_is_not_r4() -> None:
    with pytest.raises(ValidationError):
        judged(b'{"resourceType":"Condition","code":5}')
