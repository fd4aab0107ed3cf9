"""A question to the whole practice, as a value and as a person types it. Pure.

    allergie pénicilline
    all with allergy to penicillin
    HbA1c > 8 % depuis 1 an
    HbA1c over 8 in the last year
    ferritine entre 15 et 30
    problème diabète sauf HbA1c depuis 6 mois
    vaccin hépatite A avant 2024
    traitement actuel warfarine

A kind, in French or English, may come first; then words, of which each must begin a word of the entry (one letter, or a
number, must be one); then one comparison or two with numbers, and a period. "Actuel" beside the kind leaves out what is
over; what is denied never answers. What follows "sauf" (or "without") is a question of its own: whoever answers to that
one is left out.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from localstore.errors import BadInput
from localstore.folding import fold
from localstore.kinds import Kind
from localstore.questions import periods, usual

MAX_QUESTION = 500  # characters
MAX_WORDS = 12
MAX_LIMITS = 2  # more than from and to bounds nothing
EXAMPLE = "Write it as HbA1c > 8, HbA1c < 7,5 % or HbA1c entre 7 et 9."

# How a person names a kind, folded: French, English, singular and plural.
KIND_WORDS: dict[str, Kind] = {
    "probleme": Kind.PROBLEM, "problemes": Kind.PROBLEM, "antecedent": Kind.PROBLEM, "antecedents": Kind.PROBLEM,
    "problem": Kind.PROBLEM, "problems": Kind.PROBLEM,
    "allergie": Kind.ALLERGY, "allergies": Kind.ALLERGY, "allergy": Kind.ALLERGY,
    "traitement": Kind.MEDICATION, "traitements": Kind.MEDICATION, "medicament": Kind.MEDICATION,
    "medicaments": Kind.MEDICATION, "medication": Kind.MEDICATION, "medications": Kind.MEDICATION,
    "allergique": Kind.ALLERGY, "allergiques": Kind.ALLERGY, "allergic": Kind.ALLERGY,
    "vaccin": Kind.IMMUNISATION, "vaccins": Kind.IMMUNISATION, "immunisation": Kind.IMMUNISATION,
    "immunisations": Kind.IMMUNISATION, "vaccine": Kind.IMMUNISATION,
    "vaccines": Kind.IMMUNISATION, "vaccination": Kind.IMMUNISATION, "vaccinations": Kind.IMMUNISATION,
    "mesure": Kind.MEASUREMENT, "mesures": Kind.MEASUREMENT, "measurement": Kind.MEASUREMENT,
    "measurements": Kind.MEASUREMENT,
    "consultation": Kind.CONSULTATION, "consultations": Kind.CONSULTATION,
    "acte": Kind.PROCEDURE, "actes": Kind.PROCEDURE, "procedure": Kind.PROCEDURE, "procedures": Kind.PROCEDURE,
    "dispositif": Kind.DEVICE, "dispositifs": Kind.DEVICE, "device": Kind.DEVICE, "devices": Kind.DEVICE,
    "document": Kind.DOCUMENT, "documents": Kind.DOCUMENT,
    "courrier": Kind.LETTER, "courriers": Kind.LETTER, "letter": Kind.LETTER, "letters": Kind.LETTER,
    "rappel": Kind.RECALL, "rappels": Kind.RECALL, "recall": Kind.RECALL, "recalls": Kind.RECALL,
}  # fmt: skip
_WITHOUT = re.compile(r"\s(?:sauf|sans|without|except)\s", re.IGNORECASE)
_CURRENT = frozenset("actif active actifs actives actuel actuelle actuels actuelles current".split())
# Whom a question is about: everybody. Before its first word of substance only.
_OPENING = frozenset(
    "tous toutes tout toute all any every patient patients personne personnes people qui ont ayant a who have has"
    " having show list liste lister chez".split()
)
_LINKS = frozenset("au aux de des du en et la le les un une avec of to with the and all tous toutes".split())
# Before an apostrophe, one letter is no word; nor is "à", nor an English article.
_ELIDED = re.compile(r"\b(?:[dljnstc]|qu)['’]|(?<!\w)[àÀ](?!\w)|(?<=\bwith)\s+an?(?=\s)", re.IGNORECASE)
_OR_EQUAL = r"(?:\s+ou\s+[ée]gale?s?|\s+or\s+equal)"
_TO = r"\s*(?:[àa]|au|to|than)?"
# The longer ones first: each takes what it can.
_SAID: tuple[tuple[str, str], ...] = (
    (">=", rf">=|≥|=>|au\s+moins|at\s+least|sup[ée]rieure?s?{_OR_EQUAL}{_TO}|greater(?:\s+than)?{_OR_EQUAL}{_TO}"),
    ("<=", rf"<=|≤|=<|au\s+plus|at\s+most|inf[ée]rieure?s?{_OR_EQUAL}{_TO}|less(?:\s+than)?{_OR_EQUAL}{_TO}"),
    (">", rf">|over|above|plus\s+de|plus\s+grande?\s+que|(?:more|greater|higher|bigger)\s+than|sup[ée]rieure?s?{_TO}"
          r"|au[\s-]dessus\s+de|d[ée]passant"),
    ("<", rf"<|under|below|moins\s+de|plus\s+petite?\s+que|(?:less|lower|smaller)\s+than|inf[ée]rieure?s?{_TO}"
          r"|(?:au|en)[\s-]dessous\s+de"),
    ("=", rf"=|[ée]gale?s?{_TO}|equals?(?:\s+to)?"),
)  # fmt: skip
_NUMBER = r"(-?\d+(?:[.,]\d+)?)(?![\d.,]*\d)"
_UNIT = r"(?:\s*([^\s\d<>=≤≥,;.()-][^\s<>=≤≥,;()]*))?"
_COMPARED = tuple(
    (sign, re.compile(rf"(?:(?<=[\W\d])|^)(?:{words})\s*{_NUMBER}{_UNIT}", re.IGNORECASE)) for sign, words in _SAID
)
_BETWEEN = re.compile(rf"\b(?:entre|between)\s+{_NUMBER}{_UNIT}\s+(?:et|and)\s+{_NUMBER}{_UNIT}", re.IGNORECASE)
_SIGNS = re.compile(r"[<>=≤≥]")
_NO_UNIT = _LINKS | {"chez", "in", "for", "et", "ou", "or", "among", "qui", "who", "mais", "but"}


class Limit(NamedTuple):
    """One side of a comparison: `>`, `>=`, `<`, `<=` or `=`, and the number."""

    sign: str
    value: Decimal


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is looked for. `words` are folded; `code` is a code or the beginning of one, `system` its terminology (a
    URI) or empty; a value must be within all `limits`, in `unit` where one was said; `since` and `before` are ISO days
    or empty, `since` inclusive. An entry whose date is only a month or a year counts where any day of it may lie in the
    period. `only_current` leaves out what is over. `without` leaves out whoever answers to it."""

    words: tuple[str, ...] = ()
    kind: Kind | None = None
    code: str = ""
    system: str = ""
    limits: tuple[Limit, ...] = ()
    unit: str = ""
    since: str = ""
    before: str = ""
    only_current: bool = False
    without: "Question | None" = None


