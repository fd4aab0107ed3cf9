"""What the gateway hands to the screens about what arrived. Pure, as `tui.values`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from localstore.bodies import PatientBody
from localstore.model import Entry, PatientSummary
from tui.values import Record, Scope


@dataclass(frozen=True, slots=True)
class Word:
    """By whom an entry that a colleague passed on is signed, as of when. `standing`: own, verified, known, unknown; of
    an unknown key the name is only what the colleague says."""

    name: str
    as_of: str
    standing: str


@dataclass(frozen=True, slots=True)
class InboxLine:
    """Something that arrived. What belongs to an extract is empty for anything else, and once it was withdrawn.
    `superseded_by` is the newest extract in its place, `words` are those of others, by version; `letter` is the entry
    that is a letter to us, by identifier."""

    id: str
    colleague: str
    type: str
    state: str
    arrived: str
    reason: str
    as_of: str = ""
    patient: PatientBody | None = None
    entries: tuple[Entry, ...] = ()
    scope: Scope | None = None
    superseded_by: str = ""
    words: Mapping[str, Word] = field(default_factory=dict)
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A received entry and what the own record says about the same thing. `relation`: new, already-here, earlier,
    other-version, possible-duplicate. `proposed`: it is chosen before anybody has looked."""

    entry: Entry
    relation: str
    own: tuple[Entry, ...]
    proposed: bool


@dataclass(frozen=True, slots=True)
class Extract:
    """An extract beside the own record: the own patients whom it may be about, the record of the one, if it is one, and
    each entry beside what is there about the same thing."""

    line: InboxLine
    candidates: tuple[PatientSummary, ...]
    own: Record | None
    entries: tuple[Beside, ...]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What taking over did; `competing` counts the entries that now stand beside another version of our own."""

    patient: str
    added: int
    already_here: int
    competing: int = 0
