"""The list of patients: what a search compares and shows, kept in step with the identities by `project`."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from localstore import people, versions
from localstore.bodies import PatientBody
from localstore.database import Connection, row, rows
from localstore.errors import Ambiguous, UnknownPatient
from localstore.folding import fold
from localstore.model import PatientSummary
from localstore.searching import match_expression, search_words

SHOWN = 50  # one screen; more than that is no answer, and the list says that there are more
LIST_LIMIT = 1_000_000
GIVEN_NAMES_SEPARATOR = "\x1f"
SHORTEST_ID_PREFIX = 6
_AT_ONCE = 500  # parameters of one statement
ID_BYTES = 16
_COLUMNS = "SELECT p.id, p.family_name, p.given_names, p.birth_date, p.sex, p.ins, p.sort_name FROM patient p "
_MATCHING = _COLUMNS + "JOIN patient_words w ON w.rowid = p.num WHERE patient_words MATCH ? LIMIT ?"
_ALONE = "WHERE p.num NOT IN (SELECT patient FROM same_person) "  # what was merged is listed as what it was merged into


def project(connection: Connection, num: int, identifier: bytes, body: PatientBody, shown: int) -> None:
    """Show this identity in the list and in the record. `num` is the patient's local number, `shown` the version's."""
    connection.execute(
        "INSERT OR REPLACE INTO patient (num, id, family_name, given_names, birth_date, sex, ins, sort_name, shown,"
        " deceased) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            num,
            identifier,
            body.family_name,
            GIVEN_NAMES_SEPARATOR.join(body.given_names),
            body.birth_date,
            body.sex,
            body.ins,
            fold(f"{body.family_name} {' '.join(body.given_names)} {body.birth_date}"),
            shown,
            body.deceased,
        ),
    )
    if people.is_alone(connection, num) and not versions.standing(connection, num) - {shown}:
        _write_words(connection, num, search_words(body))
    else:
        index(connection, num)


def index(connection: Connection, num: int) -> None:
    """Write the words by which the records of one person are found: all that they are registered under, also where
    several identities compete, as those of the record that is kept, and none of the others'."""
    kept = people.kept(connection, num)
    members = people.members(connection, kept)
    for member in members[1:]:
        connection.execute("DELETE FROM patient_words WHERE rowid = ?", (member,))
    standing = sorted({version for member in members for version in versions.standing(connection, member)})
    bodies = (entry.body for _, entry in versions.by_number(connection, standing))
    _write_words(connection, kept, " ".join(search_words(body) for body in bodies if isinstance(body, PatientBody)))


def _write_words(connection: Connection, num: int, words: str) -> None:
    connection.execute("DELETE FROM patient_words WHERE rowid = ?", (num,))
    connection.execute("INSERT INTO patient_words (rowid, words) VALUES (?, ?)", (num, words))


def forget(connection: Connection, nums: Sequence[int]) -> None:
    """Take patients off the list: their records leave this file."""
    numbers = [(num,) for num in nums]
    connection.executemany("DELETE FROM patient_words WHERE rowid = ?", numbers)
    connection.executemany("DELETE FROM patient WHERE num = ?", numbers)


def search(connection: Connection, query: str, limit: int = SHOWN) -> list[PatientSummary]:
    """At most `limit` patients whose words begin with all the words of `query`. An empty query lists all.

    By name; where there are more than the limit, first those who have these very words, and of the others any."""
    expression = match_expression(query)
    if not expression:
        return listing(connection, limit) if not query.strip() else []
    found = sorted(rows(connection, _MATCHING, (expression, limit)), key=itemgetter(-1))
    if len(found) == limit:
        very = sorted(rows(connection, _MATCHING, (match_expression(query, whole=True), limit)), key=itemgetter(-1))
        named = {values[0] for values in very}
        found = [*very, *(values for values in found if values[0] not in named)][:limit]
    return [of_row(values) for values in found]


def listing(connection: Connection, limit: int = LIST_LIMIT) -> list[PatientSummary]:
    """All patients by name. Two records that were merged are one patient."""
    found = rows(connection, _COLUMNS + _ALONE + "ORDER BY p.sort_name LIMIT ?", (limit,))
    return [of_row(values) for values in found]


