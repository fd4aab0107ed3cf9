"""The narratives of the patient summary: each section in French XHTML, for whoever has no program that reads codes.

The words are those of the sheet. Every text is escaped, and characters that hide, control or reorder are made visible,
because viewers show this as HTML.
"""

from xml.sax.saxutils import escape

from localstore.emergency import french, glyphs, identity, wording
from localstore.emergency.fhirvalues import Json
from localstore.emergency.sections import Section, Summary
from localstore.emergency.wording import Line

LANGUAGE = "fr-FR"
XHTML = "http://www.w3.org/1999/xhtml"


def text(words: str) -> str:
    """Words as XHTML text."""
    return escape(glyphs.visible(words, lambda _: True))


def narrative(*paragraphs: str) -> Json:
    """A Narrative of ready XHTML parts."""
    body = "".join(paragraphs)
    return {
        "status": "generated",
        "div": f'<div xmlns="{XHTML}" lang="{LANGUAGE}" xml:lang="{LANGUAGE}">{body}</div>',
    }


def of_summary(summary: Summary) -> Json:
    """The narrative of the whole: who says it, what is doubtful, what has no place. Sections speak for themselves."""
    made = f"Établi le {french.moment(summary.made)} par {identity.signature(summary.author, summary.practice)}."
    said = [made, *identity.warnings(summary), *identity.called(summary), *wording.left_out(summary)]
    return narrative(*(f"<p>{text(words)}</p>" for words in said))


def of_section(section: Section, summary: Summary, title: str = "") -> Json:
    """The narrative of a section: how much is shown, its lines, what is not shown."""
    lines = [_line(line) for line in wording.lines(section, summary.made)]
    said = [*wording.statements(section), *wording.doubts(section), *wording.account(section)]
    return narrative(
        f"<p>{text(title or wording.TITLES[section.name])} — {text(wording.extent(section))}</p>",
        f"<ul>{''.join(lines)}</ul>" if lines else "",
        *(f"<p>{text(words)}</p>" for words in said),
    )


def _line(line: Line) -> str:
    parts = [f"<b>{text(line.label)}</b>"]
    parts += [f"<b>{text(line.alert)}</b>"] if line.alert else []
    parts += [text(words) for words in (line.detail, line.moments) if words]
    return f"<li>{' · '.join(parts)}</li>"
