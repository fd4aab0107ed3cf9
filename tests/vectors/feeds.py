"""Vectors of feeds, of delivery receipts, of every message between two post offices, of knocks and announcements."""

from localstore import crypto
from localstore.feeds import NO_HEAD, next_head, statement
from sync.post_office import knock
from sync.post_office.knock import Pair
from sync.protocol import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Reason,
    Refusal,
    sign_receipt,
)
from sync.protocol.framing import frame
from tests.vectors.people import ALPHA, BETA, SECRET
from tests.vectors.sheets import Sheet

INCARNATION = bytes(range(16))
FEED, OTHER_FEED = crypto.digest("feed", INCARNATION, ALPHA.signing.public, BETA.signing.public, size=16), b"\xfe" * 16
ENVELOPES = (b"one", b"two", bytes(1000))
SLOT, EARLIER = 1_970_000, -3


def feeds(before: dict[str, bytes]) -> Sheet:
    """The names of feeds and epochs as their author draws them, heads, receipts."""
    sheet = Sheet("Feeds: names, running heads, receipts: docs/formats.md and docs/protocol.md, Feeds.", before)
    sheet.say("Alpha writes to Beta; their keys are in cards.txt. -again is what follows when 1 feed has ended.")
    both = (sheet.put("incarnation", INCARNATION), ALPHA.signing.public, BETA.signing.public)
    sheet.put("feed", FEED)
    again = sheet.put("feed-again", crypto.digest("feed", *both, (1).to_bytes(8, "big"), size=16))
    sealed_to = sheet.put("sealing-key", crypto.digest("sealing-key", BETA.sealing.public))
    named = (INCARNATION, ALPHA.signing.public, sealed_to)
    sheet.put("epoch", crypto.digest("epoch", *named, size=16)[:8])
    sheet.put("epoch-again", crypto.digest("epoch", *named, again, size=16)[:8])
    sheet.put("epoch-after-ended", crypto.digest("epoch", *named, (1).to_bytes(8, "big"), size=16)[:8])
    sheet.say("The epoch of cards from Alpha to Beta: its name and its key.")
    ways = (ALPHA.signing.public, BETA.signing.public)
    sheet.put("card-epoch", crypto.digest("card-epoch-name", *ways, size=16)[:8])
    agreed = crypto.agree(ALPHA.pairing.secret, BETA.pairing.public)
    sheet.put("card-epoch.key", crypto.keyed_digest(agreed, "card-epoch", *ways))
    sheet.say("Envelopes of one feed, as a post office sees them, and the head after each; head.0 is that of none.")
    head = sheet.put("head.0", NO_HEAD)
    for place, envelope in enumerate(ENVELOPES, start=1):
        sheet.put(f"envelope.{place}", envelope)
        head = sheet.put(f"head.{place}", next_head(head, envelope))
    sheet.say("What Beta's transport key signs when all three are held, and its signature.")
    sheet.put("receipt.statement", statement(FEED, len(ENVELOPES), head))
    sheet.put("receipt.signature", sign_receipt(BETA.transport.secret, FEED, len(ENVELOPES), head).signature)
    return sheet


