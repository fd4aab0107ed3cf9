"""What the command line prints: results on stdout, as tables or as one JSON document; words and progress on stderr.

Text from outside passes the display boundary before it reaches a table. JSON keeps it exact, with whatever a terminal
would obey written as an escape.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import IO, Any

import msgspec

from tui.display import safe
from tui.words.catalogue import text

GAP = "  "
_json = msgspec.json.Encoder(decimal_format="number")
_BEYOND_ASCII = re.compile("[\x7f-\U0010ffff]")  # JSON escapes the controls of ASCII by itself


class ReaderGone(Exception):
    """Whoever read stdout has stopped reading."""


def json_text(value: Any) -> str:
    """The value as one JSON document in one line: numbers exact, bytes in Base64."""
    return _BEYOND_ASCII.sub(lambda found: _obeyed(found[0]), _json.encode(value).decode("utf-8"))


@cache
def _obeyed(letter: str) -> str:
    """The letter, or its escape when a terminal might obey it."""
    if safe(letter) == letter:
        return letter
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def document(value: Any) -> None:
    """Print the one JSON document of a command."""
    raw(json_text(value).encode("utf-8") + b"\n")


def raw(data: bytes) -> None:
    """Bytes on stdout, as they are."""
    sys.stdout.flush()
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def say(words: object, *, lines: bool = False) -> None:
    """A line of the result."""
    _write(sys.stdout, safe(words, lines=lines) + "\n")


def note(words: object) -> None:
    """A line beside the result: what happened, what to do next."""
    _write(sys.stderr, safe(words) + "\n")


def _write(stream: IO[str], words: str) -> None:
    try:
        stream.write(words)
        stream.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; nothing is cut off. That there are no rows is said on stderr."""
    cells = [[safe(cell) for cell in row] for row in rows]
    if not cells:
        note(text("Nothing to list."))
        return
    cells.insert(0, list(headings))
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        _write(sys.stdout, GAP.join(padded).rstrip() + "\n")


def width(shown: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_columns(letter) for letter in shown)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


class Progress:
    """A bar on stderr, drawn only where stderr is a terminal. `total` 0 means that the end is not known."""

    WIDTH = 24

    def __init__(self, total: int, stream: IO[str] | None = None) -> None:
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty()
        self._last = ""

    def __call__(self, done: int, words: str) -> None:
        """Draw the bar at `done`, with a few words after it."""
        if not self._shown:
            return
        line = f"{self._bar(done)} {safe(words)[:40]}"
        if line != self._last:
            self._last = line
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()

    def _bar(self, done: int) -> str:
        if not self._total:
            return f"{done}"
        filled = self.WIDTH * min(done, self._total) // self._total
        return f"[{'#' * filled}{'.' * (self.WIDTH - filled)}] {done}/{self._total}"

    def end(self) -> None:
        """Take the bar away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
