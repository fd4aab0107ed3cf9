"""What the gateway hands to the screens about live pairing and changed keys: frozen values. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Known(StrEnum):
    """What a practice knows of the doctor whose card it sees."""

    NOT = "not"
    SAME_KEY = "same-key"
    OTHER_KEY = "other-key"


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody to compare with: what his card says, what both must see, and whether he is known here."""

    number: int
    name: str
    profession: str
    practice: str
    town: str
    rpps: str
    digits: str
    words: tuple[str, ...]
    known: Known


@dataclass(frozen=True, slots=True)
class Left:
    """A candidate is gone; `why` as `vocabulary.MEETING_ENDING` has it."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Somebody did not keep to the rules, or may not be paired with; `why` in words, where there is a reason."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Accord:
    """Both doctors have said yes to this candidate."""

    number: int


@dataclass(frozen=True, slots=True)
class TimeOver:
    """Nobody said yes in time."""


MeetingEvent = Met | Left | Disturbance | Accord | TimeOver


@dataclass(frozen=True, slots=True)
class CardSummary:
    """What a card says of its doctor, and when it was made."""

    name: str
    profession: str
    practice: str
    town: str
    made: str


@dataclass(frozen=True, slots=True)
class ChangedKey:
    """A colleague for whom a card under another key came: the one that is kept, and the new one."""

    name: str
    rpps: str
    was_verified: bool
    kept: CardSummary
    new: CardSummary
