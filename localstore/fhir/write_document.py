"""Documents, letters and directives as FHIR R4, with their files; see `write_findings`."""

import binascii
from uuid import UUID

from localstore.bodies import DirectiveBody, DocumentBody, LetterBody
from localstore.fhir import codes
from localstore.fhir.read_files import FILE_PART, KEPT_PART, TEXT_PART, URN
from localstore.fhir.write_values import (
    Json,
    absent,
    coded,
    concept,
    concepts,
    date_time,
    extension,
    practitioner,
    present,
)
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Attachment

PLAIN = "text/plain; charset=utf-8"
MAX_UNSIGNED = 2**31 - 1  # of R4's unsignedInt
LETTER = (codes.LOINC, "51852-2", "Letter")


def document(entry: Entry, body: DocumentBody) -> Json:
    """A DocumentReference: the words as one content, the file as another, each marked for what it is."""
    return _reference(entry, body) | present(type=concept(body.type))


def letter(entry: Entry, body: LetterBody) -> Json:
    """A DocumentReference of the type of a letter. Which way it went is a category of ours: FHIR has no word for it."""
    direction = body.direction if body.direction in codes.DIRECTIONS else "sent"
    with_whom = practitioner(body.correspondent, body.correspondent_rpps)
    return _reference(entry, body) | present(
        extension=[extension(codes.OWN_CORRESPONDENT, valueReference=with_whom)] if with_whom else [],
        type=coded(*LETTER),
        category=[coded(codes.OWN_LETTER, direction)],
    )


def _reference(entry: Entry, body: DocumentBody | LetterBody) -> Json:
    start = date_time(entry.date)
    return present(
        status=codes.ENTERED_IN_ERROR if entry.status is Status.ENTERED_IN_ERROR else "current",
        description=body.title,
        content=_parts(body),
        context={"period": {"start": start}} if start else None,
    )


def _parts(body: DocumentBody | LetterBody) -> list[Json]:
    """The words, the file that the record keeps, the file that comes along; R4 asks for at least one of them."""
    parts = [_part(TEXT_PART, _attached(PLAIN, body.text.encode(), body.title))] if body.text else []
    if body.attachment is not None:
        parts.append(_part(KEPT_PART, kept(body.attachment)))
    if body.content or body.media_type or not parts:
        parts.append(_part(FILE_PART, _attached(body.media_type, body.content, body.title)))
    return parts


def _attached(media_type: str, content: bytes, title: str) -> Json:
    data = binascii.b2a_base64(content, newline=False).decode() if content else None
    return present(contentType=_code(media_type), data=data, title=title) or absent()


def _code(media_type: str) -> str:
    return " ".join(media_type.split())  # a media type is a FHIR code: single spaces only


def _part(part: str, attachment: Json) -> Json:
    return {"attachment": attachment, "format": {"system": codes.OWN_PART, "code": part}}


def kept(source: Attachment) -> Json:
    """An Attachment for a file that the record keeps: where it is, how long, what it is, and the digest of it.

    R4's own `hash` is SHA-1, which is broken; the digest is BLAKE2b-256 in an extension of ours. The address is a name
    and no place: only the record that has the file can find it.
    """
    try:
        address = URN + str(UUID(source.id))
    except ValueError:
        return present(contentType=_code(source.media_type), title=source.name) or absent()
    extensions = [extension(codes.OWN_DIGEST, valueString=source.digest)]
    if source.size > MAX_UNSIGNED:
        extensions.append(extension(codes.OWN_SIZE, valueString=str(source.size)))
    return present(
        extension=extensions,
        contentType=_code(source.media_type),
        url=address,
        size=source.size if 0 <= source.size <= MAX_UNSIGNED else None,
        title=source.name,
    )


def directive(entry: Entry, body: DirectiveBody) -> Json:
    """A Consent of the scope "advance directive". R4 asks for a policy, and nobody has said which.

    It has room for one file: what there is besides is in extensions of ours.
    """
    state = body.state if body.state in codes.DIRECTIVE_STATES else "inactive"
    extensions = [extension(codes.OWN_PLACE, valueString=body.place)] if body.place else []
    in_error = entry.status is Status.ENTERED_IN_ERROR
    if in_error:
        extensions.append(extension(codes.OWN_STATE, valueCode=state))
    files = [kept(body.attachment)] if body.attachment is not None else []
    if body.content or body.media_type:
        marked = {"extension": [extension(codes.OWN_PART, valueCode=FILE_PART)]}
        files.append(marked | _attached(body.media_type, body.content, ""))
    extensions += [extension(codes.OWN_FILE, valueAttachment=one) for one in files[1:]]
    if files and body.text:
        extensions.append(extension(codes.OWN_WORDS, valueString=body.text))
    elif body.text:
        files = [_attached(PLAIN, body.text.encode(), "")]
    return present(
        extension=extensions,
        status=codes.ENTERED_IN_ERROR if in_error else state,
        scope=coded(codes.CONSENT_SCOPE, "adr"),
        category=[coded(codes.CONSENT_CATEGORY, "acd"), *concepts((body.type,))],
        dateTime=date_time(entry.date),
        sourceAttachment=files[0] if files else None,
        policyRule=absent(),
    )
