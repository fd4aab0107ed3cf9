"""Live pairing: both doctors open this room at the same time, compare a few digits and words, and both say yes."""

from typing import ClassVar

from rich.cells import set_cell_size
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Digits
from textual.worker import Worker

from localstore.errors import ConfrereError
from tui import vocabulary
from tui.gateways.pairing import HeldMeeting
from tui.screens.question import Asked, Question
from tui.screens.room import Room
from tui.values_meeting import Accord, Disturbance, Known, Left, MeetingEvent, Met, TimeOver
from tui.widgets.words import Part, Words
from tui.words.catalogue import sentence, text
from tui.words.marking import message

PERSON, PHONE, NO = "person", "phone", "no"
BORDERS = 12  # columns: what frames a line, and the gap behind its label


class PairRoom(Room[bool]):
    """True once a colleague is verified. Leaving ends the meeting, and nothing of it is kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "same", message("They are the same")),
        Binding("n", "other", message("They differ")),
        Binding("a", "call", message("Call at an address")),
    ]

    def __init__(self, at: str = "") -> None:
        """`at` is the address of a colleague to call; empty is to be found on the network."""
        super().__init__()
        self._at = at
        self._held: HeldMeeting | None = None
        self._waiting: list[Met] = []
        self._shown: Met | None = None
        self._by_phone = False
        self._said_yes = False
        self._left = 0
        self._meeting: Worker[None] | None = None
        self._asking: Question | None = None
        self._result: bool | None = None  # once it is over
        self._has_left = False

    def content(self) -> ComposeResult:
        yield Words((text("Pair with a colleague"), "bold $primary"), classes="page-title")
        with VerticalScroll(classes="page", can_focus=False):
            yield Words(id="pair-how")
            yield Words(id="pair-where", classes="spaced")
            yield Words(id="pair-who", classes="spaced")
            yield Digits("", id="pair-digits")
            yield Words(id="pair-words")
            yield Words(id="pair-next", classes="spaced")

    def on_mount(self) -> None:
        self.set_interval(1, self._tick)
        self._begin()

    @property
    def busy(self) -> bool:
        return self._held is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is confirmed before there is somebody to compare with."""
        if action in ("same", "other"):
            return self._shown is not None and not self._said_yes
        return action != "call" or self._shown is None

    def _begin(self) -> None:
        self._meeting = self._meet()

    def _close(self, result: bool) -> None:
        """Leave, with the own question; where another screen lies over this one, as soon as that was left."""
        self._result = result
        self._drop_question()
        self._leave_once()

    def on_screen_resume(self) -> None:
        self._leave_once()

    def _leave_once(self) -> None:
        if self._result is not None and self.app.screen is self and not self._has_left:
            self._has_left = True
            self.dismiss(self._result)

    def _drop_question(self) -> None:
        """Nobody is asked about somebody who is gone."""
        if self._asking is not None and self.app.screen is self._asking:
            self._asking.dismiss(None)
        self._asking = None

    @work(exclusive=True, group="meeting")
    async def _meet(self) -> None:
        held = None
        try:
            async with self.gateway.meeting(self._at) as held:
                self._held, self._left = held, round(held.seconds)
                self._waiting, self._shown, self._said_yes = [], None, False
                self._paint()
                while await self._take(held, await held.next()):
                    pass
        except ConfrereError as error:
            self.building.tell(sentence(error), warning=True)
            self._close(False)
        finally:
            if self._held is held:  # and not another call already
                self._held = None

    async def _take(self, held: HeldMeeting, event: MeetingEvent) -> bool:
        """Whether the meeting goes on after what has happened."""
        match event:
            case Met():
                self._waiting.append(event)
            case Left():
                if not self._part(event):
                    return False
            case Disturbance():
                self.building.tell(event.why, warning=True)
            case Accord():
                name = await self.gateway.keep_met(held, event.number, self._by_phone)
                self.building.tell(text("{name} is verified.").format(name=name))
                self._close(True)
                return False
            case TimeOver():
                self.building.tell(text("The three minutes are over. Nothing was kept."), warning=True)
                self._close(False)
                return False
        if self._shown is None and self._waiting:
            self._shown, self._said_yes = self._waiting.pop(0), False
            held.look_at(self._shown.number)
        self._paint()
        return True

    def _part(self, left: Left) -> bool:
        """A candidate is gone; whether others may come."""
        self._waiting = [one for one in self._waiting if one.number != left.number]
        if self._shown is None or self._shown.number != left.number:
            return True
        self._shown, self._said_yes = None, False
        self._drop_question()
        why = vocabulary.word(vocabulary.MEETING_ENDING, left.why)
        self.building.tell(text("No pairing: {why}. Nothing was kept.").format(why=why), warning=True)
        if self._at:
            self._close(False)
        return not self._at

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._left = max(0, self._left - 1)
        if self._held is not None and self._shown is None:
            self._paint_where(self._held)

    def _paint(self) -> None:
        self.refresh_bindings()
        if self._held is not None:
            self._paint_where(self._held)
        one = self._shown
        self.query_one("#pair-how", Words).display = one is None
        self.query_one("#pair-where", Words).display = one is None
        self.query_one("#pair-digits", Digits).update(one.digits if one else "")
        self.query_one("#pair-words", Words).say((" · ".join(one.words), "bold $text-accent") if one else "")
        self.query_one("#pair-how", Words).say(
            text(
                "Your colleague opens this screen at the same moment. Both of you then see the same digits and words: "
                "compare them aloud, and both say yes. Nothing is kept before that."
            )
        )
        if one is None:
            self.query_one("#pair-who", Words).say()
            self.query_one("#pair-next", Words).say()
        else:
            self._paint_who(one)

    def _paint_where(self, held: HeldMeeting) -> None:
        seconds = text("Still {n} s.").format(n=self._left)
        if self._at:
            said = text("Calling {address}.").format(address=self._at)
            self.query_one("#pair-where", Words).say(said, "  ", (seconds, "$text-muted"))
            return
        if held.is_announced:
            said = text("You can be found on this network.")
        else:
            said = text("Announcements are off or impossible here: your colleague calls the address below.")
        where = text("If he does not see you, he presses A and types: {addresses}")
        shown = where.format(addresses="  ".join(held.addresses)) if held.addresses else ""
        self.query_one("#pair-where", Words).say(said, "  ", (seconds, "$text-muted"), "\n", shown)

    def _paint_who(self, one: Met) -> None:
        said = [(text("Name"), one.name), (text("Profession"), one.profession), (text("Practice"), one.practice)]
        said += [(text("Town"), one.town), (text("RPPS"), one.rpps)]
        wide = max(len(label) for label, _ in said)
        parts: list[Part] = []
        for label, words in said:  # a card's words stand behind a label, on a line of their own, above the digits
            room = max(0, self.size.width - wide - BORDERS)
            parts += [(label.ljust(wide) + "  ", "$text-muted"), (set_cell_size(words, room).rstrip(), "bold"), "\n"]
        if one.known is Known.OTHER_KEY:
            parts.append((text("Known here under another key!"), "bold $text-error"))
        self.query_one("#pair-who", Words).say(*parts)
        if self._said_yes:
            self.query_one("#pair-next", Words).say((text("You said yes. Waiting for the colleague's."), "$text-muted"))
        else:
            self.query_one("#pair-next", Words).say(
                text("Your colleague must see the same digits and the same words on his side.")
            )

    # --- what the doctor does ----------------------------------------------------------------------------------------

    @work
    async def action_same(self) -> None:
        one, held = self._shown, self._held
        if one is None or held is None or self._said_yes:
            return
        self._asking = _asked(one)
        answer = await self.app.push_screen_wait(self._asking)
        if one is not self._shown or held is not self._held or answer not in (PERSON, PHONE):
            return
        self._by_phone, self._said_yes = answer == PHONE, True
        self._paint()
        await held.confirm(one.number)

    @work
    async def action_other(self) -> None:
        if self._shown is not None and self._held is not None:
            await self._held.refuse(self._shown.number)

    @work
    async def action_call(self) -> None:
        words = text("The address that your colleague's screen shows, for instance 192.168.1.20:41234")
        typed = await self.app.push_screen_wait(Asked(text("Call a colleague"), words, value=self._at))
        if typed and self._result is None:
            self._at = typed
            self._begin()


def _asked(one: Met) -> Question:
    answers = [
        (NO, text("Not yet")),
        (PERSON, text("Yes, in person")),
        (PHONE, text("Yes, by phone")),
    ]
    words = text("Your colleague sees exactly this: {digits}, {words}?")
    said = words.format(digits=one.digits, words=" ".join(one.words))
    said += "\n\n" + text("By phone: only at a number that you found in a directory, not in a message.")
    if one.known is not Known.OTHER_KEY:
        return Question(text("Are they the same?"), said, answers)
    grave = text(
        "He is known here under another key. Say yes only if he tells you himself that he has reinstalled; what still "
        "waits for him is then not delivered."
    )
    return Question(text("Are they the same?"), f"{said}\n\n{grave}", answers, grave=True)
