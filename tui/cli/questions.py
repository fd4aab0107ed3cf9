"""`confrere ask`: a question to the whole practice, its answers, and their statistics."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from localstore.kinds import Kind
from localstore.questions import answering, asking, counting, periods
from localstore.questions.answering import Answer
from localstore.questions.asking import Limit, Question
from localstore.questions.counting import Count
from localstore.questions.table import Cell, csv_text
from tui import amounts, vocabulary
from tui.cli import opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.describing import longer
from tui.dates import shown_date
from tui.words.catalogue import text, texts

commands = family()


class Group(StrEnum):
    """What answers are counted by."""

    LABEL = "label"
    KIND = "kind"
    YEAR = "year"
    MONTH = "month"
    SEX = "sex"
    AGE = "age"


Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORDS",
        help=text("The question: allergie pénicilline; HbA1c > 8 depuis 1 an; diabète sauf HbA1c depuis 6 mois."),
    ),
]
KindOption = Annotated[Kind | None, typer.Option("--kind", metavar="KIND", help=text("Only entries of this kind."))]
Code = Annotated[
    str, typer.Option("--code", metavar="CODE", help=text("A code, or its beginning: J01C for the penicillins of ATC."))
]
System = Annotated[str, typer.Option("--system", metavar="URI", help=text("Only codes of this terminology."))]
Over = Annotated[str, typer.Option("--over", metavar="N", help=text("Only values greater than this."))]
Under = Annotated[str, typer.Option("--under", metavar="N", help=text("Only values less than this."))]
Unit = Annotated[
    str,
    typer.Option(
        "--unit", metavar="UNIT", help=text("The unit of these values; values in others that are known are converted.")
    ),
]
Since = Annotated[
    str, typer.Option("--since", metavar="DATE", help=text("Only from this date on; or a span, as “6 months”."))
]
Before = Annotated[str, typer.Option("--before", metavar="DATE", help=text("Only before this date."))]
By = Annotated[
    Group | None,
    typer.Option("--by", help=text("Count the answers by label, kind, year, month, sex or age (in tens of years).")),
]
Csv = Annotated[bool, typer.Option("--csv", help=text("Print a table for a spreadsheet."))]


@command(commands, "ask", text("Ask the whole practice; the question is written to the history."))
def ask(
    asked: Asked,
    words: Words = None,
    kind: KindOption = None,
    code: Code = "",
    system: System = "",
    over: Over = "",
    under: Under = "",
    unit: Unit = "",
    since: Since = "",
    before: Before = "",
    by: By = None,
    as_csv: Csv = False,
) -> None:
    """Who answers to the question, or how many."""
    with opening.unlocked(asked) as practice:
        today = date.fromisoformat(practice.today())
        typed = " ".join(words or ())
        given = {"kind": kind, "code": code, "system": system, "unit": unit}
        question = _narrowed(_read(typed, today, bool(kind or code)), given, over, under)
        if since:
            question = msgspec.structs.replace(question, since=periods.day(since, today))
        if before:
            question = msgspec.structs.replace(question, before=periods.day(before, today))
        found, remarks = answering.ask(practice, question, _told(typed, given, over, under, since, before))
    if by is not None:
        _show_counts(asked, counting.by(found, by.value, today), by, as_csv)
    else:
        _show_answers(asked, found, as_csv)
    for one in remarks:
        output.note(one.told(text))


def _read(typed: str, today: date, is_narrowed: bool) -> Question:
    return Question() if is_narrowed and not typed.strip() else asking.read(typed, today)


def _narrowed(question: Question, given: dict[str, Any], over: str, under: str) -> Question:
    """The question with what the options say besides."""
    limits = [Limit(sign, asking.number(value)) for sign, value in ((">", over), ("<", under)) if value]
    question = msgspec.structs.replace(question, limits=(*question.limits, *limits))
    return msgspec.structs.replace(question, **{name: value for name, value in given.items() if value})


def _told(typed: str, given: dict[str, Any], over: str, under: str, since: str, before: str) -> str:
    """The question in words, for the history."""
    options = {**given, "over": over, "under": under, "since": since, "before": before}
    return " ".join([typed, *(f"--{name} {value}" for name, value in options.items() if value)]).strip()


def _show_answers(asked: Asked, found: list[Answer], as_csv: bool) -> None:
    if asked.as_json:
        output.document([_shape(one) for one in found])
        return
    headings = [
        text("Patient"), text("Name"), text("Born"), text("Date"), text("Kind"), text("What"), text("Standing"),
        text("Value"), text("Unit"), text("Bound"), text("Version"),
    ]  # fmt: skip
    if as_csv:
        output.raw(csv_text(headings, [_cells(one) for one in found]).encode())
    else:
        output.table(headings, [_shown(one) for one in found])
    counted = counting.whole(found)
    entries = texts("{count} entry", "{count} entries", counted.entries).format(count=counted.entries)
    patients = texts("of {count} patient.", "of {count} patients.", counted.patients).format(count=counted.patients)
    output.note(f"{entries} {patients}")


def _cells(one: Answer) -> list[Cell]:
    name = " ".join((one.family_name.upper(), *one.given_names))
    return [
        one.patient,
        name,
        one.birth_date,
        one.date,
        one.kind,
        one.label,
        _standing(one),
        one.value,
        one.unit,
        one.bound,
        one.version,
    ]


def _shown(one: Answer) -> list[str]:
    name = " ".join((one.family_name.upper(), *one.given_names))
    kind = vocabulary.kind(Kind(one.kind))
    value = _number(one.value)
    dates = shown_date(one.birth_date), shown_date(one.date)
    return [
        longer(one.patient),
        name,
        *dates,
        kind,
        one.label,
        _standing(one),
        value,
        one.unit,
        one.bound,
        longer(one.version),
    ]


def _standing(one: Answer) -> str:
    return text("over") if one.is_over else ""


def _number(value: float | None) -> str:
    return "" if value is None else amounts.number(Decimal(repr(value)), exact=False)


def _shape(one: Answer) -> dict[str, Any]:
    return {"id": one.version, **{name: value for name, value in one._asdict().items() if name != "version"}}


def _show_counts(asked: Asked, counts: list[Count], by: Group, as_csv: bool) -> None:
    if asked.as_json:
        output.document(
            [{"id": one.group, **{n: v for n, v in one._asdict().items() if n != "group"}} for one in counts]
        )
        return
    headings = [
        text("Group"), text("Entries"), text("Patients"), text("Median"), text("Least"), text("Greatest"), text("Unit")
    ]  # fmt: skip
    if as_csv:
        output.raw(csv_text(headings, counts).encode())
        return
    rows = [
        [
            _group(one.group, by),
            str(one.entries),
            str(one.patients),
            *(_number(value) for value in (one.median, one.least, one.greatest)),
            one.unit,
        ]
        for one in counts
    ]
    output.table(headings, rows)


def _group(name: str, by: Group) -> str:
    if by is Group.SEX:
        return vocabulary.word(vocabulary.SEX, name)
    if by is Group.KIND:
        return vocabulary.kind(Kind(name))
    return name or "—"
