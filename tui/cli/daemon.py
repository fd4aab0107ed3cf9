"""`confrere daemon`: becoming the sync daemon, seeing what it does, stopping it."""

import sys
from typing import Any

from localstore import paths
from sync import desk as desk_room
from sync import status
from sync.errors import AlreadyRunning
from sync.status import Status
from tui.cli import opening, output
from tui.cli.chart import field
from tui.cli.commands import Asked, command, family
from tui.dates import shown_moment
from tui.words.catalogue import text


def become(asked: Asked) -> None:
    """Unlock, and become the daemon: this process goes on as one that never had the record's key."""
    folder = paths.require_practice(asked.folder)
    if pid := status.holder(folder):
        raise AlreadyRunning(pid=pid)
    with opening.unlocked(asked) as practice:
        desk = desk_room.establish(practice)
        key = desk.postbox_key
        desk.postbox.close()
    from sync import launch  # brings the network libraries along

    output.note(text("The sync daemon starts in this terminal; Ctrl-C stops it."))
    sys.stdout.flush()
    launch.become(folder, key)


commands = family()
daemon_commands = family(
    "daemon",
    help=text("Run the sync daemon, which carries sealed envelopes; it never sees the record."),
    bare=become,
)
commands.add_typer(daemon_commands, name="daemon")


@command(daemon_commands, "status", text("Say whether the sync daemon runs, and what it did."))
def show(asked: Asked) -> None:
    """The daemon's own report; no passphrase is needed."""
    found = status.read(paths.require_practice(asked.folder))
    if asked.as_json:
        output.document(_shape(found))
        return
    if not found.running:
        output.say(text("The sync daemon does not run."))
        return
    output.say(text("The sync daemon runs (process {pid}).").format(pid=found.pid))
    if found.report is not None:
        for name, value in _lines(found):
            output.say("  " + field(name, value))


def _lines(found: Status) -> list[tuple[str, object]]:
    report = found.report
    if report is None:
        return []
    lines: list[tuple[str, object]] = [
        (text("Since"), shown_moment(report.since)),
        (text("Port"), report.port),
        (text("Colleagues connected"), report.connected),
        (text("Envelopes sent"), report.sent),
        (text("Envelopes received"), report.received),
        (text("Last contact"), shown_moment(report.last_contact)),
        (text("Last trouble"), report.last_error),
    ]
    return [(name, value) for name, value in lines if value != ""]


def _shape(found: Status) -> dict[str, Any]:
    report = found.report or status.Report(found.pid, "")
    return {
        "id": "daemon",
        "running": found.running,
        "pid": found.pid,
        "since": report.since,
        "port": report.port,
        "connected": report.connected,
        "sent": report.sent,
        "received": report.received,
        "last_contact": report.last_contact,
        "last_error": report.last_error,
    }


@command(daemon_commands, "stop", text("Stop the sync daemon of this practice."))
def stop(asked: Asked) -> None:
    """Stop it, and wait until it has ended; that none runs is no error."""
    stopped = status.stop(paths.require_practice(asked.folder))
    if asked.as_json:
        output.document({"id": "daemon", "stopped": stopped})
    else:
        output.say(text("The sync daemon has stopped.") if stopped else text("The sync daemon does not run."))
