"""What can be done on the screen beneath, by which key."""

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen

from tui.screens.dialog import Dialog, Rooms
from tui.widgets.frame import key_name
from tui.widgets.words import Part, Words
from tui.words.catalogue import text
from tui.words.marking import message

OF_TEXTUAL = frozenset({"tab", "shift+tab", "ctrl+c", "super+c"})
EVERYWHERE = (
    ("Tab ⇧Tab", message("from field to field")),
    ("↑ ↓ ⏎", message("choose in a list, and open")),
    ("Esc", message("back")),
)


class Help(Dialog[None]):
    """The keys of a screen."""

    BINDINGS = [Binding("f1", "leave", show=False)]

    def __init__(self, beneath: Screen[object]) -> None:
        super().__init__()
        # Of the screen and the application; how a field is edited, everybody knows.
        found = [
            binding
            for node, binding, enabled, _ in beneath.active_bindings.values()
            if enabled and binding.description and isinstance(node, Rooms | App) and binding.key not in OF_TEXTUAL
        ]
        self._keys = [(key_name(one.key), one.description) for one in found]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Words(text("Help"), classes="dialog-title")
            with VerticalScroll():
                yield Words(*self._lines())

    def _lines(self) -> list[Part]:
        known = dict.fromkeys(self._keys + list(EVERYWHERE))
        parts: list[Part] = []
        for key, words in known:
            parts += [(f"{key:>10}  ", "bold $footer-key-foreground"), text(words), "\n"]
        parts += ["\n", (text("The mouse works too: keys at the bottom can be clicked."), "$text-muted")]
        return parts
