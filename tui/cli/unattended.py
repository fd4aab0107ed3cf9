"""`confrere daemon unattended`: whether the sync daemon may start without a passphrase, and the service for that."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from localstore import paths
from localstore.database import transaction
from localstore.errors import BadInput, ConfrereError
from localstore.roles import Right
from sync import desk as desk_room
from sync.errors import NotUnattended
from sync.post_office import status as daemon_status
from sync.post_office import unattended
from tui.cli import opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.errors import FileTrouble
from tui.words.catalogue import sentence, text

Installed = Annotated[
    bool, typer.Option("--install", help=text("Write it where systemd looks, instead of printing it."))
]
commands = family(
    "unattended", help=text("Let the sync daemon start without a passphrase: its key in the keyring of the system.")
)


@command(commands, "on", text("Put the key of the postbox, never that of the record, into the keyring of the system."))
def on(asked: Asked) -> None:
    """Only a doctor may; it stands in the history."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.GOVERN)
        desk = desk_room.establish(practice)
        try:
            _set(desk, True)
        finally:
            desk.postbox.close()
    if asked.as_json:
        output.document({"id": "unattended", "on": True})
        return
    output.say(text("The sync daemon may now start without a passphrase. No patient can be seen with this key."))
    output.say(text("To start it with each session: confrere daemon unattended service --install"))


def _set(desk: desk_room.Desk, on: bool) -> bool:
    """Put the key into the keyring, or take it out, with its line in the history. Whether there was anything to do.

    The keyring may wait for somebody to unlock it: never while the record is held for writing. And no key is in it that
    the history doesn't know of.
    """
    folder = desk.practice.folder
    if not on:
        was_on = unattended.forget(folder)
        _note(desk, False)
        return was_on
    with suppress(BadInput):  # none is there, or one that is no key: it is asked for so that it is unlocked
        unattended.kept(folder)
    _note(desk, True)
    try:
        unattended.keep(folder, desk.postbox_key)
    except BaseException:
        _note(desk, False)
        raise
    return True


def _note(desk: desk_room.Desk, on: bool) -> None:
    with transaction(desk.practice.connection):
        desk.practice.log("unattended-set", detail="on" if on else "off")


@command(commands, "off", text("Take the key out of the keyring, and stop the sync daemon."))
def off(asked: Asked) -> None:
    """Afterwards it starts with a passphrase only."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.GOVERN)
        desk = desk_room.establish(practice)
        stopped = daemon_status.stop(asked.folder)  # also where the keyring gives nothing up
        try:
            was_on = _set(desk, False)
        finally:
            desk.postbox.close()
    if asked.as_json:
        output.document({"id": "unattended", "on": False, "was_on": was_on, "stopped": stopped})
        return
    output.say(text("The sync daemon starts with a passphrase only."))
    if stopped:
        output.say(text("The sync daemon has stopped."))


@command(commands, "status", text("Say whether the keyring holds the key of this practice."))
def status(asked: Asked) -> None:
    """No passphrase is needed; the keyring may ask for its own."""
    folder = paths.require_practice(asked.folder)
    trouble = ""
    try:
        unattended.kept(folder)
        is_on = True
    except NotUnattended:
        is_on = False
    except ConfrereError as error:
        is_on, trouble = False, sentence(error)
    if asked.as_json:
        output.document({"id": "unattended", "on": is_on, "trouble": trouble})
        return
    if is_on:
        output.say(text("The sync daemon may start without a passphrase."))
    else:
        output.say(text("The sync daemon starts with a passphrase only."))
    if trouble:
        output.note(trouble)


@command(commands, "service", text("Print the systemd user service that runs the sync daemon of this practice."))
def service(asked: Asked, install: Installed = False) -> None:
    """The unit file; `--install` writes it, and says how to switch it on."""
    folder = paths.require_practice(asked.folder)
    words, name = unattended.unit(folder), unattended.unit_name(folder)
    if not install:
        if asked.as_json:
            output.document({"id": name, "unit": words})
        else:
            output.raw(words.encode())
        return
    path = _units() / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        paths.write_private(path, words.encode())
    except OSError as error:
        raise FileTrouble(file=str(path), reason=error.strerror or "") from error
    if asked.as_json:
        output.document({"id": name, "file": str(path)})
        return
    output.say(text("Written: {file}").format(file=path))
    output.say(text("Switch it on: systemctl --user enable --now {name}").format(name=name))


def _units() -> Path:
    """Where systemd looks for a user's own services (systemd.unit(5))."""
    configuration = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configuration) if configuration else Path.home() / ".config") / "systemd" / "user"
