"""A private folder in memory, for files that another program is to show: never on a disk, and gone at the lock.

The folder lies on a tmpfs, which is checked and not believed by its name. It holds a lock for as long as it lives; the
system drops that when the process ends, in whatever way. So a folder whose lock is free was abandoned, and is removed
by the next start (`sweep`). What the system swaps out of memory is beyond reach here (docs/known-limits.md).
"""

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from localstore import paths
from localstore.errors import Refused

PREFIX = "confrere-view-"
LOCK = ".lock"
MOUNTS = Path("/proc/mounts")
MAX_MOUNTS_BYTES = 1024 * 1024  # a machine with many containers has some hundred lines
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
LONGEST_NAME = 80
TRIES = 20  # to make a folder while others sweep: it is lost between two steps of some microseconds
_OCTAL = re.compile(r"\\([0-7]{3})")


def candidates(environment: Mapping[str, str]) -> list[Path]:
    """Where such a folder may be made, the user's own place first."""
    own = environment.get("XDG_RUNTIME_DIR", "")
    return [*([Path(own)] if own.startswith("/") else []), SHARED_MEMORY]


def file_system(path: Path, mounts: str) -> str:
    """The type of the file system that a path lies on, by the text of /proc/mounts: the last mounted of the longest
    names that it begins with. Pure."""
    found, length = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), fields[1])
        if path.is_relative_to(place) and len(place) >= length:
            found, length = fields[2], len(place)
    return found


def in_memory(environment: Mapping[str, str], mounts: Path = MOUNTS) -> list[Path]:
    """The candidates that are there, are ours to write to, and lie in memory."""
    try:
        table = paths.read_small(mounts, MAX_MOUNTS_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return []  # no Linux: then nothing is known to be in memory
    real = [place.resolve() for place in candidates(environment) if place.is_dir() and os.access(place, os.W_OK)]
    return [place for place in real if file_system(place, table) in IN_MEMORY]


class MemoryFolder:
    """A folder of this process's own (mode 0700), removed by `close`, or by whoever starts after a kill."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path, self._lock = path, lock

    @classmethod
    def make(cls, places: Sequence[Path]) -> "MemoryFolder":
        """A new one in the first of these places. Raises Refused where there is none, and OSError."""
        if not places or os.name == "nt":
            raise Refused(
                reason="This machine has no place in memory for a file that another program is to show.",
                remedy="Save the document where you want it: what is written then is not encrypted.",
            )
        import fcntl

        for _ in range(TRIES):
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=places[0]))
            try:
                descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, paths.FILE_MODE)
            except FileNotFoundError:
                continue  # somebody swept between these two steps
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if (folder / LOCK).exists():
                return cls(folder, descriptor)
            os.close(descriptor)  # or between those two
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(places[0]))

    def put(self, name: str, pieces: Iterable[bytes], progress: Callable[[int], None] = lambda _done: None) -> Path:
        """Write a file under a harmless form of this name; where it lies. What breaks off leaves nothing."""
        folder = Path(tempfile.mkdtemp(dir=self.path))
        path, done = folder / harmless(name), 0
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, paths.FILE_MODE)
            with open(descriptor, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                    done += len(piece)
                    progress(done)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return path

    def remove(self, path: Path) -> None:
        """Remove a file that `put` wrote."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder with all that is in it. What a program has open it keeps until it closes it."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            descriptor, self._lock = self._lock, -1
            os.close(descriptor)


def harmless(name: str) -> str:
    """A file name of letters, digits, dots, hyphens and underscores; the ending stays, so that programs know it."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip(".-")
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > 8:
        return kept[:LONGEST_NAME] or "document"
    return f"{stem[: LONGEST_NAME - len(ending) - 1] or 'document'}.{ending}"


def sweep(places: Iterable[Path]) -> int:
    """Remove what processes that were killed have left in these places; how many folders. Only those of this user, and
    none whose process is alive."""
    if os.name == "nt":
        return 0
    return sum(_is_removed(left) for place in places for left in place.glob(f"{PREFIX}*"))


def _is_removed(left: Path) -> bool:
    import fcntl

    try:
        found = left.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        descriptor = os.open(left / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, paths.FILE_MODE)
    except OSError:
        return False  # somebody else was faster
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # its process lives
    else:
        shutil.rmtree(left, ignore_errors=True)
        return not left.exists()
    finally:
        os.close(descriptor)
