"""JSON as FHIR uses it, exactly: what is read is read in one way only, and its bytes stay what they were.

Numbers keep their digits (`1.00` is not `1.0`: FHIR's decimals carry their precision). What two programs could read
differently is refused: a property that occurs twice, text that is not UTF-8, numbers that are none. Every limit is
checked before anything of that size is built.
"""

import codecs
import json
import re
from decimal import Decimal
from typing import Any

import msgspec

from localstore.errors import TooLarge
from localstore.fhir.encodings import utf8
from localstore.import_errors import BrokenResource, NotFhir

MAX_BUNDLE_BYTES = 64 * 1024 * 1024  # 20 times the largest life that is known to us
MAX_ELEMENTS = 4_000_000  # of one file: each costs about 100 bytes of memory, however short its text
MAX_PARTS = 300_000  # of one resource, which is built as objects of about 150 bytes; large ones met have 10,000
MAX_DEPTH = 100  # FHIR nests about 20 deep; the interpreter's own limit differs between releases
_CHUNK = 1024 * 1024

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_objects = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])

_NOT_STRUCTURE = bytes(set(range(256)) - set(b'{}[]"'))
_FLAT = bytes.maketrans(b"[]", b"{}")
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BYTE = re.compile(r"\(byte (\d+)\)")


def encode(resource: dict[str, Any]) -> bytes:
    """The resource as compact JSON, decimals digit for digit."""
    return _encoder.encode(resource)


def compact(data: bytes, file: str) -> bytes:
    """The same JSON without insignificant white space, every other byte as it was.

    Raises TooLarge, and NotFhir where `data` is not one JSON value. UTF-16 and UTF-32 become UTF-8, and a byte order
    mark of UTF-8 is skipped, as RFC 8259 (8.1) allows.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise TooLarge(what=file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
    data = utf8(data, file)
    _check_encoding(data, file)
    if len(data) > 2 * MAX_ELEMENTS and _elements(data) > MAX_ELEMENTS:
        raise TooLarge(what=file, limit="{count} elements", count=MAX_ELEMENTS)
    try:
        return msgspec.json.format(data, indent=-1)
    except RecursionError as error:
        raise NotFhir(file=file, reason="it is nested more than {levels} levels deep", levels=MAX_DEPTH) from error
    except msgspec.DecodeError as error:
        raise _malformed(data, file, str(error)) from error


def _elements(data: bytes) -> int:
    """At least as many as the JSON has values: each value but the first follows a comma or opens an object or array."""
    return data.count(b",") + data.count(b"{") + data.count(b"[")


def _check_encoding(data: bytes, file: str) -> None:
    if data.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):  # in pieces: the text itself is of no use here
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotFhir(file=file, reason="it is not UTF-8; it may be Latin-1, which FHIR does not allow") from error


def _malformed(data: bytes, file: str, message: str) -> NotFhir:
    """Why this is no JSON; `message` is msgspec's, which gives the byte."""
    found = _BYTE.search(message)
    if found is None:
        if not data.strip():
            return NotFhir(file=file, reason="it is empty")
        if _SURROGATE.search(data):
            return NotFhir(file=file, reason="it breaks off, or holds half of a character escape")
        return NotFhir(file=file, reason="it breaks off")
    byte = int(found[1])
    if "surrogate" in message:
        return NotFhir(file=file, reason="the character escape at byte {byte} is half of a pair", byte=byte)
    if data[byte : byte + 3] in (b"NaN", b"Inf"):
        return NotFhir(file=file, reason="there is no number at byte {byte}, but a word for one", byte=byte)
    return NotFhir(file=file, reason="it is not JSON from byte {byte} on", byte=byte)


def members(raw: bytes | msgspec.Raw) -> dict[str, msgspec.Raw] | None:
    """The properties of a compact JSON object, unread; None where it is no object, or one with a property twice.

    A property name that is written with escapes counts as twice: its bytes do not tell. FHIR's names need none.
    """
    try:
        found = _members.decode(raw)
    except msgspec.DecodeError:
        return None
    return found if _length(found) == len(raw) else None


def _length(found: dict[str, msgspec.Raw]) -> int:
    """How long the object is: three bytes around each name, commas between the properties, two braces."""
    if not found:
        return 2
    return sum(map(len, found)) + sum(map(len, found.values())) + 4 * len(found) + 1


def is_object(line: bytes) -> bool:
    """Whether this is one whole JSON object."""
    try:
        _members.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def items(raw: msgspec.Raw) -> list[msgspec.Raw] | None:
    """The items of a compact JSON array, unread; None where it is none."""
    try:
        return _items.decode(raw)
    except msgspec.DecodeError:
        return None


def objects(raw: msgspec.Raw) -> list[dict[str, msgspec.Raw]] | None:
    """The properties of each object of a compact JSON array; None where an item is not as `members` wants it."""
    try:
        found = _objects.decode(raw)
    except msgspec.DecodeError:
        return None
    length = sum([_length(one) for one in found]) + len(found) + 1
    return found if length == len(raw) else None


def decode(raw: bytes, place: str) -> dict[str, Any]:
    """One compact resource as a dict, numbers exact. Raises BrokenResource with `place`."""
    if len(raw) > MAX_PARTS and _elements(raw) > MAX_PARTS:
        raise BrokenResource(place=place, reason="it has more than {count} parts", count=MAX_PARTS)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _is_deep(raw):
        raise _too_deep(place)
    try:
        resource: dict[str, Any] = _decoder.decode(raw)
    except RecursionError as error:
        raise _too_deep(place) from error
    except ArithmeticError as error:
        raise BrokenResource(place=place, reason="it has a number beyond all bounds") from error
    except msgspec.ValidationError as error:
        reason = "it has a number beyond all bounds" if "range" in str(error) else "it is no JSON object"
        raise BrokenResource(place=place, reason=reason) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenResource(place=place, reason="it is not JSON in UTF-8") from error
    if _encoder.encode(resource) != raw and _has_twice(raw):
        raise BrokenResource(place=place, reason="a property occurs twice in the same object")
    return resource


def _too_deep(place: str) -> BrokenResource:
    return BrokenResource(place=place, reason="it is nested more than {levels} levels deep", levels=MAX_DEPTH)


def _is_deep(raw: bytes) -> bool:
    """Whether brackets nest deeper than MAX_DEPTH, without building anything: strings go, then layer after layer."""
    if b"\\" in raw:
        raw = _ESCAPE.sub(b"", raw)
    brackets = raw.translate(None, _NOT_STRUCTURE).replace(b'""', b"")  # most strings; the pattern is slow
    brackets = _STRING.sub(b"", brackets).translate(_FLAT)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"{}", b"")
        if not brackets:
            return False
    return True


def _has_twice(raw: bytes) -> bool:
    """Whether an object has a property twice. Slow; asked only where the bytes don't come out again as they went in."""
    try:
        json.loads(raw, object_pairs_hook=_unique, parse_float=str, parse_int=str)
    except KeyError:
        return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise KeyError
