"""Numbers compared in units that can be: 8 % of HbA1c is 64 mmol/mol, and 8 mmol/mol is no HbA1c at all. Pure.

A measure that is known (`localstore.safety.measures`) is compared in the unit that was typed, or in the usual French
one, and values in its other units are converted. Of what is not known, only values in one unit are compared: in the one
that was typed, else in the one that most values have. What was taken for granted, converted or left out is told.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from localstore.questions import usual
from localstore.questions.asking import Limit
from localstore.safety import measures
from localstore.safety.measures import Measure, Unit
from localstore.values import Quantity

MAX_UNITS_TOLD = 8
_FIELD = re.compile(r"\{(\w+)\}")


class Present(NamedTuple):
    """How many values of a concept are in one unit."""

    concept: int
    unit: str
    values: int


class Plan(NamedTuple):
    """What to look for: values of these concepts in these units (all of theirs, where None) within these bounds."""

    concepts: tuple[int, ...]
    units: tuple[str, ...] | None
    limits: tuple[tuple[str, float], ...]


class Remark(NamedTuple):
    """What is to be said beside an answer. `code` names it; `words` is an English sentence with `{names}` of `details`,
    which come from the record."""

    code: str
    words: str
    details: Mapping[str, str] = {}  # noqa: RUF012 - never written to

    def told(self, translate: Callable[[str], str]) -> str:
        """The sentence, translated and filled in. What the record holds is put in as it is, whatever its braces."""
        return _FIELD.sub(lambda found: self.details.get(found[1], found[0]), translate(self.words))


def plans(
    limits: Sequence[Limit], unit: str, name: tuple[str, ...], of: Mapping[int, Measure | None], present: list[Present]
) -> tuple[list[Plan], list[Remark]]:
    """What to look for, and what is to be said of it. `unit` is the one that was typed, or empty; `name` what the
    measurement was called; `of` tells the measure of each concept, None where it is not a known one."""
    asked = measures.MEASURES["systolic"] if is_pressure(name) else measures.named(" ".join(name))
    bounds: dict[tuple[int, str], tuple[tuple[str, float], ...]] = {}
    remarks: list[Remark] = []
    for measure in _ordered(asked, of.values()):
        mine = [one for one in present if of[one.concept] is measure]
        if asked is not None and measure is not asked and measure is not None:
            continue
        if measure is None:
            found = _unknown(limits, unit or (_target(asked, unit).names if asked else ""), mine)
        else:
            found = _known(measure, limits, unit, mine)
        if mine:
            bounds |= found
            remarks += _remarks(measure, unit, mine, found)
    if is_pressure(name):
        remarks.insert(0, Remark("systolic", "The systolic pressure is compared."))
    return _together(bounds, present), list({(one.words, *one.details.items()): one for one in remarks}.values())


def is_pressure(name: tuple[str, ...]) -> bool:
    """Whether a blood pressure is meant, and not said which."""
    return " ".join(name) in usual.PRESSURES


def _ordered(asked: Measure | None, found: Iterable[Measure | None]) -> list[Measure | None]:
    """Each measure once, the one that was asked for first."""
    return list(dict.fromkeys([one for one in (asked,) if one] + list(found)))


def _target(measure: Measure, unit: str) -> Unit:
    """The unit that a number was meant in: the typed one, or the usual French one."""
    wanted = unit or usual.UNITS.get(measure.key, "")
    return next((one for one in measure.units if wanted.lower() in map(str.lower, one.names)), measure.units[0])


def _known(
    measure: Measure, limits: Sequence[Limit], unit: str, present: list[Present]
) -> dict[tuple[int, str], tuple[tuple[str, float], ...]]:
    target = _target(measure, unit)
    if unit and unit.lower() not in map(str.lower, target.names):
        return _unknown(limits, unit, present)
    found = {}
    for one in present:
        here = measures.unit_of(measure, Quantity(Decimal(0), one.unit, one.unit))
        if here is not None:
            found[one.concept, one.unit] = tuple(
                (limit.sign, _converted(limit.value, target, here)) for limit in limits
            )
    return found


def _converted(value: Decimal, source: Unit, target: Unit) -> float:
    return float(value if source == target else (source.base(value) - target.offset) / target.factor)


def _unknown(
    limits: Sequence[Limit], unit: str | tuple[str, ...], present: list[Present]
) -> dict[tuple[int, str], tuple[tuple[str, float], ...]]:
    """The bounds of values in one unit: `unit` (or one of these), else the one that most have."""
    if not unit:
        counts: Counter[str] = Counter()
        for one in present:
            counts[one.unit] += one.values
        unit = max(sorted(counts), key=counts.__getitem__, default="")
    names = {unit.lower()} if isinstance(unit, str) else {name.lower() for name in unit}
    wanted = tuple((limit.sign, float(limit.value)) for limit in limits)
    return {(one.concept, one.unit): wanted for one in present if one.unit.lower() in names}


def _remarks(
    measure: Measure | None,
    unit: str,
    present: list[Present],
    found: dict[tuple[int, str], tuple[tuple[str, float], ...]],
) -> list[Remark]:
    """In which unit it was compared where none was typed; which others were converted, and which left out."""
    units = {one.unit for one in present}
    compared = {unit for _, unit in found}
    target = set(_target(measure, unit).names) if measure else {unit}
    converted = {one for one in compared if measure and one and one.lower() not in map(str.lower, target)}
    remarks = []
    if not unit and compared:
        shown = (next(iter(_target(measure, unit).names)) if measure else next(iter(compared))) or "—"
        if not shown.startswith("{"):
            remarks.append(Remark("unit", "No unit was given: compared in {unit}.", {"unit": shown}))
    if converted and unit.lower() not in map(str.lower, converted):
        remarks.append(Remark("converted", "Values in {units} were converted.", {"units": _listed(converted)}))
    left = units - compared
    if left - {""}:
        remarks.append(Remark("left-out", "Values in {units} were left out.", {"units": _listed(left - {""})}))
    if "" in left:
        remarks.append(Remark("no-unit", "Values without a unit were left out."))
    return remarks


def _listed(units: set[str]) -> str:
    shown = sorted(units)
    return ", ".join([*shown[:MAX_UNITS_TOLD], *(["…"] if len(shown) > MAX_UNITS_TOLD else [])])


def _together(bounds: dict[tuple[int, str], tuple[tuple[str, float], ...]], present: list[Present]) -> list[Plan]:
    """As few plans as there are different bounds, for as many concepts as share their units."""
    units: dict[int, set[str]] = {}
    for one in present:
        units.setdefault(one.concept, set()).add(one.unit)
    wanted: dict[tuple[int, tuple[tuple[str, float], ...]], set[str]] = {}
    for (concept, unit), limits in bounds.items():
        wanted.setdefault((concept, limits), set()).add(unit)
    shared: dict[tuple[tuple[str, ...] | None, tuple[tuple[str, float], ...]], list[int]] = {}
    for (concept, limits), found in wanted.items():
        within = None if found == units[concept] else tuple(sorted(found))
        shared.setdefault((within, limits), []).append(concept)
    return [Plan(tuple(concepts), within, limits) for (within, limits), concepts in shared.items()]
