"""What elements each type of FHIR R4 has: their types, and which of them repeat.

XML does not tell a list of one from a single value, nor `1` the number from `1` the text; this table does. It is data
beside this module, made by tests/fhir/make_elements.py, with its sources and licences in its first lines.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

RESOURCE = "Resource"
TEXT, BOOLEAN, NUMBER, XHTML = "text", "boolean", "number", "xhtml"
PRIMITIVES = frozenset({TEXT, BOOLEAN, NUMBER, XHTML})


class Element(NamedTuple):
    """An element of a type: what it holds (a type, or one of PRIMITIVES), and whether it repeats."""

    type: str
    repeats: bool


Elements = dict[str, Element]


@cache
def elements_of(name: str) -> Elements:
    """The elements of a type by name, inherited ones too; empty for a type that R4 does not have."""
    line = _table().get(name)
    if line is None:
        return {}
    parent, *own = line.split()
    found = dict(elements_of(parent))
    for one in own:
        element, _, kind = one.partition(":")
        found[element] = Element(kind.removesuffix("*"), kind.endswith("*"))
    return found


@cache
def is_resource(name: str) -> bool:
    """Whether R4 has a resource of that type, one that can stand by itself."""
    parent = _table().get(name, "").partition(" ")[0]
    return parent in (RESOURCE, "DomainResource") and name != "DomainResource" or (bool(parent) and is_resource(parent))


@cache
def _table() -> dict[str, str]:
    table = files("localstore.fhir").joinpath("r4_elements.txt").read_text("utf-8")
    lines = (line.partition(" ") for line in table.splitlines() if not line.startswith("#"))
    return {name: rest for name, _, rest in lines}
