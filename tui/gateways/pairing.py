"""The part of the gateway for pairing: meeting a colleague live, changed keys, and this practice's card as a code."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from localstore import colleagues, exporting, settings
from localstore.colleagues import Colleague, State
from localstore.errors import BadInput, ConfrereError
from localstore.roles import Right
from sync.desk import Desk
from sync.trust import card, introductions
from sync.trust.card import Card
from tui import codes, vocabulary
from tui.cli.errors import of_system
from tui.gateways.base import OpenGateway
from tui.values_meeting import (
    Accord,
    CardSummary,
    ChangedKey,
    Disturbance,
    Known,
    Left,
    MeetingEvent,
    Met,
    TimeOver,
)
from tui.words.catalogue import sentence, text

if TYPE_CHECKING:  # the network libraries wait until somebody pairs
    from sync.meeting.events import Candidate
    from sync.meeting.live import Meeting

Answer = TypeVar("Answer")
Asking = Callable[[Callable[[], Answer]], Awaitable[Answer]]


class HeldMeeting:
    """A live meeting that a screen holds. `addresses` are where a colleague may call, as `host:port`; `is_announced`
    whether he can find this practice by himself; `seconds` for how long."""

    def __init__(
        self, desk: Desk, ask: "Asking[Colleague | None]", meeting: "Meeting", seconds: float, called: bool
    ) -> None:
        self._desk, self._ask, self._meeting, self.seconds = desk, ask, meeting, seconds
        self._called = called
        self._met_with: dict[int, tuple[Card, Colleague | None]] = {}
        self.is_announced = meeting.is_announced
        shown = [(f"[{host}]" if ":" in host else host, port) for host, port in meeting.addresses]
        self.addresses = tuple(f"{host}:{port}" for host, port in shown)

    async def next(self) -> MeetingEvent:
        """What happens next."""
        from sync.meeting import events

        event = await self._meeting.next()
        match event:
            case events.Candidate():
                return await self._met(event)
            case events.Gone():
                return Left(event.number, event.why.value)
            case events.Disturbed():
                return Disturbance(text(vocabulary.PAIRING_DISTURBED[event.has_card]))
            case events.Unanswered():
                return Disturbance(text("Nobody answers at this address yet; it is called again."))
            case events.Agreed():
                return Accord(event.number)
            case events.Over():
                return TimeOver()

    async def _met(self, one: "Candidate") -> Met | Disturbance:
        try:
            found = await self._ask(lambda: introductions.known_by(self._desk, one.card))
        except ConfrereError as error:  # this practice's own card, or one that takes another colleague's number
            await self._meeting.refuse(one.number)
            if self._called:  # nobody else will come
                raise
            return Disturbance(sentence(error))
        self._met_with[one.number] = one.card, found
        body, spoken = one.card.body, one.spoken
        return Met(
            number=one.number,
            name=card.one_line(body.name),
            profession=card.one_line(body.profession),
            practice=card.one_line(body.practice),
            town=card.one_line(body.town),
            rpps=card.number(body.rpps),
            digits=spoken.digits,
            words=spoken.words,
            known=_known(one.card, found),
        )

    def look_at(self, number: int) -> None:
        """This candidate is shown to the doctor now."""
        self._meeting.look_at(number)

    async def confirm(self, number: int) -> None:
        """The doctor has said that the digits are the same."""
        await self._meeting.confirm(number)

    async def refuse(self, number: int) -> None:
        """The doctor has said no."""
        await self._meeting.refuse(number)

    def met_with(self, number: int) -> tuple[Card, Colleague | None]:
        """The card of a candidate, and who he was known as when he was shown."""
        return self._met_with[number]


def _known(theirs: Card, found: Colleague | None) -> Known:
    if found is None:
        return Known.NOT
    return Known.SAME_KEY if found.signing_key == theirs.body.signing_key else Known.OTHER_KEY


class PairingGateway(OpenGateway):
    """What the screens ask about pairing. Every method raises ConfrereError."""

    @asynccontextmanager
    async def meeting(self, at: str = "") -> AsyncIterator[HeldMeeting]:
        """Be there for three minutes, or call a colleague `at` an address (`host:port`). Leaving is a no."""
        from sync.meeting.events import PACE
        from sync.meeting.live import Meeting, Whereabouts
        from sync.post_office.transport import parse_address

        desk = self._desk

        def prepare() -> tuple[Card, settings.Network]:
            desk.practice.require(Right.TRUST)
            return introductions.my_card(desk), settings.read(desk.practice.folder).network

        mine, network = await self._ask(prepare)
        where = Whereabouts(parse_address(at) if at else None, network.interfaces, 0, network.discovery)
        meeting = Meeting(mine, desk.signing, where)
        try:
            await meeting.__aenter__()
        except OSError as error:  # no port, or no such interface
            raise of_system(error) from error
        try:
            yield HeldMeeting(desk, self._ask, meeting, PACE.visible, called=bool(at))
        finally:
            await meeting.__aexit__(None, None, None)

    async def keep_met(self, held: HeldMeeting, number: int, by_phone: bool) -> str:
        """Keep the candidate to whom both doctors have said yes, as verified; his name."""
        state = State.VERIFIED_BY_PHONE if by_phone else State.VERIFIED_IN_PERSON
        theirs, shown = held.met_with(number)
        return await self._ask(lambda: introductions.meet(self._desk, theirs, state, shown).name)

    async def changed_key(self, colleague: str) -> ChangedKey:
        """The two cards of a colleague whose key has changed. Raises BadInput where it has not."""

        def look() -> ChangedKey:
            one = self._one(colleague)
            if one.state is not State.KEY_CHANGED:
                raise BadInput(what="No other key is waiting for a decision.", remedy="Look at the list again.")
            was = State(one.former) in colleagues.VERIFIED
            return ChangedKey(one.name, one.rpps, was, _summary(one.card), _summary(one.pending))

        return await self._ask(look)

    async def keep_key(self, colleague: str) -> str:
        """Drop the new card: the old key stays his. His name."""
        return await self._ask(lambda: introductions.keep_key(self._desk, self._one(colleague)).name)

    async def own_code(self) -> str:
        """This practice's card as the text of a QR code."""
        return await self._ask(lambda: card.alphanumeric(introductions.my_card(self._desk)))

    async def save_code(self, typed: str) -> str:
        """Write this practice's card as a QR code into an image, `.png` or `.svg`; the file's name."""

        def write() -> str:
            path = Path(typed).expanduser()
            kind = path.suffix.lower().removeprefix(".")
            if kind not in ("png", "svg"):
                raise BadInput(what="The name of an image ends in .png or .svg.", remedy="Choose one of them.")
            words = card.alphanumeric(introductions.my_card(self._desk))
            exporting.write_file(path, codes.image(words, kind))
            return str(path)

        return await self._ask(write)

    def _one(self, identifier: str) -> Colleague:
        return colleagues.resolve(self._desk.record, identifier)


def _summary(signed: bytes) -> CardSummary:
    body = card.stored(signed)
    name, profession = card.one_line(body.name), card.one_line(body.profession)
    return CardSummary(name, profession, card.one_line(body.practice), card.one_line(body.town), body.made)
