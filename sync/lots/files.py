"""The file of a lot on a disk or a stick: whole under its name or not at all, and never over anything.

While it is written it has a name beside it that nobody else can have chosen. A process that was killed leaves that
behind, and nobody takes it for a lot.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from localstore import crypto, paths
from localstore.errors import AlreadyThere
from sync.errors import LotNotWritten, NoRoomForLot, NotALot

Tell = Callable[[int, int], None]  # how many bytes are done, of how many

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})  # a stick in FAT
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNFINISHED_BYTES = 8  # of chance in the name of an unfinished lot
# Not every platform has each: not to be inherited, not to wait for a pipe's other end, not through a link.
_MAKING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_BINARY"))
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_BINARY", "O_NONBLOCK"))


def require_free(path: Path, not_in: Path | None = None) -> None:
    """Raise AlreadyThere where something has this name, and LotNotWritten where its folder is not there, or lies in the
    folder `not_in`: any name may mean something in a practice's own."""
    if os.path.lexists(path):
        raise AlreadyThere(what="{file}", file=str(path), remedy="Choose another name for the lot.")
    try:
        folder = path.parent.resolve(strict=True)
        is_inside = not_in is not None and any(one.samefile(not_in) for one in (folder, *folder.parents))
    except FileNotFoundError as error:
        raise LotNotWritten(file=str(path), reason="its folder is not there") from error
    except OSError as error:
        raise LotNotWritten(file=str(path), reason=error.strerror or type(error).__name__) from error
    if not folder.is_dir():
        raise LotNotWritten(file=str(path), reason="its folder is not there")
    if is_inside:
        raise LotNotWritten(file=str(path), reason="this is the practice's own folder; it is no place for lots")


def create(path: Path, pieces: Iterable[bytes], size: int, tell: Tell) -> None:
    """Write the file, readable by its owner only, of which `size` says how large it will be. Raises AlreadyThere,
    LotNotWritten, NoRoomForLot, and what giving the next piece raises; nothing stays then."""
    require_free(path)
    part = path.with_name(f"{path.name}.{crypto.random_bytes(_UNFINISHED_BYTES).hex()}.part")
    try:
        descriptor = os.open(part, _MAKING, paths.FILE_MODE)
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
        raise AlreadyThere(what="{file}", file=str(path), remedy="Choose another name for the lot.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoomForLot(file=str(path), size=-(-size // 10**6)) from error
        raise LotNotWritten(file=str(path), reason=error.strerror or type(error).__name__) from error


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
