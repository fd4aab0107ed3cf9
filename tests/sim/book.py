"""What the simulation itself remembers of a practice, so that the laws need not ask the code under test.

A book says who are the patients, what was written about them, and what they consented to. When a backup is put back,
the book of that time is put back with it: a practice cannot know what it has forgotten.
"""

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from localstore.kinds import Kind


@dataclass
class Written:
    """An entry: what it is about, and whether it is restricted."""

    kind: Kind
    restricted: bool


@dataclass
class Given:
    """A consent, in the order in which they were given: about whom, for whom, and how far it goes. Both days are
    inclusive; `ends` may be empty."""

    id: str
    patient: str
    recipient: str
    kinds: frozenset[Kind]
    named: frozenset[str]
    begins: str
    ends: str
    standing: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class Sealed:
    """A document about a patient that was signed and sealed, and the entries that might be in it then."""

    author: str
    recipient: str
    patient: str
    consent: str
    allowed: frozenset[str]


@dataclass
class Book:
    """One practice. `entries` by patient and identifier; `seen` are the outgoing documents that were looked at, and
    `removed` the practices from which this one has parted, `parting` those from whom it has begun to. It is `unsure`
    where a process was killed, and nobody has looked yet whether what it did took place; `days` are those on which
    something was done that was not looked at yet."""

    entries: dict[str, dict[str, Written]] = field(default_factory=dict)
    consents: list[Given] = field(default_factory=list)
    seen: set[tuple[bytes, int]] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    parting: set[str] = field(default_factory=set)
    unsure: bool = False
    days: set[str] = field(default_factory=set)

    def copy(self) -> "Book":
        """As it is now."""
        return copy.deepcopy(self)

    def consent(self, identifier: str) -> Given | None:
        """The consent of this name."""
        return next((one for one in self.consents if one.id == identifier), None)

    def newest(self, patient: str, recipient: str) -> Given | None:
        """The consent that counts between two: it replaces those before it, also where it has ended."""
        found = [one for one in self.consents if (one.patient, one.recipient) == (patient, recipient)]
        return found[-1] if found else None

    def pairs(self) -> list[tuple[str, str]]:
        """Every patient and recipient between whom there is a consent."""
        return list(dict.fromkeys((one.patient, one.recipient) for one in self.consents))

    def allowed(self, consent: Given) -> frozenset[str]:
        """The entries that may leave under this consent, as the record stands."""
        return frozenset(
            name
            for name, one in self.entries.get(consent.patient, {}).items()
            if one.kind in consent.kinds and (not one.restricted or name in consent.named)
        )


def stands(consent: Given, today: str) -> bool:
    """Whether the consent holds on this day."""
    return not consent.revoked and consent.begins <= today and (not consent.ends or today <= consent.ends)


class Watch:
    """The clock of one practice: the time of the simulation, wrong by `offset`. Each look takes a `tick`."""

    def __init__(self, now: "Moment", tick: timedelta) -> None:
        self._now, self._tick = now, tick
        self.offset = timedelta()
        self.looks = timedelta()

    @classmethod
    def like(cls, other: "Watch") -> "Watch":
        """Another clock that shows the same."""
        made = cls(other._now, other._tick)
        made.offset, made.looks = other.offset, other.looks
        return made

    def __call__(self) -> datetime:
        """The present moment, by this clock."""
        self.looks += self._tick
        return self._now() + self.offset + self.looks

    def today(self) -> str:
        """The day on the calendar, by this clock."""
        return (self._now() + self.offset + self.looks).astimezone().date().isoformat()


class Moment:
    """The right time: that of the event loop, and the days on which nothing ran."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.elapsed = 0.0
        self.slept = timedelta()

    def __call__(self) -> datetime:
        """Now."""
        return self._start + timedelta(seconds=self.elapsed) + self.slept
