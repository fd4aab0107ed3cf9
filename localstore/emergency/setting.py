"""From words to type: paragraphs of the sheet, with every text escaped and made visible on the way.

The PDF library reads its own markup in a paragraph, so nothing reaches it but what `Setting.text` has let through.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import KeepTogether, Paragraph

from localstore.emergency import glyphs, page, wording
from localstore.emergency.sections import Section, SectionName, Summary
from localstore.emergency.wording import Line

MAX_KEPT = 700  # characters of an item that stays on one page; a longer one may be continued on the next


@dataclass(frozen=True, slots=True)
class Setting:
    """Sets words in type; `draws` tells for which characters there is a glyph."""

    draws: Callable[[str], bool]

    def plain(self, words: str) -> str:
        """Words to be drawn as they are: visible, in visual order, on one line."""
        return self._visual(words).replace("\n", " ")

    def text(self, words: str) -> str:
        """Words as markup: visible, in visual order, escaped."""
        return escape(self._visual(words)).replace("\n", "<br/>")

    def _visual(self, words: str) -> str:
        return glyphs.visual(glyphs.visible(words, self.draws), self.draws)

    def paragraph(self, words: str, style: ParagraphStyle) -> Any:
        """A paragraph of plain words."""
        return Paragraph(self.text(words), style)

    def line(self, line: Line, style: ParagraphStyle) -> Any:
        """A line of a section: label, alert, details, when."""
        alert = f' <font color="{_hex(page.RED)}"><b>{self.text(line.alert)}</b></font>' if line.alert else ""
        detail = f" {self.text(line.detail)}" if line.detail else ""
        when = f' <font color="{_hex(page.GREY)}">{self.text(line.moments)}</font>' if line.moments else ""
        paragraph = Paragraph(f"<b>{self.text(line.label)}</b>{alert}{detail}{when}", style)
        short = len(line.label) + len(line.alert) + len(line.detail) + len(line.moments) <= MAX_KEPT
        return KeepTogether([paragraph]) if short else paragraph

    def title(self, words: str, extent: str, style: ParagraphStyle) -> Any:
        """A title bar with how much of the section is shown."""
        return Paragraph(f'{self.text(words)} <font size="7.6">— {self.text(extent)}</font>', style)

    def section(self, section: Section, summary: Summary) -> list[Any]:
        """A whole section: title, statements, items, and what is not shown."""
        is_allergies = section.name is SectionName.ALLERGIES
        title, item = (page.ALLERGY_TITLE, page.ALLERGY) if is_allergies else (page.TITLE, page.ITEM)
        words = wording.TITLES[section.name]
        return [
            self.title(words.upper() if is_allergies else words, wording.extent(section), title),
            *(self.paragraph(said, page.STATEMENT) for said in wording.statements(section)),
            *(self.line(line, item if line.current else page.OLD) for line in wording.lines(section, summary.made)),
            *self.notes(wording.account(section)),
        ]

    def notes(self, said: Iterable[str]) -> list[Any]:
        """Small print."""
        return [self.paragraph(words, page.NOTE) for words in said]


def _hex(color: Any) -> str:
    return f"#{color.hexval()[2:]}"
