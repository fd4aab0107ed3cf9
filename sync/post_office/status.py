"""What the daemon of a practice is doing, told truthfully; the lock that keeps it single; stopping it.

Whether a daemon runs is decided by its lock alone, which the system drops when the process ends, however it ends. The
status file beside it only adds what the running daemon said last: counts and times, no name, no address, no key.
"""

import fcntl
import os
import signal
import struct
import sys
import time
from pathlib import Path

import msgspec

from localstore import paths
from sync.errors import AlreadyRunning, NotStopped

MAX_STATUS_BYTES = 16 * 1024  # ours has about 300
STOP_SECONDS = 10.0  # the daemon says goodbye to each colleague within two
LOOK_SECONDS = 0.02


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a daemon says of itself. Times are ISO 8601, UTC. `port` is 0 while nothing listens; `sent` and `received`
    count envelopes since it started; `last_error` is one sentence without names, or empty."""

    pid: int
    since: str
    port: int = 0
    connected: int = 0
    sent: int = 0
    received: int = 0
    last_contact: str = ""
    last_error: str = ""


class Status(msgspec.Struct, frozen=True):
    """Whether a daemon runs, the process that holds its lock (0 for none), and its last report, if there is one."""

    running: bool
    pid: int = 0
    report: Report | None = None


class Lock:
    """The one daemon's lock, held until the process ends or `release`. It is a POSIX record lock: the system says who
    holds it, and it is never inherited; nothing else in this process may open the file meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises AlreadyRunning at once when another process has it, and OSError."""
        self._path = paths.daemon_lock(folder)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, paths.FILE_MODE)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = _holder_of(self._descriptor)
            os.close(self._descriptor)
            raise AlreadyRunning(pid=pid) from error

    def still_ours(self) -> bool:
        """Whether the file that is locked is still the one in the practice's folder: a folder that was deleted or
        replaced has no daemon any more."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        own = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)

    def release(self) -> None:
        """Let another daemon start."""
        os.close(self._descriptor)


def _holder_of(descriptor: int) -> int:
    """The process that holds a lock on the file, 0 for none (fcntl(2), F_GETLK; struct flock of Linux and of macOS)."""
    linux = sys.platform == "linux"
    layout = struct.Struct("hhqqi4x") if linux else struct.Struct("qqihh")
    asked = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0) if linux else (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
    answer = layout.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, layout.pack(*asked)))
    kind, pid = (answer[0], answer[4]) if linux else (answer[3], answer[2])
    return 0 if kind == fcntl.F_UNLCK else int(pid)


def holder(folder: Path) -> int:
    """The process that holds the daemon's lock of this practice, 0 for none."""
    try:
        descriptor = os.open(paths.daemon_lock(folder), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        return _holder_of(descriptor)
    finally:
        os.close(descriptor)


def read(folder: Path) -> Status:
    """The status of the daemon of this practice. A report that cannot be read is none."""
    pid = holder(folder)
    report = _report(folder)
    if pid and report is not None and report.pid != pid:
        report = None  # that of an earlier daemon; the present one has not written yet
    return Status(pid != 0, pid, report)


def _report(folder: Path) -> Report | None:
    path = paths.daemon_status(folder)
    try:
        if path.stat().st_size > MAX_STATUS_BYTES:
            return None
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError):
        return None


def write(folder: Path, report: Report) -> None:
    """Replace the status file. Raises OSError."""
    paths.write_private(paths.daemon_status(folder), msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def stop(folder: Path, seconds: float = STOP_SECONDS) -> bool:
    """Ask the daemon of this practice to end, and wait until it has. False when none runs.

    Raises NotStopped when it still holds its lock after `seconds`, and PermissionError for another user's process.
    """
    pid = holder(folder)
    if not pid:
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return True  # it ended in this very moment
    deadline = time.monotonic() + seconds
    while holder(folder) == pid:
        if time.monotonic() > deadline:
            raise NotStopped(pid=pid)
        time.sleep(LOOK_SECONDS)
    return True
