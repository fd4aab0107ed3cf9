"""Making a backup: a snapshot of all databases at one moment, with what opens them, verified before it counts.

It is built under a hidden name in its place, opened and examined there, and only then given its real name; so a folder
with the name of a backup is a whole one, whatever was killed or pulled out. Nothing in the practice is changed but one
line of its history.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from localstore import database, head, keystore, paths
from localstore.backup import examining, manifest, scratch, shelf, still
from localstore.backup.errors import BackupFailed, DamagedBackup, NoRoomForBackup
from localstore.backup.manifest import Manifest, Piece
from localstore.backup.still import Store
from localstore.clock import Clock, stamp
from localstore.database import DatabaseError
from localstore.errors import BadInput, ConfrereError, DiskFull
from localstore.migrations import APPLICATION_ID
from localstore.postbox_tables import APPLICATION as POSTBOX_APPLICATION
from localstore.practice import Practice
from localstore.reported import is_full
from localstore.rights.archive_tables import APPLICATION as ARCHIVE_APPLICATION

COPYING, CHECKING = "copying", "checking"
EARLIER_KEYS = "backup/"  # in the record: the keys of manifests that were made under an earlier record key
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})

ERRORS = (ConfrereError, OSError, DatabaseError)  # what making one may end in

Progress = Callable[[str, int, int], None]  # COPYING with bytes done and bytes in all, then CHECKING with nothing


class Made(NamedTuple):
    """A new backup: its folder, its moment and size in bytes, and the names of those that rotation removed. `noted` is
    whether the history says so: the disk that the practice is on may be full where the place is not."""

    folder: Path
    made: str
    size: int
    head: manifest.Head
    removed: tuple[str, ...]
    noted: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """What a backup is made of: the folder of a practice, and the key of its record. `kept` are the keys of manifests
    from before the record's key was changed."""

    folder: Path
    key: bytes = field(repr=False)
    clock: Clock = field(repr=False)
    kept: frozenset[bytes] = field(default=frozenset(), repr=False)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def make(practice: Practice, place: Path, progress: Progress = _silent) -> Made:
    """Make a backup in `place`, which is made if its parent is there, and remove those that are too old.

    Others may go on writing meanwhile. A full disk under the practice keeps the history from saying so, not the backup
    from being made. Raises BackupUnderWay, NoRoomForBackup, BackupFailed, BadInput, OSError.
    """
    scratch.sweep(practice.folder, practice.clock())
    made = write(Source(practice.folder, practice.key, practice.clock, manifest_keys(practice)), place, progress)
    try:
        _note(practice, made)
    except DiskFull:
        return made._replace(noted=False)
    except DatabaseError as error:
        if not is_full(error):
            raise
        return made._replace(noted=False)
    return made


def _note(practice: Practice, made: Made) -> None:
    key = manifest.key_of(practice.key, practice.id)
    with database.transaction(practice.connection):
        if key not in dict(_earlier_keys(practice)).values():
            keystore.put(practice.connection, f"{EARLIER_KEYS}{made.folder.name}", key, made.made)
        practice.log("backup-made", subject=made.folder.name, detail=str(made.folder.parent))


def manifest_keys(practice: Practice) -> frozenset[bytes]:
    """The keys of the manifests of this practice: under its present record key, and under those that it had before."""
    return frozenset({manifest.key_of(practice.key, practice.id), *(key for _, key in _earlier_keys(practice))})


def _earlier_keys(practice: Practice) -> list[tuple[str, bytes]]:
    return keystore.beginning_with(practice.connection, EARLIER_KEYS)


def write(source: Source, place: Path, progress: Progress = _silent) -> Made:
    """As `make`, for a practice that is not open, or not yet: nothing in it is changed, its history says nothing."""
    _prepare(place)
    with scratch.alone_in(place), _room_in(place), scratch.scratch(place) as folder:
        made = _fill(source, folder, progress)
        progress(CHECKING, 0, 0)
        try:
            examining.examine(folder, (source.key,), every_page=False)
        except DamagedBackup as error:
            raise BackupFailed(**error.details) from error
        target = place / shelf.name_for(made.moment)
        scratch.move_into_place(folder, target)
        keys = {manifest.key_of(source.key, made.practice), *source.kept}
        removed = shelf.rotate(place, keys, target, made.moment)
    return Made(target, made.made, made.size, made.head, removed)


def _prepare(place: Path) -> None:
    """A place that may be made, but not the folder that it would stand in: that may be where a stick is missing."""
    try:
        place.mkdir(mode=paths.FOLDER_MODE, exist_ok=True)
    except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
        remedy = "Name a folder that is there; if it is on a stick, put the stick in."
        raise BadInput(what="{folder} is not a folder.", folder=str(place), remedy=remedy) from error


@contextmanager
def _room_in(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise NoRoomForBackup(folder=str(place)) from error


def _stores(source: Source) -> list[Store]:
    """The databases of a practice, the record last."""
    record = Store(paths.record(source.folder), source.key, APPLICATION_ID)
    with still.closing(still.attach(record)) as connection:
        others = (
            (paths.postbox(source.folder), keystore.get(connection, keystore.POSTBOX), POSTBOX_APPLICATION),
            (paths.archive(source.folder), keystore.get(connection, keystore.ARCHIVE), ARCHIVE_APPLICATION),
        )
    return [*(Store(path, key, application) for path, key, application in others if key and path.exists()), record]


def _fill(source: Source, folder: Path, progress: Progress) -> Manifest:
    """Copy everything into the folder, the manifest last.

    The others are held while nobody writes to the record: what the desk has dealt with in the postbox is then in the
    record, what the record calls posted is in the postbox, and what it calls archived is in the archive.
    """
    pieces: list[Piece] = []
    with still.held(_stores(source)) as held:
        practice, incarnation = examining.identity_of(held[-1].connection)
        come, made = head.current(held[-1].connection), stamp(source.clock())
        for one in held:
            name = one.store.path.name
            one.copy(folder / name, _adding(progress, pieces, sum(other.size for other in held)))
            pieces.append(Piece(name, (folder / name).stat().st_size, b""))
    for path in (paths.keyring(source.folder), paths.settings(source.folder)):
        if path.exists():
            data = path.read_bytes()
            paths.write_private(folder / path.name, data)
            pieces.append(Piece(path.name, len(data), manifest.digest(data)))
    told = Manifest(manifest.FORMAT, practice, incarnation, made, manifest.Head(*come), tuple(pieces))
    sealed = manifest.sealed(told, manifest.key_of(source.key, practice))
    paths.write_private(folder / manifest.NAME, manifest.encode(sealed))
    return sealed


def _adding(progress: Progress, before: list[Piece], total: int) -> still.Progress:
    done = sum(piece.size for piece in before)

    def tell(size: int) -> None:
        nonlocal done
        done += size
        progress(COPYING, done, total)

    return tell
