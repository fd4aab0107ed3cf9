"""`confrere history`: who did what, when, to whose record; and whether nobody changed that afterwards."""

from typing import Annotated, Any

import typer

from localstore import history, patients, verification
from localstore.errors import BrokenHistory
from localstore.history import Line
from localstore.practice import Practice
from tui import vocabulary
from tui.cli import describing, opening, output
from tui.cli.commands import Asked, command, family
from tui.dates import shown_moment
from tui.words.catalogue import text, texts

commands = family()

VERIFY = "verify"

Reference = Annotated[
    str | None,
    typer.Argument(metavar="PATIENT|verify", help=text("Only what concerns a patient; or verify, to check the chain.")),
]


@command(commands, "history", text("Show the history of the practice or of one patient, or verify it."))
def show(asked: Asked, reference: Reference = None) -> None:
    """The lines, oldest first."""
    with opening.unlocked(asked) as practice:
        if reference == VERIFY:
            _verify(asked, practice)
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
    patient = None
    if reference is not None:
        known = patients.resolve(practice.connection, reference)
        patient = patients.number(practice.connection, known.id)
    found = history.lines(practice.connection, patient)
    if asked.as_json:
        output.document([_shape(practice, line) for line in found])
        return
    headings = [text("Line"), text("When"), text("Who"), text("What"), text("Patient"), text("About"), text("Detail")]
    output.table(headings, [_row(practice, line) for line in found])


def _who(practice: Practice, line: Line) -> str:
    return practice.user.name if line.user == practice.user.id else line.user


def _shape(practice: Practice, line: Line) -> dict[str, Any]:
    return {**line._asdict(), "user_name": _who(practice, line)}


def _row(practice: Practice, line: Line) -> tuple[object, ...]:
    return (
        line.id,
        shown_moment(line.at),
        _who(practice, line),
        vocabulary.word(vocabulary.ACTIONS, line.action),
        describing.longer(line.patient),
        describing.longer(line.subject),
        line.detail,
    )