def deaths(connection: Connection, found: Sequence[PatientSummary]) -> dict[str, str]:
    """Of those of a list who died, by their identifiers: when, as the identity says it (a date, or `yes`)."""
    died: dict[str, str] = {}
    for start in range(0, len(found), _AT_ONCE):
        part = [bytes.fromhex(one.id) for one in found[start : start + _AT_ONCE]]
        sql = (
            "SELECT v.id, p.deceased FROM version v JOIN patient p ON p.num = v.num"  # noqa: S608 - places alone
            f" WHERE v.id IN ({', '.join('?' * len(part))}) AND p.deceased <> ''"
        )
        died |= {identifier.hex(): when for identifier, when in rows(connection, sql, part)}
    return died


def shown_version(connection: Connection, num: int) -> int | None:
    """The version of the identity that is shown of the patient with this local number: one rule for every screen."""
    found = row(connection, "SELECT shown FROM patient WHERE num = ?", (num,))
    return int(found[0]) if found else None


def count(connection: Connection) -> int:
    """How many patients there are. Two records that were merged are one patient."""
    found = row(connection, "SELECT (SELECT count(*) FROM patient) - (SELECT count(*) FROM same_person)")
    return int(found[0]) if found else 0


def number(connection: Connection, identifier: str) -> int:
    """The local number of the patient with this identifier (32 hex digits); that of the record which his was merged
    into, where it was. Raises UnknownPatient."""
    try:
        found = row(
            connection,
            "SELECT p.num FROM version v JOIN patient p ON p.num = v.num WHERE v.id = ?",
            (bytes.fromhex(identifier),),
        )
    except ValueError:
        found = None
    if found is None:
        raise UnknownPatient(reference=identifier)
    return people.kept(connection, int(found[0]))


def resolve(connection: Connection, reference: str) -> PatientSummary:
    """The one patient meant by an identifier, the beginning of one (6 digits or more), an INS, or words of the name.

    Raises UnknownPatient, or Ambiguous when several are meant.
    """
    found = _by_identifier(connection, reference.strip().lower()) or search(connection, reference, limit=SHOWN)
    if not found or not reference.strip():
        raise UnknownPatient(reference=reference)
    if len(found) > 1:
        raise Ambiguous(reference=reference, count=len(found), names=_names(found))
    return found[0]


def _by_identifier(connection: Connection, reference: str) -> list[PatientSummary]:
    if not SHORTEST_ID_PREFIX <= len(reference) <= 2 * ID_BYTES or set(reference) - set("0123456789abcdef"):
        return []
    # As a range of bytes, which the index of identifiers can answer.
    whole = 2 * ID_BYTES
    bounds = (bytes.fromhex(reference.ljust(whole, "0")), bytes.fromhex(reference.ljust(whole, "f")))
    begin_so = rows(
        connection, "SELECT num FROM version WHERE id BETWEEN ? AND ? AND patient = num LIMIT ?", (*bounds, SHOWN)
    )
    kept = sorted({people.kept(connection, num) for (num,) in begin_so})
    found = [one for num in kept for one in rows(connection, _COLUMNS + "WHERE p.num = ?", (num,))]
    return [of_row(values) for values in found]


def summary(connection: Connection, num: int) -> PatientSummary:
    """The line of the patient with this local number, also of a record that was merged into another. Raises
    UnknownPatient."""
    found = rows(connection, _COLUMNS + "WHERE p.num = ?", (num,))
    if not found:
        raise UnknownPatient(reference=f"{num}")
    return of_row(found[0])


def _names(found: Sequence[PatientSummary]) -> str:
    shown = ", ".join(
        f"{patient.family_name} {' '.join(patient.given_names)} {patient.birth_date} ({patient.id[:16]})"
        for patient in found[:5]
    )
    return shown + (", …" if len(found) > 5 else "")


def of_row(values: Sequence[Any]) -> PatientSummary:
    """The line of a row that begins with id, family name, given names, birth date, sex, INS."""
    identifier, family, given, birth_date, sex, ins = values[:6]
    names = tuple(given.split(GIVEN_NAMES_SEPARATOR)) if given else ()
    return PatientSummary(identifier.hex(), family, names, birth_date, sex, ins)
