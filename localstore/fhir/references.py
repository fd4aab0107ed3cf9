"""References between resources: the names that a resource goes by, and the names that it uses for others."""

import re
from collections.abc import Iterator
from typing import Any

HISTORY = "/_history/"
_REFERENCE = re.compile(rb'"reference":"([^"]*)"')


def names_of(resource: dict[str, Any], url: str) -> list[str]:
    """Every text by which others may refer to this resource, `url` being its fullUrl (or empty).

    The fullUrl; `Type/id`; and `Type?identifier=SYSTEM|VALUE` for each of its identifiers (R4, http, conditional
    references).
    """
    kind = resource.get("resourceType")
    names = [url] if url else []
    if type(kind) is not str:
        return names
    identifier = resource.get("id")
    if type(identifier) is str and identifier:
        names.append(f"{kind}/{identifier}")
    identifiers = resource.get("identifier")
    if type(identifiers) is dict:  # a few types have only one
        identifiers = [identifiers]
    if type(identifiers) is list:
        names += _by_identifiers(kind, identifiers)
    return list(dict.fromkeys(names))


def _by_identifiers(kind: str, identifiers: list[Any]) -> Iterator[str]:
    for identifier in identifiers:
        if type(identifier) is not dict:
            continue
        system, value = identifier.get("system"), identifier.get("value")
        if type(value) is str and value and (system is None or type(system) is str):
            yield f"{kind}?identifier={system or ''}|{value}"


def is_absolute(reference: str) -> bool:
    """Whether a reference means the same wherever it stands: by address, by urn, or by an identifier with a system.

    `Patient/1` is somebody else in every system.
    """
    kind, question, identifier = reference.partition("?identifier=")
    return "://" in kind or kind.startswith("urn:") or (bool(question) and not identifier.startswith("|"))


def means_patient(reference: str) -> bool:
    """Whether a reference says of itself that it means a patient."""
    return "Patient" in reference.partition("?")[0].split("/")


def normal(reference: str) -> str:
    """A reference as `names_of` writes it: without the version that it may ask for, and without a fragment."""
    found = reference.find(HISTORY)
    if found > 0:
        reference = reference[:found]
    return reference if reference.startswith("#") else reference.partition("#")[0]


def collect_references(resource: dict[str, Any], raw: bytes = b"") -> list[str]:
    """What a resource refers to, each once: references, references by identifier, files in Binaries.

    Contained resources are looked through as well; references to them (`#id`) are left out. With `raw`, the resource's
    own compact bytes, it is four times as fast for nearly all resources.
    """
    found = _scanned(raw) if raw else None
    if found is None:
        found = _walked(resource)
    return list(dict.fromkeys([normal(name) for name in dict.fromkeys(found) if name and name[0] != "#"]))


def _scanned(raw: bytes) -> list[str] | None:
    """The references in compact JSON, or None where only walking tells them.

    Without a backslash no string holds a quotation mark, so that these bytes can only be that property and its value.
    """
    if b"\\" in raw or b'"contentType":' in raw or b'"identifier":{' in raw:
        return None
    return [value.decode() for value in _REFERENCE.findall(raw)]


def _walked(resource: dict[str, Any]) -> list[str]:
    found: list[str] = []
    pending: list[Any] = [resource]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            for key, value in node.items():
                kind = type(value)
                if kind is dict or kind is list:
                    pending.append(value)
                elif key == "reference" and kind is str:
                    found.append(value)
                elif key == "contentType":
                    _add(found, node.get("url"))
                elif key == "type" and kind is str and type(node.get("identifier")) is dict:
                    found += _by_identifiers(value, [node["identifier"]])
        else:
            pending += [value for value in node if type(value) is dict or type(value) is list]
    return found


def _add(found: list[str], value: Any) -> None:
    if type(value) is str:
        found.append(value)
