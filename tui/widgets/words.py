"""The boundary: every text that a screen shows becomes `Content` here, and is made safe on the way.

Markup is never parsed: `dose [/] 5 mg` is a dose. Styles are given beside the text, by the names of the theme.
"""

from typing import Any

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from tui.display import safe

Part = str | Content | tuple[str, str]


def shown(*parts: Part, lines: bool = False) -> Content:
    """Texts, (text, style) pairs and Contents as one Content. Line breaks are kept where `lines`."""
    return Content.assemble(*(_made_safe(part, lines) for part in parts), strip_control_codes=False)


def _made_safe(part: Part, lines: bool) -> str | Content | tuple[str, str]:
    if isinstance(part, tuple):
        return safe(part[0], lines=lines), part[1]
    if isinstance(part, Content):
        plain = safe(part.plain, lines=lines)
        return part if plain == part.plain else plain  # one that was not made here loses its styles
    return safe(part, lines=lines)


class Words(Static):
    """Text that is read. Takes parts as `shown` does; keeps line breaks."""

    DEFAULT_CSS = """
    Words { width: 1fr; height: auto; }
    """

    def __init__(self, *parts: Part, **options: Any) -> None:
        super().__init__(shown(*parts, lines=True), markup=False, **options)

    def say(self, *parts: Part) -> None:
        """Show something else."""
        self.update(shown(*parts, lines=True))

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """As Static does, for Contents and strings only: both are made safe."""
        if not isinstance(content, str | Content):
            raise TypeError("only text is shown here")
        super().update(shown(content, lines=True), layout=layout)

    @property
    def words(self) -> str:
        """What is shown, without its styles."""
        content = self.content
        return content.plain if isinstance(content, Content) else str(content)
