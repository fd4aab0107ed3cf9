"""Answers to a question: which entries of which patients. The SQL of it; the asking itself is written to the history.

A question is answered from the index of meaning (`localstore.indexing`): concepts whose words or codes fit, entries in
which the words were typed, and values that were measured.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from localstore.database import Connection, rows, transaction
from localstore.errors import TooLarge
from localstore.facts import Stance
from localstore.folding import fold
from localstore.patients import GIVEN_NAMES_SEPARATOR
from localstore.practice import Practice
from localstore.questions import usual
from localstore.questions.asking import Question
from localstore.roles import Right

MAX_ANSWERS = 1_000_000  # rows; a practice has fewer entries
MAX_CONCEPTS = 100_000

# Of the record that it was merged into, where it was.
_PERSON = " JOIN patient p ON p.num = coalesce((SELECT kept FROM same_person WHERE patient = v.patient), v.patient)"
_SELECTED = "SELECT p.id, p.family_name, p.given_names, p.birth_date, p.sex, v.id, v.kind, v.date, c.label, v.stance,"
# What is denied answers to nothing: whoever asks for a vaccination does not mean one that was refused.
_STANDING = f" WHERE v.current = 1 AND v.status = '' AND v.stance <> {Stance.DENIED:d}"
_MEASURED = (
    _SELECTED + " m.value, m.unit FROM json_each(?) j JOIN measured m ON m.concept = j.value"
    " JOIN version v ON v.num = m.version" + _PERSON + " JOIN concept c ON c.num = m.concept" + _STANDING
)
_ABOUT = (
    _SELECTED + " m.value, coalesce(m.unit, '') FROM json_each(?) j JOIN version v ON v.concept = j.value" + _PERSON
    + " JOIN concept c ON c.num = v.concept LEFT JOIN measured m ON m.concept = v.concept AND m.version = v.num"
    + _STANDING
)  # fmt: skip
_TYPED = (
    _SELECTED + " NULL, '' FROM entry_words w JOIN version v ON v.num = w.rowid" + _PERSON
    + " LEFT JOIN concept c ON c.num = v.concept" + _STANDING + " AND entry_words MATCH ?"
)  # fmt: skip
_OF_KIND = _SELECTED + " NULL, '' FROM version v" + _PERSON + " LEFT JOIN concept c ON c.num = v.concept" + _STANDING
_COMPARED = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "=": "="}


class Answer(NamedTuple):
    """One entry that answers: whose (with what a list shows of him), which version, and what it says."""

    patient: str
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    version: str
    kind: str
    date: str
    label: str
    is_over: bool
    value: float | None
    unit: str


def ask(practice: Practice, question: Question, typed: str = "") -> list[Answer]:
    """All answers, by patient and date. The question goes into the history, as it was `typed`. Raises NotYourRole, and
    TooLarge when it would mean half of the practice's vocabulary."""
    practice.require(Right.READ)
    connection = practice.connection
    with transaction(connection):
        practice.log("practice-asked", detail=typed)
    found = _found(connection, question)
    if question.without is not None:
        others = {one[0] for one in _found(connection, question.without)}
        found = [one for one in found if one[0] not in others]
    found.sort(key=_order)
    return [_answer(one) for one in found]


def _order(one: tuple[Any, ...]) -> tuple[str, bytes, str]:
    return fold(one[1]), one[0], one[7]


def _answer(one: tuple[Any, ...]) -> Answer:
    patient, family, given, birth, sex, version, kind, date, label, stance, value, unit = one
    names = tuple(given.split(GIVEN_NAMES_SEPARATOR)) if given else ()
    is_over = stance == Stance.OVER
    return Answer(
        patient.hex(), family, names, birth, sex, version.hex(), kind, date, label or "", is_over, value, unit
    )


def _found(connection: Connection, question: Question) -> list[tuple[Any, ...]]:
    """The rows that answer one question, without its "without"."""
    where, parameters = _bounds(question)
    if question.comparison:
        concepts = json.dumps(list(_concepts(connection, question)))
        return rows(connection, _MEASURED + where, (concepts, *parameters))
    if not question.words and not question.code:
        return rows(connection, _OF_KIND + where, parameters)
    found = rows(connection, _ABOUT + where, (json.dumps(list(_concepts(connection, question))), *parameters))
    if question.words:
        known = {one[5] for one in found}
        typed = rows(connection, _TYPED + where, (_expression(question.words), *parameters))
        found += [one for one in typed if one[5] not in known]
    return found


def _bounds(question: Question) -> tuple[str, list[str | float]]:
    """The conditions on kind, period and value, with their parameters."""
    where = ""
    parameters: list[str | float] = []
    if question.kind is not None:
        where += " AND v.kind = ?"
        parameters.append(question.kind.value)
    if question.only_current:
        where += f" AND v.stance = {Stance.HOLDS:d}"
    if question.since:  # a partial date counts where its last day may lie in the period
        where += " AND v.date <> '' AND v.date || '~' >= ?"
        parameters.append(question.since)
    if question.before:
        where += " AND v.date <> '' AND v.date < ?"
        parameters.append(question.before)
    if question.comparison:
        where += f" AND m.value {_COMPARED[question.comparison]} ?"
        parameters.append(float(question.value or Decimal(0)))
        if question.unit:
            where += " AND m.unit = ? COLLATE NOCASE"
            parameters.append(question.unit)
    return where, parameters


def _concepts(connection: Connection, question: Question) -> Iterator[int]:
    """The concepts that a question means: by the beginnings of all its words (or by the usual short
    name of a measurement), and by the beginning of its code."""
    found: set[int] | None = None
    if question.words:
        expression = _expression(question.words)
        found = {num for (num,) in rows(connection, _BY_WORDS, (expression, MAX_CONCEPTS + 1))}
        for code in usual.CODES.get(" ".join(question.words), ()):
            found.update(num for (num,) in rows(connection, _BY_LOINC, (code, usual.LOINC)))
    if question.code:
        bounds = (question.code, question.code + "\U0010ffff", question.system, MAX_CONCEPTS + 1)
        coded = {num for (num,) in rows(connection, _BY_CODE, bounds)}
        found = coded if found is None else found & coded
    if len(found or ()) > MAX_CONCEPTS:
        raise TooLarge(what="This question", limit="{count} terms", count=MAX_CONCEPTS)
    yield from sorted(found or ())


_BY_WORDS = "SELECT rowid FROM concept_words WHERE concept_words MATCH ? LIMIT ?"
_BY_LOINC = "SELECT concept FROM concept_code WHERE code = ? AND system = ?"
_BY_CODE = "SELECT concept FROM concept_code WHERE code >= ?1 AND code < ?2 AND (?3 = '' OR system = ?3) LIMIT ?4"


def _expression(words: tuple[str, ...]) -> str:
    """The FTS5 expression: every word must begin one of the entry's."""
    return " ".join(f'"{word}"*' for word in words)
