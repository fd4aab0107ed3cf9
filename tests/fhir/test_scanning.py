"""A large file cut window by window gives what the same bytes give when they are cut whole."""

import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.errors import BadInput, TooLarge
from localstore.fhir import bundle, scanning
from localstore.fhir.bundle import BundleItem
from localstore.import_errors import NotFhir

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
RESOURCES = st.dictionaries(st.text(), JSON, max_size=4).map(lambda found: {"resourceType": "Basic"} | found)
ENTRIES = st.one_of(
    RESOURCES.map(lambda one: {"fullUrl": "urn:uuid:1", "resource": one}),
    JSON,
    st.just({"request": {"method": "DELETE", "url": "Patient/1"}}),
)
INDENTS = st.sampled_from([None, 0, 1])


def scanned(data: bytes, window: int, name: str = "x") -> list[BundleItem]:
    return [placed.item for placed in scanning.scan(io.BytesIO(data).read, name, window)]


def shown(items: Sequence[BundleItem]) -> list[object]:
    """The same, with errors as their words: two errors are never equal."""
    return [(item.place, item.url, item.raw, str(item.failure or "")) for item in items]


@given(
    st.lists(ENTRIES, max_size=5),
    st.dictionaries(st.text(), JSON, max_size=3),
    INDENTS,
    st.integers(1, 40),
    st.booleans(),
)
def test_any_window_gives_the_items_of_the_whole(
    entries: list[object], more: dict[str, object], indent: int | None, window: int, is_ascii: bool
) -> None:
    whole = {**more, "entry": entries, "resourceType": "Bundle", "type": "collection"}
    data = json.dumps(whole, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    try:
        expected = shown(bundle.split(data, "x"))
    except BadInput:
        with pytest.raises(BadInput):
            scanned(data, window)
        return
    assert shown(scanned(data, window)) == expected


@given(st.lists(RESOURCES, min_size=2, max_size=5), st.integers(1, 40), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_any_window_gives_the_lines_of_the_whole(lines: list[object], window: int, between: str) -> None:
    data = between.join(json.dumps(one) for one in lines).encode()
    assert shown(scanned(data, window)) == shown(bundle.split(data, "x"))


GOOD = b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"1"}},{}]}'


@given(st.integers(0, len(GOOD)), st.binary(max_size=3), st.integers(0, 3), st.integers(1, 30))
def test_a_mutated_bundle_is_met_alike(at: int, put: bytes, drop: int, window: int) -> None:
    data = GOOD[:at] + put + GOOD[at + drop :]
    try:
        expected = shown(bundle.split(data, "x"))
    except BadInput:
        with pytest.raises(BadInput):
            scanned(data, window)
        return
    try:
        assert shown(scanned(data, window)) == expected
    except TooLarge:
        assert expected[0][0] == bundle.ONLY_PLACE  # type: ignore[index]
    except NotFhir as error:
        assert "so large" in str(error)


@given(st.integers(1, 30))
def test_an_item_is_read_again_from_where_it_begins(window: int) -> None:
    entries = [{"fullUrl": f"urn:{number}", "resource": {"resourceType": "Basic", "n": number}} for number in range(4)]
    data = json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1).encode()
    for placed in scanning.scan(io.BytesIO(data).read, "x", window):
        rest = io.BytesIO(data)
        rest.seek(placed.start)
        assert scanning.again(rest.read, "x", placed.item.place.removesuffix(".resource")) == placed.item


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"[]", "no JSON object"),
        (b"{}", "no resourceType"),
        (b'{"resourceType":"Bundle","type":"history"}', "history"),
        (b'{"resourceType":"Bundle","entry":{}}', "no list"),
        (b'{"resourceType":"Bundle","entry":[{}', "breaks off"),
        (b'{"resourceType":"Bundle","entry":[{} {}]}', "not JSON from byte 37"),
        (b'{"resourceType":"Bundle","type":"batch"} x', "not JSON from byte 41"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":' + b"[" * 5000, "nested"),
        (b"<Bundle/>", "so large only JSON"),
        ("{}".encode("utf-16"), "so large only UTF-8"),
    ],
)
def test_what_is_no_bundle_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotFhir, match=reason):
        scanned(data, 16)


def test_a_value_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_BUNDLE_BYTES", 100)
    data = json.dumps({"resourceType": "Bundle", "entry": [{}, {"resource": {"text": "x" * 300}}]}).encode()
    with pytest.raises(TooLarge):
        scanned(data, 16)
    with pytest.raises(TooLarge):
        scanned(b'{"a":1}\n{"a":"' + b"x" * 300 + b'"}\n', 16)
    with pytest.raises(TooLarge):
        scanned(b'{"resourceType":"Patient"}', 16)
