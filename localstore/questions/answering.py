"""Answers to a question: which entries of which patients. The asking itself is written to the history."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from localstore import standing
from localstore.agenda import moments
from localstore.database import Connection, transaction
from localstore.errors import BadInput
from localstore.folding import fold
from localstore.kinds import Kind
from localstore.patients import GIVEN_NAMES_SEPARATOR
from localstore.practice import Practice
from localstore.questions import comparing, finding
from localstore.questions.asking import EXAMPLE, Question
from localstore.questions.comparing import Remark
from localstore.questions.finding import Condition, Row
from localstore.roles import Right
from localstore.standing import Stance

# What tells that something is so, or was done. A plan, a reminder, a relative's illness or free words do not: whoever
# is looked for because something was not done must not be left out for these.
_TELLING = (
    Kind.PROBLEM, Kind.ALLERGY, Kind.MEDICATION, Kind.IMMUNISATION, Kind.MEASUREMENT, Kind.PROCEDURE, Kind.DEVICE,
    Kind.DOCUMENT,
)  # fmt: skip


class Answer(NamedTuple):
    """One entry that answers: whose (with what a list shows of him), which version, and what it says. `date` is a day
    here, or partial; `bound` is empty, or says that the value only bounds the true one: `<`, `<=`, `>=`, `>`."""

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
    bound: str = ""


class Reply(NamedTuple):
    """All answers, by patient and date, and what is to be said beside them."""

    answers: list[Answer]
    remarks: list[Remark]


def ask(practice: Practice, question: Question, typed: str = "") -> Reply:
    """The answers. The question goes into the history, as it was `typed`. Raises NotYourRole; BadInput for a number
    that is compared with anything; and TooLarge where more answer than `finding.MAX_ROWS`, or half of the vocabulary is
    meant: an answer that was cut off would be a wrong one."""
    practice.require(Right.READ)
    connection, today = practice.connection, practice.today()
    for one in (question, question.without):
        if one is not None and one.limits and not one.words and not one.code:
            raise BadInput(what="The question does not say what the number is a value of.", remedy=EXAMPLE)
    with transaction(connection):
        practice.log("practice-asked", detail=typed)
    found, remarks = _found(connection, question, today)
    people = finding.persons(connection, {one.patient for one in found})
    found = [one for one in found if one.patient in people]
    if question.without is not None:
        others, more = _found(connection, question.without, today, is_without=True)
        ruled_out = {one[0] for one in finding.persons(connection, {one.patient for one in others}).values()}
        found = [one for one in found if people[one.patient][0] not in ruled_out]
        remarks += [one for one in more if one not in remarks]
    shown = {number: _shown(person) for number, person in people.items()}
    order = {number: (fold(person[1]), person[0]) for number, person in shown.items()}
    found.sort(key=lambda one: (order[one[0]], one[4]))
    return Reply([_answer(one, shown[one[0]], today) for one in found], remarks)


def _shown(person: tuple[Any, ...]) -> tuple[str, str, tuple[str, ...], str, str]:
    """What an answer shows of its patient; made once for all of his entries."""
    identifier, family, given, birth, sex = person
    return identifier.hex(), family, tuple(given.split(GIVEN_NAMES_SEPARATOR)) if given else (), birth, sex


def _answer(one: Row, person: tuple[str, str, tuple[str, ...], str, str], today: str) -> Answer:
    _, _, identifier, kind, day, label, stance, until, value, unit, bound = one
    is_over = stance == Stance.OVER or (until != "" and standing.is_over(until, today))
    return Answer(*person, identifier.hex(), kind, _day(day), label or "", is_over, value, unit, bound)


def _day(text: str) -> str:
    """The day here of a moment; what is only a date, whole or partial, as it is."""
    return moments.day_of(text) if "T" in text else text


def _found(
    connection: Connection, question: Question, today: str, is_without: bool = False
) -> tuple[list[Row], list[Remark]]:
    """The rows that answer one question, without its "without", and what is to be said of them."""
    where = _condition(question, today, is_without)
    remarks: list[Remark] = []
    if question.limits:
        found, remarks = _compared(connection, question, where)
    elif not question.words and not question.code:
        found = finding.of_kind(connection, where)
    else:
        found = finding.about(connection, finding.concepts(connection, question), where)
        if question.words and not question.code:
            found += finding.typed(connection, question.words, where)
            found += finding.typed_in_part(connection, question.words, where)
        found = _once(found)
    if question.since or question.before:
        found = [one for one in found if _is_within(one.date, question)]
    return found, remarks


def _compared(connection: Connection, question: Question, where: Condition) -> tuple[list[Row], list[Remark]]:
    concepts = finding.concepts(connection, question)
    present = finding.present(connection, concepts)
    if not present:
        said = question.code or " ".join(question.words)
        return [], [Remark("no-values", "No value is known under the name “{words}”.", {"words": said})]
    of = finding.measures_of(connection, concepts)
    plans, remarks = comparing.plans(question.limits, question.unit, question.words, of, present)
    return [one for plan in plans for one in finding.measured(connection, plan, where)], remarks


def _once(found: Iterable[Row]) -> list[Row]:
    """Each entry once, the first time that it was found."""
    return list({one.num: one for one in reversed(list(found))}.values())[::-1]


def _condition(question: Question, today: str, is_without: bool) -> Condition:
    """The conditions on kind, period and standing. Moments are let through a day before and after the period: their day
    here is looked at afterwards."""
    sql = ""
    parameters: list[str | float] = []
    if question.kind is not None:
        sql += " AND v.kind = ?"
        parameters.append(question.kind.value)
    elif is_without:
        sql += f" AND v.kind IN ({', '.join('?' * len(_TELLING))})"
        parameters += [kind.value for kind in _TELLING]
    if question.only_current:
        sql += f" AND v.stance = {Stance.HOLDS:d} AND (v.until = '' OR substr(v.until, 1, 10) >="
        sql += " substr(?, 1, min(10, length(v.until))))"
        parameters.append(today)
    if question.since:  # a partial date counts where its last day may lie in the period
        sql += " AND v.date <> '' AND v.date || '~' >= ?"
        parameters.append(_beside(question.since, -1))
    if question.before:
        sql += " AND v.date <> '' AND v.date < ?"
        parameters.append(_beside(question.before, 1))
    return Condition(sql, tuple(parameters))


def _is_within(stated: str, question: Question) -> bool:
    day = _day(stated)
    return f"{day}~" >= question.since and (not question.before or day < question.before)


def _beside(day: str, by: int) -> str:
    """A day beside the first one of a date that may be partial."""
    try:
        return (
            date.fromisoformat(day + "-01-01"[len(day) - 10 :] if len(day) < 10 else day) + timedelta(by)
        ).isoformat()
    except (ValueError, OverflowError):
        return day
