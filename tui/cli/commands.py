"""How commands are declared: the options that every command takes, families that load when they are needed, help pages.

`--practice`, `--passphrase-fd`, `--json` and `--version` may stand before the command or after it; the nearer wins.
"""

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import update_wrapper
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from localstore import paths
from tui.cli import manual, output
from tui.cli.errors import Misused
from tui.words.catalogue import text

PROGRAM = "confrere"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options common to all commands say."""

    practice: Path | None = None
    passphrase_fd: int | None = None
    as_json: bool = False

    @property
    def folder(self) -> Path:
        """The practice folder."""
        return self.practice if self.practice is not None else paths.default_folder()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # slow to load, and needed here only

        output.say(f"{PROGRAM} {metadata.version(PROGRAM)}")
        raise typer.Exit


_Practice = Annotated[
    Path | None, typer.Option("--practice", metavar="DIR", help=text("The folder of the practice."), show_default=False)
]
_PassphraseFd = Annotated[
    int | None,
    typer.Option("--passphrase-fd", metavar="N", help=text("Read the passphrase from this file descriptor.")),
]
_Json = Annotated[bool, typer.Option("--json", help=text("Print one JSON document on stdout."))]
_Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_print_version, help=text("Print the version."))
]


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_COMMON = [
    _keyword("practice", _Practice, None),
    _keyword("passphrase_fd", _PassphraseFd, None),
    _keyword("as_json", _Json, False),
    _keyword("print_version", _Version, False),
]
_CONTEXT = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


class Command(TyperCommand):
    """A command with our own help page."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """The help page."""
        return manual.page(ctx)


class Group(TyperGroup):
    """A family of commands with our own help page and our own sentence for a word that it does not know."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """The help page."""
        return manual.page(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names. Raises Misused."""
        if self.get_command(ctx, args[0]) is None:
            known = ", ".join(self.list_commands(ctx))
            problem = text("There is no command “{word}” here; there are: {known}.").format(word=args[0], known=known)
            raise Misused(problem=problem, command=ctx.command_path)
        return super().resolve_command(ctx, args)


def family(
    name: str | None = None,
    *,
    help: str = "",
    bare: Callable[[Asked], None] | None = None,
    kind: type[Group] = Group,
) -> typer.Typer:
    """A family of commands; `bare` is what its name alone does. Without it a command must follow."""
    made = typer.Typer(name=name, cls=kind, help=help, add_completion=False, rich_markup_mode=None)

    def start(context: typer.Context, **values: Any) -> None:
        context.obj = _merge(context.obj, values)
        if context.invoked_subcommand is not None:
            return
        if bare is None:
            raise Misused(problem=text("A command is missing."), command=context.command_path)
        bare(context.obj)

    made.callback(cls=kind, help=help, invoke_without_command=True)(_declared(start, [_CONTEXT, *_COMMON]))
    return made


def command(
    made: typer.Typer, name: str, help: str, options: Mapping[str, Any] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a command: a function whose first parameter is what was Asked, and the others its own.

    `options` are further ones, by name, that several commands share; the function takes them as keywords, None where
    they were not given.
    """
    shared = [_keyword(option, annotation, None) for option, annotation in (options or {}).items()]

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        found = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        own = [_keyword(one.name, one.annotation, one.default) for one in found if one.kind is not one.VAR_KEYWORD]

        def called(context: typer.Context, **values: Any) -> None:
            asked = _merge(context.obj, values)
            _forget_left()
            function(asked, **{one.name: values[one.name] for one in (*own, *shared)})

        update_wrapper(called, function)
        made.command(name, cls=Command, help=help)(_declared(called, [_CONTEXT, *own, *shared, *_COMMON]))
        return function

    return declare


def _forget_left() -> None:
    """Remove what a command or a window that was killed had opened in other programs: from memory, before anything else
    is done."""
    from localstore.documents import memory  # only where a command runs: `--help` and `--version` do not wait for it

    memory.sweep(memory.in_memory(os.environ))


def _declared(function: Callable[..., None], parameters: list[inspect.Parameter]) -> Callable[..., None]:
    """Give a function the signature that typer is to read."""
    vars(function).pop("__wrapped__", None)
    vars(function)["__signature__"] = inspect.Signature(parameters)
    function.__annotations__ = {one.name: one.annotation for one in parameters}
    return function


def _merge(before: Asked | None, values: Mapping[str, Any]) -> Asked:
    asked = before or Asked()
    if values["practice"] is not None:
        asked = replace(asked, practice=values["practice"])
    if values["passphrase_fd"] is not None:
        asked = replace(asked, passphrase_fd=values["passphrase_fd"])
    return replace(asked, as_json=asked.as_json or values["as_json"])


def lazy_group(places: Mapping[str, str]) -> type[Group]:
    """A group whose commands are loaded from the modules that `places` names, when one of them is wanted."""

    class Lazy(Group):
        """The root of the commands."""

        def list_commands(self, ctx: Any) -> list[str]:
            """The names, in the order of the table."""
            return list(places)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            """Load the family of one command."""
            if cmd_name not in places:
                return None
            loaded = typer.main.get_group(import_module(places[cmd_name]).commands)
            return loaded.get_command(ctx, cmd_name)

    return Lazy
