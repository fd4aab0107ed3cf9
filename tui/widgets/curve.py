"""A curve in the terminal: dots of Braille patterns, two across and four down in each cell, with its bounds and dates.

Drawn by the program itself: a curve needs a hundred lines, and every letter beside it passes the same boundary as any
other text. The table beside it says the same to whoever cannot see it.
"""

from collections.abc import Sequence
from decimal import Decimal

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.amounts import number
from tui.dates import shown_date
from tui.trends import Series
from tui.widgets.words import shown

# The dots of a Braille cell (Unicode chart U+2800), by line and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800
_STYLES = ("$primary", "$secondary", "$accent")
LEAST_WIDTH, HEIGHT = 24, 10  # cells
AXIS = 9  # cells left of the curve: a value and its tick


class Canvas:
    """A grid of dots: `width` and `height` in cells."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells: dict[tuple[int, int], tuple[int, str]] = {}

    def dot(self, x: int, y: int, style: str) -> None:
        """Set a dot; what lies outside is left out."""
        if not (0 <= x < self.width * 2 and 0 <= y < self.height * 4):
            return
        place = (x // 2, y // 4)
        pattern, before = self._cells.get(place, (0, style))
        # A value stays in its colour where the line of a bound crosses it.
        kept = before if style == "$warning" else style
        self._cells[place] = (pattern | _DOTS[y % 4][x % 2], kept)

    def line(self, start: tuple[int, int], end: tuple[int, int], style: str) -> None:
        """Set the dots from one to another."""
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
        for step in range(steps + 1):
            x = start[0] + round((end[0] - start[0]) * step / steps)
            y = start[1] + round((end[1] - start[1]) * step / steps)
            self.dot(x, y, style)

    def row(self, y: int) -> Content:
        """One line of cells."""
        cells = [self._cells.get((x, y), (0, "")) for x in range(self.width)]
        return Content.assemble(*((chr(_BRAILLE + dots) if dots else " ", style) for dots, style in cells))


class Scale:
    """From days and values to dots. `low` and `high` are what the axis begins and ends with."""

    def __init__(self, drawn: Sequence[Series], width: int, height: int) -> None:
        points = [point for one in drawn for point in one.points]
        bounds = [value for one in drawn for value in (one.low, one.high) if value is not None]
        values = [point.value for point in points] + bounds
        self.low, self.high = _widened(min(values), max(values))
        self._first, self._last = min(point.day for point in points), max(point.day for point in points)
        self._width, self._height = width * 2 - 1, height * 4 - 1

    def x(self, day: int) -> int:
        """The column of a day."""
        span = self._last - self._first
        return round((day - self._first) / span * self._width) if span else self._width // 2

    def y(self, value: Decimal) -> int:
        """The line of a value, counted from the top."""
        span = self.high - self.low
        return round(float((self.high - value) / span) * self._height) if span else self._height // 2


def _widened(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """At least a fifth of the value from top to bottom: a change of nothing must not look like a fall."""
    room = max(abs(low), abs(high)) / 5 - (high - low)
    return (low - room / 2, high + room / 2) if room > 0 else (low, high)


def drawing(drawn: Sequence[Series], width: int, height: int) -> Content:
    """Series of one unit in a picture of `width` and `height` cells: a title, the curves, the first and last date."""
    columns, rows = max(4, width - AXIS), max(2, height - 2)
    scale, canvas = Scale(drawn, columns, rows), Canvas(columns, rows)
    for one in drawn:
        for bound in (one.low, one.high):
            if bound is not None:
                for x in range(0, columns * 2, 4):
                    canvas.dot(x, scale.y(bound), "$warning")
    for place, one in enumerate(drawn):
        style = _STYLES[place % len(_STYLES)]
        dots = [(scale.x(point.day), scale.y(point.value)) for point in one.points]
        for start, end in zip(dots, dots[1:], strict=False):
            canvas.line(start, end, style)
        for x, y in dots:
            canvas.dot(x, y, style)
    ticks = {0: scale.high, rows - 1: scale.low}
    lines = [_title(drawn).truncate(width, ellipsis=True)]
    lines += [Content.assemble(_tick(ticks.get(row)), canvas.row(row)) for row in range(rows)]
    return Content("\n").join([*lines, _dates(drawn, columns)])


def _title(drawn: Sequence[Series]) -> Content:
    names = [(one.label, _STYLES[place % len(_STYLES)]) for place, one in enumerate(drawn)]
    bounds = [
        f" [{number(one.low) if one.low is not None else ''} – {number(one.high) if one.high is not None else ''}]"
        for one in drawn
        if one.low is not None or one.high is not None
    ]
    parts = [part for name in names for part in (name, "  ")][:-1]
    unit = f" ({drawn[0].unit})" if drawn[0].unit else ""
    return shown(*parts, (unit, "$text-muted"), *((bound, "$warning") for bound in bounds[:1]))


def _tick(value: Decimal | None) -> Content:
    words = "" if value is None else number(value, exact=False)
    return shown((f"{words[: AXIS - 1]:>{AXIS - 1}}┤" if words else " " * (AXIS - 1) + "│", "$text-muted"))


def _dates(drawn: Sequence[Series], columns: int) -> Content:
    points = sorted((point for one in drawn for point in one.points), key=lambda point: point.day)
    first, last = shown_date(points[0].date[:10]), shown_date(points[-1].date[:10])
    gap = columns - len(first) - len(last)
    said = first + " " * gap + last if gap > 0 else first
    return shown((" " * AXIS + said, "$text-muted"))


class Curve(Widget):
    """Series of one unit as a picture; nothing where there are none."""

    DEFAULT_CSS = f"""
    Curve {{ height: {HEIGHT}; width: 1fr; display: none; }}
    Curve.-drawn {{ display: block; }}
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[Series, ...] = ()

    def show(self, drawn: Sequence[Series]) -> None:
        """Draw these, all of one unit; or nothing."""
        self._drawn = tuple(drawn)
        self.set_class(bool(drawn), "-drawn")
        self.refresh()

    @property
    def drawn(self) -> tuple[Series, ...]:
        """What is drawn."""
        return self._drawn

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def render(self) -> Content:
        """The picture, as large as there is room."""
        if not self._drawn or self.content_size.width < LEAST_WIDTH:
            return Content("")
        return drawing(self._drawn, self.content_size.width, self.content_size.height)
