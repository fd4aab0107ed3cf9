"""Small files and small functions: nobody has to read a monster."""

import ast
from pathlib import Path

from tests.checks.source import PACKAGES, functions, name_of, python_files, tree_of

LONGEST_FILE = 350
LONGEST_TEST_FILE = 500
LONGEST_FUNCTION = 50

# "path" or "path::function" -> why it may be longer. What is no longer needed here fails.
EXCEPTIONS: dict[str, str] = {}


def too_long_file(name: str, text: str, limit: int) -> list[str]:
    """The name of the file, if it has more lines than the limit."""
    return [name] if len(text.splitlines()) > limit else []


def too_long_functions(name: str, tree: ast.AST) -> list[str]:
    """The functions of more than LONGEST_FUNCTION lines, from `def` to the last line, as `name::function`."""
    return [
        f"{name}::{function}"
        for function, node in functions(tree)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]


def found() -> list[str]:
    """Everything too long in the packages and the tests."""
    source, tests = python_files(*PACKAGES), python_files("tests")
    sizes = [(path, LONGEST_FILE) for path in source] + [(path, LONGEST_TEST_FILE) for path in tests]
    files = [long for path, limit in sizes for long in too_long_file(name_of(path), _text(path), limit)]
    return files + [long for path in source for long in too_long_functions(name_of(path), tree_of(path))]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_nothing_is_too_long() -> None:
    assert sorted(set(found()) - set(EXCEPTIONS)) == []


def test_every_exception_is_still_needed_and_has_a_reason() -> None:
    assert sorted(set(EXCEPTIONS) - set(found())) == []
    assert all(reason.strip() for reason in EXCEPTIONS.values())


def test_a_file_of_351_lines_is_found_and_one_of_350_is_not() -> None:
    assert too_long_file("long.py", "x\n" * 351, LONGEST_FILE) == ["long.py"]
    assert too_long_file("long.py", "x\n" * 350, LONGEST_FILE) == []


def test_a_method_of_51_lines_is_found_and_one_of_50_is_not() -> None:
    method = "class Chart:\n    def paint(self):\n" + "        pass\n" * 49
    assert too_long_functions("long.py", ast.parse(method)) == []
    assert too_long_functions("long.py", ast.parse(method + "        pass\n")) == ["long.py::Chart.paint"]
