"""From an open practice to the emergency export: the chart is read, summarised, written, and the history says so."""

from collections.abc import Collection
from pathlib import Path

from localstore import patients, record
from localstore.database import transaction
from localstore.emergency import export, summary
from localstore.practice import Practice


def write(
    practice: Practice, patient: str, folder: Path, named: Collection[str] = frozenset()
) -> list[tuple[str, int]]:
    """Write the emergency export of a patient into a folder; `named` are the restricted entries that may leave.

    Returns the names and sizes of the files. Raises UnknownPatient, BadInput, AlreadyThere.
    """
    chart = record.chart(practice, patient)
    made = summary.summarise(
        chart.patient,
        (*chart.identity, *chart.entries),
        practice.user.author,
        practice.name,
        practice.clock().astimezone(),
        named,
    )
    written = export.write(folder, made)
    with transaction(practice.connection):
        owner = patients.number(practice.connection, patient)
        practice.log("emergency-exported", patient=owner, subject=patient)
    return written
