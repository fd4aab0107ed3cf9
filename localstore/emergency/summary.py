"""What of a record goes into the emergency export, in which order: a pure selection.

Every standing version ends up in exactly one place: shown in a section, counted in one, or counted as left out; plans
of the practice (`places.is_planned`) alone are not told of. The record's own rules are kept: a retracted version is
void, two standing versions of an entry are both shown, a restricted entry leaves only when it is named.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from localstore.bodies import Body, MeasurementBody, PatientBody
from localstore.emergency import keyvalues, places
from localstore.emergency.sections import Item, LeftOut, Section, SectionName, Summary
from localstore.errors import ConfrereError
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author

LAST_CONSULTATIONS = 5  # what fits a glance; the others are counted
NO_LABEL = "(sans libellé)"

_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?!\d)")


class Standing(NamedTuple):
    """A version that stands, whether another version of its entry contradicts it, how many of them stand in all, and
    how many of those are retractions."""

    entry: Entry
    competing: bool
    versions: int = 1
    retracted: int = 0


def summarise(
    patient: PatientBody,
    entries: Sequence[Entry],
    author: Author,
    practice: str,
    made: datetime,
    named: Collection[str] = frozenset(),
) -> Summary:
    """The summary of one patient; `named` holds the ids of restricted entries that may leave.

    Superseded versions may be among the entries. Raises ConfrereError when the entries are of several patients,
    ValueError when `made` has no zone.
    """
    if made.tzinfo is None:
        raise ValueError("the moment needs its zone")
    stands = standing(entries)
    today = made.date().isoformat()
    found: dict[SectionName | None, list[Standing]] = defaultdict(list)
    ended: Counter[SectionName | None] = Counter()
    for one in stands:
        body = one.entry.body
        over = places.ended_of(body, today)
        if over is not None:
            ended[over] += 1
        elif not isinstance(body, PatientBody) and not places.is_planned(body):
            found[places.place(body, today)].append(one)
    free = frozenset(named)
    return Summary(
        patient=patient,
        author=author,
        practice=practice,
        made=made,
        sections=tuple(_section(name, found[name], ended[name], free) for name in SectionName),
        patient_id=_only_patient(entries),
        other_identities=_other_identities(patient, stands),
        left_out=_left_out(found[None]),
    )


def standing(entries: Iterable[Entry]) -> list[Standing]:
    """The versions that nobody has replaced and nobody has retracted, in the order given."""
    heads: dict[str, dict[str, Entry]] = defaultdict(dict)
    replaced: set[tuple[str, str]] = set()
    for entry in entries:
        heads[entry.id].setdefault(entry.version, entry)
        replaced.update((entry.id, parent) for parent in entry.parents)
    found: list[Standing] = []
    for identifier, versions in heads.items():
        current = [entry for version, entry in versions.items() if (identifier, version) not in replaced]
        final = [entry for entry in current if entry.status is Status.FINAL]
        found += [Standing(entry, len(current) > 1, len(current), len(current) - len(final)) for entry in final]
    return found


def sort_date(date: str) -> str:
    """A date as a sort key: the ISO text, or nothing where it is no date, so that the undated come last."""
    return date if _ISO_DATE.match(date) else ""


def _only_patient(entries: Sequence[Entry]) -> str:
    patients = {entry.patient for entry in entries}
    if len(patients) > 1:
        raise ConfrereError(detail="entries of several patients were given for one emergency summary")
    return next(iter(patients), "")


def _other_identities(patient: PatientBody, stands: Iterable[Standing]) -> tuple[PatientBody, ...]:
    bodies = [one.entry.body for one in stands if one.entry.sensitivity is Sensitivity.NORMAL]
    return tuple(body for body in bodies if isinstance(body, PatientBody) and body != patient)


def _left_out(stands: Iterable[Standing]) -> tuple[LeftOut, ...]:
    kinds = [one.entry.kind for one in stands]
    return tuple(LeftOut(kind, kinds.count(kind)) for kind in Kind if kind in kinds)


def _section(name: SectionName, stands: Sequence[Standing], ended: int, named: frozenset[str]) -> Section:
    free = [one for one in stands if _may_leave(one.entry, named)]
    items = [_item(one) for one in free]
    stated = [item for item in items if places.states_none(item.entry.body)]
    rest = in_order([item for item in items if not places.states_none(item.entry.body)])
    kept = _kept(name, rest)
    return Section(
        name=name,
        items=tuple(kept),
        none_stated=tuple(in_order(stated)),
        withheld=len(stands) - len(free),
        omitted=len(rest) - len(kept),
        elsewhere=ended,
    )


def _may_leave(entry: Entry, named: frozenset[str]) -> bool:
    return entry.sensitivity is Sensitivity.NORMAL or entry.id in named


def _kept(name: SectionName, items: list[Item]) -> list[Item]:
    """What the rule of the section keeps: the last consultations, the latest of each key value, otherwise all."""
    if name is SectionName.CONSULTATIONS:
        return items[:LAST_CONSULTATIONS]
    if name is not SectionName.MEASUREMENTS:
        return items
    order = [f"{sort_date(item.date)} {item.entry.recorded}" for item in items]
    chosen = keyvalues.latest([item.entry for item in items], order)
    return [
        item
        for key in keyvalues.KEY_VALUES
        for item in items
        if item.entry.id == chosen.get(key) and _measures(item.entry.body, key)
    ]


def _measures(body: Body, key: keyvalues.KeyValue) -> bool:
    return isinstance(body, MeasurementBody) and keyvalues.key_of(body) == key


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items in reading order: the most pressing first, then the most recent, then by name."""
    found = sorted(items, key=lambda item: (item.label.casefold(), item.entry.id, item.entry.version))
    found.sort(key=lambda item: sort_date(item.date), reverse=True)
    found.sort(key=lambda item: places.rank(item.entry.body, item.label, item.current))
    return found


def _item(one: Standing) -> Item:
    label, date, status = places.face(one.entry)
    return Item(
        label=label.strip() or NO_LABEL,
        date=date,
        status=status,
        entry=one.entry,
        current=places.is_current(one.entry.body),
        competing=one.competing,
        versions=one.versions,
        retracted=one.retracted,
    )
