"""Frames and messages: each value has one encoding, and any other bytes raise the documented error."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localstore.feeds import MAX_ENVELOPE_BYTES, MAX_FEEDS, MAX_SEQUENCE, NO_HEAD
from sync.protocol import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    LocalProtocolError,
    Message,
    Ping,
    Pong,
    Reason,
    Receipt,
    Refusal,
    RemoteProtocolError,
    UnknownVersion,
    sign_receipt,
)
from sync.protocol.framing import HEADER_BYTES, Unframer, frame
from sync.protocol.messages import LAYOUTS, decode, encode
from tests.sync.messages import FEED, HEAD, SAMPLES, SEED, messages

EACH = pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)


def raw(code: int, body: bytes) -> bytes:
    """A frame with any code and body."""
    return len(body).to_bytes(4, "big") + bytes([code]) + body


@given(messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert decode(*encode(message)) == message
    assert list(Unframer().receive(frame(message))) == [message]


@given(st.integers(0, 255), st.binary(max_size=200))
def test_what_decodes_encodes_to_the_same_bytes(code: int, body: bytes) -> None:
    try:
        message = decode(code, body)
    except RemoteProtocolError:
        return
    assert encode(message) == (code, body)


@given(st.lists(messages, max_size=5), st.data())
def test_a_stream_may_be_cut_anywhere(many: list[Message], data: st.DataObject) -> None:
    stream = b"".join(frame(message) for message in many)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    unframer = Unframer()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [message for piece in pieces for message in unframer.receive(piece)] == many
    assert unframer.buffered == 0


@EACH
def test_byte_by_byte(message: Message) -> None:
    unframer = Unframer()
    stream = frame(message)
    for position in range(len(stream) - 1):
        assert list(unframer.receive(stream[position : position + 1])) == []
    assert list(unframer.receive(stream[-1:])) == [message]


@EACH
def test_a_body_that_is_cut_or_followed_by_something_is_no_message_of_that_kind(message: Message) -> None:
    code, body = encode(message)
    if not isinstance(message, Envelope):  # whose body is whatever it is
        with pytest.raises(RemoteProtocolError):
            decode(code, body + b"\0")
    for length in range(len(body)):
        if isinstance(message, Envelope) and length > 24:
            continue
        with pytest.raises(RemoteProtocolError):
            decode(code, body[:length])


@given(st.binary(max_size=400))
@example(raw(2, FEED + bytes(8) + b"x"))  # sequence 0
@example(raw(2, FEED + b"\xff" * 8 + b"x"))  # beyond the largest integer of the store
@example(raw(3, FEED + bytes(8) + HEAD + bytes(64)))  # nothing held, and yet a head
@example(raw(4, FEED + (1).to_bytes(8, "big") + b"\0"))  # no such reason
@example(raw(7, b"\0"))
@example(raw(0, b""))
@example(raw(8, b""))
def test_garbage_is_parsed_or_refused_and_the_same_whole_and_byte_by_byte(data: bytes) -> None:
    assert outcome([data]) == outcome([bytes([one]) for one in data])


def outcome(pieces: list[bytes]) -> tuple[list[Message], bool]:
    """What a stream in these pieces gives, and whether it was refused."""
    unframer, heard = Unframer(), list[Message]()
    try:
        for piece in pieces:
            heard += unframer.receive(piece) if len(pieces) > 1 else _one_by_one(unframer, piece, heard)
    except RemoteProtocolError:
        return heard, True
    return heard, False


def _one_by_one(unframer: Unframer, piece: bytes, heard: list[Message]) -> list[Message]:
    for message in unframer.receive(piece):
        heard.append(message)
    return []


@given(st.data())
def test_a_flipped_bit_gives_another_message_or_an_error(data: st.DataObject) -> None:
    message = data.draw(messages)
    stream = bytearray(frame(message))
    bit = data.draw(st.integers(0, len(stream) * 8 - 1))
    stream[bit // 8] ^= 1 << bit % 8
    unframer = Unframer()
    try:
        assert list(unframer.receive(bytes(stream))) != [message]
    except RemoteProtocolError:
        pass


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: str(layout.code))
def test_an_impossible_length_is_refused_from_the_header_alone(layout: object) -> None:
    code, largest = layout.code, layout.largest  # type: ignore[attr-defined]
    header = (largest + 1).to_bytes(4, "big") + bytes([code])
    assert len(header) == HEADER_BYTES
    with pytest.raises(RemoteProtocolError, match="impossible length"):
        list(Unframer().receive(header))


def test_an_unknown_code_is_refused_from_the_header_alone() -> None:
    with pytest.raises(RemoteProtocolError, match="unknown kind"):
        list(Unframer().receive(bytes(4) + b"\x08"))


def test_the_largest_envelope_passes_and_one_byte_more_does_not() -> None:
    largest = Envelope(FEED, 1, bytes(MAX_ENVELOPE_BYTES))
    assert list(Unframer().receive(frame(largest))) == [largest]
    with pytest.raises(LocalProtocolError):
        Envelope(FEED, 1, bytes(MAX_ENVELOPE_BYTES + 1))


@pytest.mark.parametrize("version", [0, 2, 0xFFFF])
def test_a_hello_of_another_version_says_so(version: int) -> None:
    with pytest.raises(UnknownVersion):
        decode(1, version.to_bytes(2, "big") + b"anything a later version may add")


def test_a_hello_has_its_feeds_in_order_and_each_once() -> None:
    low, high = sign_receipt(SEED, b"a" * 16, 1, HEAD), sign_receipt(SEED, b"b" * 16, 1, HEAD)
    assert Hello((low, high)).receipts == (low, high)
    for wrong in ((high, low), (low, low)):
        with pytest.raises(LocalProtocolError):
            Hello(wrong)
    swapped = encode(Hello((low, high)))[1][:4] + encode(high)[1] + encode(low)[1]
    with pytest.raises(RemoteProtocolError):
        decode(1, swapped)


def test_a_hello_has_a_bounded_number_of_feeds() -> None:
    many = tuple(Receipt(number.to_bytes(16, "big"), 0, NO_HEAD, bytes(64)) for number in range(MAX_FEEDS + 1))
    assert list(Unframer().receive(frame(Hello(many[:-1])))) == [Hello(many[:-1])]
    with pytest.raises(LocalProtocolError):
        Hello(many)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Envelope(b"short", 1, b"x"),
        lambda: Envelope(FEED, 0, b"x"),
        lambda: Envelope(FEED, MAX_SEQUENCE + 1, b"x"),
        lambda: Envelope(FEED, 1, b""),
        lambda: Receipt(b"short", 1, HEAD, bytes(64)),
        lambda: Receipt(FEED, -1, HEAD, bytes(64)),
        lambda: Receipt(FEED, 1, NO_HEAD, bytes(64)),
        lambda: Receipt(FEED, 0, HEAD, bytes(64)),
        lambda: Receipt(FEED, 1, HEAD[:-1], bytes(64)),
        lambda: Receipt(FEED, 1, HEAD, bytes(63)),
        lambda: Refusal(b"", 1, Reason.FULL),
        lambda: Refusal(FEED, 0, Reason.FULL),
        lambda: Ping(b"1234567"),
        lambda: Pong(b"123456789"),
    ],
)
def test_an_event_cannot_be_built_wrong(build: object) -> None:
    with pytest.raises(LocalProtocolError):
        build()  # type: ignore[operator]


def test_a_farewell_is_one_byte() -> None:
    assert frame(Goodbye(Farewell.VERSION)) == b"\0\0\0\1\7\4"
