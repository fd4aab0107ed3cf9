"""The typeface of the sheet: DejaVu Sans Condensed 2.37, carried with the package: the export needs nothing else.

One family covers Latin with all its accents (Vietnamese too), Greek, Cyrillic, Arabic, Hebrew, Armenian and Georgian;
what it lacks (Chinese, Devanagari ...) is printed as code points by `glyphs`. Its licence lies beside it. The files are
checked by their digest before they are parsed: a damaged font must not print a wrong dose.
"""

import hashlib
from functools import cache
from importlib import resources
from io import BytesIO
from typing import NamedTuple

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from localstore.errors import ConfrereError

LAST_MAPPED = 0xFFFF
REGULAR = "Confrere"
BOLD = "Confrere-Bold"
_FILES = {
    REGULAR: (
        "DejaVuSansCondensed.ttf",
        "2d8aa290adcf1ebcbb35f63e57cf32941b012eaab4b65096b904112cf3bac972",
    ),
    BOLD: (
        "DejaVuSansCondensed-Bold.ttf",
        "6d2f2481e2aae944e8411cc5be515c69503ff7f5db52f2c67bcbe5d4de6bec13",
    ),
}


class Typeface(NamedTuple):
    """The characters that both weights can draw."""

    covered: frozenset[str]

    def draws(self, character: str) -> bool:
        """Whether there is a glyph for the character."""
        return character in self.covered


@cache
def load() -> Typeface:
    """Register both weights with the PDF library, once in a process. Raises ConfrereError when a file was altered."""
    weights = [_register(name, *_FILES[name]) for name in (REGULAR, BOLD)]
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(REGULAR, bold, italic, BOLD if bold else REGULAR)
    return Typeface(weights[0] & weights[1])


def _register(name: str, file: str, digest: str) -> frozenset[str]:
    data = (resources.files(__package__) / "typefaces" / file).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ConfrereError(detail=f"the font {file} of this installation was altered")
    font = TTFont(name, BytesIO(data))
    pdfmetrics.registerFont(font)
    # Beyond the first plane the library's tables cannot be mapped back: such text could be seen, and not be searched.
    return frozenset(chr(code) for code, glyph in font.face.charToGlyph.items() if glyph and code <= LAST_MAPPED)