def read(typed: str, today: date) -> Question:
    """The question that somebody typed; `today` is the day at the practice. Raises BadInput for what means nothing,
    also in a part of it: no part is passed over."""
    if len(typed) > MAX_QUESTION:
        raise BadInput(what="The question is too long.", remedy="Ask it in fewer words.")
    wanted, *unwanted = _WITHOUT.split(f" {typed.strip()} ", maxsplit=1)
    question = _one(wanted, today)
    if not unwanted:
        return question
    return msgspec.structs.replace(question, without=_one(unwanted[0], today))


def _one(text: str, today: date) -> Question:
    text, period = periods.cut(text, today)
    text, limits, unit = _compared(text)
    words = fold(_ELIDED.sub(" ", text)).split()
    while len(words) > 1 and (words[0] in _OPENING or words[0] in _LINKS):
        words = words[1:]
    kind, only_current, words = _kind(words)
    words = [word for word in words if word not in _LINKS]
    if not words and kind is None:
        raise BadInput(what="The question names nothing to look for.", remedy="See: confrere ask --help")
    if len(words) > MAX_WORDS:
        raise BadInput(what="The question is too long.", remedy="Ask it in fewer words.")
    if kind is Kind.MEASUREMENT or limits:
        _no_stray_number(words)
    elif usual.is_known(tuple(word for word in words if not word.isdigit())):
        _no_stray_number(words)
    return Question(tuple(words), kind, "", "", limits, unit, period.since, period.before, only_current)


def _kind(words: list[str]) -> tuple[Kind | None, bool, list[str]]:
    """The kind that is named first, whether only what is current is meant, and the other words."""
    if len(words) > 1 and words[0] in _CURRENT and words[1] in KIND_WORDS:
        return KIND_WORDS[words[1]], True, words[2:]
    kind = KIND_WORDS.get(words[0]) if words else None
    if kind is None:
        return None, False, words
    if len(words) > 1 and words[1] in _CURRENT:
        return kind, True, words[2:]
    return kind, False, words[1:]


def _compared(text: str) -> tuple[str, tuple[Limit, ...], str]:
    """The text without its comparisons, these, and their unit."""
    limits: list[Limit] = []
    units: list[str] = []
    while found := _BETWEEN.search(text):
        limits += [Limit(">=", number(found[1])), Limit("<=", number(found[3]))]
        text = _taken(text, found, units, (2, 4))
    for sign, pattern in _COMPARED:
        while found := pattern.search(text):
            limits.append(Limit(sign, number(found[1])))
            text = _taken(text, found, units, (2,))
    if _SIGNS.search(text) or len(limits) > MAX_LIMITS or len({fold(unit) or unit for unit in units}) > 1:
        raise BadInput(what="What the number is to be compared with is not clear.", remedy=EXAMPLE)
    if any(map(periods.is_age, units)):
        raise BadInput(what="A question compares what was measured, not ages.", remedy="Count by age: --by age.")
    return text, tuple(limits), units[0] if units else ""


def _taken(text: str, found: re.Match[str], units: list[str], groups: tuple[int, ...]) -> str:
    """The text without a comparison; its units are noted. A word that only links what follows is no unit."""
    linking = ""
    for group in groups:
        unit = found[group] or ""
        if fold(unit) in _NO_UNIT and unit.isalpha():
            linking += f" {unit}"
        elif unit:
            units.append(unit)
    return f"{text[: found.start()]}{linking} {text[found.end() :]}"


def _no_stray_number(words: list[str]) -> None:
    """A number that is compared with nothing was meant to be: an empty answer would hide it."""
    for word in words:
        if word.isdecimal():
            raise BadInput(what="“{number}” is compared with nothing.", number=word, remedy=EXAMPLE)


def number(typed: str) -> Decimal:
    """A number as it is typed, with a comma or a point. Raises BadInput."""
    try:
        value = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput(what="“{number}” is not a number.", number=typed, remedy="Write it as 8 or 7,5.")
    return value
