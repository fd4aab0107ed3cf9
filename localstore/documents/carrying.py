"""Files that travel as Binary resources beside the documents that name them, as an export of ours writes them.

A document of ours names its file by an address, a size and a digest. Where the file reached the record, the Binary that
brought it says nothing more, and is not kept a second time: only if it is, byte for byte, the one that the export would
write for that document under that address. Any other Binary stays a resource of its own. Pure.
"""

import binascii
from typing import Any, NamedTuple

import msgspec

from localstore import crypto
from localstore.bodies import Body
from localstore.documents import storing, stowing
from localstore.fhir import remarks
from localstore.fhir.json_text import decode
from localstore.fhir.read_files import URN, named_files
from localstore.import_errors import BrokenResource
from localstore.numbered import NumberTable
from localstore.values import Attachment

Carried = dict[str, int] | NumberTable  # addresses of files that are in the record, and the mark of the Binary of each
BINARY = "Binary"
UNKNOWN_FORM = "application/octet-stream"  # RFC 2046: bytes of which nobody says what they are
_PARTS = frozenset({"resourceType", "id", "contentType", "securityContext", "data"})
_MARK_BYTES = 7  # a number that fits where numbers of versions are kept


class Named(NamedTuple):
    """A file under the address that a resource names it by, and the reference to whose it is as that one has it."""

    url: str
    attachment: Attachment
    owner: str


def named(raw: bytes, attachment: Attachment, owner: str = "") -> list[Named]:
    """The addresses by which a verbatim resource names this file of the record: none where it came inside of it.
    `owner` is for a resource that does not say whose it is by a plain reference."""
    resource = decode(raw, "")
    subject = resource.get("subject") or resource.get("patient")
    stated = subject.get("reference") if isinstance(subject, dict) else None
    same = (attachment.size, attachment.digest)
    found = {url: one for url, one in named_files(resource) if (one.size, one.digest) == same}
    owner = stated if isinstance(stated, str) else owner
    # The record knows the file by a name of its own, which need not be the address.
    return [Named(url, msgspec.structs.replace(one, id=attachment.id), owner) for url, one in found.items()]


def binary(file: Named) -> dict[str, Any]:
    """The Binary of a file without its data."""
    return {
        "resourceType": BINARY,
        "id": file.url.removeprefix(URN),
        "contentType": " ".join(file.attachment.media_type.split()) or UNKNOWN_FORM,  # a FHIR code: single spaces only
        "securityContext": {"reference": file.owner},  # whose it is
    }


def mark(file: Named) -> int:
    """A number for the one Binary that says no more than this file."""
    return _mark(file.url, binary(file), file.attachment.digest)


def mark_of(url: str, raw: bytes) -> int | None:
    """The same number for a Binary that came; None for one that no export of ours would write."""
    try:
        resource = decode(raw, "")
    except BrokenResource:
        return None
    data = resource.pop("data", None)
    if not url.startswith(URN) or set(resource) != _PARTS - {"data"} or not isinstance(data, str):
        return None
    try:
        content = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        return None
    if 4 * -(-len(content) // 3) != len(data):
        return None
    return _mark(url, resource, storing.digest_of(content).hex())


def _mark(url: str, resource: dict[str, Any], digest: str) -> int:
    said = msgspec.json.encode([url, sorted(resource.items()), digest])
    return int.from_bytes(crypto.digest("carried-file", said)[:_MARK_BYTES], "big")


def note(carried: Carried, raw: bytes, attachment: Attachment, owner: str) -> None:
    """Remember that the file which a resource names is in the record."""
    for file in named(raw, attachment, owner):
        carried[file.url] = mark(file)


def is_carried(carried: Carried, url: str, raw: bytes) -> bool:
    """Whether a Binary is the file of a document that was taken: that lies in pieces, and leaves as a Binary again."""
    return url in carried and mark_of(url, raw) == carried[url]


def brings(body: Body) -> bool:
    """Whether a body on its way has with it the very file that it names."""
    attachment = stowing.attachment_of(body)
    if attachment is None or not stowing.may_have_file(body) or len(body.content) != attachment.size:
        return False
    return storing.digest_of(body.content).hex() == attachment.digest


def without_file(body: Body) -> Body:
    """The body as it stands without the file that it names, and with words that say so."""
    attachment = stowing.attachment_of(body)
    if attachment is None or not stowing.may_have_file(body):
        return body
    remark = remarks.FILE_NOT_HERE.format(attachment.name or attachment.media_type or remarks.NO_NAME)
    text = "\n".join(part for part in (body.text, remark) if part)
    return msgspec.structs.replace(body, text=text, content=b"", attachment=None)
