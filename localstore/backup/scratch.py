"""Working in a folder that is not there yet for anybody else: built under a hidden name, then renamed into place.

One process at a time works in one place. It holds a lock on the place itself, which the system drops when the process
ends, however it ends; so whatever scratch folder stands there once the lock is ours was abandoned, and is removed.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from localstore import paths
from localstore.backup.errors import BackupUnderWay

PREFIX = ".confrere-scratch-"
UNFINISHED_FOR = 3600.0  # seconds; who writes a small file beside its name renames it within milliseconds
# As `paths.write_beside` names them, of the files that are written so in a practice's folder.
_UNFINISHED = re.compile(r"\.(keyring|practice\.toml|head|reserve|daemon\.json)\.[a-z0-9_]{8}")
_TAKEN = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})


@contextmanager
def alone_in(place: Path) -> Iterator[None]:
    """Be the only one who makes, removes or restores a backup in this folder. Raises BackupUnderWay at once when
    another process does, and OSError."""
    if os.name == "nt":
        yield
        return
    import fcntl

    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                raise BackupUnderWay(folder=str(place)) from error
            raise
        remove_abandoned(place)
        yield
    finally:
        os.close(descriptor)


def remove_abandoned(place: Path) -> None:
    """Remove what a process that was ended has left; only for who is `alone_in` the place."""
    for left in place.glob(f"{PREFIX}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)


def sweep(folder: Path, now: datetime) -> None:
    """Remove what processes that were ended have left in a practice's folder: whole copies of it, under hidden names,
    and small files that were never renamed into place. While another works in the folder, and where nothing can be
    removed, all stays for the next time."""
    with suppress(BackupUnderWay, OSError), alone_in(folder):
        for left in folder.iterdir():
            if _UNFINISHED.fullmatch(left.name) and now.timestamp() - left.lstat().st_mtime > UNFINISHED_FOR:
                left.unlink(missing_ok=True)


@contextmanager
def scratch(place: Path) -> Iterator[Path]:
    """A new folder in the place, mode 0700, for who is `alone_in` it; removed at the end unless it was renamed."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def move_into_place(folder: Path, target: Path) -> None:
    """Give a scratch folder its real name, durably: after this call it is there whole, before it was not at all.

    Raises OSError, FileExistsError when something stands under that name.
    """
    paths.sync_folder(folder)
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    os.replace(folder, target)
    paths.sync_folder(target.parent)


def discard(folder: Path) -> bool:
    """Remove a folder: it disappears at once, and its files then. Whether it could be."""
    hidden = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder.parent))
    with suppress(OSError):
        os.replace(folder, hidden)
        paths.sync_folder(folder.parent)
    shutil.rmtree(hidden, ignore_errors=True)
    return not folder.exists()
