"""Bodies with files: into the record, where a body names its file, and out of it, where it carries the bytes.

On its way (in an extract, from an import) a body holds `content`. In the record it holds `attachment`, and the bytes
lie in pieces. A body that holds both came out of a record of Confrère as a bundle: then the file keeps its identifier.
"""

from typing import TypeGuard

import msgspec

from localstore import crypto
from localstore.bodies import MAX_DOCUMENT_BYTES, Body, DirectiveBody, DocumentBody, LetterBody
from localstore.database import Connection
from localstore.documents import storing
from localstore.errors import BadInput, TooLarge
from localstore.values import Attachment

WithFile = DocumentBody | LetterBody | DirectiveBody


def may_have_file(body: Body) -> TypeGuard[WithFile]:
    """Whether this kind of body can have a file."""
    return isinstance(body, WithFile)


def attachment_of(body: Body) -> Attachment | None:
    """The file of the record that a body names."""
    return body.attachment if may_have_file(body) else None


def weight(body: Body) -> int:
    """The bytes of the file that a body on its way has with it."""
    return len(body.content) if may_have_file(body) else 0


def stow(connection: Connection, patient: int | None, body: Body) -> Body:
    """The body as the record keeps it, inside the transaction that writes it: its content in pieces, its attachment one
    that is there and the patient's. The same bytes of the same patient are kept once.

    Raises TooLarge, and BadInput for an attachment that is not here, or another patient's.
    """
    if not may_have_file(body):
        return body
    if body.content:
        return _put_away(connection, patient, body)
    if body.attachment is not None:
        _claim(connection, patient, body.attachment)
    return body


def take_in(connection: Connection, patient: int | None, body: Body) -> Body | None:
    """As `stow`, for what an import brought; None where the file that it names did not come along, or is not what it is
    said to be."""
    if attachment_of(body) is None:
        return stow(connection, patient, body)
    try:
        return stow(connection, patient, body)
    except BadInput:
        return None


def is_same(connection: Connection, here: Body, travelling: Body) -> bool:
    """Whether a body of the record says the same as one that travels."""
    if not may_have_file(here) or here.attachment is None or not may_have_file(travelling):
        return here == travelling
    same_file = here.attachment.digest == storing.digest_of(travelling.content).hex()
    media_type = here.media_type or here.attachment.media_type
    bare = msgspec.structs.replace(travelling, content=b"")
    return same_file and msgspec.structs.replace(here, media_type=media_type, attachment=None) == bare


def _put_away(connection: Connection, patient: int | None, body: WithFile) -> Body:
    digest, named = storing.digest_of(body.content), body.attachment
    if named is None and len(body.content) > MAX_DOCUMENT_BYTES:
        raise TooLarge(what="This document", limit=f"{MAX_DOCUMENT_BYTES // 1024**2} MiB")
    if named is not None and named.digest != digest.hex():
        raise BadInput(what="A document is not the file that it names.", remedy="Ask whoever sent it to send it again.")
    identifier = storing.same(connection, patient, len(body.content), digest)
    if not identifier:
        free = named is not None and len(named.id) == 2 * storing.ID_BYTES and not storing.find(connection, named.id)
        new = bytes.fromhex(named.id) if named is not None and free else crypto.random_bytes(storing.ID_BYTES)
        storing.put(connection, patient, body.content, new)
        identifier = new.hex()
    media_type = named.media_type if named is not None else body.media_type
    kept = Attachment(identifier, len(body.content), digest.hex(), media_type, named.name if named is not None else "")
    return msgspec.structs.replace(body, content=b"", media_type="", attachment=kept)


def _claim(connection: Connection, patient: int | None, attachment: Attachment) -> None:
    kept = storing.find(connection, attachment.id)
    if kept is None or (kept.size, kept.digest.hex()) != (attachment.size, attachment.digest):
        raise BadInput(what="The file of this document is not in this record.", remedy="Add the file itself.")
    if kept.patient != patient:
        raise BadInput(what="The file of this document belongs to another record.", remedy="Add the file itself.")
    storing.settle(connection, kept.num)


def unstow(connection: Connection, body: Body) -> Body:
    """The body as it travels: with its content, and no name of a file that only this record knows.

    Raises TooLarge where the file is larger than what travels in an extract, and DamagedStore.
    """
    attachment = attachment_of(body)
    if attachment is None or not may_have_file(body):
        return body
    if attachment.size > MAX_DOCUMENT_BYTES:
        raise TooLarge(what="This document", limit=f"{MAX_DOCUMENT_BYTES // 1024**2} MiB")
    content = b"".join(storing.pieces(connection, attachment))
    media_type = body.media_type or attachment.media_type
    return msgspec.structs.replace(body, content=content, media_type=media_type, attachment=None)
