"""The SQL of empty documents that take the place of what must not leave any more.

The record and the postbox are two files, and no commit spans both. So the record notes first what is to be put into the
postbox: after a crash between the two, it can be asked which of them the postbox holds.
"""

from localstore.database import Connection, row, rows


def intend(connection: Connection, feed: bytes, sequence: int, envelope: bytes) -> None:
    """Note the envelope that is about to take the place of another in the postbox."""
    connection.execute("UPDATE outgoing SET instead = ? WHERE feed = ? AND sequence = ?", (envelope, feed, sequence))


def intended(connection: Connection, feed: bytes, sequence: int) -> bytes | None:
    """The envelope that was noted for this place, or None."""
    found = row(connection, "SELECT instead FROM outgoing WHERE feed = ? AND sequence = ?", (feed, sequence))
    return found[0] if found else None


def clear(connection: Connection, feed: bytes, sequence: int) -> None:
    """It is known by now what became of it."""
    connection.execute("UPDATE outgoing SET instead = NULL WHERE feed = ? AND sequence = ?", (feed, sequence))


def begun(connection: Connection) -> list[tuple[bytes, int]]:
    """The places, by feed and number, of which a crash left open what the postbox holds."""
    return rows(connection, "SELECT feed, sequence FROM outgoing WHERE instead IS NOT NULL ORDER BY feed, sequence")
