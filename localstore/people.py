"""Which records are those of one person: two that were merged stay as they are, and are read as one.

Nothing is rewritten when two records are merged, so that taking them apart again gives back exactly what was there. A
record that others were merged into may itself be merged into a third one: the records of one person are a tree.
"""

from localstore.database import Connection, row, rows

# The records that are read under ?1, itself first.
_MEMBERS = (
    "WITH RECURSIVE member (num, depth) AS (VALUES (?1, 0) UNION SELECT s.patient, m.depth + 1 FROM member m"
    " JOIN same_person s ON s.kept = m.num LIMIT ?2) SELECT num FROM member ORDER BY depth, num"
)
MOST = 200  # records of one person; also what ends the walk in a damaged table


def kept(connection: Connection, patient: int) -> int:
    """The record under which this one is read: its own number, or that of the record it was merged into."""
    for _ in range(MOST):
        found = row(connection, "SELECT kept FROM same_person WHERE patient = ?", (patient,))
        if found is None:
            break
        patient = int(found[0])
    return patient


def members(connection: Connection, patient: int) -> list[int]:
    """The local numbers of the records that are read under this one, itself first."""
    return [num for (num,) in rows(connection, _MEMBERS, (patient, MOST))]


def is_alone(connection: Connection, patient: int) -> bool:
    """Whether this record is neither read under another one nor another one under it."""
    return row(connection, "SELECT 1 FROM same_person WHERE patient = ?1 OR kept = ?1", (patient,)) is None


def join(connection: Connection, patient: int, kept: int, moment: str) -> None:
    """Read one record under another from now on. Callers hold the transaction, and have seen that both are two."""
    connection.execute("INSERT INTO same_person (patient, kept, at) VALUES (?, ?, ?)", (patient, kept, moment))


def part(connection: Connection, patient: int) -> int:
    """Read a record by itself again; returns the number of the record under which it was read. Callers hold the
    transaction, and have seen that it was merged."""
    kept_under = kept(connection, patient)
    connection.execute("DELETE FROM same_person WHERE patient = ?", (patient,))
    return kept_under


def marks(members: list[int]) -> str:
    """As many question marks as there are records, for an IN list."""
    return ", ".join("?" * len(members))
