"""`confrere letter`: writing to a colleague about a patient, and answering."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from localstore import colleagues, correspondence, patients, record
from localstore.errors import BadInput
from localstore.record import MAX_TEXT_BYTES
from sync.desk import Desk
from sync.sending import letters
from sync.sending.letters import Sent
from tui.cli import output
from tui.cli.colleagues import ColleagueReference
from tui.cli.commands import Asked, command, family
from tui.cli.desk import at_the_desk
from tui.cli.errors import Misused
from tui.cli.inbox import DocumentReference
from tui.cli.patients import PatientReference
from tui.cli.references import entry_ids
from tui.words.catalogue import text, texts

commands = family()
letter_commands = family("letter", help=text("Letters to colleagues about a patient: writing, answering."))
commands.add_typer(letter_commands, name="letter")

FROM_STDIN = Path("-")

Title = Annotated[str, typer.Option("--title", metavar="WORDS", help=text("What the letter is about."))]
Words = Annotated[str | None, typer.Option("--text", metavar="WORDS", help=text("The letter itself."))]
From = Annotated[
    Path | None, typer.Option("--from", metavar="FILE", help=text("A text file that holds the letter, or - for stdin."))
]
Enclosed = Annotated[
    list[str] | None,
    typer.Option("--enclose", metavar="ENTRY", help=text("An entry of the record that goes with it; may be repeated.")),
]
About = Annotated[
    str | None,
    typer.Option("--patient", metavar="PATIENT", help=text("The patient here; needed where it was not taken over.")),
]


@command(letter_commands, "send", text("Write a letter into the record, and send it under the patient's consent."))
def send(
    asked: Asked,
    patient: PatientReference,
    colleague: ColleagueReference,
    title: Title = "",
    words: Words = None,
    source: From = None,
    enclosed: Enclosed = None,
) -> None:
    """Write and queue; the daemon delivers."""
    with at_the_desk(asked) as desk:
        said = _said(words, source, "send")  # after the passphrase, which may come from the same stdin
        owner = patients.resolve(desk.record, patient).id
        to = colleagues.resolve(desk.record, colleague)
        sent = letters.send(desk, owner, to, title, said, _enclosed(desk, owner, enclosed))
    _print(asked, owner, to.id, to.name, sent)


@command(letter_commands, "answer", text("Answer a letter that arrived, under a consent recorded here."))
def answer(
    asked: Asked,
    identifier: DocumentReference,
    patient: About = None,
    title: Title = "",
    words: Words = None,
    source: From = None,
    enclosed: Enclosed = None,
) -> None:
    """Write to whom the letter came from, about the patient into whose record it was taken over."""
    with at_the_desk(asked) as desk:
        said = _said(words, source, "answer")
        begun = letters.answering(desk, correspondence.by_identifier(desk.record, identifier))
        if patient is None and not begun.patient:
            raise BadInput(
                what="This letter was not taken over into a record here, so its patient is not known.",
                remedy="Name him with --patient.",
            )
        owner = patients.resolve(desk.record, patient or begun.patient).id
        subject = title or (text("Answer: {title}").format(title=begun.title) if begun.title else "")
        sent = letters.send(
            desk, owner, begun.colleague, subject, said, _enclosed(desk, owner, enclosed), answers=begun.letter
        )
    _print(asked, owner, begun.colleague.id, begun.colleague.name, sent)


def _said(words: str | None, source: Path | None, name: str) -> str:
    """The text of the letter. Raises Misused, BadInput."""
    if (words is None) == (source is None):
        raise Misused(problem="Either --text or --from.", command=f"confrere letter {name}")
    if source is None:
        return words or ""
    if source == FROM_STDIN:
        data = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
    else:
        with source.open("rb") as file:
            data = file.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise BadInput(what="The text of the letter is too long.", remedy="Enclose a document instead.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(what="The letter is no text in UTF-8.", remedy="Save it as plain text in UTF-8.") from error


def _enclosed(desk: Desk, owner: str, references: list[str] | None) -> tuple[str, ...]:
    return entry_ids(record.chart(desk.practice, owner).entries, references) if references else ()


def _print(asked: Asked, patient: str, colleague: str, name: str, sent: Sent) -> None:
    if asked.as_json:
        told = {"id": sent.document, "patient": patient, "colleague": colleague, "consent": sent.consent}
        output.document(told | {"letter": sent.letter.id, "enclosed": sent.enclosed, "bytes": sent.envelope_bytes})
        return
    words = texts(
        "The letter is in the record, and queued for {name}, with {count} entry enclosed.",
        "The letter is in the record, and queued for {name}, with {count} entries enclosed.",
        sent.enclosed,
    )
    output.say(words.format(name=name, count=sent.enclosed))
