"""Starting the daemon of a practice as a process of its own, or becoming it. The key travels through a pipe."""

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from sync.errors import AlreadyRunning, NotStarted
from sync.post_office import status
from sync.post_office.daemon import READY_BYTES, Ready

START_SECONDS = 30.0  # an old machine that has just been switched on


def command(folder: Path, key_fd: int, ready_fd: int | None = None) -> list[str]:
    """The daemon's argv. Run it with `working_folder` as the current folder, so that no module of another folder takes
    the place of ours; it leaves that folder by itself."""
    made = [sys.executable, "-m", "sync.post_office.daemon", "--folder", str(folder.resolve()), "--key-fd", str(key_fd)]
    return made if ready_fd is None else [*made, "--ready-fd", str(ready_fd)]


def working_folder() -> Path:
    """Where the packages of this program lie."""
    return Path(__file__).resolve().parents[2]


def start(folder: Path, key: bytes, seconds: float = START_SECONDS) -> "subprocess.Popen[bytes]":
    """Start the daemon, detached from this terminal, and wait until it says that it is ready.

    The process is the caller's to keep or to forget; `status.stop` ends it from anywhere. Raises AlreadyRunning and
    NotStarted; a daemon that failed, or was too slow, does not remain.
    """
    if pid := status.holder(folder):
        raise AlreadyRunning(pid=pid)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, an argv of our own
        command(folder, key_fd=0, ready_fd=1),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=working_folder(),
        start_new_session=True,
    )
    try:
        line = _converse(process, key, seconds)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if line.exit_code == 0:
        return process
    process.wait()
    if pid := status.holder(folder):
        raise AlreadyRunning(pid=pid)
    raise NotStarted(reason=line.sentence.rstrip("."))


def _converse(process: "subprocess.Popen[bytes]", key: bytes, seconds: float) -> Ready:
    """Hand over the key and read the one line. Raises NotStarted."""
    if process.stdin is None or process.stdout is None:
        raise NotStarted(reason="it has no pipes")
    with process.stdout as answers:
        try:
            with process.stdin as keyhole:
                keyhole.write(key)
        except BrokenPipeError:
            pass  # it ended before it read the key; what it said of that comes next
        return _read_line(answers, seconds)


def _read_line(answers: IO[bytes], seconds: float) -> Ready:
    deadline = time.monotonic() + seconds
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        while not line.endswith(b"\n") and len(line) < READY_BYTES:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise NotStarted(reason="it was not ready within {seconds} seconds", seconds=round(seconds))
            piece = os.read(answers.fileno(), READY_BYTES)
            if not piece:
                raise NotStarted(reason="its process ended")
            line += piece
    try:
        return msgspec.json.decode(line, type=Ready)
    except msgspec.DecodeError as error:
        raise NotStarted(reason="it did not say whether it is ready") from error


def become(folder: Path, key: bytes) -> NoReturn:
    """Replace this process by the daemon. Nothing after it runs; buffered output should be flushed before."""
    reading, writing = os.pipe()
    os.write(writing, key)
    os.close(writing)
    os.set_inheritable(reading, True)
    argv = command(folder, reading)  # before the folder changes: the practice's may be relative to this one
    os.chdir(working_folder())
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter, an argv of our own
