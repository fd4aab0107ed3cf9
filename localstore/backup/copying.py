"""Copying a file whole, by a process of its own: bytes, fsync, then what the disk has of it compared with the source.

This process may have the file open as a database. Opening it here a second time, and closing it, would drop the locks
that SQLite has on it (POSIX drops all locks of a process on a file when any handle of it is closed). So this file is
also a program, which imports nothing but the standard library and is told two paths. What is copied is encrypted: the
program needs no key, and gets none.
"""

import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PIECE = 1024 * 1024  # bytes read at once
STEP = 8 * PIECE  # bytes between two lines of progress
MODE = 0o600
_LONGEST_LINE = 64

Progress = Callable[[int], None]


def copy(source: Path, target: Path, progress: Progress = lambda _: None) -> None:
    """Copy `source` to the new file `target`, durably; `progress` is told how many bytes more were copied.

    Raises OSError, with the name of the file that it is about: FileExistsError for a target that is there. The process
    that copies ends with this one.
    """
    command = [sys.executable, "-I", "-S", __file__, str(source.resolve()), str(target.absolute())]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        with process:
            _follow(process, source, target, progress)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _follow(process: "subprocess.Popen[bytes]", source: Path, target: Path, progress: Progress) -> None:
    said = "" if process.stdout is None else _last_line(process.stdout, progress)
    which, _, number = said.partition(" ")
    if which in ("source", "target") and number.isdecimal():
        raise OSError(int(number), os.strerror(int(number)), str(source if which == "source" else target))
    if said != "done":
        raise InterruptedError(0, "the process that copied it was ended", str(target))


def _last_line(stream: IO[bytes], progress: Progress) -> str:
    said = ""
    while line := stream.readline(_LONGEST_LINE):
        said = line.decode("ascii", "replace").strip()
        if said.isdecimal():
            progress(int(said))
    return said


def _pieces(descriptor: int, name: str) -> Iterator[bytes]:
    try:
        while piece := os.read(descriptor, PIECE):
            yield piece
    except OSError as error:
        error.filename = name
        raise


def _write(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]


def _copy(source: str, target: str) -> None:
    """The work of the program. Each OSError that it raises names the file that it is about."""
    reading = os.open(source, os.O_RDONLY)
    writing = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, MODE)
    waiting = 0
    for piece in _pieces(reading, source):
        _write(writing, piece)
        waiting += len(piece)
        if waiting >= STEP:
            _say(str(waiting))
            waiting = 0
    _say(str(waiting))
    os.fsync(writing)
    _compare(reading, source, writing, target)
    os.close(writing)


def _compare(reading: int, source: str, written: int, target: str) -> None:
    """Read back what the disk has, not what the cache remembers. A stick may take anything, and say that it did."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(written, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(reading, 0, os.SEEK_SET)
    os.lseek(written, 0, os.SEEK_SET)
    for piece, found in itertools.zip_longest(_pieces(reading, source), _pieces(written, target)):
        if piece != found:
            raise OSError(errno.EIO, os.strerror(errno.EIO), target)


def _say(words: str) -> None:
    # Unbuffered: when nobody reads any more, whoever wanted the copy is gone, and this process ends with it.
    os.write(sys.stdout.fileno(), words.encode("ascii") + b"\n")


def _main(source: str, target: str) -> int:
    try:
        _copy(source, target)
    except BrokenPipeError:
        return 1
    except OSError as error:
        # What fails without a name is the writing: a full disk, a stick that was pulled out.
        _say(f"{'source' if error.filename == source else 'target'} {error.errno or 0}")
        return 1
    _say("done")
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
