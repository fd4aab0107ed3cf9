"""A digest over all that the record holds, chained from line to line of the history.

SQLCipher knows that a page was written with its key, not that it is the newest: an old page put back turned an allergy
into none, with every check green. Versions are only ever added, so the digest at one line follows from the one before
and from the versions since. Each line of the history carries it, signed with the line; `confrere verify` computes it
again. What a version says of itself is covered, with its author, its origin and its verbatim source, where it lies in a
block through the digest of that; whether it is the current one is not: that follows from the links between versions,
which are. A version that was erased, or that lies in the archive, leaves its digest in its place (`localstore.rights`).
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from localstore import crypto
from localstore.database import Connection

START = bytes(32)
_encoder = msgspec.msgpack.Encoder()
_SAID = (
    "SELECT v.num, v.id, v.entry, v.entry_id, v.patient, v.kind, v.date,"
    " coalesce(b.recorded, v.recorded), v.status, v.sensitivity, v.body,"
    " a.name, a.rpps, o.provenance, o.words, b.digest, v.place,"
    " (SELECT group_concat(hex(parent)) FROM (SELECT parent FROM parent WHERE child = v.num ORDER BY parent))"
    " FROM version v JOIN author a ON a.num = v.author JOIN origin o ON o.num = v.origin"
    " LEFT JOIN block b ON b.num = v.block "
)
_ROWS = _SAID + "WHERE v.num > ? ORDER BY v.num"
_ONE = _SAID + "WHERE v.num = ?"
_GONE = "SELECT num, digest FROM erased WHERE num > ? ORDER BY num"


class Contents(NamedTuple):
    """The number of the last version that is covered, and the digest up to it: 32 bytes."""

    versions: int
    digest: bytes


class Part(NamedTuple):
    """One version's share in the contents: its number, and the digest of what it says."""

    num: int
    digest: bytes


def part_of(connection: Connection, num: int) -> Part:
    """The share of one version that is here. Raises StopIteration when it is not."""
    return _part(next(iter(connection.execute(_ONE, (num,)))))


def _part(values: tuple[int, ...]) -> Part:
    return Part(values[0], crypto.digest("record-version", _encoder.encode(values)))


def _parts(connection: Connection, after: int) -> Iterator[Part]:
    """The shares of all versions after a number, in their order; also of those that left. One that is both here and
    gone has two, which no line agrees with."""
    here = map(_part, connection.execute(_ROWS, (after,)))
    gone = [Part(*values) for values in connection.execute(_GONE, (after,))]
    return heapq.merge(here, gone) if gone else here


def extend(connection: Connection, before: Contents) -> Contents:
    """The contents with all versions that were added since `before`."""
    added = list(_parts(connection, before.versions))
    if not added:
        return before
    return Contents(added[-1].num, crypto.digest("record-contents", before.digest, *(part.digest for part in added)))


class Replay:
    """The versions in their order, digested anew up to one line of the history after the other."""

    def __init__(self, connection: Connection, start: Contents) -> None:
        self.contents = start
        self._parts = _parts(connection, start.versions)
        self._ahead = next(self._parts, None)

    def up_to(self, versions: int) -> bytes:
        """The digest once all versions up to this number are taken in."""
        digests = []
        while self._ahead is not None and self._ahead.num <= versions:
            digests.append(self._ahead.digest)
            self._ahead = next(self._parts, None)
        if digests:
            self.contents = Contents(versions, crypto.digest("record-contents", self.contents.digest, *digests))
        return self.contents.digest

    @property
    def left(self) -> bool:
        """Whether there are versions that no line speaks of."""
        return self._ahead is not None
