"""A digest over all that the record holds, chained from line to line of the history.

SQLCipher knows that a page was written with its key, not that it is the newest: an old page put back turned an allergy
into none, with every check green. Versions are only ever added, so the digest at one line follows from the one before
and from the versions since. Each line of the history carries it, signed with the line; `confrere verify` computes it
again. What a version says of itself is covered, with its author, its origin and its verbatim source; whether it is the
current one is not: that follows from the links between versions, which are.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from localstore import crypto
from localstore.database import Connection

START = bytes(32)
_encoder = msgspec.msgpack.Encoder()
_ROWS = (
    "SELECT v.num, v.id, v.entry, v.entry_id, v.patient, v.kind, v.date, v.recorded, v.status, v.sensitivity, v.body,"
    " a.name, a.rpps, o.provenance, o.words, s.url, s.data,"
    " (SELECT group_concat(hex(parent)) FROM (SELECT parent FROM parent WHERE child = v.num ORDER BY parent))"
    " FROM version v JOIN author a ON a.num = v.author JOIN origin o ON o.num = v.origin"
    " LEFT JOIN source s ON s.version = v.num WHERE v.num > ? ORDER BY v.num"
)


class Contents(NamedTuple):
    """The number of the last version that is covered, and the digest up to it: 32 bytes."""

    versions: int
    digest: bytes


def extend(connection: Connection, before: Contents) -> Contents:
    """The contents with all versions that were added since `before`."""
    versions, digest = before
    parts = []
    for values in connection.execute(_ROWS, (versions,)):
        versions = values[0]
        parts.append(crypto.digest("record-version", _encoder.encode(values)))
    return Contents(versions, crypto.digest("record-contents", digest, *parts)) if parts else before


class Replay:
    """The versions in their order, digested anew up to one line of the history after the other."""

    def __init__(self, connection: Connection, start: Contents) -> None:
        self.contents = start
        self._rows: Iterator[tuple[object, ...]] = iter(connection.execute(_ROWS, (start.versions,)))
        self._ahead: tuple[object, ...] | None = next(self._rows, None)

    def up_to(self, versions: int) -> bytes:
        """The digest once all versions up to this number are taken in."""
        parts = []
        while self._ahead is not None and int(str(self._ahead[0])) <= versions:
            parts.append(crypto.digest("record-version", _encoder.encode(self._ahead)))
            self._ahead = next(self._rows, None)
        if parts:
            self.contents = Contents(versions, crypto.digest("record-contents", self.contents.digest, *parts))
        return self.contents.digest

    @property
    def left(self) -> bool:
        """Whether there are versions that no line speaks of."""
        return self._ahead is not None
