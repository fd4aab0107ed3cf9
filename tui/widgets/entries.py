"""Entries as lines: what is severe, restricted, contradicted or void can be seen before it is read."""

from textual.content import Content

from localstore.kinds import Kind, Provenance, Sensitivity, Status
from localstore.model import Entry
from tui import vocabulary
from tui.dates import shown_date
from tui.essentials import is_past, is_severe, says_none
from tui.reading import beside, title
from tui.widgets.words import Part, shown
from tui.words.catalogue import text


def marks(entry: Entry, competing: bool) -> list[Part]:
    """The chips behind an entry: two versions, entered in error, restricted, received."""
    found: list[Part] = []
    if competing:
        found += [" ", _chip(text("2 versions"), "$background on $warning")]
    if entry.status is not Status.FINAL:
        found += [" ", _chip(text("entered in error"), "$background on $text-muted")]
    if entry.sensitivity is Sensitivity.RESTRICTED:
        found += [" ", _chip(text("restricted"), "$background on $secondary")]
    if entry.provenance is Provenance.RECEIVED:
        found += [" ", _chip(text("received"), "$background on $accent")]
    return found


def _chip(words: str, style: str) -> tuple[str, str]:
    return words, style


def style_of(entry: Entry) -> str:
    """The style of an entry's title."""
    if entry.status is not Status.FINAL:
        return "$text-muted strike"
    if is_severe(entry):
        return "bold $text-error"
    return "$text-muted" if is_past(entry) else "$foreground"


def titled(entry: Entry, competing: bool = False) -> Content:
    """Title and marks, in one line."""
    return shown((title(entry), style_of(entry)), *marks(entry, competing))


def line(entry: Entry, competing: bool) -> tuple[Content, Content, Content]:
    """Date, kind, and what the entry says: the cells of a list."""
    muted = "$text-muted strike" if entry.status is not Status.FINAL else "$text-muted"
    said = beside(entry)
    what = shown(titled(entry, competing), (f"  {said}", muted) if said else "")
    return shown((shown_date(entry.date), "$text-muted")), shown((vocabulary.kind(entry.kind), "$secondary")), what


def prompt(entry: Entry, competing: bool) -> Content:
    """An allergy, a problem or a medicine as it stands in its panel: everything that matters, over as many lines as it
    takes."""
    said = beside(entry)
    when = shown_date(entry.date) if says_none(entry) or entry.kind is Kind.ALLERGY else ""
    rest = " · ".join(filter(None, (said, when)))
    return shown(titled(entry, competing), (f"  {rest}", "$text-muted") if rest else "")
