"""The SQL of questions to the whole practice: concepts that are meant, entries about them, and whose they are.

A question is answered from the index of meaning (`localstore.indexing`): concepts whose words or codes fit, entries in
which the words were typed, and values that were measured.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from localstore import people
from localstore.database import Connection, rows
from localstore.errors import TooLarge
from localstore.questions import usual
from localstore.questions.asking import Question
from localstore.questions.comparing import Plan, Present
from localstore.safety import measures
from localstore.safety.measures import Measure
from localstore.standing import Stance
from localstore.values import Concept

MAX_ROWS = 500_000  # entries that answer; each is some hundred bytes in memory
MAX_CONCEPTS = 100_000
MAX_CANDIDATES = 500_000  # entries in which a word was typed, where the others lie elsewhere
SHORT = 3  # letters of a usual name that is not taken for the beginning of another word: "ta", "fc"

_ENTRY = "SELECT v.patient, v.num, v.id, v.kind, v.date, c.label, v.stance, v.until,"
# What is denied answers to nothing: whoever asks for a vaccination does not mean one that was refused.
_STANDING = f" WHERE v.current = 1 AND v.status = '' AND v.stance <> {Stance.DENIED:d}"
_OF_MEASURED = (
    " JOIN measured m ON m.concept = j.value JOIN version v ON v.num = m.version JOIN concept c ON c.num = m.concept"
)
_MEASURED = _ENTRY + " m.value, m.unit, m.bound FROM json_each(?) j" + _OF_MEASURED + _STANDING
# Parts of a measurement, the systolic pressure for one. The unary plus keeps the index of concepts out of it.
_PARTS = _MEASURED + " AND +v.concept IS NOT m.concept"
_ABOUT = (
    _ENTRY + " m.value, coalesce(m.unit, ''), coalesce(m.bound, '') FROM json_each(?) j"
    " JOIN version v ON v.concept = j.value JOIN concept c ON c.num = v.concept"
    " LEFT JOIN measured m ON m.concept = v.concept AND m.version = v.num" + _STANDING
)  # fmt: skip
_NO_VALUE = " NULL, '', '' FROM "
_TYPED = (
    _ENTRY + _NO_VALUE + "entry_words w JOIN version v ON v.num = w.rowid LEFT JOIN concept c ON c.num = v.concept"
    + _STANDING + " AND entry_words MATCH ?"
)  # fmt: skip
_NUMBERED = (
    _ENTRY + _NO_VALUE + "json_each(?) j JOIN version v ON v.num = j.value LEFT JOIN concept c ON c.num = v.concept"
    + _STANDING
)  # fmt: skip
_OF_KIND = _ENTRY + _NO_VALUE + "version v LEFT JOIN concept c ON c.num = v.concept" + _STANDING
# A value that is only a bound answers where the true one must: "< 8" is under 9, and nobody knows whether it is over 7.
_AT_LEAST, _AT_MOST = "m.bound IN ('>', '>=')", "m.bound IN ('<', '<=')"
_COMPARED = {
    ">": f"(m.bound = '' AND m.value > ? OR m.bound = '>' AND m.value >= ? OR {_AT_LEAST} AND m.value > ?)",
    ">=": f"(m.bound = '' AND m.value >= ? OR m.bound = '>' AND m.value >= ? OR {_AT_LEAST} AND m.value >= ?)",
    "<": f"(m.bound = '' AND m.value < ? OR m.bound = '<' AND m.value <= ? OR {_AT_MOST} AND m.value < ?)",
    "<=": f"(m.bound = '' AND m.value <= ? OR m.bound = '<' AND m.value <= ? OR {_AT_MOST} AND m.value <= ?)",
    "=": "(m.bound = '' AND m.value IN (?, ?, ?))",
}
_BY_WORDS = "SELECT rowid FROM concept_words WHERE concept_words MATCH ? LIMIT ?"
_BY_LOINC = "SELECT concept FROM concept_code WHERE code = ? AND system = ?"
_BY_CODE = "SELECT concept FROM concept_code WHERE code >= ?1 AND code < ?2 AND (?3 = '' OR system = ?3) LIMIT ?4"


class Row(NamedTuple):
    """One entry that answers, as it lies in the tables. `patient` is the number of the record that holds it."""

    patient: int
    num: int
    id: bytes
    kind: str
    date: str
    label: str | None
    stance: int
    until: str
    value: float | None
    unit: str
    bound: str


class Condition(NamedTuple):
    """A condition on entries, as SQL, with its parameters."""

    sql: str
    parameters: tuple[str | float, ...]


def of_kind(connection: Connection, where: Condition) -> list[Row]:
    """All entries that a condition lets through."""
    return _rows(connection, _OF_KIND, (), where)


def about(connection: Connection, concepts: Iterable[int], where: Condition) -> list[Row]:
    """The entries about these concepts, and the measurements of which they are a part."""
    listed = json.dumps(sorted(concepts))
    return _rows(connection, _ABOUT, (listed,), where) + _rows(connection, _PARTS, (listed,), where)


def measured(connection: Connection, plan: Plan, where: Condition) -> list[Row]:
    """The values that a plan looks for."""
    sql, parameters = where
    if plan.units is not None:
        sql += f" AND m.unit IN ({people.marks(list(range(len(plan.units))))})"
        parameters += plan.units
    for sign, value in plan.limits:
        sql += f" AND {_COMPARED[sign]}"
        parameters += (value, value, value)
    return _rows(connection, _MEASURED, (json.dumps(plan.concepts),), Condition(sql, parameters))


def typed(connection: Connection, words: Sequence[str], where: Condition) -> list[Row]:
    """The entries in which all these words were typed."""
    return _rows(connection, _TYPED, (_expression(words, words),), where)


def typed_in_part(connection: Connection, words: Sequence[str], where: Condition) -> list[Row]:
    """The entries in which some of these words were typed, and which are about a concept that holds the others."""
    if len(words) < 2:
        return []
    lying = {word: _numbers(connection, "entry_words", word, words, MAX_CANDIDATES) for word in words}
    known = {word: _numbers(connection, "concept_words", word, words, MAX_CONCEPTS) for word in words}
    candidates: dict[int, set[int]] = {}
    for num in set[int]().union(*lying.values()):
        missing = [known[word] for word in words if num not in lying[word]]
        if missing and (shared := set.intersection(*missing)):
            candidates[num] = shared
    if not candidates:
        return []
    found = _rows(connection, _NUMBERED, (json.dumps(sorted(candidates)),), where)
    about = dict(rows(connection, _CONCEPT_OF, (json.dumps([one.num for one in found]),)))
    return [one for one in found if about[one.num] in candidates[one.num]]


_CONCEPT_OF = "SELECT v.num, v.concept FROM json_each(?) j JOIN version v ON v.num = j.value"


def _numbers(connection: Connection, table: str, word: str, words: Sequence[str], most: int) -> set[int]:
    sql = _BY_WORDS if table == "concept_words" else _BY_TYPED
    return _within(most, {num for (num,) in rows(connection, sql, (_expression([word], words), most + 1))})


_BY_TYPED = "SELECT rowid FROM entry_words WHERE entry_words MATCH ? LIMIT ?"


def concepts(connection: Connection, question: Question) -> set[int]:
    """The concepts that a question means: by all its words (or by the usual short name of a measurement), and by the
    beginning of its code. Raises TooLarge when it would mean half of the practice's vocabulary."""
    found: set[int] | None = None
    if question.words:
        expression = _expression(question.words, question.words)
        found = {num for (num,) in rows(connection, _BY_WORDS, (expression, MAX_CONCEPTS + 1))}
        for code in usual.codes(question.words):
            found.update(num for (num,) in rows(connection, _BY_LOINC, (code, usual.LOINC)))
        if " ".join(question.words) in usual.PRESSURES:
            found.update(num for (num,) in rows(connection, _BY_WORDS, ('"systol"*', MAX_CONCEPTS + 1)))
    if question.code:
        bounds = (question.code, question.code + "\U0010ffff", question.system, MAX_CONCEPTS + 1)
        coded = {num for (num,) in rows(connection, _BY_CODE, bounds)}
        found = coded if found is None else found & coded
    return _within(MAX_CONCEPTS, found or set())


