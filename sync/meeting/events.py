"""What a meeting tells whoever holds it, and how long anything in it may take. Values. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sync.meeting.words import Spoken
from sync.trust.card import Card


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds. Tests shorten them; nothing else changes them."""

    visible: float = 180.0  # listening, announcing and calling; then nothing of it is left
    comparing: float = 180.0  # for the doctors, from the moment when the digits are shown
    step: float = 5.0  # for what the programs do among themselves, each step of it
    again: float = 1.0  # between two calls at an address that was named


PACE = Pace()


class Ending(StrEnum):
    """Why somebody whose digits were shown is gone."""

    REFUSED_HERE = "refused-here"
    REFUSED_THERE = "refused-there"
    BROKEN = "broken"  # the connection, or the rules
    TOO_LATE = "too-late"


class Candidate(NamedTuple):
    """Somebody to compare with. `number` names him within this meeting."""

    number: int
    card: Card
    spoken: Spoken


class Gone(NamedTuple):
    """A candidate is gone; nothing of him was kept."""

    number: int
    why: Ending


class Disturbed(NamedTuple):
    """Somebody was there who did not keep to the rules, before any digits could be shown; or who left, and `has_card`,
    before he had shown a card of his own."""

    has_card: bool = False


class Unanswered(NamedTuple):
    """Nobody answers at the address that was named; it is called again. Told once."""


class Agreed(NamedTuple):
    """Both doctors have said yes."""

    number: int
    card: Card


class Over(NamedTuple):
    """The time is over, and nobody is left to compare with. The last event, where nobody agreed."""


Event = Candidate | Gone | Disturbed | Unanswered | Agreed | Over
