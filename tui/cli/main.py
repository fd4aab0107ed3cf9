"""The entry point `confrere`: finds the command, and turns every end into an exit code and at most one sentence.

Nothing heavy is imported here: `confrere --version` must not wait for a database, a network or a screen.
"""

import os
import sys
import threading
from enum import Enum
from types import TracebackType
from typing import Any, get_args

import typer

from localstore.errors import ConfrereError
from tui import process
from tui.cli import output
from tui.cli.commands import PROGRAM, Asked, family, lazy_group
from tui.cli.errors import Misused, of_system
from tui.words.catalogue import sentence, text

OWN_FAULT = 70
INTERRUPTED = 130  # 128 + SIGINT, as a shell would say it
READER_GONE = 141  # 128 + SIGPIPE

PLACES = {
    "demo": "tui.cli.demonstration",
    "init": "tui.cli.practice",
    "import": "tui.cli.exchange",
    "patients": "tui.cli.patients",
    "patient": "tui.cli.patient",
    "record": "tui.cli.patients",
    "ask": "tui.cli.questions",
    "add": "tui.cli.entries",
    "amend": "tui.cli.entries",
    "retract": "tui.cli.entries",
    "document": "tui.cli.documents",
    "terms": "tui.cli.terms",
    "settle": "tui.cli.settling",
    "family": "tui.cli.settling",
    "agenda": "tui.cli.agenda",
    "recalls": "tui.cli.recalls",
    "export": "tui.cli.exchange",
    "emergency": "tui.cli.exchange",
    "card": "tui.cli.colleagues",
    "colleague": "tui.cli.colleagues",
    "pair": "tui.cli.pair",
    "consent": "tui.cli.consents",
    "share": "tui.cli.sharing",
    "letter": "tui.cli.letters",
    "inbox": "tui.cli.inbox",
    "outbox": "tui.cli.outbox",
    "lot": "tui.cli.lots",
    "user": "tui.cli.users",
    "recovery": "tui.cli.recovery",
    "daemon": "tui.cli.daemon",
    "history": "tui.cli.history",
    "backup": "tui.cli.backups",
    "verify": "tui.cli.backups",
    "restore": "tui.cli.backups",
    "drill": "tui.cli.backups",
    "doctor": "tui.cli.practice",
}

# The exceptions of wrong usage are not part of typer's public names, but the base of one that is.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def run() -> None:
    """Run the command that argv names, and end the process with its exit code."""
    process.fill_streams()
    process.forbid_core_files()
    sys.excepthook = _last_words
    sys.unraisablehook = lambda _: None  # it would print values, and so would that of threads
    threading.excepthook = lambda _: None
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        return _run(arguments)
    except ConfrereError as error:
        return _fail(error)
    except OSError as error:
        _silence()
        return _fail(of_system(error))
    except output.ReaderGone:
        _silence()
        return READER_GONE
    except (KeyboardInterrupt, typer.Abort):
        output.note(text("Interrupted."))
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    root = typer.main.get_group(_root())
    try:
        code: Any = root.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except _UsageError as error:
        raise _misused(error) from error
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _root() -> typer.Typer:
    help_text = text("A patient record that lives at the doctor's, and is shared from practice to practice.")
    return family(help=help_text, bare=_open_screens, kind=lazy_group(PLACES))


def _open_screens(asked: Asked) -> None:
    """`confrere` alone: the terminal interface."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misused(problem="The interface needs a terminal.", command=PROGRAM)
    from tui import start

    raise typer.Exit(start.run(asked.folder))


def _fail(error: ConfrereError) -> int:
    output.note(sentence(error))
    return error.exit_code


def _misused(error: Any) -> Misused:
    """Our own sentence for what typer found wrong: its words are English, and quote what was typed."""
    command = error.ctx.command_path if getattr(error, "ctx", None) is not None else PROGRAM
    parameter = _parameter(error)
    match type(error).__name__:
        case "NoSuchOption":
            problem = text("There is no option {option}.").format(option=error.option_name)
        case "BadOptionUsage":
            problem = text("The option {option} is used wrongly.").format(option=error.option_name)
        case "MissingParameter":
            problem = text("{parameter} is missing.").format(parameter=parameter)
        case "BadParameter" if choices := _choices(error):
            problem = text("The value of {parameter} is none of: {choices}.").format(
                parameter=parameter, choices=", ".join(choices)
            )
        case "BadParameter":
            problem = text("The value of {parameter} is none that is allowed.").format(parameter=parameter)
        case _:
            problem = text("There are more words than this command takes.")
    return Misused(problem=problem, command=command)


def _parameter(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "?"
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name.upper())


def _choices(error: Any) -> list[str]:
    """The words that a parameter takes, where it takes only some."""
    parameter: Any = getattr(error, "param", None)
    if not hasattr(parameter, "get_runtime_param"):
        return []
    named = getattr(parameter.get_runtime_param(), "annotation", None)
    kinds = (named, *get_args(named))
    return [str(one.value) for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum) for one in kind]


def _silence() -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _last_words(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    """One sentence with the type of the error alone: a traceback may show a patient."""
    sys.stderr.write(sentence(ConfrereError(detail=kind.__name__)) + "\n")
    sys.stderr.flush()
    os._exit(OWN_FAULT)  # the interpreter would end with 1


if __name__ == "__main__":
    run()
