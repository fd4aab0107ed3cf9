"""`confrere demo`: two synthetic practices on this machine, end to end."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui.cli.commands import Asked, command, family
from tui.words.catalogue import text

commands = family()

Keep = Annotated[
    Path | None, typer.Option("--keep", metavar="DIR", help=text("Make the practices in this folder, and leave them."))
]
NoScreens = Annotated[bool, typer.Option("--no-tui", help=text("Do not offer to open the interface at the end."))]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help=text("Other synthetic patients for another number."))]


@command(commands, "demo", text("Show two practices on this machine exchanging an extract. Leaves nothing behind."))
def demo(asked: Asked, keep: Keep = None, no_tui: NoScreens = False, seed: Seed = 1) -> None:
    """Run the demonstration; it asks something only on a terminal."""
    from tui.demo import demonstration  # brings everything along

    talks = not no_tui and not asked.as_json and sys.stdin.isatty() and sys.stdout.isatty()
    demonstration.run(keep=keep, interactive=talks, seed=seed, as_json=asked.as_json)
