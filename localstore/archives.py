"""The files of FHIR in what the user named: files, folders, and archives of them, one member in memory at a time.

A hostile archive must not write anywhere (nothing is extracted to disk), nor swell: a member that says to be above
the limit is not unpacked at all, and none is read beyond it. A plain file above the limit is given by its path, to be
read piece by piece. Of the files in folders and archives those are taken whose name ends as that of FHIR.
"""

import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from localstore import tarring
from localstore.errors import BadInput, ConfrereError, NotFound, TooLarge
from localstore.import_errors import DamagedArchive, TooManyFiles

MAX_FILE_BYTES = 64 * 1024 * 1024  # as a FHIR bundle: the largest record met is 4 MB
MAX_MEMBERS = 100_000
_WANTED = (".json", ".xml", ".ndjson")
# What the readers of archives raise for bytes that are none; RuntimeError for an encrypted or an unknown packing,
# ValueError for names and numbers that are none (UnicodeDecodeError is one).
_DAMAGE = (
    OSError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, struct.error, RuntimeError, EOFError,
    ValueError, OverflowError,
)  # fmt: skip
_TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")


class LargeFile(NamedTuple):
    """A plain file above the limit: where it is, and how many bytes it has."""

    path: Path
    size: int


class Found(NamedTuple):
    """A file to import, by the name to show; `data` is its content, or where it is, or the error in the way."""

    name: str
    data: bytes | LargeFile | ConfrereError


def count(paths: Sequence[Path]) -> int:
    """How many files `read` will give, for a progress bar; archives are listed, not unpacked."""
    return sum(_count(path) for path in paths)


def _count(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(1 for _ in _json_files(path))
        if _ends(path.name, ".zip"):
            with zipfile.ZipFile(path) as archive:
                return sum(1 for member in archive.infolist() if _is_wanted(member.filename))
    except _DAMAGE:
        return 1
    # A compressed tar has no table of contents: counting would mean unpacking it twice.
    return 0 if _ends(path.name, *_TAR_ENDINGS) else 1


def read(paths: Sequence[Path]) -> Iterator[Found]:
    """Every file in turn. Raises NotFound, before anything was read, when a path does not exist."""
    for path in paths:
        if not path.exists():
            raise NotFound(what=f"{path}")
    for path in paths:
        if path.is_dir():
            for file in _json_files(path):
                yield Found(str(file.relative_to(path)), _read_file(file))
        elif _ends(path.name, ".zip"):
            yield from _read_zip(path)
        elif _ends(path.name, *_TAR_ENDINGS):
            yield from _read_tar(path)
        else:
            yield Found(path.name, _read_file(path))


def _json_files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if _ends(file.name, *_WANTED) and file.is_file())


def _ends(name: str, *endings: str) -> bool:
    return name.lower().endswith(endings)


def _is_wanted(name: str) -> bool:
    return _ends(name, *_WANTED) and not name.rsplit("/", 1)[-1].startswith(".")


def _read_file(path: Path) -> bytes | LargeFile | ConfrereError:
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return LargeFile(path, size) if size > MAX_FILE_BYTES else _read_bounded(file, path.name)
    except OSError as error:
        return BadInput(
            what="{file} cannot be read: {reason}.", file=path.name, reason=error.strerror, remedy="Check the file."
        )


def _read_bounded(file: IO[bytes], name: str) -> bytes | ConfrereError:
    data = file.read(MAX_FILE_BYTES + 1)
    return _too_large(name) if len(data) > MAX_FILE_BYTES else data


def _too_large(name: str) -> TooLarge:
    return TooLarge(what=name, limit=f"{MAX_FILE_BYTES // 1024**2} MiB")


def _read_zip(path: Path) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for member in members[:MAX_MEMBERS]:
                if _is_wanted(member.filename):
                    yield Found(member.filename, _read_member(archive, member))
            if len(members) > MAX_MEMBERS:
                yield Found(path.name, TooManyFiles(file=path.name, count=MAX_MEMBERS))
    except _DAMAGE:
        yield Found(path.name, DamagedArchive(file=path.name))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | ConfrereError:
    """One member; one that is damaged (or encrypted) does not hide those after it."""
    if member.file_size > MAX_FILE_BYTES:
        return _too_large(member.filename)
    try:
        with archive.open(member) as file:
            return _read_bounded(file, member.filename)
    except _DAMAGE:
        return DamagedArchive(file=member.filename)


def _read_tar(path: Path) -> Iterator[Found]:
    try:
        with tarring.opened(path) as members:
            for number, (member, file) in enumerate(members):
                if number >= MAX_MEMBERS:
                    yield Found(path.name, TooManyFiles(file=path.name, count=MAX_MEMBERS))
                    return
                if member.isfile() and _is_wanted(member.name):
                    if member.size > MAX_FILE_BYTES:
                        yield Found(member.name, _too_large(member.name))
                        continue
                    yield Found(member.name, b"".join(file.pieces()))
    except _DAMAGE:
        yield Found(path.name, DamagedArchive(file=path.name))
