"""The SQL of files: kept in pieces inside the encrypted record, written from a stream and read as one.

A file is never whole in memory. It is written in several transactions, so that another window never waits for longer
than a few pieces take, and so that the write-ahead log stays short: one transaction of 500 MB would keep every other
window out for seconds, and need the room twice. Until a version refers to it a file is `unsettled`; what a crash
leaves of one is removed at the next opening (`localstore.documents.keeping`). Its digest is part of the body that
refers to it, which the history covers.
"""

from collections.abc import Iterator
from typing import NamedTuple

from localstore import crypto
from localstore.database import Connection, row, rows, transaction
from localstore.errors import DamagedStore
from localstore.values import Attachment

PIECE_BYTES = 512 * 1024  # small beside the cache of 16 MiB, large beside the cost of a row
PIECES_AT_ONCE = 8  # 4 MiB in one transaction: tens of milliseconds, and as long as the log gets before it is folded
ID_BYTES = 16
PURPOSE = "attachment"
_FILE = "record.db"


class Kept(NamedTuple):
    """A file of the record: its number, whose it is, its size in bytes, its digest of 32 bytes."""

    num: int
    patient: int | None
    size: int
    digest: bytes


def find(connection: Connection, identifier: str) -> Kept | None:
    """The file with this identifier (32 hex digits), or None."""
    try:
        wanted = bytes.fromhex(identifier)
    except ValueError:
        return None
    found = row(connection, "SELECT num, patient, size, digest FROM attachment WHERE id = ?", (wanted,))
    return Kept(*found) if found else None


def same(connection: Connection, patient: int | None, size: int, digest: bytes) -> str:
    """The identifier of a settled file of this patient with the same bytes; empty where there is none."""
    found = row(
        connection,
        "SELECT id FROM attachment WHERE patient IS ? AND size = ? AND digest = ?"
        " AND num NOT IN (SELECT attachment FROM unsettled)",
        (patient, size, digest),
    )
    return found[0].hex() if found else ""


def begin(connection: Connection, patient: int | None, identifier: bytes) -> int:
    """A new file without pieces, unsettled; its number. Inside the caller's transaction."""
    num = connection.execute(
        "INSERT INTO attachment (id, patient, size, digest) VALUES (?, ?, 0, x'')", (identifier, patient)
    ).lastrowid
    connection.execute("INSERT INTO unsettled (attachment) VALUES (?)", (num,))
    assert num is not None  # noqa: S101 - an INSERT has one
    return num


def append(connection: Connection, num: int, place: int, data: bytes) -> None:
    """One piece. Inside the caller's transaction."""
    connection.execute("INSERT INTO chunk (attachment, place, data) VALUES (?, ?, ?)", (num, place, data))


def finish(connection: Connection, num: int, size: int, digest: bytes) -> bool:
    """Write down what the pieces amount to; False where they were swept away meanwhile."""
    changed = connection.execute("UPDATE attachment SET size = ?, digest = ? WHERE num = ?", (size, digest, num))
    return changed.rowcount == 1


def settle(connection: Connection, num: int) -> None:
    """A version refers to the file from now on. Inside the transaction that writes the version."""
    connection.execute("DELETE FROM unsettled WHERE attachment = ?", (num,))


def is_settled(connection: Connection, num: int) -> bool:
    """Whether a version refers to the file."""
    return row(connection, "SELECT 1 FROM unsettled WHERE attachment = ?", (num,)) is None


def unsettled(connection: Connection) -> list[int]:
    """The files that no version refers to yet."""
    return [num for (num,) in rows(connection, "SELECT attachment FROM unsettled ORDER BY attachment")]


def discard(connection: Connection, num: int) -> None:
    """Remove an unsettled file, a few pieces in each transaction: deleting overwrites, and so needs room in the log."""
    while True:
        with transaction(connection):
            if is_settled(connection, num):
                return
            gone = connection.execute(
                "DELETE FROM chunk WHERE attachment = ?1 AND place IN"
                " (SELECT place FROM chunk WHERE attachment = ?1 ORDER BY place DESC LIMIT ?2)",
                (num, PIECES_AT_ONCE),
            ).rowcount
            if gone < PIECES_AT_ONCE:
                connection.execute("DELETE FROM attachment WHERE num = ?", (num,))
                return


def put(connection: Connection, patient: int | None, content: bytes, identifier: bytes) -> Kept:
    """A small file at once, settled, inside the caller's transaction."""
    num = begin(connection, patient, identifier)
    for place, start in enumerate(range(0, len(content), PIECE_BYTES)):
        append(connection, num, place, content[start : start + PIECE_BYTES])
    digest = digest_of(content)
    finish(connection, num, len(content), digest)
    settle(connection, num)
    return Kept(num, patient, len(content), digest)


def digest_of(content: bytes) -> bytes:
    """The digest of a small file: 32 bytes."""
    running = crypto.Running(PURPOSE)
    running.add(content)
    return running.digest()


def pieces(connection: Connection, attachment: Attachment) -> Iterator[bytes]:
    """The bytes of a file, piece after piece.

    Raises DamagedStore where it is gone, and after the last piece where they are not those that were kept: what was
    read until then must not be used.
    """
    kept = find(connection, attachment.id)
    if kept is None or (kept.size, kept.digest.hex()) != (attachment.size, attachment.digest):
        raise DamagedStore(file=_FILE, seen="a document in it is gone, or another one")
    yield from _checked(connection, kept)


def _checked(connection: Connection, kept: Kept) -> Iterator[bytes]:
    running, size, place = crypto.Running(PURPOSE), 0, 0
    while found := row(connection, "SELECT data FROM chunk WHERE attachment = ? AND place = ?", (kept.num, place)):
        running.add(found[0])
        size, place = size + len(found[0]), place + 1
        yield found[0]
    if size != kept.size or running.digest() != kept.digest:
        raise DamagedStore(file=_FILE, seen="a document in it was altered")


def listed(connection: Connection) -> Iterator[Kept]:
    """Every settled file."""
    found_all = rows(
        connection,
        "SELECT num, patient, size, digest FROM attachment WHERE num NOT IN (SELECT attachment FROM unsettled)"
        " ORDER BY num",
    )
    for found in found_all:
        yield Kept(*found)


def is_whole(connection: Connection, kept: Kept) -> bool:
    """Whether the pieces of a file are those that were kept."""
    try:
        for _ in _checked(connection, kept):
            pass
    except DamagedStore:
        return False
    return True


def has_loose_pieces(connection: Connection) -> bool:
    """Whether there are pieces of no file."""
    sql = "SELECT 1 FROM chunk WHERE attachment NOT IN (SELECT num FROM attachment) LIMIT 1"
    return row(connection, sql) is not None
