"""Vectors as text that needs no program to be read: `name = hex`, one to a line, with words beside them."""

import textwrap
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent
WIDTH = 120


class Sheet:
    """One file of vectors. `before` are the values that the file on the disk has: those that are drawn by chance, or
    depend on the release of a library, stay as long as they are right."""

    def __init__(self, title: str, before: dict[str, bytes]) -> None:
        self._lines = [f"# {line}" for line in textwrap.wrap(title, WIDTH - 2)]
        self._before = before
        self.values: dict[str, bytes] = {}

    def say(self, words: str) -> None:
        """Words above what follows."""
        self._lines += ["", *(f"# {line}" for line in textwrap.wrap(words, WIDTH - 2))]

    def put(self, name: str, value: bytes) -> bytes:
        """One vector."""
        if name in self.values:
            raise ValueError(name)
        self.values[name] = value
        self._lines.append(f"{name} = {value.hex()}")
        return value

    def text(self, name: str, value: str) -> None:
        """A text: UTF-8, with its letters beside it."""
        self._lines.append(f"# {value}")
        self.put(name, value.encode())

    def number(self, name: str, value: int) -> None:
        """A number, in 8 bytes, big-endian."""
        self.put(name, value.to_bytes(8, "big", signed=value < 0))

    def drawn(self, name: str, is_right: Callable[[bytes], bool], draw: Callable[[], bytes]) -> bytes:
        """A vector that comes out otherwise each time: the one of before while it is right, else a new one."""
        found = self._before.get(name)
        return self.put(name, found if found is not None and is_right(found) else draw())

    def render(self) -> str:
        """The file."""
        return "\n".join([*self._lines, ""])


def parse(text: str) -> dict[str, bytes]:
    """The vectors of a file."""
    found: dict[str, bytes] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition(" = ")
            if name in found:
                raise ValueError(name)
            found[name] = bytes.fromhex(value)
    return found


def read(name: str) -> dict[str, bytes]:
    """The vectors of a file in this folder; none where there is no such file."""
    path = FOLDER / f"{name}.txt"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else {}
