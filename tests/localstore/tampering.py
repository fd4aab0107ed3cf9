"""A hand inside of the record: what somebody who has its key can do to it without the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localstore import database, inspection, opening, paths
from localstore.database import Connection
from localstore.inspection import Finding
from localstore.migrations import APPLICATION_ID
from localstore.opening import Opening
from localstore.practice import Practice


@contextmanager
def by_hand(folder: Path, key: bytes) -> Iterator[Connection]:
    """A connection to the record on which nobody watches and nothing is denied."""
    connection = database.connect(paths.record(folder))
    for step in opening.KEYING:
        step(connection, Opening(paths.record(folder), key, APPLICATION_ID))
    try:
        yield connection
    finally:
        connection.close()


def first_finding(practice: Practice) -> Finding | None:
    """The first check that fails on the open record."""
    return next((one for one in inspection.findings(practice.connection) if not one.is_sound), None)
