"""A text as QR codes: one image, or as many codes as a terminal of this size needs, one after the other.

A card has about 2,800 letters; in one code that takes 149 columns and 75 lines. What does not fit is cut by structured
append (ISO/IEC 18004, 8): up to 16 codes that say which part of the whole they are.
"""

from io import BytesIO

import segno

from localstore.errors import BadInput

QUIET = 2  # modules of white around a code on the screen; readers want at least that much on a dark ground
QUIET_ON_PAPER = 4  # of white around a code in an image: what the standard asks for
SCALE = 5  # pixels of a module in an image
_LARGEST = 40
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}  # dark modules, upper and lower


def image(text: str, kind: str) -> bytes:
    """One code as a file: `kind` is png or svg."""
    written = BytesIO()
    segno.make_qr(text, error="l").save(written, kind=kind, scale=SCALE, border=QUIET_ON_PAPER)
    return written.getvalue()


def pages(text: str, columns: int, lines: int) -> list[list[str]]:
    """The codes to show one after the other, as few as possible; each as lines of half blocks, dark on light.

    Raises BadInput where 16 codes of the size that fits do not hold the text.
    """
    side = min(columns, 2 * lines)
    largest = min(_LARGEST, (side - 2 * QUIET - 17) // 4)  # a code of version n has 17 + 4 n modules
    whole = segno.make_qr(text, error="l", boost_error=False)
    if int(whole.version) <= largest:
        return [_painted(whole)]
    try:
        return [
            _painted(one) for one in segno.make_sequence(text, version=max(1, largest), error="l", boost_error=False)
        ]
    except segno.DataOverflowError as error:
        raise BadInput(
            what="This window is too small for a QR code.", remedy="Make it larger, or have the code in a file."
        ) from error


def _painted(code: segno.QRCode) -> list[str]:
    rows = [[int(module) & 1 for module in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return ["".join(_HALVES[two] for two in zip(*rows[at : at + 2], strict=True)) for at in range(0, len(rows), 2)]
