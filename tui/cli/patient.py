"""`confrere patient`: one family of commands, gathered from the modules that declare them."""

from tui.cli import identities, patients, rights

commands = patients.commands
DECLARING = (identities, rights)
