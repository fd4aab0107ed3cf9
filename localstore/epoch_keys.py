"""The SQL of the keys that come and go: this practice's sealing keys, and the epoch keys of both directions.

A key that was deleted leaves its name behind. So nothing that bears the name is taken for new, and no number or name is
ever given to another key.
"""

from typing import NamedTuple

from localstore import keystore
from localstore.crypto import SEALING_SECRET_BYTES, KeyPair
from localstore.database import Connection, row, rows

OUT, IN = "out", "in"  # sealed by this practice; sealed for it
_SEALING = "sealing/"
_MADE_FOR = "sealing-incarnation"
_GONE = b""  # in the place of a key that was deleted


class SealingKey(NamedTuple):
    """A sealing key that is still kept. `number` counts from 1, `made` is a moment."""

    number: int
    pair: KeyPair
    made: str


class Epoch(NamedTuple):
    """An epoch: its key, empty once it was deleted, and the moment at which it ended, or empty."""

    key: bytes
    ended: str


# --- sealing keys ----------------------------------------------------------------------------------------------


def sealing_keys(connection: Connection) -> list[SealingKey]:
    """The sealing keys that are still kept, by number: the last one is offered to colleagues."""
    found = keystore.listed(connection, _SEALING)
    # By number: the clock may have gone back.
    return sorted(SealingKey(int(name.removeprefix(_SEALING)), _pair(both), made) for name, both, made in found)


def _pair(both: bytes) -> KeyPair:
    return KeyPair(both[:SEALING_SECRET_BYTES], both[SEALING_SECRET_BYTES:])


def put_sealing_key(connection: Connection, number: int, pair: KeyPair, made: str) -> None:
    """Keep a new sealing key; the database refuses a number that is taken."""
    keystore.put(connection, f"{_SEALING}{number}", b"".join(pair), made)


def drop_sealing_key(connection: Connection, number: int) -> None:
    """Delete a sealing key."""
    keystore.drop(connection, f"{_SEALING}{number}")


def sealing_made_for(connection: Connection) -> bytes | None:
    """The incarnation (16 bytes) in which the newest sealing key was made; None in a record of the first release."""
    return keystore.get(connection, _MADE_FOR)


def note_sealing_made_for(connection: Connection, incarnation: bytes, made: str) -> None:
    """The newest sealing key was made in this incarnation."""
    if keystore.get(connection, _MADE_FOR) is None:
        keystore.put(connection, _MADE_FOR, incarnation, made)
    else:
        keystore.exchange(connection, _MADE_FOR, incarnation, made)


# --- epoch keys ------------------------------------------------------------------------------------------------


def put(connection: Connection, direction: str, colleague: int, epoch: bytes, key: bytes, made: str) -> None:
    """Keep the key of an epoch. A key that is there stays; one that was deleted and is offered once more is new."""
    connection.execute(
        "INSERT INTO epoch (id, colleague, direction, key, made) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET key = excluded.key, made = excluded.made, ended = '' WHERE length(key) = 0 AND direction = 'in'",
        (epoch, colleague, direction, key, made),
    )


def find(connection: Connection, direction: str, colleague: int, epoch: bytes) -> Epoch | None:
    """One epoch, or None."""
    found = row(
        connection,
        "SELECT key, ended FROM epoch WHERE direction = ? AND colleague = ? AND id = ?",
        (direction, colleague, epoch),
    )
    return Epoch(bytes(found[0]), found[1]) if found else None


def key_of(connection: Connection, direction: str, colleague: int, epoch: bytes) -> bytes | None:
    """The key of one epoch; None when there is none, or none any more."""
    found = find(connection, direction, colleague, epoch)
    return (found.key or None) if found else None


def at(connection: Connection, colleague: int, moment: str) -> bytes | None:
    """The epoch towards a colleague that was the newest one at a moment, whether or not its key is still there."""
    found = row(
        connection,
        "SELECT id FROM epoch WHERE direction = 'out' AND colleague = ? AND made <= ? ORDER BY made DESC LIMIT 1",
        (colleague, moment),
    )
    return bytes(found[0]) if found else None


def end(connection: Connection, direction: str, colleague: int, epoch: bytes, moment: str) -> None:
    """Nothing is sealed under this epoch any more."""
    connection.execute(
        "UPDATE epoch SET ended = ? WHERE direction = ? AND colleague = ? AND id = ? AND ended = ''",
        (moment, direction, colleague, epoch),
    )


def end_others(connection: Connection, direction: str, colleague: int, epoch: bytes, moment: str) -> None:
    """This epoch has taken the place of every other one of a direction."""
    connection.execute(
        "UPDATE epoch SET ended = ? WHERE direction = ? AND colleague = ? AND id <> ? AND ended = ''",
        (moment, direction, colleague, epoch),
    )


def end_all_of(connection: Connection, colleague: int, moment: str) -> None:
    """No epoch with this colleague goes on."""
    connection.execute("UPDATE epoch SET ended = ? WHERE colleague = ? AND ended = ''", (moment, colleague))


def ended_with_key(connection: Connection, direction: str) -> list[tuple[int, bytes]]:
    """The epochs that have ended and whose key is still here: colleague (by number) and name."""
    found = rows(
        connection,
        "SELECT colleague, id FROM epoch WHERE direction = ? AND ended <> '' AND length(key) > 0",
        (direction,),
    )
    return [(colleague, bytes(epoch)) for colleague, epoch in found]


def holders(connection: Connection, direction: str | None = None) -> list[int]:
    """The colleagues, by number, with whom an epoch goes on, in one direction or in any."""
    found = rows(
        connection,
        "SELECT DISTINCT colleague FROM epoch WHERE ended = '' AND (?1 IS NULL OR direction = ?1)",
        (direction,),
    )
    return [num for (num,) in found]


def delete_key(connection: Connection, direction: str, colleague: int, epoch: bytes) -> None:
    """Delete the key of an epoch that has ended; its name stays."""
    connection.execute(
        "UPDATE epoch SET key = ? WHERE direction = ? AND colleague = ? AND id = ? AND ended <> ''",
        (_GONE, direction, colleague, epoch),
    )


def fold_log(connection: Connection) -> bool:
    """Move what is in the write-ahead log into the file and cut the log to nothing: what was deleted is in neither.
    Whether it was done: not while another window reads."""
    (busy, _, _), *_ = rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    return bool(busy == 0)
