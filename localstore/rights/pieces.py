"""A record as a sequence of rows: how it is taken out of record.db into the archive, and put back as it was.

Numbers that only this file knows (of blocks, files, concepts) may be given to others meanwhile, so they are given anew
when a record comes back; those of versions are never used again, and stay. What follows from the rest, the index and
the line in the list of patients, is made anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from localstore import crypto, indexing, patients, versions
from localstore.blocks import Blocks
from localstore.bodies import PatientBody, decode_body
from localstore.database import Connection, row, rows
from localstore.kinds import Provenance
from localstore.values import Author

START = bytes(32)
CHUNK = "chunk"  # the pieces that hold files: not needed for reading
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class Piece(NamedTuple):
    """One row: of which table, and its values as MessagePack."""

    name: str
    data: bytes


# What is read of each table, by the local number of a patient; in the order in which it is put back.
_READ = (
    ("block", "SELECT num, patient, recorded, digest, bodies, sources FROM block WHERE patient = ? ORDER BY num"),
    (
        "version",
        "SELECT v.num, v.id, v.entry, v.entry_id, v.patient, v.kind, v.date, v.recorded, a.name, a.rpps, o.provenance,"
        " o.words, o.key, v.status, v.sensitivity, v.current, v.body, v.block, v.place FROM version v"
        " JOIN author a ON a.num = v.author JOIN origin o ON o.num = v.origin WHERE v.patient = ? ORDER BY v.num",
    ),
    (
        "parent",
        "SELECT l.child, l.parent FROM parent l JOIN version v ON v.num = l.child WHERE v.patient = ?"
        " ORDER BY l.child, l.parent",
    ),
    # Without what another window is just writing: it finds that the record has left.
    (
        "attachment",
        "SELECT num, id, patient, size, digest FROM attachment WHERE patient = ?"
        " AND num NOT IN (SELECT attachment FROM unsettled) ORDER BY num",
    ),
    (
        CHUNK,
        "SELECT c.attachment, c.place, c.data FROM attachment a JOIN chunk c ON c.attachment = a.num"
        " WHERE a.patient = ? AND a.num NOT IN (SELECT attachment FROM unsettled) ORDER BY c.attachment, c.place",
    ),
    ("came_with", "SELECT patient, version FROM came_with WHERE patient = ? ORDER BY version"),
    (
        "source_name",
        "SELECT n.key, n.version FROM source_name n WHERE n.version IN (SELECT num FROM version WHERE patient = ?)"
        " ORDER BY n.key, n.version",
    ),
    (
        "original",
        "SELECT o.version, o.word FROM original o JOIN version v ON v.num = o.version WHERE v.patient = ?"
        " ORDER BY o.version",
    ),
    ("same_person", "SELECT patient, kept, at FROM same_person WHERE patient = ?"),
    ("patient", "SELECT num, shown FROM patient WHERE num = ?"),
)


def read(connection: Connection, owners: Sequence[int]) -> Iterator[Piece]:
    """All that record.db holds of these records, one row in memory at a time."""
    for name, sql in _READ:
        for owner in owners:
            for values in connection.execute(sql, (owner,)):
                yield Piece(name, _encoder.encode(values))


def extended(digest: bytes, piece: Piece) -> bytes:
    """The digest over one more piece; the first one extends `START`."""
    return crypto.digest("archived-piece", digest, piece.name.encode(), piece.data)


class Taken(NamedTuple):
    """What a record in the archive names, and record.db holds already: identifiers of versions and of files, and the
    local numbers of the patients whom they belong to there."""

    versions: frozenset[bytes]
    files: frozenset[bytes]
    owners: frozenset[int]


def taken(connection: Connection, pieces: Iterable[Piece]) -> Taken:
    """What came in again while a record was archived: a colleague's newer extract has the same versions, an export that
    was imported the same files. The pieces are those of its versions and files."""
    found: dict[str, set[bytes]] = {"version": set(), "attachment": set()}
    owners: set[int] = set()
    for piece in pieces:
        _, identifier, *_ = _decoder.decode(piece.data)
        there = row(connection, _OWNER[piece.name], (identifier,))
        if there is not None:
            found[piece.name].add(identifier)
            owners.update(owner for owner in there if owner is not None)
    return Taken(frozenset(found["version"]), frozenset(found["attachment"]), frozenset(owners))


_OWNER = {
    "version": "SELECT patient FROM version WHERE id = ?",
    "attachment": "SELECT patient FROM attachment WHERE id = ?",
}


def step_aside(connection: Connection, found: Taken) -> None:
    """Give what record.db holds other identifiers, inside of a transaction that will be undone: only for reading."""
    for identifier in found.versions:
        connection.execute("UPDATE version SET id = ? WHERE id = ?", (versions.new_id(), identifier))
    for identifier in found.files:
        connection.execute("UPDATE attachment SET id = ? WHERE id = ?", (versions.new_id(), identifier))


class _Returning:
    """Puts one record back; knows the new numbers of what has been put back already."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.blocks: dict[int, int] = {}
        self.attachments: dict[int, int] = {}
        self.identities: list[tuple[int, int]] = []

    def put(self, name: str, values: list[Any]) -> None:
        """Put one row back."""
        match name:
            case "block":
                self.blocks[values[0]] = self._new(
                    "INSERT INTO block (patient, recorded, digest, bodies, sources) VALUES (?, ?, ?, ?, ?)", values[1:]
                )
            case "attachment":
                self.attachments[values[0]] = self._new(
                    "INSERT INTO attachment (id, patient, size, digest) VALUES (?, ?, ?, ?)", values[1:]
                )
            case "chunk":
                values[0] = self.attachments[values[0]]
                self._new("INSERT INTO chunk (attachment, place, data) VALUES (?, ?, ?)", values)
            case "version":
                self._version(values)
            case "parent":
                self._new("INSERT INTO parent (child, parent) VALUES (?, ?)", values)
            case "came_with":
                self._new("INSERT INTO came_with (patient, version) VALUES (?, ?)", values)
            case "source_name":
                self._new("INSERT INTO source_name (key, version) VALUES (?, ?)", values)
            case "original":
                self._new("INSERT INTO original (version, word) VALUES (?, ?)", values)
            case "same_person":
                self._new("INSERT INTO same_person (patient, kept, at) VALUES (?, ?, ?)", values)
            case "patient":
                self.identities.append((values[0], values[1]))
            case _:
                raise ValueError(name)

    def _new(self, sql: str, values: Sequence[Any]) -> int:
        return self.connection.execute(sql, values).lastrowid or 0

    def _version(self, values: list[Any]) -> None:
        *begin, name, rpps, provenance, words, key, status, sensitivity, current, body, block, place = values
        author = versions.author_number(self.connection, Author(name, rpps))
        origin = versions.origin_number(self.connection, Provenance(provenance), words, key)
        here = self.blocks[block] if block is not None else None
        self._new(
            "INSERT INTO version (num, id, entry, entry_id, patient, kind, date, recorded, author, origin, status,"
            " sensitivity, current, body, block, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*begin, author, origin, status, sensitivity, current, body, here, place),
        )

    def finish(self, owners: Sequence[int]) -> None:
        """Make anew what follows from the rows."""
        blocks = Blocks(self.connection)
        for owner in owners:
            found = rows(
                self.connection, "SELECT num, body, block, place FROM version WHERE patient = ? ORDER BY num", (owner,)
            )
            bodies = [
                (num, inline if block is None else blocks.body(block, place)) for num, inline, block, place in found
            ]
            indexing.fill(self.connection, [(num, decode_body(body)) for num, body in bodies])
        for num, shown in self.identities:
            self._list(num, shown)

    def _list(self, num: int, shown: int) -> None:
        body = versions.by_number(self.connection, [shown])[0][1].body
        found = row(self.connection, "SELECT id FROM version WHERE num = ?", (num,))
        if not isinstance(body, PatientBody) or found is None:
            raise ValueError(shown)
        patients.project(self.connection, num, found[0], body, shown)


def put_back(connection: Connection, pieces: Iterable[Piece], owners: Sequence[int]) -> None:
    """Put the rows back into record.db. Inside the caller's transaction, which is `opening.unreferenced`. The digest
    over the pieces was compared before: they are what `read` gave."""
    returning = _Returning(connection)
    for piece in pieces:
        returning.put(piece.name, _decoder.decode(piece.data))
    returning.finish(owners)
