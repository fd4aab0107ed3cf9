"""Into the archive and back: the whole record, its history kept in step, and reading one where it lies.

The order is what makes a crash harmless: into archive.db first, then out of record.db with the line that tells of it;
back into record.db with its line first, then out of archive.db.
"""

from collections.abc import Iterator

import msgspec

from localstore import inspection, opening, patients, record, versions
from localstore.database import Connection, DatabaseError, rows, transaction
from localstore.errors import Refused
from localstore.inspection import Finding
from localstore.practice import Practice
from localstore.record import Chart
from localstore.rights import archive, erasure, keeping, pieces, removals
from localstore.rights.archive import Archived
from localstore.rights.pieces import CHUNK, Piece
from localstore.rights.removals import ARCHIVED, LINE_OF, RETURNED, Removal
from localstore.roles import Right

READ = "archive-read"  # the action of the line about a reading
_OTHER = "what it holds of a record is not what was archived"
_LEFT = "it still holds a record that was erased or brought back: the next unlocking removes it"


class _Seen(Exception):
    """Undoes the transaction in which an archived record was put back to be read."""


def into_archive(practice: Practice, patient: str) -> Archived:
    """Take a record, with those merged into it, out of record.db into the archive.

    What was exchanged with colleagues, and the consents, stay where they are: a withdrawal must still reach them.
    Raises NotYourRole, UnknownPatient, DamagedStore, and Refused for a patient who has an appointment.
    """
    practice.require(Right.GOVERN)
    archive.sweep(practice)
    connection, identifier = practice.connection, removals.new_identifier()
    with archive.opened(practice) as held, opening.unreferenced(connection), transaction(connection):
        kept = keeping.of_patient(practice, patient)
        owner = patients.number(connection, patient)
        owners = keeping.merged_with(connection, owner)
        _require_unexpected(practice, owner)
        name, at = bytes.fromhex(versions.identifier(connection, owner)), practice.now()
        digest = _write(held, Archived(identifier.hex(), name.hex(), at, kept.patient, kept.days), connection, owners)
        removal = removals.take_out(connection, owners, identifier, ARCHIVED, at, kept=digest)
        practice.log(LINE_OF[ARCHIVED], patient=owner, subject=removal.id, detail=removal.statement)
    erasure.empty_log(connection)
    return Archived(removal.id, name.hex(), at, kept.patient, kept.days)


def _require_unexpected(practice: Practice, owner: int) -> None:
    """Raise Refused for a patient who has an appointment: it would vanish from the agenda."""
    if day := keeping.next_appointment(practice.connection, owner, practice.today()):
        reason = "This patient has an appointment on {date}: archived, it would vanish from the agenda."
        raise Refused(reason=reason, date=day, remedy="Cancel it first, or archive the record after it.")


def _write(held: Connection, one: Archived, connection: Connection, owners: list[int]) -> bytes:
    """Write one record into the archive, durably; returns the digest over all of it."""
    encode, digest, name = msgspec.msgpack.encode, pieces.START, bytes.fromhex(one.removal)
    with transaction(held):
        held.execute(
            "INSERT INTO archived (removal, patient, at, summary, days) VALUES (?, ?, ?, ?, ?)",
            (name, bytes.fromhex(one.id), one.at, encode(one.patient), encode(tuple(one.days))),
        )
        for piece in pieces.read(connection, owners):
            digest = pieces.extended(digest, piece)
            held.execute("INSERT INTO piece (removal, name, data) VALUES (?, ?, ?)", (name, *piece))
    return digest


def _held_pieces(held: Connection, removal: Removal) -> Iterator[Piece]:
    """The pieces of one record as the archive holds them, in their order."""
    sql = "SELECT name, data FROM piece WHERE removal = unhex(?) ORDER BY num"
    return map(Piece._make, held.execute(sql, (removal.id,)))


def _is_whole(held: Connection, removal: Removal) -> bool:
    """Whether what the archive holds of a record is what was archived."""
    digest = pieces.START
    for piece in _held_pieces(held, removal):
        digest = pieces.extended(digest, piece)
    return digest == removal.kept


