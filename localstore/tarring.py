"""Tar archives, packed or not, read from front to back: their headers are hostile too.

`tarfile` reads what a header announces at once: a long name, a table of attributes, a list of holes, each as large as
the archive says. Here it reads from a stream that gives headers at most `HEADER_BYTES` between two members, and that
goes forward only.
"""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

HEADER_BYTES = 1024 * 1024  # of one member: a path of 4 kB, and attributes of some kilobytes, are met
SHARED_ATTRIBUTES = 100  # that hold for all members from there on; `tarfile` keeps them to the end
PIECE_BYTES = 64 * 1024
UNPACKING_BYTES = 80 * 1024 * 1024  # of memory for unpacking xz: `xz -9`, its highest level, needs 65 MiB
_LONGEST_MAGIC = 6


class _Readable(Protocol):
    """What gives its next bytes."""

    def read(self, size: int, /) -> bytes: ...


class _Unpacked:
    """What is in a file packed with xz, or the older lzma. Unlike that of the library it may not take any memory that
    the file asks for."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self._waiting = b""
        self._unpacker = self._next()

    @staticmethod
    def _next() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(memlimit=UNPACKING_BYTES)

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end. Raises lzma.LZMAError, EOFError."""
        found = b""
        while size and not found:
            if self._unpacker.eof:  # several may stand one after the other, with zeros between them
                rest = (self._unpacker.unused_data or self._file.read(PIECE_BYTES)).lstrip(b"\0")
                if not rest:
                    return b""
                self._unpacker, self._waiting = self._next(), rest
            elif self._unpacker.needs_input and not self._waiting:
                self._waiting = self._file.read(PIECE_BYTES)
                if not self._waiting:
                    raise EOFError
            waiting, self._waiting = self._waiting, b""
            found = self._unpacker.decompress(waiting, size)
        return found


class _Forward:
    """A stream for `tarfile`: what is read of it between two calls of `allow` is bounded, and nothing is read twice."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._at = 0
        self._left = HEADER_BYTES
        self._last = b""

    def allow(self) -> None:
        """From here on as much may be read again."""
        self._left = HEADER_BYTES

    def tell(self) -> int:
        """How far it is."""
        return self._at

    def seek(self, place: int) -> int:
        """Go on to there. Raises tarfile.ReadError for a place that lies behind."""
        if place < self._at:
            raise tarfile.ReadError("a header points back")
        while self._at < place:
            skipped = len(self._stream.read(min(PIECE_BYTES, place - self._at)))
            if not skipped:
                break
            self._at += skipped
        return self._at

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end. Raises tarfile.ReadError for more than is allowed."""
        if not 0 <= size <= self._left:
            raise tarfile.ReadError("a header is larger than any that is met")
        self._left -= size
        parts, missing = [], size
        while missing and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        self._at += size - missing
        self._last = b"".join(parts)
        return self._last

    def is_end(self) -> bool:
        """Whether what was read last ends an archive: zeros, or nothing any more."""
        return not self._last.strip(b"\0")


class Content:
    """What a member holds, to be read before the next one is asked for."""

    def __init__(self, archive: tarfile.TarFile, member: tarfile.TarInfo, stream: _Forward) -> None:
        self._archive, self._member, self._stream = archive, member, stream

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, piece after piece. Raises what `tarfile` does."""
        file = self._archive.extractfile(self._member)
        while file is not None:
            self._stream.allow()
            piece = file.read(PIECE_BYTES)
            if not piece:
                return
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, Content]]]:
    """The members of an archive, each with what it holds. Raises OSError, EOFError, and what `tarfile`, the unpackers
    and text that is none raise."""
    with open(path, "rb") as file:
        magic = file.read(_LONGEST_MAGIC)
        file.seek(0)
        stream = _Forward(_unpacked(file, magic))
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as archive:
            yield _members(archive, stream)


def _unpacked(file: IO[bytes], magic: bytes) -> _Readable:
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file, mode="rb")
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return _Unpacked(file) if magic.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")) else file


def _members(archive: tarfile.TarFile, stream: _Forward) -> Iterator[tuple[tarfile.TarInfo, Content]]:
    while True:
        stream.allow()
        member = archive.next()
        if member is None:
            if not stream.is_end():
                raise tarfile.ReadError("what follows is no header")
            return
        if len(archive.pax_headers) > SHARED_ATTRIBUTES:
            raise tarfile.ReadError("more attributes than any that is met")
        # What it has given it keeps, with its attributes, to be found again; nobody asks here.
        vars(archive)["members"].clear()
        yield member, Content(archive, member, stream)
