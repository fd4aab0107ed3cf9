"""A real terminal for the interface: a pseudo-terminal, what is typed into it, and what comes out of it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.checks.source import ROOT

SECONDS = 30.0
QUIET = 0.1  # seconds without output: a painting is over, and the cursor has not blinked yet
# What a terminal obeys: the sequences that Textual itself writes begin with ESC [ or are one of a few others.
CONTROL_SEQUENCE = re.compile(rb"\x1b\[[0-9;:?<>=!$ ]*[A-Za-z@`{|}~]")
# The last of them sets the shape of the mouse's pointer.
OTHER_SEQUENCES = re.compile(rb"\x1b(?:[=>78]|\([B0])|\x1bP=[0-9a-z]+\x1b\\|\x1b\]22;[a-z]*\x07")


class Terminal:
    """One process on a pseudo-terminal. `output` is everything that it wrote."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid, self._descriptor = pid, descriptor
        self.output = b""

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    def read(self) -> bool:
        """Read what is there; False once the process has closed its end."""
        ready, _, _ = select.select([self._descriptor], [], [], 0.02)
        if not ready:
            return True
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:
            return False
        self.output += piece
        return bool(piece)

    def until(self, condition: Callable[[], object], wanted: str = "") -> None:
        """Read until a condition holds."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"waiting for {wanted!r} after {self.words(-3000)!r}"
            self.read()

    def says(self, words: str, *, after: int = 0) -> None:
        """Wait until words were written, wherever the lines were broken by colours."""
        self.until(lambda: words in self.words(after), words)
        # The rest of the same painting, so that what comes after the next key is known to be an answer to it.
        while select.select([self._descriptor], [], [], QUIET)[0] and self.read():
            pass

    def words(self, after: int = 0) -> str:
        """What was written, without its control sequences."""
        return CONTROL_SEQUENCE.sub(b"", self.output[after:]).decode(errors="replace")

    def ended(self) -> int:
        """Wait for the end of the process; its exit code."""
        deadline = time.monotonic() + SECONDS
        while True:
            self.read()
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                while self.read() and select.select([self._descriptor], [], [], 0.05)[0]:
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, self.output[-2000:]


@contextmanager
def on_terminal(*arguments: str, size: tuple[int, int] = (120, 40)) -> Iterator[Terminal]:
    """Run Python with arguments on a new pseudo-terminal of that many columns and lines."""
    pid, descriptor = pty.fork()
    if pid == 0:
        # Without COLUMNS and LINES, which would be believed before the terminal is asked.
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment = kept | {"LANGUAGE": "fr", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.chdir(ROOT)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606 - our own interpreter
    terminal = Terminal(pid, descriptor)
    try:
        yield terminal
    finally:
        if terminal.pid:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        os.close(descriptor)


def memory_holds(pid: int, secret: bytes) -> bool:
    """Whether the memory of a process holds some bytes. Skips the test where it cannot be read: only root may, because
    our processes close theirs."""
    try:
        regions = Path(f"/proc/{pid}/maps").read_text().splitlines()
    except PermissionError as error:
        pytest.skip(f"the memory of another process cannot be read here: {error}")
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for region in regions:
            where, rights, *_ = region.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(number, 16) for number in where.split("-"))
            try:
                memory.seek(start)
                if secret in memory.read(end - start):
                    return True
            except (OSError, OverflowError):
                continue
    return False
