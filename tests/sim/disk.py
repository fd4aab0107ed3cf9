"""The disk: every commit of every simulated process, before or after which it may die.

It stands where SQLite's connections are made. What happens between BEGIN and COMMIT is one atomic change, so a process
can die between two commits or, seen from outside, at one: it took place, or it did not. The `head` file is written
after the commit, so there is a moment in which it is one commit old.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localstore import database


class Crash(BaseException):
    """The process was killed."""


class Process:
    """One process of a practice: a window in which the record is open, or the daemon."""

    def __init__(self, name: str, between: "Callable[[Process], None]", died: "Callable[[Process], None]") -> None:
        """`between` is called where another process may work; `died` when this one was killed."""
        self.name = name
        self.alive = True
        self.connections: list[Any] = []
        self._between = between
        self._died = died
        self._fuse: int | None = None
        self._after = False

    def kill_at(self, commit: int, *, after: bool) -> None:
        """Die at the commit that is so many ahead, 0 being the next one: before it, or right after it."""
        self._fuse, self._after = commit, after

    def spare(self) -> None:
        """Do not die after all."""
        self._fuse = None

    def die(self) -> None:
        """Now; nothing of it ever reaches a disk again."""
        if self.alive:
            self.alive = False
            self._died(self)

    def check(self) -> None:
        """Raise Crash when it was killed."""
        if not self.alive:
            raise Crash(self.name)

    def begins(self) -> None:
        """It is about to write."""
        self.check()
        self._between(self)
        self.check()

    def commits_now(self) -> None:
        """It is about to commit."""
        self.check()
        if self._fuse == 0 and not self._after:
            self.die()
            raise Crash(self.name)

    def committed(self) -> None:
        """It has committed, and does not know it yet."""
        if self._fuse == 0:
            self.die()
            raise Crash(self.name)
        if self._fuse is not None:
            self._fuse -= 1
        self._between(self)

    def holds(self, file: str) -> bool:
        """Whether it is in the middle of a transaction on this file."""
        return any(one.file == file and one.in_transaction for one in self.connections)

    def forget(self) -> None:
        """Take its connections away, as the end of a process does."""
        for one in list(self.connections):
            if one.in_transaction:
                one.execute("ROLLBACK")
            one.close()


class Disk:
    """Whose connections are being opened."""

    def __init__(self) -> None:
        self.commits = 0
        self._opening: Process | None = None

    @contextmanager
    def used_by(self, process: Process | None) -> Iterator[None]:
        """What is opened in this block belongs to the process."""
        before, self._opening = self._opening, process
        try:
            yield
        finally:
            self._opening = before

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Every connection that is made in this block is one of this disk."""
        disk, real = self, database._Watched

        class Watched(real):  # type: ignore[misc, valid-type]  # the class of all connections, which has no stubs
            def __init__(self, database_uri: str, *args: Any, **kwargs: Any) -> None:
                super().__init__(database_uri, *args, **kwargs)
                self.file = Path(database_uri.partition("?")[0]).name
                self.process = disk._opening
                if self.process is not None:
                    self.process.connections.append(self)

            def close(self) -> None:
                if self.process is not None and self in self.process.connections:
                    self.process.connections.remove(self)
                super().close()

            def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
                process = self.process
                if process is None or sql not in ("BEGIN IMMEDIATE", "COMMIT"):
                    return super().execute(sql, parameters)
                if sql == "COMMIT":
                    process.commits_now()
                    done = super().execute(sql)
                    disk.commits += 1
                    process.committed()
                    return done
                process.begins()
                return super().execute(sql)

        database._Watched = Watched  # type: ignore[assignment, misc]
        try:
            yield
        finally:
            database._Watched = real  # type: ignore[misc]
