"""A new user: who, in which role, until when; then the first passphrase."""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from localstore.identity import is_rpps
from localstore.roles import LOCUM
from tui import vocabulary
from tui.dates import typed_date
from tui.forms import Field, Shape
from tui.screens.passphrase import NewPassphrase
from tui.screens.question import Question
from tui.screens.room import Room
from tui.values import NewUser, UserLine
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

DAY = 10  # characters of a whole date
FIELDS = (
    Field("name", message("Name")),
    Field("role", message("Role"), Shape.CHOICE, tuple(vocabulary.ROLES.items())),
    Field("rpps", message("RPPS number")),
    Field("profession", message("Profession")),
    Field("until", message("Last day"), Shape.DATE),
)


def fill(typed: dict[str, str]) -> tuple[NewUser, dict[str, str]]:
    """The user as typed, and what cannot be accepted, by field."""
    said = {name: value.strip() for name, value in typed.items()}
    refused: dict[str, str] = {}
    until = typed_date(said["until"]) or ""
    if not said["name"]:
        refused["name"] = text("This field is needed.")
    if said["until"] and len(until) != DAY:
        refused["until"] = text("Write a whole date: 31/08/2026.")
    elif said["role"] == LOCUM and not until:
        refused["until"] = text("The access of a locum ends on a day.")
    return NewUser(said["name"], said["role"], said["rpps"], said["profession"], until), refused


class NewUserForm(Room[UserLine]):
    """Gives the user once he was added."""

    BINDINGS = [Binding("ctrl+s", "go_on", message("Go on"))]

    def content(self) -> ComposeResult:
        yield Words((text("A new user"), "bold $primary"), classes="page-title")
        yield Words(
            text(
                "A doctor reads and writes everything, and governs; a locum as well, until a day, without governing; "
                "a secretary works with identities."
            ),
            classes="page-words",
        )
        begin = {field.name: "" for field in FIELDS} | {"role": LOCUM}
        yield Form(FIELDS, begin)

    def on_mount(self) -> None:
        self.query_one(Form).field("name").focus()

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        return self.query_one(Form).is_changed

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        self.focus_next()

    @work
    async def action_go_on(self) -> None:
        """Check what was typed, then ask for the passphrase, then add."""
        form = self.query_one(Form)
        new, refused = fill(form.typed)
        form.refuse(refused)
        if refused or not await self._accepts(new.rpps):
            return
        secret = await self.app.push_screen_wait(NewPassphrase(new.name))
        if secret is None:
            return
        added = await self.attempt(self.gateway.add_user(new, secret))
        if added is not None:
            self.dismiss(added)

    async def _accepts(self, rpps: str) -> bool:
        if not rpps or is_rpps(rpps):
            return True
        words = text("“{number}” is not a valid RPPS number: 11 digits, the last of which is a key.")
        question = Question(
            text("Is this number right?"),
            words.format(number=rpps),
            [("mend", text("Correct it")), ("use", text("Use it all the same"))],
        )
        return await self.app.push_screen_wait(question) == "use"
