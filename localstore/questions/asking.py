"""A question to the whole practice, as a value and as a person types it. Pure.

    allergie pénicilline
    HbA1c > 8 % depuis 1 an
    problème diabète sauf HbA1c depuis 6 mois
    vaccin grippe avant 2024
    traitement actuel warfarine

A kind, in French or English, may come first; then words, of which each must begin a word of the entry; then a
comparison with a number, and a period. "Actuel" leaves out what is over; what is denied never answers. What follows
"sauf" (or "without") is a question of its own: whoever answers to that one is left out.
"""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import msgspec

from localstore.errors import BadInput
from localstore.folding import fold
from localstore.kinds import Kind
from localstore.partial_date import is_date

MAX_QUESTION = 500  # characters
MAX_WORDS = 12
LONGEST_YEARS = 200
COMPARISONS = (">", ">=", "<", "<=", "=")

# How a person names a kind, folded: French, English, singular and plural.
KIND_WORDS: dict[str, Kind] = {
    "probleme": Kind.PROBLEM, "problemes": Kind.PROBLEM, "antecedent": Kind.PROBLEM, "antecedents": Kind.PROBLEM,
    "problem": Kind.PROBLEM, "problems": Kind.PROBLEM,
    "allergie": Kind.ALLERGY, "allergies": Kind.ALLERGY, "allergy": Kind.ALLERGY,
    "traitement": Kind.MEDICATION, "traitements": Kind.MEDICATION, "medicament": Kind.MEDICATION,
    "medicaments": Kind.MEDICATION, "medication": Kind.MEDICATION, "medications": Kind.MEDICATION,
    "vaccin": Kind.IMMUNISATION, "vaccins": Kind.IMMUNISATION, "immunisation": Kind.IMMUNISATION,
    "immunisations": Kind.IMMUNISATION, "vaccine": Kind.IMMUNISATION,
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
_SINCE = re.compile(r"\b(?:depuis|since|in the last)\s+(\S+(?:\s+[^\W\d_]+)?)", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:avant|before)\s+(\S+(?:\s+[^\W\d_]+)?)", re.IGNORECASE)
_COMPARED = re.compile(r"(>=|<=|≥|≤|>|<|=)\s*(-?\d+(?:[.,]\d+)?)\s*([^\s\d]\S*)?")
_SPAN = re.compile(r"(\d{1,4})\s*([^\W\d_]+)")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAYS = {"j": 1, "jour": 1, "jours": 1, "d": 1, "day": 1, "days": 1, "semaine": 7, "semaines": 7, "week": 7, "weeks": 7}
_MONTHS = {"m": 1, "mois": 1, "month": 1, "months": 1, "a": 12, "an": 12, "ans": 12, "y": 12, "year": 12, "years": 12}
_CURRENT = frozenset("actif active actifs actives actuel actuelle actuels actuelles current".split())
_LINKS = frozenset("a au aux de des du en et la le les l d un une avec of to with the and all tous toutes".split())


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is looked for. `words` are folded; `code` is a code or the beginning of one, `system` its terminology (a
    URI) or empty; `since` and `before` are ISO days or empty, `since` inclusive. An entry whose date is only a month
    or a year counts where any day of it may lie in the period. `only_current` leaves out what is over. `without`
    leaves out whoever answers to it."""

    words: tuple[str, ...] = ()
    kind: Kind | None = None
    code: str = ""
    system: str = ""
    comparison: str = ""
    value: Decimal | None = None
    unit: str = ""
    since: str = ""
    before: str = ""
    only_current: bool = False
    without: "Question | None" = None


def read(typed: str, today: date) -> Question:
    """The question that somebody typed; `today` is the day at the practice. Raises BadInput for what means nothing."""
    if len(typed) > MAX_QUESTION:
        raise BadInput(what="The question is too long.", remedy="Ask it in fewer words.")
    wanted, *unwanted = _WITHOUT.split(f" {typed.strip()} ", maxsplit=1)
    question = _one(wanted, today)
    if not unwanted:
        return question
    return msgspec.structs.replace(question, without=_one(unwanted[0], today))


def _one(text: str, today: date) -> Question:
    since = before = comparison = unit = ""
    value: Decimal | None = None
    if found := _SINCE.search(text):
        since, used = _day(found[1], today)
        text = f"{text[: found.start()]} {found[1][used:]} {text[found.end() :]}"
    if found := _UNTIL.search(text):
        before, used = _day(found[1], today)
        text = f"{text[: found.start()]} {found[1][used:]} {text[found.end() :]}"
    if found := _COMPARED.search(text):
        comparison = found[1].replace("≥", ">=").replace("≤", "<=")
        value, unit = number(found[2]), found[3] or ""
        text = f"{text[: found.start()]} {text[found.end() :]}"
    words = fold(text).split()
    only_current = bool(_CURRENT.intersection(words))
    words = [word for word in words if word not in _CURRENT]
    kind = KIND_WORDS.get(words[0]) if words else None
    words = [word for word in (words[1:] if kind else words) if word not in _LINKS]
    if not words and kind is None:
        raise BadInput(what="The question names nothing to look for.", remedy="See: confrere ask --help")
    if len(words) > MAX_WORDS:
        raise BadInput(what="The question is too long.", remedy="Ask it in fewer words.")
    return Question(tuple(words), kind, "", "", comparison, value, unit, since, before, only_current)


def number(typed: str) -> Decimal:
    """A number as it is typed, with a comma or a point. Raises BadInput."""
    try:
        value = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput(what="“{number}” is not a number.", number=typed, remedy="Write it as 8 or 7,5.")
    return value


def day(typed: str, today: date) -> str:
    """A day as it is typed: an ISO date that may be partial, 3/7/2024, or a span before today: 6 mois, 1 an, 30 j.
    Raises BadInput."""
    return _day(typed, today)[0]


def _day(typed: str, today: date) -> tuple[str, int]:
    """The day, and how many characters of the text say it."""
    if found := _SPAN.match(typed):
        count, unit = int(found[1]), fold(found[2])
        if unit in _DAYS or unit in _MONTHS:
            return _ago(count, unit, today).isoformat(), found.end()
    first = typed.split()[0] if typed.split() else ""
    if found := _FRENCH_DAY.fullmatch(first):
        first_day = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
        return _checked(first_day, first), len(first)
    return _checked(first, first), len(first)


def _checked(text: str, typed: str) -> str:
    if not is_date(text) or len(text) > 10:
        raise BadInput(
            what="“{date}” is not a date.", date=typed, remedy="Write it as 2024-03-12, 2024-03, 2024, or as 6 months."
        )
    return text


def _ago(count: int, unit: str, today: date) -> date:
    """So many days or months before a day; the last day of a shorter month."""
    if unit in _DAYS:
        return today - timedelta(days=min(count * _DAYS[unit], LONGEST_YEARS * 366))
    months = today.year * 12 + today.month - 1 - min(count * _MONTHS[unit], LONGEST_YEARS * 12)
    year, month = divmod(months, 12)
    for last in range(today.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(today.day, 28))
