"""What `confrere pair` shows of one colleague, and what counts as a yes to him.

The card is the word of somebody unknown: its lines are labelled and cut to the terminal, and stand above what is
compared, never below it. A yes is one of the three words that are compared with this colleague, so that nothing typed
for another one, whole or in part, can be one.
"""

import os
import sys
from enum import Enum
from typing import TYPE_CHECKING

from localstore.colleagues import Colleague
from localstore.folding import fold
from sync.trust import card
from tui.cli import output
from tui.cli.colleagues import By
from tui.words.catalogue import text

if TYPE_CHECKING:  # the network libraries wait until somebody pairs
    from sync.meeting.events import Candidate
    from sync.meeting.words import Spoken

NO = ("", "n", "no", "non")
COLUMNS = 80  # where the terminal does not say how wide it is


class Answer(Enum):
    """What a line that was typed says."""

    YES = "yes"
    NO = "no"
    NEITHER = "neither"


def judged(typed: str, spoken: "Spoken") -> Answer:
    """A yes is one or more of the three words, whatever their accents and case; a no is nothing at all, or no."""
    words = fold(typed).split()
    if words and set(words) <= {fold(word) for word in spoken.words}:
        return Answer.YES
    return Answer.NO if typed.strip().lower() in NO else Answer.NEITHER


def columns(terminal: int) -> int:
    """How wide a terminal is."""
    try:
        return os.get_terminal_size(terminal).columns or COLUMNS
    except OSError:
        return COLUMNS


def introduce(one: "Candidate", known: Colleague | None, wide: int) -> None:
    """Show a candidate, then what is compared with him, then the question; `wide` is the terminal's width."""
    body = one.card.body
    output.note("")
    labelled = [
        (text("Name"), body.name),
        (text("Profession"), body.profession),
        (text("Practice"), body.practice),
        (text("Town"), body.town),
        (text("RPPS"), body.rpps),
    ]
    label_wide = max(output.width(label) for label, _ in labelled)
    for label, said in labelled:
        start = label + " " * (label_wide - output.width(label)) + "  "
        output.note(start + _cut(card.one_line(said), wide - output.width(start) - 1))
    if known is not None and known.signing_key != body.signing_key:
        words = text(
            "CAUTION: {name} is known here under another key. Say yes only if he tells you himself that he has "
            "reinstalled; what still waits for him is then not delivered."
        )
        output.note(words.format(name=card.one_line(known.name)))
    output.note("")
    output.note(text("Your colleague must see the same digits and the same words on his side:"))
    output.note("")
    output.note(f"    {one.spoken.digits}    {'  '.join(one.spoken.words)}")
    output.note("")
    ask()


def ask() -> None:
    """The question, on a line of its own."""
    sys.stderr.write(text("Are they the same? Then type one of the three words; Enter alone says no.") + " ")
    sys.stderr.flush()


def way(typed: str) -> By | None:
    """How the two compared, as it was typed, in English or in French."""
    words = set(fold(typed).split())
    if words & {"person", "personne"}:
        return By.PERSON
    return By.PHONE if words & {"phone", "telephone"} else None


def ask_how() -> None:
    """The second question, to one who has said yes."""
    sys.stderr.write(text("Compared in person or by phone? Type person or phone.") + " ")
    sys.stderr.flush()


def _cut(said: str, wide: int) -> str:
    """So much of a text as has room on one line."""
    while said and output.width(said) > wide:
        said = said[:-1]
    return said
