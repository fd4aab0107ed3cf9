"""A colleague's key has changed: nothing moves until a doctor has decided. Neither choice is a click in passing."""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll

from tui.dates import shown_moment
from tui.screens.question import Question
from tui.screens.room import Room
from tui.screens.verify import Verify
from tui.values import ColleagueLine
from tui.values_meeting import CardSummary, ChangedKey
from tui.widgets.words import Part, Words
from tui.words.catalogue import text
from tui.words.marking import message


class KeyChanged(Room[bool]):
    """True once it was decided."""

    BINDINGS = [
        Binding("v", "compare", message("Compare the new key")),
        Binding("k", "keep", message("Keep the old key")),
    ]

    def __init__(self, colleague: ColleagueLine) -> None:
        super().__init__()
        self._colleague = colleague

    def content(self) -> ComposeResult:
        heading = text("The key of {name} has changed").format(name=self._colleague.name)
        yield Words((heading, "bold $text-error"), classes="page-title")
        with VerticalScroll(classes="page"):
            yield Words(id="changed-words")

    def on_mount(self) -> None:
        self.load()

    @work
    async def load(self) -> None:
        """Show both cards."""
        found = await self.attempt(self.gateway.changed_key(self._colleague.id))
        if found is None:
            self.dismiss(False)
            return
        self.query_one("#changed-words", Words).say(*_told(found))

    @work
    async def action_compare(self) -> None:
        if await self.app.push_screen_wait(Verify(self._colleague)):
            self.dismiss(True)

    @work
    async def action_keep(self) -> None:
        question = Question(
            text("Keep the old key of {name}?").format(name=self._colleague.name),
            text("The new card is dropped. Whoever made it can read and send nothing. All is as it was before."),
            [("no", text("Decide later")), ("keep", text("Keep the old key"))],
            grave=True,
        )
        if await self.app.push_screen_wait(question) == "keep":
            if await self.attempt(self.gateway.keep_key(self._colleague.id)):
                self.dismiss(True)


def _told(found: ChangedKey) -> list[Part]:
    what = text(
        "A card for the practitioner number {rpps} came under another key. Either the colleague has reinstalled, or "
        "somebody is passing himself off as him. Nothing is sent to him and nothing from him is believed until you "
        "have decided."
    )
    how = text(
        "Ask him himself, face to face or at a telephone number from the directory, never at one from the message. If "
        "he has reinstalled: V, compare the fingerprint of the new key, or pair live. What still waited for the old "
        "key is then not delivered; the patients' consents stay. If not: K, keep the old key."
    )
    parts: list[Part] = [what.format(rpps=found.rpps), "\n\n", how, "\n\n"]
    parts += [(text("The card that is kept"), "bold"), "  ", *_summary(found.kept), "\n"]
    parts += [(text("The new card"), "bold"), "  ", *_summary(found.new)]
    return parts


def _summary(one: CardSummary) -> list[Part]:
    who = ", ".join(filter(None, (one.name, one.profession, one.practice, one.town)))
    made = text("made {moment}").format(moment=shown_moment(one.made))
    return [who, (f"  {made}", "$text-muted")]
