"""Where one message ends and the next begins.

    0: length of the body (4, big-endian)   4: code of the message (1)   5: the body

The length is checked against the limit of its kind as soon as the five bytes are there, so no more than one message
of its own kind's size is ever buffered.
"""

from collections.abc import Generator

from sync.protocol.errors import RemoteProtocolError
from sync.protocol.events import Message
from sync.protocol.messages import by_code, decode, encode

HEADER_BYTES = 5


def frame(message: Message) -> bytes:
    """The bytes that carry `message`."""
    code, body = encode(message)
    return len(body).to_bytes(4, "big") + bytes([code]) + body


class Unframer:
    """Turns pieces of a stream, cut anywhere, back into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def buffered(self) -> int:
        """How many bytes of an unfinished message are held."""
        return len(self._buffer)

    def receive(self, data: bytes) -> Generator[Message, None, None]:
        """Add `data` and give every message that is complete. Raises RemoteProtocolError; use it no more after that."""
        self._buffer += data
        start = 0
        try:
            while (end := self._end_of_frame(start)) is not None:
                body = bytes(memoryview(self._buffer)[start + HEADER_BYTES : end])
                code = self._buffer[start + HEADER_BYTES - 1]
                start = end
                yield decode(code, body)
        finally:
            del self._buffer[:start]

    def _end_of_frame(self, start: int) -> int | None:
        if len(self._buffer) - start < HEADER_BYTES:
            return None
        length = int.from_bytes(self._buffer[start : start + 4], "big")
        layout = by_code(self._buffer[start + 4])
        if not layout.smallest <= length <= layout.largest:
            raise RemoteProtocolError(reason="a message of an impossible length")
        end = start + HEADER_BYTES + length
        return end if len(self._buffer) >= end else None
