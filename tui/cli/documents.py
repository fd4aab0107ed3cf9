"""`confrere document`: files in a record: adding, listing, showing, opening and saving them."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import patients, record, settings, versions
from localstore.bodies import DocumentBody
from localstore.documents import adding, launching, memory, stowing, viewing
from localstore.documents.adding import Looked
from localstore.documents.dicom import Mismatch
from localstore.documents.pictures import Picture
from localstore.errors import BadInput
from localstore.kinds import Sensitivity
from localstore.model import Entry
from localstore.practice import Practice
from localstore.roles import Right
from localstore.values import Attachment, Concept
from tui import process
from tui.cli import asking, chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.errors import NotConfirmed
from tui.cli.patients import PatientReference
from tui.dates import shown_date
from tui.gateways import file_words as words_of
from tui.words.catalogue import text, texts

commands = family()
document_commands = family("document", help=text("Files in a record: PDF, pictures, DICOM, text."))
commands.add_typer(document_commands, name="document")

COLUMNS, ROWS = 80, 40  # of a picture, where the terminal does not say how large it is
RESET = "\x1b[0m"

File = Annotated[Path, typer.Argument(metavar="FILE", help=text("The file to keep."))]
Target = Annotated[Path, typer.Argument(metavar="FILE", help=text("Where to write it."))]
Version = Annotated[str, typer.Argument(metavar="VERSION", help=text("The identifier of a version, or its beginning."))]
Title = Annotated[str, typer.Option("--title", metavar="WORDS", help=text("The title of a document."))]
Type = Annotated[str, typer.Option("--type", metavar="WORDS", help=text("What kind of document it is, in words."))]
Date = Annotated[str, typer.Option("--date", metavar="DATE", help=text("When it was: 2024-03-12, 2024-03 or 2024."))]
Restricted = Annotated[bool, typer.Option("--restricted", help=text("Travels only when a consent names it."))]
AsIs = Annotated[bool, typer.Option("--as-is", help=text("Keep a file of any other form; nothing here opens it."))]
Yes = Annotated[bool, typer.Option("--yes", help=text("Keep it although it says that it is of somebody else."))]
Force = Annotated[bool, typer.Option("--force", help=text("Replace a file that is there."))]


@command(document_commands, "add", text("Keep a file in a patient's record."))
def add(
    asked: Asked,
    patient: PatientReference,
    file: File,
    title: Title = "",
    type: Type = "",
    date: Date = "",
    restricted: Restricted = False,
    as_is: AsIs = False,
    yes: Yes = False,
) -> None:
    """Add, and print the new entry. A DICOM file that names somebody else asks first."""
    body = DocumentBody(title=title or file.name, type=Concept(type))
    sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
    with opening.unlocked(asked) as practice:
        owner = patients.resolve(practice.connection, patient).id
        entry = keep(practice, owner, file, body, iso_date(date), sensitivity, as_is=as_is, yes=yes)
    if asked.as_json:
        output.document(shapes.entry(entry))
    else:
        chart.table([entry], frozenset())


def keep(
    practice: Practice,
    patient: str,
    file: Path,
    body: DocumentBody,
    date: str,
    sensitivity: Sensitivity,
    *,
    as_is: bool = False,
    yes: bool = False,
) -> Entry:
    """Keep a file with its entry, with a bar while it takes. Raises NotConfirmed where somebody said no."""
    practice.require(Right.WRITE)
    looked = adding.look(file, record.chart(practice, patient).patient, as_is=as_is)
    _confirm(looked, yes)
    despite = [one.trait for one in looked.mismatches]
    progress = output.Progress(megabytes(looked.size))
    try:
        return adding.add(
            practice, patient, file, body, date, sensitivity, as_is=as_is, despite=despite,
            progress=lambda done, _total: progress(megabytes(done), text("MB")),
        )  # fmt: skip
    finally:
        progress.end()


def megabytes(size: int) -> int:
    """Bytes as whole megabytes, rounded up."""
    return -(-size // 1_000_000)


def _confirm(looked: Looked, yes: bool) -> None:
    if looked.header is not None:
        output.note(words_of.header(looked.header))
    _warn(looked.mismatches)
    if not looked.mismatches or yes:
        return
    if not asking.is_possible() or not asking.confirms(text("Keep it in this record all the same?")):
        raise NotConfirmed(remedy="Check the patient; if it is the right one, say so with --yes.")


def _warn(mismatches: tuple[Mismatch, ...]) -> None:
    if mismatches:
        output.note(text("This picture says that it is of somebody else:"))
        for one in mismatches:
            output.note(words_of.mismatch(one))


@command(document_commands, "list", text("List the files of a record."))
def listing(asked: Asked, patient: PatientReference) -> None:
    """Every entry with a file; the reading goes into the history."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.READ)
        owner = patients.resolve(practice.connection, patient)
        entries = record.open_chart(practice, owner.id).entries
    found = [(one, file) for one in entries if (file := stowing.attachment_of(one.body)) is not None]
    if asked.as_json:
        output.document([_shape(entry, file) for entry, file in found])
        return
    headings = [text("Version"), text("Date"), text("Title"), text("File"), text("Size")]
    output.table(headings, [_row(entry, file) for entry, file in found])
    output.note(texts("{count} file.", "{count} files.", len(found)).format(count=len(found)))


