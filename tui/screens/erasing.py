"""The questions before a record is archived, or erased: the ground, the reason, and the family name, typed."""

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from localstore.model import PatientSummary
from tui.dates import shown_date
from tui.reading import full_name
from tui.rights_words import GROUNDS, reach
from tui.screens.dialog import Dialog
from tui.screens.question import Notice, Question
from tui.values_rights import ErasedTold
from tui.widgets.fields import Choice, Line, Push
from tui.widgets.words import Words
from tui.words.catalogue import text, texts


def archiving_of(patient: PatientSummary) -> Question:
    """The question before a record is archived; gives `archive`."""
    words = text("The record leaves the list, whole. It can be read with a reason, and brought back.")
    answers = [("stay", text("Cancel")), ("archive", text("Archive"))]
    return Question(text("Archive {name}?").format(name=full_name(patient)), words, answers)


class Erasing(Dialog[bool]):
    """Erases a record when all is answered; gives True when it is gone."""

    def __init__(self, patient: PatientSummary) -> None:
        super().__init__()
        self._patient = patient

    def compose(self) -> ComposeResult:
        name = text("Erase for good: {name}, born {date}")
        born = shown_date(self._patient.birth_date)
        with Vertical(classes="dialog -large -grave"):
            yield Words(name.format(name=full_name(self._patient), date=born), classes="dialog-title")
            words = text(
                "The law wants a record kept until its time is over. Before that, it leaves only on one of these "
                "grounds."
            )
            yield Words(words, classes="dialog-words")
            yield Choice([(code, text(said)) for code, said in GROUNDS.items()], id="ground")
            yield Words((text("Reason (it stays in the history)"), "$text-muted"))
            yield Line(id="reason")
            yield Words((text("The family name, to confirm"), "$text-muted"))
            yield Line(id="name")
            with Horizontal(classes="answers"):
                yield Push(text("Cancel"), id="cancel", primary=True)
                yield Push(text("Erase for good"), id="erase")

    def on_mount(self) -> None:
        self.query_one("#ground").focus()

    @on(Push.Pressed)
    def answered(self, event: Push.Pressed) -> None:
        """Erase, or leave everything as it is."""
        if event.button.id == "erase":
            self.erase()
        else:
            self.dismiss(False)

    @work(exclusive=True)
    async def erase(self) -> None:
        """Ask the law, then erase, then say what could not be reached."""
        ground = self.query_one("#ground", Choice).value
        reason, typed = (self.query_one(name, Line).value.strip() for name in ("#reason", "#name"))
        done = await self.attempt(self.gateway.erase(self._patient.id, ground, reason, typed))
        if done is not None:
            words = texts("{count} version erased.", "{count} versions erased.", done.versions)
            said = "\n".join([words.format(count=done.versions), *left(done)])
            await self.app.push_screen_wait(Notice(text("Erased"), said))
            self.dismiss(True)


def left(done: ErasedTold) -> list[str]:
    """What the erasure could not reach, each in a sentence."""
    until = shown_date(done.backups_until)
    found = [
        text("Backups still hold this record: the last one goes by {date}, if one is made each month.").format(
            date=until
        ),
        text("Lines of the history stay until their months are dropped, with the words that were typed in them."),
    ]
    asked = text("{name} holds extracts of it, and was asked to remove them.")
    unreachable = text("{name} holds extracts of it, and cannot be asked through Confrère: call or write.")
    found += [asked.format(name=name) for name in done.asked]
    found += [unreachable.format(name=name) for name in done.unreachable]
    found += reach(done.received, done.shared_left)
    if not done.log_emptied:
        found.append(text("Another window is open: traces stay in its log until it is closed."))
    return found
