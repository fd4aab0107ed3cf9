"""The terminal interface: which screen comes when, the lock, and what happens when something breaks.

`tui.start` runs it.
"""

import asyncio
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import ClassVar, Literal

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType

from localstore.clock import system_clock
from localstore.errors import ConfrereError
from localstore.roles import Right
from tui import gateway as gateway_room
from tui import process, theme
from tui.dates import shown_date
from tui.gateway import Gateway
from tui.screens import create
from tui.screens.agenda import Agenda
from tui.screens.colleagues import Colleagues
from tui.screens.dialog import Rooms
from tui.screens.help import Help
from tui.screens.inbox import Inbox
from tui.screens.parting import Parting
from tui.screens.question import Question
from tui.screens.questions import Questions
from tui.screens.recalls import Recalls
from tui.screens.room import Room
from tui.screens.search import Search
from tui.screens.unlock import Unlock
from tui.screens.users import Users
from tui.values import Arrivals, House, Mail
from tui.widgets.frame import alarmed, told, went_by_itself
from tui.widgets.words import shown
from tui.words.catalogue import sentence, text
from tui.words.marking import message

COLLECT_SECONDS = 5.0  # between two looks at what arrived
TICK_SECONDS = 1.0
ASLEEP_SECONDS = 60.0  # a tick that comes this late: the machine slept
RECOVERY_ASKED = 3
# The rooms of the whole practice, by the word that their keys name.
ROOMS: dict[str, type[Room[None]]] = {
    "agenda": Agenda,
    "recalls": Recalls,
    "questions": Questions,
    "inbox": Inbox,
    "colleagues": Colleagues,
    "users": Users,
}


class Ending(Enum):
    """Why the application ended."""

    QUIT = auto()
    LOCK = auto()


