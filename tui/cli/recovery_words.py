"""Recovery words on the terminal: asking for them; showing new ones once, on the screen or a sheet; asking them back.

For every command that takes or makes them. They never come through an argument or the environment.
"""

import os
import secrets
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from localstore.errors import AlreadyThere, BadInput
from localstore.folding import fold
from localstore.keys.passphrase import RECOVERY_WORDS
from tui.cli import asking, output
from tui.cli.errors import FileTrouble, Misused, NoWords
from tui.words.catalogue import text

STDOUT = Path("-")
MAX_PIPED = 16 * 1024  # bytes; sixteen shares have 5 kB
IN_A_ROW = 6
ASKED_BACK = 3  # enough to know that they were written down
MOST_TRIES = 10

WordsFd = Annotated[
    int | None, typer.Option("--words-fd", metavar="N", help=text("Read the words from this file descriptor."))
]


class Whose(NamedTuple):
    """What stands on a sheet besides the words: names, and the day (ISO)."""

    practice: str
    doctor: str
    town: str
    day: str


def given(words_fd: int | None) -> str:
    """The 24 recovery words, from a descriptor or typed. Raises NoWords when there is no way to ask for them."""
    if words_fd is not None:
        return piped(words_fd)
    if not asking.is_possible():
        raise NoWords
    lines: list[str] = []
    question = text("The 24 recovery words, on one line or on several: ")
    while len(lines) < RECOVERY_WORDS and (line := asking.answer(question)):
        lines.append(line)
        count = sum(not word.isdigit() for word in fold(" ".join(lines)).split())
        if count >= RECOVERY_WORDS:
            break
        question = text("{count} words so far. The next: ").format(count=count)
    return " ".join(lines)


def piped(descriptor: int) -> str:
    """All that a file descriptor gives until its end. Raises FileTrouble, and BadInput for what is no text."""
    data = bytearray()
    try:
        while len(data) <= MAX_PIPED and (piece := os.read(descriptor, MAX_PIPED)):
            data += piece
    except OSError as error:
        name = text("The file descriptor {number}").format(number=descriptor)
        raise FileTrouble(file=name, reason=error.strerror or "") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(what="The recovery words are not in UTF-8.", remedy="Check how they are given.") from error


def composed(words: str) -> list[str]:
    """Words as they are shown: the word list has its accents apart, as no keyboard types them."""
    return unicodedata.normalize("NFC", words).split()


def rows(words: Sequence[str]) -> list[str]:
    """Numbered words in lines of six."""
    return [
        "  ".join(f"{start + at + 1:2}. {word:<10}" for at, word in enumerate(words[start : start + IN_A_ROW])).rstrip()
        for start in range(0, len(words), IN_A_ROW)
    ]


def show(words: Sequence[str]) -> None:
    """New words, on stdout."""
    output.say(text("Recovery words. They exist nowhere else: write them on paper, now."))
    for row in rows(words):
        output.say(row)


def ask_back(words: Sequence[str]) -> None:
    """Ask for a few of the words until they are right, or until whoever is asked gives up and is warned."""
    output.note(text("Some of the words are asked back. Enter alone gives up."))
    places = sorted(secrets.SystemRandom().sample(range(len(words)), ASKED_BACK))
    if not all(_is_typed(place, words[place]) for place in places):
        output.note(text("Without these words, a forgotten passphrase loses everything: write them down again."))


def _is_typed(place: int, word: str) -> bool:
    for _ in range(MOST_TRIES):
        typed = fold(asking.answer(text("Recovery word number {number}: ").format(number=place + 1)))
        if typed == fold(word):
            return True
        if typed:
            output.note(text("That is another word. Check what you wrote down."))
        elif asking.confirms(text("Go on without knowing that the words were written down?")):
            return False
    return False


def check_target(file: Path | None, command: str, *, as_json: bool) -> None:
    """Raise unless a sheet can be written there: AlreadyThere, or Misused where stdout cannot take it."""
    if file is None:
        return
    if file != STDOUT:
        if file.exists() or file.is_symlink():
            raise AlreadyThere(what="{file}", file=str(file), remedy="Choose another name for the sheet.")
        if not file.parent.is_dir():
            raise FileTrouble(file=str(file), reason="No such file or directory")
    elif as_json:
        raise Misused(problem="Either --json or the sheet on stdout.", command=command)
    elif sys.stdout.isatty():
        raise Misused(problem="The sheet is a PDF: send stdout to a printer or a file.", command=command)


def deliver(file: Path | None, whose: Whose, words: Sequence[str]) -> None:
    """Print the sheet into a new private file, or on stdout for a pipe to a printer; and say what it opens."""
    if file is None:
        return
    from localstore.keys import sheet  # the PDF library takes a while to load

    printed = sheet.render(sheet.Sheet(whose.practice, whose.doctor, whose.town, whose.day, tuple(words)))
    if file == STDOUT:
        output.raw(printed)
        output.note(text("The sheet opens the record: see that it was printed, and keep it away from this machine."))
        return
    sheet.write_new(file, printed)
    output.note(text("{file} opens the record: print it, then delete it.").format(file=file))
