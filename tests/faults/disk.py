"""A disk that loses its power: which files a folder may hold afterwards.

The model, after POSIX and what real disks were seen to do:

- What was written to a file before its last fsync or fdatasync is there.
- Each later write and change of size is, by itself, kept, dropped or torn: a disk writes sectors of 512 bytes, each
  whole or not at all, in any order, of any file before any other.
- After an fsync that failed, what it should have made durable may be gone for ever, also after a later one that does
  not fail: the kernel takes the pages for clean.
- A file may have got its new size without the bytes: these are zeros then.
- Names are durable after an fsync of the folder. Before it, each creation, renaming and removal is, by itself, kept or
  dropped; a renaming is one step. An fsync of a new file does not make its name durable.
- What is dropped leaves what was there before, never garbage: SQLite assumes the same (atomic sectors, and no writing
  past what was asked, "powersafe overwrite").
- SQLite's `-shm` file may hold anything: a test may put garbage there.
"""

from collections.abc import Iterable, Mapping
from random import Random

from tests.faults.recording import Event, FolderSynced, Made, Removed, Renamed, Resized, Said, Synced, SyncFailed, Wrote

SECTOR = 512  # bytes
_MOODS = (0.0, 0.1, 0.5, 0.9, 1.0)  # how likely it is that a thing is kept: from nothing at all to everything


class _Node:
    """A file: its durable bytes, and what was done to it since, with whether that is durable by itself."""

    def __init__(self, durable: bytes) -> None:
        self._durable = durable
        self._done: list[tuple[Wrote | Resized, bool]] = []
        self._doubtful = 0  # so many of what was done may be gone for ever

    def do(self, event: Wrote | Resized) -> None:
        """Something is done to the file."""
        self._done.append((event, False))

    def settle(self) -> None:
        """All of it is durable now, but for what an earlier sync had failed on."""
        doubtful = self._done[: self._doubtful]
        self._done = doubtful + [(event, True) for event, _ in self._done[self._doubtful :]]
        if not doubtful:
            self._durable, self._done = self.seen(), []

    def doubt(self) -> None:
        """A sync failed."""
        self._doubtful = len(self._done)

    def seen(self) -> bytes:
        """The bytes as processes see them."""
        return _applied(self._durable, [event for event, _ in self._done])

    def survivor(self, random: Random) -> bytes:
        """The bytes after a power loss."""
        if not self._done:
            return self._durable
        mood = random.choice(_MOODS)
        kept = [part for event, sure in self._done for part in ([event] if sure else _fate(event, mood, random))]
        after, intended = _applied(self._durable, kept), len(self.seen())
        if len(after) < intended and random.randrange(2):
            after += bytes(intended - len(after))
        return after


class Disk:
    """One folder on a disk, as the events leave it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """The files there when the recording began, durable, numbered from 0 in the order of the mapping."""
        self._nodes = {number: _Node(data) for number, data in enumerate(files.values())}
        self._names = {name: number for number, name in enumerate(files)}
        self._pending: list[Made | Renamed | Removed] = []

    def apply(self, event: Event) -> None:
        """Let one more event happen."""
        match event:
            case Made(_, node):
                self._nodes[node] = _Node(b"")
                self._pending.append(event)
            case Renamed() | Removed():
                self._pending.append(event)
            case Wrote(node) | Resized(node):
                self._nodes[node].do(event)
            case Synced(node):
                self._nodes[node].settle()
            case SyncFailed(node):
                self._nodes[node].doubt()
            case FolderSynced():
                self._names = _renamed(self._names, self._pending)
                self._pending = []
            case Said():
                pass

    def after_power_loss(self, random: Random) -> dict[str, bytes]:
        """One of the states in which the folder may be found."""
        mood = random.choice(_MOODS)
        names = _renamed(self._names, [step for step in self._pending if _happens(mood, random)])
        return {name: self._nodes[node].survivor(random) for name, node in names.items()}

    def as_it_is(self) -> dict[str, bytes]:
        """The folder as processes see it: with all that was done, as after the kill of the process alone."""
        names = _renamed(self._names, self._pending)
        return {name: self._nodes[node].seen() for name, node in names.items()}


def _happens(likely: float, random: Random) -> bool:
    return random.random() < likely  # noqa: TID251 - of this generator


def _renamed(names: Mapping[str, int], steps: Iterable[Made | Renamed | Removed]) -> dict[str, int]:
    after = dict(names)
    for step in steps:
        match step:
            case Made(name, node):
                after[name] = node
            case Renamed(source, target, node):
                after.pop(source, None)
                after[target] = node  # also when the file's creation under its first name was dropped
            case Removed(name):
                after.pop(name, None)
    return after


def _applied(durable: bytes, events: Iterable[Wrote | Resized]) -> bytes:
    data = bytearray(durable)
    for event in events:
        match event:
            case Wrote(_, offset, written):
                if len(data) < offset:
                    data.extend(bytes(offset - len(data)))
                data[offset : offset + len(written)] = written
            case Resized(_, size):
                del data[size:]
                data.extend(bytes(size - len(data)))
    return bytes(data)


def _fate(event: Wrote | Resized, mood: float, random: Random) -> list[Wrote | Resized]:
    """The event if it is kept, nothing if it is dropped, and the sectors that were written if it is torn."""
    if isinstance(event, Resized) or _happens(0.7, random):
        return [event] if _happens(mood, random) else []
    return [sector for sector in _sectors(event) if _happens(mood, random)]


def _sectors(event: Wrote) -> list[Wrote]:
    """A write cut where the sectors of the disk begin."""
    node, offset, data = event
    bounds = [0, *range(SECTOR - offset % SECTOR, len(data), SECTOR), len(data)]
    return [Wrote(node, offset + start, data[start:end]) for start, end in zip(bounds, bounds[1:], strict=False)]
