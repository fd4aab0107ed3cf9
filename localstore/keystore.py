"""The secret keys that live inside the encrypted record, by name; and the public key of the recovery words."""

from localstore import crypto
from localstore.database import Connection, row, rows

POSTBOX = "postbox"  # the name of the key of postbox.db
ARCHIVE = "archive"  # and of that of archive.db
ARCHIVE_MADE = "archive-made"  # no key: whether there is an archive


def put(connection: Connection, name: str, value: bytes, made: str) -> None:
    """Keep a key under a new name; an existing one is never overwritten (the database refuses)."""
    connection.execute("INSERT INTO secret (name, value, made) VALUES (?, ?, ?)", (name, value, made))


def exchange(connection: Connection, name: str, value: bytes, made: str) -> None:
    """Another key under a name that is there: for a file that was written anew under it."""
    connection.execute("UPDATE secret SET value = ?, made = ? WHERE name = ?", (value, made, name))


def get(connection: Connection, name: str) -> bytes | None:
    """The key of that name, or None."""
    found = row(connection, "SELECT value FROM secret WHERE name = ?", (name,))
    return bytes(found[0]) if found else None


def note_recovery(connection: Connection, public: bytes, voucher: bytes, made: str) -> None:
    """From now on the record's next key may be sealed to these recovery words, by their public key, and to no other;
    `voucher` is the key that vouches for it."""
    connection.execute(
        "INSERT OR REPLACE INTO secret (name, value, made) VALUES ('recovery-public', ?, ?)",
        (crypto.digest("recovery-public", public) + voucher, made),
    )


def recovery_voucher(connection: Connection, public: bytes) -> bytes | None:
    """The key that vouches for what is sealed to the recovery words of this public key; None when they are others."""
    known = get(connection, "recovery-public") or b""
    digest = crypto.digest("recovery-public", public)
    return known[len(digest) :] if crypto.equal(known[: len(digest)], digest) else None


def drop(connection: Connection, name: str) -> None:
    """Delete the key of that name."""
    connection.execute("DELETE FROM secret WHERE name = ?", (name,))


def listed(connection: Connection, prefix: str) -> list[tuple[str, bytes, str]]:
    """All (name, key, moment at which it was made) whose name begins with `prefix`."""
    return rows(connection, "SELECT name, value, made FROM secret WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))


def beginning_with(connection: Connection, prefix: str) -> list[tuple[str, bytes]]:
    """All (name, key) whose name begins with `prefix`, oldest first."""
    return rows(
        connection,
        "SELECT name, value FROM secret WHERE substr(name, 1, ?) = ? ORDER BY made, name",
        (len(prefix), prefix),
    )
