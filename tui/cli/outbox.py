"""`confrere outbox`: what was sent, and how far each document came."""

from typing import Annotated, Any

import typer

from localstore import record, versions
from localstore.roles import Right
from sync.desk import Desk
from sync.sending import outbox as outbox_room
from sync.sending.outbox import Line, SentState
from tui import reading, vocabulary
from tui.cli import describing, output
from tui.cli.commands import Asked, command, family
from tui.cli.desk import at_the_desk
from tui.dates import shown_moment
from tui.words.catalogue import text

commands = family()

Everything = Annotated[bool, typer.Option("--all", help=text("What the programs say to each other, too."))]


@command(commands, "outbox", text("List what was sent, and how far it came."))
def outbox(asked: Asked, everything: Everything = False) -> None:
    """Each document with its state, as `sync.sending.outbox` knows it; feeds that stand still are told on stderr."""
    with at_the_desk(asked) as desk:
        desk.practice.require(Right.READ)
        found = outbox_room.listing(desk, everything=everything)
        shapes = [_shape(desk, one) for one in found]
        names = {one["patient"]: _patient_name(desk, one["patient"]) for one in shapes if one["patient"]}
        frozen = outbox_room.frozen(desk)
    for one in frozen:
        output.note(vocabulary.word(vocabulary.FROZEN, one.kind).format(name=one.colleague or text("Somebody")))
    for shape in shapes:
        if shape["state"] == SentState.WITHHELD:
            output.note(_told_withheld(shape, names))
    if asked.as_json:
        output.document(shapes)
        return
    headings = [
        text("Identifier"),
        text("Made"),
        text("To"),
        text("What"),
        text("Patient"),
        text("Entries"),
        text("State"),
    ]
    output.table(headings, [_row(one, names) for one in shapes])


def _shape(desk: Desk, line: Line) -> dict[str, Any]:
    sent = line.sent
    return {
        "id": sent.document_id,
        "colleague": line.colleague.id,
        "colleague_name": line.colleague.name,
        "type": sent.type,
        "made": sent.made,
        "patient": versions.identifier(desk.record, sent.patient) if sent.patient is not None else "",
        "entries": sent.entries,
        "state": line.state.value,
        "since": line.at,
        "opened": sent.opened,
        "removed": sent.removed,
    }


def _told_withheld(one: dict[str, Any], names: dict[str, str]) -> str:
    words = text(
        "{name} could not open what was sent about {patient}. The record has changed since, or no consent covers it "
        "now: nothing went in its place. Share it again if the patient agrees: confrere share {patient_id} {id}"
    )
    patient, colleague = one["patient"], one["colleague"]
    name, of = one["colleague_name"], names.get(patient, "")
    return words.format(name=name, patient=of, patient_id=patient, id=describing.short(colleague))


def _patient_name(desk: Desk, identifier: str) -> str:
    return reading.full_name(record.chart(desk.practice, identifier).patient)


def _row(one: dict[str, Any], names: dict[str, str]) -> tuple[object, ...]:
    return (
        describing.short(one["id"]),
        shown_moment(one["made"]),
        one["colleague_name"],
        vocabulary.word(vocabulary.DOCUMENT_TYPE, one["type"]),
        names.get(one["patient"], ""),
        one["entries"] or "",
        vocabulary.word(vocabulary.SENT_STATE, one["state"]),
    )
