"""Starting the terminal interface as a process: on a practice, in its language, to its exit code.

`run` is what bare `confrere` calls; `python -m tui.start --practice DIR` is how the locked screen starts after a lock.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from localstore.errors import ConfrereError
from tui import gateway as gateway_room
from tui import process, theme
from tui.app import ConfrereApp, Ending
from tui.display import safe
from tui.gateways.documents import forget_left
from tui.words.catalogue import sentence

MAX_PASSPHRASE = 1024  # characters read from --passphrase-fd


def run(folder: Path, theme_name: str = theme.DARK, passphrase: str = "") -> int:
    """The interface on the practice in `folder`; the exit code. Where it was locked, it does not return."""
    process.harden()
    try:
        language = gateway_room.preferences(folder).language
    except ConfrereError as error:
        sys.stderr.write(sentence(error) + "\n")
        return error.exit_code
    if language:
        os.environ["LANGUAGE"] = language
    forget_left()  # what a killed process, or one that was locked in a hurry, had opened outside
    app = ConfrereApp(folder, theme_name=theme_name, passphrase=passphrase)
    try:
        with process.ended_in_order():
            ending = app.run()
    except SystemExit:
        with suppress(RuntimeError):
            app.gateway.forget_files()
        raise
    if app.crash is not None:
        with suppress(RuntimeError):  # it was locked: nothing was open outside
            app.gateway.forget_files()
        process.say_crash(app.crash)
        return process.OWN_FAULT
    if not app.in_a_hurry:  # closing waits for what is under way; a new process image ends it where it is
        app.close_practice()
    if app.parting_words:
        sys.stderr.write(safe(app.parting_words) + "\n")
    if ending is Ending.LOCK:
        process.restart(folder, app.theme)
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m tui.start --practice DIR`; a passphrase that comes over `--passphrase-fd` opens it at once."""
    parser = argparse.ArgumentParser(prog="confrere")
    parser.add_argument("--practice", type=Path, required=True)
    parser.add_argument("--theme", choices=(theme.LIGHT, theme.DARK), default=theme.DARK)
    parser.add_argument("--passphrase-fd", type=int)
    options = parser.parse_args(arguments)
    passphrase = ""
    if options.passphrase_fd is not None:
        with open(options.passphrase_fd, encoding="utf-8") as given:
            passphrase = given.readline(MAX_PASSPHRASE).rstrip("\r\n")
    sys.exit(run(options.practice, options.theme, passphrase))


if __name__ == "__main__":
    main()
