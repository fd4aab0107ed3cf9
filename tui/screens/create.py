"""The guided creation of a practice: who, a passphrase, the recovery words shown once and three of them asked back."""

import unicodedata
from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll

from localstore.folding import fold
from localstore.identity import is_rpps
from tui import gateway
from tui.forms import Field
from tui.screens.question import Question
from tui.screens.room import Room
from tui.values import NewPractice
from tui.widgets.fields import Flag, Line, Push, Secret
from tui.widgets.form import Form, Row
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

FIELDS = (
    Field("doctor", message("Your name")),
    Field("rpps", message("RPPS number")),
    Field("practice", message("Practice")),
    Field("town", message("Town")),
)
WORDS_IN_A_LINE = 4


class CreateIdentity(Room[dict[str, str]]):
    """Who the practice belongs to."""

    BINDINGS = [Binding("ctrl+s", "go_on", message("Go on")), Binding("escape", "leave", message("Quit"))]

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__()
        self._values = values

    def content(self) -> ComposeResult:
        yield Words((text("A new practice"), "bold $primary"), classes="page-title")
        yield Words(
            text("Nothing was found in this folder. The record will be made here, encrypted, on this machine only."),
            classes="page-words",
        )
        yield Form(FIELDS, self._values)

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field, and on after the last."""
        if self.focused is self.query_one(Form).field("town"):
            self.action_go_on()
        else:
            self.focus_next(Line)

    @work
    async def action_go_on(self) -> None:
        """Check what was typed; a doubtful number is asked about, never refused."""
        form = self.query_one(Form)
        typed = {name: said.strip() for name, said in form.typed.items()}
        form.refuse({} if typed["doctor"] else {"doctor": text("This field is needed.")})
        if not typed["doctor"]:
            return
        if not is_rpps(typed["rpps"]):
            question = Question(
                text("Is this number right?"),
                text("“{number}” is not a valid RPPS number: 11 digits, the last of which is a key.").format(
                    number=typed["rpps"]
                ),
                [("mend", text("Correct it")), ("use", text("Use it all the same"))],
            )
            if await self.app.push_screen_wait(question) != "use":
                form.field("rpps").focus()
                return
        self.dismiss(typed)


class CreatePassphrase(Room[str]):
    """What will open the practice. A generated one is offered; a typed one shows how strong it is."""

    BINDINGS = [
        Binding("ctrl+s", "go_on", message("Create the practice")),
        Binding("ctrl+o", "use", message("Use the suggestion")),
        Binding("ctrl+g", "generate", message("Suggest another")),
    ]

    def content(self) -> ComposeResult:
        title, words = self.heading()
        yield Words((title, "bold $primary"), classes="page-title")
        yield Words(words, classes="page-words")
        with VerticalScroll(classes="page", can_focus=False):
            yield Words(id="suggested")
            yield Row(text("Passphrase"), Secret(id="first"))
            yield Row(text("Once more"), Secret(id="again"))
            yield Row("", Flag(text("Show what is typed"), id="reveal"))
            yield Words(id="strength")

    def heading(self) -> tuple[str, str]:
        """The title, and what the passphrase is for."""
        words = text(
            "It opens the practice every day. Nobody can reset it: write this one down, or type one of your own."
        )
        return text("Your passphrase"), words

    def on_mount(self) -> None:
        self.action_generate()
        self.query_one("#first").focus()

    def action_generate(self) -> None:
        """Offer another generated passphrase."""
        self._suggested = gateway.suggest_passphrase()
        self.query_one("#suggested", Words).say((self._suggested, "bold $text-accent"))

    def action_use(self) -> None:
        """Put the suggestion into both fields; it is asked for right after, on the locked screen."""
        for field in self.query(Secret):
            field.value = self._suggested

    @on(Flag.Changed, "#reveal")
    def reveal(self, event: Flag.Changed) -> None:
        """Show or hide both fields."""
        for field in self.query(Secret):
            field.password = not event.value

    @on(Line.Changed)
    def judge(self) -> None:
        """Say how strong the passphrase is, and whether both are the same."""
        first, again = (self.query_one(name, Secret).value for name in ("#first", "#again"))
        found = gateway.strength(first)
        style = "$text-success" if found.enough else "$text-warning"
        verdict = text("strong") if found.enough else text("too easy to guess: 80 bits or more are advised")
        words = text("about {bits} bits: {verdict}").format(bits=found.bits, verdict=verdict)
        said = [(words, style)] if first else [("", "")]
        if again and again != first:
            said.append((" · " + text("the two are not the same"), "$text-error"))
        self.query_one("#strength", Words).say(*said)

    @on(Line.Submitted, "#first")
    def to_second(self) -> None:
        """Enter goes to the second field."""
        self.query_one("#again").focus()

    @on(Line.Submitted, "#again")
    def submitted(self) -> None:
        """Enter in the second field goes on."""
        self.action_go_on()

    @work
    async def action_go_on(self) -> None:
        """Both must be the same; a weak one is asked about."""
        first, again = (self.query_one(name, Secret).value for name in ("#first", "#again"))
        if not first or first != again:
            self.building.tell(text("Type the passphrase twice, the same both times."), warning=True)
            return
        if not gateway.strength(first).enough:
            answers = [("other", text("Choose another")), ("keep", text("Keep it"))]
            question = Question(
                text("This passphrase is weak"),
                text("Whoever steals this machine could guess it. At least 80 bits are advised."),
                answers,
            )
            if await self.app.push_screen_wait(question) != "keep":
                return
        self.dismiss(first)


class RecoveryWords(Room[bool]):
    """The words that open the practice when the passphrase is lost. Shown once; three are asked back."""

    BINDINGS = [
        Binding("ctrl+s", "go_on", message("Go on")),
        Binding("escape", "leave", message("Back to the words")),
    ]

    def __init__(self, words: Sequence[str], asked: Sequence[int]) -> None:
        """`asked` are the places of the three words, from 0."""
        super().__init__()
        # Composed letters: the list of words has its accents apart, which terminals align badly.
        self._words = [unicodedata.normalize("NFC", word) for word in words]
        self._asked = list(asked)

    def content(self) -> ComposeResult:
        yield Words((text("Recovery words"), "bold $primary"), classes="page-title")
        yield Words(
            text("Write them on paper, in this order, and put the paper in a safe place. They are shown only now."),
            classes="page-words",
        )
        with VerticalScroll(classes="page", can_focus=False):
            yield Words(*self._table(), id="words")
            with VerticalScroll(id="back", can_focus=False):
                for place in self._asked:
                    yield Row(text("Word number {n}").format(n=place + 1), Line(id=f"word-{place}"))
            with Horizontal(classes="answers"):
                yield Push(text("I have written them down"), id="written", primary=True)

    def on_mount(self) -> None:
        self.query_one("#back").display = False
        self.query_one("#written").focus()

    def _table(self) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = []
        for place, word in enumerate(self._words):
            parts += [(f"{place + 1:>3} ", "$text-muted"), (f"{word:<14}", "bold")]
            if place % WORDS_IN_A_LINE == WORDS_IN_A_LINE - 1:
                parts.append(("\n", ""))
        return parts

    @on(Push.Pressed, "#written")
    def written(self) -> None:
        """Hide the words and ask three of them back; or check the answers."""
        if self.query_one("#words").display:
            self._turn(asking=True)
        else:
            self.action_go_on()

    def _turn(self, *, asking: bool) -> None:
        self.query_one("#words").display = not asking
        self.query_one("#back").display = asking
        self.query_one("#written", Push).say(text("Check the words") if asking else text("I have written them down"))
        (self.query_one(f"#word-{self._asked[0]}") if asking else self.query_one("#written")).focus()

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from word to word, and checks after the last."""
        if self.focused is self.query_one(f"#word-{self._asked[-1]}"):
            self.action_go_on()
        else:
            self.focus_next(Line)

    def action_go_on(self) -> None:
        """Right words end this; a wrong one is said."""
        if self.query_one("#words").display:
            self._turn(asking=True)
            return
        wrong = [
            place
            for place in self._asked
            if fold(self.query_one(f"#word-{place}", Line).value) != fold(self._words[place])
        ]
        if not wrong:
            self.dismiss(True)
            return
        numbers = ", ".join(str(place + 1) for place in wrong)
        self.building.tell(text("Not right: word {numbers}. Look at your paper.").format(numbers=numbers), warning=True)
        self.query_one(f"#word-{wrong[0]}").focus()

    def action_leave(self) -> None:
        """Back to the words; there is no way around them."""
        self._turn(asking=False)


def assembled(identity: dict[str, str], passphrase: str) -> NewPractice:
    """Everything that the creation asked."""
    practice = identity["practice"] or text("Practice of {name}").format(name=identity["doctor"])
    return NewPractice(identity["doctor"], identity["rpps"], practice, identity["town"], passphrase)
