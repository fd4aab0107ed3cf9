"""`confrere recalls`: what is due for whom, across the practice; done, cancelled, suggested."""

from typing import Annotated, Any

import typer

from localstore import patients, versions
from localstore.agenda import recalls
from localstore.agenda.due import Standing
from localstore.agenda.recalls import Recall
from localstore.agenda.suggestions import Suggestion
from localstore.coded import ONLY_THE_FACT
from localstore.errors import BadInput
from localstore.model import Entry
from localstore.practice import Practice
from localstore.questions.table import csv_text
from tui import reading
from tui.cli import chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.listing_first import listing_first
from tui.cli.patients import PatientReference
from tui.dates import shown_date
from tui.words.catalogue import text
from tui.words.marking import message

commands = family()
recall_commands = family("recalls", help=text("Recalls: what is due for whom."), kind=listing_first("list"))
commands.add_typer(recall_commands, name="recalls")

STANDINGS = {
    Standing.OVERDUE: message("overdue"),
    Standing.DUE: message("due now"),
    Standing.LATER: message("due later"),
}

Overdue = Annotated[bool, typer.Option("--overdue", help=text("Only those whose time is over."))]
Deceased = Annotated[bool, typer.Option("--deceased", help=text("Those of patients who died, to cancel them."))]
Until = Annotated[str, typer.Option("--until", metavar="DATE", help=text("Those due up to this date; today."))]
Csv = Annotated[bool, typer.Option("--csv", help=text("Print a table for a spreadsheet."))]
RecallReference = Annotated[
    str, typer.Argument(metavar="RECALL", help=text("The identifier of a recall, or its beginning."))
]
On = Annotated[str, typer.Option("--on", metavar="DATE", help=text("When it was done; today."))]
Reason = Annotated[str, typer.Option("--reason", metavar="WORDS", help=text("Why it is not wanted any more."))]
Accepted = Annotated[
    list[int] | None,
    typer.Option("--accept", metavar="N", help=text("Write the suggestion with this number; may be given again.")),
]


@command(recall_commands, "list", text("List what is due across the practice, the oldest first."))
def listing(
    asked: Asked, overdue: Overdue = False, deceased: Deceased = False, until: Until = "", as_csv: Csv = False
) -> None:
    """What waits and is due up to a date; the dead are named only where they are asked for."""
    with opening.unlocked(asked) as practice:
        found = recalls.waiting(practice, iso_date(until), overdue_only=overdue, of_deceased=deceased)
    headings = [*_headings(), *([text("Deceased")] if deceased else [])]
    if as_csv:
        output.raw(csv_text(headings, [_cells(one) for one in found]).encode())
    elif asked.as_json:
        output.document([_shape(one) for one in found])
    else:
        output.table(headings, [_cells(one) for one in found])


def _headings() -> list[str]:
    return [
        text("Identifier"),
        text("Due on"),
        text("Standing"),
        text("What is due"),
        text("Patient"),
        text("Born"),
        text("Telephone"),
    ]


def _cells(one: Recall) -> list[str]:
    identity = one.patient.identity
    return [
        describing.longer(one.entry.version),
        shown_date(one.entry.date),
        text(STANDINGS[one.standing]),
        one.body.concept.label,
        reading.full_name(identity),
        shown_date(identity.birth_date),
        identity.phone,
        *([_died(identity.deceased)] if identity.deceased else []),
    ]


def _died(deceased: str) -> str:
    return text("yes") if deceased == ONLY_THE_FACT else shown_date(deceased)


def _shape(one: Recall) -> dict[str, Any]:
    identity = one.patient.identity
    return {
        "id": one.entry.id,
        "version": one.entry.version,
        "due": one.entry.date,
        "standing": one.standing.value,
        "body": shapes.plain(one.body),
        "patient": {
            "id": one.patient.id,
            "family_name": identity.family_name,
            "given_names": list(identity.given_names),
            "birth_date": identity.birth_date,
            "phone": identity.phone,
            "deceased": identity.deceased,
        },
    }


@command(recall_commands, "done", text("Say that a recall was done; where it comes again, the next one is written."))
def done(asked: Asked, recall: RecallReference, on: On = "") -> None:
    """Note it, and print it with the next one."""
    with opening.unlocked(asked) as practice:
        made = recalls.done(practice, versions.resolve(practice.connection, recall), iso_date(on))
    following = [made.following] if made.following else []
    if asked.as_json:
        next_one = shapes.entry(made.following) if made.following else None
        output.document({"done": shapes.entry(made.entry), "next": next_one})
        return
    chart.table([made.entry, *following], frozenset())


@command(recall_commands, "cancel", text("Say that a recall is not wanted any more; it stays readable."))
def cancel(asked: Asked, recall: RecallReference, reason: Reason = "") -> None:
    """Cancel, and print it."""
    with opening.unlocked(asked) as practice:
        _print(asked, [recalls.cancel(practice, versions.resolve(practice.connection, recall), reason)])


@command(
    recall_commands, "suggest", text("List what the recommendations would recall a patient for; nothing is written.")
)
def suggest(asked: Asked, patient: PatientReference, accept: Accepted = None) -> None:
    """The suggestions, each with its source and a number; those accepted are written."""
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        found = recalls.suggested(practice, known.id)
        if accept:
            _print(asked, _accept(practice, known.id, found, accept))
            return
    if asked.as_json:
        output.document([{"number": number, **one._asdict()} for number, one in enumerate(found, 1)])
        return
    headings = [text("Number"), text("Due on"), text("What is due"), text("Months"), text("Source")]
    output.table(headings, [_row(number, one) for number, one in enumerate(found, 1)])


def _row(number: int, one: Suggestion) -> list[str]:
    return [str(number), shown_date(one.due), one.label, str(one.every_months or ""), one.source]


def _accept(practice: Practice, patient: str, found: tuple[Suggestion, ...], numbers: list[int]) -> list[Entry]:
    strange = [number for number in numbers if not 1 <= number <= len(found)]
    if strange:
        raise BadInput(
            what="There is no suggestion number {number}.", number=strange[0], remedy="See: confrere recalls suggest"
        )
    return recalls.accept(practice, patient, [found[number - 1] for number in sorted(set(numbers))])


def _print(asked: Asked, entries: list[Entry]) -> None:
    if asked.as_json:
        output.document([shapes.entry(one) for one in entries])
    else:
        chart.table(entries, frozenset())
