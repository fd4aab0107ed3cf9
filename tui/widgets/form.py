"""Fields with their labels, one under the other; what was refused is said under its field."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widget import Widget

from tui.forms import NO, YES, Field, Shape
from tui.widgets.fields import Choice, Flag, Line, Lines
from tui.widgets.words import Words
from tui.words.catalogue import text


class Row(Container):
    """A label, its field, and under them what is wrong with it."""

    DEFAULT_CSS = """
    Row { height: auto; layout: grid; grid-size: 2; grid-columns: 22 1fr; grid-rows: auto; }
    Row > .label { color: $text-muted; text-align: right; padding-right: 2; }
    Row > .refused { column-span: 2; color: $text-error; padding-left: 22; }
    Row.-lines { grid-rows: 6 auto; }
    Row > Lines { height: 100%; }
    """

    def __init__(self, label: str, field: Widget, **options: Any) -> None:
        super().__init__(**options)
        self._label, self.field = label, field
        self.set_class(isinstance(field, Lines), "-lines")

    def compose(self) -> ComposeResult:
        yield Words(self._label, classes="label")
        yield self.field

    def refuse(self, words: str) -> None:
        """Say what is wrong; nothing, with empty words."""
        self.query(".refused").remove()
        self.set_class(bool(words), "-refused")
        if words:
            self.mount(Words(words, classes="refused"))


class Form(VerticalScroll, can_focus=False):
    """The fields of a form, by name."""

    DEFAULT_CSS = """
    Form { height: 1fr; padding: 1 2; }
    """

    def __init__(
        self, fields: Sequence[Field], values: Mapping[str, str], *, more: Sequence[Row] = (), **options: Any
    ) -> None:
        """`more` are rows of the screen's own, after the fields."""
        super().__init__(**options)
        self._more = more
        self._fields = tuple(fields)
        self._rows = {field.name: Row(_label(field), _widget(field, values[field.name])) for field in fields}
        self._begun = self.typed  # as the fields show it, made safe

    def compose(self) -> ComposeResult:
        yield from (*self._rows.values(), *self._more)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields now."""
        return {name: _value(row.field) for name, row in self._rows.items()}

    @property
    def said(self) -> list[tuple[str, str]]:
        """What was typed, as (label, words); what stands as it stood at first is left out."""
        typed = self.typed
        return [
            (text(field.label), typed[field.name])
            for field in self._fields
            if typed[field.name] != self._begun[field.name]
        ]

    @property
    def is_changed(self) -> bool:
        """Whether something was typed."""
        return self.typed != self._begun

    def refuse(self, refused: Mapping[str, str]) -> None:
        """Say what is wrong where it is wrong, and go to the first of it."""
        for name, row in self._rows.items():
            row.refuse(refused.get(name, ""))
        first = next((row for name, row in self._rows.items() if name in refused), None)
        if first is not None:
            first.field.focus()

    def put(self, values: Mapping[str, str]) -> None:
        """Put other values into some of the fields, as if they were typed."""
        for name, value in values.items():
            match self._rows[name].field:
                case Line() as line:
                    line.value = value
                case Lines() as lines:
                    lines.load_text(value)
                case Flag() as flag:
                    flag.value = value == YES
                case Choice() as choice:
                    choices = choice.choices
                    choice.offer(choices, value)

    def field(self, name: str) -> Widget:
        """The field of that name."""
        return self._rows[name].field


def _label(field: Field) -> str:
    return "" if field.shape is Shape.FLAG else text(field.label)


def _widget(field: Field, value: str) -> Widget:
    name = f"field-{field.name}"
    match field.shape:
        case Shape.LINES:
            return Lines(value, id=name)
        case Shape.CHOICE:
            return Choice([(code, text(words)) for code, words in field.choices], value, id=name)
        case Shape.FLAG:
            return Flag(text(field.label), value == YES, id=name)
        case Shape.DATE:
            return Line(value, placeholder=text("12/03/2024, 03/2024 or 2024"), id=name)
    return Line(value, id=name)


def _value(widget: Widget) -> str:
    match widget:
        case Line() | Choice():
            return widget.value
        case Lines():
            return widget.text
        case Flag():
            return YES if widget.value else NO
    raise TypeError(type(widget).__name__)
