"""Writing a file into the record from a stream: it is there whole, with the entry that refers to it, or not at all.

`kept` writes the pieces; the entry is added inside of it, and settles the file in its own transaction. Whatever keeps
it from that (a full disk, somebody who says no, a kill) leaves an unsettled file, which is removed: at once, or at
the next opening (`localstore.documents.sweeping`).
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from localstore import crypto, patients, reserve
from localstore.database import DatabaseError, transaction
from localstore.documents import storing
from localstore.documents.sweeping import writing
from localstore.errors import BadInput, Busy, DiskFull, TooLarge
from localstore.practice import Practice
from localstore.reported import is_busy, is_full
from localstore.roles import Right
from localstore.values import Attachment

MAX_FILE_BYTES = 1024**3  # the largest single studies are some hundred megabytes; a backup still copies this in seconds
ROOM = 1.05  # of the file's size: pages
# A file never takes the last room of a disk: consultations go on, and what was begun can be taken back, which needs
# room for the log of a few pieces, and for the record to grow by them.
MARGIN_BYTES = 16 * 1024 * 1024
Progress = Callable[[int, int], None]


def _silent(_done: int, _total: int) -> None:
    return


@contextmanager
def kept(
    practice: Practice,
    patient: str,
    stream: BinaryIO,
    *,
    size: int,
    media_type: str,
    name: str,
    progress: Progress = _silent,
) -> Iterator[Attachment]:
    """Write a file; the block adds the entry that refers to it. `size` is how many bytes are expected, 0 where nobody
    knows; `progress` is told bytes done and bytes in all, between two transactions.

    Raises UnknownPatient, NotYourRole, TooLarge, BadInput for an empty one, DiskFull, Busy, OSError of the stream.
    """
    practice.require(Right.WRITE)
    _require_room(practice, size)
    connection = practice.connection
    with writing(practice.folder):
        with transaction(connection):
            owner = patients.number(connection, patient)
            identifier = crypto.random_bytes(storing.ID_BYTES)
            num = storing.begin(connection, owner, identifier)
        try:
            with _told():
                total, digest = _write(practice, num, stream, size, progress)
            yield Attachment(identifier.hex(), total, digest.hex(), media_type, name)
        finally:
            with suppress(DatabaseError, Busy):  # the next opening sweeps
                storing.discard(connection, num)


def _require_room(practice: Practice, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise _too_large()
    if reserve.is_given_up(practice.folder) or _free(practice) < size * ROOM:
        raise DiskFull


def _free(practice: Practice) -> int:
    return shutil.disk_usage(practice.folder).free - MARGIN_BYTES


def _too_large() -> TooLarge:
    return TooLarge(what="This document", limit=f"{MAX_FILE_BYTES // 1024**2} MiB")


def _write(practice: Practice, num: int, stream: BinaryIO, size: int, progress: Progress) -> tuple[int, bytes]:
    """The pieces, a few in each transaction; how many bytes, and their digest."""
    connection = practice.connection
    running, done, place = crypto.Running(storing.PURPOSE), 0, 0
    while read := _read(stream, storing.PIECE_BYTES * storing.PIECES_AT_ONCE):
        done += len(read)
        if done > MAX_FILE_BYTES:
            raise _too_large()
        if _free(practice) < len(read):
            raise DiskFull
        running.add(read)
        with transaction(connection):
            for start in range(0, len(read), storing.PIECE_BYTES):
                storing.append(connection, num, place, read[start : start + storing.PIECE_BYTES])
                place += 1
        progress(done, max(size, done))
    if not done:
        raise BadInput(what="The file is empty.", remedy="Choose another file.")
    with transaction(connection):
        if not storing.finish(connection, num, done, running.digest()):
            raise Busy
    return done, running.digest()


def _read(stream: BinaryIO, wanted: int) -> bytes:
    """That many bytes, fewer only at the end: a pipe gives what it has."""
    parts, missing = [], wanted
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


@contextmanager
def _told() -> Iterator[None]:
    """A full disk, and another writer who does not end, as errors of ours."""
    try:
        yield
    except DatabaseError as error:
        if is_full(error):
            raise DiskFull from error
        if is_busy(error):
            raise Busy from error
        raise
