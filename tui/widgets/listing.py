"""A list of many lines with columns: only what is in view is ever painted, so a long record costs no more than a short
one. Columns that share the rest of the width end in an ellipsis; the detail beside the list shows everything.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from tui.widgets.words import shown

Item = TypeVar("Item")
GAP = 2  # cells between two columns


class Column(NamedTuple):
    """A column. `width` in cells, 0 to share what is left by `share`; left out where the list is narrower than
    `from_width`."""

    title: str
    width: int = 0
    share: int = 1
    from_width: int = 0


class Listing(ScrollView, Generic[Item], can_focus=True):
    """Items in lines; `paint` gives the cells of one. One line is under the cursor."""

    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000000)", show=False),
        Binding("end", "move(1000000000)", show=False),
        Binding("enter", "choose", show=False),
    ]
    COMPONENT_CLASSES = {"listing--title", "listing--cursor", "listing--cursor-away", "listing--empty"}
    DEFAULT_CSS = """
    Listing {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .listing--title { color: $text-muted; text-style: none; }
        & > .listing--empty { color: $text-muted; }
        & > .listing--cursor-away { background: $primary 14%; }
        & > .listing--cursor { background: $primary-muted; color: $foreground; }
    }
    """

    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor came to another line, or the list has other items; `item` is None when it is empty."""

        def __init__(self, listing: "Listing[Any]", item: Any) -> None:
            super().__init__()
            self.listing, self.item = listing, item

        @property
        def control(self) -> "Listing[Any]":
            """The list."""
            return self.listing

    class Chosen(Message):
        """A line was chosen with Enter or a click."""

        def __init__(self, listing: "Listing[Any]", item: Any) -> None:
            super().__init__()
            self.listing, self.item = listing, item

        @property
        def control(self) -> "Listing[Any]":
            """The list."""
            return self.listing

    def __init__(
        self,
        columns: Sequence[Column],
        paint: Callable[[Item], Sequence[Content]],
        *,
        empty: str = "",
        with_titles: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._columns = tuple(columns)
        self._paint = paint
        self._empty = empty
        self._head = int(with_titles)
        self._items: Sequence[Item] = ()

    # --- what is listed ---------------------------------------------------------------------------------------------

    @property
    def items(self) -> Sequence[Item]:
        """What is listed."""
        return self._items

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self.cursor] if self.cursor < len(self._items) else None

    def show(self, items: Sequence[Item], *, keep: Callable[[Item], object] | None = None) -> None:
        """List other items; the cursor stays on the item that `keep` tells to be the same, else goes to the first."""
        before = self.item
        self._items = items
        cursor = 0
        if keep is not None and before is not None:
            cursor = next((place for place, item in enumerate(items) if keep(item) == keep(before)), 0)
        self.virtual_size = Size(0, len(items) + self._head)
        self.set_reactive(Listing.cursor, cursor)
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self.item))

    def say_empty(self, words: str) -> None:
        """What to say in place of items."""
        self._empty = words
        self.refresh()

    # --- moving -----------------------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Stays within the list."""
        return max(0, min(cursor, len(self._items) - 1))

    def watch_cursor(self) -> None:
        """Keep the line in view and tell the screen."""
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self.item))

    def _reveal(self) -> None:
        # The line of titles covers the first line of the window, so the window begins one line further down.
        line = Region(0, self.cursor, 1, 1 + self._head)
        self.scroll_to_region(line, animate=False, force=True)

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, direction: int) -> None:
        self.cursor += direction * max(1, self.scrollable_content_region.height - self._head - 1)

    def action_choose(self) -> None:
        if (item := self.item) is not None:
            self.post_message(self.Chosen(self, item))

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y - self._head
        if event.y < self._head or not 0 <= line < len(self._items):
            return
        if line == self.cursor or event.chain > 1:
            self.action_choose()
        self.cursor = line

    # --- painting ---------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width = self.scrollable_content_region.width
        if self._head and y == 0:
            titles = [shown(column.title) for column in self._columns]
            return self._line(titles, self.get_visual_style("listing--title"), width)
        place = y - self._head + self.scroll_offset.y
        if place < len(self._items):
            return self._line(self._paint(self._items[place]), self._style_of(place), width)
        if not self._items and y == 1 and self._empty:
            words = shown(self._empty).truncate(width - 2, ellipsis=True)
            return self._strip(shown(" ", words), self.get_visual_style("listing--empty"), width)
        return Strip.blank(width, self.rich_style)

    def _style_of(self, place: int) -> Style:
        if place != self.cursor:
            return self.visual_style
        return self.get_visual_style("listing--cursor" if self.has_focus else "listing--cursor-away")

    def _line(self, cells: Sequence[Content], style: Style, width: int) -> Strip:
        parts: list[Content] = []
        for cell, column_width in zip(cells, self._widths(width), strict=True):
            if column_width:
                parts.append(shown(cell).truncate(column_width, ellipsis=True, pad=True))
        return self._strip(shown(" ", Content(" " * GAP).join(parts)), style, width)

    def _strip(self, content: Content, style: Style, width: int) -> Strip:
        segments = [
            Segment(text, (style + own).rich_style)
            for text, own in content.render(style, end="", parse_style=self._get_style)
        ]
        return Strip(segments).adjust_cell_length(width, style.rich_style)

    def _widths(self, width: int) -> list[int]:
        """The width of each column, 0 for one that is left out."""
        here = [column for column in self._columns if width >= column.from_width]
        shares = sum(column.share for column in here if not column.width)
        rest = max(0, width - 2 - sum(column.width for column in here) - GAP * (len(here) - 1))
        widths: list[int] = []
        for column in self._columns:
            if column not in here:
                widths.append(0)
            elif column.width:
                widths.append(column.width)
            else:
                widths.append(max(4, rest * column.share // shares))
        return widths
