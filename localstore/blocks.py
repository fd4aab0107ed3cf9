"""Blocks: the bodies and the verbatim sources of many versions that came together, compressed as one.

A FHIR resource of about 1 kB compresses badly alone and very well beside others of its kind: kept so, 215 patients of
244 MB take 3 % of it, and reading a chart takes one decompression for some hundred entries. A block holds versions of
one patient only (or of nobody), so that erasing him erases it. Its digest is over what it holds before compression.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
import zstandard

from localstore import crypto
from localstore.database import Connection, row

Part = TypeVar("Part")

LEVEL = 3  # higher levels were measured to be four times slower for a tenth less
BLOCK_BYTES = 1024 * 1024  # of sources: a millisecond to read one of them, a quarter less on the disk than in 256 KiB
MAX_BLOCK_BYTES = 96 * 1024 * 1024  # one resource of the largest size that is imported, its body, and their framing
KEPT = 4  # blocks in memory while a record is read: its versions follow each other


class Packed(msgspec.Struct, array_like=True, gc=False):
    """One version on its way into a block. `url` is None where it only repeats the resource's own id."""

    body: bytes
    url: str | None
    source: bytes


_writer = zstandard.ZstdCompressor(level=LEVEL)
_reader = zstandard.ZstdDecompressor()
_encode = msgspec.msgpack.Encoder().encode
_bodies = msgspec.msgpack.Decoder(list[bytes])
_sources = msgspec.msgpack.Decoder(list[tuple[str | None, bytes]])


def put(connection: Connection, patient: int | None, recorded: str, versions: Sequence[Packed]) -> int:
    """Write a block; returns its number. `patient` is the local number of whom it is about, or None; `recorded` is when
    all of it was written."""
    bodies = _encode([one.body for one in versions])
    sources = _encode([(one.url, one.source) for one in versions])
    number = connection.execute(
        "INSERT INTO block (patient, recorded, digest, bodies, sources) VALUES (?, ?, ?, ?, ?)",
        (patient, recorded, digest_of(bodies, sources), _writer.compress(bodies), _writer.compress(sources)),
    ).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has one
    return number


def divided(versions: Iterable[tuple[int, Packed]]) -> Iterator[tuple[list[int], list[Packed]]]:
    """Versions, each as (number, what goes into the block), in portions of about `BLOCK_BYTES`."""
    numbers: list[int] = []
    packed: list[Packed] = []
    size = 0
    for num, one in versions:
        if size and size + len(one.source) > BLOCK_BYTES:
            yield numbers, packed
            numbers, packed, size = [], [], 0
        numbers.append(num)
        packed.append(one)
        size += len(one.source)
    if numbers:
        yield numbers, packed


def digest_of(bodies: bytes, sources: bytes) -> bytes:
    """The digest of a block, over its two parts before compression: 32 bytes."""
    return crypto.digest("record-block", bodies, sources)


def unpacked(data: bytes) -> bytes:
    """One part of a block, decompressed. Raises zstandard.ZstdError."""
    return _reader.decompress(data, max_output_size=MAX_BLOCK_BYTES)


class Blocks:
    """Reads blocks, and keeps the last few: it lives as long as one operation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read_bodies: dict[int, list[bytes]] = {}
        self._read_sources: dict[int, list[tuple[str | None, bytes]]] = {}

    def body(self, block: int, place: int) -> bytes:
        """The encoded body of the version at this place of a block."""
        found = self._read_bodies.get(block)
        if found is None:
            data = row(self._connection, "SELECT bodies FROM block WHERE num = ?", (block,))
            found = _bodies.decode(unpacked(data[0])) if data else []
            _keep(self._read_bodies, block, found)
        return found[place]

    def source(self, block: int, place: int) -> tuple[str | None, bytes]:
        """The (url, bytes) of the source of the version at this place of a block."""
        found = self._read_sources.get(block)
        if found is None:
            data = row(self._connection, "SELECT sources FROM block WHERE num = ?", (block,))
            found = _sources.decode(unpacked(data[0])) if data else []
            _keep(self._read_sources, block, found)
        return found[place]


def _keep(kept: dict[int, Part], block: int, part: Part) -> None:
    while len(kept) >= KEPT:
        del kept[next(iter(kept))]
    kept[block] = part
