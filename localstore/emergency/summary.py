"""What of a record goes into the emergency export, in which order: a pure selection.

Every standing version ends up in exactly one place: shown in a section, counted in one, or counted as left out. The
record's own rules are kept: a retracted version is void, two standing versions of an entry are both shown, a restricted
entry leaves only when it is named.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import keyvalues
from localstore.emergency.sections import Item, LeftOut, Section, SectionName, Summary
from localstore.errors import ConfrereError
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author, Concept

LAST_CONSULTATIONS = 5  # what fits a glance; the others are counted
NO_LABEL = "(sans libellé)"

# What no longer holds. A status that is unknown here counts as current: the safe side in an emergency.
PAST_PROBLEMS = frozenset({"inactive", "remission", "resolved", "refuted"})
PAST_ALLERGIES = frozenset({"inactive", "resolved", "refuted"})
PAST_MEDICATIONS = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", "ended"})

# Advance directives, among documents (LOINC: the document, its content, the care plan, the power of attorney).
DIRECTIVE_CODES = frozenset({"42348-3", "75320-2", "81334-5", "64298-3"})
DIRECTIVE_WORDS = re.compile(r"directives?\s+anticip", re.IGNORECASE)
DEVICE_TYPES = frozenset({"Device", "DeviceUseStatement"})

_CRITICALITY = {"high": 0, "unable-to-assess": 1, "": 1, "low": 2}
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?!\d)")
# SNOMED CT's semantic tags for what is no disease: "Full-time employment (finding)".
_CIRCUMSTANCE = re.compile(r"\((finding|situation|observable entity)\)\s*$")


class Standing(NamedTuple):
    """A version that stands, and whether another version of its entry contradicts it."""

    entry: Entry
    competing: bool


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
    places: dict[SectionName | None, list[Standing]] = defaultdict(list)
    for one in stands:
        if not isinstance(one.entry.body, PatientBody):
            places[_place(one.entry.body)].append(one)
    free = frozenset(named)
    return Summary(
        patient=patient,
        author=author,
        practice=practice,
        made=made,
        sections=tuple(_section(name, places[name], places[None], free) for name in SectionName),
        patient_id=_only_patient(entries),
        other_identities=_other_identities(patient, stands),
        left_out=_left_out(places[None]),
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
        found += [Standing(entry, len(current) > 1) for entry in current if entry.status is Status.FINAL]
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


def _place(body: Body) -> SectionName | None:
    """The section to which a body belongs, or None where the export has none for it."""
    match body:
        case AllergyBody():
            return SectionName.ALLERGIES
        case ProblemBody():
            past = body.clinical_status in PAST_PROBLEMS and not body.none_known
            return SectionName.HISTORY if past else SectionName.PROBLEMS
        case MedicationBody():
            return None if _is_ended(body) else SectionName.MEDICATIONS
        case ImmunisationBody():
            return SectionName.IMMUNISATIONS
        case MeasurementBody():
            return SectionName.MEASUREMENTS
        case ConsultationBody():
            return SectionName.CONSULTATIONS
        case ProcedureBody():
            return SectionName.PROCEDURES
        case DocumentBody():
            return SectionName.DIRECTIVES if _is_directive(body) else None
        case OtherBody():
            is_device = body.resource_type in DEVICE_TYPES and bool(body.label.strip())
            return SectionName.DEVICES if is_device else None
    return None


def _is_ended(body: Body) -> bool:
    return isinstance(body, MedicationBody) and body.state in PAST_MEDICATIONS and not body.none_known


def _is_directive(body: DocumentBody) -> bool:
    words = (body.title, body.type.label)
    coded = keyvalues.loinc_codes(body.type) & DIRECTIVE_CODES
    return bool(coded) or any(DIRECTIVE_WORDS.search(text) for text in words)


def _left_out(stands: Iterable[Standing]) -> tuple[LeftOut, ...]:
    # Treatments that have ended are counted by their own section.
    kinds = [one.entry.kind for one in stands if not _is_ended(one.entry.body)]
    return tuple(LeftOut(kind, kinds.count(kind)) for kind in Kind if kind in kinds)


def _section(
    name: SectionName, stands: Sequence[Standing], others: Sequence[Standing], named: frozenset[str]
) -> Section:
    free = [one for one in stands if _may_leave(one.entry, named)]
    items = [_item(one) for one in free]
    stated = [item for item in items if _states_none(item.entry.body)]
    rest = in_order([item for item in items if not _states_none(item.entry.body)])
    kept = _kept(name, rest)
    ended = sum(_is_ended(one.entry.body) for one in others) if name is SectionName.MEDICATIONS else 0
    return Section(
        name=name,
        items=tuple(kept),
        none_stated=tuple(in_order(stated)),
        withheld=len(stands) - len(free),
        omitted=len(rest) - len(kept),
        elsewhere=ended,
    )


def _states_none(body: Body) -> bool:
    return isinstance(body, AllergyBody | ProblemBody | MedicationBody) and body.none_known


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
    found.sort(key=_rank)
    return found


def _rank(item: Item) -> tuple[int, int]:
    """Allergies by their danger, diseases before circumstances, medicines that are taken before those on hold."""
    match item.entry.body:
        case AllergyBody() as body:
            return (not item.current, _CRITICALITY.get(body.criticality, 1))
        case ProblemBody():
            return (0, int(bool(_CIRCUMSTANCE.search(item.label))))
        case MedicationBody() as body:
            return (0, int(body.state == "on-hold"))
        case ImmunisationBody() as body:
            return (0, int(body.state == "not-done"))
    return (0, 0)


def _item(one: Standing) -> Item:
    label, date, status = _face(one.entry)
    return Item(
        label=label.strip() or NO_LABEL,
        date=date,
        status=status,
        entry=one.entry,
        current=not isinstance(one.entry.body, AllergyBody) or status not in PAST_ALLERGIES,
        competing=one.competing,
    )


def _face(entry: Entry) -> tuple[str, str, str]:
    """The label, the clinical date and the status of an entry."""
    match entry.body:
        case AllergyBody() as body:
            return body.substance.label, body.onset or entry.date, body.clinical_status
        case ProblemBody() as body:
            return body.concept.label, body.onset or entry.date, body.clinical_status
        case MedicationBody() as body:
            return body.medicine.label, body.start or entry.date, body.state
        case ImmunisationBody() as body:
            return body.vaccine.label, entry.date, body.state
        case MeasurementBody() as body:
            key = keyvalues.key_of(body)
            return key.name if key else body.concept.label, entry.date, entry.status
        case ConsultationBody() as body:
            return _reason(body.reason, body.type, body.conclusion), entry.date, entry.status
        case ProcedureBody() as body:
            return body.concept.label, entry.date, body.state
        case DocumentBody() as body:
            return body.title or body.type.label, entry.date, entry.status
        case OtherBody() as body:
            return body.label, entry.date, entry.status
    return "", entry.date, entry.status


def _reason(reason: str, kind: Concept, conclusion: str) -> str:
    return next((words for words in (reason, kind.label, conclusion) if words.strip()), "Motif non noté")
