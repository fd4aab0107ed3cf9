"""What stands inside of a lot, read piece by piece and checked as it comes. Pure.

    preamble  version (2), length of the content with its padding (8), the lot that was read last (16, or zeros)
    messages  Hello, then Refusals, then Envelopes, then Goodbye; framed as in a session
    padding   zeros

Whoever wrote it is a colleague, and hostile all the same.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from localstore import crypto
from localstore.feeds import MAX_FEEDS, RECEIPT_PURPOSE, statement
from sync.errors import MisshapenLot, OtherLot
from sync.lots.layout import LOT_BYTES, MAX_BYTES, MAX_ENVELOPES, VERSION, is_length
from sync.protocol import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Reason,
    Receipt,
    Refusal,
    RemoteProtocolError,
    UnknownVersion,
)
from sync.protocol.framing import Unframer, frame

PREAMBLE_BYTES = 2 + 8 + LOT_BYTES
NO_LOT = bytes(LOT_BYTES)
END = frame(Goodbye(Farewell.STOPPING))
_PLACES: dict[type[Message], int] = {Hello: 0, Refusal: 1, Envelope: 2, Goodbye: 3}  # in this order


class Preamble(NamedTuple):
    """The first 26 bytes of the content. `echo` is the newest lot of the other side that the writer had read, or
    zeros."""

    length: int
    echo: bytes


def write_preamble(preamble: Preamble) -> bytes:
    """The bytes of a preamble."""
    return VERSION.to_bytes(2, "big") + preamble.length.to_bytes(8, "big") + preamble.echo


def read_preamble(piece: bytes) -> Preamble:
    """The preamble that a content begins with; `piece` is its first chunk. Raises OtherLot, MisshapenLot."""
    if int.from_bytes(piece[:2], "big") != VERSION:
        raise OtherLot
    length = int.from_bytes(piece[2:10], "big")
    if len(piece) < PREAMBLE_BYTES or not is_length(length):
        raise MisshapenLot(reason="an impossible length")
    return Preamble(length, piece[10:PREAMBLE_BYTES])


class Content:
    """The messages of one lot, whose writer's raw transport key is `writer_key`."""

    def __init__(self, writer_key: bytes) -> None:
        self._writer_key = writer_key
        self._unframer = Unframer()
        self._place = -1  # of the last message
        self._counts = [0, 0, 0, 0]
        self._bytes = 0

    @property
    def envelopes(self) -> int:
        """How many envelopes were met so far."""
        return self._counts[_PLACES[Envelope]]

    @property
    def is_complete(self) -> bool:
        """Whether the last message was met."""
        return self._place == _PLACES[Goodbye]

    def receive(self, piece: bytes) -> Iterator[Message]:
        """The messages that end in the next piece of the content (without the preamble). Raises MisshapenLot, and
        OtherLot; what was given before it is as it should be."""
        if self.is_complete:
            _require_padding(piece)
            return
        try:
            with closing(self._unframer.receive(piece)) as messages:
                for message in messages:
                    self._check(message)
                    yield message
                    if self.is_complete:
                        break
        except UnknownVersion as error:
            raise OtherLot from error
        except RemoteProtocolError as error:
            raise MisshapenLot(reason=str(error.details["reason"])) from error
        if self.is_complete:
            _require_padding(piece[len(piece) - self._unframer.buffered :])

    def _check(self, message: Message) -> None:
        place = _PLACES.get(type(message), -1)
        if place < self._place or place < 0 or (self._place < 0 and place > 0):
            raise MisshapenLot(reason="a message out of turn")
        self._place = place
        self._counts[place] += 1
        match message:
            case Hello(receipts):
                for receipt in receipts:
                    self._check_receipt(receipt)
            case Refusal(reason=reason) if reason is not Reason.FORK:
                raise MisshapenLot(reason="a refusal that means nothing in a lot")
            case Envelope():
                self._bytes += len(message.sealed)
        refusals, envelopes = self._counts[_PLACES[Refusal]], self.envelopes
        if self._counts[0] > 1 or refusals > MAX_FEEDS or envelopes > MAX_ENVELOPES or self._bytes > MAX_BYTES:
            raise MisshapenLot(reason="there is too much in it")

    def _check_receipt(self, receipt: Receipt) -> None:
        stated = statement(receipt.feed, receipt.up_to, receipt.head)
        try:
            crypto.verify(self._writer_key, RECEIPT_PURPOSE, stated, receipt.signature)
        except crypto.CryptoError as error:
            raise MisshapenLot(reason="a receipt that its holder did not sign") from error


def _require_padding(piece: bytes) -> None:
    if piece.count(0) != len(piece):
        raise MisshapenLot(reason="something behind its end")
