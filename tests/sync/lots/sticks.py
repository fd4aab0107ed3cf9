"""Lots between practices of the tests, written to a folder that stands for a stick and read from it."""

import io
from pathlib import Path

from localstore import crypto
from localstore.arrivals import IncomingLimits
from localstore.database import Connection, rows
from sync import handing
from sync.handing import Written
from sync.lots import reading, writing
from sync.lots.parties import parties
from sync.lots.reading import Outcome
from tests.sync.meetings import House
from tests.sync.offices import Practice

FEED, OTHER_FEED = b"f" * 16, b"g" * 16
_SEQUENCES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"


def nothing(_done: int, _total: int) -> None:
    """Nobody looks at how far it is."""


def logical(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table: what a database says, whatever its pages look like."""
    tables = [name for name, _ in rows(connection, _SEQUENCES)]
    return {name: sorted(rows(connection, f"SELECT * FROM {name}"), key=repr) for name in tables}  # noqa: S608 - ours


# --- postboxes alone -------------------------------------------------------------------------------------------------


def plan_for(here: Practice, peer: str) -> writing.Plan:
    """A lot of a practice for a peer, noted and not yet written."""
    own = parties(here.desk)
    return writing.prepare(here.desk, own.seed, own.pairs[peer], crypto.random_bytes(writing.CHANCE_BYTES))


def written(here: Practice, peer: str) -> bytes:
    """The bytes of a lot of a practice for a peer."""
    return b"".join(writing.pieces(here.desk, plan_for(here, peer)))


def read(here: Practice, data: bytes, limits: IncomingLimits | None = None) -> Outcome:
    """A practice reads these bytes."""
    return reading.read(here.desk, parties(here.desk), io.BytesIO(data), len(data), nothing, limits)


# --- desks -----------------------------------------------------------------------------------------------------------


def write_lot(house: House, path: Path) -> Written:
    """A practice writes a lot for the other."""
    return handing.write(house.desk, house.other, path, nothing)


def read_lot(house: House, path: Path) -> Outcome:
    """A practice reads a lot, and opens what came, as the command does."""
    outcome = handing.read(house.desk, path, nothing).outcome
    house.collect()
    return outcome


def hand_over(giver: House, taker: House, folder: Path) -> Outcome:
    """One lot from one to the other, under a name that is free; what it gave."""
    path = folder / f"{giver.folder.name}-{len(list(folder.iterdir()))}.lot"
    write_lot(giver, path)
    return read_lot(taker, path)
