"""From an open practice to the report for the patient: everything about one person, as a PDF and as FHIR, in a folder.

The line of the history comes first: what cannot be told of is not read. The bundle is written as it is read, because
the files of a record may be larger than memory.
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
    printed = paper.render(account.of_patient(practice, patient), tongue)
    try:
        folder.mkdir(mode=paths.FOLDER_MODE, parents=True, exist_ok=True)
        written = exporting.write_patient(practice, patient, folder / BUNDLE, why, replace=replace)
        paths.write_private(folder / PAPER, printed)
    except OSError as error:
        reason = error.strerror or "the system refused"
        what = "The report cannot be written to {folder}: {reason}."
        raise BadInput(what=what, folder=str(folder), reason=reason, remedy="Choose another folder.") from error
    return [(PAPER, len(printed)), (BUNDLE, written.size)]
