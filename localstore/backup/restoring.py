"""Putting a backup back, as a new incarnation of the practice, in one move.

Everything is built in a scratch folder beside the practice and renamed into place: a damaged backup changes nothing,
nothing is repaired in place, and what stood there before is kept under another name. A new incarnation has new feeds,
so a restored practice never contradicts what it had sent after the backup was made.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, founding, head, incarnations, keystore, occupancy, paths, postbox
from localstore.backup import copying, examining, manifest, scratch, shelf
from localstore.backup.errors import DamagedBackup
from localstore.backup.examining import Examined
from localstore.backup.manifest import Manifest
from localstore.clock import Clock
from localstore.database import transaction
from localstore.errors import AlreadyThere, DamagedStore, NoPractice, Refused, WrongPassphrase
from localstore.head import Head
from localstore.keys import keyring, passphrase, recovery
from localstore.practice import Practice, begin_incarnation, unlock

COPYING, CHECKING = "copying", "checking"
NOT_OURS = "it opens with another passphrase"

Progress = Callable[[str, int, int], None]  # COPYING with bytes done and bytes in all, and CHECKING with nothing


class Passphrase(NamedTuple):
    """The passphrase of any user whom the backup's keyring knows."""

    secret: str


class Words(NamedTuple):
    """The 24 recovery words, and the passphrase that the founding doctor is to have from now on."""

    words: str
    passphrase: str


Secret = Passphrase | Words


class PassedOver(NamedTuple):
    """A backup that was newer than the one taken: damaged, with the file, or (`file` is empty) not ours to open."""

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
    newer backups that were passed over."""

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

    Over something that is there only with `replace`, and then that is renamed and kept; the backups of a practice stay
    where they were, in the new folder. Raises NoBackup, DamagedBackup, WrongPassphrase, NotYourRole, AlreadyThere,
    Occupied, BackupUnderWay, OSError; nothing is changed then.
    """
    target = target.resolve()
    if not replace:
        check_free(target)
    wanted = [one.resolve() for one in shelf.candidates(backup)]
    with _made(target.parent), scratch.alone_in(target.parent), scratch.scratch(target.parent) as folder:
        chosen = fetch(wanted, folder, secret, progress)
        _require_same_practice(target, chosen.manifest)
        practice = rebuild(chosen, folder, secret, clock)
        try:
            _begin_anew(practice, chosen)
        finally:
            practice.close()
        kept = _put_in_place(folder, target, clock())
    return Restored(target, _where_now(chosen.folder, target, kept), chosen.manifest, kept, chosen.passed_over)


def _require_same_practice(target: Path, found: Manifest) -> None:
    """Raise Refused where another practice stands. A keyring that cannot be read says nothing of whose it was: after
    ransomware that is what there is to replace."""
    try:
        standing = keyring.read(target).practice
    except (NoPractice, DamagedStore, OSError):
        return
    if standing != found.practice:
        reason = "The practice in {folder} is another one than that of the backup."
        remedy = "Restore it into another folder with --practice."
        raise Refused(reason=reason, folder=str(target), remedy=remedy)


def check_free(target: Path) -> None:
    """Raise AlreadyThere unless `target` is absent or empty."""
    if paths.holds_practice(target):
        remedy = "Restore into another folder with --practice, or over this one with --replace: it is kept aside."
        raise AlreadyThere(what="A practice in {folder}", folder=str(target), remedy=remedy)
    founding.check_new_folder(target)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; on failure, the ones that were made are gone again."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in new:
            with suppress(OSError):  # something else stands in it by now
                path.rmdir()
        raise


def choose(backup: Path, secret: Secret, progress: Progress = _silent) -> Chosen:
    """The newest good backup that the path names, opened and examined. Where it names one alone, no other is taken.

    Raises DamagedBackup; WrongPassphrase only where every other one was refused as well; NoBackup, BadInput, OSError.
    """

    def look(folder: Path, keys: Collection[bytes]) -> Examined:
        progress(CHECKING, 0, 0)
        return examining.examine(folder, keys, every_page=True)

    return _first_good(shelf.candidates(backup), secret, look)


def fetch(wanted: Sequence[Path], into: Path, secret: Secret, progress: Progress = _silent) -> Chosen:
    """The first good one of the wanted backups, copied into an empty folder of ours. What is examined is the copy, so
    that it is what is used: a stick may be exchanged meanwhile. Raises as `choose`."""

    def look(folder: Path, keys: Collection[bytes]) -> Examined:
        _copy(folder, into, progress)
        progress(CHECKING, 0, 0)
        try:
            examined = examining.examine(into, keys, every_page=True)
        except DamagedBackup as error:
            raise DamagedBackup(**{**error.details, "folder": str(folder)}) from error
        (into / manifest.NAME).unlink()
        return examined

    return _first_good(wanted, secret, look)


