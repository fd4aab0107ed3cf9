"""Makes any text safe and visible in print: nothing hidden, nothing lost, right-to-left words in their order.

Text comes from other programs and other people. Control, format and bidirectional characters could reorder or hide what
a doctor reads, so they are printed as their code points, like every character for which there is no glyph. Arabic and
Hebrew are put into visual order here, because the PDF library draws characters from left to right as they come. That
covers words, names and short phrases inside French text; it is not the whole Unicode bidirectional algorithm: nested
directions and explicit marks are outside of it (the marks are printed as code points).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

LINE_ENDS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
KEPT_SPACES = frozenset(" \u00a0\u202f")
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
MARKS = frozenset({"Mn", "Me"})
MAX_MARKS = 3  # on one letter; more only serve to overprint other lines
RIGHT_TO_LEFT = frozenset({"R", "AL"})
MAX_RUN = 24  # characters of right-to-left text kept on one line; a longer run is broken between words
NO_BREAK = "\u00a0"
_NUMBER = re.compile(r"(\d+(?:[.,:/-]\d+)*)")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_ARABIC_FORMS = ((0xFB50, 0xFE00), (0xFE70, 0xFEFD))  # blocks of presentation forms


def visible(text: str, drawable: Callable[[str], bool]) -> str:
    """`text` composed (NFC), on one line, each character that hides, controls or has no glyph as `[U+202E]`."""
    printed: list[str] = []
    hidden: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        marks = marks + 1 if unicodedata.category(character) in MARKS else 0
        shown = _shown(character, drawable) if marks <= MAX_MARKS else None
        if shown is None:
            hidden.append(f"U+{ord(character):04X}")
            continue
        if hidden:
            printed.append(f"[{' '.join(hidden)}]")
            hidden = []
        printed.append(shown)
    return "".join(printed) + (f"[{' '.join(hidden)}]" if hidden else "")


def _shown(character: str, drawable: Callable[[str], bool]) -> str | None:
    """What is printed for a character, or None where only its code point can be."""
    if character in LINE_ENDS:
        return " / "
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    if category == "Zs":
        return character if character in KEPT_SPACES else " "
    return character if category not in HIDDEN and drawable(character) else None


def visual(text: str, drawable: Callable[[str], bool]) -> str:
    """`text` with each right-to-left run in the order in which it is drawn, Arabic letters joined.

    A run longer than a line is broken between words; each part then ends with a line feed.
    """
    if not any(_direction(character) in RIGHT_TO_LEFT for character in text):
        return text
    return "".join(_drawn(run, drawable) if is_rtl else run for is_rtl, run in _runs(text))


def _direction(character: str) -> str:
    return unicodedata.bidirectional(character)


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """The text in parts: from a first right-to-left letter to the last one before a left-to-right letter; the rest."""
    start = 0
    first: int | None = None
    last = 0
    for position, character in enumerate(text):
        direction = _direction(character)
        if direction in RIGHT_TO_LEFT:
            first = position if first is None else first
            last = position + 1
        elif direction == "NSM" and first is not None and last == position:
            last = position + 1
        elif direction == "L" and first is not None:
            yield False, text[start:first]
            yield True, text[first:last]
            start, first = last, None
    if first is not None:
        yield False, text[start:first]
        yield True, text[first:last]
        start = last
    yield False, text[start:]


def _drawn(run: str, drawable: Callable[[str], bool]) -> str:
    lines: list[list[str]] = [[]]
    for word in run.split():
        if lines[-1] and len(" ".join((*lines[-1], word))) > MAX_RUN:
            lines.append([])
        lines[-1].append(word)
    return "\n".join(_mirrored(_joined(NO_BREAK.join(line), drawable)) for line in lines)


def _mirrored(run: str) -> str:
    """The run backwards, by letters with their marks; numbers keep their order, brackets turn round."""
    clusters: list[str] = []
    for part in _NUMBER.split(run):
        if _NUMBER.fullmatch(part):
            clusters.append(part)
            continue
        for character in part:
            if clusters and _is_mark(character):
                clusters[-1] += character
            else:
                clusters.append(character.translate(_MIRRORED))
    return "".join(reversed(clusters))


@cache
def _presentation_forms() -> dict[str, dict[str, str]]:
    """For each Arabic letter (or lam-alef pair) its forms by position in the word, from Unicode's own data."""
    forms: dict[str, dict[str, str]] = {}
    for first, end in _ARABIC_FORMS:
        for code in range(first, end):
            kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
            source = "".join(chr(int(letter, 16)) for letter in letters)
            if kind.strip("<>") in ("isolated", "initial", "medial", "final") and " " not in source:
                forms.setdefault(source, {})[kind.strip("<>")] = chr(code)
    return forms


def _joined(run: str, drawable: Callable[[str], bool]) -> str:
    """The run with each Arabic letter in the form that its neighbours ask for."""
    forms = _presentation_forms()
    shaped = _ligated(run, drawable)
    letters = [position for position, unit in enumerate(shaped) if not _is_mark(unit)]
    joined = list(shaped)
    for place, position in enumerate(letters):
        before = shaped[letters[place - 1]] if place else ""
        after = shaped[letters[place + 1]] if place + 1 < len(letters) else ""
        form = _form(_reaches(before) and _accepts(shaped[position]), _reaches(shaped[position]) and _accepts(after))
        drawn = forms.get(shaped[position], {}).get(form, shaped[position])
        joined[position] = drawn if drawable(drawn) else shaped[position]
    return "".join(joined)


def _ligated(run: str, drawable: Callable[[str], bool]) -> list[str]:
    """The letters of a run, lam and alef taken together: they are never written apart."""
    forms, units = _presentation_forms(), list[str]()
    for character in run:
        pair = units[-1] + character if units else ""
        if len(pair) == 2 and pair[0] == "\u0644" and all(map(drawable, forms.get(pair, {"": "\0"}).values())):
            units[-1] = pair
        else:
            units.append(character)
    return units


def _is_mark(unit: str) -> bool:
    return unicodedata.category(unit[0]) in MARKS


def _reaches(unit: str) -> bool:
    """Whether a letter joins the one after it."""
    return unit == "\u0640" or "initial" in _presentation_forms().get(unit, {})


def _accepts(unit: str) -> bool:
    """Whether a letter joins the one before it."""
    return unit == "\u0640" or "final" in _presentation_forms().get(unit, {})


def _form(from_before: bool, to_after: bool) -> str:
    if from_before:
        return "medial" if to_after else "final"
    return "initial" if to_after else "isolated"
