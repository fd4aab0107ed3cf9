"""How a received entry stands to the own record, and by whom it is signed, in words. Pure."""

from tui.dates import shown_moment
from tui.words.catalogue import text
from tui.words.marking import message

RELATION = {
    "new": "",
    "already-here": message("here already"),
    "earlier": message("earlier than what is here"),
    "other-version": message("another version is here"),
    "possible-duplicate": message("possible duplicate"),
}
_SIGNED = {
    "own": message("signed by this practice itself, as of {moment}"),
    "verified": message("signed by {name}, a verified colleague, as of {moment}"),
    "known": message("signed by {name}, whose key you have not verified, as of {moment}"),
    "unknown": message(
        "signed with a key that is not known here, as of {moment}; {colleague} says that it is that of {name}"
    ),
}


def relation(one: str) -> str:
    """How it stands to the own record; empty for what is new."""
    return text(RELATION[one]) if RELATION[one] else ""


def signed(name: str, as_of: str, standing: str, colleague: str) -> str:
    """By whom an entry is signed that `colleague` passes on. An unknown key's name is only what he says."""
    return text(_SIGNED[standing]).format(name=name, moment=shown_moment(as_of), colleague=colleague)
