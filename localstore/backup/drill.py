"""The restore drill: a backup is put back into a private folder, opened with what one would have on the bad day, read,
and thrown away. Nothing of the practice is changed but one line of its history, which says that the drill was held.

A backup that nobody ever restored is a hope. This takes a minute.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from localstore import head, patients, record
from localstore.backup import making, restoring, scratch, shelf
from localstore.backup.errors import DamagedBackup
from localstore.backup.manifest import Manifest
from localstore.backup.restoring import Chosen, PassedOver, Progress, Secret
from localstore.database import Connection, row, transaction
from localstore.errors import ConfrereError
from localstore.practice import Practice

ACTION = "restore-drill"
PASSED, FAILED = "passed", "failed"


class Drilled(NamedTuple):
    """A drill that was passed: with which backup, what was read of it, and how many seconds it took."""

    backup: Path
    manifest: Manifest
    patients: int
    entries: int
    seconds: float
    passed_over: tuple[PassedOver, ...]


def hold(practice: Practice, backup: Path, secret: Secret, progress: Progress) -> Drilled:
    """Restore a backup of this practice beside it, and read in it. The secret is that of the bad day: the passphrase,
    or the recovery words.

    Raises what restoring raises, and DamagedBackup when it is not a backup of this very record. A failure is written
    into the history too.
    """
    begun = time.monotonic()
    wanted = _wanted(practice, backup)
    named = wanted[0]
    scratch.sweep(practice.folder, practice.clock())
    try:
        with scratch.alone_in(practice.folder), scratch.scratch(practice.folder) as folder:
            chosen = restoring.fetch(wanted, folder, secret, progress)
            named = chosen.folder
            with _restored(chosen, folder, secret, practice) as copy:
                _require_own(practice, chosen)
                count, entries = _read_in(copy)
    except (ConfrereError, OSError):
        with suppress(*making.ERRORS):  # that it cannot be written down is not what went wrong
            _log(practice, named, FAILED)
        raise
    _log(practice, named, PASSED)
    seconds = time.monotonic() - begun
    return Drilled(named, chosen.manifest, count, entries, seconds, chosen.passed_over)


def _wanted(practice: Practice, backup: Path) -> list[Path]:
    """The backups that the path names and this practice has sealed; those that it has not only where there is no other.
    Raises NoBackup."""
    named, keys = shelf.candidates(backup), making.manifest_keys(practice)
    return [folder for folder in named if shelf.is_of(folder, keys)] or named


@contextmanager
def _restored(chosen: Chosen, folder: Path, secret: Secret, practice: Practice) -> Iterator[Practice]:
    copy = restoring.rebuild(chosen, folder, secret, practice.clock)
    try:
        yield copy
    finally:
        copy.close()


def _require_own(practice: Practice, chosen: Chosen) -> None:
    """Raise DamagedBackup unless the record of the practice has been where the backup is. One from another incarnation
    went its own way, and is only required to be of this practice."""
    told = chosen.manifest
    if told.practice != practice.id:
        raise DamagedBackup(folder=str(chosen.folder), file="manifest", seen="it belongs to another practice")
    if told.incarnation != practice.incarnation:
        return
    if not head.holds(practice.connection, told.head.line, told.head.hash):
        seen = "its history is not the beginning of the history of this practice"
        raise DamagedBackup(folder=str(chosen.folder), file="record.db", seen=seen)


def _read_in(copy: Practice) -> tuple[int, int]:
    """Open one chart of the restored practice, as on any morning; how many patients there are, and entries in it."""
    found = patients.count(copy.connection)
    first = patients.listing(copy.connection, limit=1)
    if not first:
        return found, 0
    return found, len(record.open_chart(copy, first[0].id).entries)


def _log(practice: Practice, backup: Path, result: str) -> None:
    with transaction(practice.connection):
        practice.log(ACTION, subject=backup.name, detail=result)


def last(connection: Connection) -> str:
    """The moment of the last drill that was passed; empty when there was none."""
    found = row(
        connection,
        "SELECT at FROM history WHERE action = ? AND detail = ? ORDER BY num DESC LIMIT 1",
        (ACTION, PASSED),
    )
    return str(found[0]) if found else ""
