"""`confrere pair`: two doctors at the same moment, each at his terminal, six digits and three words between them."""

import asyncio
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from localstore import settings
from localstore.colleagues import Colleague
from localstore.errors import ConfrereError
from localstore.roles import Right
from sync.desk import Desk
from sync.errors import NotPaired
from sync.trust import introductions
from sync.trust.card import Card
from tui import process, vocabulary
from tui.cli import asking, comparing, output
from tui.cli.colleagues import STATES, Addresses, By, checked_addresses, show_colleague
from tui.cli.commands import Asked, command, family
from tui.cli.comparing import Answer
from tui.cli.desk import at_the_desk
from tui.cli.errors import NotConfirmed
from tui.words.catalogue import sentence, text

if TYPE_CHECKING:  # the network libraries wait until somebody pairs
    from sync.meeting.events import Candidate, Event, Gone
    from sync.meeting.live import Meeting, Whereabouts

commands = family()

LINE_BYTES = 4096  # read at once from the terminal; an answer is a word

MaybeBy = Annotated[By | None, typer.Option("--by", help=text("person or phone: how it was compared."))]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="HOST:PORT", help=text("Call the colleague there: what his screen shows.")),
]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help=text("Listen on this port; without it, on a random one."))
]


@command(commands, "pair", text("Meet a colleague who does the same now: compare a few digits, and both say yes."))
def pair(asked: Asked, at: At = None, port: Port = 0, by: MaybeBy = None, address: Addresses = None) -> None:
    """Meet for at most three minutes; nothing is kept without both doctors' yes."""
    where = _whereabouts(asked, at, port)
    addresses = checked_addresses(address)
    if not asking.is_possible():
        raise NotConfirmed(remedy="Pairing needs a terminal: you compare digits and say yes.")
    with at_the_desk(asked) as desk:
        desk.practice.require(Right.TRUST)
        with process.ended_in_order(), _terminal() as terminal, _deaf_from_the_accord_on() as become_deaf:
            front = _Front(desk, terminal, by, become_deaf)
            met, known = asyncio.run(front.hold(where, introductions.my_card(desk, addresses)))
        show_colleague(asked, desk, known, {"digits": met.spoken.digits, "words": list(met.spoken.words)})


def _whereabouts(asked: Asked, at: str | None, port: int) -> "Whereabouts":
    from sync.meeting.live import Whereabouts
    from sync.post_office.transport import parse_address

    network = settings.read(asked.folder).network
    return Whereabouts(parse_address(at) if at else None, network.interfaces, port, network.discovery)


@contextmanager
def _terminal() -> Iterator[int]:
    """The descriptor that answers are read from."""
    if sys.stdin.isatty():
        yield sys.stdin.fileno()
        return
    with open(asking.TERMINAL, "rb", buffering=0) as opened:
        yield opened.fileno()


