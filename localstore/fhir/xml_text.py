"""The XML form of FHIR R4, turned into the JSON form of the same resources (R4, xml and json).

    bytes ── UTF-8 ── events (expat: no DTD, so no entities; nothing is fetched) ── nodes by R4's table ── compact JSON

What the table does not have is never guessed at: the resource of a bundle in which it stands becomes a Binary in its
place, that holds its XML verbatim and a tag that says so (`release.stand_in`). Numbers keep their digits. Pure.
"""

import re
from typing import Any, NamedTuple
from xml.parsers import expat

import msgspec

from localstore.errors import TooLarge
from localstore.fhir import release
from localstore.fhir.elements import BOOLEAN, NUMBER, PRIMITIVES, RESOURCE, XHTML, Element, elements_of, is_resource
from localstore.fhir.encodings import utf8_xml
from localstore.fhir.json_text import MAX_BUNDLE_BYTES, MAX_DEPTH, encode
from localstore.fhir.xhtml_text import SEPARATOR, Narrative
from localstore.fhir.xhtml_text import XHTML as XHTML_NAMESPACE
from localstore.import_errors import NotFhir

MAX_XML_ELEMENTS = 2_000_000  # of one file: 64 MiB of resources of the usual size have 1.5 million
# What is held as objects at one time, of about 130 bytes each: one resource, and of a bundle what stands around them.
MAX_RESOURCE_ELEMENTS = 150_000  # large ones met have 10,000
MAX_BUNDLE_ELEMENTS = 600_000  # 64 MiB of resources of the usual size are 60,000 entries of six to ten
FHIR = "http://hl7.org/fhir"
BUNDLE, ENTRY = "Bundle", "BundleEntry"
_CHUNK = 64 * 1024
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}
_START_TAG = re.compile(rb"""<[^\s/>]+((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>""")
_DECLARED = re.compile(rb"""\sxmlns(?::([^\s=]+))?\s*=""")


