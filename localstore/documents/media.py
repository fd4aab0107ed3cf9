"""What a file is, by its bytes and never by its name. Reads a stream once, holds a little of it at a time.

What is none of these is refused: a record is no place for programs. Whoever wants to keep such a file all the same says
so, and it is kept as bytes that nothing here opens.
"""

import codecs
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from localstore.errors import BadInput

PDF_WITHIN = 1024  # bytes: where readers look for the mark (ISO 32000-1, annex H, implementation note 13)
DICOM_AT = 128  # bytes of preamble before the mark (DICOM PS3.10, 7.1)
MAX_TEXT_BYTES = 64 * 1024 * 1024  # a text beyond that is a database, or no text
_HEAD = 64 * 1024
_STEP = 1024 * 1024
_UTF8, _WINDOWS = "utf-8", "windows-1252"
_CONTROL = (frozenset(range(32)) | {127}) - {
    9,
    10,
    12,
    13,
    27,
}  # 27: old laboratory printouts carry it; it is shown as a mark
_UNDEFINED = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})  # of Windows-1252


class Form(StrEnum):
    """What can be kept."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    DICOM = "application/dicom"
    TEXT = "text/plain"
    BYTES = "application/octet-stream"


IMAGES = frozenset({Form.JPEG, Form.PNG})


class Media(NamedTuple):
    """What a file is; `charset` of a text alone."""

    form: Form
    charset: str = ""

    @property
    def type(self) -> str:
        """The media type, e.g. `text/plain; charset=utf-8` (RFC 2046)."""
        return f"{self.form.value}; charset={self.charset}" if self.charset else self.form.value


def parse(media_type: str) -> Media | None:
    """Undo `Media.type`; None for what is not opened here."""
    form, _, rest = media_type.partition(";")
    try:
        known = Form(form.strip().lower())
    except ValueError:
        return None
    charset = rest.strip().lower().removeprefix("charset=").strip('" ')
    if known is not Form.TEXT:
        return Media(known)
    return Media(known, charset if charset in (_UTF8, _WINDOWS) else _UTF8)


def by_mark(head: bytes) -> Form | None:
    """What the first bytes of a file say that it is; None where they say nothing. Pure."""
    if head.startswith(b"\xff\xd8\xff"):
        return Form.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Form.PNG
    if head[DICOM_AT : DICOM_AT + 4] == b"DICM":
        return Form.DICOM
    if b"%PDF-" in head[:PDF_WITHIN]:
        return Form.PDF
    return None


def identify(stream: BinaryIO, *, as_is: bool = False) -> Media:
    """What the bytes of a stream are, from where it stands; it is left where the reading ended. `as_is` keeps what is
    not recognised as bytes. Raises BadInput for what is none of these, or empty."""
    head = stream.read(_HEAD)
    if not head:
        raise BadInput(what="The file is empty.", remedy="Choose another file.")
    form = by_mark(head)
    if form is not None:
        return Media(form)
    charset = _charset(head, stream)
    if charset:
        return Media(Form.TEXT, charset)
    if as_is:
        return Media(Form.BYTES)
    raise BadInput(
        what="This file is no PDF, JPEG, PNG or DICOM file, and no text.",
        remedy="Convert it, or keep it as it is with --as-is: then nothing here opens it.",
    )


def _charset(head: bytes, stream: BinaryIO) -> str:
    """How a text is written; empty where it is none. All of it is looked at: half a text is none."""
    decoder = codecs.getincrementaldecoder(_UTF8)()
    is_utf8 = is_windows = True
    done, piece = 0, head
    while True:
        done += len(piece)
        seen = set(piece)
        if seen & _CONTROL or done > MAX_TEXT_BYTES:
            return ""
        is_windows = is_windows and not seen & _UNDEFINED
        if is_utf8:
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if not piece or not (is_utf8 or is_windows):
            break
        piece = stream.read(_STEP)
    return _UTF8 if is_utf8 else _WINDOWS if is_windows else ""
