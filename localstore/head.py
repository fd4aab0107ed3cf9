"""The head: how far the record has come, kept in a file outside of it.

A bit that flips in the write-ahead log, or a log that is deleted, takes commits away without a trace inside of the
database. The head remembers how many commits there were and the last line of the history, under a MAC. It is written
after each commit, in place and within one sector, without waiting for the disk: so after a power cut it may be a few
commits old, never ahead of the record and never half written. A record behind its head has lost something.

    offset  size  field
         0     8  magic "CFREHEAD"
         8     8  format: 1
        16     8  commits
        24     8  number of the last line of the history
        32    32  hash of that line
        64    32  MAC
        96   416  zero, to the end of the sector
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from localstore import crypto, paths
from localstore.database import Connection, row, rows
from localstore.errors import DamagedStore, HeadNotWritten, MissingHead, StaleStore

MAGIC = b"CFREHEAD"
FORMAT = 1
SECTOR = 512  # bytes: what a disk writes wholly or not at all
_BODY = 64
_END = 96
_NUMBER = 8


class Head(NamedTuple):
    """How far a record has come: its commits, and the number and hash (32 bytes) of the last line of its history."""

    commits: int
    line: int
    hash: bytes


NOTHING = Head(0, 0, bytes(32))
# In one statement, because each commit waits for it.
_COUNT = (
    "UPDATE tally SET commits = commits + 1 RETURNING commits,"
    " (SELECT num FROM history ORDER BY num DESC LIMIT 1), (SELECT hash FROM history ORDER BY num DESC LIMIT 1)"
)


def key_of(record_key: bytes) -> bytes:
    """The key of the MAC: whoever cannot open the record cannot make a head for it."""
    return crypto.keyed_digest(record_key, "head-key")


def current(connection: Connection) -> Head:
    """How far the record has come. `commits` is 0 for one that an earlier release wrote, which did not count them."""
    line = row(connection, "SELECT num, hash FROM history ORDER BY num DESC LIMIT 1")
    number, digest = line if line else _last_segment(connection)
    return Head(_commits(connection), number, digest)


def _is_counted(connection: Connection) -> bool:
    return bool(rows(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'tally'"))


def _commits(connection: Connection) -> int:
    found = row(connection, "SELECT commits FROM tally") if _is_counted(connection) else None
    return int(found[0]) if found else 0


def _last_segment(connection: Connection) -> tuple[int, bytes]:
    if not _is_counted(connection):
        return NOTHING.line, NOTHING.hash
    found = row(connection, "SELECT last, hash FROM segment ORDER BY num DESC LIMIT 1")
    return (found[0], found[1]) if found else (NOTHING.line, NOTHING.hash)


def holds(connection: Connection, line: int, digest: bytes) -> bool:
    """Whether the history has this line with this hash. A line whose segment was dropped is known by the segment's end
    alone; one inside of it can no longer be told, and counts as held where a kept line tells of the dropping."""
    if line == 0:
        return True
    found = row(connection, "SELECT hash FROM history WHERE num = ?", (line,))
    if found is None and _is_counted(connection):
        found = row(
            connection,
            "SELECT CASE WHEN last = ?1 THEN hash ELSE ?2 END FROM segment"
            " WHERE dropped <> '' AND ?1 BETWEEN first AND last AND (last = ?1 OR EXISTS (SELECT 1 FROM history"
            " WHERE action = 'history-dropped' AND CAST(detail AS INTEGER) >= ?1))",
            (line, digest),
        )
    return found is not None and crypto.equal(bytes(found[0]), digest)


def encode(head: Head, key: bytes) -> bytes:
    """The head as it lies on the disk: one sector."""
    numbers = (FORMAT, head.commits, head.line)
    body = MAGIC + b"".join(number.to_bytes(_NUMBER, "big") for number in numbers) + head.hash
    return (body + crypto.keyed_digest(key, "head", body)).ljust(SECTOR, b"\0")


def decode(data: bytes, key: bytes) -> Head:
    """Undo `encode`. Raises DamagedStore."""
    body, mac = data[:_BODY], data[_BODY:_END]
    if len(data) != SECTOR or not body.startswith(MAGIC):
        raise DamagedStore(file="head", seen="it is not a head")
    if not crypto.equal(crypto.keyed_digest(key, "head", body), mac):
        raise DamagedStore(file="head", seen="it was altered, or belongs to another record")
    found, commits, line = (int.from_bytes(body[at : at + _NUMBER], "big") for at in (8, 16, 24))
    if found != FORMAT:
        raise DamagedStore(file="head", seen="its format is unknown to this release")
    return Head(commits, line, body[32:])


def read(path: Path, record_key: bytes) -> Head:
    """The head in this file. Raises MissingHead, and DamagedStore when it is altered or another record's."""
    try:
        data = paths.read_small(path, SECTOR)
    except FileNotFoundError:
        raise MissingHead from None
    return decode(data, key_of(record_key))