@contextmanager
def _deaf_from_the_accord_on() -> Iterator[Callable[[], None]]:
    """Once what this gives was called, nothing interrupts the rest of the block: the other side keeps the colleague,
    and so does this one. What remains takes seconds: the meeting is taken down."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}

    def become_deaf() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    try:
        yield become_deaf
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Answers:
    """Lines from a terminal, while other things happen. Reading blocks, so it is done aside, in a thread that does not
    outlive the command; what it reads when nobody asks is an answer to nothing."""

    def __init__(self, descriptor: int) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._descriptor = descriptor
        arguments = (descriptor, asyncio.get_running_loop())
        threading.Thread(target=self._read, args=arguments, daemon=True).start()

    def _read(self, descriptor: int, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                line = os.read(descriptor, LINE_BYTES)
            except OSError:
                line = b""
            try:
                loop.call_soon_threadsafe(self._lines.put_nowait, line.decode("utf-8", "replace") if line else None)
            except RuntimeError:  # the command is over
                return
            if not line:
                return

    def forget(self) -> None:
        """Whatever was typed before a question is no answer to it; nor is half a line that waits for its Enter."""
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
        while not self._lines.empty():
            if self._lines.get_nowait() is None:
                self._lines.put_nowait(None)
                return

    async def next(self) -> str | None:
        """The next line; None when the terminal has ended."""
        return await self._lines.get()


class _Front:
    """One meeting at a terminal: one candidate is shown at a time, the others wait their turn."""

    def __init__(self, desk: Desk, terminal: int, by: By | None, become_deaf: Callable[[], None]) -> None:
        """`by`: how the two compare, None: the doctor is asked; `become_deaf` is called before a colleague is kept."""
        self._desk, self._terminal, self._given, self._become_deaf = desk, terminal, by, become_deaf
        self._waiting: list[Candidate] = []
        self._shown: Candidate | None = None
        self._known: Colleague | None = None
        self._by: By | None = None
        self._is_same = False
        self._called = self._said_yes = False

    async def hold(self, where: "Whereabouts", card: Card) -> "tuple[Candidate, Colleague]":
        """Meet, until one candidate and this doctor have both said yes; he is kept then and there, before the meeting
        is taken down. Raises NotPaired, and what a closed terminal or a wrong card say."""
        from sync.meeting.live import Meeting

        self._called = where.at is not None
        answers = _Answers(self._terminal)
        async with Meeting(card, self._desk.signing, where) as meeting:
            _tell_where(meeting, self._called)
            event = asyncio.ensure_future(meeting.next())
            line = asyncio.ensure_future(answers.next())
            try:
                while True:
                    await asyncio.wait((event, line), return_when=asyncio.FIRST_COMPLETED)
                    if event.done():
                        if (met := self._hear(event.result())) is not None:
                            return met, self._keep(met)
                        event = asyncio.ensure_future(meeting.next())
                    elif line.done():
                        await self._answer(meeting, line.result())
                        line = asyncio.ensure_future(answers.next())
                    if self._shown is None and self._waiting:
                        line.cancel()
                        answers.forget()
                        line = asyncio.ensure_future(answers.next())
                        await self._show(meeting, self._waiting.pop(0))
            except asyncio.CancelledError:  # Ctrl-C takes a yes back; an accord it does not
                this = asyncio.current_task()
                if meeting.agreed is None or self._shown is None or this is None:
                    raise
                this.uncancel()
                return self._shown, self._keep(self._shown)
            finally:
                event.cancel()
                line.cancel()

    def _keep(self, met: "Candidate") -> Colleague:
        self._become_deaf()
        known = introductions.meet(self._desk, met.card, STATES[self._by or By.PERSON], self._known)
        output.note(text("{name} is verified.").format(name=known.name))
        return known

    def _hear(self, event: "Event") -> "Candidate | None":
        """What has happened; the candidate, once both have said yes. Raises NotPaired."""
        from sync.meeting.events import Agreed, Candidate, Disturbed, Gone, Over, Unanswered

        match event:
            case Candidate():
                self._waiting.append(event)
            case Gone():
                self._part(event)
            case Disturbed():
                output.note(text(vocabulary.PAIRING_DISTURBED[event.has_card]))
            case Unanswered():
                output.note(text("Nobody answers at this address yet; it is called again."))
            case Agreed():
                return self._shown
            case Over():
                raise NotPaired(reason="nobody said yes within three minutes")
        return None

    def _part(self, gone: "Gone") -> None:
        self._waiting = [one for one in self._waiting if one.number != gone.number]
        if self._shown is None or self._shown.number != gone.number:
            return
        self._shown = None
        if self._called:
            raise NotPaired(reason=vocabulary.word(vocabulary.MEETING_ENDING, gone.why))
        output.note("")
        output.note(vocabulary.word(vocabulary.MEETING_ENDING, gone.why))
        output.note(text("Nothing was kept. You are still visible to others; Ctrl-C ends it."))

    async def _show(self, meeting: "Meeting", one: "Candidate") -> None:
        try:
            self._known = introductions.known_by(self._desk, one.card)
        except ConfrereError as error:
            output.note(sentence(error))
            await meeting.refuse(one.number)
            if self._called:  # nobody else will come
                raise
            return
        self._shown, self._said_yes, self._is_same, self._by = one, False, False, self._given
        meeting.look_at(one.number)
        comparing.introduce(one, self._known, comparing.columns(self._terminal))

    async def _answer(self, meeting: "Meeting", line: str | None) -> None:
        if line is None:
            raise NotConfirmed(remedy="Pairing needs a terminal: you compare digits and say yes.")
        if self._shown is None or self._said_yes:
            return
        if self._is_same:
            self._by = comparing.way(line)
            await self._confirm(meeting, self._shown)
            return
        match comparing.judged(line, self._shown.spoken):
            case Answer.YES:
                self._is_same = True
                await self._confirm(meeting, self._shown)
            case Answer.NO:
                await meeting.refuse(self._shown.number)
            case Answer.NEITHER:
                output.note(text("That is none of the three words."))
                comparing.ask()

    async def _confirm(self, meeting: "Meeting", one: "Candidate") -> None:
        if self._by is None:
            comparing.ask_how()
            return
        self._said_yes = True
        output.note(text("Waiting for the colleague's yes. Ctrl-C takes yours back."))
        await meeting.confirm(one.number)


def _tell_where(meeting: "Meeting", called: bool) -> None:
    if called:
        output.note(text("Calling the colleague, for three minutes at most. Ctrl-C ends it."))
        return
    output.note(text("Visible to colleagues who pair, for three minutes at most. Ctrl-C ends it."))
    if not meeting.is_announced:
        output.note(text("Announcements are off or impossible here: your colleague calls the address below."))
    for host, port in meeting.addresses:
        at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        output.note(text("If he does not see you, he can type: confrere pair --at {at}").format(at=at))
