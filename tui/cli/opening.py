"""The passphrase, and opening a record with it. It comes from a prompt on the terminal or from a file descriptor.

Nothing of `sync` is imported here: a chart opens without it (`tui.cli.desk` opens the rest). Only where a command has
written, and a consent is standing, it is, to let that go out.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from localstore import followed, paths, reported, staff
from localstore.database import DatabaseError
from localstore.errors import BadInput, Busy, ConfrereError, DamagedStore, DiskFull, Locked
from localstore.keys.keyring import MAX_PASSPHRASE_BYTES
from localstore.practice import Practice, unlock
from localstore.roles import Right, may
from tui.cli import asking, output
from tui.cli.commands import Asked
from tui.cli.errors import FileTrouble
from tui.words.catalogue import text

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
    """The practice, open; a practice that is not there is noticed before anything is asked. What was written goes out,
    where a standing consent covers it."""
    paths.require_practice(asked.folder)
    with unlocked_with(asked, passphrase(asked)) as practice:
        before = practice.connection.total_changes
        yield practice
        if practice.is_open and _wrote(practice, before):
            from tui.cli import following  # which knows of colleagues: what reads a chart never loads that

            following.follow_from(practice)


def _wrote(practice: Practice, before: int) -> bool:
    """Whether something was written since, that a standing consent may cover."""
    record = practice.connection
    return record.total_changes != before and bool(followed.due(record, practice.today()))


@contextmanager
def unlocked_with(asked: Asked, secret: str) -> Iterator[Practice]:
    """As `unlocked`, with a passphrase that was asked for before. Where a doctor opens it, the passphrases of those
    whose last day is over are dropped, and that is told."""
    with store_errors():
        practice = unlock(asked.folder, secret)
        try:
            if may(practice.user.role, Right.GOVERN):
                for user in staff.drop_ended(practice):
                    output.note(text("The access of {name} ended on {date}.").format(name=user.name, date=user.until))
            yield practice
        finally:
            practice.close()


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
    if reported.is_own_fault(error):
        return reported.own_fault(error)
    return DamagedStore(file="record.db", seen="SQLite cannot read or write it")
