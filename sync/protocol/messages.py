"""The bytes of each message: fixed layouts, big-endian, one encoding for each value.

    code  message   body
       1  Hello     0: version (2)   2: count (2)   4: count receipts of 120 bytes each, ascending by feed
       2  Envelope  0: feed (16)    16: sequence (8)   24: the sealed envelope
       3  Receipt   0: feed (16)    16: up_to (8)      24: head (32)   56: signature (64)
       4  Refusal   0: feed (16)    16: sequence (8)   24: reason (1)
       5  Ping      0: token (8)
       6  Pong      0: token (8)
       7  Goodbye   0: reason (1)

`Hello`'s first two bytes and the whole of `Goodbye` stay as they are in every later version, so that two programs of
different ages can tell each other so.
"""

from collections.abc import Callable
from typing import NamedTuple

from localstore.feeds import FEED_BYTES, HEAD_BYTES, MAX_ENVELOPE_BYTES, MAX_FEEDS
from sync.protocol.errors import LocalProtocolError, RemoteProtocolError, UnknownVersion
from sync.protocol.events import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Reason,
    Receipt,
    Refusal,
)
from sync.protocol.limits import SIGNATURE_BYTES, TOKEN_BYTES, VERSION

NUMBER_BYTES = 8
_ADDRESS_BYTES = FEED_BYTES + NUMBER_BYTES  # a feed and a number in it
_SIGNATURE_START = _ADDRESS_BYTES + HEAD_BYTES
RECEIPT_BYTES = _SIGNATURE_START + SIGNATURE_BYTES


class Layout(NamedTuple):
    """How one kind of message is written: its code, the sizes its body may have, and how it is read back."""

    code: int
    smallest: int
    largest: int
    decode: Callable[[bytes], Message]


def encode(message: Message) -> tuple[int, bytes]:
    """The code and the body of `message`."""
    return LAYOUTS[type(message)].code, _body(message)


def decode(code: int, body: bytes) -> Message:
    """Undo `encode`. Raises RemoteProtocolError, and UnknownVersion for a hello of another version."""
    layout = by_code(code)
    if not layout.smallest <= len(body) <= layout.largest:
        raise RemoteProtocolError(reason="a message of an impossible length")
    try:
        return layout.decode(body)
    except LocalProtocolError as error:
        raise RemoteProtocolError(reason=str(error.details["reason"])) from error


def by_code(code: int) -> Layout:
    """The layout of a message by its code. Raises RemoteProtocolError for a code that does not exist."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise RemoteProtocolError(reason="an unknown kind of message") from None


def _body(message: Message) -> bytes:
    match message:
        case Hello(receipts):
            head = VERSION.to_bytes(2, "big") + len(receipts).to_bytes(2, "big")
            return head + b"".join(_body(receipt) for receipt in receipts)
        case Envelope(feed, sequence, sealed):
            return feed + sequence.to_bytes(NUMBER_BYTES, "big") + sealed
        case Receipt(feed, up_to, head, signature):
            return feed + up_to.to_bytes(NUMBER_BYTES, "big") + head + signature
        case Refusal(feed, sequence, reason):
            return feed + sequence.to_bytes(NUMBER_BYTES, "big") + bytes([reason])
        case Ping(token) | Pong(token):
            return token
        case Goodbye(farewell):
            return bytes([farewell])


def _address(body: bytes) -> tuple[bytes, int]:
    return body[:FEED_BYTES], int.from_bytes(body[FEED_BYTES:_ADDRESS_BYTES], "big")


def _hello(body: bytes) -> Hello:
    if int.from_bytes(body[:2], "big") != VERSION:
        raise UnknownVersion(reason="its version is not known here")
    receipts = body[4:]
    if len(body) < 4 or len(receipts) != int.from_bytes(body[2:4], "big") * RECEIPT_BYTES:
        raise RemoteProtocolError(reason="a hello that does not end where it says")
    steps = range(0, len(receipts), RECEIPT_BYTES)
    return Hello(tuple(_receipt(receipts[start : start + RECEIPT_BYTES]) for start in steps))


def _envelope(body: bytes) -> Envelope:
    return Envelope(*_address(body), body[_ADDRESS_BYTES:])


def _receipt(body: bytes) -> Receipt:
    return Receipt(*_address(body), body[_ADDRESS_BYTES:_SIGNATURE_START], body[_SIGNATURE_START:])


def _refusal(body: bytes) -> Refusal:
    try:
        return Refusal(*_address(body), Reason(body[_ADDRESS_BYTES]))
    except ValueError:
        raise RemoteProtocolError(reason="an unknown reason of refusal") from None


def _goodbye(body: bytes) -> Goodbye:
    try:
        return Goodbye(Farewell(body[0]))
    except ValueError:
        raise RemoteProtocolError(reason="an unknown farewell") from None


LAYOUTS: dict[type[Message], Layout] = {
    Hello: Layout(1, 2, 4 + MAX_FEEDS * RECEIPT_BYTES, _hello),
    Envelope: Layout(2, _ADDRESS_BYTES + 1, _ADDRESS_BYTES + MAX_ENVELOPE_BYTES, _envelope),
    Receipt: Layout(3, RECEIPT_BYTES, RECEIPT_BYTES, _receipt),
    Refusal: Layout(4, _ADDRESS_BYTES + 1, _ADDRESS_BYTES + 1, _refusal),
    Ping: Layout(5, TOKEN_BYTES, TOKEN_BYTES, Ping),
    Pong: Layout(6, TOKEN_BYTES, TOKEN_BYTES, Pong),
    Goodbye: Layout(7, 1, 1, _goodbye),
}
_BY_CODE = {layout.code: layout for layout in LAYOUTS.values()}
