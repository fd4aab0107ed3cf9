"""What an entry says, in plain words, field by field. Pure.

Every field of every body that has something to say is told, whatever its kind: the fields are those of the body itself,
so that one which is added later cannot be forgotten. Codes of terminologies are printed behind their words.
"""

from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from localstore.bodies import AppointmentBody, Body, Component, OtherBody
from localstore.emergency import french
from localstore.kinds import Provenance, Sensitivity, Status
from localstore.model import Entry
from localstore.rights.wording import CODED, CODES, ENGLISH, FIELDS, OUTCOMES, TRAITS, WARNINGS, Pair
from localstore.values import Attachment, Author, Concept, Contact, Quantity

_TITLES = (
    "title", "concept", "medicine", "vaccine", "substance", "device", "name", "label", "correspondent",
)  # fmt: skip
_DATES = frozenset({"birth_date", "onset", "abatement", "start", "end", "expiry", "deceased", "done"})


class Told(NamedTuple):
    """One version in words: when, what, the rest of what it says, and where it comes from."""

    when: str
    title: str
    details: tuple[str, ...]
    origin: str
    remarks: tuple[str, ...]


def word(pair: Pair, tongue: int) -> str:
    """The word in one of the two languages."""
    return pair[tongue]


def day(date: str, tongue: int) -> str:
    """A date in words; of one with a time, the time too."""
    plain, _, time = date.partition("T")
    if tongue == ENGLISH:
        return f"{plain} {time[:5]}".strip()
    return f"{french.day(plain)} {time[:5]}".strip()


def moment(at: str, tongue: int) -> str:
    """A moment of the record, which is UTC: its day and its minute."""
    return f"{day(at[:10], tongue)}, {at[11:16]} UTC" if len(at) > 16 else day(at, tongue)


def tell(entry: Entry, tongue: int, *, replaced: bool = False) -> Told:
    """One version in words. `replaced` is one that another took the place of."""
    said = said_by(entry.body, tongue)
    title = next((value for name in _TITLES for field, value in said if field == name), "")
    rest = tuple(
        f"{_label(field, tongue)} : {value}" for field, value in said if value != title or field not in _TITLES
    )
    return Told(_when(entry, tongue), title, rest, _origin(entry, tongue), tuple(_remarks(entry, tongue, replaced)))


def why(action: str, words: str, tongue: int) -> str:
    """What was said with an action of the history, without the names that the program has for things."""
    if action == "warning-overridden":
        code, _, reason = words.partition(": ")
        if code in WARNINGS and reason in TRAITS:
            return f"{WARNINGS[code][tongue]} ({TRAITS[reason][tongue]})"
        return f"{WARNINGS[code][tongue]} — {reason}" if code in WARNINGS else words
    if action == "rectification-requested":
        for code, pair in OUTCOMES.items():
            asked, parted, answer = words.partition(f" -> {code}: ")
            if parted:
                return f"{asked} — {pair[tongue]} : {answer}" if tongue != ENGLISH else f"{asked} — {pair[1]}: {answer}"
    return words


def said_by(body: Body | Component, tongue: int) -> list[tuple[str, str]]:
    """Each field of a body that says something, with what it says."""
    said = []
    for field in msgspec.structs.fields(body):
        value = getattr(body, field.name)
        told = _value(field.name, value, tongue)
        unsaid = value == field.default and isinstance(value, int) and not value  # no, or no number was given
        if told and not unsaid:
            said.append((field.name, told))
    return said


def _label(field: str, tongue: int) -> str:
    return FIELDS.get(field, (field, field))[tongue]


def _value(field: str, value: Any, tongue: int) -> str:
    match value:
        case bool():
            return CODES["yes"][tongue] if value else ""
        case bytes():
            return f"{len(value)} octets" if value and tongue != ENGLISH else f"{len(value)} bytes" if value else ""
        case tuple():
            return " ; ".join(filter(None, (_value(field, one, tongue) for one in value)))
        case Decimal():
            return french.number(value) if tongue != ENGLISH else str(value)
        case int():
            return str(value)
        case str():
            return _words(field, value, tongue)
        case Concept() | Quantity() | Contact() | Attachment() | Component():
            return _part(value, tongue)
        case _:
            return ""


def _words(field: str, value: str, tongue: int) -> str:
    if field in CODED and value in CODES:
        return CODES[value][tongue]
    return day(value, tongue) if field in _DATES else value


def _part(value: Concept | Quantity | Contact | Attachment | Component, tongue: int) -> str:
    match value:
        case Concept():
            codes = ", ".join(one.code for one in value.codings if one.code)
            return f"{value.label} ({codes})" if codes and codes != value.label else value.label
        case Quantity():
            return (
                french.quantity(value) if tongue != ENGLISH else f"{value.comparator}{value.value} {value.unit}".strip()
            )
        case Contact():
            return ", ".join(filter(None, (value.name, value.relationship, value.phone)))
        case Attachment():
            return ", ".join(filter(None, (value.name, value.media_type, f"{value.size} octets")))
        case Component():
            parts = dict(said_by(value, tongue))
            return " ".join(filter(None, (parts.get("concept"), parts.get("quantity"), parts.get("text"))))


def _when(entry: Entry, tongue: int) -> str:
    if entry.date:
        return day(entry.date, tongue)
    return word(("sans date", "no date"), tongue)


def _origin(entry: Entry, tongue: int) -> str:
    written = f"{word(('inscrit le', 'written on'), tongue)} {day(entry.recorded[:10], tongue)}"
    by = f"{word(('par', 'by'), tongue)} {named(entry.author)}" if entry.author.name else ""
    came = {
        Provenance.IMPORTED: ("importé", "imported"),
        Provenance.RECEIVED: ("reçu de", "received from"),
    }.get(entry.provenance)
    words = f"{came[tongue]} {entry.origin}".strip() if came and entry.provenance is Provenance.RECEIVED else ""
    words = words or (came[tongue] if came else "")
    return ", ".join(filter(None, (f"{written} {by}".strip(), words)))


def named(author: Author) -> str:
    """A practitioner with his number."""
    return f"{author.name} (RPPS {author.rpps})" if author.rpps else author.name


def _remarks(entry: Entry, tongue: int, replaced: bool) -> list[str]:
    found = []
    if replaced:
        found.append(("version remplacée depuis", "replaced since"))
    if entry.status is Status.ENTERED_IN_ERROR:
        found.append(("inscrit par erreur : ne compte plus", "entered in error: counts no more"))
    if entry.sensitivity is Sensitivity.RESTRICTED:
        found.append(("partage restreint", "shared only when named"))
    if isinstance(entry.body, OtherBody):
        found.append(("la donnée complète est dans dossier.json", "the whole item is in dossier.json"))
    if isinstance(entry.body, AppointmentBody):
        found.append(("ne quitte jamais le cabinet", "never leaves the practice"))
    return [one[tongue] for one in found]