def bring_back(practice: Practice, patient: str) -> None:
    """Put an archived record back as it was: the same versions, sources and files. Raises NotYourRole, NotFound,
    DamagedStore, and Refused where the same came in again meanwhile: then nothing was changed."""
    one = archive.require(practice, patient)
    connection = practice.connection
    with archive.opened(practice) as held, opening.unreferenced(connection), transaction(connection):
        removal = _removal(connection, one)
        owners = removals.patients_of(connection, removal.num)
        _require_room(connection, _taken(connection, held, removal))
        _put_back(connection, held, removal, owners, files=True)
        owner = removals.number_of(connection, one.id)
        if not removals.undo(connection, removal):
            raise archive.damaged(_OTHER)
        practice.log(RETURNED, patient=owner, subject=removal.id, detail=removal.statement)
    archive.sweep(practice)


def _taken(connection: Connection, held: Connection, removal: Removal) -> pieces.Taken:
    """What record.db holds already of a record in the archive. Raises DamagedStore unless that is whole."""
    if not _is_whole(held, removal):
        raise archive.damaged(_OTHER)
    sql = "SELECT name, data FROM piece WHERE removal = unhex(?) AND name IN ('version', 'attachment')"
    return pieces.taken(connection, map(Piece._make, held.execute(sql, (removal.id,))))


def _require_room(connection: Connection, taken: pieces.Taken) -> None:
    """Raise Refused where what the record holds came in again while it was archived: an identifier is that of one
    version, or of one file, and the history covers both records as they are."""
    if not taken.owners:
        return
    shown = [patients.resolve(connection, versions.identifier(connection, owner)) for owner in sorted(taken.owners)]
    names = ", ".join(f"{one.family_name} {' '.join(one.given_names)} ({one.id[:16]})" for one in shown)
    reason = "While this record was archived, some of it came in again, and stands in another record: {names}."
    remedy = "Archive that record first, then bring this one back: both stay whole, and the archive can be read."
    raise Refused(reason=reason, names=names, remedy=remedy)


def _removal(connection: Connection, one: Archived) -> Removal:
    found = removals.by_identifier(connection, one.removal)
    if found is None or found.kind != ARCHIVED:
        raise Refused(reason="Another window has just changed this.", remedy="Look again.")
    return found


def _put_back(connection: Connection, held: Connection, removal: Removal, owners: list[int], *, files: bool) -> None:
    """Put the pieces, which are whole, into record.db, inside the caller's transaction."""
    wanted = (piece for piece in _held_pieces(held, removal) if files or piece.name != CHUNK)
    pieces.put_back(connection, wanted, owners)


def read(practice: Practice, patient: str, why: str) -> Chart:
    """An archived record as it stands, with the reason for looking at it in the history. Nothing is brought back: it is
    put into record.db in a transaction that is undone. Raises NotYourRole, NotFound, DamagedStore."""
    one = archive.require(practice, patient)
    connection = practice.connection
    removal = _removal(connection, one)
    owners = removals.patients_of(connection, removal.num)
    practice.log_reading(READ, removals.number_of(connection, one.id) or owners[0], removal.id, why)
    seen: list[Chart] = []
    with archive.opened(practice) as held, opening.unreferenced(connection):
        try:
            with transaction(connection):
                pieces.step_aside(connection, _taken(connection, held, removal))
                _put_back(connection, held, removal, owners, files=False)
                seen.append(record.chart(practice, patient))
                raise _Seen
        except _Seen:
            return seen[0]


def findings(practice: Practice) -> Iterator[Finding]:
    """Every check of the archive: its pages, its tables, and whether each record in it is the one that was archived.
    Nothing where there is no archive. Raises DamagedStore for one that does not open."""
    if not archive.is_used(practice):
        return
    standing = archive.standing(practice.connection)
    with archive.opened(practice) as held:
        try:
            yield inspection.pages(held)._replace(check="pages")
            yield inspection.structure(held)._replace(check="structure")
            with transaction(practice.connection):  # nobody is just about to archive one
                there = {one for (one,) in rows(held, "SELECT lower(hex(removal)) FROM archived")}
                left = there - set(archive.standing(practice.connection))
            whole = all(name in there and _is_whole(held, removal) for name, removal in standing.items())
        except DatabaseError:
            yield Finding("pages", "a page of it cannot be read")
            return
    yield Finding("archived", _OTHER if not whole else _LEFT if left else "")
