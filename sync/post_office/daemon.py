"""The sync daemon.

    python -m sync.post_office.daemon --folder DIR (--key-fd N | --key-from-keyring) [--ready-fd N] [--log]

It reads the postbox's key, 32 bytes, from a file descriptor or the keyring of the system, never from argv or the
environment. It opens the postbox and nothing else of the practice but the settings, writes nothing to a terminal unless
`--log` asks for it, and leaves no core file.
SIGTERM and SIGINT end it in order. With `--ready-fd` it says there, in one line of JSON, that it is ready or why not.
"""

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from localstore import paths, postbox, settings
from localstore.arrivals import IncomingLimits
from localstore.clock import stamp, system_clock
from localstore.crypto import KEY_BYTES
from localstore.database import Connection
from localstore.errors import BadInput, ConfrereError, NoPractice
from localstore.settings import Network
from sync.post_office import certificate, status, unattended
from sync.post_office.daybook import Daybook
from sync.post_office.exchange import Surroundings
from sync.post_office.ledger import Ledger
from sync.post_office.office import House, PostOffice
from sync.post_office.patience import Patience
from sync.post_office.status import Lock
from sync.post_office.tls import Identity
from sync.post_office.worker import PostboxWorker

READY_BYTES = 4096  # of the one line, at most
DESCRIPTORS = 4096  # files and connections, where the system lets us; some allow 256 unless they are asked


class Ready(msgspec.Struct, frozen=True):
    """The one line on the ready descriptor: exit code 0 and no sentence, or why the daemon did not start."""

    exit_code: int = 0
    sentence: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit code."""
    options = _options(arguments)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _allow_descriptors()
    logging.disable()  # libraries log what they meet on the network; what is said here is said below
    try:
        _run(options)
    except ConfrereError as error:
        _say_ready(options.ready_fd, Ready(error.exit_code, str(error)))
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="confrere daemon", description="Carry sealed envelopes between practices.")
    parser.add_argument("--folder", type=Path, required=True, help="the practice's folder")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--key-fd", type=int, help="where the postbox's key is read, 32 bytes")
    where.add_argument("--key-from-keyring", action="store_true", help="read it from the keyring of the system")
    parser.add_argument("--ready-fd", type=int, default=-1, help="where one line of JSON says that it runs, or why not")
    parser.add_argument("--log", action="store_true", help="say on stderr what happens, without names")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> None:
    folder: Path = options.folder.resolve()
    key = unattended.kept(folder) if options.key_from_keyring else _read_key(options.key_fd)
    try:
        lock = Lock(folder)
    except FileNotFoundError:
        raise NoPractice(folder=str(folder)) from None
    _network(folder)  # before anything else is opened
    connection = postbox.open_postbox(paths.postbox(folder), key)
    os.chdir(folder)
    house = House(lambda: _network_again(folder), lambda report: status.write(folder, report), lock.still_ours)
    say = _saying(folder, options.log)
    try:
        asyncio.run(_work(house, connection, say, lambda: _say_ready(options.ready_fd, Ready())))
    except ConfrereError as error:
        say(f"ends: {error}")
        raise
    except BaseException as error:
        say(f"ends without order: {type(error).__name__}")
        raise
    finally:
        lock.release()


def _allow_descriptors() -> None:
    """Have room for every colleague and for strangers at the door, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # then it is what it was
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _network(folder: Path) -> Network:
    """The network settings as they are now. Raises BadInput."""
    try:
        return settings.read(folder).network
    except OSError as error:
        raise BadInput(what="practice.toml could not be read.", remedy="Check who may read the file.") from error


def _network_again(folder: Path) -> Network:
    """The same later on. Raises BadInput with one sentence, which goes into the log: what somebody typed into the file
    may be anything."""
    try:
        return _network(folder)
    except BadInput as error:
        what = "practice.toml cannot be read; the settings from before remain."
        raise BadInput(what=what, remedy="Correct the file.") from error


async def _work(house: House, connection: Connection, say: Callable[[str], None], ready: Callable[[], None]) -> None:
    worker = PostboxWorker(connection)
    try:
        seed, der = postbox.transport(connection)
        own = Identity(seed, der, certificate.public_key(der))
        ledger = Ledger(os.getpid(), system_clock, say)
        around = Surroundings(own, worker, IncomingLimits(), Patience(), system_clock, ledger.sent, ledger.received)
        await PostOffice(house, around, ledger).run(_stop_on_signals(), ready)
    finally:
        worker.close()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _read_key(descriptor: int) -> bytes:
    """The key, from the beginning of what the descriptor gives; closes it. Raises BadInput."""
    key = b""
    try:
        while len(key) < KEY_BYTES and (piece := os.read(descriptor, KEY_BYTES - len(key))):
            key += piece
        if descriptor > sys.stderr.fileno():
            os.close(descriptor)
    except OSError as error:
        raise BadInput(what="The key could not be read.", remedy="Check --key-fd.") from error
    if len(key) != KEY_BYTES:
        raise BadInput(what="A key has {count} bytes.", count=KEY_BYTES, remedy="Check what is written to --key-fd.")
    return key


def _say_ready(descriptor: int, line: Ready) -> None:
    """Tell whoever started this daemon, once, and leave the descriptor to nobody."""
    if descriptor < 0:
        return
    os.write(descriptor, msgspec.json.encode(line) + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor)
    os.close(nothing)


def _saying(folder: Path, aloud: bool) -> Callable[[str], None]:
    """What writes a sentence into the log, and says it on stderr where that was asked for."""
    daybook = Daybook(folder)

    def say(text: str) -> None:
        moment = stamp(system_clock())
        daybook.note(moment, text)
        if aloud:
            print(moment, text, file=sys.stderr, flush=True)

    return say


if __name__ == "__main__":
    sys.exit(main())