def to_json(data: bytes, file: str) -> bytes:
    """The one resource of an XML file as compact JSON; `file` is its name for the errors.

    Raises TooLarge, and NotFhir where it is not FHIR, not well formed, or hostile.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise TooLarge(what=file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
    return _Reader(utf8_xml(data, file), file).read()


class _Unknown(Exception):
    """Something that R4 does not have."""


class _Node:
    """One open element: what R4 has there, the properties met so far, and the value of a primitive."""

    __slots__ = ("element", "elements", "found", "name", "value")

    def __init__(self, name: str, element: Element) -> None:
        self.name, self.element = name, element
        self.elements = elements_of("Element" if element.type in PRIMITIVES else element.type)
        self.found: dict[str, Any] = {}
        self.value: Any = None

    def take(self, child: "_Node") -> None:
        """Put a child that has ended into its property."""
        value, beside = child.content()
        if not child.element.repeats:
            if child.name in self.found or f"_{child.name}" in self.found:
                raise _Unknown
            if value is not None:
                self.found[child.name] = value
            if beside:
                self.found[f"_{child.name}"] = beside
            return
        # The two arrays of a primitive that repeats stand side by side, with null where one has nothing (R4, json).
        values = self.found.setdefault(child.name, [])
        values.append(value)
        others = self.found.get(f"_{child.name}")
        if beside and others is None:
            others = self.found[f"_{child.name}"] = [None] * (len(values) - 1)
        if others is not None:
            others.append(beside or None)

    def content(self) -> tuple[Any, dict[str, Any]]:
        """What this element is in JSON, and what stands beside it in the property with the underscore."""
        kind = self.element.type
        if kind not in PRIMITIVES:
            return (self.value if kind == RESOURCE else self.found), {}
        value = self.value
        if kind == BOOLEAN:
            value = _BOOLEANS.get(value, value)
        elif kind == NUMBER and type(value) is str and _NUMBER.fullmatch(value):
            value = msgspec.Raw(value.encode())
        return value, self.found


class _Unit(NamedTuple):
    """A resource that is kept whole or replaced whole: how deep it stands, and where it begins in the bytes."""

    type: str
    depth: int
    above: int  # how many nodes are open around it
    start: int
    before: int  # how many elements were met before it
    scope: tuple[tuple[str | None, str], ...]


class _Reader:
    """Reads one file. Lives for one reading."""

    def __init__(self, data: bytes, file: str) -> None:
        self._data, self._file = data, file
        self._nodes: list[_Node] = []
        self._scope: list[tuple[str | None, str]] = []  # the namespaces declared, innermost last
        self._declared = 0  # how many of them the element that begins now has brought
        self._count = self._outside = self._depth = 0
        self._unit: _Unit | None = None
        self._is_skipping = False
        self._narrative: Narrative | None = None
        self._whole = b""
        self._parser = expat.ParserCreate("utf-8", SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.EndNamespaceDeclHandler = self._undeclare

    def read(self) -> bytes:
        """The JSON of the whole file."""
        try:
            for start in range(0, len(self._data), _CHUNK):
                self._parser.Parse(self._data[start : start + _CHUNK], False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = "its XML is not well formed in line {line}"
            raise NotFhir(file=self._file, reason=reason, line=error.lineno) from error
        except _Unknown as error:
            reason = "line {line} has what FHIR R4 does not have there"
            raise NotFhir(file=self._file, reason=reason, line=self._parser.CurrentLineNumber) from error
        return self._whole

    def _refuse_doctype(self, *_: object) -> None:
        raise NotFhir(file=self._file, reason="its XML has a DTD, which FHIR does not allow")

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._scope.append((prefix, uri or ""))
        self._declared += 1

    def _undeclare(self, _prefix: str | None) -> None:
        self._scope.pop()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        self._depth += 1
        self._check_count()
        if self._depth > MAX_DEPTH:
            raise NotFhir(file=self._file, reason="it is nested more than {levels} levels deep", levels=MAX_DEPTH)
        if self._narrative is not None:
            self._narrative.start(name, attributes)
        elif not self._is_skipping:
            try:
                self._open(name, attributes)
            except _Unknown:
                self._skip()
        self._declared = 0

    def _check_count(self) -> None:
        if self._unit is None:
            self._outside += 1
        inside = self._count - self._unit.before if self._unit is not None else 0
        limits = (MAX_XML_ELEMENTS, MAX_BUNDLE_ELEMENTS, MAX_RESOURCE_ELEMENTS)
        for count, limit in zip((self._count, self._outside, inside), limits, strict=True):
            if count > limit:
                raise TooLarge(what=self._file, limit="{count} elements", count=limit)

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(SEPARATOR)
        parent = self._nodes[-1] if self._nodes else None
        if parent is None or parent.element.type == RESOURCE:
            self._open_resource(namespace, local, parent)
            attributes = {key: value for key, value in attributes.items() if SEPARATOR not in key}
            if attributes:
                raise _Unknown
            return
        element = parent.elements.get(local)
        if element is None:
            raise _Unknown
        if element.type == XHTML and namespace == XHTML_NAMESPACE:
            self._narrative = Narrative()
            self._narrative.start(name, attributes)
        elif namespace == FHIR and element.type != XHTML:
            self._nodes.append(_with_attributes(_Node(local, element), attributes))
        else:
            raise _Unknown

    def _open_resource(self, namespace: str, local: str, parent: _Node | None) -> None:
        if parent is None and namespace != FHIR:
            raise NotFhir(file=self._file, reason="it is XML, and not FHIR's")
        if parent is not None and parent.value is not None:
            raise _Unknown
        above = len(self._nodes)
        is_entry = above == 3 and self._nodes[1].element.type == ENTRY and self._nodes[0].element.type == BUNDLE
        if is_entry or (parent is None and local != BUNDLE):
            outer = tuple(self._scope[: len(self._scope) - self._declared])
            self._unit = _Unit(local, self._depth, above, self._parser.CurrentByteIndex, self._count, outer)
        if namespace != FHIR or not is_resource(local):
            raise _Unknown
        node = _Node(local, Element(local, False))
        node.found["resourceType"] = local
        self._nodes.append(node)

    def _skip(self) -> None:
        """Go on behind the resource in which something was met that R4 does not have; nothing of it is used."""
        if self._unit is None:
            raise _Unknown
        del self._nodes[self._unit.above :]
        self._narrative = None
        self._is_skipping = True

    def _end(self, _name: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        unit = self._unit
        if self._narrative is not None:
            self._narrative.end()
            if not self._narrative.depth:
                self._end_narrative()
        elif not self._is_skipping:
            try:
                self._close(self._nodes.pop())
            except _Unknown:
                self._skip()
        if unit is not None and depth == unit.depth:
            if self._is_skipping:
                self._put_resource(release.stand_in(unit.type, self._verbatim(unit)))
            self._unit, self._is_skipping = None, False

    def _end_narrative(self) -> None:
        found, narrative = self._nodes[-1].found, str(self._narrative)
        self._narrative = None
        if "div" in found:
            self._skip()
        else:
            found["div"] = narrative

    def _close(self, node: _Node) -> None:
        if self._nodes and self._nodes[-1].element.type != RESOURCE:
            if node.element.type != RESOURCE or node.value is not None:
                self._nodes[-1].take(node)
        else:
            self._put_resource(node.found)

    def _put_resource(self, resource: dict[str, Any]) -> None:
        # Encoded at once: as text it takes a tenth of what it takes as dictionaries.
        raw = encode(resource)
        if self._nodes:
            self._nodes[-1].value = msgspec.Raw(raw)
        else:
            self._whole = raw

    def _text(self, data: str) -> None:
        if self._narrative is not None:
            self._narrative.text(data)
        elif not self._is_skipping and not data.isspace():
            self._skip()

    def _verbatim(self, unit: _Unit) -> bytes:
        """The XML of a resource that ends now, with the namespaces that were declared around it."""
        end = self._parser.CurrentByteIndex
        tag = _START_TAG.match(self._data, unit.start)
        if tag is None:
            raise _Unknown
        end = tag.end() if tag[0].endswith(b"/>") else self._data.index(b">", end) + 1
        own = {prefix.decode() or None for prefix in _DECLARED.findall(tag[1])}
        scope = {prefix: uri for prefix, uri in unit.scope if prefix not in own and prefix != "xml"}
        more = "".join(f" xmlns{':' + prefix if prefix else ''}={_quoted(uri)}" for prefix, uri in scope.items())
        return self._data[unit.start : tag.start(1)] + more.encode() + self._data[tag.start(1) : end]


def _quoted(uri: str) -> str:
    return '"' + uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'


def _with_attributes(node: _Node, attributes: dict[str, str]) -> _Node:
    kind = node.element.type
    for key, value in attributes.items():
        if SEPARATOR in key:  # of another namespace, e.g. xsi:schemaLocation, which R4 (xml) allows
            continue
        if key == "value" and kind in PRIMITIVES:
            node.value = value
        elif kind != RESOURCE and (key == "id" or (key == "url" and kind == "Extension")):
            node.found[key] = value
        else:
            raise _Unknown
    return node
