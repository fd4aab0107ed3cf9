"""One entry in full: every field, who states it, where it came from; of a measurement, the curve that it lies on."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from localstore.model import Entry
from tui import vocabulary
from tui.details import rows
from tui.reading import provenance, signature, title
from tui.trends import Series
from tui.widgets.curve import Curve
from tui.widgets.entries import marks, style_of
from tui.widgets.words import Part, Words
from tui.words.catalogue import text

LABEL_WIDTH = 14


class Detail(VerticalScroll, can_focus=False):
    """Shows an entry; or what to do where none is chosen."""

    def compose(self) -> ComposeResult:
        yield Words(id="detail-words")
        yield Curve(id="detail-curve")

    def show(self, entry: Entry | None, *, competing: bool = False, drawn: Sequence[Series] = ()) -> None:
        """Show an entry, from its beginning; under it the series on which it lies."""
        self.query_one("#detail-curve", Curve).show(drawn)
        words = self.query_one("#detail-words", Words)
        if entry is None:
            words.say((text("No entry is chosen."), "$text-muted"))
        else:
            words.say(*in_full(entry, competing))
        self.scroll_home(animate=False)


def in_full(entry: Entry, competing: bool) -> list[Part]:
    """The parts that tell an entry in full."""
    parts: list[Part] = [
        (vocabulary.kind(entry.kind), "$secondary"),
        *marks(entry, competing),
        "\n",
        (title(entry), f"bold {style_of(entry)}"),
        "\n",
    ]
    for label, said in rows(entry):
        if label and "\n" not in said and len(label) < LABEL_WIDTH:
            parts += ["\n", (f"{label:<{LABEL_WIDTH}}", "$text-muted"), said]
        else:
            parts += ["\n\n", (f"{label}\n" if label else "", "$text-muted"), said]
    parts += ["\n\n", (signature(entry), "$text-muted"), "\n", (provenance(entry), "$text-muted")]
    if competing:
        said = text("Another version of this entry stands too. Open the entry and settle which one counts: V.")
        parts += ["\n\n", (f"▲ {said}", "$text-warning")]
    return parts
