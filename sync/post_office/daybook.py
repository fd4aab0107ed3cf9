"""The daemon's log: what it did and what did not work, a line each, in a file that cannot grow without end.

A line is a moment and a sentence without name, address or key: counts, a port, the kind of a trouble. Whoever steals
the file learns when the practice's machine was on, and when it met colleagues, not whom.
"""

import os
from contextlib import suppress
from pathlib import Path

from localstore import paths

MAX_LOG_BYTES = 256 * 1024  # some weeks of an ordinary practice; then the older half is dropped
MAX_LINE = 400  # characters of one sentence; ours are shorter


class Daybook:
    """Writes the log of one practice's daemon. One process at a time: the daemon's lock sees to that."""

    def __init__(self, folder: Path) -> None:
        self._path = paths.daemon_log(folder)

    def note(self, moment: str, sentence: str) -> None:
        """Add a line. A disk that takes none loses the line and nothing else."""
        line = f"{moment} {' '.join(sentence.split())[:MAX_LINE]}\n".encode()
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, paths.FILE_MODE)
            try:
                os.write(descriptor, line)
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
            if size > MAX_LOG_BYTES:
                self._drop_older_half()

    def _drop_older_half(self) -> None:
        content = self._path.read_bytes()[-MAX_LOG_BYTES // 2 :]
        paths.write_private(self._path, content[content.find(b"\n") + 1 :])


def last(folder: Path, lines: int) -> list[str]:
    """The newest lines of the log, oldest first; none where there is no log. Raises OSError and DamagedStore."""
    try:
        content = paths.read_small(paths.daemon_log(folder), 2 * MAX_LOG_BYTES)
    except FileNotFoundError:
        return []
    return content.decode("utf-8", "replace").splitlines()[-lines:] if lines > 0 else []
