"""`confrere add`, `amend` and `retract`: writing into a record from scripts."""

import mimetypes
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from localstore import patients, record, versions
from localstore.bodies import MAX_DOCUMENT_BYTES, Body, DocumentBody
from localstore.documents import stowing
from localstore.errors import BadInput, TooLarge, UnknownEntry
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.practice import Practice
from tui.cli import bodies, chart, documents, opening, output, shapes, term_codes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.entry_options import DATES, OPTIONS, KindArgument, Normal, VersionReference, Why
from tui.cli.errors import Misused
from tui.cli.heeding import Override, heed
from tui.cli.patients import PatientReference
from tui.words.catalogue import text

commands = family()

MAX_BODY_BYTES = 8 * 1024 * 1024  # a document of 4 MiB is 5.4 MiB in Base64


@command(commands, "add", text("Write a new entry into a patient's record."), OPTIONS)
def add(asked: Asked, patient: PatientReference, kind: KindArgument, override: Override = "", **given: Any) -> None:
    """Add, and print the new entry."""
    sensitivity = Sensitivity.RESTRICTED if given["restricted"] else Sensitivity.NORMAL
    with opening.unlocked(asked) as practice:
        owner = patients.resolve(practice.connection, patient)
        date = _checked(kind, iso_date(given["date"] or ""))
        if given["file"] is not None and kind is Kind.DOCUMENT and given["body"] is None:
            _print(asked, _kept(practice, owner.id, date, sensitivity, given))
            return
        body = _body(practice, None, kind, given)  # after the passphrase, which may come from the same stdin
        overrides = heed(practice, owner.id, body, date, override)
        _print(asked, record.add(practice, owner.id, body, date, sensitivity, overrides))


@command(commands, "amend", text("Write a new version of an entry; what is not named stays as it is."), OPTIONS)
def amend(
    asked: Asked, version: VersionReference, normal: Normal = False, override: Override = "", **given: Any
) -> None:
    """Amend, and print the new version."""
    sensitivity = Sensitivity.RESTRICTED if given["restricted"] else Sensitivity.NORMAL if normal else None
    with opening.unlocked(asked) as practice:
        old = _named(practice, version)
        body = _body(practice, old.body, old.kind, given)
        date = None if given["date"] is None else _checked(old.kind, iso_date(given["date"]))
        overrides: tuple[str, ...] = ()
        if old.patient:  # what an import brought may be about nobody
            overrides = heed(practice, old.patient, body, old.date if date is None else date, override, old.id)
        superseded = _is_superseded(practice, old)
        _print(asked, record.amend(practice, old.version, body, date, sensitivity, overrides))
        _tell(superseded)


@command(commands, "retract", text("Mark an entry as entered in error; it stays readable."))
def retract(asked: Asked, version: VersionReference, reason: Why) -> None:
    """Retract, and print the version that says so."""
    with opening.unlocked(asked) as practice:
        old = _named(practice, version)
        superseded = _is_superseded(practice, old)
        if not superseded and old.status is Status.ENTERED_IN_ERROR:
            raise BadInput(what="This entry is marked as entered in error already.", remedy="See: confrere record")
        _print(asked, record.retract(practice, old.version, reason))
        _tell(superseded)


def _is_superseded(practice: Practice, old: Entry) -> bool:
    """Whether another version has taken the place of this one."""
    num, entry = versions.number(practice.connection, old.version), versions.entry_number(practice.connection, old.id)
    return num not in versions.standing(practice.connection, entry or 0)


def _tell(superseded: bool) -> None:
    if superseded:
        output.note(text("Another version had replaced that one: the new one stands beside it, and both compete."))
        output.note(text("Some versions compete. Say which one stands with: confrere settle ENTRY VERSION"))


def _named(practice: Practice, reference: str) -> Entry:
    num = versions.number(practice.connection, versions.resolve(practice.connection, reference))
    if num is None:
        raise UnknownEntry(reference=reference)
    return versions.by_number(practice.connection, [num])[0][1]


def _checked(kind: Kind, date: str) -> str:
    """The date of an entry. Raises BadInput for an appointment without its time."""
    if kind is Kind.APPOINTMENT and "T" not in date:
        raise BadInput(what="An appointment has a day and a time.", remedy="Give them as --date 2024-03-12T14:30.")
    return date


def _body(practice: Practice, before: Body | None, kind: Kind, given: Mapping[str, Any]) -> Body:
    """The body that the options describe, as a change of `before` where there is one."""
    options = {name: value for name, value in given.items() if name not in ("date", "restricted", "body")}
    options |= {name: iso_date(options[name]) for name in DATES if options.get(name)}
    if given["body"] is not None:
        if any(value not in (None, []) for value in options.values()):
            raise Misused(problem="--body says everything already.", command="confrere add")
        return bodies.from_json(kind, _json(given["body"]))
    if options["record"]:
        options["record"] = patients.resolve(practice.connection, options["record"]).id
    if options["file"] is not None:
        options = {"title": options["file"].name, "media_type": _media_type(options["file"])} | {
            name: value for name, value in options.items() if value is not None
        }
        options["file"] = _content(options["file"])
        if before is not None and stowing.may_have_file(before):
            before = msgspec.structs.replace(before, attachment=None)
    options = term_codes.filled(practice.connection, kind, options)
    if before is None:
        return bodies.new(kind, options)
    return bodies.changed(before, kind, options)


def _kept(practice: Practice, patient: str, date: str, sensitivity: Sensitivity, given: Mapping[str, Any]) -> Entry:
    """A document with its file. One whose media type is given is kept as it is."""
    file = given["file"]
    body = _body(
        practice, None, Kind.DOCUMENT, dict(given) | {"title": given["title"] or file.name or str(file), "file": None}
    )
    assert isinstance(body, DocumentBody)  # noqa: S101 - the kind says so
    body = msgspec.structs.replace(body, media_type="")
    return documents.keep(practice, patient, file, body, date, sensitivity, as_is=given["media_type"] is not None)


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
