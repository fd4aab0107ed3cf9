"""Whether the machine has slept, or its clock was set: two clocks that ran together have come apart. Pure.

A clock that only ever counts seconds stands still while the machine sleeps (CLOCK_MONOTONIC on Linux and macOS), and is
not moved when somebody sets the date. Whoever compares it with the date sees both.
"""

from datetime import datetime

JUMP_SECONDS = 30.0  # more than a busy machine delays between reading one clock and the other


class Interruption:
    """Remembers when it looked last, by both clocks."""

    def __init__(self, moment: datetime, seconds: float) -> None:
        """`moment` with its time zone; `seconds` of the clock that only counts."""
        self._moment = moment
        self._seconds = seconds

    def happened(self, moment: datetime, seconds: float) -> bool:
        """Whether the clocks have come apart since the last look, in either direction."""
        apart = (moment - self._moment).total_seconds() - (seconds - self._seconds)
        self._moment, self._seconds = moment, seconds
        return abs(apart) >= JUMP_SECONDS
