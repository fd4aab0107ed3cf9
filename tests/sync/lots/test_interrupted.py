"""Lots whose writing or reading ends in the middle: killed, on a full disk, with a stick that is taken out."""

import fcntl
import io
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localstore import postbox
from localstore.arrivals import Reception
from localstore.database import DatabaseError
from localstore.errors import AlreadyThere
from localstore.reported import is_full
from sync.errors import LotInterrupted, LotNotWritten, NoRoomForLot
from sync.lots import files, reading, writing
from sync.lots.layout import SEALED_CHUNK_BYTES
from sync.lots.parties import parties
from tests.faults.test_full_disk import fill, mounted_disk
from tests.sync.lots import hand
from tests.sync.lots.sticks import FEED, logical, nothing, plan_for, read, written
from tests.sync.offices import Practice, make, pair, received

ENVELOPES = [bytes([number]) * 300_000 for number in range(1, 16)]
SMALL_STICK = 256 * 1024
KILLED = -signal.SIGKILL


@pytest.fixture
def two(tmp_path: Path) -> tuple[Practice, Practice]:
    """Two paired practices; the first has 4.5 MB for the other."""
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    for sequence, envelope in enumerate(ENVELOPES, start=1):
        postbox.queue(anne.desk, "bruno", FEED, sequence, envelope)
    return anne, bruno


