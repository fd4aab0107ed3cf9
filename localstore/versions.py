"""The SQL of entries: writing versions, reading them back. No rule is decided here, and no history line is written.

`num` is the local number of a version, `entry` that of the entry's first version. Callers hold the transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from localstore import crypto, people
from localstore.blocks import Blocks, Packed, divided, put
from localstore.bodies import Body, decode_body, encode_body
from localstore.database import Connection, row, rows
from localstore.errors import Ambiguous, TooShort, UnknownEntry
from localstore.indexing import Index
from localstore.kinds import Kind, Provenance, Sensitivity, Status
from localstore.model import Entry
from localstore.standing import end, stance
from localstore.values import Author


def _stored(word: StrEnum, usual: StrEnum) -> str:
    """A word as its row has it: nothing for the usual one."""
    return "" if word is usual else word.value


ID_BYTES = 16
BATCH_BYTES = 2  # few enough that the first six digits still tell two entries of one import apart
SHORTEST_ID_PREFIX = 6
_STATUS = {_stored(one, Status.FINAL): one for one in Status}
_SENSITIVITY = {_stored(one, Sensitivity.NORMAL): one for one in Sensitivity}
_PROVENANCE = {one.value: one for one in Provenance}
_author = lru_cache(maxsize=64)(Author)  # the few who write in one practice
_INLINE = (None, None)  # neither block nor place: the body lies in the row


class NewVersion(msgspec.Struct, frozen=True, gc=False):
    """A version to be written. `entry` is None for an entry that is new here; `entry_id` its identifier where that is
    not the version's own. `patient` is None for what belongs to nobody, and the version's own number for a new patient.
    `parents` are identifiers, known here or not. `source` is the resource that it came as, compact, or empty; `url` the
    fullUrl of that, None where it only repeats its id. One that was `received` replaces only what came from the same
    origin: what is our own, or another's, stands beside it until a person decides."""

    num: int
    id: bytes
    entry: int | None
    patient: int | None
    body: Body
    kind: Kind
    date: str
    recorded: str
    author: int
    origin: int
    status: Status = Status.FINAL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    parents: tuple[bytes, ...] = ()
    entry_id: bytes | None = None
    received: bool = False
    source: bytes = b""
    url: str | None = ""


def new_id() -> bytes:
    """16 random bytes."""
    return crypto.random_bytes(ID_BYTES)


def new_ids() -> Iterator[bytes]:
    """New identifiers that begin alike. Those of one import are written side by side in the index, and not all over
    it; what they tell is that they were imported together, and nothing of what lies between them."""
    batch = crypto.random_bytes(BATCH_BYTES)
    while True:
        yield batch + crypto.random_bytes(ID_BYTES - BATCH_BYTES)


def next_number(connection: Connection) -> int:
    """The number of the next version; stays right until the transaction ends. That of one that was erased is not used
    again."""
    found = row(
        connection,
        "SELECT 1 + max(coalesce((SELECT max(num) FROM version), 0), coalesce((SELECT max(num) FROM erased), 0))",
    )
    assert found is not None  # noqa: S101 - an aggregate always has a row
    return int(found[0])


def insert(connection: Connection, versions: Iterable[NewVersion]) -> None:
    """Write versions, those with a source into blocks, and index them. A version is current until one that replaces it
    is here, whichever came first."""
    versions = list(versions)
    bodies = [encode_body(new.body) for new in versions]
    blocked = _put_blocks(connection, versions, bodies)
    index = Index(connection)
    connection.executemany(
        "INSERT INTO version (num, id, entry, entry_id, patient, kind, date, recorded, author, origin, status,"
        " sensitivity, current, body, block, place, concept, stance, until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
        [
            (
                new.num,
                new.id,
                new.entry or new.num,
                new.entry_id,
                new.patient,
                new.kind.value,
                new.date,
                "" if new.source else new.recorded,
                new.author,
                new.origin,
                _stored(new.status, Status.FINAL),
                _stored(new.sensitivity, Sensitivity.NORMAL),
                b"" if new.source else body,
                *blocked.get(new.num, _INLINE),
                index.take(new.num, new.body),
                stance(new.body),
                end(new.body),
            )
            for new, body in zip(versions, bodies, strict=True)
        ],
    )
    index.write()
    _replace_parents(connection, versions)


def _put_blocks(connection: Connection, versions: list[NewVersion], bodies: list[bytes]) -> dict[int, tuple[int, int]]:
    """Write what has a source into blocks, each of one patient; where each version lies, by its number."""
    found: dict[int, tuple[int, int]] = {}
    together: dict[tuple[int | None, str], list[tuple[int, Packed]]] = {}
    for new, body in zip(versions, bodies, strict=True):
        if new.source:
            kept = together.setdefault((new.patient, new.recorded), [])
            kept.append((new.num, Packed(body, new.url, new.source)))
    for (patient, recorded), kept in together.items():
        for numbers, packed in divided(kept):
            block = put(connection, patient, recorded, packed)
            found |= {num: (block, place) for place, num in enumerate(numbers)}
    return found


