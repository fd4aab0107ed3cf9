"""`confrere add`, `amend` and `retract`: writing into a record from scripts."""

import mimetypes
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import patients, record, versions
from localstore.bodies import MAX_DOCUMENT_BYTES, Body
from localstore.errors import TooLarge, UnknownEntry
from localstore.kinds import Kind, Sensitivity
from localstore.model import Entry
from localstore.practice import Practice
from tui.cli import bodies, chart, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.errors import Misused
from tui.cli.patients import PatientReference
from tui.words.catalogue import text

commands = family()

MAX_BODY_BYTES = 8 * 1024 * 1024  # a document of 4 MiB is 5.4 MiB in Base64


def _words(option: str, help: str, metavar: str = "WORDS") -> Any:
    return Annotated[str | None, typer.Option(f"--{option}", metavar=metavar, help=help)]


OPTIONS: dict[str, Any] = {
    "text": Annotated[
        str | None, typer.Option("--text", "--label", metavar="WORDS", help=text("What the entry is about, in words."))
    ],
    "code": Annotated[
        list[str] | None,
        typer.Option("--code", metavar="SYSTEM|CODE|LABEL", help=text("A code for it; may be given several times.")),
    ],
    "date": _words("date", text("When it was: 2024-03-12, 2024-03 or 2024."), "DATE"),
    "value": _words("value", text("What was measured: a number, or words."), "VALUE"),
    "unit": _words("unit", text("The unit of the value."), "UNIT"),
    "systolic": _words("systolic", text("The systolic blood pressure, in mmHg."), "NUMBER"),
    "diastolic": _words("diastolic", text("The diastolic blood pressure, in mmHg."), "NUMBER"),
    "dosage": _words("dosage", text("How a medicine is taken.")),
    "state": _words("state", text("active, resolved, stopped, completed, not-done …")),
    "start": _words("start", text("Since when a medicine is taken."), "DATE"),
    "end": _words("end", text("Until when."), "DATE"),
    "onset": _words("onset", text("When it began."), "DATE"),
    "severity": _words("severity", text("How severe a problem is.")),
    "reaction": _words("reaction", text("What an allergy does.")),
    "criticality": _words("criticality", text("high, low or unable-to-assess.")),
    "category": _words("category", text("Of an allergy: medication, food, environment; of a measurement: its field.")),
    "interpretation": _words("interpretation", text("What a value means.")),
    "lot": _words("lot", text("The lot of a vaccine."), "LOT"),
    "dose": _words("dose", text("Which dose of a vaccine."), "DOSE"),
    "site": _words("site", text("Where a vaccine was given.")),
    "reason": _words("reason", text("Why: of a consultation, a medicine, a vaccine not given.")),
    "findings": _words("findings", text("What a consultation found.")),
    "conclusion": _words("conclusion", text("What it means.")),
    "plan": _words("plan", text("What is planned.")),
    "title": _words("title", text("The title of a document.")),
    "file": Annotated[Path | None, typer.Option("--file", metavar="FILE", help=text("A file to keep as a document."))],
    "media_type": _words("media-type", text("The media type of the file; guessed from its name otherwise."), "TYPE"),
    "note": _words("note", text("A note.")),
    "none": Annotated[bool | None, typer.Option("--none", help=text("The patient was asked, and there is none."))],
    "restricted": Annotated[
        bool | None,
        typer.Option("--restricted", help=text("Travels only when a consent names it.")),
    ],
    "body": _words("body", text("The whole body in JSON, or - to read it from stdin."), "JSON"),
}
KindArgument = Annotated[
    Kind,
    typer.Argument(
        metavar="KIND",
        help=text(
            "problem, allergy, medication, immunisation, measurement, consultation, procedure, document or other."
        ),
    ),
]
VersionReference = Annotated[
    str, typer.Argument(metavar="VERSION", help=text("The identifier of a version, or its beginning."))
]
Why = Annotated[str, typer.Option("--reason", metavar="WORDS", help=text("Why it was wrong; kept in the history."))]
Normal = Annotated[bool, typer.Option("--normal", help=text("Lift the restriction."))]


@command(commands, "add", text("Write a new entry into a patient's record."), OPTIONS)
def add(asked: Asked, patient: PatientReference, kind: KindArgument, **given: Any) -> None:
    """Add, and print the new entry."""
    sensitivity = Sensitivity.RESTRICTED if given["restricted"] else Sensitivity.NORMAL
    with opening.unlocked(asked) as practice:
        body = _body(None, kind, given)  # after the passphrase, which may come from the same stdin
        owner = patients.resolve(practice.connection, patient)
        _print(asked, record.add(practice, owner.id, body, iso_date(given["date"] or ""), sensitivity))


@command(commands, "amend", text("Write a new version of an entry; what is not named stays as it is."), OPTIONS)
def amend(asked: Asked, version: VersionReference, normal: Normal = False, **given: Any) -> None:
    """Amend, and print the new version."""
    sensitivity = Sensitivity.RESTRICTED if given["restricted"] else Sensitivity.NORMAL if normal else None
    with opening.unlocked(asked) as practice:
        old = _named(practice, version)
        body = _body(old.body, old.kind, given)
        date = None if given["date"] is None else iso_date(given["date"])
        _print(asked, record.amend(practice, old.version, body, date, sensitivity))


@command(commands, "retract", text("Mark an entry as entered in error; it stays readable."))
def retract(asked: Asked, version: VersionReference, reason: Why) -> None:
    """Retract, and print the version that says so."""
    with opening.unlocked(asked) as practice:
        _print(asked, record.retract(practice, versions.resolve(practice.connection, version), reason))


def _named(practice: Practice, reference: str) -> Entry:
    num = versions.number(practice.connection, versions.resolve(practice.connection, reference))
    if num is None:
        raise UnknownEntry(reference=reference)
    return versions.by_number(practice.connection, [num])[0][1]


def _body(before: Body | None, kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body that the options describe, as a change of `before` where there is one."""
    options = {name: value for name, value in given.items() if name not in ("date", "restricted", "body")}
    options |= {name: iso_date(options[name]) for name in ("onset", "start", "end") if options.get(name)}
    if given["body"] is not None:
        if any(value not in (None, False, []) for value in options.values()):
            raise Misused(problem="--body says everything already.", command="confrere add")
        return bodies.from_json(kind, _json(given["body"]))
    if options["file"] is not None:
        options = {"title": options["file"].name, "media_type": _media_type(options["file"])} | {
            name: value for name, value in options.items() if value is not None
        }
        options["file"] = _content(options["file"])
    if before is None:
        return bodies.new(kind, options)
    return bodies.changed(before, kind, options)


def _json(typed: str) -> bytes:
    if typed != "-":
        return typed.encode("utf-8", "surrogateescape")
    data = sys.stdin.buffer.read(MAX_BODY_BYTES + 1)
    if len(data) > MAX_BODY_BYTES:
        raise TooLarge(what="This body", limit=f"{MAX_BODY_BYTES // 1024**2} MiB")
    return data


def _media_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _content(path: Path) -> bytes:
    with open(path, "rb") as file:
        data = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        raise TooLarge(what="This document", limit=f"{MAX_DOCUMENT_BYTES // 1024**2} MiB")
    return data


def _print(asked: Asked, entry: Entry) -> None:
    if asked.as_json:
        output.document(shapes.entry(entry))
    else:
        chart.table([entry], frozenset())
