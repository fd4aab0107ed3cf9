"""What was measured several times, as curves over time, each with its values as a table beside it."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tui.amounts import number
from tui.dates import shown_date
from tui.screens.patient_room import PatientRoom
from tui.trends import Point, Series, series
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.curve import Curve
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown
from tui.words.catalogue import text


class Trends(PatientRoom[None]):
    """The series of one record; the one under the cursor is drawn, with its values under the curve."""

    DEFAULT_CSS = """
    Trends #trends { height: 1fr; }
    Trends #series { width: 40; height: 1fr; }
    Trends #drawn { width: 1fr; height: 1fr; padding: 0 1; }
    Trends Curve { height: 2fr; min-height: 8; }
    Trends #values { height: 1fr; min-height: 4; }
    """

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)

    def content(self) -> ComposeResult:
        yield Banner()
        yield Words((text("Measurements over time"), "bold $primary"), classes="page-title")
        with Horizontal(id="trends"):
            columns = [Column(text("Measurement")), Column(text("Values"), 7), Column(text("Last"), 10)]
            yield Listing(columns, self.paint, empty=text("Nothing was measured twice yet."), id="series")
            with Vertical(id="drawn"):
                yield Curve(id="curve")
                columns = [Column(text("Date"), 11), Column(text("Value"))]
                yield Listing(columns, self.paint_value, id="values")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.query_one("#series").focus()

    def show_record(self, record: Record) -> None:
        """Show whose record this is, and its series."""
        super().show_record(record)
        listing: Listing[Series] = self.query_one("#series", Listing)
        listing.show(series(record.entries), keep=lambda one: one.key)

    def paint(self, one: Series) -> Sequence[Content]:
        """One series: what, how often, the last value."""
        newest = one.points[-1]
        last = f"{newest.comparator} {number(newest.value, exact=False)} {one.unit}".strip()
        return [shown(one.label), shown((str(len(one.points)), "$text-muted")), shown(last)]

    def paint_value(self, one: tuple[Series, Point]) -> Sequence[Content]:
        """One value of the series; what lies outside its bounds is marked."""
        of, point = one
        above = of.high is not None and point.value > of.high
        below = of.low is not None and point.value < of.low
        mark = text("above the bounds") if above else text("below the bounds") if below else ""
        value = f"{point.comparator} {number(point.value)} {of.unit}".strip()
        return [
            shown((shown_date(point.date), "$text-muted")),
            shown(value, (f"  {mark}", "$text-warning") if mark else ""),
        ]

    @on(Listing.Moved, "#series")
    def draw(self, event: Listing.Moved) -> None:
        """Draw the series under the cursor, and list its values, the newest first."""
        one: Series | None = event.item
        self.query_one("#curve", Curve).show(beside(one, self.query_one("#series", Listing).items) if one else [])
        values: Listing[tuple[Series, Point]] = self.query_one("#values", Listing)
        values.show([(one, point) for point in reversed(one.points)] if one else [])


def beside(one: Series, others: Sequence[Series]) -> list[Series]:
    """What is drawn in one picture: the series, and those of the same unit that were measured with it, as the two
    pressures are."""
    versions = {point.version for point in one.points}
    together = [
        other
        for other in others
        if other is not one and other.unit == one.unit and versions & {point.version for point in other.points}
    ]
    return [one, *together]
