"""The paper: A4, its folds, its frames, its header and footer, and the styles of the sheet.

The page folds to a wallet card. A4 in two columns and four rows gives eight panels of 105 x 74 mm; folding the lower
part behind twice and then the right half behind leaves the upper left panel (who this is) in front and the upper right
one (allergies) on the back. The two columns never cross the vertical fold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Frame

from localstore.emergency.fonts import BOLD, REGULAR

WIDTH, HEIGHT = float(A4[0]), float(A4[1])
ROW, COLUMN = HEIGHT / 4, WIDTH / 2
MARGIN = 10 * mm  # the left and right edge; desktop printers need 5
GUTTER = 4.5 * mm  # on either side of the vertical fold
TEXT_WIDTH = COLUMN - MARGIN - GUTTER
TOP, BOTTOM = 9 * mm, 15 * mm
HEADER = 9 * mm  # on the pages after the first
PADDING = 3 * mm
BOX_WIDTH = TEXT_WIDTH - 2 * PADDING
LEFT_ROOM = TOP + PADDING + 2  # of the height of a panel: what is not text; 2 points against rounding
RIGHT_ROOM = LEFT_ROOM + PADDING
TALL, TALLEST = 2 * ROW, 3 * ROW  # a panel may grow over the folds below it; above this its text joins the columns
LONGEST_FITTED = 500  # characters: more do not fit on any line
LONGEST_BIG_NAME = 60  # characters; a longer name is set smaller

INK, GREY, WHITE = HexColor("#111111"), HexColor("#555555"), HexColor("#FFFFFF")
RED, NAVY, PALE = HexColor("#A80020"), HexColor("#12314F"), HexColor("#E6EBF0")


class Tone(NamedTuple):
    """The colours of a box. Its words alone tell what it means: the sheet is printed in grey as often as not."""

    bar: Any
    ground: Any


DANGER = Tone(RED, HexColor("#FFF1F1"))
CALM = Tone(NAVY, WHITE)
DOUBT = Tone(HexColor("#7A4B00"), HexColor("#FFF8E5"))


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
_BAR: dict[str, Any] = {"borderPadding": (1.5, 3, 2.5, 3), "leftIndent": 3, "rightIndent": 3, "spaceAfter": 5}

KICKER = style(7.5, bold=True, color=NAVY, spaceAfter=2)
NAME = style(19, bold=True, spaceAfter=1)
LONG_NAME = style(12, bold=True)
BIRTH = style(11, bold=True, spaceAfter=3)
IDENTITY = style(8.4)
ALARM = style(8.8, bold=True, color=RED)
LARGE_ALLERGY = style(12, **_HANGING)
ALLERGY = style(10.5, **_HANGING)
TITLE = style(10, bold=True, color=NAVY, backColor=PALE, spaceBefore=7, **_BAR)
ITEM = style(9, **_HANGING)
OLD = style(8.4, color=GREY, **_HANGING)
STATEMENT = style(9, bold=True, spaceAfter=3)
BOX_STATEMENT = style(11, bold=True, spaceAfter=3)
NOTE = style(7.4, color=GREY)


def box_title(tone: Tone) -> ParagraphStyle:
    """The title bar of a box."""
    return style(12, bold=True, color=WHITE, backColor=tone.bar, spaceBefore=3, **_BAR)


def left_panel(text_height: float) -> float:
    """The height of the left panel with text of this height: a whole panel of the folded page at least."""
    return max(ROW, text_height + float(LEFT_ROOM))


def right_panel(text_height: float) -> float:
    """The height of the right panel with text of this height: a whole panel of the folded page at least."""
    return max(ROW, text_height + float(RIGHT_ROOM))


def frames(left: float, right: float) -> list[Frame]:
    """The four frames of the first page: identity and allergies in panels of these heights, a column below each."""
    inner = COLUMN + GUTTER
    return [
        _frame(MARGIN, HEIGHT - left + PADDING, TEXT_WIDTH, left - TOP - PADDING),
        _frame(inner + PADDING, HEIGHT - right + PADDING, BOX_WIDTH, right - TOP - 2 * PADDING),
        _frame(MARGIN, BOTTOM, TEXT_WIDTH, HEIGHT - left - BOTTOM),
        _frame(inner, BOTTOM, TEXT_WIDTH, HEIGHT - right - BOTTOM),
    ]


def later_frames() -> list[Frame]:
    """The two columns of the pages after the first."""
    height = HEIGHT - BOTTOM - TOP - HEADER
    return [_frame(left, BOTTOM, TEXT_WIDTH, height) for left in (MARGIN, COLUMN + GUTTER)]


def _frame(left: float, bottom: float, width: float, height: float) -> Frame:
    return Frame(left, bottom, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


def fitted(text: str, font: str, size: float, width: float) -> str:
    """`text` cut to a width with a visible ellipsis: for what is repeated and stands in full on the first page."""
    kept = text[:LONGEST_FITTED]
    if kept == text and stringWidth(text, font, size) <= width:
        return text
    while kept and stringWidth(kept + "…", font, size) > width:
        kept = kept[: -max(1, len(kept) // 20)]
    return kept + "…"


def first_page(running: Running, total: int, box: float, tone: Tone) -> Callable[[Any, Any], None]:
    """What is drawn on the first page: the box of the allergies, the folds, the footer."""

    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(tone.bar)
        canvas.setFillColor(tone.ground)
        canvas.setLineWidth(1.6)
        bottom = HEIGHT - box + PADDING / 2
        canvas.roundRect(COLUMN + GUTTER, bottom, TEXT_WIDTH, box - TOP - PADDING / 2 + 3, 4, fill=1)
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