def _replace_parents(connection: Connection, versions: list[NewVersion]) -> None:
    links = [(new, parent) for new in versions for parent in new.parents]
    if links:
        connection.executemany(
            "INSERT INTO parent (child, parent) VALUES (?, ?)", [(new.num, parent) for new, parent in links]
        )
        # Only a version of the same entry: what a colleague sends must not replace something else by naming it.
        connection.executemany(
            "UPDATE version SET current = 0 WHERE id = ? AND entry = ? AND (NOT ? OR origin = ?)",
            [(parent, new.entry or new.num, new.received, new.origin) for new, parent in links],
        )
    later = [(new.num, new.id, new.entry, new.origin) for new in versions if new.entry is not None]
    if later:
        connection.executemany(
            "UPDATE version SET current = 0 WHERE num = ? AND EXISTS ("
            "SELECT 1 FROM parent l JOIN version c ON c.num = l.child JOIN origin o ON o.num = c.origin"
            " WHERE l.parent = ? AND c.entry = ? AND (c.origin = ? OR o.provenance <> 'received'))",
            later,
        )


def author_number(connection: Connection, author: Author) -> int:
    """The number of an author, who is written down at the first use."""
    values = (author.name, author.rpps)
    found = row(connection, "SELECT num FROM author WHERE name = ? AND rpps = ?", values)
    if found is None:
        return _inserted(connection, "INSERT INTO author (name, rpps) VALUES (?, ?)", values)
    return int(found[0])


def origin_number(connection: Connection, provenance: Provenance, words: str, key: str = "") -> int:
    """The number of an origin, which is written down at the first use; `key` tells two of the same words apart."""
    values = (provenance.value, words, key)
    found = row(connection, "SELECT num FROM origin WHERE provenance = ? AND words = ? AND key = ?", values)
    if found is None:
        return _inserted(connection, "INSERT INTO origin (provenance, words, key) VALUES (?, ?, ?)", values)
    return int(found[0])


def _inserted(connection: Connection, sql: str, values: tuple[str, ...]) -> int:
    number = connection.execute(sql, values).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has one
    return number


def number(connection: Connection, version: str) -> int | None:
    """The local number of the version with this identifier (32 hex digits), or None."""
    try:
        found = row(connection, "SELECT num FROM version WHERE id = ?", (bytes.fromhex(version),))
    except ValueError:
        return None
    return int(found[0]) if found else None


def resolve(connection: Connection, reference: str) -> str:
    """The identifier of the one version meant by it or by its beginning (6 digits or more).

    Raises UnknownEntry, or Ambiguous when several begin so.
    """
    wanted = reference.strip().lower()
    if len(wanted) < SHORTEST_ID_PREFIX:
        raise TooShort(reference=reference, count=SHORTEST_ID_PREFIX)
    if not SHORTEST_ID_PREFIX <= len(wanted) <= 2 * ID_BYTES or set(wanted) - set("0123456789abcdef"):
        raise UnknownEntry(reference=reference)
    bounds = [bytes.fromhex(wanted.ljust(2 * ID_BYTES, digit)) for digit in "0f"]
    found = rows(connection, "SELECT id FROM version WHERE id BETWEEN ? AND ? LIMIT 2", bounds)
    if not found:
        raise UnknownEntry(reference=reference)
    if len(found) > 1:
        raise Ambiguous(reference=reference, count=len(found), names=", ".join(one.hex() for (one,) in found))
    return str(found[0][0].hex())


def entry_number(connection: Connection, entry: str) -> int | None:
    """The local number of the first version of the entry with this identifier (32 hex digits), or None."""
    try:
        identifier = bytes.fromhex(entry)
    except ValueError:
        return None
    found = row(
        connection,
        "SELECT num FROM version WHERE entry_id = ?1 AND entry = num"
        " UNION ALL SELECT num FROM version WHERE id = ?1 AND entry = num AND entry_id IS NULL",
        (identifier,),
    )
    return int(found[0]) if found else None


def patient_of(connection: Connection, num: int) -> int | None:
    """The local number of the patient whom a version is about."""
    found = row(connection, "SELECT patient FROM version WHERE num = ?", (num,))
    return found[0] if found else None


# In two halves, each with an index: that of versions after the first leaves the first ones out.
_OF_ENTRY = "SELECT ?1 UNION ALL SELECT num FROM version WHERE entry = ?1 AND entry <> num"


def standing(connection: Connection, entry: int) -> set[int]:
    """The current versions of an entry."""
    sql = f"SELECT num FROM version WHERE num IN ({_OF_ENTRY}) AND current = 1"  # noqa: S608
    found = rows(connection, sql, (entry,))
    return {num for (num,) in found}


