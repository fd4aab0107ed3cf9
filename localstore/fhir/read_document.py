"""Documents, letters and reports: their words, and the first file that came inside them.

A letter is a DocumentReference that this program wrote as one: which way it went is in a category of ours. Another
system's letter is a document, because nothing in it says whether it was sent or received here.
"""

from localstore.bodies import DocumentBody, LetterBody
from localstore.fhir import codes, remarks
from localstore.fhir.care_shapes import DiagnosticReport, DocumentContent, DocumentReference
from localstore.fhir.read_files import Files
from localstore.fhir.read_practitioner import rpps
from localstore.fhir.read_values import concept, words_of_all
from localstore.fhir.reading import Reading, own
from localstore.kinds import Status

FINISHED = frozenset({"final", "amended", "corrected", "appended", codes.ENTERED_IN_ERROR})


def document(source: DocumentReference, reading: Reading) -> tuple[DocumentBody | LetterBody, str, Status]:
    """A DocumentReference."""
    files = Files(reading)
    title = source.description or ""
    creation = ""
    for content in source.content or ():
        if content.attachment is None:
            continue
        part = _part(content)
        title = title or ("" if part else content.attachment.title or "")
        creation = creation or content.attachment.creation or ""
        files.take(content.attachment, part)
    if source.status == "superseded":
        reading.remarks.append(remarks.REPLACED)
    if source.docStatus and source.docStatus not in FINISHED:
        reading.remarks.append(remarks.STATUS.format(remarks.words(source.docStatus)))
    period = source.context.period if source.context else None
    date = reading.start(period) or reading.date(creation) or reading.date(source.date)
    in_error = codes.ENTERED_IN_ERROR in (source.status, source.docStatus)
    status = Status.ENTERED_IN_ERROR if in_error else Status.FINAL
    if direction := _direction(source):
        return _letter(direction, title, files, reading), date, status
    body = DocumentBody(
        title=title,
        type=concept(source.type),
        text=files.text([]),
        media_type=files.media_type,
        content=files.came or files.content,
        attachment=files.kept,
    )
    return body, date, status


def _direction(source: DocumentReference) -> str:
    for category in source.category or ():
        for coding in category.coding or ():
            if coding.system == codes.OWN_LETTER and coding.code in codes.DIRECTIONS:
                return coding.code
    return ""


def _letter(direction: str, title: str, files: Files, reading: Reading) -> LetterBody:
    found = own(reading.extensions, codes.OWN_CORRESPONDENT)
    correspondent = found.valueReference if found else None
    return LetterBody(
        title=title,
        direction=direction,
        correspondent=reading.name_of(correspondent),
        correspondent_rpps=rpps(correspondent, reading),
        text=files.text([]),
        media_type=files.media_type,
        content=files.came or files.content,
        attachment=files.kept,
    )


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
