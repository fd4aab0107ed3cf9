"""What is said of files: their form, their size, whose a DICOM file says that it is. Pure."""

from localstore.documents.dicom import Header, Mismatch
from localstore.documents.media import Form, parse
from localstore.values import Attachment
from tui import vocabulary
from tui.dates import shown_date
from tui.words.catalogue import text
from tui.words.marking import message

TRAITS = {
    "name": message("name"),
    "birth-date": message("birth date"),
    "sex": message("sex"),
    "ins": message("INS"),
}
FORMS = {
    Form.PDF: message("PDF"),
    Form.JPEG: message("picture (JPEG)"),
    Form.PNG: message("picture (PNG)"),
    Form.DICOM: message("DICOM"),
    Form.TEXT: message("text"),
    Form.BYTES: message("other file"),
}


def form(file: Attachment) -> str:
    """What a file is, in words."""
    found = parse(file.media_type)
    return text(FORMS[found.form]) if found else file.media_type


def size(file: Attachment) -> str:
    """How large a file is: in kilobytes, or megabytes from one on."""
    if file.size < 1_000_000:
        return text("{size} kB").format(size=-(-file.size // 1000))
    return text("{size} MB").format(size=f"{file.size / 1_000_000:.1f}".replace(".", ","))


def header(found: Header) -> str:
    """What a DICOM header says, in one line."""
    parts = (found.name, shown_date(found.birth_date), found.modality, found.description, shown_date(found.study_date))
    return text("DICOM: {what}").format(what=", ".join(part for part in parts if part) or "?")


def mismatch(one: Mismatch) -> str:
    """One trait in which a file and a patient differ."""
    return text("{trait}: “{in_file}” in the file, “{here}” in the record.").format(
        trait=text(TRAITS[one.trait]), in_file=_said(one, one.in_file), here=_said(one, one.here)
    )


def _said(one: Mismatch, value: str) -> str:
    if one.trait == "birth-date":
        return shown_date(value)
    return vocabulary.word(vocabulary.SEX, value) if one.trait == "sex" else value