def write(path: Path, record_key: bytes, head: Head) -> None:
    """Write a head as a new file, durably. Raises OSError."""
    paths.write_private(path, encode(head, key_of(record_key)))


class HeadFile:
    """The head of an open record, as the witness of its connection: checked at opening, written after each commit."""

    def __init__(self, path: Path, record_key: bytes, other_keys: tuple[bytes, ...] = ()) -> None:
        """`other_keys` are the record's further keys while it is being changed: the head may still be under one."""
        self._path, self._record_key, self._key = path, record_key, key_of(record_key)
        self._other_keys = other_keys
        self._descriptor = -1
        self._next = NOTHING

    def check(self, connection: Connection) -> None:
        """Compare the file with the record, and keep it open. A record of an earlier release, which had no head, gets
        its first one. Raises MissingHead, StaleStore, DamagedStore."""
        if not _is_counted(connection) and not self._path.exists():
            write(self._path, self._record_key, current(connection))
        remembered, is_ours = self._read()  # before the record: it is written after, so never ahead
        if _commits(connection) < remembered.commits or not holds(connection, remembered.line, remembered.hash):
            raise StaleStore(line=remembered.line)
        if not is_ours:
            write(self._path, self._record_key, remembered)
        if self._descriptor < 0:
            # The reading has made the write-ahead log. SQLite makes its name durable too, but ignores an error of that:
            # a commit would be in a file that a power cut takes away, while the head remembers it.
            paths.sync_folder(self._path.parent)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)

    def _read(self) -> tuple[Head, bool]:
        """The head, and whether it is under this record's key: a change of the key that was interrupted between the
        record and its head leaves the head under the other one."""
        try:
            return read(self._path, self._record_key), True
        except DamagedStore as error:
            for key in self._other_keys:
                try:
                    return read(self._path, key), False
                except DamagedStore:
                    continue
            raise error

    def before_commit(self, connection: Connection) -> None:
        """Count the commit."""
        [(commits, line, digest)] = rows(connection, _COUNT)
        if line is None:
            line, digest = _last_segment(connection)
        self._next = Head(commits, line, digest)

    def after_commit(self) -> None:
        """Write the head in place, unless another process has already written a newer one. Raises
        HeadNotWritten: the change itself stands."""
        sector = encode(self._next, self._key)
        try:
            with _locked(self._descriptor):
                here = os.pread(self._descriptor, _END, 0)
                if int.from_bytes(here[16:24], "big") < self._next.commits:
                    os.pwrite(self._descriptor, sector, 0)
        except OSError as error:
            raise HeadNotWritten(reason=error.strerror or "") from error

    def close(self) -> None:
        """Make the head durable if the disk lets us, and close the file. Every commit is durable without it, and a head
        that is a few commits old is a good head: an error here must not take the place of what else is told."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with suppress(OSError):
                os.fsync(descriptor)
            os.close(descriptor)


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Alone with the file, where the platform can: two terminals must not write an older head over a newer one."""
    if os.name == "nt":
        yield
        return
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
