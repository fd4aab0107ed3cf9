"""Vectors of lots: files that carry what a session would say."""

from collections.abc import Sequence

from localstore import crypto
from localstore.feeds import NO_HEAD, next_head
from sync.lots import layout
from sync.lots.content import END, NO_LOT, Content, Preamble, read_preamble, write_preamble
from sync.lots.layout import CHUNK_BYTES
from sync.post_office.knock import Pair
from sync.protocol import Envelope, Hello, Message, Reason, Refusal, sign_receipt
from sync.protocol.framing import frame
from tests.vectors.feeds import ENVELOPES, FEED, OTHER_FEED
from tests.vectors.people import ALPHA, BETA, SECRET
from tests.vectors.sheets import Sheet

LOT, HEADER = bytes(range(16)), bytes(range(50, 74))


def lots(before: dict[str, bytes]) -> Sheet:
    """A lot that says all that one can say, and an empty one; and what is refused."""
    sheet = Sheet("Lots of Alpha for Beta, whose transport keys are in cards.txt: docs/lots.md.", before)
    pair = Pair("beta", SECRET, ALPHA.transport.public, BETA.transport.public)
    keys = layout.outgoing(pair, sheet.put("lot", LOT))
    sheet.put("pair.secret", SECRET)
    sheet.put("hint", keys.hint)
    sheet.put("key", keys.key)
    sheet.put("header", HEADER)
    receipt = sign_receipt(ALPHA.transport.secret, OTHER_FEED, 1, next_head(NO_HEAD, b"x"))
    envelopes = [Envelope(FEED, place, sealed) for place, sealed in enumerate((*ENVELOPES, bytes(20_000)), start=1)]
    said: list[Message] = [Hello((receipt,)), Refusal(bytes(16), 3, Reason.FORK), *envelopes]
    sheet.say("Content and file: a receipt, a refusal and four envelopes, where the echo is `echo`.")
    echo = sheet.put("echo", bytes(range(90, 106)))
    content = sheet.put("content", _content(said, echo))
    sheet.put("file", _file(keys, content))
    sheet.say("One without anything.")
    sheet.put("empty.file", _file(keys, _content([Hello()], NO_LOT)))
    _require_read(content, said)
    return sheet


def _content(said: Sequence[Message], echo: bytes) -> bytes:
    inside = b"".join(map(frame, said)) + END
    length = layout.padded(len(write_preamble(Preamble(0, echo))) + len(inside))
    return (write_preamble(Preamble(length, echo)) + inside).ljust(length, b"\0")


def _file(keys: layout.Keys, content: bytes) -> bytes:
    stream = crypto.Stream(keys.key, HEADER, layout.PURPOSE)
    places = range(0, len(content), CHUNK_BYTES)
    chunks = [stream.seal(content[at : at + CHUNK_BYTES], last=at == places[-1]) for at in places]
    return keys.lot + keys.hint + HEADER + b"".join(chunks)


def _require_read(content: bytes, said: Sequence[Message]) -> None:
    """The program's own reader takes it."""
    preamble = read_preamble(content)
    reader = Content(ALPHA.transport.public)
    found = list(reader.receive(content[26:]))
    assert preamble.length == len(content) and reader.is_complete and found[:-1] == list(said)
