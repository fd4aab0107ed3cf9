"""One measured figure beside its floor."""

from typing import NamedTuple


class Result(NamedTuple):
    """`better` is `lower` (times, bytes) or `higher` (throughput); value and floor are in `unit`."""

    name: str
    unit: str
    value: float
    floor: float
    better: str

    @property
    def ratio(self) -> float:
        """value / floor."""
        return self.value / self.floor

    def as_dict(self) -> dict[str, object]:
        """The documented shape."""
        return {**self._asdict(), "ratio": round(self.ratio, 3)}

    def line(self) -> str:
        """One line for a person."""
        return (
            f"{self.name:<28} {self.value:>12.3f} {self.unit:<16} floor {self.floor:>12.3f}"
            f"  ratio {self.ratio:.2f} ({self.better} is better)"
        )


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
