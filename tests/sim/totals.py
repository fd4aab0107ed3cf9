"""What happened, in numbers: so that it can be seen that a run was no easy one."""

from dataclasses import dataclass, fields


@dataclass
class Totals:
    """Of one run, or of many."""

    runs: int = 0
    deeds: int = 0
    commits: int = 0
    connections: int = 0
    losses: int = 0
    partitions: int = 0
    one_way: int = 0
    crashes: int = 0
    daemon_crashes: int = 0
    extracts: int = 0
    deliveries: int = 0
    letters: int = 0
    revocations: int = 0
    withdrawals: int = 0
    taken_over: int = 0
    restores: int = 0
    lost_to_restores: int = 0
    put_back: int = 0
    clones: int = 0
    forks_proved: int = 0
    clock_jumps: int = 0
    days: int = 0
    second_windows: int = 0
    followed: int = 0
    rotations: int = 0
    sealed_anew: int = 0
    lots_written: int = 0
    lots_read: int = 0
    removals: int = 0

    def add(self, other: "Totals") -> None:
        """Add another run's."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {getattr(self, field.name):,}" for field in fields(self))
