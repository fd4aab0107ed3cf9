"""What arrived beside what is in the own record about the same thing. Pure.

Nothing is decided here: a possible duplicate is marked, shown beside its like, and left to the doctor. So a doubt
counts as one: the same thing under one of its codes or names, and for what happens on a day, a date that could be the
same.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from enum import StrEnum

import msgspec

from localstore import facts
from localstore.bodies import CarerBody, ConsultationBody, DocumentBody, LetterBody, RelativeBody
from localstore.folding import fold
from localstore.kinds import Kind, Status
from localstore.model import Entry

# What is so for years: that two state it on different days does not make it two things.
LASTING = frozenset(
    {Kind.PROBLEM, Kind.ALLERGY, Kind.MEDICATION, Kind.DEVICE, Kind.FAMILY_HISTORY, Kind.DIRECTIVE, Kind.RELATIVE,
     Kind.CARER}
)  # fmt: skip

Key = tuple[Kind, str, str]


class Relation(StrEnum):
    """How a received entry stands to the own record."""

    NEW = "new"
    HERE = "already-here"  # this very version
    EARLIER = "earlier"  # a version of an entry of which a later one is here
    VERSION = "other-version"  # of an entry of which this one is not here yet
    DUPLICATE = "possible-duplicate"  # another entry here says the same


class Beside(msgspec.Struct, frozen=True):
    """A received entry, how it stands to the own record, and what is there about the same thing: first the versions of
    this entry, then others."""

    entry: Entry
    relation: Relation
    own: tuple[Entry, ...]

    @property
    def is_proposed(self) -> bool:
        """Whether it is chosen for taking over before anybody has looked: not what is here, and no duplicate."""
        return self.relation in (Relation.NEW, Relation.VERSION)

    @property
    def duplicate_of(self) -> tuple[str, ...]:
        """The identifiers of the own entries that may say the same; empty for what is here already."""
        if self.relation is not Relation.DUPLICATE:
            return ()
        return tuple(dict.fromkeys(one.id for one in self.own))


def compare(received: Sequence[Entry], own: Sequence[Entry], here: Set[str], replaced: Set[str]) -> tuple[Beside, ...]:
    """Each received entry beside the `own` ones. `here` are the versions among the received that the practice has, and
    `replaced` those in whose place it has a later one."""
    by_entry: dict[str, list[Entry]] = {}
    by_key: dict[Key, list[Entry]] = {}
    for entry in own:
        by_entry.setdefault(entry.id, []).append(entry)
        for key in _keys(entry):
            by_key.setdefault(key, []).append(entry)
    found = []
    for entry in received:
        same = by_entry.get(entry.id, [])
        like = _alike(entry, by_key)
        relation = _relation(entry, bool(same), bool(like), here, replaced)
        found.append(Beside(entry, relation, (*same, *like)))
    return tuple(found)


def _relation(entry: Entry, is_known: bool, has_like: bool, here: Set[str], replaced: Set[str]) -> Relation:
    if entry.version in here:
        return Relation.HERE
    if entry.version in replaced:
        return Relation.EARLIER
    if is_known:
        return Relation.VERSION
    return Relation.DUPLICATE if has_like else Relation.NEW


def _alike(entry: Entry, by_key: dict[Key, list[Entry]]) -> list[Entry]:
    """The own entries, other than versions of this one, that may say the same."""
    found: dict[str, Entry] = {}
    for key in _keys(entry):
        for one in by_key.get(key, ()):
            if one.id != entry.id and (entry.kind in LASTING or may_be_same_day(entry.date, one.date)):
                found[one.version] = one
    return list(found.values())


def may_be_same_day(one: str, other: str) -> bool:
    """Whether two dates, which may be partial or not known, could be the same."""
    return one.startswith(other) or other.startswith(one)


def _keys(entry: Entry) -> Iterator[Key]:
    """The names under which an entry is about something; none for what was entered in error."""
    if entry.status is not Status.FINAL:
        return
    if getattr(entry.body, "none_known", False):
        yield entry.kind, "", ""
        return
    for system, word in dict.fromkeys(_about(entry)):
        yield entry.kind, system, word


def _about(entry: Entry) -> Iterator[tuple[str, str]]:
    body = entry.body
    match body:
        case RelativeBody() | CarerBody():
            yield from _words((body.name,))
        case DocumentBody() | LetterBody():
            yield from _words((body.title or facts.words(body),))
        case ConsultationBody():
            yield from _words((facts.words(body),))
        case _:
            concept = facts.about(body)
            if concept is None:
                yield from _words((facts.words(body),))
                return
            yield from ((coding.system, coding.code) for coding in concept.codings if coding.system and coding.code)
            yield from _words((concept.text, *(coding.label for coding in concept.codings)))


def _words(said: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from (("", word) for one in said if (word := fold(one)))
