"""Cutting bundles into resources, whatever they hold, and putting them together again."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.errors import TooLarge
from localstore.fhir import bundle, json_text
from localstore.fhir.bundle import BundleItem, Request, assemble, split
from localstore.fhir.json_text import MAX_DEPTH
from localstore.import_errors import BrokenResource, NotFhir

DEEP = f"it is nested more than {MAX_DEPTH} levels deep"
TWICE = "a property occurs twice in the same object"
PATIENT = b'{"resourceType":"Patient","id":"1"}'


def a_bundle(*entries: str, kind: str = "collection") -> bytes:
    return f'{{"resourceType": "Bundle", "type": "{kind}", "entry": [{", ".join(entries)}]}}'.encode()


def an_entry(resource: str = PATIENT.decode(), url: str = "urn:uuid:1") -> str:
    return f'{{ "fullUrl": "{url}", "resource": {resource} }}'


def refused(data: bytes) -> str:
    """The reason for which the file is refused."""
    with pytest.raises(NotFhir) as caught:
        split(data, "dossier.json")
    return reason_in(caught.value)


def reason_in(error: NotFhir | BrokenResource) -> str:
    """The part of the sentence that says why."""
    before, _, after = str(error).partition(": ")
    assert before in (
        f"{error.details.get('file')} is not a FHIR R4 file",
        f"{error.details.get('place')} cannot be read",
    )
    return after.partition(". ")[0]


def broken(item: BundleItem) -> tuple[str, str]:
    """The place and the reason of a broken item."""
    assert isinstance(item.resource, BrokenResource)
    return str(item.resource.details["place"]), reason_in(item.resource)


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "document", "searchset", "message", "x"])
def test_a_bundle_of_any_type_is_cut_into_its_resources(kind: str) -> None:
    found = split(a_bundle(an_entry(), an_entry('{"resourceType": "Goal"}', "urn:uuid:2"), kind=kind), "x")
    assert [(item.place, item.url, item.raw) for item in found] == [
        ("entry[0].resource", "urn:uuid:1", PATIENT),
        ("entry[1].resource", "urn:uuid:2", b'{"resourceType":"Goal"}'),
    ]
    assert [item.resource for item in found] == [{"resourceType": "Patient", "id": "1"}, {"resourceType": "Goal"}]


def test_a_single_resource_is_one_item() -> None:
    assert split(b' {"resourceType" :\t"Patient",\n"id":"1"} ', "x") == [BundleItem("resource", "", PATIENT)]


def test_a_bundle_may_be_empty() -> None:
    assert split(b'{"resourceType":"Bundle","type":"searchset","total":0}', "x") == []
    assert split(a_bundle(), "x") == []


def test_only_insignificant_white_space_goes() -> None:
    text = '{"resourceType": "Foo", "n": [1.00, 1e5, -0, 0.10E+2 ], "s": "a \\u00e9\\/ \\n  b é", "e": { }, "l": [ ]}'
    raw = b'{"resourceType":"Foo","n":[1.00,1e5,-0,0.10E+2],"s":"a \\u00e9\\/ \\n  b \xc3\xa9","e":{},"l":[]}'
    assert split(a_bundle(an_entry(text)), "x")[0].raw == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=4), st.booleans(), st.sampled_from([None, 1, "\t"])
)
def test_any_resources_come_out_of_a_bundle_as_they_went_in(
    bodies: list[dict[str, Any]], ascii_only: bool, indent: int | str | None
) -> None:
    resources = [{**body, "resourceType": "Foo"} for body in bodies]
    whole = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}
    found = split(json.dumps(whole, ensure_ascii=ascii_only, indent=indent).encode(), "x")
    compact = [json.dumps(one, ensure_ascii=ascii_only, separators=(",", ":")).encode() for one in resources]
    assert [item.raw for item in found] == compact
    assert [json.loads(item.raw) for item in found] == resources


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"hello", "it is not JSON from byte 0 on"),
        (b"[]", "it is no JSON object"),
        (b'"Patient"', "it is no JSON object"),
        (b"null", "it is no JSON object"),
        (b"{}", "it has no resourceType"),
        (b'{"resourceType":null}', "its type is no text"),
        (b'{"resourceType":7}', "its type is no text"),
        (b'{"resourceType":""}', "it has no resourceType"),
        (b'{"resourceType":"Patient"', "it breaks off"),
        (a_bundle(an_entry())[:-3], "it breaks off"),
        (b"<Patient/>", "it is XML, and not FHIR's"),
        (b'\xef\xbb\xbf <?xml version="1.0"?>', "its XML is not well formed in line 1"),
        (b"\xff\xfe{\0\0", "it is not in the encoding that it says (utf-16)"),
        (
            '{"resourceType":"Patient","id":"é"}'.encode("latin-1"),
            "it is not UTF-8; it may be Latin-1, which FHIR does not allow",
        ),
        (b'{"resourceType":"Patient","x":NaN}', "there is no number at byte 30, but a word for one"),
        (b'{"resourceType":"Patient","x":-Infinity}', "there is no number at byte 31, but a word for one"),
        (b'{"resourceType":"Patient","id":"\\udc00x"}', "the character escape at byte 38 is half of a pair"),
        (b'{"resourceType":"Patient","id":"\\ud800"}', "it breaks off, or holds half of a character escape"),
        (b'{"resourceType":"Patient","id":01}', "it is not JSON from byte 32 on"),
        (b'{"resourceType":"Patient","id":"a\nb"}', "it is not JSON from byte 33 on"),
        (b'{"resourceType":"Bundle","entry":{}}', "its entry is no list"),
        (b'{"resourceType":"Bundle","type":5}', "its type is no text"),
        (b'{"resourceType":"Bundle","entry":[],"entry":[]}', TWICE),
        (b'{"resourceType":"Patient","id":"1","id":"2"}', TWICE),
        (b'{"resourceType":"Bundle","\\u0065ntry":[]}', TWICE),
        (a_bundle(kind="history"), "it is a history, with versions that no longer stand"),
        (b'{"resourceType":"Patient","x":' + b"[" * 9999 + b"]" * 9999 + b"}", DEEP),
    ],
)
def test_what_is_no_fhir_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert refused(data) == reason


def test_a_byte_order_mark_of_utf8_is_skipped() -> None:
    assert split(b"\xef\xbb\xbf" + PATIENT, "x")[0].raw == PATIENT


def test_a_truncated_bundle_is_refused_wherever_it_breaks_off() -> None:
    data = a_bundle(an_entry(), an_entry('{"resourceType":"Goal","note":[{"text":"été"}]}'))
    for length in range(len(data)):
        refused(data[:length])


def deep(levels: int) -> str:
    """A resource that nests so deep in all."""
    return '{"resourceType":"Foo","x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("5", "it is no JSON object"),
        ("null", "it is no JSON object"),
        ("[]", "it is no JSON object"),
        ('{"id":"1"}', "the type of the resource is missing or is no word"),
        ('{"resourceType":7}', "the type of the resource is missing or is no word"),
        ('{"resourceType":"Foo","a":1,"a":1}', TWICE),
        ('{"resourceType":"Foo","a":[{"b":"é","b":1.50}]}', TWICE),
        ('{"resourceType":"Foo","a":1,"\\u0061":2}', TWICE),
        ('{"resourceType":"Foo","a":' + "9" * 5000 + "}", "it has a number beyond all bounds"),
        ('{"resourceType":"Foo","a":1e99999999999999999999}', "it has a number beyond all bounds"),
        (deep(MAX_DEPTH + 1), DEEP),
    ],
)
def test_a_broken_resource_is_named_and_the_good_ones_are_returned(resource: str, reason: str) -> None:
    found = split(a_bundle(an_entry(), an_entry(resource), an_entry()), "x")
    assert [item.place for item in found] == [f"entry[{number}].resource" for number in range(3)]
    assert isinstance(found[0].resource, dict) and isinstance(found[2].resource, dict)
    assert broken(found[1])[1] == reason


@pytest.mark.parametrize(
    ("entry", "place", "reason"),
    [
        ("5", "entry[1]", "it is no JSON object, or a property occurs twice in it"),
        ('{"resource":{},"resource":{}}', "entry[1]", "it is no JSON object, or a property occurs twice in it"),
        ('{"fullUrl":5,"resource":{}}', "entry[1].fullUrl", "it is no text"),
        ("{}", "entry[1]", "it has no resource"),
        ('{"request":{"method":"POST","url":"Patient"}}', "entry[1]", "it has no resource"),
        ('{"request":"DELETE"}', "entry[1]", "it has no resource"),
    ],
)
def test_a_broken_entry_is_named_and_the_good_ones_are_returned(entry: str, place: str, reason: str) -> None:
    found = split(a_bundle(an_entry(), entry, an_entry()), "x")
    assert isinstance(found[0].resource, dict) and isinstance(found[2].resource, dict)
    assert broken(found[1]) == (place, reason)


def test_a_bare_request_is_reported_and_not_carried_out() -> None:
    found = split(a_bundle('{"request":{"method":"DELETE","url":"Patient/1"}}', an_entry()), "x")
    assert found[0] == BundleItem("entry[0]", "", b"", Request("DELETE", "Patient/1"))
    assert isinstance(found[1].resource, dict)


def test_as_deep_as_the_limit_is_read() -> None:
    assert isinstance(split(a_bundle(an_entry(deep(MAX_DEPTH))), "x")[0].resource, dict)


def test_brackets_in_texts_are_not_depth() -> None:
    words = '{"resourceType":"Foo","x":"' + "[{" * 500 + '","y":"\\"' + "}]" * 500 + '"}'
    assert isinstance(split(a_bundle(an_entry(words)), "x")[0].resource, dict)


def test_brackets_in_texts_do_not_hide_depth() -> None:
    hidden = '{"resourceType":"Foo","x":' + '["]",' * 300 + "1" + "]" * 300 + "}"
    assert broken(split(a_bundle(an_entry(hidden)), "x")[0])[1] == DEEP


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        split(b" " * (json_text.MAX_BUNDLE_BYTES + 1), "x")


def test_a_file_of_too_many_elements_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooLarge):
        split(b'{"resourceType":"Foo","x":[' + b"0," * json_text.MAX_ELEMENTS + b"0]}", "x")


def test_a_bundle_of_too_many_entries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_ENTRIES", 2)
    assert len(split(a_bundle(an_entry(), an_entry()), "x")) == 2
    with pytest.raises(TooLarge):
        split(a_bundle(an_entry(), an_entry(), an_entry()), "x")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert all(item.resource for item in split(data, "x"))
    except (NotFhir, TooLarge) as error:
        assert error.exit_code == 5


@given(st.binary(max_size=8), st.integers(0, 200), st.integers(0, 8))
def test_a_damaged_bundle_is_read_or_refused(piece: bytes, place: int, length: int) -> None:
    data = a_bundle(an_entry(), an_entry('{"resourceType":"Goal","note":[{"text":"\\u00e9t\\u00e9"}]}'))
    try:
        split(data[:place] + piece + data[place + length :], "x")
    except (NotFhir, TooLarge) as error:
        assert error.exit_code == 5


def test_what_is_put_together_is_a_collection_with_the_bytes_as_they_are() -> None:
    raw = b'{"resourceType":"Foo","n":1.00,"s":"\\u00e9"}'
    data = assemble([("urn:uuid:1", raw), ("", {"resourceType": "Goal"})], "b1", "2026-03-01T09:30:00.000Z")
    assert b'"entry":[{"fullUrl":"urn:uuid:1","resource":' + raw + b"},{" in data
    decoded = msgspec.json.decode(data)
    assert {name: decoded[name] for name in ("resourceType", "id", "type", "timestamp")} == {
        "resourceType": "Bundle",
        "id": "b1",
        "type": "collection",
        "timestamp": "2026-03-01T09:30:00.000Z",
    }
    assert decoded["entry"][1] == {"resource": {"resourceType": "Goal"}}


def test_a_bundle_of_nothing_has_no_empty_list() -> None:
    assert "entry" not in msgspec.json.decode(assemble([], "b1", "2026-03-01T09:30:00.000Z"))
