"""Starting the program that shows a file. It gets the file's name and nothing else, and no way to our terminal."""

import shlex
import shutil
import subprocess
from pathlib import Path

from localstore.errors import BadInput

PROPOSED = "xdg-open"  # freedesktop.org: the program that the desktop has for this kind of file
FAILS_WITHIN = 2.0  # seconds: a program that cannot start says so at once; one that runs longer shows the file


def launch(viewer: str, path: Path) -> None:
    """Start `viewer` (a program with its options, empty for what the system proposes) on a file. Raises BadInput where
    it is not there, or ends at once without success."""
    try:
        words = shlex.split(viewer) or [PROPOSED]
    except ValueError as error:
        raise _none(viewer) from error
    program = shutil.which(words[0])
    if program is None:
        raise _none(words[0])
    nowhere = subprocess.DEVNULL
    running = subprocess.Popen(  # noqa: S603 - what the practice's settings name, an argv of our own
        [program, *words[1:], str(path)], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    try:
        code = running.wait(FAILS_WITHIN)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise _none(words[0])


def _none(program: str) -> BadInput:
    return BadInput(
        what="“{program}” cannot show this document.",
        program=program,
        remedy="Name another program under [documents] in practice.toml, or save the document as a file.",
    )
