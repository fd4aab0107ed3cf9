"""The history: who did what, when, to whose record. Each line holds the hash of the line before and a signature.

A line is written in the transaction of the change that it tells of, so neither can exist without the other. It is
signed with a key that only the passphrase of the acting user opens: another user of the same practice cannot write one
under that key. It carries a digest of all that the record held then (`localstore.contents`). Entries are named by
identifier. Details are in words: the reason of a retraction or of a reading, as a person typed it, and the names of
files that were imported. So a line may tell of a patient's health; it lies in the encrypted record with it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from localstore import crypto, people
from localstore.contents import START as NO_CONTENTS
from localstore.contents import Contents, extend
from localstore.database import Connection, row, rows

START = bytes(32)


class Line(NamedTuple):
    """One line. `patient` is the identifier of the patient's record, or empty."""

    id: int
    at: str
    user: str
    action: str
    patient: str
    subject: str
    detail: str


class Signer(NamedTuple):
    """Who signs: the number of the key in `user_key`, and its pair."""

    key: int
    pair: crypto.KeyPair


class Stored(NamedTuple):
    """A line as it is stored. `told` is what it says: at, user, action, patient (a local number), subject, detail.
    A line of the first release has no key, no signature and no contents."""

    num: int
    told: tuple[Any, ...]
    previous: bytes
    hash: bytes
    key: int | None
    signature: bytes | None
    contents: Contents | None

    def follows(self, previous: bytes) -> bool:
        """Whether the line's hash is that of its words, after the line with the hash `previous`."""
        return self.previous == previous and self.hash == self._expected()

    def _expected(self) -> bytes:
        if self.contents is None:
            return crypto.digest("history-line", self.previous, msgspec.msgpack.encode(self.told))
        return line_hash(self.num, self.told, self.previous, self.key or 0, self.contents)


def line_hash(num: int, told: tuple[Any, ...], previous: bytes, key: int, contents: Contents) -> bytes:
    """The hash of a line: 32 bytes over its number, its words, the hash before it, its key and the contents."""
    stated = msgspec.msgpack.encode((num, told, key, contents.versions, contents.digest))
    return crypto.digest("history-line-2", previous, stated)


def append(
    connection: Connection,
    signer: Signer,
    *,
    at: str,
    user: str,
    action: str,
    patient: int | None = None,
    subject: str = "",
    detail: str = "",
) -> None:
    """Add a line. Must be called inside the transaction of the change that it tells of, after the change."""
    if not connection.in_transaction:
        raise RuntimeError("a history line belongs to the transaction of its change")
    num, previous, contents = _end(connection)
    contents = extend(connection, contents)
    told = (at, user, action, patient, subject, detail)
    digest = line_hash(num + 1, told, previous, signer.key, contents)
    signature = crypto.sign_with(signer.pair, "history-line", digest)
    connection.execute(
        "INSERT INTO history (num, at, user, action, patient, subject, detail, previous, hash, key, signature,"
        " versions, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (num + 1, *told, previous, digest, signer.key, signature, contents.versions, contents.digest),
    )


def _end(connection: Connection) -> tuple[int, bytes, Contents]:
    """The number and hash of the last line, and the contents at it; also when its segment was dropped."""
    last = row(connection, "SELECT num, hash, versions, content FROM history ORDER BY num DESC LIMIT 1") or row(
        connection, "SELECT last, hash, versions, content FROM segment ORDER BY num DESC LIMIT 1"
    )
    if last is None:
        return 0, START, Contents(0, NO_CONTENTS)
    # Lines of the first release carry no contents: the first one after them covers everything from the beginning.
    contents = Contents(0, NO_CONTENTS) if last[3] is None else Contents(last[2], last[3])
    return last[0], last[1], contents


_LINES = (
    "SELECT h.num, h.at, h.user, h.action, lower(hex(coalesce(p.id, r.id, x''))), h.subject, h.detail"
    " FROM history h LEFT JOIN version p ON p.num = h.patient LEFT JOIN removed_patient r ON r.num = h.patient "
)
_OF_RECORD = _LINES + "WHERE h.patient = ?"
_OF_MERGES = _LINES + "WHERE h.action IN ('patients-merged', 'patients-unmerged') AND h.subject = ?"
_MERGES = (
    "SELECT num, action, patient FROM history WHERE action IN ('patients-merged', 'patients-unmerged') AND subject = ?"
    " ORDER BY num"
)
_BETWEEN = _LINES + "WHERE h.patient = ? AND h.num > ? AND h.num < ? ORDER BY h.num"
_NAME = (
    "SELECT lower(hex(id)) FROM version WHERE num = ?1"
    " UNION ALL SELECT lower(hex(id)) FROM removed_patient WHERE num = ?1 LIMIT 1"
)
LAST = 2**63 - 1  # above the number of any line
# What somebody learnt of a whole record: where two were read as one, he learnt it of both.
DISCLOSING = frozenset(
    {"record-read", "administrative-read", "exported", "emergency-exported", "patient-report", "extract-shared"}
)


