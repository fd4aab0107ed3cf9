"""Live pairing, and lots."""

from typing import NamedTuple

from nacl import bindings

from tests.vectors.second.basics import Refused, digest, keyed, label, padded, require, verify
from tests.vectors.second.wire import message

COMMIT, REVEAL, CONFIRM, REFUSE = 1, 2, 3, 4
CHUNK, TAG = 16 * 1024, 17


class Side(NamedTuple):
    """What one side showed: its commitment, its nonce, its card as it was signed, its certificate for this meeting."""

    commitment: bytes
    nonce: bytes
    card: bytes
    certificate: bytes


def unframed(data: bytes, kind: int) -> bytes:
    """The payload of a frame of this kind."""
    require(data[0] == kind and int.from_bytes(data[1:3], "big") == len(data) - 3, "frame")
    return data[3:]


def side(commit: bytes, reveal: bytes, certificate: bytes) -> Side:
    """One side, from what it said. Refused where it did not reveal what it was committed to."""
    promised, shown = unframed(commit, COMMIT), unframed(reveal, REVEAL)
    require(promised[0] == 1, "version")
    nonce, card = shown[:32], shown[32:]
    require(promised[1:] == digest("pairing-commit", nonce, card, certificate), "commitment")
    return Side(promised[1:], nonce, card, certificate)


def transcript(one: Side, other: Side) -> bytes:
    """What stands for the whole exchange: both sides, that of the smaller commitment first."""
    return digest("pairing-exchange", *(part for each in sorted((one, other)) for part in each))


def digits(of: bytes) -> str:
    """Six digits, as they are shown."""
    number = int.from_bytes(digest("pairing-digits", of), "big") % 10**6
    return f"{number // 1000:03} {number % 1000:03}"


def places(of: bytes) -> list[int]:
    """The places of the three words in the list, from 0: the last 11 bits, those before them, the next."""
    number = int.from_bytes(digest("pairing-words", of), "big")
    return [number >> 11 * place & 2047 for place in range(3)]


def check_confirmation(data: bytes, of: bytes, signer: Side, key: bytes) -> None:
    """Refuse a confirmation that is not that of the side."""
    verify(key, "pairing-confirm", of + signer.commitment, unframed(data, CONFIRM))


# --- lots ------------------------------------------------------------------------------------------------------------


class Lot(NamedTuple):
    """What a lot says: the lot that its writer had read last, and its messages, without the last."""

    echo: bytes
    messages: list[tuple[str, tuple[object, ...]]]


def hint_and_key(secret: bytes, writer: bytes, reader: bytes, lot: bytes) -> tuple[bytes, bytes]:
    """By what a lot is recognised, and under what it is encrypted."""
    return keyed(secret, "lot-hint", writer, reader, lot, size=16), keyed(secret, "lot-key", writer, reader, lot)


def content_of(file: bytes, secret: bytes, writer: bytes, reader: bytes) -> bytes:
    """The content of a lot's file."""
    lot, hint, header = file[:16], file[16:32], file[32:56]
    recognised, key = hint_and_key(secret, writer, reader, lot)
    require(hint == recognised, "stranger")
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    content, last = b"", False
    for at in range(56, len(file), CHUNK + TAG):
        require(not last, "chunk")
        try:
            sealed = file[at : at + CHUNK + TAG]
            piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, label("lot"))
        except RuntimeError as error:
            raise Refused("chunk") from error
        content, last = content + piece, tag == bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    require(last, "cut")
    return content


def read_content(content: bytes, writer: bytes) -> Lot:
    """What the content of a lot says."""
    require(content[:2] == b"\0\1", "version")
    require(int.from_bytes(content[2:10], "big") == len(content) == padded(len(content), CHUNK), "length")
    at, said = 26, list[tuple[str, tuple[object, ...]]]()
    while not said or said[-1][0] != "Goodbye":
        end = at + 5 + int.from_bytes(content[at : at + 4], "big")
        said.append(message(content[at:end], writer))
        at = end
    order = ["Hello", "Refusal", "Envelope", "Goodbye"]
    numbers = [order.index(name) for name, _ in said]
    require(numbers == sorted(numbers) and numbers.count(0) == 1 and not any(content[at:]), "order")
    return Lot(content[10:26], said[:-1])
