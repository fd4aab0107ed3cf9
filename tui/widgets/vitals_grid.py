"""The vital signs side by side, few keys apart: Enter or Tab goes from value to value."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from tui import vitals
from tui.widgets.fields import Line
from tui.widgets.words import Words
from tui.words.catalogue import text

MAX_VALUE = 10  # characters of one value


class VitalsGrid(Container):
    """One small field for each vital sign."""

    DEFAULT_CSS = """
    VitalsGrid { layout: grid; grid-size: 4; grid-gutter: 0 2; grid-rows: auto; height: auto; padding: 0 2; }
    VitalsGrid > Vertical { height: auto; }
    VitalsGrid .label { color: $text-muted; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    VitalsGrid .-refused Line { background: $error-muted; }
    """

    def compose(self) -> ComposeResult:
        for vital in vitals.VITALS:
            with Vertical(id=f"vital-{vital.name}"):
                yield Words(f"{text(vital.label)} ({vital.unit})", classes="label")
                yield Line(id=f"value-{vital.name}", max_length=MAX_VALUE)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields, by name."""
        return {vital.name: self.query_one(f"#value-{vital.name}", Line).value for vital in vitals.VITALS}

    def fill(self, values: Mapping[str, str]) -> None:
        """Put values in."""
        for name, said in values.items():
            for field in self.query(f"#value-{name}").results(Line):
                field.value = said

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed."""
        return any(said.strip() for said in self.typed.values())

    def refuse(self) -> bool:
        """Mark what is no number, and go there; whether there was any."""
        wrong = vitals.unreadable(self.typed)
        for vital in vitals.VITALS:
            self.query_one(f"#vital-{vital.name}").set_class(vital.name in wrong, "-refused")
        if wrong:
            self.query_one(f"#value-{wrong[0]}").focus()
        return bool(wrong)
