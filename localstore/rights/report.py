"""From an open practice to the report for the patient: everything about one person, as a PDF and as FHIR, in a folder.

The line of the history comes first: what cannot be told of is not read. Both files are made before one is written.
"""

from pathlib import Path

from localstore import exporting, paths, patients
from localstore.errors import AlreadyThere, BadInput
from localstore.practice import Practice
from localstore.rights import account, paper
from localstore.rights.wording import FRENCH

PAPER, BUNDLE = "dossier.pdf", "dossier.json"
ACTION = "patient-report"


def write(
    practice: Practice, patient: str, folder: Path, *, tongue: int = FRENCH, why: str = "", replace: bool = False
) -> list[tuple[str, int]]:
    """Write `dossier.pdf` and `dossier.json` into a folder, which is made if it is missing; their names and sizes.

    Readable by their owner only. Raises NotYourRole, UnknownPatient, AlreadyThere unless `replace`, and BadInput where
    the folder cannot be written.
    """
    for name in (PAPER, BUNDLE):
        if (folder / name).exists() and not replace:
            remedy = "Choose another folder, or replace it with --force."
            raise AlreadyThere(what=f"{folder / name}", remedy=remedy)
    owner = patients.number(practice.connection, patient)
    practice.log_reading(ACTION, owner, patient, why)
    told = account.of_patient(practice, patient)
    files = {PAPER: paper.render(told, tongue), BUNDLE: exporting.export_patient(practice, patient, why).data}
    try:
        folder.mkdir(mode=paths.FOLDER_MODE, parents=True, exist_ok=True)
        for name, data in files.items():
            paths.write_private(folder / name, data)
    except OSError as error:
        reason = error.strerror or "the system refused"
        what = "The report cannot be written to {folder}: {reason}."
        raise BadInput(what=what, folder=str(folder), reason=reason, remedy="Choose another folder.") from error
    return [(name, len(data)) for name, data in files.items()]
