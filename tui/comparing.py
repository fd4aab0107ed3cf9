"""Versions beside each other, field by field, with what differs. Pure.

Texts are as they were recorded; the widgets make them safe to show.
"""

from collections.abc import Sequence
from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.model import Entry
from tui import details, reading, vocabulary
from tui.dates import shown_date
from tui.words.catalogue import text
from tui.words.marking import message

Rows = Sequence[tuple[str, str]]

# The fields of an identity that tell two people apart, or find one; in this order.
_IDENTITY = (
    ("family_name", message("Birth name")),
    ("given_names", message("First names")),
    ("birth_date", message("Birth date")),
    ("sex", message("Sex")),
    ("used_name", message("Used name")),
    ("birth_place", message("Birth place")),
    ("ins", message("INS number")),
    ("identity_status", message("Identity")),
    ("deceased", message("Deceased on")),
    ("phone", message("Telephone")),
    ("email", message("E-mail")),
    ("address", message("Address")),
    ("postal_code", message("Postal code")),
    ("town", message("Town")),
    ("treating_doctor", message("Treating doctor")),
    ("contacts", message("Persons to call")),
)


class Compared(NamedTuple):
    """One field: its label, what each version says in it (empty where one says nothing), and whether they differ."""

    label: str
    said: tuple[str, ...]
    differs: bool


def compared(versions: Sequence[Entry]) -> list[Compared]:
    """The fields of the versions that compete, in the order in which an entry is read."""
    return beside([rows_of(one) for one in versions])


def rows_of(entry: Entry) -> Rows:
    """Everything that a version says, with its title and its status, as (label, words)."""
    if isinstance(entry.body, PatientBody):
        return _identity_rows(entry.body)
    status = text("entered in error") if entry.status.value == "entered-in-error" else ""
    return [(text("Entry"), reading.title(entry)), (text("Status of the entry"), status), *details.rows(entry)]


def _identity_rows(body: PatientBody) -> Rows:
    found: list[tuple[str, str]] = []
    for name, label in _IDENTITY:
        held = getattr(body, name)
        if name == "contacts":
            held = "; ".join(" ".join(filter(None, (one.name, one.relationship, one.phone))) for one in body.contacts)
        elif name in ("birth_date", "deceased"):
            held = shown_date(held)
        elif name == "sex":
            held = vocabulary.word(vocabulary.SEX, held)
        elif name == "identity_status":
            held = vocabulary.word(vocabulary.IDENTITY_STATUS, held)
        found.append((text(label), " ".join(held) if isinstance(held, tuple) else held))
    return found


def beside(columns: Sequence[Rows]) -> list[Compared]:
    """Rows of several columns beside each other, by their labels, in the order in which they first appear. A label that
    comes several times in a column stands for as many lines of one cell."""
    labels = dict.fromkeys(label for column in columns for label, _ in column)
    found: list[Compared] = []
    for label in labels:
        said = tuple("\n".join(words for name, words in column if name == label and words) for column in columns)
        if any(said):
            found.append(Compared(label, said, len(set(said)) > 1))
    return found
