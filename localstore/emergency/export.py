"""Writes the emergency export into a folder: all of it, or nothing.

Both files are made in memory first, then written beside their place, then renamed over older exports. A file of the
same name that is no export of this program is left alone, and nothing is written then.
"""

import os
import stat
from pathlib import Path

from localstore import paths
from localstore.emergency import ips, sheet
from localstore.emergency.sections import Summary
from localstore.errors import AlreadyThere, BadInput

SHEET = "fiche-urgence.pdf"
DOCUMENT = "ips.json"
LARGEST_OLD_FILE = 256 * 1024 * 1024  # an older export with its attached directives; what is larger is none
MARKS = {SHEET: (b"%PDF-", b"fiche d'urgence v1"), DOCUMENT: (b"{", ips.SOURCE.encode())}


def write(folder: Path, summary: Summary) -> list[tuple[str, int]]:
    """Write `fiche-urgence.pdf` and `ips.json` into the folder, which is made if it is missing; their names and sizes.

    Files are readable by their owner only. Raises BadInput when the folder cannot be written, AlreadyThere when a file
    that is no export of ours bears one of the names; the older files are untouched then.
    """
    files = {SHEET: sheet.render(summary), DOCUMENT: ips.encode(ips.build(summary))}
    try:
        folder.mkdir(mode=paths.FOLDER_MODE, parents=True, exist_ok=True)
        for name in files:
            _check_free(folder / name)
        _replace(folder, files)
    except OSError as error:
        reason = error.strerror or "the system refused"
        raise BadInput(
            what="The emergency export cannot be written to {folder}: {reason}.",
            folder=str(folder),
            reason=reason,
            remedy="Choose another folder.",
        ) from error
    return [(name, len(data)) for name, data in files.items()]


def _check_free(path: Path) -> None:
    """Raise AlreadyThere when something else than an older export bears the name."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    first, mark = MARKS[path.name]
    if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST_OLD_FILE:
        data = path.read_bytes()
        if data.startswith(first) and mark in data:
            return
    raise AlreadyThere(
        what="A file {file} that is no emergency export",
        file=path.name,
        remedy="Move it, or choose another folder.",
    )


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Write every file beside its place, then rename them all. Nothing is left behind when that fails."""
    written: list[tuple[Path, Path]] = []
    try:
        for name, data in files.items():
            written.append((paths.write_beside(folder / name, data), folder / name))
        for temporary, path in written:
            os.replace(temporary, path)
    except BaseException:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
        raise
    paths.sync_folder(folder)
