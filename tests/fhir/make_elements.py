"""Makes the tables of `localstore/fhir` from the models of fhir.resources, read as text and never imported.

    pip download --no-deps fhir.resources==6.1.0 && unzip fhir.resources-6.1.0-*.whl -d UNPACKED
    python -m tests.fhir.make_elements UNPACKED/fhir/resources

Release 6.1.0 is the last one that models FHIR 4.0.1; types that came with 4.3.0 (R4B) are added from the installed
release, which also tells what R5 and STU3 have otherwise. A model gives the elements of a type, their types, and which
of them repeat: no more is taken.
"""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

ELEMENTS_HEAD = """\
# The elements of every type of FHIR R4, for reading its XML form: TYPE PARENT element:type element:type* ...
# A star means that the element repeats, so that JSON has it in an array. Types in lower case are primitive: text,
# boolean, number, and xhtml. Made by tests/fhir/make_elements.py from fhir.resources 6.1.0 (FHIR 4.0.1), and for the
# types that only R4B has from fhir.resources' R4B models (FHIR 4.3.0).
# fhir.resources: Copyright (c) 2019, Md Nazrul Islam, BSD licence. The definitions of FHIR: HL7, CC0 1.0.
"""
SIGNS_HEAD = """\
# What tells that a resource is of R5 (5:) or of STU3 (3:) and not of FHIR R4: a type alone in its line exists only
# there; TYPE 5:name means that R4's type of that name has no such property, and 5:name=KIND that in R5 it is in JSON an
# a(rray), o(bject), s(tring), n(umber) or b(oolean), which in R4 it is not. Made by tests/fhir/make_elements.py from
# fhir.resources. Copyright (c) 2019, Md Nazrul Islam, BSD licence. The definitions of FHIR: HL7, CC0 1.0.
"""
TARGET = Path(__file__).parents[2] / "localstore/fhir"
_ROOTS = ("Resource", "DomainResource", "CanonicalResource", "MetadataResource")
_KINDS = {"text": "s", "xhtml": "s", "boolean": "b", "number": "n"}
_NUMBERS = {"Decimal", "Integer", "PositiveInt", "UnsignedInt"}
_NOT_ELEMENTS = {"id", "resource_type", "url"}
_WORD = re.compile(r"fhirtypes\.(\w+)|\b(bool)\b")


def types_in(folder: Path) -> dict[str, str]:
    """The line of each type that the models in a folder define, by the name of the type."""
    lines: dict[str, str] = {}
    for file in sorted(folder.glob("*.py")):
        for found in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(found, ast.ClassDef) and not file.name.startswith(("fhirtypes", "__", "fhirabstract")):
                parent = ast.unparse(found.bases[0]).rpartition(".")[2] if found.bases else "-"
                is_root = found.name in ("Element", "Resource", "Base") or "Abstract" in parent
                lines[found.name] = " ".join([found.name, "-" if is_root else parent, *elements(found)])
    return lines


def elements(model: ast.ClassDef) -> Iterator[str]:
    """`name:type` of each element of a model, with a star where it repeats."""
    for field in model.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if field.target.id.endswith("__ext"):
            continue
        name = alias(field) or field.target.id
        is_resource_id = name == "id" and model.name == "Resource"
        if (name in _NOT_ELEMENTS and not (name == "url" and model.name != "Extension")) and not is_resource_id:
            continue
        annotation = ast.unparse(field.annotation)
        if kind := kind_of(annotation):
            yield f"{name}:{kind}{'*' if 'List[' in annotation else ''}"


def alias(field: ast.AnnAssign) -> str:
    """What the element is called in FHIR."""
    if isinstance(field.value, ast.Call):
        for keyword in field.value.keywords:
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ""


def kind_of(annotation: str) -> str:
    """The type's name, or the JSON type of a primitive; empty for what is none of FHIR."""
    found = _WORD.search(annotation)
    if found is None:
        return ""
    name = found[1] or "bool"
    if name == "bool" or name == "BooleanType":
        return "boolean"
    plain = name.removesuffix("Type")
    if plain in _NUMBERS:
        return "number"
    if plain == "Xhtml":
        return "xhtml"
    primitive = {
        "String", "Base64Binary", "Code", "Id", "Uri", "Oid", "Uuid", "Canonical", "Url", "Markdown", "Date",
        "DateTime", "Instant", "Time",
    }  # fmt: skip
    return "text" if plain in primitive else plain


def resources_in(lines: dict[str, str]) -> dict[str, dict[str, str]]:
    """The elements of each resource type, inherited ones too, as JSON kinds."""

    def chain(name: str) -> list[str]:
        return [name, *chain(lines[name].split()[1])] if name in lines else []

    found = {}
    for name in lines:
        every = chain(name)
        if "Resource" in every and name not in _ROOTS:
            pairs = [one.split(":") for parent in reversed(every) for one in lines[parent].split()[2:]]
            found[name] = {element: "a" if kind.endswith("*") else _KINDS.get(kind, "o") for element, kind in pairs}
    return found


def signs(ours: dict[str, dict[str, str]], release: str, theirs: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """What tells each type of another release from R4's type of that name."""
    found: dict[str, list[str]] = {}
    for name, elements_there in theirs.items():
        if name not in ours:
            found[name] = [f"{release}:"]
            continue
        here = ours[name]
        found[name] = [f"{release}:{one}" for one in sorted(elements_there) if one not in here] + [
            f"{release}:{one}={kind}" for one, kind in sorted(elements_there.items()) if here.get(one, kind) != kind
        ]
    return found


def main(folder: Path) -> None:
    """Write both tables."""
    base = Path(str(files("fhir.resources")))
    lines = types_in(folder)
    newer = types_in(base / "R4B")
    ours = {
        name: resources_in(newer).get(name, {}) | found
        for name, found in (resources_in(newer) | resources_in(lines)).items()
    }
    lines = newer | lines
    table = ELEMENTS_HEAD + "\n".join(lines[name] for name in sorted(lines)) + "\n"
    (TARGET / "r4_elements.txt").write_text(table, "utf-8")
    newest = signs(ours, "5", resources_in(types_in(base)))
    oldest = signs(ours, "3", resources_in(types_in(base / "STU3")))
    both = {name: [*newest.get(name, ()), *oldest.get(name, ())] for name in sorted(newest | oldest)}
    table = SIGNS_HEAD + "\n".join(" ".join([name, *found]) for name, found in both.items() if found) + "\n"
    (TARGET / "other_releases.txt").write_text(table, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
