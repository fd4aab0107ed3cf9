"""`confrere daemon`: becoming the sync daemon, seeing what it does, where it listens, stopping it."""

import re
import sys
from typing import Annotated, Any

import msgspec
import typer

from localstore import paths, settings
from localstore.errors import BadInput
from localstore.settings import Network
from sync import desk as desk_room
from sync.errors import AlreadyRunning
from sync.post_office import daybook, status
from sync.post_office.status import Status
from tui.cli import opening, output, unattended
from tui.cli.chart import field
from tui.cli.commands import Asked, command, family
from tui.dates import shown_moment
from tui.words.catalogue import text
from tui.words.marking import message


def become(asked: Asked) -> None:
    """Unlock, and become the daemon: this process goes on as one that never had the record's key."""
    folder = paths.require_practice(asked.folder)
    if pid := status.holder(folder):
        raise AlreadyRunning(pid=pid)
    with opening.unlocked(asked) as practice:
        desk = desk_room.establish(practice)
        key = desk.postbox_key
        desk.postbox.close()
    from sync.post_office import launch  # brings the network libraries along

    output.note(text("The sync daemon starts in this terminal; Ctrl-C stops it."))
    sys.stdout.flush()
    launch.become(folder, key)


commands = family()
# Sentences of the post office (`sync.post_office.ledger`).
SAID = frozenset(
    {
        message("listens on port {count}"),
        message("listens to nobody"),
        message("sent {count} envelopes"),
        message("received {count} envelopes"),
        message("a session began"),
        message("the machine has slept or its clock was set; calling everybody again"),
    }
)
LOG_LINES = 40  # as many as a terminal shows
MAX_INTERFACES = 16  # more names than that are no choice
MAX_PORT = 65535
Lines = Annotated[int, typer.Option("--lines", metavar="N", min=1, help=text("How many lines, the newest."))]
Interfaces = Annotated[
    list[str] | None,
    typer.Option(
        "--interface", metavar="ADDRESS|NAME", help=text("Listen on this interface only; may be given several times.")
    ),
]
Everywhere = Annotated[bool, typer.Option("--all-interfaces", help=text("Listen on every interface."))]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", min=0, max=MAX_PORT, help=text("Always this port; 0: another one each time.")),
]
Discovery = Annotated[
    bool | None,
    typer.Option("--discovery/--no-discovery", help=text("Whether colleagues can find this practice on the network.")),
]
daemon_commands = family(
    "daemon",
    help=text("Run the sync daemon, which carries sealed envelopes; it never sees the record."),
    bare=become,
)
commands.add_typer(daemon_commands, name="daemon")
daemon_commands.add_typer(unattended.commands, name="unattended")


@command(daemon_commands, "status", text("Say whether the sync daemon runs, and what it did."))
def show(asked: Asked) -> None:
    """The daemon's own report; no passphrase is needed."""
    folder = paths.require_practice(asked.folder)
    found, network = status.read(folder), settings.read(folder).network
    if asked.as_json:
        output.document(_shape(found) | {"network": _network_shape(network)})
        return
    if found.running:
        output.say(text("The sync daemon runs (process {pid}).").format(pid=found.pid))
    else:
        output.say(text("The sync daemon does not run."))
    for name, value in [*(_lines(found) if found.running else []), *_network_lines(network)]:
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


@command(daemon_commands, "log", text("Show what the sync daemon did lately, without names."))
def log(asked: Asked, lines: Lines = LOG_LINES) -> None:
    """The newest lines of its log, oldest first; no passphrase is needed."""
    found = daybook.last(paths.require_practice(asked.folder), lines)
    if asked.as_json:
        parted = [line.partition(" ") for line in found]
        output.document([{"id": str(place), "at": at, "said": said} for place, (at, _, said) in enumerate(parted, 1)])
        return
    for line in found:
        at, _, said = line.partition(" ")
        output.say(f"{at} {_in_words(said)}")
    if not found:
        output.note(text("The sync daemon has written nothing yet."))


@command(daemon_commands, "network", text("Show or choose where the sync daemon listens, and whether it is announced."))
def network(
    asked: Asked,
    interface: Interfaces = None,
    all_interfaces: Everywhere = False,
    port: Port = None,
    discovery: Discovery = None,
) -> None:
    """Without options, shows the settings. A daemon that runs follows within a few seconds; no passphrase is needed."""
    folder = paths.require_practice(asked.folder)
    before = settings.read(folder)
    chosen = before.network
    if interface and all_interfaces:
        raise BadInput(what="Either some interfaces, or all.", remedy="Leave one of the two options out.")
    if interface or all_interfaces:
        chosen = msgspec.structs.replace(chosen, interfaces=_checked(interface or []))
    if port is not None:
        chosen = msgspec.structs.replace(chosen, port=port)
    if discovery is not None:
        chosen = msgspec.structs.replace(chosen, discovery=discovery)
    if chosen != before.network:
        settings.write(folder, msgspec.structs.replace(before, network=chosen))
    if asked.as_json:
        output.document({"id": "network"} | _network_shape(chosen))
        return
    for name, value in _network_lines(chosen):
        output.say(field(name, value))


def _in_words(said: str) -> str:
    """What the daemon did, in the user's language; a trouble stays as it was written down."""
    count = re.search(r"\d+", said)
    words = re.sub(r"\d+", "{count}", said, count=1)
    return text(words).format(count=count.group() if count else "") if words in SAID else said


def _checked(interfaces: list[str]) -> tuple[str, ...]:
    """The interfaces, each once. One that is named must be there: a mistyped name would listen nowhere. An address may
    belong to another network than the present one. Raises BadInput."""
    from sync.post_office import places  # brings the network libraries along

    if len(interfaces) > MAX_INTERFACES:
        raise BadInput(what="These are too many interfaces.", remedy="Choose them all: --all-interfaces.")
    for one in interfaces:
        if not places.is_address(one) and not places.to_listen_on((one,)):
            what = "“{interface}” is neither an address nor an interface of this machine."
            raise BadInput(what=what, interface=one, remedy="Give an address, for instance 192.168.1.20.")
    return tuple(dict.fromkeys(interfaces))


def _network_shape(chosen: Network) -> dict[str, Any]:
    return {"interfaces": list(chosen.interfaces), "port": chosen.port, "discovery": chosen.discovery}


def _network_lines(chosen: Network) -> list[tuple[str, object]]:
    return [
        (text("Listens on"), ", ".join(chosen.interfaces) or text("every interface")),
        (text("Chosen port"), chosen.port or text("another one each time")),
        (text("Announced on the network"), text("yes") if chosen.discovery else text("no")),
    ]
