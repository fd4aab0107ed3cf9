"""What a chronic disease is to the generator, and the order in which a life is asked about each."""

from collections.abc import Mapping
from typing import NamedTuple

from localstore.synthetic.medicines import Medicine, chain


class Slot(NamedTuple):
    """One place in a treatment: one of the chains is chosen, and its steps follow each other as need be."""

    probability: float
    chains: tuple[tuple[Medicine, ...], ...]


class Disease(NamedTuple):
    """A chronic disease as a general practitioner follows it.

    `shares` are (age in years, share of people who have it by then), joined by straight lines. `boosts` multiply that
    share when the patient has the named disease or habit; one of `needs` must be there where there are any. `excludes`
    are the classes of medicines that don't go with it. Where `lasts` says so, it is over after that many years. The
    texts are what is written at a follow-up. `panel` names the laboratory values that are followed. `restricted` is how
    often the whole matter is kept apart.
    """

    key: str
    label: str
    code: str
    short: str
    shares: tuple[tuple[float, float], ...]
    from_age: float
    sex: str = ""
    boosts: Mapping[str, float] = {}
    needs: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    excludes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    conclusions: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    restricted: float = 0.0
    status: str = "active"
    lasts: tuple[float, float] | None = None
    until_age: float = 200.0

    def share_at(self, age: float) -> float:
        """The share of people of this age who have it, from 0 to 1."""
        if not self.from_age <= age < self.until_age:
            return 0.0
        before = (self.from_age, 0.0)
        for point in self.shares:
            if age <= point[0]:
                width = point[0] - before[0]
                return before[1] + (point[1] - before[1]) * ((age - before[0]) / width if width else 1.0)
            before = point
        return before[1]


def slot(probability: float, *chains: str) -> Slot:
    """A slot from the keys of medicines: each argument is one chain."""
    return Slot(probability, tuple(chain(keys) for keys in chains))
