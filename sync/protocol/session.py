"""One session between two post offices: bytes in, events out; events in, bytes out. No socket, no clock, no store.

The verbs are `receive_data`, `receive_eof`, `send` and `data_to_send`. Whoever owns the connection moves the bytes and
acts on the events; this class only decides what may be said, and checks what was.
"""

from localstore import crypto
from localstore.feeds import RECEIPT_PURPOSE, statement
from sync.protocol.errors import LocalProtocolError, RemoteProtocolError, UnknownVersion
from sync.protocol.events import (
    Ended,
    Event,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Receipt,
)
from sync.protocol.framing import Unframer, frame
from sync.protocol.limits import MAX_PENDING_PONGS
from sync.protocol.state import Role, State, after


class Session:
    """The conversation as seen by `role`, with the peer whose raw Ed25519 transport key is `peer_key`."""

    def __init__(self, role: Role, peer_key: bytes) -> None:
        self.role = role
        self.state = State.OPENING
        self._peer_key = peer_key
        self._unframer = Unframer()
        self._outgoing: list[bytes] = []
        self._pongs = 0

    def receive_data(self, data: bytes) -> list[Event]:
        """What the peer said. Act on each event in order, then send what `data_to_send` gives.

        Raises RemoteProtocolError: send what `data_to_send` gives, and close. What came rightly in the same call is not
        given: it was not acknowledged either, so the peer still has it.
        """
        self._must_be_usable()
        events: list[Event] = []
        try:
            for message in self._unframer.receive(data):
                self._hear(message)
                events.append(message)
        except UnknownVersion:
            self._move(self.role.other, Hello)  # it was one, of another version: that can be answered
            self._break(Farewell.VERSION)
            raise
        except RemoteProtocolError:
            self._break(Farewell.PROTOCOL)
            raise
        return events

    def receive_eof(self) -> list[Event]:
        """The connection ended. Gives `Ended`; raises RemoteProtocolError when a message was cut in two."""
        self._must_be_usable()
        if self._unframer.buffered:
            self.state = State.BROKEN
            raise RemoteProtocolError(reason="the connection ended in the middle of a message")
        self._move(self.role.other, Ended)
        return [Ended()]

    def send(self, message: Message) -> None:
        """Say `message`; then send what `data_to_send` gives. Raises LocalProtocolError when it may not be said now."""
        self._must_be_usable()
        if not self._move(self.role, type(message)):
            name = type(message).__name__
            raise LocalProtocolError(reason="{message} may not be said when {state}", message=name, state=self.state)
        self._outgoing.append(frame(message))

    def may_send(self, kind: type[Message]) -> bool:
        """Whether `send` would accept a message of this kind now."""
        return after(self.state, self.role, kind) is not None

    def accuse(self, reason: str) -> RemoteProtocolError:
        """End the session because of something that only the owner could see, such as a receipt for what was never
        sent. Raise what this returns; then as after any RemoteProtocolError."""
        self._break(Farewell.PROTOCOL)
        return RemoteProtocolError(reason=reason)

    def data_to_send(self) -> bytes:
        """Everything that is to go out, in order, once; allowed in every state."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        self._pongs = 0
        return data

    def _must_be_usable(self) -> None:
        if self.state is State.BROKEN:
            raise LocalProtocolError(reason="the session is over")

    def _move(self, speaker: Role, event: type[Event]) -> bool:
        target = after(self.state, speaker, event)
        if target is not None:
            self.state = target
        return target is not None

    def _hear(self, message: Message) -> None:
        if not self._move(self.role.other, type(message)):
            raise RemoteProtocolError(reason="{message} out of turn", message=type(message).__name__)
        match message:
            case Hello(receipts):
                for receipt in receipts:
                    self._check(receipt)
            case Receipt():
                self._check(message)
            case Ping(token):
                self._answer(token)

    def _check(self, receipt: Receipt) -> None:
        stated = statement(receipt.feed, receipt.up_to, receipt.head)
        try:
            crypto.verify(self._peer_key, RECEIPT_PURPOSE, stated, receipt.signature)
        except crypto.CryptoError as error:
            raise RemoteProtocolError(reason="a receipt that its holder did not sign") from error

    def _answer(self, token: bytes) -> None:
        self._pongs += 1
        if self._pongs > MAX_PENDING_PONGS:
            raise RemoteProtocolError(reason="too many pings at once")
        if self._move(self.role, Pong):
            self._outgoing.append(frame(Pong(token)))

    def _break(self, farewell: Farewell) -> None:
        if self._move(self.role, Goodbye):
            self._outgoing.append(frame(Goodbye(farewell)))
        self.state = State.BROKEN
