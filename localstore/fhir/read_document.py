"""Documents and reports: their words, and the first file that came inside them. Nothing is fetched from anywhere."""

import binascii
from collections.abc import Iterable

import msgspec

from localstore.bodies import MAX_DOCUMENT_BYTES, DocumentBody
from localstore.fhir import codes, remarks
from localstore.fhir.care_shapes import Binary, DiagnosticReport, DocumentContent, DocumentReference
from localstore.fhir.read_values import concept, words_of_all
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import Attachment, Reference
from localstore.kinds import Status

MAX_TEXT_BYTES = 1024 * 1024  # a longer text attachment is kept as a file, not as words: charts are read whole
TEXT_PART, FILE_PART = "text", "file"
PLAIN = "text/plain"
FINISHED = frozenset({"final", "amended", "corrected", "appended", codes.ENTERED_IN_ERROR})
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

    def take(self, attachment: Attachment, part: str = "") -> None:
        """Add one attachment; `part` is our own mark of whether it is the words or the file."""
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


def document(source: DocumentReference, reading: Reading) -> tuple[DocumentBody, str, Status]:
    """A DocumentReference."""
    files = Files(reading)
    title = source.description or ""
    creation = ""
    for content in source.content or ():
        if content.attachment is None:
            continue
        title = title or content.attachment.title or ""
        creation = creation or content.attachment.creation or ""
        files.take(content.attachment, _part(content))
    if source.status == "superseded":
        reading.remarks.append(remarks.REPLACED)
    if source.docStatus and source.docStatus not in FINISHED:
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.docStatus)))
    period = source.context.period if source.context else None
    date = reading.start(period) or reading.date(creation) or reading.date(source.date)
    in_error = codes.ENTERED_IN_ERROR in (source.status, source.docStatus)
    body = DocumentBody(
        title=title,
        type=concept(source.type),
        text=files.text([]),
        media_type=files.media_type,
        content=files.content,
    )
    return body, date, Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _part(content: DocumentContent) -> str:
    form = content.format
    return (form.code or "") if form is not None and form.system == codes.OWN_PART else ""


def report(source: DiagnosticReport, reading: Reading) -> tuple[DocumentBody, str, Status]:
    """A DiagnosticReport: its conclusion, the names of its results (which are entries of their own), and its file."""
    files = Files(reading)
    for attachment in source.presentedForm or ():
        files.take(attachment)
    about = concept(source.code)
    date = reading.date(source.effectiveDateTime) or reading.start(source.effectivePeriod)
    date = date or reading.date(source.issued)
    if source.status not in FINISHED:
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.status or "unknown")))
    results = [reading.name_of(result) for result in source.result or ()]
    body = DocumentBody(
        title=about.label,
        type=about,
        text=files.text([source.conclusion or "", words_of_all(source.conclusionCode), *results]),
        media_type=files.media_type,
        content=files.content,
    )
    in_error = source.status == codes.ENTERED_IN_ERROR
    return body, date, Status.ENTERED_IN_ERROR if in_error else Status.FINAL
