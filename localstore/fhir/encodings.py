"""Which encoding a file is written in, and the same text in UTF-8, which is what FHIR uses.

UTF-16 and UTF-32 say so themselves by their first bytes, and an XML declaration names its encoding: these are read. An
8-bit encoding that nothing names is not guessed.
"""

import codecs
import re

from localstore.import_errors import NotFhir

_MARKS = (  # those of UTF-32 first: the one of its little-endian form begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a mark the zeros tell: the first character of JSON and of XML is an ASCII one.
_ZEROS = ((b"\0\0\0", 0, "utf-32-be"), (b"\0\0\0", 1, "utf-32-le"), (b"\0", 0, "utf-16-be"), (b"\0", 1, "utf-16-le"))
_DECLARATION = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")
# What an XML declaration may name. Python's other codecs are no encodings of text, or take several bytes a character.
_NAMED = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "cp1250"})


def utf8(data: bytes, file: str) -> bytes:
    """The same text in UTF-8 and without a byte order mark, where its first bytes say that it is in UTF-16 or UTF-32;
    any other as it is. Raises NotFhir where it breaks that encoding."""
    found = _encoding(data)
    return data.removeprefix(codecs.BOM_UTF8) if found is None else _recoded(data, found, file)


def utf8_xml(data: bytes, file: str) -> bytes:
    """The same for XML, whose declaration may name an encoding. Raises NotFhir for one that is not read."""
    found = _encoding(data)
    if found is not None:
        return _recoded(data, found, file)
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARATION.match(data)
    name = declared[1].decode() if declared else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if known not in _NAMED:
        reason = "its encoding is {encoding}, and FHIR uses UTF-8"
        raise NotFhir(file=file, reason=reason, encoding=name)
    return data if known == "utf-8" else _recoded(data, known, file)


def is_recoded(data: bytes) -> bool:
    """Whether `utf8` would have to write this text anew."""
    return _encoding(data) is not None


def begins_xml(data: bytes) -> bool:
    """Whether the first character is that of XML, in any encoding that is read."""
    head = data[:256].replace(b"\0", b"")
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.lstrip()[:1] == b"<"


def _encoding(data: bytes) -> str | None:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    for zeros, place, name in _ZEROS:
        if data[place : place + len(zeros)] == zeros:
            return name
    return None


def _recoded(data: bytes, encoding: str, file: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError as error:
        reason = "it is not in the encoding that it says ({encoding})"
        raise NotFhir(file=file, reason=reason, encoding=encoding) from error
