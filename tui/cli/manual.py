"""The help page of a command, in the user's language."""

import shutil
import textwrap
from collections.abc import Sequence
from typing import Any

from tui.words.catalogue import text

INDENT = "  "
NARROW, WIDE = 60, 100  # columns between which a page follows the terminal
LONGEST_TERM = 30  # a longer option has its words on the next line


def page(context: Any) -> str:
    """The page of the command that the context is about."""
    command = context.command
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    is_group = hasattr(command, "list_commands")
    usage = [context.command_path, text("[OPTIONS]"), *(_usage(one) for one in arguments)]
    parts = [f"{text('Usage:')} {' '.join(usage + [text('COMMAND')] * is_group)}", _wrapped(command.help or "")]
    if is_group:
        parts.append(_section(text("Commands:"), [_summary(context, name) for name in command.list_commands(context)]))
    parts.append(_section(text("Arguments:"), [(_name(one), one.help or "") for one in arguments]))
    for panel, grouped in _panels(options).items():
        parts.append(_section(panel or text("Options:"), [_option(one) for one in grouped]))
    return "\n\n".join(filter(None, parts))


def _panels(options: Sequence[Any]) -> dict[str, list[Any]]:
    """The options under the headings that they name; those that name none come last."""
    found: dict[str, list[Any]] = {}
    for one in sorted(options, key=lambda option: not getattr(option, "rich_help_panel", None)):
        found.setdefault(getattr(one, "rich_help_panel", None) or "", []).append(one)
    return found


def _columns() -> int:
    return max(NARROW, min(WIDE, shutil.get_terminal_size().columns))


def _wrapped(words: str) -> str:
    paragraphs = (" ".join(paragraph.split()) for paragraph in words.split("\n\n"))
    return "\n\n".join(
        textwrap.fill(paragraph, _columns(), initial_indent=INDENT, subsequent_indent=INDENT)
        for paragraph in paragraphs
        if paragraph
    )


def _section(title: str, lines: Sequence[tuple[str, str]]) -> str:
    if not lines:
        return ""
    wide = min(LONGEST_TERM, max(len(term) for term, _ in lines))
    return "\n".join((title, *(_line(term, words, wide) for term, words in lines)))


def _line(term: str, words: str, wide: int) -> str:
    room = " " * (len(INDENT) * 2 + wide)
    body = textwrap.wrap(words, _columns() - len(room)) or [""]
    if len(term) > wide:
        return "\n".join((INDENT + term, *(room + line for line in body)))
    first = f"{INDENT}{term.ljust(wide)}{INDENT}{body[0]}".rstrip()
    return "\n".join((first, *(room + line for line in body[1:])))


def _summary(context: Any, name: str) -> tuple[str, str]:
    command = context.command.get_command(context, name)
    return name, (command.help or "").split("\n\n")[0]


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _usage(argument: Any) -> str:
    name = _name(argument) + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> tuple[str, str]:
    if option.name == "help":
        return ", ".join(option.opts), text("Show this page.")
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    words = option.help or ""
    if option.required:
        words += f" ({text('required')})"
    return ", ".join((*option.opts, *option.secondary_opts)) + value, words
