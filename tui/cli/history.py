"""`confrere history`: who did what, when, to whose record; whether that was altered since; dropping what is old."""

from typing import Annotated, Any

import typer

from localstore import history, patients, retention, segments, verification
from localstore.errors import BrokenHistory
from localstore.history import Line
from localstore.practice import Practice
from localstore.retention import Old
from localstore.roles import Right
from localstore.segments import Segment
from tui import remembered, vocabulary
from tui.cli import asking, describing, opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.errors import Misused, NotConfirmed
from tui.dates import shown_date, shown_moment
from tui.words.catalogue import text, texts

commands = family()

VERIFY, SEGMENTS, DROP = "verify", "segments", "drop"

Reference = Annotated[
    str | None,
    typer.Argument(
        metavar="PATIENT|verify|segments|drop",
        help=text(
            "Only what concerns a patient; or verify, to check the chain; segments, to list its sealed months; drop, "
            "to let go of those before a month."
        ),
    ),
]
Before = Annotated[
    str | None,
    typer.Option("--before", metavar="MONTH", help=text("The first month that is kept when dropping: 2006-11.")),
]
Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask."))]


@command(commands, "history", text("Show the history of the practice or of one patient; verify it; drop what is old."))
def show(asked: Asked, reference: Reference = None, before: Before = None, yes: Yes = False) -> None:
    """The lines, oldest first."""
    if (before is not None) != (reference == DROP):
        problem = text("--before belongs to history drop, which needs it.")
        raise Misused(problem=problem, command="confrere history")
    with opening.unlocked(asked) as practice:
        if before is not None:
            _drop(asked, practice, before, yes)
        elif reference == VERIFY:
            _verify(asked, practice)
        elif reference == SEGMENTS:
            _segments(asked, practice)
        else:
            _list(asked, practice, reference)


def _verify(asked: Asked, practice: Practice) -> None:
    broken = verification.first_broken_line(practice.connection)
    if broken is not None:
        raise BrokenHistory(line=broken.line, seen=broken.seen)
    count = history.count(practice.connection)
    if asked.as_json:
        output.document({"id": "history", "lines": count, "intact": True})
    else:
        words = texts(
            "{count} line: each follows from the one before.", "{count} lines: each follows from the one before.", count
        )
        output.say(words.format(count=count))


def _list(asked: Asked, practice: Practice, reference: str | None) -> None:
    practice.require(Right.READ)  # details may tell of a patient's health
    patient = None
    if reference is not None:
        known = patients.resolve(practice.connection, reference)
        patient = patients.number(practice.connection, known.id)
    found, names = history.lines(practice.connection, patient), history.names(practice.connection)
    if asked.as_json:
        output.document([line._asdict() | {"user_name": names.get(line.user, line.user)} for line in found])
        return
    headings = [text("Line"), text("When"), text("Who"), text("What"), text("Patient"), text("About"), text("Detail")]
    output.table(headings, [_row(names, line) for line in found])


def _row(names: dict[str, str], line: Line) -> tuple[object, ...]:
    return (
        line.id,
        shown_moment(line.at),
        names.get(line.user, line.user),
        vocabulary.word(vocabulary.ACTIONS, line.action),
        describing.longer(line.patient),
        names.get(line.subject) or describing.longer(line.subject),
        _detail(line),
    )


def _detail(line: Line) -> str:
    """What the line says; of dropped lines, the number of the last one: the rest of it is for the verification."""
    if line.action == segments.DROPPED:
        return line.detail.partition(" ")[0]
    return remembered.told(line.action, line.detail)


# --- sealed months ---------------------------------------------------------------------------------------------------


def _segments(asked: Asked, practice: Practice) -> None:
    found = segments.listing(practice.connection)
    if asked.as_json:
        output.document([_segment_shape(one) for one in found])
        return
    headings = [text("Month"), text("Lines"), text("From"), text("To"), text("State")]
    output.table(headings, [_segment_row(one) for one in found])


def _segment_shape(one: Segment) -> dict[str, Any]:
    return {
        "id": one.num,
        "month": one.month,
        "first": one.first,
        "last": one.last,
        "lines": one.last - one.first + 1,
        "dropped": one.dropped,
    }


def _segment_row(one: Segment) -> tuple[object, ...]:
    state = text("dropped on {date}").format(date=shown_date(one.dropped[:10])) if one.dropped else text("sealed")
    return shown_date(one.month), one.last - one.first + 1, one.first, one.last, state


def _drop(asked: Asked, practice: Practice, before: str, yes: bool) -> None:
    old = retention.droppable(practice, before)
    if old.lines and not yes:
        _confirm(old)
    done = retention.drop(practice, before) if old.lines else old
    if asked.as_json:
        output.document({"id": "history", "before": before, "months": done.months, "dropped": done.lines})
    elif not done.lines:
        output.note(text("There is no sealed month before that one. Nothing was dropped."))
    else:
        words = texts(
            "{count} line dropped. The rest of the history verifies.",
            "{count} lines dropped. The rest of the history verifies.",
            done.lines,
        )
        output.say(words.format(count=done.lines))


def _confirm(old: Old) -> None:
    words = texts(
        "Drop {count} line of the history, from {first} to {last}, for good?",
        "Drop {count} lines of the history, from {first} to {last}, for good?",
        old.lines,
    )
    question = words.format(count=old.lines, first=shown_date(old.first), last=shown_date(old.last))
    if not (asking.is_possible() and asking.confirms(question)):
        raise NotConfirmed(remedy="Confirm it on a terminal, or with --yes.")
