"""What the gateway hands to the screens: frozen values, no connection and no key. Pure.

Texts in them are as they were recorded or signed; the widgets make them safe to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from localstore.bodies import Body, PatientBody
from localstore.identities.homonyms import Similar
from localstore.kinds import Kind
from localstore.model import Entry, PatientSummary
from localstore.roles import DOCTOR, Right, may


@dataclass(frozen=True, slots=True)
class NewPractice:
    """What the guided creation asks."""

    doctor: str
    rpps: str
    practice: str
    town: str
    passphrase: str


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a passphrase is to guess, in bits, and whether that is enough."""

    bits: int
    enough: bool


@dataclass(frozen=True, slots=True)
class House:
    """Whose practice is open. `doctor`, `rpps`, `role` and `user` (an identifier) are of whoever works here."""

    practice: str
    town: str
    doctor: str
    rpps: str
    patients: int
    role: str = DOCTOR
    user: str = ""

    def may(self, right: Right) -> bool:
        """Whether whoever works here has the right: what is not allowed is not offered."""
        return may(self.role, right)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search: at most one screen of patients, whether there are more, and who could be confused."""

    query: str
    patients: tuple[PatientSummary, ...]
    more: bool
    total: int
    confusable: frozenset[str]
    deceased: Mapping[str, str] = field(default_factory=dict)  # of those who died: when, or `yes`


@dataclass(frozen=True, slots=True)
class Record:
    """One patient's record. `identity` are the current versions of the identity, the one to show last; `competing` are
    the entries of which two versions stand; `homonyms` the other patients who could be confused with this one, and why;
    `also_registered` the identities of the records that were merged into this one.
    `closed`: the medical part is not open to whoever works here, so that no entry says nothing of what there is."""

    id: str
    patient: PatientBody
    identity: tuple[Entry, ...]
    entries: tuple[Entry, ...]
    competing: frozenset[str]
    homonyms: tuple[Similar, ...]
    today: str
    closed: bool = False
    also_registered: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be added."""

    body: Body
    date: str
    restricted: bool = False
    overrides: tuple[str, ...] = ()  # warnings that were overridden, for the history


@dataclass(frozen=True, slots=True)
class ColleagueLine:
    """A colleague: `state` as the record writes it; `practice`, `town` and `profession` are what his card says."""

    id: str
    name: str
    rpps: str
    profession: str
    practice: str
    town: str
    state: str
    verified: bool
    since: str


@dataclass(frozen=True, slots=True)
class OwnCard:
    """This practice's card as text to hand over."""

    name: str
    rpps: str
    practice: str
    town: str
    text: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a patient agrees to: kinds, restricted entries one by one, clinical dates, purpose, how it was given, the
    last day; whether later changes go by themselves. Dates are ISO 8601."""

    kinds: tuple[Kind, ...]
    purpose: str
    given: str
    ends: str = ""
    restricted: tuple[str, ...] = ()
    since: str = ""
    before: str = ""
    standing: bool = False


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A consent on record."""

    id: str
    colleague: str
    colleague_id: str
    scope: Scope
    recorded_by: str
    begins: str
    granted: str
    revoked: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an extract would hold, and what would stay, each with the reason why (a msgid)."""

    goes: tuple[Entry, ...]
    stays: tuple[tuple[Entry, str], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sealed and queued."""

    entries: int
    left_out: int
    envelope_bytes: int
    too_large: tuple[str, ...] = ()  # the titles of documents that an extract cannot carry


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a revocation reached: extracts that never left, extracts whose removal was requested, and extracts of a
    colleague who is not verified, of whom nothing can be asked; how many of those that left he has opened; how many
    consents ended."""

    never_sent: int
    removal_requested: int
    out_of_reach: int = 0
    opened: int = 0
    consents: int = 1


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """Something that was sent. `state` is that of `sync.sending.outbox.SentState`, and `at` the moment of it; `removed`
    is when the colleague's software attested the removal."""

    colleague: str
    type: str
    patient: str
    made: str
    entries: int
    state: str
    at: str
    removed: str


@dataclass(frozen=True, slots=True)
class FrozenFeed:
    """A feed that stands still: with whom (a name, or nothing), why (a word of `vocabulary.FROZEN`), since when."""

    colleague: str
    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Followed:
    """An extract that went by itself under a standing consent; or why none could: `refused` is a sentence then."""

    colleague: str
    entries: int
    too_large: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """Where the exchange with colleagues stands. `new` counts unread extracts and documents set aside; `daemon` says
    whether the sync daemon runs, `connected` with how many colleagues it speaks; `verified` counts colleagues."""

    new: int = 0
    daemon: bool = False
    connected: int = 0
    verified: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a doctor must know as soon as he is in: the age of the last backup in days where it is too old, else 0; the
    names of the colleagues who were told of lines that the history does not hold."""

    backup_days: int = 0
    contradicted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the last collection brought, in documents."""

    extracts: int = 0
    withdrawals: int = 0
    set_aside: int = 0
    followed: tuple[Followed, ...] = ()
    put_off: str = ""  # why what was saved has not gone out yet: a sentence
    letters: int = 0


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a record's history."""

    at: str
    who: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class UserLine:
    """Somebody who works here, or did. `until` is a day, `removed` and `last_seen` are moments; all may be empty."""

    id: str
    name: str
    role: str
    rpps: str
    profession: str
    until: str
    removed: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user who is to be added; `until` is his last day, or empty."""

    name: str
    role: str
    rpps: str
    profession: str
    until: str


@dataclass(frozen=True, slots=True)
class BrokenPart:
    """What an import could not read."""

    file: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. Numbers count resources unless they say otherwise."""

    files: int
    patients: int
    added: int
    renewed: int
    unchanged: int
    broken: tuple[BrokenPart, ...] = field(default=())
    kept: tuple[BrokenPart, ...] = field(default=())  # came in and was not understood
    doubtful: tuple[BrokenPart, ...] = field(default=())  # came in with numbers whose check digits do not fit
