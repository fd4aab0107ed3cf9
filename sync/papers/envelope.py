"""Envelopes: a signed document, sealed for one recipient. Pure.

    offset  size  field
         0     4  magic "CFRE"
         4     1  suite, 1: XChaCha20-Poly1305 / HPKE ML-KEM-768 + X25519, HKDF-SHA256, ChaCha20-Poly1305
         5     1  form, 1: under an epoch key; 2: under the recipient's sealing key (epoch offers only)
         6    16  feed
        22     8  sequence number, big-endian
        30     8  epoch
        38    24  nonce (zero in form 2, where HPKE has its own)
        62     …  ciphertext and tag

The whole header is associated data. What is encrypted is 4 bytes of length, the compressed document, and zero bytes up
to a Padmé length (https://arxiv.org/abs/1806.03160), so that the size tells little of the content.
"""

import struct
from typing import NamedTuple

import zstandard

from localstore import crypto
from sync.errors import SetAside

MAGIC = b"CFRE"
SUITE = 1
UNDER_EPOCH_KEY, UNDER_SEALING_KEY = 1, 2
HEADER = struct.Struct(">4sBB16sQ8s24s")
SMALLEST_PADDED = 512
MAX_ENVELOPE_BYTES = 16 * 1024 * 1024  # the postbox refuses more
MAX_OPENED_BYTES = 128 * 1024 * 1024  # a compression bomb ends here, before it is unpacked
MAX_WINDOW_BYTES = 128 * 1024 * 1024
LEVEL = 9
# A small document is no smaller for the higher level, which takes a third of the time of sealing it.
QUICK_LEVEL, QUICK_BYTES = 3, 64 * 1024


class Header(NamedTuple):
    """The header, decoded. `nonce` is 24 bytes."""

    form: int
    feed: bytes
    sequence: int
    epoch: bytes
    nonce: bytes

    def encode(self) -> bytes:
        """The 62 bytes."""
        return HEADER.pack(MAGIC, SUITE, self.form, self.feed, self.sequence, self.epoch, self.nonce)


def read_header(envelope: bytes) -> Header:
    """The header of an envelope. Raises SetAside."""
    if not HEADER.size + crypto.TAG_BYTES < len(envelope) <= MAX_ENVELOPE_BYTES:
        raise SetAside(reason="the envelope's length is outside of the limits")
    magic, suite, form, feed, sequence, epoch, nonce = HEADER.unpack_from(envelope)
    if magic != MAGIC:
        raise SetAside(reason="it is no envelope")
    if suite != SUITE or form not in (UNDER_EPOCH_KEY, UNDER_SEALING_KEY):
        raise SetAside(reason="its suite or form is unknown to this release")
    if form == UNDER_SEALING_KEY and nonce.strip(b"\0"):
        raise SetAside(reason="its header is malformed")  # HPKE has a nonce of its own: each value has one encoding
    return Header(form, feed, sequence, epoch, nonce)


def padded_length(length: int) -> int:
    """Padmé: at most 12 % more, and few distinct lengths; never less than 512."""
    if length <= SMALLEST_PADDED:
        return SMALLEST_PADDED
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def pack(document: bytes) -> bytes:
    """Compress and pad. Raises ValueError when the document is too large."""
    if len(document) > MAX_OPENED_BYTES:
        raise ValueError("the document is too large for an envelope")
    level = QUICK_LEVEL if len(document) <= QUICK_BYTES else LEVEL
    packed = zstandard.ZstdCompressor(level=level).compress(document)
    framed = len(packed).to_bytes(4, "big") + packed
    return framed.ljust(padded_length(len(framed)), b"\0")


def unpack(padded: bytes) -> bytes:
    """Undo `pack`, within limits. Raises SetAside."""
    length = int.from_bytes(padded[:4], "big")
    packed, padding = padded[4 : 4 + length], padded[4 + length :]
    if len(packed) != length or padding.strip(b"\0") or len(padded) != padded_length(4 + length):
        raise SetAside(reason="its padding is wrong")
    try:
        size = zstandard.get_frame_parameters(packed).content_size
        if size > MAX_OPENED_BYTES:
            raise SetAside(reason="it unpacks to more than the limit")
        reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        document = reader.decompress(packed, max_output_size=MAX_OPENED_BYTES, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise SetAside(reason="it cannot be unpacked") from error
    return document


def seal(document: bytes, feed: bytes, sequence: int, epoch: bytes, epoch_key: bytes) -> bytes:
    """Seal a signed document under the pair's epoch key; the nonce is 24 random bytes."""
    header = Header(UNDER_EPOCH_KEY, feed, sequence, epoch, crypto.random_bytes(crypto.NONCE_BYTES))
    encoded = header.encode()
    return encoded + crypto.encrypt(epoch_key, header.nonce, pack(document), "envelope", encoded)


def seal_offer(document: bytes, feed: bytes, sequence: int, epoch: bytes, sealing_key: bytes) -> bytes:
    """Seal an epoch offer to the recipient's public sealing key."""
    encoded = Header(UNDER_SEALING_KEY, feed, sequence, epoch, bytes(crypto.NONCE_BYTES)).encode()
    return encoded + crypto.seal(sealing_key, pack(document), "envelope-offer", encoded)


def open_sealed(envelope: bytes, epoch_key: bytes) -> bytes:
    """The signed document in an envelope of form 1. Raises SetAside."""
    header = read_header(envelope)
    encoded, ciphertext = envelope[: HEADER.size], envelope[HEADER.size :]
    try:
        return unpack(crypto.decrypt(epoch_key, header.nonce, ciphertext, "envelope", encoded))
    except crypto.CryptoError as error:
        raise SetAside(reason="it cannot be decrypted: it was altered, or sealed under another key") from error


def open_offer(envelope: bytes, sealing_secret: bytes) -> bytes:
    """The signed document in an envelope of form 2. Raises SetAside."""
    encoded, ciphertext = envelope[: HEADER.size], envelope[HEADER.size :]
    try:
        return unpack(crypto.unseal(sealing_secret, ciphertext, "envelope-offer", encoded))
    except crypto.CryptoError as error:
        raise SetAside(reason="it cannot be decrypted: it was altered, or sealed to another key") from error
