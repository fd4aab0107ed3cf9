"""A live meeting: being there for three minutes, calling and being called, and one conversation for each other side.

Each side makes a key and a certificate for this one meeting. They are shown in the clear (`sync.meeting.greeting`);
then both run TLS 1.3 with exactly these two pinned, and in it the frames of `sync.meeting.conversation`. Both
certificates are bound into what the doctors compare, so that it does not matter who could have exchanged them on the
way: the digits would differ.

Both may call each other at once. Of two connections between the same two certificates, the side with the smaller one
keeps the first and drops the second before anything is said on it: one decides, so that they never drop both.
"""

import asyncio
import socket
from collections.abc import Coroutine
from ipaddress import ip_address
from typing import NamedTuple

from zeroconf import Error as ZeroconfError

from localstore import crypto
from localstore.crypto import KeyPair
from sync.errors import BadCertificate, NotReached
from sync.meeting import greeting
from sync.meeting.beacon import Beacon
from sync.meeting.company import Present, leaving
from sync.meeting.conversation import NONCE_BYTES, Conversation, Own, Phase
from sync.meeting.events import PACE, Agreed, Candidate, Disturbed, Ending, Event, Gone, Over, Pace, Unanswered
from sync.post_office import door, transport
from sync.post_office.patience import Patience
from sync.post_office.places import local_addresses
from sync.post_office.transport import Address, Link
from sync.protocol import Role
from sync.protocol.errors import RemoteProtocolError
from sync.trust.card import Card

MAX_SILENT = 64  # accepted connections without a certificate; the oldest gives way: an honest caller sends it at once
MAX_DISTURBANCES = 8  # told; more say nothing new
PAUSE_WITHOUT_DESCRIPTORS = 0.5  # seconds; accepting fails at once while the process has no file descriptor left


class Whereabouts(NamedTuple):
    """Where a meeting takes place: at an address that was named, or on these interfaces (none: all) and this port (0:
    a random one), announced or not."""

    at: Address | None = None
    interfaces: tuple[str, ...] = ()
    port: int = 0
    announced: bool = True


class _Talk:
    """One conversation on its connection."""

    def __init__(self, number: int, link: Link, conversation: Conversation) -> None:
        self.number, self.link, self.conversation = number, link, conversation
        self.ended = False


