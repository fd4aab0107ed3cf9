"""A picture in the terminal: in each place a half block, with the colour of the upper pixel before the lower one's."""

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.values_documents import FilePicture

UPPER_HALF = "▀"


class PictureBox(Widget):
    """Shows one picture, made to fit beforehand."""

    DEFAULT_CSS = """
    PictureBox { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.picture: FilePicture | None = None

    def show(self, picture: FilePicture | None) -> None:
        """Show another picture, or none."""
        self.picture = picture
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line: two rows of pixels."""
        picture, width = self.picture, self.size.width
        if picture is None or 2 * y + 1 >= picture.height:
            return Strip.blank(width)
        places = [
            Segment(UPPER_HALF, _style(picture.pixel(column, 2 * y), picture.pixel(column, 2 * y + 1)))
            for column in range(min(width, picture.width))
        ]
        return Strip(places).adjust_cell_length(width)


def _style(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Style:
    return Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
