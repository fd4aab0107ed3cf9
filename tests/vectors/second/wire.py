"""Envelopes, feeds, messages, knocks and announcements."""

import struct
from typing import NamedTuple

import zstandard

from tests.vectors.second.basics import decrypted, digest, encrypted, keyed, padded, require, sealed, unsealed, verify

HEADER = struct.Struct(">4sBB16sQ8s24s")
MAX_ENVELOPE, MAX_NUMBER = 16 * 1024 * 1024, 2**63 - 1
RECEIPT = struct.Struct(">16sQ32s64s")
# By code: the shortest and the longest body.
LENGTHS = {
    1: (2, 4 + 1024 * 120),
    2: (25, 24 + MAX_ENVELOPE),
    3: (120, 120),
    4: (25, 25),
    5: (8, 8),
    6: (8, 8),
    7: (1, 1),
}


class Opened(NamedTuple):
    """The header of an envelope, and the signed document in it."""

    form: int
    feed: bytes
    sequence: int
    epoch: bytes
    document: bytes


def open_envelope(envelope: bytes, key: bytes) -> Opened:
    """An envelope, by the epoch key of its epoch or, in form 2, by the sealing secret. Raises Refused."""
    require(62 + 16 < len(envelope) <= MAX_ENVELOPE, "length")
    magic, suite, form, feed, sequence, epoch, nonce = HEADER.unpack_from(envelope)
    require((magic, suite) == (b"CFRE", 1) and form in (1, 2), "header")
    require(form == 1 or not any(nonce), "header")
    header, sealed = envelope[:62], envelope[62:]
    if form == 1:
        plain = decrypted(key, nonce, sealed, "envelope", header)
    else:
        plain = unsealed(key, sealed, "envelope-offer", header)
    return Opened(form, feed, sequence, epoch, _unpadded(plain))


def _unpadded(plain: bytes) -> bytes:
    length = int.from_bytes(plain[:4], "big")
    require(4 + length <= len(plain) == padded(4 + length) and not any(plain[4 + length :]), "padding")
    packed = plain[4 : 4 + length]
    try:
        require(0 <= zstandard.frame_content_size(packed) <= 128 * 1024 * 1024, "packing")
        return zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError:
        require(False, "packing")
        raise


def envelope(document: bytes, place: tuple[bytes, int, bytes], key: bytes, nonce: bytes) -> bytes:
    """An envelope of form 1 at a place (feed, number, epoch), or, with a sealing key of 1216 bytes, of form 2."""
    is_offer = len(key) > 32
    header = HEADER.pack(b"CFRE", 1, 2 if is_offer else 1, *place, bytes(24) if is_offer else nonce)
    packed = zstandard.ZstdCompressor().compress(document)
    plain = len(packed).to_bytes(4, "big") + packed
    plain += bytes(padded(len(plain)) - len(plain))
    if is_offer:
        return header + sealed(key, plain, "envelope-offer", header)
    return header + encrypted(key, nonce, plain, "envelope", header)


def next_head(head: bytes, envelope: bytes) -> bytes:
    """The head of a feed after one more envelope."""
    return digest("feed-head", head, envelope)


def message(data: bytes, peer_key: bytes) -> tuple[str, tuple[object, ...]]:
    """One message: its name and its fields. Receipts are checked under the peer's transport key. Raises Refused."""
    require(len(data) >= 5 and data[4] in LENGTHS, "code")
    length, (shortest, longest) = int.from_bytes(data[:4], "big"), LENGTHS[data[4]]
    require(shortest <= length <= longest and length == len(data) - 5, "length")
    body = data[5:]
    if data[4] == 1:
        return "Hello", _hello(body, peer_key)
    if data[4] == 3:
        return "Receipt", _receipt(body, peer_key)
    if data[4] in (2, 4):
        feed, sequence = struct.unpack_from(">16sQ", body)
        require(1 <= sequence <= MAX_NUMBER, "number")
        if data[4] == 2:
            return "Envelope", (feed, sequence, body[24:])
        require(body[24] in (1, 2, 3, 4), "reason")
        return "Refusal", (feed, sequence, body[24])
    if data[4] == 7:
        require(body[0] in (1, 2, 3, 4), "reason")
        return "Goodbye", (body[0],)
    return "Ping" if data[4] == 5 else "Pong", (body,)


def _receipt(body: bytes, peer_key: bytes) -> tuple[object, ...]:
    feed, up_to, head, signature = RECEIPT.unpack(body)
    require(up_to <= MAX_NUMBER and (up_to == 0) == (head == bytes(32)), "number")
    verify(peer_key, "receipt", body[:56], signature)
    return feed, up_to, head


def _hello(body: bytes, peer_key: bytes) -> tuple[object, ...]:
    require(body[:2] == b"\0\1", "version")
    require(len(body) >= 4 and len(body) == 4 + 120 * int.from_bytes(body[2:4], "big"), "length")
    places = range(4, len(body), 120)
    require(all(body[at : at + 16] < body[at + 120 : at + 136] for at in places[:-1]), "order")
    return tuple(_receipt(body[at : at + 120], peer_key) for at in places)


def knock(secret: bytes, slot: int, caller: bytes, listener: bytes, nonce: bytes) -> bytes:
    """The first 48 bytes of a connection."""
    return nonce + keyed(secret, "knock", slot.to_bytes(8, "big", signed=True), caller, listener, nonce)


def is_announced(text: bytes, secret: bytes, slot: int, announcer: bytes, reader: bytes) -> bool:
    """Whether a text announces the other side of a pair in this slot."""
    require(text[:2] == b"t=" and len(text) in (194, 210), "length")
    nonce = [text[2:18]] if len(text) == 210 else []
    tokens = {text[at : at + 12] for at in range(len(text) - 192, len(text), 12)}
    number = slot.to_bytes(8, "big", signed=True)
    return keyed(secret, "announcement", number, announcer, reader, *nonce, size=12) in tokens
