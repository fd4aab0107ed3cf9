"""What is said before an entry is saved: a question where it is unlikely, a reason where it endangers the patient."""

from collections.abc import Iterable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from localstore.safety.cautions import Caution, Severity, need_reason, override_words
from tui import cautions
from tui.screens.dialog import Dialog
from tui.screens.question import Question
from tui.screens.room import Room
from tui.widgets.fields import Line, Push
from tui.widgets.words import Words
from tui.words.catalogue import text


class Warned(Dialog[str]):
    """Gives the reason why it is saved all the same, or None when it is looked at again. Enter on no reason is that."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave"):
            yield Words(text("Danger for this patient"), classes="dialog-title")
            yield Words(self._words, classes="dialog-words")
            yield Line(placeholder=text("Why all the same? It is kept in the history."), id="reason")
            with Horizontal(classes="answers"):
                yield Push(text("Look again"), id="mend", primary=True)
                yield Push(text("Save all the same"), id="keep")

    @on(Line.Submitted)
    def submitted(self) -> None:
        """Enter: the reason that was typed, or back to the form."""
        self.dismiss(self._reason or None)

    @on(Push.Pressed, "#keep")
    def save(self) -> None:
        """Save, if there is a reason."""
        if self._reason:
            self.dismiss(self._reason)
        else:
            self.building.tell(text("This field is needed."), warning=True)
            self.query_one("#reason", Line).focus()

    @on(Push.Pressed, "#mend")
    def mend(self) -> None:
        """Back to the form."""
        self.dismiss(None)

    @property
    def _reason(self) -> str:
        return self.query_one("#reason", Line).value.strip()


async def heed(room: Room[bool], found: Sequence[Caution], doubts: Iterable[str] = ()) -> tuple[str, ...] | None:
    """Say what there is to say; `doubts` are sentences of the form's own. The words for the history where warnings were
    overridden; None when it is not to be saved."""
    said = [cautions.told(one) for one in found]
    asked = [line for one, line in zip(found, said, strict=True) if one.severity is not Severity.NOTICE]
    lines = list(dict.fromkeys([*said, *doubts]))
    if need_reason(found):
        further = [line for line in lines if line not in said]
        words = "\n".join([*cautions.sentences(found).splitlines(), *further])
        reason = await room.app.push_screen_wait(Warned(words))
        return None if reason is None else override_words(found, reason)
    if not set(asked).union(doubts):
        for line in lines:
            room.building.tell(line, warning=True)
        return ()
    answers = [("mend", text("Look again")), ("keep", text("Save all the same"))]
    answer = await room.app.push_screen_wait(Question(text("Is this right?"), "\n".join(lines), answers))
    return () if answer == "keep" else None
