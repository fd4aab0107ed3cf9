"""Reading a kept file: as words, as a picture, into memory for another program, or into a file that somebody asked for.

Each writes its line in the history. What is read is used only once the digest of the whole has held.
"""

import io
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from localstore import paths, record, versions
from localstore.documents import dicom, media, pictures, storing, stowing
from localstore.documents.dicom import Mismatch
from localstore.documents.media import IMAGES, Form
from localstore.documents.memory import MemoryFolder
from localstore.documents.pictures import Picture
from localstore.errors import AlreadyThere, BadInput, UnknownEntry
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Attachment

MAX_TEXT_BYTES = 1024 * 1024  # shown at once; the rest is in the file
ENDINGS = {Form.PDF: ".pdf", Form.JPEG: ".jpg", Form.PNG: ".png", Form.DICOM: ".dcm", Form.TEXT: ".txt"}
# By which mark the bytes of a form are known; a text has none.
SHOWN_BY = {form: None if form is Form.TEXT else form for form in Form}
Told = Callable[[int], None]


class Shown(NamedTuple):
    """What a terminal can show of a file: words (`is_cut` where there are more), or a picture; neither where another
    program is needed. `mismatches` is where a DICOM file differs from the patient."""

    text: str = ""
    is_cut: bool = False
    picture: Picture | None = None
    mismatches: tuple[Mismatch, ...] = ()


def named(practice: Practice, version: str) -> tuple[Entry, Attachment]:
    """A version and its file. Raises UnknownEntry, and BadInput for an entry without one."""
    num = versions.number(practice.connection, version)
    if num is None:
        raise UnknownEntry(reference=version)
    ((_, entry),) = versions.by_number(practice.connection, [num])
    attachment = stowing.attachment_of(entry.body)
    if attachment is None:
        raise BadInput(what="This entry has no file.", remedy="See: confrere document list")
    return entry, attachment


def show(practice: Practice, version: str, columns: int, rows: int) -> Shown:
    """What a terminal of this size can show of a file. Raises as `named`, DamagedStore; BadInput and TooLarge for a
    picture that it cannot."""
    entry, attachment = named(practice, version)
    _log(practice, "document-read", entry)
    found = media.parse(attachment.media_type)
    if found is None:
        return Shown()
    if found.form is Form.TEXT:
        return _words(practice, attachment, found.charset)
    if found.form in IMAGES and attachment.size <= pictures.MAX_PICTURE_BYTES:
        return Shown(picture=pictures.small(_whole(practice, attachment), columns, rows))
    if found.form is Form.DICOM and attachment.size <= pictures.MAX_PICTURE_BYTES:
        return _dicom(practice, entry, attachment, columns, rows)
    return Shown()


def _words(practice: Practice, attachment: Attachment, charset: str) -> Shown:
    kept, size = [], 0
    for piece in storing.pieces(practice.connection, attachment):  # to the end: only then the digest has held
        if size < MAX_TEXT_BYTES:
            kept.append(piece)
        size += len(piece)
    data = b"".join(kept)[:MAX_TEXT_BYTES]
    return Shown(text=data.decode(charset or "utf-8", "replace"), is_cut=size > len(data))


def _dicom(practice: Practice, entry: Entry, attachment: Attachment, columns: int, rows: int) -> Shown:
    data = _whole(practice, attachment)
    differing = mismatches(practice, entry, data)
    try:
        return Shown(picture=pictures.small_dicom(data, columns, rows), mismatches=differing)
    except BadInput:  # one of the many ways of compressing: another program may know it
        return Shown(mismatches=differing)


def mismatches(practice: Practice, entry: Entry, data: bytes) -> tuple[Mismatch, ...]:
    """Where a DICOM file differs from its patient as he is known now; nothing where its header cannot be read."""
    try:
        header = dicom.read(io.BytesIO(data))
    except BadInput:
        return ()
    return dicom.compare(header, record.chart(practice, entry.patient).patient)


def _whole(practice: Practice, attachment: Attachment) -> bytes:
    return b"".join(storing.pieces(practice.connection, attachment))


def into_memory(practice: Practice, version: str, folder: MemoryFolder, told: Told = lambda _done: None) -> Path:
    """Put a file into a folder in memory, for another program. Raises as `named`, DamagedStore, OSError, and BadInput
    for what its bytes do not show to be of a form that is kept: an import brings files of any, pages with programs in
    them among others, and another program would run them."""
    entry, attachment = named(practice, version)
    _log(practice, "document-read", entry)
    pieces = storing.pieces(practice.connection, attachment)
    first = next(pieces, b"")
    found = media.parse(attachment.media_type)
    if found is None or found.form is Form.BYTES or media.by_mark(first) is not SHOWN_BY[found.form]:
        raise BadInput(
            what="This document is not opened: it is no PDF, JPEG, PNG or DICOM file, and no text.",
            remedy="Save it as a file, if you trust where it comes from.",
        )
    return folder.put(file_name(attachment, entry), chain((first,), pieces), told)


def save(
    practice: Practice, version: str, path: Path, *, replace: bool = False, told: Told = lambda _done: None
) -> int:
    """Write a file where somebody asks for it, whole or not at all, readable by its owner; its size in bytes. Raises as
    `named`, AlreadyThere unless `replace`, DamagedStore, OSError."""
    entry, attachment = named(practice, version)
    if path.exists() and not replace:
        raise AlreadyThere(what=f"{path}", remedy="Choose another name, or replace it with --force.")
    _log(practice, "document-saved", entry)
    paths.write_private(path, _counted(storing.pieces(practice.connection, attachment), told))
    return attachment.size


def _counted(pieces: Iterator[bytes], told: Told) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        told(done)


def file_name(attachment: Attachment, entry: Entry) -> str:
    """The name that a file goes by outside: its own, or the title, with the ending of what it is."""
    found = media.parse(attachment.media_type)
    ending = ENDINGS.get(found.form, "") if found else ""
    name = attachment.name or getattr(entry.body, "title", "") or "document"
    return name if not ending or name.lower().endswith((ending, ending.replace("jpg", "jpeg"))) else name + ending


def _log(practice: Practice, action: str, entry: Entry) -> None:
    num = versions.entry_number(practice.connection, entry.patient)
    practice.log_reading(action, num or 0, entry.id, entry.version)