def messages(before: dict[str, bytes]) -> Sheet:
    """Every message as a frame, and what is none."""
    sheet = Sheet("Every message of a session as a frame: docs/protocol.md, Frames. Beta signs the receipts.", before)
    head = next_head(NO_HEAD, ENVELOPES[0])
    receipt = sign_receipt(BETA.transport.secret, FEED, 1, head)
    nothing = sign_receipt(BETA.transport.secret, OTHER_FEED, 0, NO_HEAD)
    said: list[tuple[str, Message]] = [
        ("hello.empty", Hello()),
        ("hello.two", Hello(tuple(sorted((receipt, nothing), key=lambda one: one.feed)))),
        ("envelope", Envelope(FEED, 1, ENVELOPES[0])),
        ("envelope.last", Envelope(FEED, 2**63 - 1, b"\0")),
        ("receipt", receipt),
        ("receipt.nothing", nothing),
        *((f"refusal.{reason.value}", Refusal(FEED, 7, reason)) for reason in Reason),
        ("ping", Ping(bytes(range(8)))),
        ("pong", Pong(bytes(range(8)))),
        *((f"goodbye.{farewell.value}", Goodbye(farewell)) for farewell in Farewell),
    ]
    for name, message in said:
        sheet.put(name, frame(message))
    sheet.say("Bytes that break a session, each as the first frame of it that is looked at.")
    good = frame(Hello((receipt,)))
    for name, data in (
        ("code", b"\0\0\0\0\x09"),
        ("length", b"\x00\x00\x00\x01\x05"),
        ("envelope-too-long", (16 * 1024 * 1024 + 25).to_bytes(4, "big") + b"\x02"),
        ("envelope-empty", (24).to_bytes(4, "big") + b"\x02" + FEED + (1).to_bytes(8, "big")),
        ("sequence-0", frame(said[2][1]).replace((1).to_bytes(8, "big"), bytes(8))),
        ("sequence-2^63", frame(said[2][1]).replace((1).to_bytes(8, "big"), (2**63).to_bytes(8, "big"))),
        ("reason", (25).to_bytes(4, "big") + b"\x04" + FEED + (1).to_bytes(8, "big") + b"\x05"),
        ("farewell", (1).to_bytes(4, "big") + b"\x07\x00"),
        ("hello-version", good[:5] + b"\x00\x02" + good[7:]),
        ("hello-count", good[:7] + b"\x00\x02" + good[9:]),
        ("hello-twice", (244).to_bytes(4, "big") + b"\x01" + b"\x00\x01\x00\x02" + good[9:] * 2),
        ("hello-order", (244).to_bytes(4, "big") + b"\x01\x00\x01\x00\x02" + _descending(said[1][1])),
        ("head-of-nothing", frame(nothing)[:29] + b"\x01" * 32 + frame(nothing)[61:]),
    ):
        sheet.put(f"broken.{name}", data)
    return sheet


def _descending(hello: Message) -> bytes:
    body = frame(hello)[9:]
    return body[120:] + body[:120]


def knocks(before: dict[str, bytes]) -> Sheet:
    """Knocks and announcements in both directions."""
    sheet = Sheet("Knocks and announcements: docs/protocol.md. Keys are the raw transport keys of cards.txt.", before)
    alpha = Pair("beta", SECRET, ALPHA.transport.public, BETA.transport.public)
    beta = Pair("alpha", SECRET, BETA.transport.public, ALPHA.transport.public)
    nonce = sheet.put("nonce", bytes(range(200, 216)))
    sheet.put("pair.secret", SECRET)
    for name, slot in (("slot", SLOT), ("early-slot", EARLIER)):
        sheet.number(name, slot)
        sheet.put(f"{name}.knock.alpha-to-beta", knock.knock(alpha, slot, nonce))
        sheet.put(f"{name}.knock.beta-to-alpha", knock.knock(beta, slot, nonce))
    sheet.say("A text that Alpha announces in that slot: Beta's token stands in one of its places. And one of 0.1.0.")
    (text,) = knock.announcements([alpha], SLOT, bytes(range(64)))
    sheet.put("announcement.text", text)
    tokens = [bytes([place]) * knock.TOKEN_BYTES for place in range(knock.TOKENS)]
    number = SLOT.to_bytes(8, "big", signed=True)
    keys = (ALPHA.transport.public, BETA.transport.public)
    tokens[5] = crypto.keyed_digest(SECRET, "announcement", number, *keys, size=knock.TOKEN_BYTES)
    former = sheet.put("announcement.former", b"t=" + b"".join(tokens))
    assert [knock.announcer(each, [beta], SLOT) for each in (text, former)] == ["alpha", "alpha"]
    return sheet
