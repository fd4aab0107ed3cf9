"""What a crash left of files that were being written: removed at the next opening, unless another window writes.

Who writes pieces holds a lock beside others; who sweeps wants it alone. The system drops it when a process ends, in
whatever way.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from localstore import paths
from localstore.database import Connection, DatabaseError
from localstore.documents import storing
from localstore.errors import Busy


def _opened(folder: Path) -> int:
    return os.open(paths.pieces(folder), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, paths.FILE_MODE)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the lock of those who write pieces, beside others. Waits while somebody sweeps. Raises OSError."""
    descriptor = _opened(folder)
    try:
        if os.name != "nt":
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def sweep(folder: Path, connection: Connection) -> int:
    """Remove the files that no entry refers to; how many. None while somebody writes one, and the rest another time
    where the disk is full, the record busy or the folder read-only."""
    if os.name == "nt" or not storing.unsettled(connection):
        return 0
    import fcntl

    swept = 0
    with suppress(OSError, DatabaseError, Busy):
        descriptor = _opened(folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for num in storing.unsettled(connection):
                storing.discard(connection, num)
                swept += 1
        finally:
            os.close(descriptor)
    return swept