class Meeting:
    """One meeting, to be entered and left. Events come from `next`; leaving ends everything, without another yes."""

    def __init__(self, card: Card, signing: KeyPair, where: Whereabouts, pace: Pace = PACE) -> None:
        """In the name of the practice whose card this is, with the key that signed it."""
        self._identity = greeting.new_identity()
        self._own = Own(card, signing, self._identity.certificate)
        self._where, self._pace = where, pace
        self._patience = Patience(
            connect=pace.step, handshake=pace.step, idle=pace.visible + pace.comparing, farewell=pace.step / 2
        )
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seeing: list[asyncio.Task[None]] = []
        self._silent: dict[asyncio.Task[None], None] = {}
        self._sockets: list[socket.socket] = []
        self._beacon: Beacon | None = None
        self._talks: dict[int, _Talk] = {}
        self._present: dict[Present, asyncio.Task[None] | None] = {}  # in the order in which they came
        self._behind: dict[tuple[Address, ...], bytes] = {}  # who answered at these addresses
        self._refused: set[bytes] = set()
        self._numbers = self._disturbances = self._looked_at = 0
        self._was_unanswered = False
        self.is_visible = False
        self.agreed: Agreed | None = None  # as soon as both have said yes, before anybody has asked what happened

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where a colleague can call; no IPv6 addresses of one link: his program does not know which link that is."""
        port = int(self._sockets[0].getsockname()[1]) if self._sockets else 0
        found = map(ip_address, local_addresses(self._where.interfaces) if port else ())
        return tuple(Address(str(one), port) for one in found if one.version == 4 or not one.is_link_local)

    @property
    def is_announced(self) -> bool:
        """Whether this side is announced on the network; where it should be and is not, multicast is impossible."""
        return self._beacon is not None

    async def __aenter__(self) -> "Meeting":
        self.is_visible = True
        try:
            if self._where.at is not None:
                self._seeing.append(self._spawn(self._call_again((self._where.at,))))
            else:
                self._sockets = door.listen(self._where.interfaces, self._where.port)
                self._seeing += [self._spawn(self._accept(one)) for one in self._sockets]
                await self._announce()
        except BaseException:
            await self._vanish()
            raise
        self._spawn(self._last())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._vanish()
        for talk in list(self._talks.values()):
            if not talk.ended:
                await self._refuse(talk)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def next(self) -> Event:
        """What happens next; after Agreed and Over nothing does."""
        return await self._events.get()

    def look_at(self, number: int) -> None:
        """This candidate is shown to the doctor now: he keeps his place, however many others come."""
        self._looked_at = number

    async def confirm(self, number: int) -> None:
        """The doctor has said that the digits are the same; of a candidate who is gone it means nothing."""
        talk = self._talks.get(number)
        if talk is None or talk.ended or not talk.conversation.can_confirm:
            return
        talk.conversation.confirm()
        if await self._transmit(talk):
            self._look(talk)

    async def refuse(self, number: int) -> None:
        """The doctor has said no. The same program is not spoken with again in this meeting."""
        talk = self._talks.get(number)
        if talk is not None and not talk.ended:
            await self._refuse(talk)
            self._end(talk, Ending.REFUSED_HERE)
            await talk.link.close()

    async def _refuse(self, talk: _Talk) -> None:
        self._refused.add(talk.conversation.their_certificate)
        talk.conversation.refuse()
        await self._transmit(talk)

    # --- being there -------------------------------------------------------------------------------------------------

    async def _announce(self) -> None:
        where = self._where
        found = local_addresses(where.interfaces)
        if not where.announced or not found:
            return
        beacon = Beacon(found, int(self._sockets[0].getsockname()[1]), self._found, everywhere=not where.interfaces)
        try:
            await beacon.start()
        except (OSError, ZeroconfError):  # no multicast here: the address that is shown works all the same
            await beacon.stop()
            return
        self._beacon = beacon

    async def _last(self) -> None:
        """Vanish when the time is over, and say so once nobody is left to compare with."""
        await asyncio.sleep(self._pace.visible)
        await self._vanish()
        while self._present:
            others = [task for task in self._tasks if task is not asyncio.current_task()]
            await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        self._events.put_nowait(Over())

    async def _vanish(self) -> None:
        self.is_visible = False
        leaving = [*self._seeing, *self._silent]
        self._seeing.clear()
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        for one in self._sockets:
            one.close()
        self._sockets.clear()
        beacon, self._beacon = self._beacon, None
        if beacon is not None:
            await beacon.stop()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(PAUSE_WITHOUT_DESCRIPTORS)
                continue
            accepted.setblocking(False)
            if len(self._silent) >= MAX_SILENT:
                oldest = next(iter(self._silent))
                del self._silent[oldest]  # at once: accepting may not give way in between
                oldest.cancel()
            task = self._spawn(self._greet(accepted, Role.SERVER))
            self._silent[task] = None
            task.add_done_callback(lambda done: self._silent.pop(done, None))

    def _found(self, addresses: tuple[Address, ...]) -> None:
        if self.is_visible:
            self._seeing.append(self._spawn(self._call_again(addresses)))

    # --- calling and being called ------------------------------------------------------------------------------------

    async def _call_again(self, addresses: tuple[Address, ...]) -> None:
        """Call until somebody who answers there was refused, or the time is over; not while he is here already."""
        while (theirs := self._behind.get(addresses)) not in self._refused:
            if not any(one.certificate == theirs for one in self._present):
                await self._call(addresses)
            await asyncio.sleep(self._pace.again)

    async def _call(self, addresses: tuple[Address, ...]) -> None:
        for address in addresses:
            try:
                connected = await greeting.connect(address, self._pace.step)
            except OSError:  # TimeoutError is one
                continue
            # A conversation goes on when the time of being visible is over.
            await asyncio.shield(self._spawn(self._greet(connected, Role.CLIENT, addresses)))
            return
        if self._where.at is not None and not self._was_unanswered:
            self._was_unanswered = True
            self._events.put_nowait(Unanswered())

    async def _greet(self, connected: socket.socket, role: Role, addresses: tuple[Address, ...] = ()) -> None:
        """Exchange certificates, secure the connection, and hold the conversation."""
        try:
            host = str(connected.getpeername()[0])
            theirs = await greeting.exchange(connected, role, self._identity, self._pace.step)
        except (OSError, BadCertificate):
            connected.close()
            return
        except BaseException:
            connected.close()
            raise
        if addresses:
            self._behind[addresses] = theirs
        here, this = Present(theirs, host, role), asyncio.current_task()
        if this is not None:
            self._silent.pop(this, None)  # from here on he is present, also when the time of being visible is over
        if not self._is_wanted(here):
            connected.close()
            return
        self._present[here] = this
        try:
            link = await transport.secure(connected, role, self._identity, theirs, self._patience)
            await self._converse(link, here)
        except NotReached:
            pass
        finally:
            self._present.pop(here, None)

    def _is_wanted(self, here: Present) -> bool:
        mine, theirs = self._identity.certificate, here.certificate
        twice = mine < theirs and any(one.certificate == theirs for one in self._present)
        if twice or not self.is_visible or theirs == mine or theirs in self._refused:
            return False
        if (gone := leaving(self._present, here, self._looked_at)) is None:
            return False
        for one in gone:
            task = self._present.pop(one)  # at once: others may come before it has ended
            if (talk := self._talks.get(one.number)) is not None:
                self._end(talk, Ending.BROKEN)
            if task is not None:
                task.cancel()
        return True

    # --- one conversation --------------------------------------------------------------------------------------------

    async def _converse(self, link: Link, here: Present) -> None:
        if not self.is_visible:
            await link.close()
            return
        conversation = Conversation(self._own, here.certificate, crypto.random_bytes(NONCE_BYTES))
        self._numbers += 1
        here.number = self._numbers
        talk = self._talks[self._numbers] = _Talk(self._numbers, link, conversation)
        try:
            async with asyncio.timeout(2 * self._pace.step):
                await self._listen(talk, until=Phase.COMPARING)
            if conversation.their_card is not None and conversation.compared is not None:
                self._events.put_nowait(Candidate(talk.number, conversation.their_card, conversation.compared))
                async with asyncio.timeout(self._pace.comparing):
                    await self._listen(talk, until=Phase.AGREED)
        except TimeoutError:
            self._end(talk, Ending.TOO_LATE)
        except OSError:
            self._end(talk, Ending.BROKEN)
        except RemoteProtocolError:
            self._end(talk, Ending.BROKEN, broke_rules=True)
        finally:
            del self._talks[talk.number]
            await link.close()

    async def _listen(self, talk: _Talk, until: Phase) -> None:
        """Read until the conversation has come so far, or is over. Raises OSError, RemoteProtocolError."""
        conversation = talk.conversation
        await talk.link.transmit(conversation.data_to_send())
        while conversation.phase is not until and not talk.ended:
            data = await talk.link.receive()
            if not data:
                raise ConnectionResetError
            conversation.receive(data)
            await talk.link.transmit(conversation.data_to_send())
            self._look(talk)

    def _look(self, talk: _Talk) -> None:
        """See whether both have said yes, or the other no."""
        theirs, phase = talk.conversation.their_card, talk.conversation.phase
        if phase is Phase.AGREED and theirs is not None and not talk.ended:
            talk.ended = True
            self.agreed = Agreed(talk.number, theirs)
            self._events.put_nowait(self.agreed)
        elif phase is Phase.REFUSED:
            self._refused.add(talk.conversation.their_certificate)
            self._end(talk, Ending.REFUSED_THERE)

    def _end(self, talk: _Talk, why: Ending, broke_rules: bool = False) -> None:
        if talk.ended:
            return
        talk.ended = True
        if talk.conversation.compared is not None:
            self._events.put_nowait(Gone(talk.number, why))
        elif (broke_rules or talk.conversation.has_revealed) and self._disturbances < MAX_DISTURBANCES:
            self._disturbances += 1
            self._events.put_nowait(Disturbed(talk.conversation.has_revealed))

    async def _transmit(self, talk: _Talk) -> bool:
        """Send what the conversation has to say; whether it got away."""
        try:
            async with asyncio.timeout(self._pace.step):
                await talk.link.transmit(talk.conversation.data_to_send())
        except OSError:  # TimeoutError is one
            self._end(talk, Ending.BROKEN)
            return False
        return True

    def _spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
