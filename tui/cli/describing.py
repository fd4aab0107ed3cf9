"""Entries in words, one line each, for tables. Pure; nothing here is safe for a terminal yet."""

from localstore.kinds import Sensitivity, Status
from localstore.model import Entry
from localstore.partial_date import is_date
from tui import dates, reading
from tui.words.catalogue import text

SHORT_ID = 8  # digits of an identifier in a table; any command takes them
LONGER_ID = 16  # of patients and versions: those of one import begin with the same 8
_HEXADECIMAL = frozenset("0123456789abcdef")


def short(identifier: str) -> str:
    """An identifier as tables show it."""
    return identifier[:SHORT_ID]


def longer(identifier: str) -> str:
    """The identifier of a patient or a version as tables show it; what is no identifier, the name of a backup say, as
    it is."""
    return identifier[:LONGER_ID] if set(identifier) <= _HEXADECIMAL else identifier


def words(entry: Entry) -> str:
    """What an entry says, in one line."""
    return " · ".join(filter(None, (reading.title(entry), reading.beside(entry))))


def marks(entry: Entry, competing: bool) -> str:
    """What a reader must not overlook about an entry."""
    found = [
        (entry.status is Status.ENTERED_IN_ERROR, text("ENTERED IN ERROR")),
        (competing, text("COMPETING VERSIONS")),
        (entry.sensitivity is Sensitivity.RESTRICTED, text("restricted")),
    ]
    return " ".join(f"[{mark}]" for holds, mark in found if holds)


def iso_date(typed: str) -> str:
    """A date typed the French way, 3/7/1958, as 1958-07-03, with a time of day too; one in ISO 8601, and what is no
    date, as it is."""
    given = typed.strip()
    return given if is_date(given) else dates.typed_date(given) or dates.typed_moment(given) or given
