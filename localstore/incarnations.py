"""The SQL of `postbox.db` for feeds that have ended: after a backup was restored, here or at a colleague's.

A feed belongs to one incarnation of its author, so a restored practice never forks its own stream: its earlier feeds
are retired, and nothing more is offered from them. A colleague who restored a backup no longer holds what he
acknowledged since, and its bytes were dropped here after his receipt: that feed is retired too, and the desk begins
another.
"""

from typing import NamedTuple

from localstore.database import Connection, row, rows, transaction


class Serving(NamedTuple):
    """Which incarnation (16 bytes) a postbox serves and since when, how many times a backup was restored, and whether
    the desk has compared record and postbox since."""

    incarnation: bytes
    since: str
    restored: int
    settled: bool


class Ended(NamedTuple):
    """An outgoing feed that was retired. `known` is its last number here; `beyond` how far the peer says that he holds
    it, where that is further than was offered from here, else 0; `acknowledged` how far he had acknowledged it, and
    `kept` how far he still holds it, None unless he lost what follows; `told` whether he was told so."""

    feed: bytes
    peer: str
    known: int
    beyond: int
    acknowledged: int
    kept: int | None
    told: bool

    @property
    def lost(self) -> int:
        """How many envelopes the peer acknowledged and no longer holds."""
        return 0 if self.kept is None else max(0, self.acknowledged - self.kept)


def serving(connection: Connection) -> Serving | None:
    """What this postbox serves; None before the first desk that said so."""
    found = row(connection, "SELECT incarnation, since, restored, settled FROM serving")
    return None if found is None else Serving(found[0], found[1], found[2], bool(found[3]))


def serve(connection: Connection, incarnation: bytes, at: str) -> None:
    """Note which incarnation this postbox serves from its first day; one that it serves already is left as it is."""
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO serving VALUES (1, ?, ?, 0, 1)", (incarnation, at))


def begin(connection: Connection, incarnation: bytes, at: str) -> None:
    """A backup was put back: every feed that this postbox knows is retired. The same call again changes nothing."""
    with transaction(connection):
        found = serving(connection)
        if found is not None and found.incarnation == incarnation:
            return
        restored = found.restored if found is not None else 0
        connection.execute("INSERT OR REPLACE INTO serving VALUES (1, ?, ?, ?, 0)", (incarnation, at, restored + 1))
        connection.execute("INSERT OR IGNORE INTO retired (feed, at) SELECT feed, ? FROM outgoing_feed", (at,))
        connection.execute("DELETE FROM outgoing_bytes")


def settled(connection: Connection) -> None:
    """The desk has compared record and postbox: nothing is left to do for this incarnation."""
    with transaction(connection):
        connection.execute("UPDATE serving SET settled = 1")


def expect(connection: Connection, peer: str, feed: bytes) -> None:
    """Know a feed before anything is queued in it: a receipt for more than that is then one of a copy."""
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO outgoing_feed (feed, peer) VALUES (?, ?)", (feed, peer))


def remember(connection: Connection, peer: str, feed: bytes, sequence: int, made: str, at: str) -> None:
    """Know what an earlier incarnation made in a feed, also where this postbox is older than that. The feed is retired
    with it: what became of the document, only the colleague can say. `made` and `at` are moments."""
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO outgoing_feed (feed, peer) VALUES (?, ?)", (feed, peer))
        retire(connection, feed, at)
        connection.execute(
            "INSERT OR IGNORE INTO outgoing (feed, sequence, digest, queued) VALUES (?, ?, x'', ?)",
            (feed, sequence, made),
        )


def rewind(connection: Connection, feed: bytes, up_to: int) -> bool:
    """Forget what was opened from an incoming feed behind this number, and all that follows: the record does not know
    of it. The peer sends it again, or says that he can't. Whether there was any."""
    with transaction(connection):
        opened = "SELECT 1 FROM incoming WHERE feed = ? AND sequence > ? AND opened IS NOT NULL"
        if not row(connection, opened, (feed, up_to)):
            return False
        head = row(connection, "SELECT head FROM incoming WHERE feed = ? AND sequence = ?", (feed, up_to))
        connection.execute("DELETE FROM incoming_bytes WHERE feed = ? AND sequence > ?", (feed, up_to))
        connection.execute("DELETE FROM incoming WHERE feed = ? AND sequence > ?", (feed, up_to))
        if head is None:
            connection.execute("DELETE FROM incoming_feed WHERE feed = ?", (feed,))
        else:
            connection.execute("UPDATE incoming_feed SET up_to = ?, head = ? WHERE feed = ?", (up_to, head[0], feed))
        return True


def incoming(connection: Connection) -> list[bytes]:
    """Every incoming feed that is not frozen."""
    return [feed for (feed,) in rows(connection, "SELECT feed FROM incoming_feed WHERE frozen = '' ORDER BY rowid")]


def ended(connection: Connection, peer: str | None = None) -> list[Ended]:
    """The retired feeds, or those towards one peer, oldest first."""
    found = rows(
        connection,
        "SELECT feed, peer, (SELECT coalesce(max(sequence), 0) FROM outgoing WHERE outgoing.feed = outgoing_feed.feed),"
        " beyond, up_to, kept, told FROM outgoing_feed JOIN retired USING (feed) WHERE ?1 IS NULL OR peer = ?1"
        " ORDER BY outgoing_feed.rowid",
        (peer,),
    )
    return [Ended(*values)._replace(told=bool(values[-1])) for values in found]


def is_retired(connection: Connection, feed: bytes) -> bool:
    """Whether nothing more is offered from this feed."""
    return row(connection, "SELECT 1 FROM retired WHERE feed = ?", (feed,)) is not None


def retire(connection: Connection, feed: bytes, at: str, kept: int | None = None) -> None:
    """End an outgoing feed, inside the caller's transaction; `kept` is how far the peer still holds it, if he lost the
    rest. One that has ended stays as it is."""
    connection.execute("INSERT OR IGNORE INTO retired (feed, at, kept) VALUES (?, ?, ?)", (feed, at, kept))


def mark_told(connection: Connection, feed: bytes) -> None:
    """The peer was told, in the feed that follows, what he lost of this one."""
    with transaction(connection):
        connection.execute("UPDATE retired SET told = 1 WHERE feed = ?", (feed,))


def go_beyond(connection: Connection, feed: bytes, up_to: int) -> None:
    """The peer says that he holds a retired feed so far, inside the caller's transaction."""
    connection.execute("UPDATE retired SET beyond = max(beyond, ?) WHERE feed = ?", (up_to, feed))
