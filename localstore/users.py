"""The SQL of the practice's users: who they are, until when, and the public halves of their keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from localstore.database import Connection, row, rows
from localstore.errors import UnknownUser
from localstore.folding import fold
from localstore.keys.keyring import UserKeys
from localstore.roles import DOCTOR
from localstore.values import Author


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who works here. `role` is one of `roles.ROLES`; `until` the last day of access (ISO date) or empty;
    `removed` the moment of removal, or empty."""

    id: str
    name: str
    rpps: str
    profession: str
    role: str = DOCTOR
    until: str = ""
    removed: str = ""

    @property
    def author(self) -> Author:
        """This user as the author of an entry."""
        return Author(self.name, self.rpps)


class PublicKeys(NamedTuple):
    """The public halves of a user's keys, under their number."""

    num: int
    user: str
    signing: bytes
    sealing: bytes


_COLUMNS = "SELECT id, name, rpps, profession, role, until, removed FROM user "


def insert(connection: Connection, user: User) -> None:
    """Write down a new user."""
    connection.execute(
        "INSERT INTO user (id, name, rpps, profession, role, until, removed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (user.id, user.name, user.rpps, user.profession, user.role, user.until, user.removed),
    )


def by_identifier(connection: Connection, identifier: str) -> User | None:
    """The user with this identifier, removed or not."""
    found = row(connection, _COLUMNS + "WHERE id = ?", (identifier,))
    return User(*found) if found else None


def listing(connection: Connection, *, removed: bool = False) -> list[User]:
    """The users by name; with `removed`, those who are gone as well."""
    found = rows(connection, _COLUMNS + "WHERE ?1 OR removed = '' ORDER BY name, id", (removed,))
    return [User(*values) for values in found]


def resolve(connection: Connection, reference: str) -> User:
    """The one user meant by an identifier or by words of the name. Raises UnknownUser, also where several are meant."""
    return named(listing(connection), reference)


def named(everybody: Sequence[User], reference: str) -> User:
    """As `resolve`, among these users."""
    wanted = fold(reference).split()
    found = [user for user in everybody if user.id == reference.strip()] or [
        user for user in everybody if wanted and set(wanted) <= set(fold(user.name).split())
    ]
    if len(found) != 1:
        raise UnknownUser(reference=reference)
    return found[0]


def set_until(connection: Connection, identifier: str, until: str) -> None:
    """Change the last day of access; empty for no end."""
    connection.execute("UPDATE user SET until = ? WHERE id = ?", (until, identifier))


def mark_removed(connection: Connection, identifier: str, moment: str) -> None:
    """Write down that a user is gone. The row stays: the history names him, and his keys verify what he signed."""
    connection.execute("UPDATE user SET removed = ? WHERE id = ?", (moment, identifier))
    end_keys(connection, identifier, moment)


def add_keys(connection: Connection, user: str, keys: UserKeys, made: str) -> int:
    """Write down the public halves of a user's new keys, and the key of the vouchers; returns their number."""
    signing = keys.signing_public
    connection.execute(
        "INSERT INTO user_key (user, signing, sealing, voucher, made, ended) VALUES (?, ?, ?, ?, ?, '')",
        (user, signing, keys.sealing.public, keys.voucher, made),
    )
    found = row(connection, "SELECT num FROM user_key WHERE signing = ?", (signing,))
    assert found is not None  # noqa: S101 - just inserted
    return int(found[0])


def end_keys(connection: Connection, user: str, moment: str) -> None:
    """No key of this user signs or receives anything from now on."""
    connection.execute("UPDATE user_key SET ended = ? WHERE user = ? AND ended = ''", (moment, user))


def end_other_keys(connection: Connection, user: str, kept: int, moment: str) -> None:
    """Of this user's keys, only the one of this number signs or receives anything from now on."""
    connection.execute("UPDATE user_key SET ended = ? WHERE user = ? AND num <> ? AND ended = ''", (moment, user, kept))


def end_earlier_keys(connection: Connection, user: str, number: int, moment: str) -> None:
    """No key of this user that is older than the one of this number signs or receives anything from now on."""
    connection.execute(
        "UPDATE user_key SET ended = ? WHERE user = ? AND num < ? AND ended = ''", (moment, user, number)
    )


def has_earlier_keys(connection: Connection, user: str, number: int) -> bool:
    """Whether this user has a key that is older than the one of this number, and has not ended."""
    found = row(connection, "SELECT 1 FROM user_key WHERE user = ? AND num < ? AND ended = ''", (user, number))
    return found is not None


class Standing(NamedTuple):
    """Until when a user may work with one of his keys: the last day, the moment of removal, the moment the key ended;
    each empty where there is none."""

    until: str
    removed: str
    ended: str


def standing(connection: Connection, number: int) -> Standing | None:
    """The standing of the key of this number, and of its user; None for a key that there is not."""
    found = row(
        connection,
        "SELECT u.until, u.removed, k.ended FROM user_key k JOIN user u ON u.id = k.user WHERE k.num = ?",
        (number,),
    )
    return Standing(*found) if found else None


def key_number(connection: Connection, user: str, signing: bytes) -> int | None:
    """The number of this key of this user, or None when it is not known or has ended."""
    found = row(connection, "SELECT num FROM user_key WHERE user = ? AND signing = ? AND ended = ''", (user, signing))
    return int(found[0]) if found else None


def has_ended(connection: Connection, signing: bytes) -> bool:
    """Whether this key was somebody's, and is no more."""
    return row(connection, "SELECT 1 FROM user_key WHERE signing = ? AND ended <> ''", (signing,)) is not None


class SealingKey(NamedTuple):
    """What is needed to give a user another record key: whom it is sealed to, and what vouches for it."""

    public: bytes
    voucher: bytes


def sealing_keys(connection: Connection) -> dict[str, list[SealingKey]]:
    """The sealing keys of each user who may still work here, oldest first: one, or two where a passphrase was being
    replaced and it is not known yet which of the two is in the keyring."""
    found = rows(
        connection,
        "SELECT k.user, k.sealing, k.voucher FROM user_key k JOIN user u ON u.id = k.user"
        " WHERE k.ended = '' AND u.removed = '' ORDER BY k.num",
    )
    keys: dict[str, list[SealingKey]] = {}
    for user, sealing, voucher in found:
        keys.setdefault(user, []).append(SealingKey(bytes(sealing), bytes(voucher)))
    return keys
