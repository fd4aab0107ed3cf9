"""The SQL of consents: who may receive what about whom, until when. The gate itself is `sync.sending.gate`."""

from typing import Any

import msgspec

from localstore import people
from localstore.database import Connection, row, rows
from localstore.errors import NotFound, TooShort
from localstore.kinds import STAYS_HERE, Kind
from localstore.terms import Terms

DEFAULT_KINDS = tuple(kind for kind in Kind if kind not in (Kind.PATIENT, Kind.OTHER, *STAYS_HERE))
ID_BYTES = 16
SHORTEST_ID_PREFIX = 6


class Consent(msgspec.Struct, frozen=True):
    """A consent on record. `patient` and `colleague` are local numbers; `revoked` is the moment, or empty."""

    num: int
    id: str
    patient: int
    colleague: int
    terms: Terms
    granted: str
    revoked: str


_COLUMNS = "SELECT num, id, patient, colleague, terms, granted, revoked FROM consent "


def _consent(values: tuple[Any, ...]) -> Consent:
    num, identifier, patient, colleague, terms, granted, revoked = values
    decoded = msgspec.msgpack.decode(terms, type=Terms)
    return Consent(num, identifier.hex(), patient, colleague, decoded, granted, revoked)


def insert(connection: Connection, identifier: bytes, patient: int, colleague: int, terms: Terms, granted: str) -> None:
    """Record a consent."""
    connection.execute(
        "INSERT INTO consent (id, patient, colleague, terms, granted, revoked) VALUES (?, ?, ?, ?, ?, '')",
        (identifier, patient, colleague, msgspec.msgpack.encode(terms), granted),
    )


def revoke(connection: Connection, num: int, moment: str) -> None:
    """End a consent now."""
    connection.execute("UPDATE consent SET revoked = ? WHERE num = ? AND revoked = ''", (moment, num))


def of_patient(connection: Connection, patient: int) -> list[Consent]:
    """All consents of a patient, revoked and expired ones too, newest first; also those that were given in records
    which were merged into his."""
    members = people.members(connection, patient)
    found = [values for num in members for values in rows(connection, _COLUMNS + "WHERE patient = ?", (num,))]
    return sorted((_consent(values) for values in found), key=lambda one: one.num, reverse=True)


def between(connection: Connection, patient: int, colleague: int) -> list[Consent]:
    """The consents of a patient for one colleague, newest first."""
    return [one for one in of_patient(connection, patient) if one.colleague == colleague]


def ended(connection: Connection, today: str) -> list[Consent]:
    """All consents that were revoked, whose end lies before this day, or that a newer one of the same patient for the
    same colleague has replaced, oldest first."""
    found = [_consent(values) for values in rows(connection, _COLUMNS + "ORDER BY num")]
    newest = {(people.kept(connection, one.patient), one.colleague): one.num for one in found}
    counting = frozenset(newest.values())
    return [
        one for one in found if one.revoked or (one.terms.ends and one.terms.ends < today) or one.num not in counting
    ]


def by_number(connection: Connection, num: int) -> Consent:
    """The consent with this local number. Raises NotFound."""
    found = row(connection, _COLUMNS + "WHERE num = ?", (num,))
    if found is None:
        raise NotFound(what="The consent “{reference}”", reference=str(num))
    return _consent(found)


def by_identifier(connection: Connection, identifier: str) -> Consent:
    """The consent with this identifier. Raises NotFound."""
    try:
        found = row(connection, _COLUMNS + "WHERE id = ?", (bytes.fromhex(identifier),))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(what="The consent “{reference}”", reference=identifier)
    return _consent(found)


def resolve(connection: Connection, reference: str) -> Consent:
    """The one consent meant by its identifier or the beginning of it (6 digits or more). Raises NotFound."""
    wanted = reference.strip().lower()
    if len(wanted) < SHORTEST_ID_PREFIX:
        raise TooShort(reference=reference, count=SHORTEST_ID_PREFIX)
    if not SHORTEST_ID_PREFIX <= len(wanted) <= 2 * ID_BYTES or set(wanted) - set("0123456789abcdef"):
        raise NotFound(what="The consent “{reference}”", reference=reference)
    bounds = [bytes.fromhex(wanted.ljust(2 * ID_BYTES, digit)) for digit in "0f"]
    found = rows(connection, _COLUMNS + "WHERE id BETWEEN ? AND ? LIMIT 2", bounds)
    if len(found) != 1:
        raise NotFound(what="The consent “{reference}”", reference=reference)
    return _consent(found[0])
