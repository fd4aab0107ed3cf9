"""How a received entry stands to the own record, and by whom it is signed, in words. Pure."""

from collections.abc import Sequence

from localstore.bodies import LetterBody
from localstore.model import Entry
from tui import vocabulary
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


def subject(entries: Sequence[Entry], letter: str) -> str:
    """What a letter is about, of which `letter` is the entry; empty for anything else."""
    bodies = (entry.body for entry in entries if entry.id == letter)
    return next((body.title for body in bodies if isinstance(body, LetterBody)), "")


def what(document_type: str, entries: Sequence[Entry], letter: str) -> str:
    """What it is that arrived: the sort of document, and what a letter is about."""
    return ": ".join(filter(None, (vocabulary.word(vocabulary.DOCUMENT_TYPE, document_type), subject(entries, letter))))


def relation(one: str) -> str:
    """How it stands to the own record; empty for what is new."""
    return text(RELATION[one]) if RELATION[one] else ""


def signed(name: str, as_of: str, standing: str, colleague: str) -> str:
    """By whom an entry is signed that `colleague` passes on. An unknown key's name is only what he says."""
    return text(_SIGNED[standing]).format(name=name, moment=shown_moment(as_of), colleague=colleague)
