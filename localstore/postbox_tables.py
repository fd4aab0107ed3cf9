"""The tables of `postbox.db`, as migrations: each is applied once, in one transaction with its number.

A migration that was released is never changed; the next one is added behind it.
"""

from localstore.opening import Migration

APPLICATION = 0x43504F53  # "CPOS"; SQLite keeps it in the file, and another file is not taken for this one

MIGRATIONS: list[Migration] = [
    (
        "CREATE TABLE transport (one INTEGER PRIMARY KEY CHECK (one = 1), seed BLOB NOT NULL,"
        " certificate BLOB NOT NULL) STRICT",
        "CREATE TABLE peer (id TEXT PRIMARY KEY, certificate BLOB NOT NULL UNIQUE, pair_secret BLOB NOT NULL UNIQUE,"
        " addresses TEXT NOT NULL) STRICT",
        # `frozen` is empty, or the incident for which nothing more of the feed is sent or taken.
        # up_to, head, signature and acknowledged are the newest receipt.
        "CREATE TABLE outgoing_feed (feed BLOB PRIMARY KEY, peer TEXT NOT NULL, frozen TEXT NOT NULL DEFAULT '',"
        " up_to INTEGER NOT NULL DEFAULT 0, head BLOB, signature BLOB, acknowledged TEXT) STRICT",
        # `head` and `sent` are set when the envelope is first offered: what was not offered can still be replaced.
        # The bytes stand in a table of their own, or each change of a state would write them anew. They are dropped
        # once the peer has stored them; `digest` remains, to know the same bytes again.
        "CREATE TABLE outgoing (feed BLOB NOT NULL REFERENCES outgoing_feed (feed), sequence INTEGER NOT NULL,"
        " digest BLOB NOT NULL, head BLOB, queued TEXT NOT NULL, sent TEXT, stored TEXT,"
        " PRIMARY KEY (feed, sequence)) STRICT",
        "CREATE TABLE outgoing_bytes (feed BLOB NOT NULL, sequence INTEGER NOT NULL, envelope BLOB NOT NULL,"
        " PRIMARY KEY (feed, sequence), FOREIGN KEY (feed, sequence) REFERENCES outgoing (feed, sequence)) STRICT",
        "CREATE TABLE incoming_feed (feed BLOB PRIMARY KEY, peer TEXT NOT NULL, frozen TEXT NOT NULL DEFAULT '',"
        " up_to INTEGER NOT NULL DEFAULT 0, head BLOB NOT NULL) STRICT",
        "CREATE TABLE incoming (feed BLOB NOT NULL REFERENCES incoming_feed (feed), sequence INTEGER NOT NULL,"
        " head BLOB NOT NULL, size INTEGER NOT NULL, received TEXT NOT NULL, opened TEXT,"
        " PRIMARY KEY (feed, sequence)) STRICT",
        "CREATE TABLE incoming_bytes (feed BLOB NOT NULL, sequence INTEGER NOT NULL, envelope BLOB NOT NULL,"
        " PRIMARY KEY (feed, sequence), FOREIGN KEY (feed, sequence) REFERENCES incoming (feed, sequence)) STRICT",
        "CREATE INDEX unopened ON incoming (feed, sequence, size) WHERE opened IS NULL",
        "CREATE INDEX of_peer ON incoming_feed (peer)",
        "CREATE INDEX to_peer ON outgoing_feed (peer)",
        "CREATE TABLE incident (num INTEGER PRIMARY KEY, peer TEXT NOT NULL, feed BLOB NOT NULL,"
        " sequence INTEGER NOT NULL, kind TEXT NOT NULL, envelope BLOB, at TEXT NOT NULL, UNIQUE (feed, kind)) STRICT",
        "CREATE TABLE knock (peer TEXT NOT NULL, nonce BLOB NOT NULL, slot INTEGER NOT NULL,"
        " PRIMARY KEY (peer, nonce)) STRICT, WITHOUT ROWID",
    ),
    (
        # Feeds that have ended: since `at` nothing more of them is offered. `beyond` is how far the peer says that he
        # holds one where that is further than this postbox knows of; `kept` how far he still holds it after he lost
        # what he had acknowledged behind it, and `told` whether the desk has told him so in the feed that follows.
        "CREATE TABLE retired (feed BLOB PRIMARY KEY REFERENCES outgoing_feed (feed), at TEXT NOT NULL,"
        " beyond INTEGER NOT NULL DEFAULT 0, kept INTEGER, told INTEGER NOT NULL DEFAULT 0) STRICT",
        # The first release froze such a feed for good.
        "INSERT INTO retired (feed, at, kept) SELECT feed, at, sequence - 1 FROM incident"
        " JOIN outgoing_feed USING (feed) WHERE kind = 'lost' AND frozen = 'lost'",
        "UPDATE outgoing_feed SET frozen = '' WHERE frozen = 'lost'",
        "DELETE FROM incident WHERE kind = 'lost'",
        # The incarnation of the practice that this postbox serves, how many times a backup was restored, and whether
        # the desk has compared the two files since.
        "CREATE TABLE serving (one INTEGER PRIMARY KEY CHECK (one = 1), incarnation BLOB NOT NULL, since TEXT NOT NULL,"
        " restored INTEGER NOT NULL, settled INTEGER NOT NULL) STRICT",
    ),
    (
        # Lots, the newest of each peer. `acknowledged` is what the peer had acknowledged when one was written: whoever
        # has read that lot, and then says that he holds less, has put a backup back.
        "CREATE TABLE lot_written (num INTEGER PRIMARY KEY, lot BLOB NOT NULL UNIQUE, peer TEXT NOT NULL,"
        " at TEXT NOT NULL) STRICT",
        "CREATE TABLE lot_acknowledged (lot BLOB NOT NULL REFERENCES lot_written (lot), feed BLOB NOT NULL,"
        " up_to INTEGER NOT NULL, PRIMARY KEY (lot, feed)) STRICT, WITHOUT ROWID",
        "CREATE TABLE lot_read (num INTEGER PRIMARY KEY, lot BLOB NOT NULL UNIQUE, peer TEXT NOT NULL,"
        " at TEXT NOT NULL) STRICT",
    ),
]
