"""The import of FHIR R4: files into entries, each resource kept verbatim beside what was understood of it.

One file is one transaction. The good resources of a file are imported and the broken ones named; a resource that was
imported before changes nothing, a changed one becomes a new version. Nothing is dropped in silence.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localstore import ahead, archives, versions
from localstore.ahead import Prepare
from localstore.archives import Found, LargeFile
from localstore.database import transaction
from localstore.errors import BadInput, ConfrereError
from localstore.intake import Broken, Counts, Intake
from localstore.practice import Practice
from localstore.preparing import PreparedFile
from localstore.streaming import LargeIntake, Survey

Progress = Callable[[int, str], None]


@dataclass
class Report(Counts):
    """What an import did: resources by what became of them, and how many files and bytes were read."""

    files: int = 0
    bytes: int = 0

    @property
    def total(self) -> int:
        """All resources that were met, and all files that could not be read."""
        return self.added + self.renewed + self.unchanged + len(self.broken)


def import_paths(practice: Practice, paths: Sequence[Path], progress: Progress = lambda _count, _name: None) -> Report:
    """Import files, folders and archives; `progress` is told the number of files done and the name of the next.

    Raises NotFound when a path does not exist; what is wrong inside of files is in the report.
    """
    report = Report()
    for found, prepare in ahead.prepared(archives.read(paths)):
        progress(report.files, found.name)
        report.files += 1
        try:
            with _no_collection():
                _import_found(practice, found, prepare, report, progress)
        except BadInput as error:
            report.broken.append(Broken(found.name, "", error))
    progress(report.files, "")
    return report


def _import_found(practice: Practice, found: Found, prepare: Prepare, report: Report, progress: Progress) -> None:
    """Import one file; `prepare` reads what is in it. Raises BadInput where nothing of it could be."""
    if isinstance(found.data, ConfrereError):
        raise found.data
    if isinstance(found.data, LargeFile):
        name, data, done = found.name, found.data, report.files
        report.bytes += data.size
        _import(practice, name, report, Survey(data.path, name, lambda part: progress(done, f"{name}: {part} %")))
    else:
        report.bytes += len(found.data)
        _import(practice, found.name, report, prepare())


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the search for cycles, of which an import makes none: it would look through every resource of the file
    again and again, for a quarter of the time that all the rest takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _import(practice: Practice, name: str, report: Report, file: PreparedFile | Survey) -> None:
    """Import one file in one transaction."""
    with transaction(practice.connection):
        if isinstance(file, Survey):
            counts = LargeIntake(practice, name, file).write()
        else:
            counts = Intake(practice, name, file).write()
        detail = f"{name}: {counts.added} added, {counts.renewed} renewed, {counts.unchanged} unchanged"
        if counts.added or counts.renewed:
            practice.log("imported", detail=detail)
        # Without the file's name in what is said of a patient: it may hold the name of somebody else.
        for patient, number in counts.written.items():
            subject = versions.identifier(practice.connection, patient)
            practice.log("imported", patient=patient, subject=subject, detail=f"{number} written")
    report.patients += counts.patients
    report.added += counts.added
    report.renewed += counts.renewed
    report.unchanged += counts.unchanged
    report.broken += counts.broken
    report.kept += counts.kept
    report.untold += counts.untold
    report.doubtful += counts.doubtful
