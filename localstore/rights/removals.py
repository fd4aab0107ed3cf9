"""The SQL of records that leave record.db: erased for good, or taken into the archive until they are brought back.

Whatever leaves, each of its versions leaves its digest in its place in the chain of contents, so that the history still
verifies; and the removal, with a digest over these, is stated by the history line that tells of it. Who takes a version
away without such a line is found by `first_untold`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from localstore import contents, crypto, indexing, patients
from localstore.database import Connection, row, rows
from localstore.history import last_about

ERASED, ARCHIVED = "erased", "archived"  # the kinds of a removal
LINE_OF = {ERASED: "patient-erased", ARCHIVED: "patient-archived"}  # the action of the line that tells of it
RETURNED = "patient-unarchived"
ID_BYTES = 16
_TOLD = re.compile(r"[0-9]{1,18} ([0-9a-f]{64})(?: .*)?", re.DOTALL)


class Removal(NamedTuple):
    """A record that left: `id` (32 hex digits) names it in the history; how many versions it had, a digest over theirs
    (32 bytes), and one over all that the archive keeps of it (32 bytes; empty where nothing is kept)."""

    num: int
    id: str
    kind: str
    at: str
    versions: int
    digest: bytes
    kept: bytes

    @property
    def statement(self) -> str:
        """The beginning of the detail of the line that tells of it: how many versions, and a digest of all the rest."""
        stated = msgspec.msgpack.encode((self.id, self.kind, self.versions, self.digest, self.kept))
        return f"{self.versions} {crypto.digest('patient-removal', stated).hex()}"


_COLUMNS = "SELECT num, lower(hex(id)), kind, at, versions, digest, kept FROM removal "


def listing(connection: Connection) -> list[Removal]:
    """All removals, oldest first."""
    return [Removal._make(values) for values in rows(connection, _COLUMNS + "ORDER BY num")]


def by_identifier(connection: Connection, identifier: str) -> Removal | None:
    """The removal that the history calls so (32 hex digits), or None."""
    found = row(connection, _COLUMNS + "WHERE id = unhex(?)", (identifier,))
    return Removal._make(found) if found else None


def patients_of(connection: Connection, removal: int) -> list[int]:
    """The local numbers of the records that left together, in their order."""
    found = rows(connection, "SELECT num FROM removed_patient WHERE removal = ? ORDER BY num", (removal,))
    return [num for (num,) in found]


def number_of(connection: Connection, patient: str) -> int | None:
    """The local number that a record which left had, by its identifier (32 hex digits)."""
    found = row(connection, "SELECT num FROM removed_patient WHERE id = unhex(?)", (patient,))
    return int(found[0]) if found else None


def _digest_of_gone(connection: Connection, removal: int) -> tuple[int, bytes]:
    gone = rows(connection, "SELECT num, digest FROM erased WHERE removal = ? ORDER BY num", (removal,))
    return len(gone), crypto.digest("removed-versions", msgspec.msgpack.encode(gone))


# --- taking out ------------------------------------------------------------------------------------------------------

# Where a record of a patient lies, besides its versions: the rows of these tables, by his local number.
_BY_PATIENT = (
    "DELETE FROM unsettled WHERE attachment IN (SELECT num FROM attachment WHERE patient = ?)",
    "DELETE FROM chunk WHERE attachment IN (SELECT num FROM attachment WHERE patient = ?)",
    "DELETE FROM attachment WHERE patient = ?",
    "DELETE FROM came_with WHERE patient = ?",
    "DELETE FROM same_person WHERE ?1 IN (patient, kept)",
    "DELETE FROM block WHERE patient = ?",
)
# The rows that belong to its versions. By one statement each: a table without an index by version is read once.
_BY_VERSION = (
    "DELETE FROM measured WHERE version IN (SELECT num FROM erased WHERE removal = ?)",
    "DELETE FROM source_name WHERE version IN (SELECT num FROM erased WHERE removal = ?)",
    "DELETE FROM parent WHERE child IN (SELECT num FROM erased WHERE removal = ?)",
    "DELETE FROM original WHERE version IN (SELECT num FROM erased WHERE removal = ?)",
    # Those of a patient are gone by now; of what belonged to nobody, only whole blocks leave (`company`).
    "DELETE FROM block WHERE num IN (SELECT block FROM version WHERE num IN"
    " (SELECT num FROM erased WHERE removal = ?))",
    "DELETE FROM version WHERE num IN (SELECT num FROM erased WHERE removal = ?)",
)
# Who wrote, and the names of files: words that may tell of whoever is gone.
_UNUSED = (
    "DELETE FROM author WHERE num NOT IN (SELECT author FROM version)",
    "DELETE FROM origin WHERE num NOT IN (SELECT origin FROM version)",
)


def new_identifier() -> bytes:
    """The name of a removal: 16 random bytes."""
    return crypto.random_bytes(ID_BYTES)


def take_out(
    connection: Connection,
    owners: Sequence[int],
    identifier: bytes,
    kind: str,
    at: str,
    *,
    kept: bytes = b"",
    company: Sequence[int] = (),
) -> Removal:
    """Take the records with these local numbers out of the file, with all that the index holds of them, and the
    versions of nobody that leave with them; returns the removal, of which the caller writes the line. Inside the
    caller's transaction, which is `opening.unreferenced`."""
    number = connection.execute(
        "INSERT INTO removal (id, kind, at, versions, digest, kept) VALUES (?, ?, ?, 0, x'', ?)",
        (identifier, kind, at, kept),
    ).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has one
    nums = list(company)
    for owner in owners:
        nums += [num for (num,) in rows(connection, "SELECT num FROM version WHERE patient = ?", (owner,))]
        connection.execute(
            "INSERT INTO removed_patient (num, id, removal) SELECT num, id, ? FROM version WHERE num = ?",
            (number, owner),
        )
    return _without(connection, Removal(number, identifier.hex(), kind, at, 0, b"", kept), owners, nums)


