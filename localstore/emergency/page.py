"""The paper: A4, its folds, its frames, its header and footer, and the styles of the sheet.

The page folds to a wallet card. A4 in two columns and four rows gives eight panels of 105 x 74 mm; folding the lower
part behind twice and then the right half behind leaves the upper left panel (who this is) in front and the upper right
one (allergies) on the back. The two columns never cross the vertical fold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Frame

from localstore.emergency.fonts import BOLD, REGULAR

WIDTH, HEIGHT = A4
ROW, COLUMN = HEIGHT / 4, WIDTH / 2
MARGIN = 10 * mm  # the left and right edge; desktop printers need 5
GUTTER = 4.5 * mm  # on either side of the vertical fold
TEXT_WIDTH = COLUMN - MARGIN - GUTTER
TOP, BOTTOM = 9 * mm, 15 * mm
HEADER = 9 * mm  # on the pages after the first
PANEL_PADDING = 3 * mm
BOX_WIDTH = TEXT_WIDTH - 2 * PANEL_PADDING
ROOM = TOP + 3 * PANEL_PADDING  # of the height of the band: what is not text
LONGEST_BIG_NAME = 60  # characters; a longer name is set smaller
TALLEST_BAND = 175 * mm  # above this, allergies flow through the columns instead of standing beside the identity

INK, GREY, RED, PALE_RED, NAVY, PALE = map(HexColor, ("#111111", "#555555", "#A80020", "#FFF1F1", "#12314F", "#E6EBF0"))


@dataclass(frozen=True, slots=True)
class Running:
    """What stands on every page: who the patient is, where the sheet comes from."""

    patient: str
    origin: str
    made: str
    allergies: str


def style(size: float, *, bold: bool = False, color: Any = INK, **rest: Any) -> ParagraphStyle:
    """A paragraph style of the house; `size` in points."""
    values = {"leading": size * 1.22, "spaceAfter": size * 0.18, "splitLongWords": 1, "allowWidows": 1, **rest}
    return ParagraphStyle(
        name=f"{size}{bold}", fontName=BOLD if bold else REGULAR, fontSize=size, textColor=color, **values
    )


_HANGING: dict[str, Any] = {"leftIndent": 6, "firstLineIndent": -6}
_BAR: dict[str, Any] = {
    "borderPadding": (1.5, 3, 2.5, 3),
    "leftIndent": 3,
    "rightIndent": 3,
    "spaceAfter": 5,
    "keepWithNext": 1,
}

KICKER = style(7.5, bold=True, color=NAVY, spaceAfter=2)
NAME = style(19, bold=True, spaceAfter=1)
LONG_NAME = style(12, bold=True)
BIRTH = style(11, bold=True, spaceAfter=3)
IDENTITY = style(8.2)
ALARM = style(8.6, bold=True, color=RED)
ALLERGY_TITLE = style(12, bold=True, color=HexColor("#FFFFFF"), backColor=RED, **{**_BAR, "spaceBefore": 3})
ALLERGY = style(10.5, **_HANGING)
OLD = style(8.2, color=GREY, **_HANGING)
STATEMENT = style(9, bold=True, spaceAfter=3)
TITLE = style(9.6, bold=True, color=NAVY, backColor=PALE, **{**_BAR, "spaceBefore": 7})
ITEM = style(8.4, **_HANGING)
NOTE = style(7.4, color=GREY)


def frames(band: float) -> list[Frame]:
    """The four frames of the first page: identity and allergies in a band of this height, then the two columns."""
    height = band - TOP - PANEL_PADDING
    inner = COLUMN + GUTTER + PANEL_PADDING
    return [
        _frame(MARGIN, HEIGHT - band + PANEL_PADDING, TEXT_WIDTH, height),
        _frame(inner, HEIGHT - band + PANEL_PADDING, BOX_WIDTH, height - PANEL_PADDING),
        *columns(HEIGHT - band - BOTTOM),
    ]


def columns(height: float) -> list[Frame]:
    """The two columns, this high, standing on the footer."""
    return [_frame(left, BOTTOM, TEXT_WIDTH, height) for left in (MARGIN, COLUMN + GUTTER)]


def later_frames() -> list[Frame]:
    """The frames of the pages after the first."""
    return columns(HEIGHT - BOTTOM - TOP - HEADER)


def _frame(left: float, bottom: float, width: float, height: float) -> Frame:
    return Frame(left, bottom, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


def fitted(text: str, font: str, size: float, width: float) -> str:
    """`text` cut to a width with a visible ellipsis: for what is repeated and stands in full on the first page."""
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(text + "…", font, size) > width:
        text = text[: -max(1, len(text) // 20)]
    return text + "…"


def first_page(running: Running, total: int, band: float, alarm: bool) -> Callable[[Any, Any], None]:
    """What is drawn on the first page: the box of the allergies, the folds, the footer."""

    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RED if alarm else INK)
        canvas.setFillColor(PALE_RED if alarm else HexColor("#FFFFFF"))
        canvas.setLineWidth(1.6)
        bottom = HEIGHT - band + PANEL_PADDING / 2
        canvas.roundRect(COLUMN + GUTTER, bottom, TEXT_WIDTH, band - TOP - PANEL_PADDING / 2 + 3, 4, fill=1)
        canvas.restoreState()
        _folds(canvas)
        _footer(canvas, running, document.page, total)

    return draw


def later_page(running: Running, total: int) -> Callable[[Any, Any], None]:
    """What is drawn on the other pages: who this is, again, and the footer."""

    def draw(canvas: Any, document: Any) -> None:
        baseline = HEIGHT - TOP - 3 * mm
        right = fitted(running.allergies, BOLD, 8, COLUMN - MARGIN)
        room = WIDTH - 2 * MARGIN - stringWidth(right, BOLD, 8) - 4 * mm
        canvas.setFont(BOLD, 9.5)
        canvas.setFillColor(INK)
        canvas.drawString(MARGIN, baseline, fitted(running.patient, BOLD, 9.5, room))
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(RED)
        canvas.drawRightString(WIDTH - MARGIN, baseline, right)
        canvas.setStrokeColor(NAVY)
        canvas.line(MARGIN, baseline - 2 * mm, WIDTH - MARGIN, baseline - 2 * mm)
        _footer(canvas, running, document.page, total)

    return draw


def _footer(canvas: Any, running: Running, page: int, total: int) -> None:
    width = WIDTH - 2 * MARGIN
    number = f"page {page}/{total}"
    room = width - stringWidth(number, BOLD, 7.4) - 4 * mm
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, BOTTOM - 2.5 * mm, WIDTH - MARGIN, BOTTOM - 2.5 * mm)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 7.4)
    canvas.drawString(MARGIN, BOTTOM - 5.8 * mm, fitted(running.patient, BOLD, 7.4, room))
    canvas.drawRightString(WIDTH - MARGIN, BOTTOM - 5.8 * mm, number)
    canvas.setFont(REGULAR, 6.8)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, BOTTOM - 8.8 * mm, fitted(running.origin, REGULAR, 6.8, width))
    canvas.drawString(MARGIN, BOTTOM - 11.6 * mm, fitted(running.made, REGULAR, 6.8, width))


def _folds(canvas: Any) -> None:
    """Short marks at the edges, and how to fold."""
    canvas.saveState()
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.5)
    canvas.setDash(1, 2)
    for row in (1, 2, 3):
        for left in (0, WIDTH - 6 * mm):
            canvas.line(left, row * ROW, left + 6 * mm, row * ROW)
    canvas.line(COLUMN, HEIGHT, COLUMN, HEIGHT - 6 * mm)
    canvas.line(COLUMN, 0, COLUMN, 3 * mm)
    canvas.restoreState()
    canvas.setFont(REGULAR, 5.6)
    canvas.setFillColor(GREY)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 4.6 * mm, FOLDING)


FOLDING = "Format poche : plier le bas derrière, deux fois, puis la moitié droite derrière."
