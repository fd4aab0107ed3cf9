"""Putting a backup back, as a new incarnation of the practice, in one move.

Everything is built in a scratch folder beside the practice and renamed into place: a damaged backup changes nothing,
nothing is repaired in place, and what stood there before is kept under another name. A new incarnation has new feeds,
so a restored practice never contradicts what it had sent after the backup was made.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from localstore import founding, head, incarnations, keystore, occupancy, paths, postbox
from localstore.backup import copying, examining, manifest, scratch, shelf
from localstore.backup.errors import DamagedBackup
from localstore.backup.examining import Examined
from localstore.backup.manifest import Manifest
from localstore.clock import Clock
from localstore.database import transaction
from localstore.errors import AlreadyThere, DamagedStore
from localstore.head import Head
from localstore.keys import keyring, passphrase, recovery
from localstore.practice import Practice, begin_incarnation, unlock

COPYING, CHECKING = "copying", "checking"

Progress = Callable[[str, int, int], None]  # CHECKING with nothing, then COPYING with bytes done and bytes in all


class Passphrase(NamedTuple):
    """The passphrase of any user whom the backup's keyring knows."""

    secret: str


class Words(NamedTuple):
    """The 24 recovery words, and the passphrase that the founding doctor is to have from now on."""

    words: str
    passphrase: str


Secret = Passphrase | Words


class PassedOver(NamedTuple):
    """A backup that was newer than the one taken, and is damaged."""

    folder: Path
    file: str
    seen: str


class Chosen(NamedTuple):
    """The backup to take, examined, and those that were passed over on the way to it."""

    folder: Path
    manifest: Manifest
    key: bytes
    passed_over: tuple[PassedOver, ...]


class Restored(NamedTuple):
    """What was done: the practice folder, the backup, where the earlier folder is kept (None: there was none), and the
    newer backups that are damaged."""

    folder: Path
    backup: Path
    manifest: Manifest
    kept: Path | None
    passed_over: tuple[PassedOver, ...]


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def restore(
    backup: Path, target: Path, secret: Secret, *, replace: bool, clock: Clock, progress: Progress = _silent
) -> Restored:
    """Make the practice folder `target` from a backup: its folder, a file in it, or a folder of backups, of which the
    newest good one is taken.

    Over something that is there only with `replace`, and then that is renamed and kept. Raises NoBackup, DamagedBackup,
    WrongPassphrase, NotYourRole, AlreadyThere, Occupied, BackupUnderWay, OSError; nothing is changed then.
    """
    target = target.resolve()
    if not replace:
        check_free(target)
    chosen = choose(backup, secret, progress)
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch.alone_in(target.parent), scratch.scratch(target.parent) as folder:
        practice = rebuild(chosen, folder, secret, clock, progress)
        try:
            _begin_anew(practice, chosen)
        finally:
            practice.close()
        kept = _put_in_place(folder, target, clock())
    return Restored(target, chosen.folder, chosen.manifest, kept, chosen.passed_over)


def check_free(target: Path) -> None:
    """Raise AlreadyThere unless `target` is absent or empty."""
    if paths.holds_practice(target):
        remedy = "Restore into another folder with --practice, or over this one with --replace: it is kept aside."
        raise AlreadyThere(what="A practice in {folder}", folder=str(target), remedy=remedy)
    founding.check_new_folder(target)


def choose(backup: Path, secret: Secret, progress: Progress = _silent) -> Chosen:
    """The newest good backup that the path names, opened and examined. Where it names one alone, no other is taken."""
    passed_over: list[PassedOver] = []
    first: DamagedBackup | None = None
    for folder in shelf.candidates(backup):
        progress(CHECKING, 0, 0)
        try:
            examined = _examined(folder, secret)
        except DamagedBackup as error:
            first = first or error
            passed_over.append(PassedOver(folder, str(error.details["file"]), str(error.details["seen"])))
        else:
            return Chosen(folder, examined.manifest, examined.key, tuple(passed_over))
    raise first or DamagedBackup(folder=str(backup), file=manifest.NAME, seen="it is missing")


def _examined(folder: Path, secret: Secret) -> Examined:
    one = shelf.look_at(folder)
    if one.seen:
        raise DamagedBackup(folder=str(folder), file=one.file, seen=one.seen)
    try:
        keys = record_keys(folder, secret)
    except DamagedStore as error:
        raise DamagedBackup(**{**error.details, "folder": str(folder)}) from error
    return examining.examine(folder, keys, every_page=True)


def record_keys(folder: Path, secret: Secret) -> tuple[bytes, ...]:
    """The keys that the keyring in this folder gives away. Raises WrongPassphrase, BadInput, DamagedStore."""
    ring = keyring.read(folder)
    if isinstance(secret, Words):
        return keyring.unlock_with_recovery(ring, passphrase.recovery_key(secret.words))
    return keyring.unlock(ring, passphrase.check(secret.secret)).record_keys


def rebuild(chosen: Chosen, folder: Path, secret: Secret, clock: Clock, progress: Progress = _silent) -> Practice:
    """Fill an empty folder from a backup, and open the practice in it: of the same incarnation, as far as the manifest
    says. Raises as `practice.unlock` does, and OSError."""
    done = 0

    def tell(size: int) -> None:
        nonlocal done
        done += size
        progress(COPYING, done, chosen.manifest.size)

    for piece in chosen.manifest.files:
        copying.copy(chosen.folder / piece.name, folder / piece.name, tell)
    come = chosen.manifest.head
    head.write(paths.head(folder), chosen.key, Head(come.commits, come.line, come.hash))
    if isinstance(secret, Passphrase):
        return unlock(folder, secret.secret, clock=clock)
    founder, ring = recovery.users_of(folder, secret.words)[0], keyring.read(folder)
    cost = keyring.cost(ring) if isinstance(ring, keyring.Keyring) else keyring.DEFAULT_MEMORY
    return recovery.set_passphrase(folder, secret.words, founder, secret.passphrase, clock=clock, memory=cost)


def _begin_anew(practice: Practice, chosen: Chosen) -> None:
    """A new incarnation, with the history line that names the backup; and the postbox told of it."""
    come = chosen.manifest.head
    with transaction(practice.connection):
        incarnation = begin_incarnation(practice.connection)
        told = f"{chosen.manifest.made} {come.line} {come.hash.hex()}"
        practice.log("restored", subject=chosen.folder.name, detail=told)
    key = keystore.get(practice.connection, examining.POSTBOX_KEY)
    path = paths.postbox(practice.folder)
    if key is None or not path.exists():
        return
    opened = postbox.open_postbox(path, key)
    try:
        incarnations.begin(opened, incarnation, practice.now())
    finally:
        opened.close()


def _put_in_place(folder: Path, target: Path, moment: datetime) -> Path | None:
    """Rename the scratch folder to what it is to be; what stood there is renamed first, and back again on failure.
    Returns where that is now. Raises Occupied, OSError."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        scratch.move_into_place(folder, target)
        return None
    kept = target.with_name(f"{target.name}-before-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    lock = occupancy.alone(target) if paths.holds_practice(target) else None
    try:
        os.rename(target, kept)
        try:
            scratch.move_into_place(folder, target)
        except BaseException:
            os.rename(kept, target)
            raise
    finally:
        if lock is not None:
            lock.close()
    return kept