def present(connection: Connection, concepts: Iterable[int]) -> list[Present]:
    """In which units values of these concepts were measured, and how many."""
    found = rows(connection, _UNITS, (json.dumps(sorted(concepts)),))
    return [Present(*one) for one in found]


_UNITS = (
    "SELECT m.concept, m.unit, count(*) FROM json_each(?) j JOIN measured m ON m.concept = j.value"
    " GROUP BY m.concept, m.unit"
)


def measures_of(connection: Connection, concepts: Iterable[int]) -> dict[int, Measure | None]:
    """The measure that each concept is, None where it is not a known one."""
    found = rows(connection, _BODIES, (json.dumps(sorted(concepts)),))
    return {num: measures.measure_of(_decode(body)) for num, body in found}


_BODIES = "SELECT c.num, c.body FROM json_each(?) j JOIN concept c ON c.num = j.value"
_decode = msgspec.msgpack.Decoder(Concept).decode


def persons(connection: Connection, numbers: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    """Who is read under each of these records: (identifier, family name, given names, birth date, sex), by number. A
    record that was merged is its kept one's, however far that is."""
    kept = dict(rows(connection, "SELECT patient, kept FROM same_person"))
    roots = {number: _root(kept, number) for number in numbers}
    told = rows(connection, _PERSONS, (json.dumps(sorted(set(roots.values()))),))
    people_by_number = {num: tuple(rest) for num, *rest in told}
    return {number: people_by_number[root] for number, root in roots.items() if root in people_by_number}


_PERSONS = (
    "SELECT p.num, p.id, p.family_name, p.given_names, p.birth_date, p.sex FROM json_each(?) j"
    " JOIN patient p ON p.num = j.value"
)


def _root(kept: dict[int, int], number: int) -> int:
    for _ in range(people.MOST):
        if number not in kept:
            break
        number = kept[number]
    return number


def _rows(connection: Connection, sql: str, before: tuple[str, ...], where: Condition) -> list[Row]:
    found = connection.execute(sql + where.sql + " LIMIT ?", (*before, *where.parameters, MAX_ROWS + 1)).fetchall()
    if len(found) > MAX_ROWS:
        raise TooLarge(what="The answer to this question", limit="{count} entries", count=MAX_ROWS)
    return list(map(Row._make, found))


def _within(most: int, found: set[int]) -> set[int]:
    if len(found) > most:
        raise TooLarge(what="This question", limit="{count} terms", count=most)
    return found


def _expression(words: Iterable[str], whole: Sequence[str]) -> str:
    """The FTS5 expression: every word must begin one of the entry's. One letter, a number, and a short usual name must
    be a word: hepatitis A is none of those in adults. `whole` are all words of the question."""
    is_name = usual.is_known(tuple(whole))
    return " ".join(_word(word, is_name) for word in words)


def _word(word: str, is_name: bool) -> str:
    is_whole = len(word) == 1 or word.isdecimal() or (is_name and len(word) <= SHORT)
    return f'"{word}"' if is_whole else f'"{word}"*'
