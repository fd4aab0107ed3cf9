"""Questions to whoever sits at the terminal, and their answers. Questions go to stderr: stdout belongs to results."""

import getpass
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from localstore.errors import Locked
from tui.display import safe
from tui.words.catalogue import text

TERMINAL = Path("/dev/tty")


def is_possible() -> bool:
    """Whether somebody can be asked: a terminal is where answers come from, or at least where questions are seen."""
    return sys.stdin.isatty() or sys.stderr.isatty()


def secret(question: str) -> str:
    """What is typed without being shown. Raises Locked when the terminal cannot hide it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (getpass.GetPassWarning, EOFError, OSError) as error:
            raise Locked from error


def answer(question: str) -> str:
    """One line; empty when the terminal has ended."""
    sys.stderr.write(safe(question, lines=True))
    sys.stderr.flush()
    if sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        with open(TERMINAL, encoding="utf-8", errors="replace") as terminal:  # stdin is a file or a pipe
            return terminal.readline().strip()
    except OSError:
        return ""


def confirms(question: str) -> bool:
    """Whether the answer is yes; anything else is no."""
    choice = text("[y/N]")
    return answer(f"{question} {choice} ").lower() in ("y", "yes", "o", "oui")


def until(question: str, is_right: Callable[[str], bool], attempts: int) -> bool:
    """Ask until the answer is right, at most `attempts` times; whether it was."""
    return any(is_right(answer(question)) for _ in range(attempts))
