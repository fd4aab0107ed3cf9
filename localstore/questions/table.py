"""Tables for a spreadsheet: CSV in which nothing that a patient's record holds is taken for a formula. Pure.

A cell that begins like a formula gets an apostrophe in front, which spreadsheets take for "this is text" (OWASP, CSV
Injection). Every cell stands in double quotes, so that neither separator, comma nor semicolon, opens a new one. The
text begins with a byte order mark and is separated by semicolons: so a French spreadsheet opens it with its accents and
in columns. Lines end as RFC 4180 says.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | float | Decimal | None

SEPARATOR = ";"
MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, in full width too; and what it drops before looking.
_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
_DROPPED = " \u00a0\u202f\u200b\ufeff"


def cell(value: Cell) -> str:
    """A cell as text that no spreadsheet computes. Numbers stay numbers: only words are suspected."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    begins = value.lstrip(_DROPPED)[:1]
    return f"'{value}" if begins in _FORMULA and begins else value


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole table as CSV, with its line of headings."""
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text, delimiter=SEPARATOR, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(heading) for heading in headings])
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
