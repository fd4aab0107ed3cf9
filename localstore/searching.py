"""By which words a patient is found, and what a person who looks for one means by what he types. Pure.

A search is a full-text expression over the words of an identity: each word that was typed must begin one of them. Names
count without accents and hyphens; a birth date is one number, however it was written; so is a telephone number, and an
INS.
"""

import re
from collections.abc import Callable

from localstore.bodies import PatientBody
from localstore.folding import fold

MAX_QUERY_LENGTH = 200
MAX_QUERY_WORDS = 12
FRANCE = "33"  # before a French number that was written for use abroad, in the place of its 0

_MONTHS = (
    "janvier", "f[eé]vrier", "mars", "avril", "mai", "juin", "juillet", "ao[uû]t", "septembre", "octobre", "novembre",
    "d[eé]cembre",
)  # fmt: skip
_CENTURIES = ("19", "20")  # of a year that was typed with two digits: both are looked for
_NAMED_DAY = re.compile(rf"\b(?:(\d{{1,2}})(?:er)? )?({'|'.join(_MONTHS)}) (\d{{4}})\b", re.IGNORECASE)
_FRENCH_DAY = re.compile(r"(?<![\d/.-])(\d{1,2})([/. -])(\d{1,2})\2(\d{4}|\d{2})(?![\d/.-])")
# Days that are nothing else, beside whatever numbers: in no usual grouping of a telephone number or an INS are there
# two groups of at most two digits and then one of four that is a year, or such a year first.
_PLAIN_DAY = re.compile(r"(?<![\w/.+-])(0?[1-9]|[12]\d|3[01])([/. -])(0?[1-9]|1[0-2])\2((?:18|19|20)\d\d)(?![\w/.-])")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})(?:-(\d{2}))?\b")
_YEAR_FIRST = re.compile(
    r"(?<![\w/.+-])((?:18|19|20)\d\d)([-/.])(0?[1-9]|1[0-2])(?:\2(0?[1-9]|[12]\d|3[01]))?(?![\w/.-])"
)
_MONTH_AND_YEAR = re.compile(r"(?<![\d/.])(\d{1,2})/(\d{4})(?![\d/.])")
_EIGHT_DIGITS = re.compile(r"(?<![\w.])([0-3]\d)([01]\d)((?:19|20)\d\d)(?!\w)")
# A telephone number or an INS in groups; the letters are those of Corsica.
_GROUPED = re.compile(r"(?<![\w.])\+?\d(?:[ .-]?(?:\d|2[ABab]))+(?!\w)")
_LEAST_GROUPED = 9  # digits: fewer may be a date


def search_words(body: PatientBody) -> str:
    """What a search may find the patient by: names, birth date as one number, INS, telephone number."""
    names = fold(" ".join((body.family_name, body.used_name, *body.given_names)))
    return f"{names} {body.birth_date.replace('-', '')} {body.ins.lower()} {telephone(body.phone)}".rstrip()


def telephone(typed: str) -> str:
    """A telephone number as its digits, a French one from abroad with its 0."""
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    if typed.strip().startswith(("+" + FRANCE, "00" + FRANCE)):
        return "0" + digits.removeprefix("00").removeprefix(FRANCE).removeprefix("0")
    return digits


def match_expression(query: str, *, whole: bool = False) -> str:
    """The FTS5 expression for what a person typed: every word must begin some word of the patient's, or be one when
    `whole`.

    A birth date may be typed as 1958-07-03, 1958/07/03, 03/07/1958, 03-07-1958, 3.7.58, 3 juillet 1958, juillet 1958,
    07/1958, 03071958. Empty when nothing is left to search for.
    """
    ending = "" if whole else "*"
    text = query[:MAX_QUERY_LENGTH].replace("(0)", "")  # +33 (0)4 72 …
    wanted: list[str] = []
    for pattern, meant in _PATTERNS:
        for found in list(pattern.finditer(text)):
            if alternatives := meant(found):
                wanted.append(_either(alternatives, ending))
                text = text.replace(found[0], " ", 1)
    names = [_either([word], ending) for word in fold(text).split()]
    return " ".join([*names, *wanted][:MAX_QUERY_WORDS])


def _either(beginnings: list[str], ending: str) -> str:
    """Words of which one must begin a word of the patient's, or be one where the `ending` is empty."""
    words = " OR ".join(f'"{one}"{ending}' for one in beginnings)
    return f"({words})" if len(beginnings) > 1 else words


def _named_day(found: re.Match[str]) -> list[str]:
    month = next(number for number, name in enumerate(_MONTHS, 1) if re.fullmatch(name, found[2], re.IGNORECASE))
    return [f"{found[3]}{month:02}{f'{int(found[1]):02}' if found[1] else ''}"]


def _french_day(found: re.Match[str]) -> list[str]:
    years = [found[4]] if len(found[4]) == 4 else [f"{century}{found[4]}" for century in _CENTURIES]
    return [f"{year}{int(found[3]):02}{int(found[1]):02}" for year in years]


def _year_first(found: re.Match[str]) -> list[str]:
    return [f"{found[1]}{int(found[3]):02}{f'{int(found[4]):02}' if found[4] else ''}"]


def _iso_day(found: re.Match[str]) -> list[str]:
    return [f"{found[1]}{found[2]}{found[3] or ''}"]


def _month_and_year(found: re.Match[str]) -> list[str]:
    return [f"{found[2]}{int(found[1]):02}"]


def _eight_digits(found: re.Match[str]) -> list[str]:
    return [found[0], f"{found[3]}{found[2]}{found[1]}"]


def _grouped(found: re.Match[str]) -> list[str]:
    digits = "".join(letter for letter in found[0].lower() if letter.isalnum())
    if len(digits) < _LEAST_GROUPED:
        return []
    return [telephone(found[0]) if digits.isdigit() else digits]


# What is read first is taken out of the text.
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    (_NAMED_DAY, _named_day),
    (_PLAIN_DAY, _french_day),
    (_YEAR_FIRST, _year_first),
    (_MONTH_AND_YEAR, _month_and_year),
    (_GROUPED, _grouped),
    (_FRENCH_DAY, _french_day),
    (_ISO_DAY, _iso_day),
    (_EIGHT_DIGITS, _eight_digits),
)
