"""What was measured several times, as series over time. Pure.

Values of one quantity belong together when they have the same code, or the same words where they have none, and the
same unit: nothing is converted, so that no curve says more than the record.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from localstore.bodies import Component, MeasurementBody
from localstore.folding import fold
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Concept, Quantity
from tui.amounts import LARGEST_EXPONENT, unit

LEAST = 2  # values that make a curve
Key = tuple[str, str]


class Point(NamedTuple):
    """One value: when (ISO 8601, may be partial), how much, and the version of the entry that says so. One that is
    known only as more or less than a number has its `comparator`, and is drawn at that number."""

    date: str
    value: Decimal
    version: str
    comparator: str = ""

    @property
    def day(self) -> int:
        """The day, counted from the year 1; the first one of a date that is partial."""
        parts = [int(part) for part in self.date[:10].split("-")]
        return date(*(parts + [1, 1])[:3]).toordinal()


class Series(NamedTuple):
    """The values of one quantity, oldest first. `low` and `high` bound what the newest that says so calls normal."""

    key: Key
    label: str
    unit: str
    points: tuple[Point, ...]
    low: Decimal | None = None
    high: Decimal | None = None


def series(entries: Iterable[Entry]) -> list[Series]:
    """Every quantity that was measured at least twice, those with the most values first."""
    found: dict[Key, list[tuple[Entry, str, Quantity]]] = {}
    for entry in entries:
        if isinstance(entry.body, MeasurementBody) and entry.status is Status.FINAL and _has_day(entry.date):
            for label, concept, quantity in _measured(entry.body):
                found.setdefault(_key(concept, quantity), []).append((entry, label, quantity))
    made = [_series(key, values) for key, values in found.items() if len(values) >= LEAST]
    return sorted(made, key=lambda one: (-len(one.points), one.label))


def keys_of(entry: Entry) -> tuple[Key, ...]:
    """The series to which a measurement belongs."""
    if not isinstance(entry.body, MeasurementBody):
        return ()
    return tuple(_key(concept, quantity) for _, concept, quantity in _measured(entry.body))


def _measured(body: MeasurementBody) -> list[tuple[str, Concept, Quantity]]:
    """The quantities of a measurement with their names; a number that is exact only as `< 5` is one too."""
    parts: tuple[Component, ...] = (Component(body.concept, body.quantity), *body.components)
    return [
        (part.concept.label, part.concept, part.quantity)
        for part in parts
        if part.quantity is not None and part.quantity.value.is_finite()
        if not part.quantity.value or abs(part.quantity.value.adjusted()) <= LARGEST_EXPONENT
    ]


def _key(concept: Concept, quantity: Quantity) -> Key:
    coded = next((f"{one.system}|{one.code}" for one in concept.codings if one.code), "")
    return coded or fold(concept.label), quantity.code or quantity.unit


def _has_day(text: str) -> bool:
    try:
        return bool(Point(text, Decimal(0), "").day)
    except (ValueError, TypeError):
        return False


def _series(key: Key, values: list[tuple[Entry, str, Quantity]]) -> Series:
    values = sorted(values, key=lambda one: (Point(one[0].date, Decimal(0), "").day, one[0].date, one[0].recorded))
    bounds = [(one.low, one.high) for one in _bodies(values) if one.low is not None or one.high is not None]
    low, high = bounds[-1] if bounds else (None, None)
    points = tuple(
        Point(entry.date, quantity.value, entry.version, quantity.comparator) for entry, _, quantity in values
    )
    return Series(key, values[-1][1], unit(values[-1][2]), points, low, high)


def _bodies(values: list[tuple[Entry, str, Quantity]]) -> list[MeasurementBody]:
    """The bodies whose bounds are those of their own value; the bounds of a panel would be of none of its parts."""
    bodies = [entry.body for entry, _, _ in values]
    return [body for body in bodies if isinstance(body, MeasurementBody) and not body.components]
