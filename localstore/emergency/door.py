"""From an open practice to the emergency export: the chart is read, summarised, written, and the history says so."""

from collections.abc import Collection
from pathlib import Path

from localstore import patients, record
from localstore.emergency import export, summary
from localstore.practice import Practice


def write(
    practice: Practice, patient: str, folder: Path, named: Collection[str] = frozenset(), why: str = ""
) -> list[tuple[str, int]]:
    """Write the emergency export of a patient into a folder; `named` are the restricted entries that may leave.

    The line of the history comes first: what cannot be told of is not read. Returns the names and sizes of the files.
    Raises NotYourRole, UnknownPatient, BadInput, AlreadyThere.
    """
    owner = patients.number(practice.connection, patient)
    practice.log_reading("emergency-exported", owner, patient, why)
    chart = record.chart(practice, patient)
    made = summary.summarise(
        chart.patient,
        (*chart.identity, *chart.entries),
        practice.user.author,
        practice.name,
        practice.clock().astimezone(),
        named,
    )
    return export.write(folder, made)
