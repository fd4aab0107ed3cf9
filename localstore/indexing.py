"""The index of meaning: which entries are about what, which words they hold, which values were measured.

Kept in step with the versions by `versions.insert`. Concepts are written down once and referred to by number: sixty
thousand measurements are about a few hundred. Everything here follows from the bodies and can be made anew.
"""

from collections.abc import Iterable, Iterator

import msgspec

from localstore import crypto, facts, standing
from localstore.blocks import Blocks
from localstore.bodies import Body, decode_body
from localstore.database import Connection, DatabaseError, row, rows
from localstore.folding import fold
from localstore.reported import is_read_only
from localstore.values import Concept

KEY_BYTES = 16
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Concept).decode


class Index:
    """Writes to the index. Remembers the numbers of concepts, so it lives as long as one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers: dict[Concept, int] = {}
        self._words: list[tuple[int, str]] = []
        self._measured: list[tuple[int, int, float, str, str]] = []

    def take(self, num: int, body: Body) -> int | None:
        """Note what a version says, until `write`; returns the number of the concept that it is mainly about."""
        typed = facts.words(body)
        if typed:
            self._words.append((num, fold(typed)))
        self._measured += [(self._number(one.concept), num, *one[1:]) for one in facts.measured(body)]
        concept = facts.about(body)
        return None if concept is None else self._number(concept)

    def write(self) -> None:
        """Write what was taken; the versions are there by now."""
        connection = self._connection
        connection.executemany("INSERT INTO entry_words (rowid, words) VALUES (?, ?)", self._words)
        connection.executemany(
            "INSERT OR REPLACE INTO measured (concept, version, value, unit, bound) VALUES (?, ?, ?, ?, ?)",
            self._measured,
        )
        self._words, self._measured = [], []

    def _number(self, concept: Concept) -> int:
        number = self._numbers.get(concept)
        if number is None:
            encoded = _encode(concept)
            key = _key(encoded)
            found = row(self._connection, "SELECT num FROM concept WHERE key = ?", (key,))
            number = found[0] if found else self._new(concept, key, encoded)
            self._numbers[concept] = number
        return number

    def _new(self, concept: Concept, key: bytes, encoded: bytes) -> int:
        number = self._connection.execute(
            "INSERT INTO concept (key, body, label) VALUES (?, ?, ?)", (key, encoded, concept.label)
        ).lastrowid
        assert number is not None  # noqa: S101 - an INSERT has one
        self._connection.execute(
            "INSERT INTO concept_words (rowid, words) VALUES (?, ?)", (number, " ".join(_searched(concept)))
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO concept_code (code, system, concept) VALUES (?, ?, ?)",
            [(one.code, one.system, number) for one in concept.codings if one.code],
        )
        return number


def _searched(concept: Concept) -> Iterable[str]:
    """The folded words by which a concept is found: its text, its labels, its codes; each once."""
    texts = [concept.text, *(text for one in concept.codings for text in (one.label, one.code))]
    return dict.fromkeys(folded for text in texts if (folded := fold(text)))


def fill(connection: Connection, versions: Iterable[tuple[int, Body]]) -> None:
    """Index versions that are there and not indexed yet, each as (number, body): what they are about, and the rest."""
    index = Index(connection)
    abouts = [(index.take(num, body), standing.stance(body), standing.end(body), num) for num, body in versions]
    connection.executemany("UPDATE version SET concept = ?, stance = ?, until = ? WHERE num = ?", abouts)
    index.write()


def is_right(connection: Connection) -> bool:
    """Whether the index says of every version what its body says, and nothing of any other; and whether every concept
    is found by its words and its codes."""
    concepts: dict[int | None, bytes] = dict(rows(connection, "SELECT num, key FROM concept"))
    words = connection.execute("SELECT rowid, words FROM entry_words ORDER BY rowid")
    measured = connection.execute("SELECT version, concept, value, unit, bound FROM measured ORDER BY version")
    for num, stated, told, body in _bodies(connection):
        about = facts.about(body)
        if told != (standing.stance(body), standing.end(body)):
            return False
        if concepts.get(stated) != (None if about is None else _key(_encode(about))):
            return False
        if (typed := facts.words(body)) and next(words, None) != (num, fold(typed)):
            return False
        values = {_key(_encode(one.concept)): one[1:] for one in facts.measured(body)}
        found = [next(measured, (0, None, 0.0, "", "")) for _ in values]
        if {concepts.get(concept): tuple(value) for of, concept, *value in found if of == num} != values:
            return False
    return next(words, None) is None and next(measured, None) is None and _are_concepts_right(connection)


def _are_concepts_right(connection: Connection) -> bool:
    """Whether every concept has the key, the label, the words and the codes that follow from it, and no others are
    found."""
    codes = set(connection.execute("SELECT concept, code, system FROM concept_code"))
    stored = dict(rows(connection, "SELECT rowid, words FROM concept_words"))
    for number, key, encoded, label in connection.execute("SELECT num, key, body, label FROM concept"):
        try:
            concept = _decode(encoded)
        except msgspec.DecodeError:
            return False
        if key != _key(encoded) or label != concept.label or stored.pop(number, None) != " ".join(_searched(concept)):
            return False
        expected = {(number, one.code, one.system) for one in concept.codings if one.code}
        if not expected <= codes:
            return False
        codes -= expected
    return not codes and not stored


def check_words(connection: Connection) -> None:
    """Let SQLite compare the full-text indexes with the words that they were made from: its check of tables does not.
    It does so only where it may write: a copy that is open for reading is not looked at. Raises DatabaseError where
    they do not agree."""
    for statement in (
        "INSERT INTO entry_words (entry_words) VALUES ('integrity-check')",
        "INSERT INTO concept_words (concept_words) VALUES ('integrity-check')",
        "INSERT INTO patient_words (patient_words) VALUES ('integrity-check')",
    ):
        try:
            connection.execute(statement)
        except DatabaseError as error:
            if not is_read_only(error):
                raise


def finds_words(connection: Connection) -> bool:
    """Whether looking for each word of the full-text indexes finds as many rows as hold it: the list of where words lie
    is part of neither the words nor what SQLite compares with them."""
    return all(_finds_each(connection, *statements) for statements in _VOCABULARIES)


def _finds_each(connection: Connection, make: str, count: str, drop: str) -> bool:
    connection.execute(make)
    try:
        return all(stated == found for stated, found in connection.execute(count))
    finally:
        connection.execute(drop)


_VOCABULARIES = (
    (
        "CREATE VIRTUAL TABLE temp.entry_vocabulary USING fts5vocab (main, entry_words, row)",
        "SELECT doc, (SELECT count(*) FROM entry_words WHERE entry_words MATCH '\"' || term || '\"')"
        " FROM temp.entry_vocabulary",
        "DROP TABLE temp.entry_vocabulary",
    ),
    (
        "CREATE VIRTUAL TABLE temp.concept_vocabulary USING fts5vocab (main, concept_words, row)",
        "SELECT doc, (SELECT count(*) FROM concept_words WHERE concept_words MATCH '\"' || term || '\"')"
        " FROM temp.concept_vocabulary",
        "DROP TABLE temp.concept_vocabulary",
    ),
    (
        "CREATE VIRTUAL TABLE temp.patient_vocabulary USING fts5vocab (main, patient_words, row)",
        "SELECT doc, (SELECT count(*) FROM patient_words WHERE patient_words MATCH '\"' || term || '\"')"
        " FROM temp.patient_vocabulary",
        "DROP TABLE temp.patient_vocabulary",
    ),
)


def _bodies(connection: Connection) -> Iterator[tuple[int, int | None, tuple[int, str], Body]]:
    """Every version, as (number, the concept that its row names, the stance and the end that it tells, body)."""
    blocks = Blocks(connection)
    for num, stated, stance, until, body, block, place in connection.execute(
        "SELECT num, concept, stance, until, body, block, place FROM version ORDER BY num"
    ):
        yield num, stated, (stance, until), decode_body(body if block is None else blocks.body(block, place))


def _key(encoded: bytes) -> bytes:
    return crypto.digest("concept", encoded, size=KEY_BYTES)


def forget(connection: Connection, nums: Iterable[int]) -> None:
    """Take versions out of the index, before their rows are deleted."""
    numbers = [(num,) for num in nums]
    connection.executemany("DELETE FROM entry_words WHERE rowid = ?", numbers)
    connection.executemany("DELETE FROM measured WHERE version = ?", numbers)


def forget_unused(connection: Connection) -> None:
    """Delete the concepts that no version refers to any more: a rare one tells of whoever had it."""
    unused = (
        "SELECT num FROM concept c WHERE NOT EXISTS (SELECT 1 FROM version WHERE concept = c.num)"
        " AND NOT EXISTS (SELECT 1 FROM measured WHERE concept = c.num)"
    )
    numbers = connection.execute(unused).fetchall()
    connection.executemany("DELETE FROM concept_words WHERE rowid = ?", numbers)
    connection.executemany("DELETE FROM concept_code WHERE concept = ?", numbers)
    connection.executemany("DELETE FROM concept WHERE num = ?", numbers)