def kills(calls: int, at_full_length: bool) -> list[int]:
    """At which of so many calls a process is killed."""
    return list(range(1, calls, calls // (60 if at_full_length else 4)))


def test_a_writer_that_is_killed_leaves_no_lot_and_the_next_one_is_whole(
    two: tuple[Practice, Practice], tmp_path: Path, at_full_length: bool
) -> None:
    anne, bruno = two
    path = tmp_path / "a.lot"
    for place in kills(280, at_full_length):
        assert hand.run("write", anne, "bruno", path, place).code == KILLED
        assert not path.exists()
    done = hand.run("write", anne, "bruno", path)
    assert (done.code, done.envelopes) == (0, len(ENVELOPES))
    named = {one.name for one in tmp_path.iterdir()} - {"a.lot", "anne", "bruno"}
    assert all(re.fullmatch(r"a\.lot\.[0-9a-f]{16}\.part", one) for one in named)  # nobody takes them for a lot
    assert read(bruno, path.read_bytes()).stored == len(ENVELOPES)


def test_a_reader_that_is_killed_goes_on_where_it_was(
    two: tuple[Practice, Practice], tmp_path: Path, at_full_length: bool
) -> None:
    anne, bruno = two
    path = tmp_path / "a.lot"
    path.write_bytes(written(anne, "bruno"))
    chunks = path.stat().st_size // SEALED_CHUNK_BYTES
    had, seen = 0, set()
    empty = logical(bruno.desk)
    for place in kills(2 * chunks, at_full_length):
        assert hand.run("read", bruno, "anne", path, place).code == KILLED
        there = len(received(bruno))
        assert received(bruno) == ENVELOPES[:there] and there >= had
        assert place > chunks or logical(bruno.desk) == empty  # nothing is used before all was checked
        had = there
        seen.add(there)
    assert len(seen) > 1  # some were killed after a part had been kept
    assert hand.run("read", bruno, "anne", path).envelopes == len(ENVELOPES) - had
    assert received(bruno) == ENVELOPES
    before = logical(bruno.desk)
    assert hand.run("read", bruno, "anne", path).envelopes == 0
    assert logical(bruno.desk) == before


# --- disks and sticks ------------------------------------------------------------------------------------------------


@pytest.fixture
def small_stick(tmp_path: Path) -> Iterator[Path]:
    """A stick on which a lot of 4.5 MB has no room."""
    yield from mounted_disk(tmp_path / "stick", SMALL_STICK)


def test_a_full_stick_is_told_and_left_as_it_was(two: tuple[Practice, Practice], small_stick: Path) -> None:
    anne, _ = two
    plan = plan_for(anne, "bruno")
    with pytest.raises(NoRoomForLot, match="which takes 5 MB"):
        files.create(small_stick / "a.lot", writing.pieces(anne.desk, plan), plan.size, nothing)
    assert list(small_stick.iterdir()) == []
    assert plan_for(anne, "bruno").envelopes == len(ENVELOPES)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk on which a postbox has room, and 4.5 MB more have not."""
    yield from mounted_disk(tmp_path / "disk", 3 * 1024 * 1024)


def test_a_reader_on_a_full_disk_keeps_what_it_had_and_goes_on_later(small_disk: Path, tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(small_disk / "bruno")
    pair(anne, bruno)
    for sequence, envelope in enumerate(ENVELOPES[:6], start=1):
        postbox.queue(anne.desk, "bruno", FEED, sequence, envelope)
    lot = written(anne, "bruno")
    fill(small_disk)
    before = logical(bruno.desk)
    with pytest.raises(DatabaseError) as caught:
        read(bruno, lot)
    assert is_full(caught.value)
    assert logical(bruno.desk) == before
    (small_disk / "others").unlink()
    with pytest.raises(DatabaseError):
        for _ in range(1000):
            read(bruno, written(anne, "bruno"))
            number = len(received(bruno))
            postbox.queue(anne.desk, "bruno", FEED, number + 1, bytes(400_000))
    there = received(bruno)
    assert there[:6] == ENVELOPES[:6]  # what was kept before the disk was full is there
    bruno.desk.close()


class Leaving(io.BytesIO):
    """A file on a stick that is taken out after so many bytes were read."""

    def __init__(self, data: bytes, after: int) -> None:
        super().__init__(data)
        self._left = after

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, while there is a stick."""
        data = super().read(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError(5, "Input/output error")
        return data


def test_a_stick_that_is_taken_out_leaves_nothing_or_what_was_checked(two: tuple[Practice, Practice]) -> None:
    anne, bruno = two
    lot = written(anne, "bruno")
    before = logical(bruno.desk)
    with pytest.raises(OSError, match="Input/output error"):
        reading.read(bruno.desk, parties(bruno.desk), Leaving(lot, len(lot) // 2), len(lot), nothing)
    assert logical(bruno.desk) == before
    with pytest.raises(LotInterrupted):
        reading.read(bruno.desk, parties(bruno.desk), Leaving(lot, len(lot) + len(lot) // 2), len(lot), nothing)
    there = received(bruno)
    assert 0 < len(there) < len(ENVELOPES) and there == ENVELOPES[: len(there)]
    outcome = read(bruno, lot)
    assert outcome.envelopes == {
        Reception.HELD: len(there),
        Reception.STORED: len(ENVELOPES) - len(there),
    }


def test_a_file_that_changes_after_it_was_checked_gives_nothing_that_was_not(two: tuple[Practice, Practice]) -> None:
    anne, bruno = two
    lot = bytearray(written(anne, "bruno"))

    class Changing(io.BytesIO):
        """The first pass sees the lot, the second one another file from its middle on."""

        def seek(self, place: int, whence: int = 0) -> int:
            if place and whence == 0 and self.tell() > place:
                self.getbuffer()[len(lot) // 2 :] = bytes(len(lot) - len(lot) // 2)
            return super().seek(place, whence)

    with pytest.raises(LotInterrupted):
        reading.read(bruno.desk, parties(bruno.desk), Changing(lot), len(lot), nothing)
    there = received(bruno)
    assert there == ENVELOPES[: len(there)] and len(there) < len(ENVELOPES)


def test_two_writers_of_one_name_do_not_mix(two: tuple[Practice, Practice], tmp_path: Path) -> None:
    anne, bruno = two
    path = tmp_path / "a.lot"
    plan = plan_for(anne, "bruno")
    inner: list[Any] = []

    def tell(_done: int, _total: int) -> None:
        if not inner:
            inner.append(path)
            files.create(path, pieces, plan.size, nothing)

    pieces = list(writing.pieces(anne.desk, plan))
    with pytest.raises(AlreadyThere):
        files.create(path, [b"other"] * 3, 15, tell)
    assert inner
    assert read(bruno, path.read_bytes()).stored == len(ENVELOPES)
    assert list(tmp_path.glob("*.part")) == []


def test_what_others_call_unfinished_stays_as_it_is(tmp_path: Path) -> None:
    download, twin = tmp_path / "a.lot.part", tmp_path / "twin"
    download.write_bytes(b"half of a download")
    twin.hardlink_to(download)
    files.create(tmp_path / "a.lot", [b"one"], 3, nothing)
    with pytest.raises(AlreadyThere):
        files.create(twin, [b"two"], 3, nothing)
    assert download.read_bytes() == twin.read_bytes() == b"half of a download"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.lot", "a.lot.part", "twin"]


def test_a_name_that_is_taken_meanwhile_is_not_written_over(two: tuple[Practice, Practice], tmp_path: Path) -> None:
    anne, _ = two
    path = tmp_path / "a.lot"
    plan = plan_for(anne, "bruno")

    def tell(done: int, total: int) -> None:
        if done == total:
            path.write_bytes(b"somebody else's")

    with pytest.raises(AlreadyThere):
        files.create(path, writing.pieces(anne.desk, plan), plan.size, tell)
    assert path.read_bytes() == b"somebody else's"
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("without_links", [True, False])
def test_a_stick_without_hard_links_takes_a_lot_too(
    two: tuple[Practice, Practice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_links: bool
) -> None:
    def refuse(_source: object, _target: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # as Linux answers for FAT

    if without_links:
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.lot"
    files.create(path, [b"one", b"two"], 6, nothing)
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("*.part")) == []
    with pytest.raises(AlreadyThere):
        files.create(path, [b"three"], 5, nothing)


def test_a_stick_without_owners_modes_and_locks_takes_a_lot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    for name in ("chmod", "fchmod", "chown", "link"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(fcntl, "flock", refuse)
    files.create(tmp_path / "a.lot", [b"one"], 3, nothing)
    assert [one.name for one in tmp_path.iterdir()] == ["a.lot"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LotNotWritten, match="its folder is not there"):
        files.create(tmp_path / "none" / "a.lot", [b"one"], 3, nothing)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LotNotWritten):
        files.create(tmp_path / "file" / "a.lot", [b"one"], 3, nothing)
    with pytest.raises(LotNotWritten, match="File name too long"):
        files.create(tmp_path / ("a" * 250), [b"one"], 3, nothing)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


# --- how much memory -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "size"), [(1, 100), (600, 30_000), pytest.param(10_000, 20_000, marks=pytest.mark.long)]
)
def test_memory_does_not_grow_with_the_lot(tmp_path: Path, count: int, size: int, record_property: Any) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    for sequence in range(1, count + 1):
        postbox.queue(anne.desk, "bruno", FEED, sequence, sequence.to_bytes(4, "big") * (size // 4))
    path = tmp_path / "a.lot"
    did = [hand.run("write", anne, "bruno", path), hand.run("read", bruno, "anne", path)]
    assert [(one.code, one.envelopes) for one in did] == [(0, count), (0, count)]
    grown = max(one.grown for one in did)
    record_property("lot", f"{count} envelopes, {path.stat().st_size} bytes: memory grew by {grown}")
    print(f"{count} envelopes, {path.stat().st_size} bytes: memory grew by {[one.grown for one in did]}")
    assert grown < 32 * 1024 * 1024


def test_the_largest_envelope_travels(tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    postbox.queue(anne.desk, "bruno", FEED, 1, bytes(16 * 1024 * 1024))
    postbox.queue(anne.desk, "bruno", FEED, 2, b"two")
    assert read(bruno, written(anne, "bruno")).stored == 2
