"""Tables for a spreadsheet: CSV in which nothing that a patient's record holds is taken for a formula. Pure.

Characters that command a terminal (controls, escape sequences, marks that turn the reading direction) are replaced as
on a screen: a table may be printed on one. A cell that begins like a formula gets an apostrophe in front, which
spreadsheets take for "this is text" (OWASP, CSV Injection). Every cell stands in double quotes, so that neither
separator, comma nor semicolon, opens a new one. The text begins with a byte order mark and is separated by semicolons:
so a French spreadsheet opens it with its accents and in columns. Lines end as RFC 4180 says.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | float | Decimal | None

SEPARATOR = ";"
MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, in full width too.
_FORMULA = frozenset("=+-@＝＋－＠")
# Needed by Persian and Indic scripts, and seen by nobody before a formula.
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# Control (Cc), format such as bidi marks (Cf), surrogates, private use, unassigned, line separators; as `tui.display`.
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def cell(value: Cell) -> str:
    """A cell as text that no spreadsheet computes and no terminal obeys. Numbers stay numbers: only words are
    suspected. Line breaks and tabs become spaces."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    shown = value if value.isascii() and value.isprintable() else _harmless(value)
    begins = _begin(shown)
    return f"'{shown}" if begins in _FORMULA and begins else shown


def _harmless(value: str) -> str:
    spaced = value.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(one) in _HARMFUL and one not in _JOINERS else one
        for one in spaced
    )


def _begin(value: str) -> str:
    """The first character that is not white space of any kind."""
    return next((one for one in value if not one.isspace() and one not in _JOINERS), "")


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole table as CSV, with its line of headings."""
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text, delimiter=SEPARATOR, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(heading) for heading in headings])
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