def _copy(folder: Path, into: Path, progress: Progress) -> None:
    for left in into.iterdir():  # of a backup that was passed over
        left.unlink()
    told, done = manifest.read(folder), 0

    def tell(size: int) -> None:
        nonlocal done
        done += size
        progress(COPYING, done, told.size)

    for piece in told.files:
        source = folder / piece.name
        try:
            copying.copy(source, into / piece.name, tell)
        except OSError as error:
            if error.filename != str(source):
                raise
            raise DamagedBackup(folder=str(folder), file=piece.name, seen="it cannot be read") from error
    paths.write_private(into / manifest.NAME, manifest.encode(told))


def _first_good(wanted: Sequence[Path], secret: Secret, look: Callable[[Path, Collection[bytes]], Examined]) -> Chosen:
    """The first backup that the secret opens and that is good. One that is not ours may stand before it: anybody can
    put a folder on a stick."""
    passed_over: list[PassedOver] = []
    damaged: DamagedBackup | None = None
    refused: dict[bytes, WrongPassphrase] = {}
    for folder in wanted:
        try:
            examined = look(folder, _keys(folder, secret, refused))
        except DamagedBackup as error:
            damaged = damaged or error
            passed_over.append(PassedOver(folder, str(error.details["file"]), str(error.details["seen"])))
        except WrongPassphrase:
            passed_over.append(PassedOver(folder, "", NOT_OURS))
        else:
            return Chosen(folder, examined.manifest, examined.key, tuple(passed_over))
    if damaged is None and refused:
        raise next(iter(refused.values()))
    raise damaged or DamagedBackup(folder=str(wanted[0]), file=manifest.NAME, seen="it is missing")


def _keys(folder: Path, secret: Secret, refused: dict[bytes, WrongPassphrase]) -> tuple[bytes, ...]:
    """As `record_keys`, of a backup that looks whole. A try takes a second and most backups have the same keyring:
    what `refused` the secret, by its digest, is not asked again."""
    one = shelf.look_at(folder)
    if one.manifest is None or one.seen:
        raise DamagedBackup(folder=str(folder), file=one.file, seen=one.seen)
    (ring,) = (piece.digest for piece in one.manifest.files if piece.name == manifest.KEYRING)
    if ring in refused:
        raise refused[ring]
    try:
        return record_keys(folder, secret)
    except WrongPassphrase as error:
        refused[ring] = error
        raise
    except DamagedStore as error:
        raise DamagedBackup(**{**error.details, "folder": str(folder)}) from error


def require_opening(backup: Path, secret: Secret) -> None:
    """Raise WrongPassphrase, or BadInput, where the secret opens none of the backups that the path names."""
    refused: dict[bytes, WrongPassphrase] = {}
    for folder in shelf.candidates(backup):
        with suppress(DamagedBackup, WrongPassphrase):
            _keys(folder, secret, refused)
            return
    for error in refused.values():
        raise error


def record_keys(folder: Path, secret: Secret) -> tuple[bytes, ...]:
    """The keys that the keyring in this folder gives away. Raises WrongPassphrase, BadInput, DamagedStore."""
    ring = keyring.read(folder)
    if isinstance(secret, Words):
        return keyring.unlock_with_recovery(ring, passphrase.recovery_key(secret.words))
    return keyring.unlock(ring, passphrase.check(secret.secret)).record_keys


def rebuild(chosen: Chosen, folder: Path, secret: Secret, clock: Clock) -> Practice:
    """Open the practice in the folder that a backup was fetched into: of the same incarnation, as far as the manifest
    says. Raises as `practice.unlock` does, and OSError."""
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
    key = keystore.get(practice.connection, keystore.POSTBOX)
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
    if os.path.lexists(kept):
        kept = kept.with_name(f"{kept.name}-{crypto.random_bytes(4).hex()}")
    lock = occupancy.alone(target) if paths.holds_practice(target) else None
    try:
        os.rename(target, kept)
        try:
            scratch.move_into_place(folder, target)
        except BaseException:
            os.rename(kept, target)
            raise
        if lock is not None:
            _keep_backups(kept, target)
    finally:
        if lock is not None:
            lock.close()
    return kept


def _keep_backups(kept: Path, target: Path) -> None:
    """Put the backups where they were, under the practice's name. Only once both folders stand: whatever is killed
    before leaves them in the one that is kept, and so does a renaming that fails."""
    with suppress(OSError):
        os.rename(paths.backups(kept), paths.backups(target))
        paths.sync_folder(target)
        paths.sync_folder(kept)


def _where_now(backup: Path, target: Path, kept: Path | None) -> Path:
    """Where a backup stands after the renaming: one that stood elsewhere in the replaced folder moved with it."""
    if kept is None or not backup.is_relative_to(target) or backup.exists():
        return backup
    return kept / backup.relative_to(target)
