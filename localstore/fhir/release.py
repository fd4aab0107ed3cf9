"""Which release of FHIR a resource is of, as far as it shows: what is not R4 must not be read as if it were.

R5 and STU3 use R4's names for other things, so a resource with signs of either is kept as it came and not understood.
A resource without any sign is R4's. The tables beside this module say which types and properties exist only elsewhere.
"""

import base64
import re
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from localstore.fhir.elements import is_resource

R5 = "it is of FHIR R5"
STU3 = "it is of FHIR STU3"
ANOTHER = "it is of another release than FHIR R4"
UNKNOWN_TYPE = "FHIR R4 has no resource of this type"
NOT_THE_SHAPE = "it does not have the shape of FHIR R4"

REASONS = (R5, STU3, ANOTHER, UNKNOWN_TYPE, NOT_THE_SHAPE)

BINARY = "Binary"
XML = "application/fhir+xml"
UNREAD = "urn:confrere:fhir:unread"  # the system of the tag of a stand-in; its code is the type of what it stands for
_NAMES = {"5": R5, "3": STU3}
# How a profile of FHIR itself names its release: .../fhir/5.0/StructureDefinition/X, or ...StructureDefinition/X|5.0.0
_STATED = re.compile(
    r"http://hl7\.org/fhir/(?:(\d)\.\d+(?:\.\d+)?/StructureDefinition/\w+|StructureDefinition/\w+\|(\d)\.[\d.]+)$"
)
_REFERENCE = re.compile(
    r"<(?:[\w.-]+:)?(?:subject|patient|beneficiary|for|individual)\b[^<>]*>\s*"
    r"""<(?:[\w.-]+:)?reference\s+value\s*=\s*(?:"([^"<&]*)"|'([^'<&]*)')"""
)
_KINDS: dict[type, str] = {list: "a", dict: "o", str: "s", bool: "b"}


class Unread(NamedTuple):
    """A resource that is kept and not understood: its type, and why, as one of the reasons above."""

    type: str
    reason: str


def unread(resource: dict[str, Any]) -> Unread | None:
    """Why a decoded resource is not to be read as R4's, or None where nothing says so. Its type must be a word."""
    kind = resource["resourceType"]
    if kind == BINARY and (found := _stood_for(resource)):
        return found
    reason = _reason(_signs_in(kind, resource)) or ("" if is_resource(kind) else UNKNOWN_TYPE)
    return Unread(kind, reason) if reason else None


def stand_in(kind: str, xml: bytes) -> dict[str, Any]:
    """A Binary in place of a resource whose XML has no exact JSON: `xml` verbatim, and a tag that says what it was.

    Its securityContext names the patient, where the XML does: R4 has no other place for it in a Binary.
    """
    found = _REFERENCE.search(xml.decode())
    about = {"securityContext": {"reference": found[1] or found[2]}} if found else {}
    reason = _reason(_signs_of_type(kind)) or (NOT_THE_SHAPE if is_resource(kind) else UNKNOWN_TYPE)
    return {
        "resourceType": BINARY,
        "meta": {"tag": [{"system": UNREAD, "code": kind, "display": reason}]},
        "contentType": XML,
        **about,
        "data": base64.b64encode(xml).decode(),
    }


def _reason(releases: set[str]) -> str:
    if len(releases) > 1:
        return ANOTHER
    return next((_NAMES.get(one, ANOTHER) for one in releases), "")


def _signs_of_type(kind: str) -> set[str]:
    return _signs().get(kind, {}).get("", {}).get("", set())


def _signs_in(kind: str, resource: dict[str, Any]) -> set[str]:
    """The releases that a resource may be of, by its type, its properties, and what it states."""
    known = _signs().get(kind, {})
    found = set(known.get("", {}).get("", ()))
    for name in known.keys() & resource.keys():
        kinds = known[name]
        found |= kinds.get("", set()) | kinds.get(_KINDS.get(type(resource[name]), "n"), set())
    # A Patient is the same in all three but for what was found above, and everything else hangs on him.
    return found or (set() if kind == "Patient" else _stated(resource))


@cache
def _signs() -> dict[str, dict[str, dict[str, set[str]]]]:
    """By type and property: the releases that have it so, by the kind of JSON that it is there, empty for any kind.
    An empty property stands for the type itself."""
    found: dict[str, dict[str, dict[str, set[str]]]] = {}
    for line in files("localstore.fhir").joinpath("other_releases.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, *signs = line.split()
        for sign in signs:
            release, _, stated = sign.partition(":")
            name, _, json_kind = stated.partition("=")
            found.setdefault(kind, {}).setdefault(name, {}).setdefault(json_kind, set()).add(release)
    return found


def _stated(resource: dict[str, Any]) -> set[str]:
    """The releases that a resource says it follows, by the profiles of FHIR itself and by `fhirVersion`."""
    meta = resource.get("meta")
    profiles = meta.get("profile") if type(meta) is dict else None
    stated = []
    for profile in profiles if type(profiles) is list else ():
        if type(profile) is str and (found := _STATED.match(profile)):
            stated.append(found[1] or found[2])
    version = resource.get("fhirVersion")
    if type(version) is str and version[:1].isdigit():
        stated.append(version[:1])
    return set(stated) - {"4"}


def _stood_for(resource: dict[str, Any]) -> Unread | None:
    meta = resource.get("meta")
    tags = meta.get("tag") if type(meta) is dict else None
    for tag in tags if type(tags) is list else ():
        if type(tag) is dict and tag.get("system") == UNREAD and type(tag.get("code")) is str:
            return Unread(tag["code"], tag["display"] if tag.get("display") in REASONS else UNKNOWN_TYPE)
    return None