def is_restricted(connection: Connection, entry: int) -> bool:
    """Whether any current version of an entry is restricted."""
    sql = f"SELECT 1 FROM version WHERE num IN ({_OF_ENTRY}) AND current = 1 AND sensitivity = ?2"  # noqa: S608
    return row(connection, sql, (entry, Sensitivity.RESTRICTED.value)) is not None


_LINKS = "SELECT l.child, l.parent FROM version v JOIN parent l ON l.child = v.num "
_COLUMNS = (
    "SELECT v.num, v.id, coalesce(e.entry_id, e.id), p.id, v.date,"
    " coalesce(k.recorded, v.recorded), a.name, a.rpps, o.provenance, o.words,"
    " v.status, v.sensitivity, v.body, v.block, v.place FROM version v"
    " JOIN version e ON e.num = v.entry"
    " LEFT JOIN version p ON p.num = v.patient"
    " JOIN author a ON a.num = v.author JOIN origin o ON o.num = v.origin LEFT JOIN block k ON k.num = v.block "
)


def current_of_patient(connection: Connection, patient: int) -> list[tuple[int, Entry]]:
    """The current versions of a patient, as (num, entry), in the order in which they were written."""
    return _of_patient(connection, patient, "AND v.current = 1")


def all_of_patient(connection: Connection, patient: int) -> list[tuple[int, Entry]]:
    """Every version of a patient, current or not, as (num, entry), in the order in which they were written."""
    return _of_patient(connection, patient, "")


def _of_patient(connection: Connection, patient: int, which: str) -> list[tuple[int, Entry]]:
    """Also what was written in the records that were merged into this one."""
    members = people.members(connection, patient)
    where = f"WHERE v.patient IN ({people.marks(members)}) {which} ORDER BY v.num"
    return _entries(connection, rows(connection, _COLUMNS + where, members), members)


def of_entry(connection: Connection, entry: int) -> list[tuple[int, Entry]]:
    """Every version of one entry, oldest first, as (num, entry)."""
    found = rows(connection, _COLUMNS + f"WHERE v.num IN ({_OF_ENTRY}) ORDER BY v.num", (entry,))
    return _entries(connection, found, None)


def by_number(connection: Connection, nums: Sequence[int]) -> list[tuple[int, Entry]]:
    """The versions with these local numbers, as (num, entry)."""
    where = f"WHERE v.num IN ({people.marks(list(nums))}) ORDER BY v.num"
    found = rows(connection, _COLUMNS + where, nums)
    return _entries(connection, found, None)


def _parents(connection: Connection, nums: list[int], members: list[int] | None) -> dict[int, list[str]]:
    if members is not None:
        where = f"WHERE v.patient IN ({people.marks(members)}) AND (v.entry <> v.num OR v.entry_id IS NOT NULL)"
        links = rows(connection, _LINKS + where, members)
    else:
        links = rows(
            connection,
            f"SELECT child, parent FROM parent WHERE child IN ({people.marks(nums)})",  # noqa: S608
            nums,
        )
    parents: dict[int, list[str]] = {}
    for child, parent in sorted(links):
        parents.setdefault(child, []).append(parent.hex())
    return parents


def _entries(
    connection: Connection, found: list[tuple[Any, ...]], members: list[int] | None
) -> list[tuple[int, Entry]]:
    """The entries of these rows; `members` are the records that they are the versions of, None for single versions."""
    parents = _parents(connection, [values[0] for values in found], members)
    blocks = Blocks(connection)
    return [_entry(values, parents, blocks) for values in found]


def _entry(values: tuple[Any, ...], parents: dict[int, list[str]], blocks: Blocks) -> tuple[int, Entry]:
    (
        num, version, entry, patient, date, recorded, name, rpps, provenance, words, status, sensitivity,
        body, block, place,
    ) = values  # fmt: skip
    return num, Entry(
        id=entry.hex(),
        version=version.hex(),
        patient=patient.hex() if patient else "",
        date=date,
        author=_author(name, rpps),
        recorded=recorded,
        body=decode_body(body if block is None else blocks.body(block, place)),
        parents=tuple(parents[num]) if num in parents else (),
        status=_STATUS[status],
        sensitivity=_SENSITIVITY[sensitivity],
        provenance=_PROVENANCE[provenance],
        origin=words,
    )


def identifier(connection: Connection, num: int) -> str:
    """The identifier of a version, 32 hex digits."""
    found = row(connection, "SELECT id FROM version WHERE num = ?", (num,))
    return found[0].hex() if found else ""


def entry_of(connection: Connection, num: int) -> int:
    """The local number of the first version of the entry that a version belongs to."""
    found = row(connection, "SELECT entry FROM version WHERE num = ?", (num,))
    return int(found[0]) if found else num