def _without(connection: Connection, removal: Removal, owners: Sequence[int], nums: Sequence[int]) -> Removal:
    """The removal with these versions too, which are taken out."""
    parts = [(*contents.part_of(connection, num), removal.num) for num in nums]
    connection.executemany("INSERT INTO erased (num, digest, removal) VALUES (?, ?, ?)", parts)
    _delete(connection, removal.num, owners, nums)
    count, digest = _digest_of_gone(connection, removal.num)
    connection.execute("UPDATE removal SET versions = ?, digest = ? WHERE num = ?", (count, digest, removal.num))
    return removal._replace(versions=count, digest=digest)


def _delete(connection: Connection, removal: int, owners: Sequence[int], nums: Sequence[int]) -> None:
    patients.forget(connection, owners)
    connection.executemany("DELETE FROM entry_words WHERE rowid = ?", [(num,) for num in nums])
    for statement in _BY_PATIENT:
        connection.executemany(statement, [(owner,) for owner in owners])
    for statement in _BY_VERSION:
        connection.execute(statement, (removal,))
    indexing.forget_unused(connection)
    for statement in _UNUSED:
        connection.execute(statement)


def forget_papers(connection: Connection, owners: Iterable[int]) -> None:
    """Erase what was exchanged with colleagues about these patients. Of a consent, that it was and is over stays, so
    that a withdrawal under it can still be delivered and attested; of a document, that one came or went."""
    for owner in owners:
        connection.execute("UPDATE consent SET terms = ? WHERE patient = ?", (_NOTHING, owner))
        connection.execute(
            "UPDATE received SET document = x'', state = 'handled', reason = '' WHERE patient = ?", (owner,)
        )
        connection.execute(
            "DELETE FROM enclosed WHERE document IN (SELECT document_id FROM outgoing WHERE patient = ?)", (owner,)
        )
        connection.execute(
            "DELETE FROM answered WHERE document IN (SELECT document_id FROM outgoing WHERE patient = ?)", (owner,)
        )


# The terms of a consent of which nothing is left: no kind, no purpose, no date.
_NOTHING = msgspec.msgpack.encode({"kinds": [], "purpose": "", "given": "", "recorded_by": "", "begins": ""})


# --- the way back ----------------------------------------------------------------------------------------------------


def undo(connection: Connection, removal: Removal) -> bool:
    """After the versions were put back: take the removal itself away. False, and nothing changed, where one of them is
    not what it was."""
    gone = rows(connection, "SELECT num, digest FROM erased WHERE removal = ? ORDER BY num", (removal.num,))
    for num, digest in gone:
        if not row(connection, "SELECT 1 FROM version WHERE num = ?", (num,)):
            return False
        if contents.part_of(connection, num).digest != digest:
            return False
    connection.execute("DELETE FROM erased WHERE removal = ?", (removal.num,))
    connection.execute("DELETE FROM removed_patient WHERE removal = ?", (removal.num,))
    connection.execute("DELETE FROM removal WHERE num = ?", (removal.num,))
    return True


def let_go(connection: Connection, removal: Removal, at: str, company: Sequence[int] = ()) -> Removal:
    """An archived record is erased: from now on nothing is kept of it, and nothing of the versions of nobody that leave
    with it. Inside the caller's transaction, which is `opening.unreferenced`."""
    if company:
        removal = _without(connection, removal, (), company)
    erased = removal._replace(kind=ERASED, at=at, kept=b"")
    connection.execute("UPDATE removal SET kind = ?, at = ?, kept = x'' WHERE num = ?", (ERASED, at, removal.num))
    return erased


# --- whether all of it is told ---------------------------------------------------------------------------------------


def first_untold(connection: Connection, covered: int, is_doctor: Callable[[str], bool]) -> int | None:
    """The line of the history (0: none) at which the removals are not what the history tells of them; None when they
    are. `covered` is the last version of which dropped lines told: what left before may have been told of by them."""
    known = listing(connection)
    for one in known:
        line = last_about(connection, one.id)
        if _digest_of_gone(connection, one.num) != (one.versions, one.digest):
            return line.id if line else 0
        if line is None:
            newest = row(connection, "SELECT coalesce(max(num), 0) FROM erased WHERE removal = ?", (one.num,))
            if newest is None or newest[0] > covered:
                return 0
        elif line.action != LINE_OF[one.kind] or _stated(line.detail) != one.statement or not is_doctor(line.user):
            return line.id
    return _without_removal(connection, {one.id for one in known})


def _stated(detail: str) -> str:
    found = _TOLD.fullmatch(detail)
    return detail[: found.end(1)] if found else ""


def _without_removal(connection: Connection, known: Collection[str]) -> int | None:
    told = rows(
        connection,
        "SELECT max(num), subject FROM history WHERE action IN (?, ?) GROUP BY subject",
        tuple(LINE_OF.values()),
    )
    for num, subject in told:
        line = last_about(connection, subject)
        if subject not in known and line is not None and line.action != RETURNED:
            return int(num)
    return None
