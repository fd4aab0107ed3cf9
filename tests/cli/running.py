"""Running the real command in a process of its own, with its passphrase over a pipe; on a pipe or on a terminal."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PASSPHRASE = "une phrase de passe pour les essais, longue"  # noqa: S105
RPPS = "10003000006"  # a right key
DEADLINE = 60.0  # seconds; a test that waits that long has failed
COMMAND = (sys.executable, "-m", "tui.cli.main")
ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """A command that has ended: its exit code, and both streams as text."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def environment(language: str = "en_GB.UTF-8", **more: str) -> dict[str, str]:
    """The environment of a command: nothing of the tester's own language or practice is in it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    return kept | {"LANG": language, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | more


def run(
    *arguments: str | Path,
    passphrase: str | bytes | None = PASSPHRASE,
    stdin: bytes = b"",
    language: str = "en_GB.UTF-8",
    stdout: int | None = None,
    more: Mapping[str, str] | None = None,
) -> Ended:
    """Run `confrere` without a terminal; the passphrase comes over a pipe, or not at all."""
    words = [str(argument) for argument in arguments]
    if passphrase is None:
        return _communicate(words, stdin, (), language, stdout, more)
    secret = passphrase if isinstance(passphrase, bytes) else passphrase.encode()
    reading, writing = os.pipe()
    try:
        os.write(writing, secret + b"\n")
        os.close(writing)
        return _communicate([*words, "--passphrase-fd", str(reading)], stdin, (reading,), language, stdout, more)
    finally:
        os.close(reading)


def _communicate(
    words: list[str],
    stdin: bytes,
    pass_fds: tuple[int, ...],
    language: str,
    stdout: int | None,
    more: Mapping[str, str] | None,
) -> Ended:
    done = subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        env=environment(language, **(more or {})),
        cwd=ROOT,
        pass_fds=pass_fds,
        start_new_session=True,
        timeout=DEADLINE,
        check=False,
    )
    return Ended(done.returncode, (done.stdout or b"").decode("utf-8"), done.stderr.decode("utf-8"))


def at(folder: Path, *arguments: str | Path, **how: Any) -> Ended:
    """Run a command on the practice in `folder`, and expect it to succeed."""
    ended = run("--practice", folder, *arguments, **how)
    assert ended.code == 0, ended.err
    return ended


def ask(folder: Path, *arguments: str | Path, **how: Any) -> Any:
    """The JSON document that a command on the practice in `folder` prints."""
    return at(folder, *arguments, "--json", **how).document


def init(folder: Path, name: str = "Dr Alpha", rpps: str = RPPS) -> Any:
    """Make a practice, with the cheapest derivation that is allowed; its JSON document."""
    return ask(folder, "init", "--name", name, "--rpps", rpps, "--no-confirm", "--kdf-memory", "64")


def on_terminal(
    arguments: Sequence[str | Path], answers: Sequence[tuple[str, str]] = (), language: str = "en_GB.UTF-8"
) -> Ended:
    """Run a command on a terminal of its own. Each answer is typed when its question has appeared; `{N}` in a question
    is a regular expression's business. Everything that the terminal shows is in `out`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        words = [*COMMAND, *map(str, arguments)]
        os.execvpe(COMMAND[0], words, environment(language, TERM="xterm-256color"))  # noqa: S606 - our own command
    shown, typed, asked_from = b"", 0, 0
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break  # the other end was closed
            shown += piece
            if not piece:
                break
        if typed < len(answers):
            text = shown[asked_from:].decode("utf-8", "replace")
            question, answer = answers[typed]
            if found := re.search(question, text):
                reply = answer if not answer.startswith("=") else _computed(answer, shown, found)
                os.write(terminal, reply.encode() + b"\n")
                typed, asked_from = typed + 1, len(shown)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace").replace("\r\n", "\n"), "")


def _computed(rule: str, shown: bytes, found: re.Match[str]) -> str:
    """An answer that depends on what is on the screen: `=PATTERN` with the question's first group put in for `{}`."""
    wanted = re.search(rule[1:].replace("{}", found[1] if found.groups() else ""), shown.decode("utf-8", "replace"))
    assert wanted is not None, rule
    return wanted[1]
