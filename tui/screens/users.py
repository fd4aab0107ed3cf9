"""Who works in the practice: adding, ending an access, removing; everybody's own passphrase. Doctors govern."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from localstore.roles import Right
from tui import vocabulary
from tui.dates import shown_date, shown_moment, typed_date
from tui.screens.change_key import ChangeKey
from tui.screens.new_user import NewUserForm
from tui.screens.passphrase import NewPassphrase, OwnPassphrase
from tui.screens.question import Asked, Question
from tui.screens.room import Room
from tui.values import UserLine
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

GOVERNING = frozenset({"add", "until", "remove", "give", "change_key"})
NEVER = "—"


class Users(Room[None]):
    """The users of the practice."""

    BINDINGS = [
        Binding("a", "add", message("Add a user")),
        Binding("d", "until", message("Last day")),
        Binding("n", "give", message("New passphrase for him")),
        Binding("x", "remove", message("Remove")),
        Binding("k", "change_key", message("Change the key")),
        Binding("p", "own", message("My passphrase")),
    ]

    def content(self) -> ComposeResult:
        yield Words((text("Users"), "bold $primary"), classes="page-title")
        columns = [
            Column(text("Name")),
            Column(text("Role"), 15),
            Column("RPPS", 11, from_width=120),
            Column(text("Access"), 28),
            Column(text("Last seen"), 20, from_width=96),
        ]
        yield Listing(columns, self.paint, id="users")
        with VerticalScroll(id="about", classes="page", can_focus=False):
            yield Words(id="about-words")

    def on_mount(self) -> None:
        self.listing.focus()
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What only a doctor may do is not offered to others."""
        return action not in GOVERNING or self.may(Right.GOVERN)

    @property
    def listing(self) -> Listing[UserLine]:
        """The users."""
        return self.query_one("#users", Listing)

    @property
    def _standing(self) -> UserLine | None:
        """The user under the cursor, if he still works here; says so otherwise."""
        one = self.listing.item
        if one is not None and one.removed:
            self.building.tell(text("{name} was removed. Add a new user instead.").format(name=one.name), warning=True)
            return None
        return one

    @work(group="load", exclusive=True)
    async def load(self) -> None:
        """Ask who there is."""
        found = await self.attempt(self.gateway.users())
        if found is not None:
            self.listing.show(found, keep=lambda one: one.id)

    def paint(self, one: UserLine) -> Sequence[Content]:
        """One user."""
        access = vocabulary.access(one.until, one.removed, self.gateway.today())
        is_out = bool(one.removed) or bool(one.until and one.until < self.gateway.today())
        return [
            shown((one.name, "$text-muted" if one.removed else "bold")),
            shown(vocabulary.word(vocabulary.ROLES, one.role)),
            shown((one.rpps, "$text-muted")),
            shown((f"✗ {access}" if is_out else access, "$text-warning" if is_out else "$text-muted")),
            shown((shown_moment(one.last_seen), "$text-muted")),
        ]

    @on(Listing.Moved, "#users")
    def _show_about(self, event: Listing.Moved) -> None:
        one: UserLine | None = event.item
        parts: list[Part] = (
            [(one.name, "bold"), f"  {one.profession}\n", text(vocabulary.ABILITIES[one.role])] if one else []
        )
        if not self.may(Right.GOVERN):
            words = text("Only a doctor of the practice adds and removes users. You can change your own passphrase: P.")
            parts += ["\n", (words, "$text-warning")]
        self.query_one("#about-words", Words).say(*parts)

    # --- what a doctor may ------------------------------------------------------------------------------------------

    @work
    async def action_add(self) -> None:
        if await self.app.push_screen_wait(NewUserForm()):
            self.load()

    @work
    async def action_until(self) -> None:
        one = self._standing
        if one is None:
            return
        words = text("The last day of access, for instance 31/08/2026; — for no end.")
        asked = Asked(text("Last day: {name}").format(name=one.name), words, value=shown_date(one.until) or NEVER)
        typed = await self.app.push_screen_wait(asked)
        if typed is None:
            return
        day = "" if typed == NEVER else typed_date(typed) or typed
        opens = await self.attempt(self.gateway.set_until(one.id, day))
        if opens is False:
            words = text("The passphrase was dropped when the access ended: N gives a new one.")
            self.building.tell(words, warning=True)
        self.load()

    @work
    async def action_give(self) -> None:
        one = self._standing
        if one is None:
            return
        secret = await self.app.push_screen_wait(NewPassphrase(one.name))
        if secret is not None:
            done = await self.attempt(self._give(one, secret))
            if done:
                self.building.tell(text("{name} has a new passphrase.").format(name=one.name))

    async def _give(self, one: UserLine, secret: str) -> bool:
        await self.gateway.give_passphrase(one.id, secret)
        return True

    @work
    async def action_remove(self) -> None:
        one = self._standing
        if one is None:
            return
        question = Question(
            text("Remove {name}?").format(name=one.name),
            text(
                "The passphrase opens nothing any more; what was written stays. Whoever kept copies of the files can "
                "still read them: a new key protects what is written from now on. Backups made before stay readable "
                "with the old key."
            ),
            [
                ("keep", text("Keep him")),
                ("remove", text("Remove")),
                ("both", text("Remove, new key")),
            ],
            grave=True,
        )
        chosen = await self.app.push_screen_wait(question)
        if chosen == "both":
            self.app.push_screen(ChangeKey(one.id))
        elif chosen == "remove":
            await self.attempt(self.gateway.remove_user(one.id))
            self.load()

    @work
    async def action_change_key(self) -> None:
        question = Question(
            text("Change the record's key?"),
            text(
                "The whole record is copied under a new key, and checked: this takes a while, and as much room as the "
                "record has. Backups made before stay readable with the old key. The practice locks itself when it is "
                "done; passphrases and recovery words stay as they are."
            ),
            [("keep", text("Keep the key")), ("change", text("Change the key"))],
        )
        if await self.app.push_screen_wait(question) == "change":
            self.app.push_screen(ChangeKey())

    # --- what everybody may -----------------------------------------------------------------------------------------

    @work
    async def action_own(self) -> None:
        if await self.app.push_screen_wait(OwnPassphrase()):
            self.building.tell(text("Your passphrase was changed."))
