"""The archive: records that are kept and no longer used, in a file and under a key of their own.

The record decides. A record that is archived is written whole into archive.db first, and leaves record.db then, in one
transaction that tells of it; one that is brought back is in record.db before it leaves the archive. What a crash leaves
in archive.db beyond what record.db says is there is swept away, and nothing is ever only in neither.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

import msgspec

from localstore import crypto, keystore, opening, paths
from localstore.database import Connection, DatabaseError, rows, transaction
from localstore.errors import Ambiguous, ConfrereError, DamagedStore, NotFound
from localstore.folding import fold
from localstore.model import PatientSummary
from localstore.practice import Practice
from localstore.rights import removals
from localstore.rights.archive_tables import APPLICATION, MIGRATIONS
from localstore.rights.removals import ARCHIVED, Removal
from localstore.rights.terms_of_keeping import Span
from localstore.roles import Right

FILE = "archive.db"
SHORTEST_ID_PREFIX = 6
_summary = msgspec.msgpack.Decoder(PatientSummary)
_days = msgspec.msgpack.Decoder(tuple[str, str, str])
_LISTED = "SELECT lower(hex(removal)), lower(hex(patient)), at, summary, days FROM archived "


class Archived(NamedTuple):
    """A record in the archive: the name of its removal, the patient's identifier, since when, who, and its days."""

    removal: str
    id: str
    at: str
    patient: PatientSummary
    days: Span


def damaged(seen: str) -> DamagedStore:
    """The error for an archive that does not hold what it should; `seen` is a key of the catalogue."""
    return DamagedStore(file=FILE, seen=seen)


# --- the file --------------------------------------------------------------------------------------------------------


@contextmanager
def opened(practice: Practice) -> Iterator[Connection]:
    """The archive; made at the first time, under the record's write lock. Raises DamagedStore when it was there and is
    gone: an empty one would lose what was in it in silence."""
    connection, path = practice.connection, paths.archive(practice.folder)
    with transaction(connection):  # its key is on the disk before the file is: a crash must not leave one without a key
        key = keystore.get(connection, keystore.ARCHIVE)
        if key is None:
            key = crypto.random_bytes(crypto.KEY_BYTES)
            keystore.put(connection, keystore.ARCHIVE, key, practice.now())
    with transaction(connection):
        was_made = is_used(practice)
        if not path.exists():
            if was_made:
                raise damaged("it is missing")
            _make(practice, key)
        if not was_made:
            keystore.put(connection, keystore.ARCHIVE_MADE, b"1", practice.now())
    with closing(opening.open_existing(path, key, APPLICATION, MIGRATIONS)) as connection:
        yield connection


def _make(practice: Practice, key: bytes) -> None:
    path = paths.archive(practice.folder)
    scratch = path.with_name(path.name + ".new")
    paths.remove_database(scratch)  # left by an interrupted first time; nothing was ever in it
    opening.create(scratch, key, APPLICATION, MIGRATIONS).close()
    os.replace(scratch, path)
    paths.sync_folder(path.parent)


def is_used(practice: Practice) -> bool:
    """Whether there is an archive."""
    return keystore.get(practice.connection, keystore.ARCHIVE_MADE) is not None


def standing(connection: Connection) -> dict[str, Removal]:
    """The removals that record.db says are in the archive."""
    return {one.id: one for one in removals.listing(connection) if one.kind == ARCHIVED}


def sweep(practice: Practice) -> int:
    """Drop from the archive what record.db does not say is there: what a crash left, what came back, what was erased.
    Returns how many records. Under the record's write lock, so that nobody is just about to archive one of them."""
    if not is_used(practice):
        return 0
    with opened(practice) as held, transaction(practice.connection), transaction(held):
        kept = standing(practice.connection)
        found = [one for (one,) in rows(held, "SELECT lower(hex(removal)) FROM archived")]
        old = [one for one in found if one not in kept]
        for one in old:
            held.execute("DELETE FROM piece WHERE removal = unhex(?)", (one,))
            held.execute("DELETE FROM archived WHERE removal = unhex(?)", (one,))
    return len(old)


def sweep_if_possible(practice: Practice) -> None:
    """As `sweep`, at an unlocking: what an interrupted erasure or archiving left goes now. A damaged archive, a full
    disk or another window keeps nobody from working: `confrere verify` says what is left."""
    with suppress(ConfrereError, DatabaseError, OSError):
        sweep(practice)


# --- who is in it ----------------------------------------------------------------------------------------------------


def listing(practice: Practice) -> list[Archived]:
    """Everybody in the archive, by name. Raises NotYourRole, DamagedStore."""
    practice.require(Right.IDENTITY)
    if not is_used(practice):
        return []
    kept = standing(practice.connection)
    with opened(practice) as held:
        found = [_archived(values) for values in rows(held, _LISTED)]
    if missing := set(kept) - {one.removal for one in found}:
        raise damaged("a record that was archived is not in it") from KeyError(len(missing))
    here = [one for one in found if one.removal in kept]
    return sorted(here, key=lambda one: (one.patient.family_name, one.patient.given_names, one.patient.birth_date))


def _archived(values: tuple[str, str, str, bytes, bytes]) -> Archived:
    removal, patient, at, summary, days = values
    return Archived(removal, patient, at, _summary.decode(summary), Span(*_days.decode(days)))


def find(practice: Practice, patient: str) -> Archived | None:
    """The archived record of the patient with this identifier (32 hex digits), or None."""
    return next((one for one in listing(practice) if one.id == patient), None)


def require(practice: Practice, patient: str) -> Archived:
    """As `find`. Raises NotFound."""
    found = find(practice, patient)
    if found is None:
        raise NotFound(what="The archived record “{reference}”", reference=patient)
    return found


def resolve(practice: Practice, reference: str) -> Archived:
    """The one archived record meant by an identifier, the beginning of one (6 digits or more), an INS, or words of the
    name. Raises NotFound, Ambiguous, NotYourRole."""
    typed = reference.strip().lower()
    words = fold(reference).split()
    found = [one for one in listing(practice) if _is_meant(one, typed, words)]
    if not found:
        raise NotFound(what="The archived record “{reference}”", reference=reference)
    if len(found) > 1:
        names = ", ".join(f"{one.patient.family_name} ({one.id[:16]})" for one in found[:5])
        raise Ambiguous(reference=reference, count=len(found), names=names)
    return found[0]


def _is_meant(one: Archived, typed: str, words: list[str]) -> bool:
    if len(typed) >= SHORTEST_ID_PREFIX and one.id.startswith(typed):
        return True
    if typed and one.patient.ins.lower() == typed:
        return True
    known = fold(f"{one.patient.family_name} {' '.join(one.patient.given_names)} {one.patient.birth_date}").split()
    return bool(words) and all(any(name.startswith(word) for name in known) for word in words)
