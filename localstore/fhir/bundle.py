"""Bundles: cut into resources whose bytes stay as they came, and put together from such bytes.

A resource is kept as the exact bytes of the input, only without the white space between its tokens; one of XML as the
bytes of its JSON form. What is broken is returned in its place, beside what is good.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from localstore.errors import TooLarge
from localstore.fhir.encodings import begins_xml, utf8
from localstore.fhir.json_text import compact, decode, encode, is_object, items, members, objects
from localstore.fhir.read import resource_type
from localstore.fhir.xml_text import to_json
from localstore.import_errors import BrokenResource, NotFhir

MAX_ENTRIES = 100_000  # of one bundle; 64 MiB of resources of the usual size are about 60,000
ONLY_PLACE = "resource"
BUNDLE = "Bundle"
HISTORY = "history"
NDJSON = ".ndjson"
# Requests that carry no resource by their nature (R4, http): they say what to do, not what is.
REQUESTS = frozenset({"GET", "HEAD", "DELETE"})


class Request(NamedTuple):
    """An entry that is a request and nothing else, e.g. a deletion. It is not carried out."""

    method: str
    url: str


class BundleItem(NamedTuple):
    """One entry of a bundle: where it is (`entry[17].resource`), its fullUrl, its bytes, and why there are none."""

    place: str
    url: str
    raw: bytes
    failure: BrokenResource | Request | None = None

    @property
    def resource(self) -> dict[str, Any] | BrokenResource | Request:
        """The decoded resource, numbers exact; or the error that says why there is none; or the bare request.

        Decoded at each asking: a file held as dictionaries takes ten times its size, and longer to build.
        """
        if self.failure is not None:
            return self.failure
        try:
            resource = decode(self.raw, self.place)
            resource_type(resource)
        except BrokenResource as error:
            return error
        return resource


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""


_request = msgspec.json.Decoder(_Request)
_text = msgspec.json.Decoder(str)


def split(data: bytes, file: str) -> list[BundleItem]:
    """The resources of a file: of a Bundle, the one that it is, or those of its lines. `file` names it in the errors.

    JSON, XML or NDJSON, told apart by the bytes. Raises NotFhir with the reason, and TooLarge. A history bundle is
    refused: it holds versions that no longer stand.
    """
    if begins_xml(data):
        data = to_json(data, file)
    try:
        text = compact(data, file)
    except NotFhir:
        if (found := _lines(data, file)) is None:
            raise
        return found
    return _whole(text, file)


def _whole(text: bytes, file: str) -> list[BundleItem]:
    found = members(text)
    if found is None:
        reason = "a property occurs twice in the same object" if text[:1] == b"{" else "it is no JSON object"
        raise NotFhir(file=file, reason=reason)
    try:
        kind = _text_of(found, "resourceType")
        purpose = _text_of(found, "type") if kind == BUNDLE else ""
    except msgspec.DecodeError as error:
        raise NotFhir(file=file, reason="its type is no text") from error
    if not kind:
        raise NotFhir(file=file, reason="it has no resourceType")
    if kind != BUNDLE:
        return [BundleItem(ONLY_PLACE, "", text)]
    if purpose == HISTORY:
        raise NotFhir(file=file, reason="it is a history, with versions that no longer stand")
    return _entries(found.get("entry"), file)


def _lines(data: bytes, file: str) -> list[BundleItem] | None:
    """The resources of NDJSON, one in each line (bulk data, ndjson), or None where the file is not so written.

    It is where it is named so, or where its first line is a JSON object and not the last one.
    """
    lines = [(number, line) for number, line in enumerate(utf8(data, file).split(b"\n"), 1) if line.strip()]
    if len(lines) < 2 or not (file.lower().endswith(NDJSON) or is_object(lines[0][1])):
        return None
    if len(lines) > MAX_ENTRIES:
        raise TooLarge(what=file, limit="{count} entries", count=MAX_ENTRIES)
    return [line_item(line, f"line[{number}]", file) for number, line in lines]


def line_item(line: bytes, place: str, file: str) -> BundleItem:
    """One line of NDJSON as an item."""
    try:
        return BundleItem(place, "", compact(line, file))
    except NotFhir as error:
        details = {name: value for name, value in error.details.items() if name != "file"}
        return _without(place, "", BrokenResource(place=place, **details))


def _text_of(found: dict[str, msgspec.Raw], name: str) -> str:
    """That property as a text, empty where it is missing. Raises msgspec.DecodeError where it is none."""
    return _text.decode(found[name]) if name in found else ""


def _entries(entry: msgspec.Raw | None, file: str) -> list[BundleItem]:
    if entry is None:
        return []
    if len(entry) > 2 * MAX_ENTRIES and len(items(entry) or ()) > MAX_ENTRIES:
        raise TooLarge(what=file, limit="{count} entries", count=MAX_ENTRIES)
    entries: Sequence[dict[str, msgspec.Raw] | None] | None = objects(entry)
    if entries is None:  # one of them is odd: each for itself, so that the others are read
        each = items(entry)
        entries = None if each is None else [members(raw) for raw in each]
    if entries is None:
        raise NotFhir(file=file, reason="its entry is no list")
    return [entry_item(f"entry[{index}]", found) for index, found in enumerate(entries)]


def entry_item(place: str, found: dict[str, msgspec.Raw] | None) -> BundleItem:
    """One entry as an item, from its properties; None where they could not be told apart."""
    if found is None:
        reason = "it is no JSON object, or a property occurs twice in it"
        return _without(place, "", BrokenResource(place=place, reason=reason))
    try:
        url = _text_of(found, "fullUrl")
    except msgspec.DecodeError:
        error = BrokenResource(place=f"{place}.fullUrl", reason="it is no text")
        return _without(place, "", error)
    if "resource" in found:
        return BundleItem(f"{place}.resource", url, bytes(found["resource"]))
    request = _pure_request(found.get("request"))
    return _without(place, url, request or BrokenResource(place=place, reason="it has no resource"))


def _pure_request(raw: msgspec.Raw | None) -> Request | None:
    if raw is None:
        return None
    try:
        request = _request.decode(raw)
    except msgspec.DecodeError:
        return None
    return Request(request.method, request.url) if request.method in REQUESTS else None


def _without(place: str, url: str, reason: BrokenResource | Request) -> BundleItem:
    return BundleItem(place, url, b"", reason)


def assemble(resources: Iterable[tuple[str, bytes | dict[str, Any]]], bundle_id: str, timestamp: str) -> bytes:
    """A Bundle of type collection from (fullUrl, resource) pairs; bytes go in as they are, dicts are encoded.

    `timestamp` is a FHIR instant. Bytes are trusted to be one JSON object each, as `split` gave them.
    """
    beginning = head(bundle_id, timestamp)
    entries = b",".join([_assembled(url, resource) for url, resource in resources])
    # R4 has no empty arrays.
    return beginning[:-1] + b',"entry":[' + entries + b"]}" if entries else beginning


def head(bundle_id: str, timestamp: str) -> bytes:
    """A Bundle of type collection without entries."""
    return encode({"resourceType": BUNDLE, "id": bundle_id, "type": "collection", "timestamp": timestamp})


def _assembled(url: str, resource: bytes | dict[str, Any]) -> bytes:
    raw = resource if isinstance(resource, bytes) else encode(resource)
    return entry_head(url) + raw + b"}"


def entry_head(url: str) -> bytes:
    """What stands before the resource in an entry; behind it a brace closes."""
    full_url = b'"fullUrl":' + msgspec.json.encode(url) + b"," if url else b""
    return b"{" + full_url + b'"resource":'
