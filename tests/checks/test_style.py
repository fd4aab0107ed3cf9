"""Rules of style that no linter knows: docstrings, empty `__init__.py`, no blanket except, no leftovers."""

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.checks.source import PACKAGES, contracts, functions, is_in, module_of, name_of, python_files, tree_of

SOURCE = python_files(*PACKAGES)

# Packages whose `__init__.py` re-exports their own names.
OPEN_PACKAGES = {"sync/protocol/__init__.py"}

EVERYTHING = {"Exception", "BaseException"}

# "path::function" -> why a blanket except is right there: the last line of defence of a process.
BLANKET_EXCEPTS: dict[str, str] = {}

# What Textual calls by these names is documented by Textual.
HOOKS = re.compile(r"compose$|render$|on_|action_|watch_|validate_|compute_|check_action$")

# Each with a bracket in it, so that this file is not among what is found.
LEFTOVERS = re.compile(
    r"\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b|NotImplemented[E]rror|pragma: no[ ]cover|type: ignor[e](?!\[)"
)


Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def undocumented(name: str, tree: ast.Module, bases: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    """The module, its public classes, functions and methods that have no docstring, neither here nor in a base."""
    if not ast.get_docstring(tree):
        yield name
    yield from (f"{name}::{place}" for place, node in _public(tree.body) if not ast.get_docstring(node))
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")):
        for method, _ in _public(owner.body):
            if not HOOKS.match(method) and not _explained(owner, method, bases):
                yield f"{name}::{owner.name}.{method}"


def _public(body: list[ast.stmt]) -> Iterator[tuple[str, Documented]]:
    return ((node.name, node) for node in body if isinstance(node, Documented) and not node.name.startswith("_"))


def _explained(owner: ast.ClassDef, method: str, bases: Mapping[str, ast.ClassDef]) -> bool:
    if any(name == method and ast.get_docstring(node) for name, node in _public(owner.body)):
        return True
    names = [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in owner.bases]
    return any(_explained(bases[name], method, bases) for name in names if name in bases and name != owner.name)


def classes() -> dict[str, ast.ClassDef]:
    """Every class of the packages by its name: a method that explains itself in a base need not do so again."""
    return {node.name: node for path in SOURCE for node in tree_of(path).body if isinstance(node, ast.ClassDef)}


def blanket_excepts(name: str, tree: ast.Module) -> Iterator[str]:
    """Handlers of everything, as `name::function`; one that ends by raising again is none."""
    owners = {id(inner): function for function, node in functions(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _is_blanket(node) and not _raises_again(node):
            yield f"{name}::{owners.get(id(node), '')}"


def _is_blanket(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in {"Exception", "BaseException"}) for one in caught
    )


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def calls_of_input_and_output(name: str, tree: ast.Module) -> Iterator[str]:
    """Calls of the built-in functions that read or write: what a pure module needs no import for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}:
                yield f"{name}:{node.lineno} {node.func.id}()"


def test_everything_public_has_a_docstring() -> None:
    bases = classes()
    assert [gap for path in SOURCE for gap in undocumented(name_of(path), tree_of(path), bases)] == []


def test_every_test_module_says_what_it_tests() -> None:
    assert [name_of(path) for path in python_files("tests") if not ast.get_docstring(tree_of(path))] == []


def test_an_init_holds_a_docstring_and_nothing_else() -> None:
    inits = [path for path in python_files(*PACKAGES, "tests") if path.name == "__init__.py"]
    assert len(inits) > len(PACKAGES)
    assert {name_of(path) for path in inits if len(tree_of(path).body) != 1} <= OPEN_PACKAGES


def test_no_blanket_except_outside_the_entry_points() -> None:
    there = {place for path in SOURCE for place in blanket_excepts(name_of(path), tree_of(path))}
    assert there == set(BLANKET_EXCEPTS)


def test_no_leftovers() -> None:
    lines = [
        f"{name_of(path)}:{number}"
        for path in python_files(*PACKAGES, "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LEFTOVERS.search(line)
    ]
    assert lines == []


@pytest.mark.parametrize("contract", ["core", "decisions"])
def test_pure_modules_call_no_input_or_output(contract: str) -> None:
    pure = [path for path in SOURCE if is_in(module_of(path), contracts()[contract]["source_modules"])]
    assert pure
    assert [call for path in pure for call in calls_of_input_and_output(name_of(path), tree_of(path))] == []


def test_gaps_are_found() -> None:
    tree = ast.parse("class Chart(Base):\n    def draw(self): ...\n    def on_key(self): ...\ndef _inner(): ...\n")
    assert list(undocumented("a.py", tree, {})) == ["a.py", "a.py::Chart", "a.py::Chart.draw"]


def test_a_method_is_explained_by_its_base() -> None:
    tree = ast.parse('"""M."""\nclass Chart(Base[int]):\n    """C."""\n    def draw(self): ...\n')
    base = ast.parse('class Base:\n    def draw(self):\n        """Draw."""\n').body[0]
    assert isinstance(base, ast.ClassDef)
    assert list(undocumented("a.py", tree, {"Base": base})) == []
    assert list(undocumented("a.py", tree, {})) == ["a.py::Chart.draw"]


def test_blanket_excepts_are_found() -> None:
    tree = ast.parse(
        "def swallow():\n    try: ...\n    except (OSError, Exception): ...\n"
        "def undo():\n    try: ...\n    except BaseException:\n        raise\n"
        "try: ...\nexcept: ...\n"
    )
    assert sorted(blanket_excepts("a.py", tree)) == ["a.py::", "a.py::swallow"]


@pytest.mark.parametrize(
    ("start", "end"),
    [("# TO", "DO"), ("raise NotImplemented", "Error"), ("# type: ", "ignore"), ("# pragma: no", " cover")],
)
def test_leftovers_are_found(start: str, end: str) -> None:
    assert LEFTOVERS.search(start + end)


def test_an_ignore_that_names_its_rule_is_no_leftover() -> None:
    assert not LEFTOVERS.search("x  # type: ignore[assignment]")
