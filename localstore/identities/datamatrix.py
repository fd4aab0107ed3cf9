"""The text of the INS Data Matrix that is printed on French health documents, read into an identity. Pure.

After "INS — Format datamatrix" of the Agence du numérique en santé, version 2.2. The layout, after 2D-Doc:

    "IS" "01" 22 x "0"                 the header, 26 characters
    "S1" number of 13 with its key     15 characters
    "S2" OID of the number's kind      19 or 20, variable
    "S3" given names, with spaces      1 to 100, variable
    "S4" birth name                    1 to 100, variable
    "S5" sex: F or M (or I: neither)   1
    "S6" birth date: DD-MM-YYYY        10
    "S7" birth place (COG)             5, may be missing

Fields come in any order. A variable field that is shorter than its maximum and not the last ends with <GS> (ASCII 29).
Readers that act as a keyboard write it in several ways, and a terminal may swallow it. Nothing is lost then: an OID
holds no letter and a name no digit, so that an S with a digit after it can only begin the next field.
"""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

import msgspec

from localstore.bodies import PatientBody
from localstore.errors import BadInput
from localstore.folding import fold

HEADER = "IS01" + "0" * 22
SEPARATOR = "\x1d"
MAX_LENGTH = 1024  # characters; all fields at their longest have 300, the rest is for separators and unknown fields

# What readers write for the separator, and terminals for what readers write.
_SPELLINGS = ("<GS>", "\N{SYMBOL FOR GROUP SEPARATOR}", "^]", "\N{REPLACEMENT CHARACTER}")
_SYMBOLOGY = re.compile(r"\][dQ]\d")  # the prefix by which some readers name the kind of the code (ISO/IEC 15424)
_BEGINS = re.compile(r"\s*(?:\][dQ]\d)?IS\d\d0{4}")
_NAME = r"(?:(?!S\d)[A-Za-zÀ-ÖØ-öø-ɏ '’-]){1,100}"
_FIELDS = {
    "S1": re.compile(r"\d{5}(?:\d\d|2[AB])\d{8}", re.ASCII),
    "S2": re.compile(r"[0-2](?:\.\d+)+", re.ASCII),
    "S3": re.compile(_NAME, re.ASCII),
    "S4": re.compile(_NAME, re.ASCII),
    "S5": re.compile(r"[FMI]"),
    "S6": re.compile(r"\d\d-\d\d-\d{4}", re.ASCII),
    "S7": re.compile(r"(?:\d\d|2[AB])\d{3}", re.ASCII),
}
_NEEDED = ("S1", "S2", "S3", "S4", "S5", "S6")
_LONGEST_OID = 20
_IDENTIFIER = re.compile(r"[A-Z][0-9A-Z]")
_SEXES = {"F": "female", "M": "male", "I": "unknown"}
_READ_AGAIN = "Scan it again, or type the identity."


class Scanned(NamedTuple):
    """An identity as it was printed, and the identifiers of fields that this version does not know."""

    body: PatientBody
    unknown: tuple[str, ...] = ()


def is_matrix(text: str) -> bool:
    """Whether a text begins like that of an INS Data Matrix, of this version or of another."""
    return _BEGINS.match(text[:MAX_LENGTH]) is not None


def read(text: str) -> Scanned:
    """The identity that the text of a Data Matrix holds; its status is provisional. Raises BadInput."""
    if len(text) > MAX_LENGTH:
        raise BadInput(what="This text is too long for an INS Data Matrix.", remedy=_READ_AGAIN)
    for spelling in _SPELLINGS:
        text = text.replace(spelling, SEPARATOR)
    text = unicodedata.normalize("NFC", _SYMBOLOGY.sub("", text.strip(), count=1))
    if not is_matrix(text):
        raise BadInput(what="This is not the text of an INS Data Matrix.", remedy=_READ_AGAIN)
    if not text.startswith(HEADER):
        raise BadInput(
            what="This INS Data Matrix is of a version that is not known here: {version}.",
            version=text[2:4],
            remedy="Type the identity, or use a newer version of this program.",
        )
    fields, unknown = _fields(text)
    absent = [name for name in _NEEDED if name not in fields]
    if absent:
        raise BadInput(
            what="In this INS Data Matrix something is missing: {fields}.",
            fields=", ".join(absent),
            remedy=_READ_AGAIN,
        )
    return Scanned(_body(fields), unknown)


def _fields(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields by their identifiers, and the identifiers of those that are not known."""
    fields: dict[str, str] = {}
    unknown: list[str] = []
    at = len(HEADER)
    while at < len(text):
        name = text[at : at + 2]
        if name in fields or name in unknown or not _IDENTIFIER.fullmatch(name):
            raise _unreadable(name)
        at += 2
        if name in _FIELDS:
            found = _FIELDS[name].match(text, at)
            if found is None:
                raise _unreadable(name)
            fields[name], at = found[0], found.end()
        else:
            unknown.append(name)
            at += len(text[at:].partition(SEPARATOR)[0])
        at += text.startswith(SEPARATOR, at)
    return fields, tuple(unknown)


def _unreadable(name: str) -> BadInput:
    return BadInput(what="In this INS Data Matrix the field “{field}” cannot be read.", field=name, remedy=_READ_AGAIN)


def _body(fields: dict[str, str]) -> PatientBody:
    family, given = " ".join(fields["S4"].split()), tuple(fields["S3"].split())
    if not family or not given:
        raise _unreadable("S3" if family else "S4")
    if len(fields["S2"]) > _LONGEST_OID:
        raise _unreadable("S2")
    return PatientBody(
        family_name=family,
        given_names=given,
        birth_date=_date(fields["S6"]),
        sex=_SEXES[fields["S5"]],
        birth_place=fields.get("S7", ""),
        ins=fields["S1"],
        ins_oid=fields["S2"],
    )


def _date(printed: str) -> str:
    day, month, year = map(int, printed.split("-"))
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise _unreadable("S6") from None


def onto(known: PatientBody, scanned: PatientBody) -> PatientBody:
    """A known identity with what was scanned: the number and the traits. A name that is the same but for accents, case
    and hyphens keeps its spelling, which says more than the capitals of a Data Matrix. The status stays as it is: only
    the national service gives another."""
    same_family = fold(known.family_name) == fold(scanned.family_name)
    same_given = fold(" ".join(known.given_names)) == fold(" ".join(scanned.given_names))
    return msgspec.structs.replace(
        known,
        family_name=known.family_name if same_family else scanned.family_name,
        given_names=known.given_names if same_given else scanned.given_names,
        birth_date=scanned.birth_date,
        sex=known.sex if scanned.sex == "unknown" else scanned.sex,
        birth_place=scanned.birth_place or known.birth_place,
        ins=scanned.ins,
        ins_oid=scanned.ins_oid,
    )
