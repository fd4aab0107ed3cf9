"""The SQL of words that came with an entry: what its first author vouched for, so that it can be passed on.

A word is bytes here (`sync.papers.documents.Original`, as MessagePack), and proves itself: who reads one checks it.
Callers hold the transaction.
"""

from collections.abc import Iterable

from localstore.database import Connection, row


def put(connection: Connection, version: int, word: bytes) -> None:
    """Keep the word that a version came with, by its local number; the first one stays."""
    connection.execute("INSERT OR IGNORE INTO original (version, word) VALUES (?, ?)", (version, word))


def of(connection: Connection, versions: Iterable[str]) -> dict[str, bytes]:
    """The words that are kept for these versions (32 hex digits), by version."""
    if row(connection, "SELECT 1 FROM original LIMIT 1") is None:
        return {}
    found = {}
    for version in versions:
        kept = row(
            connection,
            "SELECT o.word FROM version v JOIN original o ON o.version = v.num WHERE v.id = unhex(?)",
            (version,),
        )
        if kept is not None:
            found[version] = bytes(kept[0])
    return found
