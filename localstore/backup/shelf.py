"""The backups that stand in one place: finding them, telling good ones from others, and removing what is too old.

Only a folder whose manifest is that of this practice, under its own key, is ever removed.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from localstore import crypto
from localstore.backup import manifest, rotation, scratch
from localstore.backup.errors import DamagedBackup, NoBackup
from localstore.backup.manifest import Manifest

NAME = re.compile(r"confrere-\d{8}T\d{6}Z-[0-9a-f]{8}")
MAX_LISTED = 1_000  # in one place; rotation leaves 24 of one practice
MAX_SMALL_BYTES = 1024 * 1024  # a keyring or settings; their own limits are smaller


class Standing(NamedTuple):
    """A backup as it stands in its place. `seen` says what is wrong with it at first sight, `file` where; both are
    empty for one that looks whole. What it holds is known only once it was opened."""

    folder: Path
    manifest: Manifest | None
    file: str = ""
    seen: str = ""

    @property
    def looks_whole(self) -> bool:
        """Whether its manifest can be read and every file is there."""
        return self.manifest is not None and not self.seen


def name_for(moment: datetime) -> str:
    """The name of a new backup's folder: its moment, and 4 random bytes. It holds no character that a stick refuses."""
    return f"confrere-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{crypto.random_bytes(4).hex()}"


def look_at(folder: Path) -> Standing:
    """One backup at first sight: its manifest, and whether the files are there, of the right length, and where they are
    small, unaltered. Raises NoBackup for a folder that holds none, and OSError."""
    try:
        found = manifest.read(folder)
    except (FileNotFoundError, NotADirectoryError):
        if NAME.fullmatch(folder.name) and folder.is_dir():
            return Standing(folder, None, manifest.NAME, "it is missing")
        raise NoBackup(folder=str(folder)) from None
    except DamagedBackup as error:
        return Standing(folder, None, manifest.NAME, str(error.details["seen"]))
    for piece in found.files:
        if seen := _fault(folder / piece.name, piece):
            return Standing(folder, found, piece.name, seen)
    return Standing(folder, found)


def _fault(path: Path, piece: manifest.Piece) -> str:
    try:
        if not manifest.is_plain(path):
            return "it is no plain file"
        size = path.stat().st_size
    except FileNotFoundError:
        return "it is missing"
    if size != piece.size:
        return "it has another length than when it was made"
    if piece.digest and size > MAX_SMALL_BYTES:
        return "it is larger than it can be"
    if piece.digest and not crypto.equal(manifest.digest(path.read_bytes()), piece.digest):
        return "it was altered"
    return ""


def standing(place: Path) -> list[Standing]:
    """All backups in a place, oldest first; what cannot be read is there with its reason. None where there is no such
    place."""
    if not place.is_dir():
        return []
    names = sorted(path for path in place.iterdir() if NAME.fullmatch(path.name) and not path.is_symlink())
    return sorted((look_at(path) for path in names[-MAX_LISTED:]), key=_order)


def _order(one: Standing) -> tuple[str, str]:
    return (one.manifest.made if one.manifest else "", one.folder.name)


def of_practice(place: Path, keys: Collection[bytes]) -> Iterator[tuple[Standing, Manifest]]:
    """The backups in a place that look whole and whose manifest has a MAC under one of these keys, oldest first."""
    for one in standing(place):
        found = one.manifest
        if found is not None and one.looks_whole and any(manifest.is_sealed(found, key) for key in keys):
            yield one, found


def is_of(folder: Path, keys: Collection[bytes]) -> bool:
    """Whether the manifest of a backup has a MAC under one of these keys. Raises OSError."""
    found = look_at(folder).manifest
    return found is not None and any(manifest.is_sealed(found, key) for key in keys)


def rotate(place: Path, keys: Collection[bytes], made: Path, now: datetime) -> tuple[str, ...]:
    """Remove the backups of this practice that rotation does not keep at `now`, never the one just `made`, and return
    their names. Only for who is alone in the place. One that cannot be removed stays, and is not named."""
    ours = list(of_practice(place, keys))
    kept = rotation.keep((found.moment for _, found in ours), now)
    old = [one.folder for one, found in ours if found.moment not in kept and one.folder.name != made.name]
    return tuple(folder.name for folder in old if scratch.discard(folder))


def candidates(path: Path) -> list[Path]:
    """The backups that a path names, the most wanted first: the one whose folder it is, or a file in it; or those in it
    that look whole, the newest first. Raises NoBackup when there is none."""
    folder = path.parent if path.is_file() else path
    if (folder / manifest.NAME).is_file() or NAME.fullmatch(folder.name):
        return [folder]
    whole = [one.folder for one in standing(folder) if one.looks_whole]
    if not whole:
        raise NoBackup(folder=str(path))
    return whole[::-1]
