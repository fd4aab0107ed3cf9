"""The verbatim resources of imported versions, and the names by which they are recognised when they come again.

A source lies with its version's body in a block. The names of what is about a patient follow from his sources; those of
patients, and of what belongs to nobody, are kept as hashes.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from localstore import crypto, people
from localstore.blocks import Blocks
from localstore.database import Connection, row, rows

KEY_BYTES = 16
_PLACES = "SELECT v.num, v.block, v.place FROM version v "
_OUTLINE = (
    "SELECT v.num, coalesce(e.entry_id, e.id), v.id, v.patient, v.kind = 'patient', v.current, v.block IS NOT NULL"
    " FROM version v JOIN version e ON e.num = v.entry "
)
_COMPANY = "SELECT DISTINCT version FROM came_with "


class _Identified(msgspec.Struct):
    resourceType: str = ""  # noqa: N815 - as FHIR names it
    id: str = ""


_identified = msgspec.json.Decoder(_Identified)


def stored_url(url: str, identifier: str) -> str | None:
    """A fullUrl as it is kept: None where it only repeats the resource's own id, as most do."""
    return None if identifier and url == f"urn:uuid:{identifier}" else url


def get(connection: Connection, version: int, blocks: Blocks | None = None) -> tuple[str, bytes] | None:
    """The (url, bytes) of a version's source, or None. `blocks` are those of the operation, where it asks for many."""
    found = row(connection, "SELECT block, place FROM version WHERE num = ? AND block IS NOT NULL", (version,))
    return _restored(*(blocks or Blocks(connection)).source(*found)) if found else None


def of_patient(connection: Connection, patient: int) -> dict[int, tuple[str, bytes]]:
    """The (url, bytes) of all sources of a patient, by version number; also of records merged into his."""
    members = people.members(connection, patient)
    where = f"WHERE v.block IS NOT NULL AND v.patient IN ({people.marks(members)}) ORDER BY v.num"
    return _all(connection, rows(connection, _PLACES + where, members))


class Outline(NamedTuple):
    """A version of a patient without what it says: its number, the identifiers (32 hex digits) of its entry and of
    itself, the number of whose it is, and whether it is his identity, stands, and has a source."""

    num: int
    entry: str
    version: str
    patient: int
    is_person: bool
    is_current: bool
    has_source: bool


def outline(connection: Connection, patient: int) -> list[Outline]:
    """Every version of a patient and of those merged into his record, in the order in which they were written."""
    members = people.members(connection, patient)
    where = f"WHERE v.patient IN ({people.marks(members)}) ORDER BY v.num"
    found = rows(connection, _OUTLINE + where, members)
    return [
        Outline(num, entry.hex(), version.hex(), owner, bool(is_person), bool(is_current), bool(has_source))
        for num, entry, version, owner, is_person, is_current, has_source in found
    ]


def came_with(connection: Connection, patient: int) -> list[int]:
    """The versions of what belongs to no patient and came in this one's files, oldest first."""
    members = people.members(connection, patient)
    where = f"WHERE patient IN ({people.marks(members)}) ORDER BY version"
    return [num for (num,) in rows(connection, _COMPANY + where, members)]


def _all(connection: Connection, found: list[tuple[int, int, int]]) -> dict[int, tuple[str, bytes]]:
    blocks = Blocks(connection)
    return {num: _restored(*blocks.source(block, place)) for num, block, place in found}


def _restored(url: str | None, raw: bytes) -> tuple[str, bytes]:
    return f"urn:uuid:{_identified.decode(raw).id}" if url is None else url, raw


# --- names -----------------------------------------------------------------------------------------------------------


def key(scope: str, name: str) -> bytes:
    """A name that a source goes by; `scope` keeps apart what two systems both call `Patient/1`."""
    return crypto.digest("source-key", scope.encode(), name.encode(), size=KEY_BYTES)


def name_of(url: str, kind: str, identifier: str, raw: bytes) -> str:
    """The one name by which a resource is recognised: its absolute fullUrl; else its type and id; else its content."""
    if is_absolute(url):
        return url
    return f"{kind}/{identifier}" if identifier else crypto.digest("source-content", raw).hex()


