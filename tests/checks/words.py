"""Which words of the source are shown to people: what the catalogue must hold, found in the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.checks.source import PACKAGES, ROOT, functions, name_of, python_files, tree_of

PO_FILE = ROOT / "tui" / "words" / "fr" / "LC_MESSAGES" / "confrere.po"
MO_FILE = PO_FILE.with_suffix(".mo")

MARKS = {"text", "message"}  # of tui.words: what they are given is shown
PLURAL_MARK = "texts"
DETAILS = {"what", "remedy", "reason", "seen", "problem"}  # of an error: words that its sentence is filled with
BASE = "ConfrereError"

# What is found damaged, with the reason as the second value; and the one file that names such reasons.
FINDINGS = {"Finding", "Broken", "_Fault", "Caution", "Contraindication", "Purpose", "Measure", "_row", "Remark"}
OF_REASONS = "localstore/verification.py"

# Their functions return the reason why something is refused, or nothing.
OF_CONDITIONS = {
    "localstore/documents/checking.py",
    "localstore/backup/manifest.py",
    "localstore/backup/shelf.py",
    "localstore/backup/still.py",
    "localstore/keys/keyring.py",
    "sync/trust/card.py",
    "sync/papers/conditions.py",
    "sync/papers/originals.py",
    "sync/papers/soundness.py",
}


class Said(NamedTuple):
    """Words that may be shown: the singular, the plural or nothing, and where they stand."""

    singular: str
    plural: str
    place: str


def catalogue() -> Catalog:
    """The French catalogue."""
    with open(PO_FILE, "rb") as file:
        return read_po(file, locale="fr")


def everything_said() -> list[Said]:
    """All words of the packages that may be shown."""
    trees = {path: tree_of(path) for path in python_files(*PACKAGES)}
    errors = error_classes(list(trees.values()))
    return [one for path, tree in trees.items() for one in said(name_of(path), tree, errors)]


def error_classes(trees: list[ast.Module]) -> set[str]:
    """The names of the classes of errors that have a sentence."""
    found, before = {BASE}, set[str]()
    while found != before:
        before = set(found)
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & found:
                    found.add(node.name)
    return found


def said(name: str, tree: ast.Module, errors: set[str]) -> Iterator[Said]:
    """The words of one file that may be shown."""
    for node in ast.walk(tree):
        place = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            yield from _of_call(node, name, place, errors)
        elif isinstance(node, ast.ClassDef) and node.name in errors:
            yield from (Said(words, "", place) for words in _sentence(node))
        elif isinstance(node, ast.Assign) and (
            {_name(target) for target in node.targets} & DETAILS or (name == OF_REASONS and node.col_offset == 0)
        ):
            yield from (Said(words, "", place) for words in literals(node.value))
    if name in OF_CONDITIONS:
        yield from _of_conditions(name, tree)


def _of_call(node: ast.Call, name: str, place: str, errors: set[str]) -> Iterator[Said]:
    called = _name(node.func)
    if called in MARKS and name.startswith("tui/") and node.args:
        yield from (Said(words, "", place) for words in literals(node.args[0]))
    elif called == PLURAL_MARK and name.startswith("tui/"):
        singular, plural = (next(literals(argument)) for argument in node.args[:2])
        yield Said(singular, plural, place)
    elif called in FINDINGS and len(node.args) > 1:
        yield from (Said(words, "", place) for words in literals(node.args[1]))
    elif called in errors:
        for keyword in node.keywords:
            if keyword.arg in DETAILS:
                yield from (Said(words, "", place) for words in literals(keyword.value))


def _sentence(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        targets = statement.targets if isinstance(statement, ast.Assign) else [target] if target else []
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if value is not None and "sentence" in {_name(one) for one in targets}:
            yield from literals(value)


def _of_conditions(name: str, tree: ast.Module) -> Iterator[Said]:
    reasons = {_name(one): node.value for node in tree.body if isinstance(node, ast.Assign) for one in node.targets}
    for _, function in functions(tree):
        if function.returns is None or _name(function.returns) != "str":
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                value = reasons.get(_name(node.value), node.value)
                yield from (Said(words, "", f"{name}:{node.lineno}") for words in literals(value))


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, where they are written out."""
    match node:
        case ast.Constant(value=str(words)) if words:
            yield words
        case ast.IfExp(body=one, orelse=other):
            yield from literals(one)
            yield from literals(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from literals(value)


def put_together(tree: ast.Module, errors: set[str]) -> Iterator[int]:
    """The lines where words for people are put together with their values, so that no catalogue can hold them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in errors:
            for keyword in node.keywords:
                if keyword.arg in DETAILS and _has_words(keyword.value):
                    yield node.lineno


def _has_words(node: ast.expr) -> bool:
    """Whether this is an f-string with a word of its own in it."""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return any(isinstance(part, ast.Constant) and any(map(str.isalpha, str(part.value))) for part in parts)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def all_literals(folders: tuple[str, ...] = PACKAGES) -> set[str]:
    """Every text that is written out anywhere in the packages."""
    paths: list[Path] = python_files(*folders)
    return {
        node.value
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