def lines(connection: Connection, patient: int | None = None) -> list[Line]:
    """All lines, or those about one patient (by its local number), oldest first: also what was done in the records that
    were merged into his; that his was merged into another one or taken apart from it, and who was shown or sent the
    other one in between, for he was shown or sent this one too."""
    if patient is None:
        return [Line(*values) for values in rows(connection, _LINES + "ORDER BY h.num")]
    found = [one for num in people.members(connection, patient) for one in rows(connection, _OF_RECORD, (num,))]
    found += rows(connection, _OF_MERGES, row(connection, _NAME, (patient,)) or ("",))
    for num in people.members(connection, patient):
        found += _shown_as_part(connection, num, 0, LAST, people.MOST)
    return [Line(*values) for values in sorted(set(found))]


def _shown_as_part(connection: Connection, patient: int, first: int, last: int, depth: int) -> list[tuple[Any, ...]]:
    """The disclosing lines about the records under which this one was read, each while it was, between two lines."""
    found: list[tuple[Any, ...]] = []
    for kept, since, until in _read_under(connection, patient) if depth else ():
        begin, end = max(first, since), min(last, until)
        if begin < end:
            told = rows(connection, _BETWEEN, (kept, begin, end))
            found += [values for values in told if values[3] in DISCLOSING]
            found += _shown_as_part(connection, kept, begin, end, depth - 1)
    return found


def _read_under(connection: Connection, patient: int) -> Iterator[tuple[int, int, int]]:
    """Under which record one was read, from which line to which. Where the line of the merge was dropped, from the
    beginning."""
    since, under = 0, 0
    for num, action, kept in rows(connection, _MERGES, row(connection, _NAME, (patient,)) or ("",)):
        if action == "patients-merged":
            since, under = num, kept
        else:
            yield under or kept, since, num
            since, under = 0, 0
    if under:
        yield under, since, LAST


def last_of(connection: Connection, action: str) -> Line | None:
    """The newest line of that action."""
    found = row(
        connection,
        "SELECT num, at, user, action, '', subject, detail FROM history WHERE action = ? ORDER BY num DESC LIMIT 1",
        (action,),
    )
    return Line(*found) if found else None


def last_about(connection: Connection, subject: str) -> Line | None:
    """The newest kept line about a record that left this file, by the name of its removal."""
    found = row(
        connection,
        "SELECT num, at, user, action, '', subject, detail FROM history WHERE subject = ? AND action IN"
        " ('patient-erased', 'patient-archived', 'patient-unarchived') ORDER BY num DESC LIMIT 1",
        (subject,),
    )
    return Line(*found) if found else None


def last_moment(connection: Connection) -> str:
    """The moment of the last kept line; empty when none is kept."""
    found = row(connection, "SELECT at FROM history ORDER BY num DESC LIMIT 1")
    return str(found[0]) if found else ""


def last_seen(connection: Connection) -> dict[str, str]:
    """The moment of the newest kept line of each user, by the user's identifier."""
    return dict(rows(connection, "SELECT user, max(at) FROM history GROUP BY user"))


def count(connection: Connection) -> int:
    """How many lines are kept."""
    found = row(connection, "SELECT count(*) FROM history")
    return int(found[0]) if found else 0


def stored(connection: Connection, after: int = 0) -> Iterator[Stored]:
    """The lines after a number as they are stored, in their order."""
    for num, *told, previous, digest, key, signature, versions, content in connection.execute(
        "SELECT num, at, user, action, patient, subject, detail, previous, hash, key, signature, versions, content"
        " FROM history WHERE num > ? ORDER BY num",
        (after,),
    ):
        contents = None if content is None else Contents(versions, content)
        yield Stored(num, tuple(told), previous, digest, key, signature, contents)


def names(connection: Connection) -> dict[str, str]:
    """The name of everybody who ever worked here, by the identifier that the lines use."""
    return {identifier: name for identifier, name in rows(connection, "SELECT id, name FROM user")}