def _shape(entry: Entry, file: Attachment) -> dict[str, Any]:
    """One file: the identifier and version of its entry, and what it is."""
    return {
        "id": entry.id,
        "version": entry.version,
        "kind": entry.kind.value,
        "date": entry.date,
        "title": getattr(entry.body, "title", ""),
        "name": file.name,
        "media_type": file.media_type,
        "bytes": file.size,
        "digest": file.digest,
    }


def _row(entry: Entry, file: Attachment) -> tuple[str, ...]:
    title = getattr(entry.body, "title", "") or describing.longer(entry.id)
    return describing.longer(entry.version), shown_date(entry.date), title, words_of.form(file), words_of.size(file)


@command(document_commands, "show", text("Show a text or a picture in the terminal."))
def show(asked: Asked, version: Version) -> None:
    """Show; what a terminal cannot show is opened with `document open`."""
    with opening.unlocked(asked) as practice:
        found = viewing.show(practice, versions.resolve(practice.connection, version), *_room())
    _warn(found.mismatches)
    if found.text:
        output.say(found.text, lines=True)
        if found.is_cut:
            output.note(text("The file goes on: this is its beginning. The whole of it: confrere document save"))
    elif found.picture is not None and sys.stdout.isatty():
        output.raw(drawn(found.picture))
    else:
        raise BadInput(what="A terminal cannot show this document.", remedy="See: confrere document open")


def _room() -> tuple[int, int]:
    """Columns and rows for a picture."""
    import shutil

    size = shutil.get_terminal_size((COLUMNS, ROWS))
    return size.columns, max(1, size.lines - 2)


def drawn(picture: Picture) -> bytes:
    """The picture as a terminal draws it: in each place a half block, with the colour of the upper pixel before that of
    the lower. Nothing in it comes from the file but numbers."""
    lines = []
    for row in range(0, picture.height, 2):
        places = []
        for column in range(picture.width):
            upper, lower = picture.pixel(column, row), picture.pixel(column, row + 1)
            places.append("\x1b[38;2;{};{};{};48;2;{};{};{}m▀".format(*upper, *lower))
        lines.append("".join(places) + RESET + "\n")
    return "".join(lines).encode()


@command(document_commands, "open", text("Open a document in another program, from memory, until Enter is pressed."))
def open_outside(asked: Asked, version: Version) -> None:
    """Put the file into a private folder in memory, start the program, and remove the folder at the end."""
    with process.ended_in_order():
        folder = memory.MemoryFolder.make(memory.in_memory(os.environ))
        try:
            with opening.unlocked(asked) as practice:
                path = viewing.into_memory(practice, versions.resolve(practice.connection, version), folder)
                viewer = settings.read(practice.folder).documents.viewer
            launching.launch(viewer, path)
            if asked.as_json:
                output.document({"file": str(path)})
            output.note(text("Open, in memory: {file}").format(file=path))
            output.note(text("It is removed when you press Enter."))
            sys.stdin.readline()
        finally:
            folder.close()


@command(document_commands, "save", text("Write the file of a document where you want it; it is not encrypted there."))
def save(asked: Asked, version: Version, file: Target, force: Force = False) -> None:
    """Save whole or not at all, into a file that only its owner can read."""
    with opening.unlocked(asked) as practice:
        named = versions.resolve(practice.connection, version)
        _, attachment = viewing.named(practice, named)
        progress = output.Progress(megabytes(attachment.size))
        try:
            size = viewing.save(
                practice, named, file, replace=force, told=lambda done: progress(megabytes(done), text("MB"))
            )
        finally:
            progress.end()
    if asked.as_json:
        output.document({"version": named, "file": str(file), "bytes": size})
    else:
        output.say(text("{file}: {count} bytes").format(file=file, count=size))
