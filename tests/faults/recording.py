"""A trace of strace read as events on the files of one folder: what was written, made durable, renamed, and said.

What the model of the disk (`tests.faults.disk`) does not know is an error here, so that no change to a file can be
missed in silence: two threads that write, a file written through memory, a folder in the folder. The one exception is
SQLite's `-shm` file, which is shared memory with a name: SQLite never reads it before it has made it anew.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\w+)(.*)$")
_HEX = re.compile(r"(?:\\x[0-9a-f]{2})*")
_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_FD = re.compile(r"(-?\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)(?:\(deleted\))?>")


class Made(NamedTuple):
    """A new, empty file got a name. `node` numbers files, so that two that bear one name in turn are told apart."""

    name: str
    node: int


class Wrote(NamedTuple):
    """Bytes at an offset."""

    node: int
    offset: int
    data: bytes


class Resized(NamedTuple):
    """The file was cut or filled up with zeros to `size`."""

    node: int
    size: int


class Synced(NamedTuple):
    """What was written to this file before is on the disk: fsync and fdatasync, which keeps what is needed to read."""

    node: int


class SyncFailed(NamedTuple):
    """The disk reported an error: of what was written to this file since the last sync, anything may be gone for ever,
    although it is still read back. A later sync does not write it again."""

    node: int


class Renamed(NamedTuple):
    """A name became another, over what had that one; of which file, `node` says."""

    source: str
    target: str
    node: int


class Removed(NamedTuple):
    """A name was taken away."""

    name: str


class FolderSynced(NamedTuple):
    """The names in the folder are on the disk."""


class Said(NamedTuple):
    """The process told the world something: a line on its stdout."""

    text: str


Event = Made | Wrote | Resized | Synced | SyncFailed | Renamed | Removed | FolderSynced | Said


class Unmodelled(Exception):
    """The trace holds a change that the model does not know."""


def read(trace: Path, folder: Path, names: Iterable[str]) -> list[Event]:
    """The events of a trace, in order, on the files of `folder`, which held the files `names` when it began. These are
    numbered from 0 in their order. Raises Unmodelled."""
    reader = _Reader(folder, list(names))
    with trace.open(encoding="ascii") as lines:
        return [event for line in lines for event in reader.line(line.rstrip("\n"))]


class _Open:
    """An open file: its number, and where the next plain write goes."""

    def __init__(self, node: int | None, position: int, appends: bool) -> None:
        self.node, self.position, self.appends = node, position, appends


class _Reader:
    def __init__(self, folder: Path, names: list[str]) -> None:
        self._folder = str(folder)
        self._nodes = {name: number for number, name in enumerate(names)}
        self._next = len(names)
        self._open: dict[int, _Open] = {}

    def line(self, line: str) -> Iterator[Event]:
        """The events of one line."""
        found = _CALL.match(line)
        if found is None:
            if "unfinished" in line or "resumed" in line:
                raise Unmodelled(f"two threads at once: {line[:200]}")
            return  # a signal, or the end of the process
        name, arguments, result, _ = found.groups()
        if name in ("fsync", "fdatasync") and result.startswith("-"):
            yield from self._failed_sync(arguments)
        if result.startswith("-") or result == "?":
            return  # it failed, so it changed nothing more
        handler = getattr(self, f"_{name}", None)
        if handler is not None:
            yield from handler(arguments, int(result, 0))
        elif self._concerns(arguments):
            raise Unmodelled(f"{name} on a file of the folder")

    # --- each system call by its name ---------------------------------------------------------------------------

    def _openat(self, arguments: str, descriptor: int) -> Iterator[Event]:
        name = self._name(_strings(arguments)[0])
        if name is None:
            return
        flags = arguments.rpartition('"')[2]
        if name == "":
            self._open[descriptor] = _Open(None, 0, False)
            return
        if name not in self._nodes:
            self._nodes[name] = self._next
            self._next += 1
            yield Made(name, self._nodes[name])
        elif "O_TRUNC" in flags:
            yield Resized(self._nodes[name], 0)
        self._open[descriptor] = _Open(self._nodes[name], 0, "O_APPEND" in flags)

    def _close(self, arguments: str, _result: int) -> Iterator[Event]:
        self._open.pop(_descriptor(arguments), None)
        return iter(())

    def _lseek(self, arguments: str, result: int) -> Iterator[Event]:
        if file := self._file(arguments):
            file.position = result
        return iter(())

    def _pwrite64(self, arguments: str, result: int) -> Iterator[Event]:
        file = self._file(arguments)
        if file is not None and file.node is not None:
            yield Wrote(file.node, int(arguments.rpartition(", ")[2]), _strings(arguments)[0][:result])

    def _write(self, arguments: str, result: int) -> Iterator[Event]:
        descriptor, file = _descriptor(arguments), self._file(arguments)
        if file is not None and file.node is not None:
            if file.appends:
                raise Unmodelled("a file that is written at its end")
            yield Wrote(file.node, file.position, _strings(arguments)[0][:result])
            file.position += result
        elif descriptor == 1:
            yield Said(_strings(arguments)[0].decode())

    def _ftruncate(self, arguments: str, _result: int) -> Iterator[Event]:
        file = self._file(arguments)
        if file is not None and file.node is not None:
            yield Resized(file.node, int(arguments.rpartition(", ")[2]))

    def _fsync(self, arguments: str, _result: int) -> Iterator[Event]:
        if file := self._file(arguments):
            yield FolderSynced() if file.node is None else Synced(file.node)

    _fdatasync = _fsync

    def _failed_sync(self, arguments: str) -> Iterator[Event]:
        file = self._file(arguments)
        if file is not None and file.node is not None:
            yield SyncFailed(file.node)

    def _rename(self, arguments: str, _result: int) -> Iterator[Event]:
        source, target = (self._name(path) for path in _strings(arguments))
        if source and target:
            self._nodes[target] = self._nodes.pop(source)
            yield Renamed(source, target, self._nodes[target])
        elif source is not None or target is not None:
            raise Unmodelled("a file that comes into the folder, or leaves it")

    def _unlink(self, arguments: str, _result: int) -> Iterator[Event]:
        name = self._name(_strings(arguments)[0])
        if name is not None:
            del self._nodes[name]
            yield Removed(name)

    def _mmap(self, arguments: str, _result: int) -> Iterator[Event]:
        if "PROT_WRITE" in arguments and "MAP_SHARED" in arguments and self._concerns(arguments):
            path = _paths(arguments)[0]
            if not path.endswith("-shm"):
                raise Unmodelled(f"{path} is written through memory")
        return iter(())

    # --- what a call speaks of ----------------------------------------------------------------------------------

    def _file(self, arguments: str) -> _Open | None:
        return self._open.get(_descriptor(arguments))

    def _name(self, path: bytes) -> str | None:
        """The name in the folder, "" for the folder itself, None for what lies elsewhere or is a `-shm` file."""
        text = path.decode()
        if text == self._folder:
            return ""
        if not text.startswith(self._folder + "/") or text.endswith("-shm"):
            return None
        name = text.removeprefix(self._folder + "/")
        if "/" in name:
            raise Unmodelled(f"a folder in the folder: {name}")
        return name

    def _concerns(self, arguments: str) -> bool:
        paths = [*_paths(arguments), *(text.decode(errors="replace") for text in _strings(arguments))]
        return any(path.startswith(self._folder) for path in paths)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _strings(arguments: str) -> list[bytes]:
    found = _QUOTED.findall(arguments)
    if any(more for _, more in found):
        raise Unmodelled("a write longer than the trace shows")
    return [_bytes(text) for text, _ in found]


def _paths(arguments: str) -> list[str]:
    """The files of the descriptors among the arguments."""
    return [_bytes(path).decode(errors="replace") for _, path in _FD.findall(arguments)]


def _descriptor(arguments: str) -> int:
    found = re.match(r"-?\d+", arguments)
    return int(found[0]) if found else -1
