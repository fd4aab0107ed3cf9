"""`confrere lot`: the same envelopes as a file, where there is no network."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import colleagues
from localstore.errors import ConfrereError
from sync import handing
from sync.desk import Desk
from sync.handing import Read
from sync.lots import files
from sync.receiving import reception
from tui.cli import output, restored
from tui.cli.colleagues import ColleagueReference
from tui.cli.commands import Asked, command, family
from tui.cli.desk import announce, at_the_desk
from tui.cli.errors import of_system
from tui.gateways.lots import read_value, written_value
from tui.lot_words import read_words, written_words
from tui.words.catalogue import sentence, text

commands = family()
lot_commands = family("lot", help=text("What waits for a colleague as a file, for a stick or a mail."))
commands.add_typer(lot_commands, name="lot")

ToFile = Annotated[Path, typer.Argument(metavar="FILE", help=text("The file to write; nothing is ever replaced."))]
FromFiles = Annotated[list[Path], typer.Argument(metavar="FILE", help=text("Lots that colleagues gave you."))]


class _Watch:
    """A bar in megabytes, of which the end is known when the first byte is done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: output.Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = output.Progress(-(-total // 10**6))
        self._bar(done // 10**6, self._name)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.end()


@command(lot_commands, "write", text("Write all that waits for a colleague into a file that only he can open."))
def write(asked: Asked, colleague: ColleagueReference, file: ToFile) -> None:
    """What is in it counts as sent; the receipts come back in the colleague's lot."""
    files.require_free(file)
    with at_the_desk(asked) as desk:
        recipient = colleagues.resolve(desk.record, colleague)
        watch = _Watch(file.name)
        try:
            done = handing.write(desk, recipient, file, watch)
        finally:
            watch.end()
    if asked.as_json:
        numbers = {"envelopes": done.envelopes, "bytes": done.size, "more": done.more}
        output.document({"id": done.lot, "colleague": recipient.id, "file": str(file)} | numbers)
        return
    for words in written_words(written_value(recipient.name, file, done)):
        output.say(words)


@command(lot_commands, "read", text("Read lots that colleagues gave you; reading one again changes nothing."))
def read(asked: Asked, paths: FromFiles) -> None:
    """Each file by itself: one that is refused does not keep the others from being read."""
    failures: list[ConfrereError] = []
    done: list[tuple[Path, Read]] = []
    with at_the_desk(asked) as desk:
        for path in paths:
            try:
                done.append((path, _read(desk, path)))
            except ConfrereError as error:
                failures.append(error)
            except OSError as error:
                failures.append(of_system(error))
        if done:
            collected = reception.collect(desk)
            announce(collected)
            restored.announce(collected)
    _print(asked, done)
    for failure in failures[:-1]:
        output.note(sentence(failure))
    if failures:
        raise failures[-1]


def _read(desk: Desk, path: Path) -> Read:
    watch = _Watch(path.name)
    try:
        return handing.read(desk, path, watch)
    finally:
        watch.end()


def _print(asked: Asked, done: Sequence[tuple[Path, Read]]) -> None:
    if asked.as_json:
        output.document([_shape(path, one) for path, one in done])
        return
    for path, one in done:
        for words in read_words(read_value(path, one)):
            output.say(words)


def _shape(path: Path, one: Read) -> dict[str, Any]:
    told = asdict(read_value(path, one))
    return {"id": one.outcome.lot, "colleague": one.colleague, "colleague_name": told.pop("name")} | told
