"""The passphrase, and opening a practice with it. It comes from a prompt on the terminal or from a file descriptor."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from localstore import paths
from localstore.database import DatabaseError
from localstore.errors import BadInput, Busy, ConfrereError, DamagedStore, Locked
from localstore.keyring import MAX_PASSPHRASE_BYTES
from localstore.practice import Practice, unlock
from sync import desk as desk_room
from sync import reception, sharing
from sync.desk import Desk
from tui.cli import asking, output
from tui.cli.commands import Asked
from tui.cli.errors import DiskFull, FileTrouble
from tui.words.catalogue import text, texts

_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_FULL = 5, 6, 8, 10, 13


def passphrase(asked: Asked) -> str:
    """The passphrase of an existing practice. Raises Locked when there is no way to ask for it."""
    if asked.passphrase_fd is not None:
        return passphrase_from(asked.passphrase_fd)
    if not asking.is_possible():
        raise Locked
    return asking.secret(text("Passphrase: "))


def passphrase_from(descriptor: int) -> str:
    """The first line of a file descriptor. What follows it is left unread: stdin may go on with something else."""
    line = bytearray()
    try:
        while len(line) <= MAX_PASSPHRASE_BYTES and (letter := os.read(descriptor, 1)) not in (b"", b"\n"):
            line += letter
    except OSError as error:
        name = text("The file descriptor {number}").format(number=descriptor)
        raise FileTrouble(file=name, reason=error.strerror or "") from error
    try:
        return line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(what="The passphrase is not in UTF-8.", remedy="Check how it is given.") from error


@contextmanager
def unlocked(asked: Asked) -> Iterator[Practice]:
    """The practice, open; a practice that is not there is noticed before anything is asked."""
    paths.require_practice(asked.folder)
    secret = passphrase(asked)
    with store_errors():
        practice = unlock(asked.folder, secret)
        try:
            yield practice
        finally:
            practice.close()


@contextmanager
def at_the_desk(asked: Asked) -> Iterator[Desk]:
    """The practice with its desk, after what has arrived was opened and what was interrupted was finished."""
    with unlocked(asked) as practice:
        desk = desk_room.establish(practice)
        try:
            sharing.settle_revocations(desk)
            announce(reception.collect(desk))
            yield desk
        finally:
            desk.postbox.close()


def announce(collected: reception.Collected) -> None:
    """Say on stderr what is new in the inbox."""
    for count, words in (
        (
            collected.extracts,
            texts("{count} new extract arrived.", "{count} new extracts arrived.", collected.extracts),
        ),
        (
            collected.withdrawals,
            texts(
                "{count} extract was withdrawn by its author.",
                "{count} extracts were withdrawn by their authors.",
                collected.withdrawals,
            ),
        ),
        (
            collected.set_aside,
            texts(
                "{count} document was set aside, with its reason.",
                "{count} documents were set aside, with their reasons.",
                collected.set_aside,
            ),
        ),
    ):
        if count:
            output.note(words.format(count=count) + " " + text("See: confrere inbox"))


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what SQLite reports into a sentence."""
    try:
        yield
    except DatabaseError as error:
        raise _of_database(error) from error


def _of_database(error: DatabaseError) -> ConfrereError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte; above it stands the kind of the kind
    if code == _SQLITE_FULL:
        return DiskFull()
    if code in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return Busy()
    if code == _SQLITE_READONLY:
        return FileTrouble(file="record.db", reason="Read-only file system")
    if code == _SQLITE_IOERR:
        return DamagedStore(file="record.db", seen="the disk reports an error")
    return DamagedStore(file="record.db", seen="SQLite cannot read or write it")
