"""A question with a few answers; where asked for, with a line to fill in."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui.screens.dialog import Dialog
from tui.widgets.fields import Line, Push
from tui.widgets.words import Words
from tui.words.catalogue import text


class Question(Dialog[str]):
    """Gives the value of the answer, or None when it was left. The first answer is the one that Enter gives."""

    def __init__(self, title: str, words: str, answers: Sequence[tuple[str, str]], *, grave: bool = False) -> None:
        """`answers` are (value, words in the user's language)."""
        super().__init__()
        self._title, self._words, self._answers, self._grave = title, words, answers, grave

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave" if self._grave else "dialog"):
            yield Words(self._title, classes="dialog-title")
            yield Words(self._words, classes="dialog-words")
            with Horizontal(classes="answers"):
                for place, (value, words) in enumerate(self._answers):
                    yield Push(words, id=f"answer-{value}", primary=place == 0)

    @on(Push.Pressed)
    def answer(self, event: Push.Pressed) -> None:
        """One of the answers was chosen."""
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def key_left(self) -> None:
        """To the answer before."""
        self.focus_previous(Push)

    def key_right(self) -> None:
        """To the next answer."""
        self.focus_next(Push)


class Asked(Dialog[str]):
    """A line to fill in; gives it, or None when it was left. An empty one is accepted only where it is not `needed`."""

    def __init__(self, title: str, words: str, *, value: str = "", placeholder: str = "", needed: bool = True) -> None:
        super().__init__()
        self._needed = needed
        self._title, self._words, self._value, self._placeholder = title, words, value, placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self._title, classes="dialog-title")
            yield Words(self._words, classes="dialog-words")
            yield Line(self._value, placeholder=self._placeholder, id="asked")
            with Horizontal(classes="answers"):
                yield Push(text("Go on"), id="go", primary=True)
                yield Push(text("Cancel"), id="cancel")

    @on(Line.Submitted)
    @on(Push.Pressed, "#go")
    def accept(self) -> None:
        """Take the line as it is."""
        said = self.query_one("#asked", Line).value.strip()
        if said or not self._needed:
            self.dismiss(said)
        else:
            self.building.tell(text("This field is needed."), warning=True)

    @on(Push.Pressed, "#cancel")
    def cancel(self) -> None:
        """Leave."""
        self.dismiss(None)


class Notice(Dialog[None]):
    """Something to read, at leisure; Enter or Esc closes it."""

    def __init__(self, title: str, words: str, *, grave: bool = False) -> None:
        super().__init__()
        self._title, self._words, self._grave = title, words, grave

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave" if self._grave else "dialog"):
            yield Words(self._title, classes="dialog-title")
            yield Words(self._words, classes="dialog-words")
            with Horizontal(classes="answers"):
                yield Push(text("Close"), primary=True)

    @on(Push.Pressed)
    def close(self) -> None:
        """Leave."""
        self.dismiss(None)


def losing() -> Question:
    """Asks before typed text is lost; the answer that loses it is `go`."""
    return Question(
        text("Something is not saved"),
        text("What was typed on this screen is kept nowhere yet."),
        [("stay", text("Go on writing")), ("go", text("Leave, and lose the text"))],
        grave=True,
    )
