"""What belongs to nobody and came with a patient: a device, an employer, a pharmacy. It leaves with the last one whom
it came with, as far as it can.

It stays while it came with anybody else, in use or in the archive. It also stays where it was packed into one block
with something that stays: the digest of a block is under the history, so a block goes whole or not at all.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from localstore.database import Connection, rows
from localstore.rights.removals import Removal

_pair = msgspec.msgpack.Decoder(tuple[int, int])


class Company(NamedTuple):
    """The versions that leave with somebody, by their numbers; and how many stay that came with nobody else."""

    leaving: tuple[int, ...]
    staying: int


class _Shared(NamedTuple):
    entry: int
    block: int | None


def of_present(connection: Connection, owners: Sequence[int]) -> set[int]:
    """What came with these records, by their local numbers."""
    found = (rows(connection, "SELECT version FROM came_with WHERE patient = ?", (owner,)) for owner in owners)
    return {version for one in found for (version,) in one}


def of_archived(held: Connection, removal: Removal) -> set[int]:
    """What came with the records that left together, as the archive has it."""
    sql = "SELECT data FROM piece WHERE removal = unhex(?) AND name = 'came_with'"
    return {_pair.decode(data)[1] for (data,) in held.execute(sql, (removal.id,))}


def of_all_archived(held: Connection, standing: Iterable[Removal]) -> set[int]:
    """What came with any of those who are in the archive."""
    return {version for one in standing for version in of_archived(held, one)}


def leaving(
    connection: Connection, came: Collection[int], owners: Sequence[int], elsewhere: Collection[int]
) -> Company:
    """Of what came with these records, what nothing else refers to. `elsewhere` is what the archive refers to."""
    if not came:
        return Company((), 0)
    shared = {
        num: _Shared(entry, block)
        for num, entry, block in rows(connection, "SELECT num, entry, block FROM version WHERE patient IS NULL")
    }
    others = {
        version
        for patient, version in connection.execute("SELECT patient, version FROM came_with")
        if version in came and patient not in owners
    }
    known = {shared[num].entry for num in shared if num in elsewhere or num in others or num not in came}
    only_theirs = {num for num, one in shared.items() if num in came and one.entry not in known}
    found = _with_whole_blocks(shared, only_theirs)
    return Company(tuple(sorted(found)), len(only_theirs) - len(found))


def _with_whole_blocks(shared: dict[int, _Shared], wanted: Collection[int]) -> set[int]:
    """The largest part of the wanted versions that leaves no block, and no entry, in halves."""
    found = set(wanted)
    while True:
        kept = [one for num, one in shared.items() if num not in found]
        blocks, entries = {one.block for one in kept} - {None}, {one.entry for one in kept}
        less = {num for num in found if shared[num].block not in blocks and shared[num].entry not in entries}
        if less == found:
            return found
        found = less
