"""Vectors of envelopes: sealed documents, what lies in them, and what is refused."""

import zstandard

from localstore import crypto
from sync.errors import SetAside
from sync.papers import envelope
from sync.papers.documents import CardUpdate, EpochOffer
from tests.vectors.documents import entries, extract, sign
from tests.vectors.feeds import FEED
from tests.vectors.people import ALPHA, BETA
from tests.vectors.sheets import Sheet

EPOCH, KEY, NONCE = b"epoch..1", bytes(range(32)), bytes(range(24))


def envelopes(before: dict[str, bytes]) -> Sheet:
    """One under an epoch key and one to a sealing key, with the steps between."""
    sheet = Sheet("Envelopes: docs/formats.md, Envelope. The feed is that of feeds.txt, the number 3.", before)
    sheet.put("epoch", EPOCH)
    sheet.put("epoch.key", KEY)
    document = sheet.put("document", sign(extract(*entries())))
    sheet.say("Any zstd frame that gives the document and states its size will do.")
    packed = sheet.drawn(
        "packed",
        lambda found: zstandard.ZstdDecompressor().decompress(found) == document,
        lambda: zstandard.ZstdCompressor(level=9).compress(document),
    )
    framed = len(packed).to_bytes(4, "big") + packed
    padded = sheet.put("padded", framed.ljust(envelope.padded_length(len(framed)), b"\0"))
    header = sheet.put("header", envelope.Header(1, FEED, 3, EPOCH, NONCE).encode())
    whole = sheet.put("envelope", header + crypto.encrypt(KEY, NONCE, padded, "envelope", header))
    assert envelope.open_sealed(whole, KEY) == document
    sheet.say("An epoch offer, sealed to the sealing key of Beta.")
    sealed_to = crypto.digest("sealing-key", BETA.sealing.public)
    offer = sheet.put("offer.document", sign(EpochOffer(EPOCH, KEY, sealed_to)))
    sheet.drawn(
        "offer.envelope",
        lambda found: _opened(found) == offer,
        lambda: envelope.seal_offer(offer, FEED, 3, EPOCH, BETA.sealing.public),
    )
    sheet.say("A card from Alpha to Beta, under the epoch of cards of feeds.txt.")
    ways = (ALPHA.signing.public, BETA.signing.public)
    name = crypto.digest("card-epoch-name", *ways, size=16)[: len(EPOCH)]
    key = crypto.keyed_digest(crypto.agree(ALPHA.pairing.secret, BETA.pairing.public), "card-epoch", *ways)
    update = sheet.put("card.document", sign(CardUpdate(ALPHA.card.signed)))
    sheet.drawn(
        "card.envelope",
        lambda found: envelope.open_sealed(found, key) == update,
        lambda: envelope.seal(update, FEED, 3, name, key),
    )
    _refused(sheet, header, packed, whole)
    return sheet


def _opened(found: bytes) -> bytes:
    try:
        return envelope.open_offer(found, BETA.sealing.secret)
    except SetAside:
        return b""


def _refused(sheet: Sheet, header: bytes, packed: bytes, whole: bytes) -> None:
    """Envelopes that are encrypted as they should be, or look so, and are refused."""
    framed = len(packed).to_bytes(4, "big") + packed
    length = envelope.padded_length(len(framed))
    plain = {
        "padding-not-zero": framed.ljust(length - 1, b"\0") + b"\x01",
        "padding-too-short": framed,
        "padding-too-long": framed.ljust(length + 64, b"\0"),
        "length-beyond": (len(packed) + length).to_bytes(4, "big") + framed[4:].ljust(length - 4, b"\0"),
        "no-frame": (4).to_bytes(4, "big") + bytes(508),
    }
    sheet.say("What is refused: what was encrypted is not padded as it should be, or is no zstd frame.")
    for name, padded in plain.items():
        sheet.put(f"refused.{name}", header + crypto.encrypt(KEY, NONCE, padded, "envelope", header))
    sheet.say("What is refused: magic, suite, form, number, a byte of the ciphertext, the length of nothing at all.")
    for name, place in (("magic", 0), ("suite", 4), ("form", 5), ("sequence", 29), ("ciphertext", len(whole) - 1)):
        sheet.put(f"refused.{name}", whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
    sheet.put("refused.short", whole[:78])
    for name, value in sheet.values.items():
        if name.startswith("refused."):
            try:
                envelope.open_sealed(value, KEY)
            except SetAside:
                continue
            raise ValueError(name)
