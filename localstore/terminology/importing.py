"""Importing table files: from the bytes on the disk into the record, one file in one transaction."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from localstore.database import transaction
from localstore.errors import TooLarge
from localstore.practice import Practice
from localstore.terminology import store, tables
from localstore.terminology.errors import UnknownTable

BLOCK = 1 << 20


def import_file(practice: Practice, path: Path, system: str = "", edition: str = "") -> store.Table:
    """Import a file; a table of the same system and part that was there is replaced. `edition` says which one it is,
    the day of the import otherwise. Raises BadTable, TooLarge; OSError when it cannot be read."""
    form = tables.form_of(path.name, system)
    with open(path, "rb") as file:
        if file.seek(0, 2) > tables.MAX_FILE_BYTES:
            raise TooLarge(what="This table", limit=f"{tables.MAX_FILE_BYTES // 1024**2} MiB")
        file.seek(0)
        encoding = tables.encoding_of(_blocks(file))
        file.seek(0)
        lines = _lines(file) if encoding != "utf-16" else _wide_lines(file)
        rows = tables.rows(path.name, lines, "utf-8" if encoding == "utf-16" else encoding, form)
        with transaction(practice.connection):
            made = store.replace(
                practice.connection, form.system, form.part, edition or practice.today(), rows, practice.now()
            )
            practice.log("terms-imported", detail=f"{made.system} {made.part} {made.version}".replace("  ", " "))
    return made


def remove(practice: Practice, system: str) -> int:
    """Remove the tables of a system; how many rows went. Raises UnknownTable."""
    if system not in {table.system for table in store.listing(practice.connection)}:
        raise UnknownTable(system=system)
    with transaction(practice.connection):
        gone = store.remove(practice.connection, system)
        practice.log("terms-removed", detail=system)
    return gone


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(tables.MAX_LINE_BYTES + 1):
        yield line


def _wide_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file in UTF-16, as a spreadsheet saves "Unicode text", in UTF-8; what is no text stays wrong."""
    decoder = codecs.getincrementaldecoder("utf-16")()
    rest = ""
    try:
        while block := file.read(BLOCK):
            *whole, rest = (rest + decoder.decode(block)).split("\n")
            yield from (line.encode() for line in whole)
            if len(rest) > tables.MAX_LINE_BYTES:
                break
        else:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        rest = "\x00"
    if rest:
        yield rest.encode()
