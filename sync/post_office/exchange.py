"""One session over one connection: what the protocol says, the postbox does, and the other way round.

Two tasks share a `Session`. One listens: it commits what comes in before it lets anything be said about it. The other
speaks, and is the only one that writes: receipts first, then refusals, then what the peer lacks. Neither waits for the
other, so two practices that both send a lot cannot block each other, and no buffer holds more than one envelope, or
WRITE_BYTES of small ones.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from localstore import arrivals, departures
from localstore.arrivals import IncomingLimits, Reception
from localstore.clock import Clock
from localstore.crypto import random_bytes
from localstore.departures import Acknowledgement
from localstore.feeds import MAX_FEEDS, NO_HEAD, Holding, Piece
from localstore.postbox import IncidentKind
from sync.post_office.door import Correspondent
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.transport import WRITE_BYTES, Link
from sync.post_office.worker import PostboxWorker
from sync.protocol import (
    Envelope,
    Event,
    Farewell,
    Goodbye,
    Hello,
    LocalProtocolError,
    Message,
    Ping,
    Reason,
    Receipt,
    Refusal,
    RemoteProtocolError,
    Role,
    Session,
    State,
    UnknownVersion,
    sign_receipt,
)
from sync.protocol.limits import TOKEN_BYTES

_REASONS = {
    Reception.FULL: Reason.FULL,
    Reception.FORK: Reason.FORK,
    Reception.FOREIGN: Reason.FOREIGN,
    Reception.TOO_MANY_FEEDS: Reason.TOO_MANY_FEEDS,
}
_FOR_GOOD = {Reason.FORK: IncidentKind.FORK_SENT, Reason.FOREIGN: IncidentKind.FOREIGN}
# When there is nothing more to hear: the peer has left, or nobody is there.
_OVER = {
    Role.SERVER: (State.CLOSED, State.CLIENT_LEFT, State.BROKEN),
    Role.CLIENT: (State.CLOSED, State.SERVER_LEFT, State.BROKEN),
}


class Surroundings(NamedTuple):
    """What every session of a post office shares. `sent` and `received` are told how many envelopes passed."""

    own: Identity
    worker: PostboxWorker
    limits: IncomingLimits
    patience: Patience
    clock: Clock
    sent: Callable[[int], None]
    received: Callable[[int], None]


class Exchange:
    """A session with one colleague, from the first word to the last."""

    def __init__(
        self,
        link: Link,
        role: Role,
        correspondent: Correspondent,
        around: Surroundings,
        wanted: Callable[[], bool],
        went_live: Callable[["Exchange"], None],
        before: Mapping[bytes, int] | None = None,
    ) -> None:
        """`before` is, for the one who called, what `departures.acknowledged` said before he did. The one who was
        called looks for himself, before he says anything."""
        self._link = link
        self._session = Session(role, correspondent.pair.peer_key)
        self._peer = correspondent.peer.id
        self._around = around
        self._wanted = wanted
        self._went_live = went_live
        self._greeted = asyncio.Event()
        self._wake = asyncio.Event()
        self._leaving: Farewell | None = None
        self._before = before or {}
        self._held: dict[bytes, int] = {}  # how far the peer has each of our feeds, counting what is on its way
        self._halted: set[bytes] = set()  # our feeds that the peer takes nothing of, for now
        self._due: set[bytes] = set()  # feeds of the peer of which a receipt is to be sent
        self._refusals: list[Refusal] = []  # to be sent
        self._closed: dict[bytes, Reason] = {}  # feeds of the peer that were refused in this session
        self._reopened: set[bytes] = set()  # refused before; what was still on its way may come out of order

    async def run(self) -> None:
        """Converse until either side leaves. Raises OSError, RemoteProtocolError, Busy and DatabaseError; what was
        committed before stands."""
        try:
            await _until_one_ends(self._listen(), self._speak())
        except RemoteProtocolError:
            with suppress(OSError):
                await self._flush()
            raise
        finally:
            await self._link.close()

    def leave(self, reason: Farewell) -> None:
        """Say goodbye as soon as what is being said is finished."""
        self._leaving = reason
        self._greeted.set()
        self._wake.set()

    def cut(self) -> None:
        """End the connection at once, in the middle of whatever is being said."""
        self._link.abort()

    @property
    def own_host(self) -> str:
        """The address of this machine that the session runs over."""
        return self._link.own_host

    def look_again(self) -> None:
        """The desk has changed the postbox: there may be more to send, or room for more."""
        self._wake.set()

    # --- listening ---------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while self._session.state not in _OVER[self._session.role]:
            data = await self._link.receive()
            events = self._session.receive_data(data) if data else self._session.receive_eof()
            await self._act(events)

    async def _act(self, events: Sequence[Event]) -> None:
        """Envelopes that came together are committed together."""
        pieces: list[Piece] = []
        for event in events:
            if isinstance(event, Envelope):
                pieces.append(Piece(event.feed, event.sequence, event.sealed))
                continue
            await self._take_in(pieces)
            pieces = []
            await self._heed(event)
        await self._take_in(pieces)
        self._wake.set()

    async def _heed(self, event: Event) -> None:
        match event:
            case Hello(receipts):
                for receipt in receipts:
                    await self._acknowledge(receipt)
                held = {receipt.feed: receipt.up_to for receipt in receipts}
                around = self._around
                args = (self._peer, self._before, held, around.clock)
                self._held = await around.worker.do(departures.reconcile, *args)
                self._greeted.set()
            case Receipt():
                await self._acknowledge(event)
                if event.feed in self._halted:
                    self._halted.discard(event.feed)
                    self._held[event.feed] = event.up_to
            case Refusal():
                await self._respect(event)
            case Goodbye(Farewell.VERSION):
                raise UnknownVersion(reason="it said so")
            case Goodbye(Farewell.PROTOCOL):
                raise LocalProtocolError(reason="the colleague's program said so")
            case _:
                pass  # pings are answered by the session, and the rest is its end

    async def _acknowledge(self, receipt: Receipt) -> None:
        holding = Holding(receipt.feed, receipt.up_to, receipt.head)
        worth = await self._around.worker.do(
            departures.acknowledge, self._peer, holding, receipt.signature, clock=self._around.clock
        )
        if worth is Acknowledgement.MISMATCH:
            raise self._session.accuse("a receipt for something else than was sent")

    async def _respect(self, refusal: Refusal) -> None:
        """Send nothing more of a feed: for now, or for good."""
        self._halted.add(refusal.feed)
        kind = _FOR_GOOD.get(refusal.reason)
        if kind is None:
            return
        clock = self._around.clock
        args = (self._peer, refusal.feed, refusal.sequence, kind, clock)
        if not await self._around.worker.do(departures.halt, *args):
            raise self._session.accuse("a refusal of what was never sent")

    async def _take_in(self, pieces: Sequence[Piece]) -> None:
        wanted = [piece for piece in pieces if piece.feed not in self._closed]
        if not wanted:
            return
        around = self._around
        outcomes = await around.worker.do(arrivals.receive, self._peer, wanted, around.limits, around.clock)
        around.received(outcomes.count(Reception.STORED))
        for piece, outcome in zip(wanted, outcomes, strict=True):
            self._note(piece, outcome)

    def _note(self, piece: Piece, outcome: Reception) -> None:
        """Decide what to say about an envelope."""
        if piece.feed in self._closed:
            return
        if outcome in (Reception.STORED, Reception.HELD):
            self._due.add(piece.feed)
        elif outcome is not Reception.GAP:
            reason = _REASONS[outcome]
            self._closed[piece.feed] = reason
            self._refusals.append(Refusal(piece.feed, piece.sequence, reason))
            if len(self._closed) > MAX_FEEDS:
                raise self._session.accuse("too many feeds")
        elif piece.feed not in self._reopened:
            raise self._session.accuse("a gap in a feed")

    # --- speaking ----------------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        if not await self._greet():
            return
        self._went_live(self)
        while self._leaving is None:
            self._wake.clear()
            await self._reopen()
            await self._say_outcomes()
            more = await self._say_envelopes()
            await self._flush()
            if not more and not await self._woken():
                await self._say(Ping(random_bytes(TOKEN_BYTES)))
        await self._say_goodbye(self._leaving)

    async def _greet(self) -> bool:
        """Exchange the first words. False when the session is not wanted any more."""
        if self._session.role is Role.SERVER:
            # Before the first word: what the peer says he holds was then counted after this.
            self._before = await self._around.worker.do(departures.acknowledged, self._peer)
            await self._say(Hello(await self._receipts()))
        async with asyncio.timeout(self._around.patience.greeting):
            await self._greeted.wait()
        if self._session.role is Role.CLIENT and self._leaving is None and not self._wanted():
            self._leaving = Farewell.DUPLICATE
        if self._leaving is not None:
            await self._say_goodbye(self._leaving)
            return False
        if self._session.role is Role.CLIENT:
            await self._say(Hello(await self._receipts()))
        return True

    async def _receipts(self, only: set[bytes] | None = None) -> tuple[Receipt, ...]:
        """Receipts for what is held of the peer's feeds, of all of them or of some, by feed."""
        held = await self._around.worker.do(arrivals.holdings, self._peer)
        if only is not None:
            known = {one.feed for one in held}
            held = [one for one in held if one.feed in only]
            held += [Holding(feed, 0, NO_HEAD) for feed in sorted(only - known)]
        return tuple(sign_receipt(self._around.own.seed, one.feed, one.up_to, one.head) for one in held)

    async def _say_outcomes(self) -> None:
        """Receipts before refusals: to the peer, a receipt for a feed that was refused means that it may go on."""
        due, self._due = self._due, set()
        refusals, self._refusals = self._refusals, []
        if due:
            for receipt in await self._receipts(due):
                await self._say(receipt)
        for refusal in refusals:
            await self._say(refusal)

    async def _say_envelopes(self) -> bool:
        """A batch of what the peer lacks; whether there may be more."""
        around = self._around
        pieces = await around.worker.do(departures.offer, self._peer, self._held, self._halted, around.clock)
        gathered = 0  # bytes of small envelopes, which leave together
        for piece in pieces:
            if self._leaving is not None:
                break  # offered, and not sent: the next session sends it, if the colleague is still one
            if self._session.may_send(Envelope):
                self._session.send(Envelope(piece.feed, piece.sequence, piece.envelope))
                gathered += len(piece.envelope)
            if gathered >= WRITE_BYTES:
                gathered = 0
                await self._flush()
            self._held[piece.feed] = piece.sequence
        await self._flush()
        around.sent(len(pieces))
        return bool(pieces)

    async def _reopen(self) -> None:
        """Tell the peer that there is room again, by a receipt for each feed that was refused for want of it."""
        waiting = {feed for feed, reason in self._closed.items() if reason is Reason.FULL}
        waiting -= {refusal.feed for refusal in self._refusals}
        if not waiting:
            return
        if await self._around.worker.do(arrivals.has_room, self._peer, self._around.limits):
            for feed in waiting:
                del self._closed[feed]
            self._reopened |= waiting
            self._due |= waiting

    async def _woken(self) -> bool:
        """Wait for something to say; False when it was silent for so long that a question is due."""
        try:
            async with asyncio.timeout(self._around.patience.keepalive):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _say_goodbye(self, reason: Farewell) -> None:
        if self._session.may_send(Goodbye):
            await self._say(Goodbye(reason))
            # What the peer has sent already is still taken, until he closes; then the listener ends this.
            await asyncio.sleep(self._around.patience.farewell)

    async def _say(self, message: Message) -> None:
        if self._session.may_send(type(message)):
            self._session.send(message)
            await self._flush()

    async def _flush(self) -> None:
        data = self._session.data_to_send()
        if data:
            await self._link.transmit(data)


async def _until_one_ends(*conversations: Coroutine[object, object, None]) -> None:
    """Run all until the first ends, end the others, and raise what the first one raised."""
    tasks = [asyncio.create_task(one) for one in conversations]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