class ConfrereApp(App[Ending]):
    """One practice in one terminal."""

    CSS_PATH = "app.tcss"
    TITLE = "Confrère"
    ENABLE_COMMAND_PALETTE = False  # it would offer to save the screen, and a patient on it, as a picture
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", message("Help")),
        Binding("f5", "visit('agenda')", message("Agenda")),
        Binding("f6", "visit('recalls')", message("Recalls")),
        Binding("f7", "visit('inbox')", message("Mail")),
        Binding("f8", "visit('colleagues')", message("Colleagues")),
        Binding("f9", "other_theme", message("Light or dark"), show=False),
        Binding("ctrl+l", "lock", message("Lock"), priority=True),
        Binding("f11", "visit('questions')", message("Questions"), show=False),
        Binding("f12", "visit('users')", message("Users")),
        Binding("ctrl+q", "quit", message("Quit"), show=False, priority=True),
    ]

    def __init__(
        self,
        folder: Path,
        *,
        theme_name: str = theme.DARK,
        idle_seconds: float | None = None,
        with_daemon: bool = True,
        passphrase: str = "",
    ) -> None:
        """`passphrase` opens the practice at once, the first time. `idle_seconds` overrules the practice's setting; 0
        never locks by itself. `with_daemon` starts the sync daemon where there is somebody to exchange with."""
        super().__init__()
        self.folder = folder
        self.house: House | None = None
        self.mail = Mail()
        self.crash: type[BaseException] | None = None
        self._gateway: Gateway | None = None
        self._idle_seconds = idle_seconds
        self._with_daemon = with_daemon
        self._passphrase = passphrase
        self._last_input = 0.0
        self._last_tick: datetime | None = None
        self._collecting = False
        self._parting = False
        self.in_a_hurry = False  # whoever locks does not wait for what is under way
        self.parting_words = ""
        self._trouble = ""
        for one in theme.THEMES:
            self.register_theme(one)
        self.theme = theme_name

    # --- the ways in ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if gateway_room.holds_practice(self.folder):
            self.push_screen(Unlock(self.folder, self._passphrase))
            self._passphrase = ""
        else:
            self.create_practice()

    @work
    async def create_practice(self) -> None:
        """The guided creation; it ends at the locked screen."""
        identity = dict.fromkeys((field.name for field in create.FIELDS), "")
        secret: str | None = None
        while secret is None:
            asked = await self.push_screen_wait(create.CreateIdentity(identity))
            if asked is None:
                self.exit(Ending.QUIT)
                return
            identity = asked
            secret = await self.push_screen_wait(create.CreatePassphrase())
        self.tell(text("Making the practice…"))
        try:
            words = await gateway_room.create(self.folder, create.assembled(identity, secret))
        except ConfrereError as error:
            self.tell(sentence(error), warning=True)
            self.create_practice()
            return
        places = gateway_room.some_places(len(words), RECOVERY_ASKED)
        await self.push_screen_wait(create.RecoveryWords(words, places))
        self.push_screen(Unlock(self.folder))

    @property
    def gateway(self) -> Gateway:
        """The open practice."""
        if self._gateway is None:
            raise RuntimeError("the practice is locked")
        return self._gateway

    def enter(self, gateway: Gateway) -> None:
        """The practice was opened: go to its first screen."""
        self._gateway = gateway
        gateway.on_followed = self.collect
        self.call_later(self._show_practice, gateway)  # not in the worker of the screen that this one replaces

    async def _show_practice(self, gateway: Gateway) -> None:
        try:
            self.house = await gateway.house()
            alarms = await gateway.alarms()
            minutes = gateway_room.preferences(self.folder).auto_lock_minutes
        except ConfrereError as error:
            self.tell(sentence(error), warning=True)
            self.close_practice()
            return
        if self._idle_seconds is None:
            self._idle_seconds = minutes * 60.0
        self._touch()
        self._last_tick = system_clock()
        await self.switch_screen(Search())
        self.set_interval(TICK_SECONDS, self.tick)
        self.set_interval(COLLECT_SECONDS, self.collect)
        self.renew_mail()
        for one in gateway.ended:
            self.tell(text("The access of {name} ended on {date}.").format(name=one.name, date=shown_date(one.until)))
        for words in alarmed(alarms):
            self.tell(words, warning=True)

    # --- the lock ---------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Every key and every movement of the mouse says that somebody is there."""
        if isinstance(event, events.InputEvent):
            self._touch()
        await super().on_event(event)

    def _touch(self) -> None:
        self._last_input = self._loop_time()

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()

    async def tick(self) -> None:
        """Lock when nobody was there for long, and when the machine slept."""
        now = system_clock()
        slept = self._last_tick is not None and (now - self._last_tick).total_seconds() > ASLEEP_SECONDS
        self._last_tick = now
        idle = self._loop_time() - self._last_input
        if any(room.busy for room in self._rooms()):
            self._touch()
        elif self._idle_seconds and (slept or idle > self._idle_seconds):
            for room in self._rooms():
                if room.unsaved:
                    await room.keep()
            self.part(Ending.LOCK)

    def _rooms(self) -> list[Rooms]:
        return [room for room in self.screen_stack if isinstance(room, Rooms)]

    @work
    async def action_lock(self) -> None:
        """Lock; ask first where text would be lost. A second time, during the day's backup: at once, without it."""
        if self._parting:
            self.in_a_hurry = True
            self.exit(Ending.LOCK)
        elif self._gateway is not None and await self._may_go(text("Lock, and lose the text")):
            self.part(Ending.LOCK)

    async def action_quit(self) -> None:
        """End; ask first where text would be lost."""
        self.leave_program()

    @work
    async def leave_program(self) -> None:
        """End, if nothing would be lost or the doctor says so."""
        if await self._may_go(text("Quit, and lose the text")):
            self.part(Ending.QUIT)

    @work
    async def part(self, ending: Ending) -> None:
        """End, behind a curtain, after the day's backup where it is due. What went wrong with it is said at the end,
        and at the next unlocking by the age of the last one."""
        if self._parting:
            return
        self._parting = True
        if self._gateway is not None:
            self.parting_words = await self.push_screen_wait(Parting())
        self.exit(ending)

    def lock_at_once(self) -> None:
        """Lock, without asking and without a backup: the practice is closed already."""
        self.exit(Ending.LOCK)

    async def _may_go(self, words: str) -> bool:
        if not any(room.unsaved for room in self._rooms()):
            return True
        question = Question(
            text("Something is not saved"),
            text("What was typed on this screen is kept nowhere yet."),
            [("stay", text("Stay here")), ("go", words)],
            grave=True,
        )
        return await self.push_screen_wait(question) == "go"

    # --- colleagues -------------------------------------------------------------------------------------------------

    def renew_mail(self) -> None:
        """Look at once whether something arrived, and see that the daemon runs."""
        if self._with_daemon:
            self.start_daemon()
        self.collect()

    @work(group="daemon")
    async def start_daemon(self) -> None:
        """The daemon runs wherever there is somebody to exchange with."""
        try:
            if await self.gateway.start_daemon():
                self.collect()
        except ConfrereError as error:
            self.tell(sentence(error), warning=True)

    @work(group="mail")
    async def collect(self) -> None:
        """Open what arrived; say so once."""
        if self._collecting or any(room.holds for room in self._rooms()):
            return
        self._collecting = True
        try:
            arrivals, mail = await self.gateway.collect()
        except ConfrereError as error:
            if self._trouble != str(error):
                self._trouble = str(error)
                self.tell(sentence(error), warning=True)
        else:
            self._trouble = ""
            self._show(arrivals, mail)
        finally:
            self._collecting = False

    def _show(self, arrivals: Arrivals, mail: Mail) -> None:
        changed, self.mail = mail != self.mail, mail
        for words in (*told(arrivals), *went_by_itself(arrivals)):
            self.tell(words)
        if changed or arrivals != Arrivals():
            for screen in self.screen_stack:
                if isinstance(screen, Room):
                    screen.show_mail()

    # --- what every screen may do -----------------------------------------------------------------------------------

    def tell(self, words: str, *, warning: bool = False) -> None:
        """Say something in a corner, for a few seconds."""
        severity: Literal["warning", "information"] = "warning" if warning else "information"
        self.notify(shown(words).plain, severity=severity, timeout=12 if warning else 6, markup=False)

    def action_help(self) -> None:
        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def action_help_quit(self) -> None:
        self.tell(text("Ctrl+Q ends the program, Ctrl+L locks it."))

    def action_visit(self, place: str) -> None:
        """Go to a room of the whole practice, unless it is open already."""
        room = ROOMS[place]
        if self._gateway is not None and not any(isinstance(screen, room) for screen in self.screen_stack):
            self.push_screen(room())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of an open practice do nothing, and are not shown, while it is locked."""
        if action in ("lock", "quit") and any(room.holds for room in self._rooms()):
            return False
        if parameters in (("recalls",), ("questions",)) and self.house is not None and not self.house.may(Right.READ):
            return False
        return self._gateway is not None or action not in ("visit", "lock")

    def action_other_theme(self) -> None:
        self.theme = theme.other(self.theme)

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print the values of local variables, so patient data, and end with 0.
        cause = getattr(error, "error", error)
        self.crash = self.crash or type(cause)
        self._return_code = process.OWN_FAULT
        if self._exception is None:
            self._exception = cause if isinstance(cause, Exception) else error
            self._exception_event.set()
        self._close_messages_no_wait()

    def close_practice(self) -> None:
        """Close the files of the practice, if it is open."""
        if self._gateway is not None:
            self._gateway.close()
            self._gateway = None
