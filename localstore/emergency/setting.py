"""From words to type: paragraphs of the sheet, with every text escaped and made visible on the way.

The PDF library reads its own markup in a paragraph, so nothing reaches it but what `Setting.text` has let through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, KeepTogether, Paragraph

from localstore.emergency import glyphs, page, wording
from localstore.emergency.sections import Section, Summary
from localstore.emergency.wording import Line

MAX_UNBROKEN = 40  # characters of a moment that is not broken over two lines
LEAST_ROOM = 60  # points left in a column for a title and the beginning of a long item
MAX_PIECE = 1500  # characters of one paragraph: the time to lay one out grows with the square of its length
MAX_KEPT = 700  # characters of an item that stays on one page; a longer one may be continued on the next


def _hex(color: Any) -> str:
    return f"#{color.hexval()[2:]}"


BOLD, PLAIN = "<b>{}</b>", "{}"
ALERT = f'<font color="{_hex(page.RED)}"><b>{{}}</b></font>'
PALE = f'<font color="{_hex(page.GREY)}">{{}}</font>'


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

    def paragraphs(self, words: str, style: ParagraphStyle) -> list[Any]:
        """Plain words: one paragraph, or several where they are long."""
        return [Paragraph(self.text(part), style) for part in pieces(words)]

    def line(self, line: Line, style: ParagraphStyle) -> list[Any]:
        """A line of a section: label, alert, details, when."""
        when = _unbroken(line)
        parts = ((line.label, BOLD), (line.alert, ALERT), (line.detail, PLAIN), (when, PALE))
        if sum(len(words) for words, _ in parts) <= MAX_KEPT:
            marked = [frame.format(self.text(words)) for words, frame in parts if words]
            return [Paragraph(" ".join(marked), style)]
        long = [(piece, frame) for words, frame in parts for piece in pieces(words) if piece]
        return [Paragraph(frame.format(self.text(piece)), style) for piece, frame in long]

    def title(self, section: Section, style: ParagraphStyle, words: str) -> Any:
        """A title bar with how much of the section is shown."""
        extent = self.text(wording.extent(section))
        color = "" if section.complete or style.textColor == page.WHITE else f' color="{_hex(page.RED)}"'
        return Paragraph(f'{self.text(words)} <font size="8"{color}>— {extent}</font>', style)

    def box(self, section: Section, summary: Summary, tone: page.Tone, item: ParagraphStyle) -> list[Any]:
        """A section as it stands in a box: larger, under a bar in the colour of the box."""
        title = self.title(section, page.box_title(tone), wording.TITLES[section.name].upper())
        body = self._body(section, summary, page.BOX_STATEMENT, item)
        return [title, *body, *self._account(section)]

    def section(self, section: Section, summary: Summary) -> list[Any]:
        """A section as it flows through the columns."""
        title = self.title(section, page.TITLE, wording.TITLES[section.name])
        body = self._body(section, summary, page.STATEMENT, page.ITEM)
        return flowing([title], body, self._account(section))

    def _body(self, section: Section, summary: Summary, statement: ParagraphStyle, item: ParagraphStyle) -> list[Any]:
        return [
            *(one for said in wording.statements(section) for one in self.paragraphs(said, statement)),
            *(
                one
                for line in wording.lines(section, summary.made)
                for one in self.line(line, item if line.current else page.OLD)
            ),
        ]

    def _account(self, section: Section) -> list[Any]:
        return [
            *(one for said in wording.doubts(section) for one in self.paragraphs(said, page.ALARM)),
            *(one for said in wording.account(section) for one in self.paragraphs(said, page.NOTE)),
        ]


def flowing(head: list[Any], body: list[Any], tail: list[Any]) -> list[Any]:
    """Paragraphs for the columns: short ones stay whole, titles stay with what follows, notes with what they follow.

    What is too long to be kept whole may be continued in the next column, but does not begin at the foot of one.
    """
    groups = [[one] for one in body] or [[]]
    groups[0] = [*head, *groups[0]]
    groups[-1] = [*groups[-1], *tail]
    return [part for group in groups for part in _kept(group)]


def pieces(words: str) -> list[str]:
    """Words in parts of at most MAX_PIECE characters, cut at a space where there is one near."""
    parts: list[str] = []
    start = 0
    while len(words) - start > MAX_PIECE:
        space = words.rfind(" ", start + MAX_PIECE // 2, start + MAX_PIECE)
        end = space + 1 if space >= 0 else start + MAX_PIECE
        parts.append(words[start:end])
        start = end
    return [*parts, words[start:]]


def _kept(group: list[Any]) -> list[Any]:
    size = sum(len(one.getPlainText(identify=1)) for one in group)
    return [KeepTogether(group)] if size <= MAX_KEPT else [CondPageBreak(LEAST_ROOM), *group]


def _unbroken(line: Line) -> str:
    """The moments, each with spaces that do not break, as far as one is short enough for a line."""
    moments = line.moments.split(", ")
    return ", ".join(one.replace(" ", glyphs.NO_BREAK) if len(one) <= MAX_UNBROKEN else one for one in moments)
