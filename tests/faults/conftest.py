"""What every fault shares: its counts on the terminal, and a folder in memory."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.conftest import COUNTS

SHARED_MEMORY = Path("/dev/shm")
Tell = Callable[[str, Mapping[str, int]], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Say how often a fault was made and what came of it: at the end of the run, whatever pytest captures meanwhile."""

    def say(fault: str, counts: Mapping[str, int]) -> None:
        record_property(COUNTS, f"{fault}: " + ", ".join(f"{number:,} {name}" for name, number in counts.items()))

    return say


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory, where this machine has one: states are written, opened and thrown away by the thousand."""
    quick = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        yield Path(folder)
