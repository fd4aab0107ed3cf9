"""What a person types into. Text that is put in, typed or pasted is made safe before it can reach the terminal."""

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, TextArea
from textual.widgets.text_area import Edit, EditResult

from tui.display import safe
from tui.widgets.words import shown

MAX_LINE = 2_000  # characters; longer texts have their own field


class Line(Input):
    """One line."""

    def __init__(self, value: str = "", *, placeholder: str = "", **options: Any) -> None:
        options.setdefault("compact", True)
        options.setdefault("select_on_focus", False)
        options.setdefault("max_length", MAX_LINE)
        super().__init__(safe(value), placeholder=safe(placeholder), **options)

    def validate_value(self, value: str) -> str:
        """Whatever is put in becomes safe."""
        return safe(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Before Textual's own handler, which keeps the first line: Python takes the separator of a Data Matrix for the
        # end of one.
        event.text = event.text.replace("\x1d", "\N{SYMBOL FOR GROUP SEPARATOR}")


class Secret(Line):
    """One line that is not shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(password=True, **options)


class Lines(TextArea):
    """Several lines. Tab leaves the field."""

    def __init__(self, text: str = "", **options: Any) -> None:
        options.setdefault("compact", True)
        super().__init__(
            safe(text, lines=True),
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            **options,
        )

    def load_text(self, text: str) -> None:
        """Replace the text."""
        super().load_text(safe(text, lines=True))

    def edit(self, edit: Edit) -> EditResult:
        """Every change passes here, pasted text too."""
        edit.text = safe(edit.text, lines=True)
        return super().edit(edit)


class Flag(Checkbox):
    """Yes or no, with its words beside it."""

    BUTTON_INNER = " "

    def __init__(self, label: str, value: bool = False, **options: Any) -> None:
        options.setdefault("compact", True)
        super().__init__(shown(label), value, **options)
        self._mark()

    def watch_value(self) -> None:
        self._mark()
        super().watch_value()

    def _mark(self) -> None:
        # A mark that only changes its colour says nothing to whoever cannot see colours.
        self.BUTTON_INNER = "✓" if self.value else " "


class Push(Button):
    """A button, with its words."""

    def __init__(self, label: str, *, primary: bool = False, **options: Any) -> None:
        super().__init__(shown(label), variant="primary" if primary else "default", compact=True, **options)

    def say(self, label: str) -> None:
        """Other words."""
        self.label = shown(label)


class Choice(Widget, can_focus=True):
    """One of a few, all of them in view: arrow keys, space or a click choose."""

    BINDINGS = [
        Binding("left,up", "move(-1)", show=False),
        Binding("right,down,space", "move(1)", show=False),
        Binding("home", "move(-99)", show=False),
        Binding("end", "move(99)", show=False),
    ]
    COMPONENT_CLASSES = {"choice--one", "choice--chosen"}
    DEFAULT_CSS = """
    Choice {
        height: auto;
        width: 1fr;
        & > .choice--one { color: $foreground 65%; }
        & > .choice--chosen { background: $primary-muted; color: $foreground; text-style: bold; }
        &:focus > .choice--chosen { background: $primary; color: $background; text-style: bold; }
        &:focus > .choice--one { color: $foreground; }
    }
    """

    chosen: reactive[int] = reactive(0, layout=True)

    class Changed(Message):
        """Another one was chosen."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> "Choice":
            """The field."""
            return self.choice

    def __init__(self, choices: Sequence[tuple[str, str]], value: str = "", **options: Any) -> None:
        """`choices` are (value, words)."""
        super().__init__(**options)
        self._choices: tuple[tuple[str, str], ...] = ()
        self.offer(choices, value)

    def offer(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """Offer other choices, of which `value` is chosen. What an import brought that they don't hold is added."""
        self._choices = tuple(choices)
        values = [one for one, _ in self._choices]
        if value not in values:
            self._choices += ((value, value),)
            values.append(value)
        self.set_reactive(Choice.chosen, values.index(value))
        self.refresh(layout=True)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen, as (value, words)."""
        return self._choices

    @property
    def value(self) -> str:
        """The value chosen."""
        return self._choices[self.chosen][0]

    def validate_chosen(self, chosen: int) -> int:
        """Stays within the choices."""
        return max(0, min(chosen, len(self._choices) - 1))

    def watch_chosen(self) -> None:
        """Tell the screen."""
        self.post_message(self.Changed(self))

    def render(self) -> Content:
        """All choices; each knows its number, for the mouse."""
        return self._laid_out(self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the choices take."""
        return self._laid_out(width).plain.count("\n") + 1

    def _laid_out(self, width: int) -> Content:
        """The choices in lines of `width` cells, none of them broken over two."""
        one, chosen = (self.get_visual_style(f"choice--{name}") for name in ("one", "chosen"))
        parts: list[Content] = []
        used = 0
        for place, (_, words) in enumerate(self._choices):
            style = (chosen if place == self.chosen else one) + Style.from_meta({"choice": place})
            said = Content(f" {safe(words)} ").stylize(style)
            if parts and used + said.cell_length > width:
                parts.append(Content("\n"))
                used = 0
            parts.append(said)
            used += said.cell_length
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        place = event.style.meta.get("choice")
        if isinstance(place, int):
            self.chosen = place

    def action_move(self, by: int) -> None:
        self.chosen += by
