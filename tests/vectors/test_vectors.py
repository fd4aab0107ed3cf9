"""The files of vectors are what this program makes; and a reader who shares nothing with it reads them."""

import ast
from pathlib import Path

import pytest

from tests.vectors.making import SHEETS, make
from tests.vectors.sheets import FOLDER, Sheet, parse, read

SECOND = sorted((FOLDER / "second").glob("*.py"))
ALLOWED = {"nacl", "cryptography", "msgspec.msgpack", "zstandard", "tests.vectors.second"}
STANDARD = {"ast", "base64", "collections", "datetime", "enum", "hashlib", "re", "struct", "typing", "unicodedata"}


@pytest.mark.parametrize("name", SHEETS)
def test_each_file_is_what_is_made_now(name: str) -> None:
    """To renew them: python -m tests.vectors --write. A vector that changed is a format that changed."""
    assert (FOLDER / f"{name}.txt").read_text(encoding="utf-8") == make(name).render()


def test_no_file_of_vectors_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SHEETS)


def test_a_file_is_lines_of_names_and_hexadecimal() -> None:
    sheet = Sheet("Title", {"kept": b"k", "gone": b"g"})
    sheet.say("words = not a vector")
    sheet.put("one", b"\x01")
    sheet.text("text", "é")
    sheet.number("number", -1)
    assert sheet.drawn("kept", lambda value: value == b"k", lambda: b"new") == b"k"
    assert sheet.drawn("gone", lambda _: False, lambda: b"new") == b"new"
    assert parse(sheet.render()) == sheet.values
    with pytest.raises(ValueError, match="one"):
        sheet.put("one", b"")
    with pytest.raises(ValueError, match="one"):
        parse("one = 00\none = 01\n")
    assert read("nothing") == {}


@pytest.mark.parametrize("path", SECOND, ids=lambda path: path.stem)
def test_the_second_reader_imports_nothing_of_the_program(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            first = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
            assert first.split(".")[0] in STANDARD or any(f"{first}.".startswith(f"{one}.") for one in ALLOWED), first