def is_absolute(url: str) -> bool:
    """Whether a fullUrl means the same wherever it stands."""
    return "://" in url or url.startswith("urn:")


def names_of_patient(connection: Connection, patient: int) -> dict[str, list[int]]:
    """All names in one record (by its own number, without those merged into it): the versions that were imported under
    each, oldest first."""
    named: dict[str, list[int]] = {}
    for num, name in imported_names(connection, patient):
        named.setdefault(name, []).append(num)
    return named


def last_updated(resource: object) -> str:
    """When the source of a resource says that it changed it, or nothing."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    return str(meta.get("lastUpdated", "")) if isinstance(meta, dict) else ""


def owners_of_names(connection: Connection, patients: Iterable[int]) -> dict[str, int]:
    """The absolute names in some records, and whose each is; of two, the first."""
    found: dict[str, int] = {}
    for patient in patients:
        for _, name in imported_names(connection, patient):
            if is_absolute(name):
                found.setdefault(name, patient)
    return found


def imported_names(connection: Connection, patient: int) -> Iterator[tuple[int, str]]:
    """The same one by one, as (version, name), for a record whose names are too many to hold."""
    blocks = Blocks(connection)
    found = connection.execute(
        _PLACES + "JOIN origin o ON o.num = v.origin"
        " WHERE v.patient = ? AND v.block IS NOT NULL AND o.provenance = 'imported' ORDER BY v.num",
        (patient,),
    )
    for num, block, place in found:
        url, raw = _restored(*blocks.source(block, place))
        identified = _identified.decode(raw)
        yield num, name_of(url, identified.resourceType, identified.id, raw)


def imported_of_entry(connection: Connection, entry: int) -> list[int]:
    """The versions of an entry that were imported, oldest first."""
    # Each half has an index of its own: that of an entry's later versions leaves the first ones out.
    found = rows(
        connection,
        "SELECT v.num FROM version v JOIN origin o ON o.num = v.origin WHERE v.num IN"
        " (SELECT ?1 UNION ALL SELECT num FROM version WHERE entry = ?1 AND entry <> num)"
        " AND v.block IS NOT NULL AND o.provenance = 'imported' ORDER BY v.num",
        (entry,),
    )
    return [num for (num,) in found]


def put_names(connection: Connection, names: Iterable[tuple[bytes, int]]) -> None:
    """Remember names of patients and of what belongs to none, each as (key, version)."""
    connection.executemany("INSERT OR IGNORE INTO source_name (key, version) VALUES (?, ?)", names)


def versions_named(connection: Connection, name: bytes) -> list[int]:
    """The versions that came under one name of those that `put_names` remembers, oldest first."""
    return [
        num for (num,) in rows(connection, "SELECT version FROM source_name WHERE key = ? ORDER BY version", (name,))
    ]


def are_names_right(connection: Connection) -> bool:
    """Whether every patient, and all that belongs to nobody, is recognised when it comes again: each imported version
    has a name, and the very one where its address is absolute. A relative one is told apart by its file."""
    kept = dict[int, set[bytes]]()
    for name, version in connection.execute("SELECT key, version FROM source_name"):
        kept.setdefault(version, set()).add(name)
    blocks = Blocks(connection)
    found = connection.execute(
        _PLACES + "JOIN origin o ON o.num = v.origin WHERE v.block IS NOT NULL AND o.provenance = 'imported'"
        " AND (v.patient IS NULL OR v.kind = 'patient') ORDER BY v.block, v.place"
    )
    for num, block, place in found:
        names = kept.get(num)
        if not names:
            return False
        url, raw = blocks.source(block, place)
        address = f"urn:uuid:{_identified.decode(raw).id}" if url is None else url
        if is_absolute(address) and key("", address) not in names:
            return False
    return True


def put_company(connection: Connection, patient: int, versions: Iterable[int]) -> None:
    """Remember that these versions, which belong to no patient, came in a file of this one."""
    connection.executemany(
        "INSERT OR IGNORE INTO came_with (patient, version) VALUES (?, ?)", ((patient, num) for num in versions)
    )
