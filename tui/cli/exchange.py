"""`confrere import`, `export` and `emergency`: FHIR in, FHIR out, and the sheet for whoever never met the patient."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import archives, exporting, importing, patients, record
from localstore.errors import AlreadyThere
from localstore.import_errors import ImportIncomplete, NothingImported
from localstore.importing import Report
from localstore.intake import Broken
from tui.cli import opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.patients import PatientReference, Why
from tui.cli.references import entry_ids
from tui.words.catalogue import sentence, text, texts

commands = family()

STDOUT = Path("-")

Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH", help=text("FHIR R4 in JSON, XML or NDJSON: files, folders of them, or .zip and .tar archives.")
    ),
]
OutputFile = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=text("Where to write; - for stdout."))]
OutputFolder = Annotated[
    Path, typer.Option("-o", "--output", metavar="DIR", help=text("The folder to write to; it is made if missing."))
]
Force = Annotated[bool, typer.Option("--force", help=text("Replace a file that is there."))]
Restricted = Annotated[
    list[str] | None,
    typer.Option("--restricted", metavar="ENTRY", help=text("A restricted entry that may be on the sheet.")),
]


@command(commands, "import", text("Import FHIR R4; what is broken is named, and the rest is imported."))
def import_files(asked: Asked, paths: Sources) -> None:
    """Import, and print what was done; exit code 5 when something was broken."""
    with opening.unlocked(asked) as practice:
        started = time.monotonic()
        progress = _Watched(output.Progress(archives.count(paths)))
        try:
            report = importing.import_paths(practice, paths, progress)
        except KeyboardInterrupt:
            progress.end()
            progress.tell_kept()
            raise
        finally:
            progress.end()
        seconds = time.monotonic() - started
    _print_report(asked, report, seconds)
    _raise_if_broken(report)


class _Watched:
    """The bar of an import, which remembers how far it came."""

    def __init__(self, bar: output.Progress) -> None:
        self._bar, self._done, self._name = bar, 0, ""

    def __call__(self, done: int, name: str) -> None:
        self._done, self._name = done, name
        self._bar(done, name)

    def end(self) -> None:
        """Take the bar away."""
        self._bar.end()

    def tell_kept(self) -> None:
        """Say what an interrupted import leaves: each file is one transaction."""
        words = texts(
            "{n} file was read to its end and is kept.", "{n} files were read to their end and are kept.", self._done
        )
        output.note(words.format(n=self._done))
        if self._name:
            output.note(text("{file} was being read: it was undone.").format(file=self._name))
        output.note(text("The same command goes on: what is here already stays as it is."))


def _print_report(asked: Asked, report: Report, seconds: float) -> None:
    for one in (*report.doubtful, *report.kept, *report.broken):
        words = sentence(one.error)
        place = [one.place] if one.place and not words.startswith(one.place) else []
        output.note(": ".join(([one.file] if one.place else []) + place + [words]))
    if asked.as_json:
        output.document(_shape(report, seconds))
        return
    words = text(
        "{files} files: {added} resources added, {renewed} renewed, {unchanged} unchanged; {patients} new patients; "
        "{seconds} s."
    )
    numbers = {name: getattr(report, name) for name in ("files", "added", "renewed", "unchanged", "patients")}
    output.say(words.format(**numbers, seconds=f"{seconds:.1f}"))
    if count := len(report.kept):
        words = texts("{n} resource was kept and not understood.", "{n} resources were kept and not understood.", count)
        output.say(words.format(n=count))
    if report.untold:
        output.say(text("Of {count} more it is not said one by one.").format(count=report.untold))
    if count := len(report.doubtful):
        words = texts(
            "{n} point should be compared with its source.", "{n} points should be compared with their source.", count
        )
        output.say(words.format(n=count))


def _shape(report: Report, seconds: float) -> dict[str, Any]:
    return {
        "files": report.files,
        "patients": report.patients,
        "resources": report.total,
        "added": report.added,
        "renewed": report.renewed,
        "unchanged": report.unchanged,
        "broken": _parts(report.broken),
        "kept": _parts(report.kept),
        "doubtful": _parts(report.doubtful),
        "untold": report.untold,
        "seconds": round(seconds, 3),
    }


def _parts(found: Sequence[Broken]) -> list[dict[str, str]]:
    return [{"file": one.file, "place": one.place, "reason": sentence(one.error)} for one in found]


def _raise_if_broken(report: Report) -> None:
    if report.broken and len(report.broken) == report.total:
        raise NothingImported(total=report.total)
    if report.broken:
        raise ImportIncomplete(broken=len(report.broken), total=report.total)


@command(commands, "export", text("Write everything about one patient as a FHIR R4 bundle."))
def export(asked: Asked, patient: PatientReference, output_file: OutputFile, force: Force = False) -> None:
    """Export whole or not at all, into a file that only its owner can read."""
    if output_file != STDOUT and output_file.exists() and not force:
        remedy = "Choose another name, or replace it with --force."
        raise AlreadyThere(what="{file}", file=str(output_file), remedy=remedy)
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        if output_file == STDOUT:
            for piece in exporting.begin(practice, known.id, str(output_file)).pieces:
                output.raw(piece)
            return
        exported = exporting.write_patient(practice, known.id, output_file, str(output_file), replace=force)
    if asked.as_json:
        written = {"file": str(output_file), "resources": exported.resources, "bytes": exported.size}
        output.document({"id": known.id} | written)
    else:
        words = text("{count} resources written to {file}.")
        output.say(words.format(count=exported.resources, file=output_file))


@command(commands, "emergency", text("Write the emergency export: a sheet in PDF, and a summary in FHIR (IPS)."))
def emergency(
    asked: Asked,
    patient: PatientReference,
    output_folder: OutputFolder,
    restricted: Restricted = None,
    why: Why = "",
) -> None:
    """Write both files; a restricted entry is on them only when it is named."""
    from localstore.emergency import door  # the PDF library is slow to load

    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        named = entry_ids(record.chart(practice, known.id).entries, restricted) if restricted else ()
        written = door.write(practice, known.id, output_folder, named, why)
    if asked.as_json:
        files = [{"name": name, "bytes": size} for name, size in written]
        output.document({"id": known.id, "folder": str(output_folder), "files": files})
    else:
        for name, size in written:
            output.say(text("{file}: {count} bytes").format(file=output_folder / name, count=size))
