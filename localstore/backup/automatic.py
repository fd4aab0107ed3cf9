"""Backups without being asked: in which places they are made, and when the last one is too old."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from localstore import paths, settings
from localstore.backup import making, manifest, shelf
from localstore.backup.making import Made, Progress
from localstore.practice import Practice

OFTEN_ENOUGH = timedelta(days=1)


class Places(NamedTuple):
    """Where backups of a practice go: what is there, and the second place when it is named and not there."""

    there: tuple[Path, ...]
    missing: Path | None = None


def places(folder: Path) -> Places:
    """The practice's own place, and the second one that practice.toml names: a folder that somebody made, on a stick
    that is plugged in. It is never made here: where the stick is missing, that would be a folder on the same disk.
    Raises BadInput for settings that cannot be read."""
    own, named = paths.backups(folder), settings.read(folder).backup.folder
    if not named:
        return Places((own,))
    second = folder / named  # which is `named` itself where that is a whole path
    return Places((own, second)) if second.is_dir() else Places((own,), second)


def newest(place: Path, now: datetime, key: bytes | None = None) -> datetime | None:
    """The moment of the newest backup in a place that looks whole; with the key of a record, of its own alone. One
    after `now`, made when the clock was wrong, says nothing of how long ago that was, and is none of it."""
    return max((moment for moment in _moments(place, key) if moment <= now), default=None)


def _moments(place: Path, key: bytes | None) -> Iterator[datetime]:
    for one in shelf.standing(place):
        told = one.manifest
        if told is None or one.seen:
            continue
        if key is None or manifest.is_sealed(told, manifest.key_of(key, told.practice)):
            yield told.moment


def is_due(place: Path, now: datetime, key: bytes | None = None) -> bool:
    """Whether no backup in the place is of the day before `now`. One from the future, made when the clock was wrong,
    is none of it."""
    return not any(now - OFTEN_ENOUGH < moment <= now for moment in _moments(place, key))


def due(folder: Path, now: datetime) -> bool:
    """Whether a backup of the practice is due, in any of the places that are there. Needs no key."""
    return any(is_due(place, now) for place in places(folder).there)


def automatic(practice: Practice, progress: Progress) -> Made | None:
    """Make the backups that are due; returns the last one made, None when there was nothing to do. Raises as
    `making.make`; a place that fails keeps none of the others from getting theirs."""
    made, failed = None, None
    for place in places(practice.folder).there:
        if is_due(place, practice.clock(), practice.key):
            try:
                made = making.make(practice, place, progress)
            except making.ERRORS as error:
                failed = failed or error
    if failed is not None:
        raise failed
    return made
