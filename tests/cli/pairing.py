"""`confrere` on terminals of their own, several at a time: what they say, and what is typed into them."""

import os
import pty
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.running import COMMAND, PASSPHRASE, ROOT, environment
from tests.tui.terminal import Terminal


@contextmanager
def typed(folder: Path, *arguments: str, machine: str = "") -> Iterator[Terminal]:
    """A command on the practice in `folder`, with its passphrase typed in; on a `machine`, a network namespace."""
    pid, descriptor = pty.fork()
    if pid == 0:
        before = ["ip", "netns", "exec", machine] if machine else []
        words = [*before, *COMMAND, "--practice", str(folder), *arguments]
        os.chdir(ROOT)
        os.execvpe(words[0], words, environment(TERM="xterm-256color"))  # noqa: S606 - our own command
    terminal = Terminal(pid, descriptor)
    try:
        terminal.until(lambda: "Passphrase" in terminal.words(), "the passphrase")
        terminal.type(PASSPHRASE + "\n")
        yield terminal
    finally:
        if terminal.pid:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        os.close(descriptor)


def shown(terminal: Terminal, pattern: str, *others: Terminal, after: int = 0) -> re.Match[str]:
    """The first place where what was written fits a pattern; the others are read meanwhile, so that none waits."""

    def found() -> re.Match[str] | None:
        for other in others:
            other.read()
        return re.search(pattern, terminal.words(after).replace("\r\n", "\n"))

    terminal.until(found, pattern)
    match = found()
    assert match is not None
    return match
