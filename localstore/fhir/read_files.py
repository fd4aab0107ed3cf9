"""The attachments of a document: words, one file, and what was left with the source. Nothing is fetched from anywhere.

A file that the record keeps in pieces is known by an extension of ours, and only by that: an address alone is somebody
else's.
"""

import binascii
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from localstore.bodies import MAX_DOCUMENT_BYTES
from localstore.fhir import codes, remarks
from localstore.fhir.care_shapes import Binary
from localstore.fhir.reading import Reading, own_text
from localstore.fhir.shapes import Attachment, Number, Reference
from localstore.values import Attachment as Kept

MAX_TEXT_BYTES = 1024 * 1024  # a longer text attachment is kept as a file, not as words: charts are read whole
TEXT_PART, FILE_PART, KEPT_PART = "text", "file", "kept"
PLAIN = "text/plain"
URN = "urn:uuid:"
DIGEST_LENGTH = 64  # hex digits of a BLAKE2b-256
MAX_SIZE = 2**63  # bytes: what a database can count
_HEX = frozenset("0123456789abcdef")
_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


class Files:
    """What the attachments of one document amount to: words, one file, and remarks on what was left with the source."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.words: list[str] = []
        self.remarks: list[str] = []
        self.media_type = ""
        self.content = b""
        self.taken = False
        self.kept: Kept | None = None
        self.came = b""  # the bytes of `kept`, where they came in the same bundle

    def take(self, attachment: Attachment, part: str = "") -> None:
        """Add one attachment; `part` is our own mark of whether it is the words or the file."""
        if self.kept is None and (kept := kept_file(attachment)) is not None:
            self.kept, self.came = kept, self._came(attachment, kept)
            return
        media_type, data = attachment.contentType or "", attachment.data
        if not data and attachment.url:
            media_type, data = self._linked(attachment.url, media_type)
        if not data and part != FILE_PART:
            name = attachment.title or attachment.url or media_type or remarks.NO_NAME
            self.remarks.append(remarks.FILE_ELSEWHERE.format(name))
            return
        content = self._decoded(data or "", attachment)
        if content is None:
            return
        if part == TEXT_PART or (part != FILE_PART and media_type.startswith(PLAIN)):
            if text := _text(content):
                self.words.append(text)
                return
        self._keep(media_type, content, attachment)

    def _keep(self, media_type: str, content: bytes, attachment: Attachment) -> None:
        if self.taken:
            if content:
                self.remarks.append(remarks.FILE_KEPT.format(attachment.title or media_type or remarks.NO_NAME))
            return
        self.media_type, self.content, self.taken = media_type, content, bool(media_type or content)

    def _came(self, attachment: Attachment, kept: Kept) -> bytes:
        """The bytes of a file of ours. Whether they are those of its digest, whoever keeps them checks."""
        _, data = self._linked(attachment.url or "", "")
        try:
            content = binascii.a2b_base64((data or "").translate(_WHITE_SPACE), strict_mode=True)
        except ValueError:
            return b""
        return content if len(content) == kept.size else b""

    def _linked(self, url: str, media_type: str) -> tuple[str, str | None]:
        """The content of a Binary that came in the same bundle."""
        found = self.reading.referred(Reference(url))
        if found is None or found.get("resourceType") != "Binary":
            return media_type, None
        try:
            binary = msgspec.convert(found, Binary)
        except msgspec.ValidationError:
            return media_type, None  # a broken neighbour; it is reported in its place
        return media_type or binary.contentType or "", binary.data

    def _decoded(self, data: str, attachment: Attachment) -> bytes | None:
        """The bytes, if they are few enough and base64; otherwise a remark."""
        name = attachment.title or attachment.contentType or remarks.NO_NAME
        if len(data) > 2 * MAX_DOCUMENT_BYTES:  # base64 with line ends needs 1.4 times the bytes
            self.remarks.append(remarks.FILE_KEPT.format(name))
            return None
        try:
            content = binascii.a2b_base64(data.translate(_WHITE_SPACE), strict_mode=True)
        except ValueError:
            self.remarks.append(remarks.FILE_UNREADABLE.format(name))
            return None
        if len(content) > MAX_DOCUMENT_BYTES:
            self.remarks.append(remarks.FILE_KEPT.format(name))
            return None
        return content

    def text(self, parts: Iterable[str]) -> str:
        """These words, those of the attachments, and the remarks."""
        return "\n".join([part for part in (*parts, *self.words, *self.remarks, *self.reading.remarks) if part])


def _text(content: bytes) -> str:
    if len(content) > MAX_TEXT_BYTES:
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""  # another encoding: then it is a file


def kept_file(source: Attachment) -> Kept | None:
    """The file of the record that an attachment of ours stands for; None for any other attachment."""
    digest = own_text(source.extension, codes.OWN_DIGEST)
    address = source.url or ""
    size = _size(source.size, own_text(source.extension, codes.OWN_SIZE))
    if len(digest) != DIGEST_LENGTH or not set(digest) <= _HEX or not address.startswith(URN) or size is None:
        return None
    try:
        number = UUID(address.removeprefix(URN))
    except ValueError:
        return None
    return Kept(number.hex, size, digest, source.contentType or "", source.title or "")


def named_files(resource: dict[str, Any]) -> Iterator[tuple[str, Kept]]:
    """Every file of a record that a resource names, wherever it stands in it, with its address as it is written."""
    pending: list[Any] = [resource]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            pending += node.values()
            if type(node.get("url")) is str and "extension" in node and (kept := _converted(node)) is not None:
                yield node["url"], kept


def _converted(node: dict[str, Any]) -> Kept | None:
    try:
        return kept_file(msgspec.convert(node, Attachment, builtin_types=(Decimal,)))
    except msgspec.ValidationError:
        return None


def _size(stated: Number, beyond: str) -> int | None:
    """The bytes of a file. FHIR R4 counts to 2 GiB; above that the number is in an extension of ours."""
    if beyond.isascii() and beyond.isdigit() and len(beyond) <= len(str(MAX_SIZE)):
        size = int(beyond)
    elif stated is not None and 0 <= stated < MAX_SIZE and stated == int(stated):
        size = int(stated)
    else:
        return None
    return size if size < MAX_SIZE else None
