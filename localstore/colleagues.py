"""The SQL of colleagues: whose cards this practice holds, and how far each is trusted. Cards are judged in `sync`."""

from enum import StrEnum
from typing import Any

import msgspec

from localstore.database import Connection, row, rows
from localstore.errors import Ambiguous, UnknownColleague
from localstore.folding import fold

SHORTEST_ID_PREFIX = 6


class State(StrEnum):
    """How far a colleague is trusted. Nothing leaves towards one who is not verified."""

    RECEIVED = "received"
    VERIFIED_IN_PERSON = "verified-in-person"
    VERIFIED_BY_PHONE = "verified-by-phone"
    KEY_CHANGED = "key-changed"  # a card under another key came for him: a hard stop until a person decides
    REMOVED = "removed"


VERIFIED = frozenset({State.VERIFIED_IN_PERSON, State.VERIFIED_BY_PHONE})


class Colleague(msgspec.Struct, frozen=True):
    """A colleague. `id` is 32 hex digits of this practice's own choosing; `card` the card as it was signed. Where his
    key has changed, `pending` is the card under the other key, and `former` his state before; else both are empty.
    `addresses` are those that an earlier card of his named."""

    num: int
    id: str
    state: State
    name: str
    rpps: str
    signing_key: bytes
    card: bytes
    added: str
    verified: str
    pending: bytes = b""
    former: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether the fingerprint was compared."""
        return self.state in VERIFIED


_COLUMNS = (
    "SELECT num, id, state, name, rpps, signing_key, card, added, verified, pending, former, addresses FROM colleague "
)


def _colleague(values: tuple[Any, ...]) -> Colleague:
    num, identifier, state, *rest = values[:-1]
    known = Colleague(num, identifier.hex(), State(state), *rest)
    return msgspec.structs.replace(known, addresses=tuple(values[-1].split("\n"))) if values[-1] else known


def insert(
    connection: Connection, identifier: bytes, name: str, rpps: str, signing_key: bytes, card: bytes, added: str
) -> None:
    """A new colleague, not verified."""
    connection.execute(
        "INSERT INTO colleague (id, state, name, rpps, signing_key, card, added, verified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '')",
        (identifier, State.RECEIVED.value, name, rpps, signing_key, card, added),
    )


def replace_card(connection: Connection, num: int, name: str, rpps: str, card: bytes) -> None:
    """A newer card under the same practitioner key."""
    connection.execute("UPDATE colleague SET name = ?, rpps = ?, card = ? WHERE num = ?", (name, rpps, card, num))


def keep_addresses(connection: Connection, num: int, addresses: tuple[str, ...]) -> None:
    """What a card named, for when the one that takes its place names none."""
    connection.execute("UPDATE colleague SET addresses = ? WHERE num = ?", ("\n".join(addresses), num))


def set_state(connection: Connection, num: int, state: State, verified: str) -> None:
    """Change how far a colleague is trusted; `verified` is the moment, or empty. A pending card is dropped."""
    connection.execute(
        "UPDATE colleague SET state = ?, verified = ?, pending = x'', former = '' WHERE num = ?",
        (state.value, verified, num),
    )


def stop(connection: Connection, num: int, former: str, pending: bytes) -> None:
    """A card under another key came for a colleague: nothing is his any more until a person has decided."""
    connection.execute(
        "UPDATE colleague SET state = ?, former = ?, pending = ? WHERE num = ?",
        (State.KEY_CHANGED.value, former, pending, num),
    )


def replace_key(connection: Connection, num: int, name: str, rpps: str, signing_key: bytes, card: bytes) -> None:
    """The colleague has another practitioner key, with this card; how far he is trusted is for `set_state` to say."""
    connection.execute(
        "UPDATE colleague SET name = ?, rpps = ?, signing_key = ?, card = ? WHERE num = ?",
        (name, rpps, signing_key, card, num),
    )


def listing(connection: Connection) -> list[Colleague]:
    """All colleagues but those removed, by name."""
    found = rows(connection, _COLUMNS + "WHERE state <> ? ORDER BY name, num", (State.REMOVED.value,))
    return [_colleague(values) for values in found]


def by_number(connection: Connection, num: int) -> Colleague:
    """The colleague with this local number, removed or not. Raises UnknownColleague."""
    found = row(connection, _COLUMNS + "WHERE num = ?", (num,))
    if found is None:
        raise UnknownColleague(reference=str(num))
    return _colleague(found)


def by_identifier(connection: Connection, identifier: str) -> Colleague | None:
    """The colleague with this identifier, removed or not."""
    found = row(connection, _COLUMNS + "WHERE id = ?", (bytes.fromhex(identifier),))
    return _colleague(found) if found else None


def by_signing_key(connection: Connection, signing_key: bytes) -> Colleague | None:
    """The colleague with this practitioner key, removed or not."""
    found = row(connection, _COLUMNS + "WHERE signing_key = ?", (signing_key,))
    return _colleague(found) if found else None


def resolve(connection: Connection, reference: str) -> Colleague:
    """The one colleague meant by an identifier or its beginning, an RPPS number, or words of the name.

    Raises UnknownColleague, or Ambiguous when several are meant.
    """
    wanted = reference.strip().lower()
    everybody = listing(connection)
    found = [one for one in everybody if len(wanted) >= SHORTEST_ID_PREFIX and one.id.startswith(wanted)]
    found = found or [one for one in everybody if wanted and one.rpps == wanted]
    words = fold(reference).split()
    if not found and words:
        found = [one for one in everybody if all(_begins(word, one.name) for word in words)]
    if not found:
        raise UnknownColleague(reference=reference)
    if len(found) > 1:
        names = ", ".join(f"{one.name} ({one.id[:8]})" for one in found[:5])
        raise Ambiguous(reference=reference, count=len(found), names=names)
    return found[0]


def _begins(word: str, name: str) -> bool:
    return any(part.startswith(word) for part in fold(name).split())
