"""Families of commands whose name alone lists: `confrere agenda` is `confrere agenda day`, with all its options."""

from typing import Any

from tui.cli.commands import Group

HELP = frozenset({"--help", "-h"})


def listing_first(name: str) -> type[Group]:
    """A group that puts the command `name` in where none of its commands is named."""

    class First(Group):
        """A family with a command that goes without saying."""

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """The words after the family's name."""
            if not {*self.list_commands(ctx), *HELP}.intersection(args):
                args = [name, *args]
            return super().parse_args(ctx, args)

    return First
