"""Tables for a spreadsheet: nothing in them is computed, everything comes back."""

import csv
import io
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.questions import table
from tui.display import safe

DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(text: str) -> list[list[str]]:
    """The cells as a spreadsheet sees them."""
    assert text.startswith(table.MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(table.MARK), newline=""), delimiter=table.SEPARATOR))


@pytest.mark.parametrize("first", DANGEROUS)
def test_what_begins_like_a_formula_is_marked_as_text(first: str) -> None:
    assert table.cell(f"{first}HYPERLINK(1)") == f"'{first}HYPERLINK(1)"
    assert table.cell(f" \u00a0{first}1") == f"' \u00a0{first}1"


@pytest.mark.parametrize("before", ["\u3000", "\u2003", "\v", "\t", "\n", "\r\n", "\u2028", "\u200d", "\x1c"])
def test_white_space_of_any_kind_hides_no_formula(before: str) -> None:
    shown = table.cell(f"{before}=1+1")
    assert not shown.lstrip().startswith("=") and not shown.startswith(before + "=")
    assert shown.startswith("'") or shown.startswith("\ufffd")


@pytest.mark.parametrize(
    "hostile", ["\x1b]52;c;AA\x07", "\x9b31m", "\u202e", "\u2066", "\x00", "\r", "\ue000", "\u200b"]
)
def test_no_cell_commands_a_terminal(hostile: str) -> None:
    shown = table.cell(f"Moreau{hostile}x")
    assert shown == safe(f"Moreau{hostile}x") and "\ufffd" in shown
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Co"} for letter in shown)


def test_what_does_not_stays_as_it_is() -> None:
    cells: list[table.Cell] = ["Moreau", "", "12-03", "a=b", None, -3, Decimal("-7.5"), 2.5]
    assert [table.cell(one) for one in cells] == ["Moreau", "", "12-03", "a=b", "", "-3", "-7.5", "2.5"]


@given(st.lists(st.lists(words, min_size=3, max_size=3), max_size=5))
def test_no_cell_can_be_a_formula_and_all_come_back(rows: list[list[str]]) -> None:
    text = table.csv_text(["a", "b", "c"], rows)
    back = read(text)
    assert back == [["a", "b", "c"], *([table.cell(one) for one in row] for row in rows)]
    for row, cells in zip(rows, back[1:], strict=True):
        for told, cell in zip(row, cells, strict=True):
            assert len(cell) <= len(told) + 1
            assert not cell.lstrip().startswith(DANGEROUS)
            assert not any(unicodedata.category(letter) in {"Cc", "Co", "Zl", "Zp"} for letter in cell)


@pytest.mark.parametrize("delimiter", [";", ","])
def test_neither_separator_opens_a_cell(delimiter: str) -> None:
    text = table.csv_text(["a"], [['x;=1+1,=2+2";=3+3']]).removeprefix(table.MARK)
    ((_,), (cell,)) = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert cell == 'x;=1+1,=2+2";=3+3'
