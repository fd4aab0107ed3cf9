"""Every field of an entry in words, in the order in which it is typed. Pure.

What `tui.forms` names is said here, so that a field that can be typed is never one that cannot be read.
"""

from localstore.bodies import (
    Body,
    DirectiveBody,
    DocumentBody,
    LetterBody,
    MeasurementBody,
    OtherBody,
    PatientBody,
    RelativeBody,
)
from localstore.coded import ONLY_THE_FACT
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.values import Attachment, Concept, Quantity
from tui.amounts import number, part_value, quantity
from tui.dates import shown_date
from tui.forms import DATE, FIELDS, NONE_KNOWN, Field, Shape
from tui.reading import concept_of
from tui.vocabulary import word
from tui.words.catalogue import text

Rows = list[tuple[str, str]]
KIB = 1024
SHORT_ID = 16  # digits of a record's identifier that commands and screens show
# What the title has said already; the others that it may say are short enough to be said twice.
_IN_TITLE = {
    Kind.ALLERGY: "substance",
    Kind.PROBLEM: "concept",
    Kind.MEDICATION: "medicine",
    Kind.IMMUNISATION: "vaccine",
    Kind.MEASUREMENT: "concept",
    Kind.PROCEDURE: "concept",
    Kind.DEVICE: "device",
    Kind.DOCUMENT: "title",
    Kind.LETTER: "title",
    Kind.RELATIVE: "name",
    Kind.CARER: "name",
    Kind.RECALL: "concept",
}


def rows(entry: Entry) -> Rows:
    """Every field that says something, as (label, words)."""
    body, kind = entry.body, entry.kind
    fields = FIELDS.get(kind, ())
    label = next((field.label for field in fields if field.name == DATE), "Date")
    found: Rows = [(text(label), shown_date(entry.date, time=True) or text("not given"))]
    for field in fields:
        if field.name not in (DATE, NONE_KNOWN, _IN_TITLE.get(kind)):
            found += _row(field, body)
    found += _besides(body) + _codes(body)
    return [(label, said) for label, said in found if said.strip()]


def _row(field: Field, body: Body) -> Rows:
    held = getattr(body, field.name)
    if field.shape is Shape.VALUE and isinstance(body, MeasurementBody):
        parts = [(part.concept.label, part_value(part)) for part in body.components]
        return [(text(field.label), quantity(body.quantity) if body.quantity else body.text), *parts]
    if field.shape is Shape.LINES and field.name == "text":
        return [("", held)]  # it explains itself, and may be long
    return [(text(field.label), _words(field, held))]


def _words(field: Field, held: object) -> str:
    """What a field holds, in words; nothing where it holds nothing."""
    match field.shape:
        case Shape.CHOICE:
            table = {code: words for code, words in field.choices if code}
            return word(table, str(held)) if held else ""
        case Shape.FLAG:
            return text("yes") if held else ""
        case Shape.DATE | Shape.MOMENT | Shape.DEATH:
            return text("yes") if held == ONLY_THE_FACT else shown_date(str(held), time=True)
        case Shape.COUNT:
            return "" if held is None or (not held and field.name != "onset_age") else str(held)
        case Shape.NUMBER:
            return "" if held is None else number(held)  # type: ignore[arg-type]
        case Shape.CONCEPTS:
            return ", ".join(one.label for one in held if one.label)  # type: ignore[attr-defined]
    match held:
        case Concept():
            return held.label
        case Quantity():
            return quantity(held)
        case None:
            return ""
    return str(held)


def _besides(body: Body) -> Rows:
    """What is not typed on a form: files, links, what an import said of itself."""
    match body:
        case PatientBody():
            return []
        case DocumentBody():
            size = _size(len(body.content)) if body.content else ""
            return [(text("File"), ", ".join(filter(None, (body.media_type, size)))), *_file(body.attachment)]
        case LetterBody() | DirectiveBody():
            return _file(body.attachment)
        case RelativeBody():
            return [(text("His record"), body.patient[:SHORT_ID])]
        case OtherBody():
            return [(text("Resource"), body.resource_type), (text("Not understood"), body.unread)]
    return []


def _file(attachment: Attachment | None) -> Rows:
    if attachment is None:
        return []
    return [(text("File"), ", ".join(filter(None, (attachment.name, attachment.media_type, _size(attachment.size)))))]


def _size(octets: int) -> str:
    return text("{kib} KiB").format(kib=-(-octets // KIB))


def _codes(body: Body) -> Rows:
    """The codes of what the entry is about, with the version of their system where it came with one."""
    named = [
        f"{one.code} ({one.system.removeprefix('http://')}{f' {one.version}' if one.version else ''})"
        for one in concept_of(body).codings
        if one.code
    ]
    return [(text("Codes"), " · ".join(named))]
