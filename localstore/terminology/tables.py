"""Reading tables of codes that the user owns: ATC, CISP-2, and the files of the public French drug database. Pure.

Nothing is shipped and nothing is downloaded. A table is lines of columns, read one at a time; what is wrong is named
with its line, and then nothing of the file is taken. Sources of the forms: "Contenu et format des fichiers
téléchargeables dans la BDPM" (ANSM): tabs, no header, no quotes, CIS_bdpm, CIS_COMPO and MITM in Windows-1252, CIS_CIP
in UTF-8; ATC and CISP-2 have no official file: a code and a label, with tabs or semicolons, and perhaps a header.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from localstore.terminology.errors import BadTable, BadTableLine

ATC, CISP2, BDPM = "atc", "cisp2", "bdpm"
SYSTEMS = (ATC, CISP2, BDPM)
MEDICINES, PRESENTATIONS, SUBSTANCES, GROUPS = "medicines", "presentations", "substances", "groups"

MAX_LINE_BYTES = 65_536  # the longest line of the public files has some 2,000
MAX_FILE_BYTES = 256 * 1024 * 1024  # the largest of them has 4 MB
MAX_ROWS = 2_000_000
MAX_LABEL = 1_000  # characters
SEPARATOR = "\x1f"  # between the medicine and the words of a presentation

_BOM_8, _BOM_16 = codecs.BOM_UTF8, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CODE_OF_ATC = re.compile(r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?")
_CODE_OF_CISP2 = re.compile(r"[A-Z-][0-9]{2}")
_CIS, _CIP13 = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{13}")


class Row(NamedTuple):
    """A code and what it means."""

    code: str
    label: str


class Form(NamedTuple):
    """How a file is read: the system that it belongs to, which part of it, and its reader of one line of columns.

    The reader returns None for a line that says nothing, and raises BadTable with the reason for a wrong one."""

    system: str
    part: str
    read: Callable[[list[str]], Row | None]


def form_of(file: str, system: str = "") -> Form:
    """The form of a file, by its name and by the system that the user says. Raises BadTable."""
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    for beginning, form in _PUBLIC_FILES.items():
        if name.startswith(beginning) and system in ("", BDPM):
            return form
    guessed = system or next((key for word, key in _GUESSES if word in name), "")
    if guessed in _CODED:
        return _CODED[guessed]
    if guessed == BDPM:
        reason = "its name is none of CIS_bdpm, CIS_CIP_bdpm, CIS_COMPO_bdpm and CIS_MITM"
    else:
        reason = "its name does not say of which system it is; say so with --system"
    raise BadTable(file=file, reason=reason)


def encoding_of(blocks: Iterable[bytes]) -> str:
    """UTF-8 where all of the file is that, else Windows-1252; UTF-16 where the file begins by saying so."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for block in blocks:
            if first and block.startswith(_BOM_16):
                return "utf-16"
            first = False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def rows(file: str, lines: Iterable[bytes], encoding: str, form: Form) -> Iterator[Row]:
    """The rows of a table, without those that repeat the one before. `lines` are those of the file, none longer than
    MAX_LINE_BYTES + 1. Raises BadTable, BadTableLine."""
    delimiter = "\t" if form.system == BDPM else ""
    count, previous, is_first = 0, None, True
    for number, line in enumerate(lines, 1):
        said = _decoded(file, number, line, encoding).strip("\ufeff").rstrip("\r\n")
        if not said.strip():
            continue
        delimiter = delimiter or _delimiter(file, number, said)
        try:
            row = form.read(_columns(said, delimiter, quoted=form.system != BDPM))
        except BadTable as error:
            if is_first and form.system != BDPM:
                is_first = False  # a header: there is one at most
                continue
            raise BadTableLine(file=file, line=number, reason=error.details["reason"]) from error
        is_first = False
        if row is None or row == previous:
            continue
        count, previous = count + 1, row
        if count > MAX_ROWS:
            raise BadTableLine(file=file, line=number, reason="there are too many lines")
        yield row
    if not count:
        raise BadTable(file=file, reason="there is no line with a code and its words")


def _decoded(file: str, number: int, line: bytes, encoding: str) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise BadTableLine(file=file, line=number, reason="the line is too long")
    if b"\x00" in line:
        raise BadTableLine(file=file, line=number, reason="this is no text")
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadTableLine(file=file, line=number, reason="this is no text") from error


def _delimiter(file: str, number: int, line: str) -> str:
    for one in ("\t", ";"):
        if one in line:
            return one
    raise BadTableLine(file=file, line=number, reason="the columns are not separated by tabs or semicolons")


def _columns(line: str, delimiter: str, *, quoted: bool) -> list[str]:
    if not quoted:
        return [part.strip() for part in line.split(delimiter)]
    try:
        return [part.strip() for part in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise BadTable(file="", reason="the columns cannot be told apart") from error


def _label(text: str) -> str:
    if not text:
        raise BadTable(file="", reason="there are no words beside the code")
    if len(text) > MAX_LABEL:
        raise BadTable(file="", reason="the words are too long")
    return text


def _code(text: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(text):
        raise BadTable(file="", reason="this is no code of the system")
    return text


def _at(columns: list[str], place: int) -> str:
    if place >= len(columns):
        raise BadTable(file="", reason="columns are missing")
    return columns[place]


def _atc_row(columns: list[str]) -> Row:
    return Row(_code(_at(columns, 0).replace(" ", "").upper(), _CODE_OF_ATC), _label(_at(columns, 1)))


def _cisp_row(columns: list[str]) -> Row:
    return Row(_code(_at(columns, 0).upper(), _CODE_OF_CISP2), _label(_at(columns, 1)))


def _medicine(columns: list[str]) -> Row:
    return Row(_code(_at(columns, 0), _CIS), _label(_at(columns, 1)))


def _presentation(columns: list[str]) -> Row | None:
    """CIS, CIP7, label, three states and dates, CIP13: the number on the box leads to the medicine."""
    cis, code = _code(_at(columns, 0), _CIS), _at(columns, 6)
    return Row(_code(code, _CIP13), f"{cis}{SEPARATOR}{_label(_at(columns, 2))}") if code else None


def _substance(columns: list[str]) -> Row | None:
    """CIS, element, code of the substance, name of the substance."""
    cis, name = _code(_at(columns, 0), _CIS), _at(columns, 3)
    return Row(cis, _label(name)) if name else None


def _group(columns: list[str]) -> Row | None:
    """CIS, ATC code."""
    cis, code = _code(_at(columns, 0), _CIS), _at(columns, 1).upper()
    return Row(cis, _code(code, _CODE_OF_ATC)) if code else None


_CODED = {ATC: Form(ATC, "", _atc_row), CISP2: Form(CISP2, "", _cisp_row)}
_PUBLIC_FILES = {
    "cis_cip_bdpm": Form(BDPM, PRESENTATIONS, _presentation),
    "cis_compo": Form(BDPM, SUBSTANCES, _substance),
    "cis_mitm": Form(BDPM, GROUPS, _group),
    "cis_bdpm": Form(BDPM, MEDICINES, _medicine),
}
_GUESSES = (("cisp", CISP2), ("icpc", CISP2), ("atc", ATC))
