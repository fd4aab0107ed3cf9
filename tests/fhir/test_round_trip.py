"""The law of this package: what is written, carried as bytes and read again is the same entry."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from localstore.bodies import BODIES as BODY_TYPES
from localstore.bodies import Body, MeasurementBody, OtherBody, PatientBody
from localstore.fhir.bundle import assemble, split
from localstore.fhir.json_text import encode
from localstore.fhir.read import read_resource
from localstore.fhir.write import write_entry, write_patient
from localstore.kinds import Kind, Status
from localstore.model import Entry
from localstore.values import Author, Concept, Quantity
from tests.fhir.bodies import BODIES, NONE_KNOWN
from tests.fhir.entries import PATIENT_URL, entries, entry, there_and_back

FINDING = settings(max_examples=500, phases=[Phase.generate], database=None)


def test_every_kind_has_a_strategy() -> None:
    assert set(BODIES) == set(BODY_TYPES) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_of_every_body_has_a_strategy(kind: Kind) -> None:
    """Each holds something in some example: a field that is always empty would come back by doing nothing."""
    type_ = BODY_TYPES[kind]
    empty = {one.name: one.default for one in msgspec.structs.fields(type_)}
    missing = set(empty)

    def is_last(body: Body) -> bool:
        if isinstance(body, type_):
            missing.difference_update([name for name in empty if getattr(body, name) not in (empty[name], Concept())])
        return not missing

    try:
        find(st.one_of(BODIES[kind], NONE_KNOWN), is_last, settings=FINDING)
    except NoSuchExample:
        assert missing == set()


@pytest.mark.parametrize("kind", list(Kind))
@given(data=st.data())
def test_an_entry_comes_back_as_it_was(kind: Kind, data: st.DataObject) -> None:
    source: Entry = data.draw(entries(BODIES[kind]))
    back = there_and_back(source)
    assert back.body == source.body
    assert (back.status, back.sensitivity, back.remarks) == (source.status, source.sensitivity, ())
    if kind is Kind.PATIENT:  # FHIR has no clinical date for an identity, and nobody whom it is about
        assert (back.date, back.patient_reference) == ("", "")
    else:
        assert back.patient_reference == PATIENT_URL
        assert back.date == source.date or not source.date


@given(entries(NONE_KNOWN).filter(lambda source: source.status is Status.FINAL))
def test_none_known_comes_back_as_none_known(source: Entry) -> None:
    assert there_and_back(source).body == source.body


def test_blanks_are_nothing_and_forbidden_characters_are_replaced() -> None:
    body = there_and_back(entry(PatientBody("Ben\x00ali", (" ", "Inès"), address="\u00a0", town="\t"))).body
    assert body == PatientBody("Ben\ufffdali", ("Inès",))


def test_the_digits_of_a_number_are_kept() -> None:
    for digits in ("1.00", "100", "0.10", "1E+5", "-0.0"):
        source = entry(MeasurementBody(Concept("Poids"), Quantity(Decimal(digits), "kg", "kg")))
        body = there_and_back(source).body
        assert isinstance(body, MeasurementBody) and body.quantity
        assert str(body.quantity.value) == digits


def test_what_was_imported_goes_out_as_its_source() -> None:
    raw = b'{"resourceType":"Goal","id":"1","target":[{"detailQuantity":{"value":7.00}}]}'
    source = Entry("0f" * 16, "a1" * 16, "", "", Author("x"), "", OtherBody("Goal"), source=raw)
    assert encode(write_entry(source, PATIENT_URL)) == raw


def test_a_patient_is_written_by_either_door() -> None:
    source = entry(PatientBody("Benali"))
    assert write_entry(source, PATIENT_URL) == write_patient(source)


def test_no_other_kind_is_written_as_a_patient() -> None:
    with pytest.raises(TypeError):
        write_patient(entry(OtherBody("Goal")))


@given(st.lists(entries(st.one_of(*BODIES.values())), max_size=5))
def test_a_bundle_gives_back_what_was_put_in(sources: list[Entry]) -> None:
    raws = [encode(write_entry(source, PATIENT_URL)) for source in sources]
    urls = [f"urn:uuid:{number}" for number in range(len(raws))]
    data = assemble(zip(urls, raws, strict=True), "export-1", "2026-03-01T09:30:00.000Z")
    found = split(data, "export.json")
    assert [(item.url, item.raw) for item in found] == list(zip(urls, raws, strict=True))
    for item, source in zip(found, sources, strict=True):
        assert isinstance(item.resource, dict)
        assert read_resource(item.resource, lambda reference: None).body == source.body
