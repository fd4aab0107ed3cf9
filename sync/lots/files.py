"""The file of a lot on a disk or a stick: whole under its name or not at all, and never over anything.

While it is written it is called `NAME.part`. A process that was killed leaves that behind, and the next one that writes
the same lot begins it anew.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from localstore import paths
from localstore.errors import AlreadyThere
from sync.errors import LotNotWritten, NoRoomForLot, NotALot

Tell = Callable[[int, int], None]  # how many bytes are done, of how many

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})  # a stick in FAT
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Not every platform has each: not to be inherited, not to wait for a pipe's other end, not through a link.
_MAKING = os.O_RDWR | os.O_CREAT | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_BINARY", "O_NOFOLLOW"))
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_BINARY", "O_NONBLOCK"))


def require_free(path: Path) -> None:
    """Raise AlreadyThere where something has this name, and LotNotWritten where its folder is not there."""
    if os.path.lexists(path):
        raise _taken(path)
    if not path.parent.is_dir():
        raise LotNotWritten(file=str(path), reason="its folder is not there")


def _taken(path: Path) -> AlreadyThere:
    return AlreadyThere(what="{file}", file=str(path), remedy="Choose another name for the lot.")


def create(path: Path, pieces: Iterable[bytes], size: int, tell: Tell) -> None:
    """Write the file, readable by its owner only, of which `size` says how large it will be. Raises AlreadyThere,
    LotNotWritten, NoRoomForLot, and what giving the next piece raises; nothing stays then."""
    require_free(path)
    part = path.with_name(path.name + ".part")
    try:
        descriptor = _claim(part)
        try:
            _fill(descriptor, pieces, size, tell)
            _put_in_place(part, path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        finally:
            os.close(descriptor)
        paths.sync_folder(path.parent)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoomForLot(file=str(path), size=-(-size // 10**6)) from error
        raise LotNotWritten(file=str(path), reason=error.strerror or type(error).__name__) from error


def _claim(part: Path) -> int:
    """The unfinished file, empty and ours alone. Raises AlreadyThere, OSError."""
    descriptor = os.open(part, _MAKING, paths.FILE_MODE)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _taken(part)
        if os.name != "nt":
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(descriptor, paths.FILE_MODE)
        os.ftruncate(descriptor, 0)
    except BlockingIOError:
        os.close(descriptor)
        raise _taken(part) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _fill(descriptor: int, pieces: Iterable[bytes], size: int, tell: Tell) -> None:
    done = 0
    with open(descriptor, "wb", closefd=False) as file:
        for piece in pieces:
            file.write(piece)
            done += len(piece)
            tell(done, size)
        file.flush()
        os.fsync(descriptor)


def _put_in_place(part: Path, path: Path) -> None:
    """Give the finished file its name, unless somebody else has it by now. Raises FileExistsError, OSError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, paths.FILE_MODE))  # the name is ours now
        os.replace(part, path)
    else:
        part.unlink()


@contextmanager
def reading(path: Path, not_in: Path | None = None) -> Iterator[tuple[BinaryIO, int]]:
    """A plain file and its size. Raises NotALot for anything else, and OSError.

    No file of the folder `not_in` is opened: to open and close a database beside SQLite would drop its locks.
    """
    found = path.stat()
    is_ours = not_in is not None and any(os.path.samestat(found, one.lstat()) for one in not_in.iterdir())
    if is_ours or not stat.S_ISREG(found.st_mode):
        raise NotALot(file=str(path))
    descriptor = os.open(path, _READING)
    with open(descriptor, "rb") as file:
        yield file, os.fstat(descriptor).st_size
