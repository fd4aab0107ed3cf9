"""A bundle that is too large to hold, cut into its entries while it is read window by window.

    read(n) ── window ── the next JSON value in it, whole ── its bytes

Where a value ends is found by the JSON reader itself, which says where the first value stopped and other bytes began:
nothing is built, and strings and brackets are its business. At most one value and one window are in memory. The result
is that of `bundle.split`, whatever the windows. Pure: the bytes are asked from `read`.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn

import msgspec

from localstore.errors import TooLarge
from localstore.fhir.bundle import BUNDLE, HISTORY, NDJSON, BundleItem, entry_item, line_item
from localstore.fhir.encodings import begins_xml, is_recoded
from localstore.fhir.json_text import MAX_BUNDLE_BYTES, MAX_DEPTH, compact, is_object, members
from localstore.import_errors import NotFhir

Read = Callable[[int], bytes]

WINDOW = 1024 * 1024  # bytes: some hundred entries
MAX_LARGE_ENTRIES = 4_000_000  # of one file: each costs some 50 bytes while it is imported
MAX_FIRST_LINE = 8 * 1024 * 1024  # bytes in which NDJSON without its name shows itself by the end of a line
_HEAD = ("resourceType", "type", "entry")
_LINE = "line"
_TRUNCATION = 16  # bytes before the end of a window in which an error may come from its end alone
_SPACE = b" \t\n\r"
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_BYTE = re.compile(r"\(byte (\d+)\)")
_raw = msgspec.json.Decoder(msgspec.Raw)
_text = msgspec.json.Decoder(str)


class Placed(NamedTuple):
    """An item of a file, and the byte at which its entry (or its line) begins, to read it again from there."""

    item: BundleItem
    start: int


def scan(read: Read, file: str, window: int = WINDOW) -> Iterator[Placed]:
    """The items of a file, in its order. `read` gives at most so many next bytes, none at the end; `file` is its name.

    Raises NotFhir with the reason, and TooLarge; both also after items were given, since only the end of a file tells
    that it was one. What it gives before is good whatever comes.
    """
    cursor = _Cursor(read, file, window)
    return cursor.lines() if cursor.is_lines() else _bundle(cursor, file)


def again(read: Read, file: str, place: str, window: int = WINDOW) -> BundleItem:
    """The item of that place once more, `read` beginning where it does. Raises NotFhir, TooLarge."""
    raw = _Cursor(read, file, window).value()
    return BundleItem(place, "", raw) if place.startswith(_LINE) else entry_item(place, members(raw))


def _bundle(cursor: "_Cursor", file: str) -> Iterator[Placed]:
    if cursor.next() != b"{":
        cursor.refuse_start()
    cursor.skip()
    met: dict[str, bytes] = {}
    is_end = cursor.next() == b"}"
    if is_end:
        cursor.skip()
    while not is_end:
        name = cursor.name()
        if name in met:
            raise NotFhir(file=file, reason="a property occurs twice in the same object")
        met[name] = b""
        if name == "entry" and cursor.next() == b"[":
            yield from cursor.entries()
        else:
            value = cursor.value()
            met[name] = value if name in _HEAD else b""
        is_end = cursor.after(b"}")
    if cursor.next():
        cursor.refuse()
    _check_head(met, file)


def _check_head(met: dict[str, bytes], file: str) -> None:
    """Refuse what is no bundle of what stands now: the same as `bundle.split`."""
    try:
        kind, purpose = (_text.decode(met[name]) if name in met else "" for name in ("resourceType", "type"))
    except msgspec.DecodeError as error:
        raise NotFhir(file=file, reason="its type is no text") from error
    if not kind:
        raise NotFhir(file=file, reason="it has no resourceType")
    if kind != BUNDLE:  # one resource: it would have to be held whole
        raise TooLarge(what=file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
    if purpose == HISTORY:
        raise NotFhir(file=file, reason="it is a history, with versions that no longer stand")
    if met.get("entry"):
        raise NotFhir(file=file, reason="its entry is no list")


class _Cursor:
    """A place in a file that is read window by window."""

    def __init__(self, read: Read, file: str, window: int) -> None:
        self._read, self._file, self._window = read, file, window
        self._held = b""
        self._at = 0  # in what is held
        self._before = 0  # bytes of the file before what is held
        self._is_end = False
        self._more(4)
        if is_recoded(self._held):
            self._refuse_form("it is larger than {limit}, and so large only UTF-8 is read")
        if self._held.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)
        if begins_xml(self._held[self._at :]):
            self._refuse_form("it is larger than {limit}, and so large only JSON is read")

    def _refuse_form(self, reason: str) -> NoReturn:
        raise NotFhir(file=self._file, reason=reason, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")

    def refuse_start(self) -> NoReturn:
        """Refuse what does not begin with an object."""
        reason = "it is no JSON object" if self.next() else "it is empty"
        raise NotFhir(file=self._file, reason=reason)

    def refuse(self) -> NoReturn:
        """Refuse the file from here on."""
        raise NotFhir(file=self._file, reason="it is not JSON from byte {byte} on", byte=self._before + self._at)

    def _more(self, least: int = 1) -> bool:
        """Read on, at least so many bytes where there are; False at the end."""
        pieces = [self._held[self._at :]]
        wanted = max(self._window, least)
        while wanted > 0 and not self._is_end:
            piece = self._read(wanted)
            self._is_end = not piece
            pieces.append(piece)
            wanted -= len(piece)
        self._before += self._at
        self._at, before = 0, len(pieces[0])
        self._held = b"".join(pieces)
        return len(self._held) > before

    def next(self) -> bytes:
        """The next byte that is no white space, without going over it; empty at the end."""
        while True:
            while self._at < len(self._held):
                found = self._held[self._at : self._at + 1]
                if found not in _SPACE:
                    return found
                self._at += 1
            if not self._more():
                return b""

    def skip(self) -> None:
        """Go over the byte that `next` gave."""
        self._at += 1

    def after(self, closing: bytes) -> bool:
        """Go over what follows a value: whether it closes; else it was a comma."""
        found = self.next()
        if found not in (b",", closing) or not found:
            self._break_off() if not found else self.refuse()
        self.skip()
        return found == closing

    def _break_off(self) -> NoReturn:
        raise NotFhir(file=self._file, reason="it breaks off")

    def name(self) -> str:
        """Go over the name of a property and its colon."""
        if self.next() != b'"':
            self.refuse()
        raw = self.value()
        if b"\\" in raw or not raw.isascii():  # as `json_text.members`: FHIR's names need neither
            raise NotFhir(file=self._file, reason="a property occurs twice in the same object")
        name = _text.decode(compact(raw, self._file))
        if self.next() != b":":
            self.refuse()
        self.skip()
        return name

    def value(self) -> bytes:
        """Go over the next JSON value: its bytes, compact. Raises NotFhir, TooLarge."""
        if not self.next():
            self._break_off()
        while (end := self._end()) is None:
            if len(self._held) - self._at > MAX_BUNDLE_BYTES:
                raise TooLarge(what=self._file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
            self._more(len(self._held) - self._at)
        if end - self._at > MAX_BUNDLE_BYTES:
            raise TooLarge(what=self._file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
        raw = self._held[self._at : end]
        self._at = end
        return compact(raw, self._file)

    def _end(self) -> int | None:
        """Where the value that begins here ends in what is held; None where more must be read to know."""
        with memoryview(self._held) as held:
            try:
                _raw.decode(held[self._at :])
            except RecursionError as error:
                reason = "it is nested more than {levels} levels deep"
                raise NotFhir(file=self._file, reason=reason, levels=MAX_DEPTH) from error
            except msgspec.DecodeError as error:
                return self._stop(str(error))
        return len(self._held) if self._is_end else None

    def _stop(self, message: str) -> int | None:
        if found := _TRAILING.search(message):
            return self._at + int(found[1]) - 1
        place = _BYTE.search(message)
        is_near_end = place is None or self._at + int(place[1]) + _TRUNCATION > len(self._held)
        if is_near_end and not self._is_end:
            return None
        if place is None:
            self._break_off()
        self._at += int(place[1])
        self.refuse()

    def entries(self) -> Iterator[Placed]:
        """Go over the array that begins here: its items."""
        self.skip()
        if self.next() == b"]":
            self.skip()
            return
        for index in range(MAX_LARGE_ENTRIES + 1):
            if index == MAX_LARGE_ENTRIES:
                raise TooLarge(what=self._file, limit="{count} entries", count=MAX_LARGE_ENTRIES)
            self.next()
            start = self._before + self._at
            yield Placed(entry_item(f"entry[{index}]", members(self.value())), start)
            if self.after(b"]"):
                return

    def is_lines(self) -> bool:
        """Whether this is NDJSON: it is named so, or its first line is an object and not the last one."""
        if self._file.lower().endswith(NDJSON):
            return True
        while self.next() and (end := self._held.find(b"\n", self._at)) < 0:
            if len(self._held) - self._at > MAX_FIRST_LINE or not self._more(self._window):
                return False
        if not self.next() or not is_object(self._held[self._at : end]):
            return False
        return bool(self._held[end:].strip() or not self._is_end)

    def lines(self) -> Iterator[Placed]:
        """The items of NDJSON."""
        number = 0
        while True:
            number += 1
            end = self._held.find(b"\n", self._at)
            while end < 0 and self._more(len(self._held) - self._at):
                if len(self._held) > MAX_BUNDLE_BYTES:
                    raise TooLarge(what=self._file, limit=f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB")
                end = self._held.find(b"\n", self._at)
            line = self._held[self._at : end if end >= 0 else len(self._held)]
            if line.strip():
                start = self._before + self._at
                yield Placed(line_item(line, f"{_LINE}[{number}]", self._file), start)
            if end < 0:
                return
            if number > MAX_LARGE_ENTRIES:
                raise TooLarge(what=self._file, limit="{count} entries", count=MAX_LARGE_ENTRIES)
            self._at = end + 1
