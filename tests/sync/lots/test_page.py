"""docs/lots.md says what the code does: its limits, and a lot that is read from the page alone."""

import hashlib
import importlib
import re
from pathlib import Path

import pytest
from nacl import bindings

from localstore import postbox
from localstore.arrivals import Reception
from localstore.crypto import Stream
from sync.lots import layout
from sync.post_office import certificate
from tests.sync.lots.sticks import FEED, read, written
from tests.sync.offices import Practice, make, pair

PAGE = (Path(__file__).parents[3] / "docs" / "lots.md").read_text(encoding="utf-8")
LIMIT = re.compile(r"^\| `(\w+)` \| (\d+) \| `([\w.]+)` \|$", re.MULTILINE)


def digest(key: bytes, purpose: str, *parts: bytes, size: int) -> bytes:
    """A keyed digest, as docs/protocol.md says."""
    whole = b"confrere/v1/" + purpose.encode() + b"\0"
    whole += b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.blake2b(whole, key=key, digest_size=size).digest()


def raw_key(practice: Practice) -> bytes:
    """A raw transport key."""
    return certificate.public_key(practice.certificate)


@pytest.mark.parametrize(("name", "value", "place"), LIMIT.findall(PAGE))
def test_each_limit_is_the_one_in_the_code(name: str, value: str, place: str) -> None:
    assert int(value) == getattr(importlib.import_module(place), name)


def test_limits_are_listed_and_the_smallest_file_is_as_said() -> None:
    assert len(LIMIT.findall(PAGE)) == 6
    assert f"{layout.file_bytes(layout.SMALLEST):,} bytes" in PAGE


def test_a_lot_can_be_read_from_the_page_alone(tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    secret = pair(anne, bruno)
    postbox.queue(bruno.desk, "anne", b"b" * 16, 1, b"theirs")
    assert read(anne, written(bruno, "anne")).envelopes == {Reception.STORED: 1}
    postbox.queue(anne.desk, "bruno", FEED, 1, b"one" * 10_000)
    data = written(anne, "bruno")

    lot, hint, header, body = data[:16], data[16:32], data[32:56], data[56:]
    both = (raw_key(anne), raw_key(bruno), lot)
    assert hint == digest(secret, "lot-hint", *both, size=16)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    key = digest(secret, "lot-key", *both, size=32)
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    content, finals = b"", []
    for at in range(0, len(body), 16_384 + 17):
        piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
            state, body[at : at + 16_384 + 17], b"confrere/v1/lot\0"
        )
        content += piece
        finals.append(tag == bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL)
    assert finals == [False] * (len(finals) - 1) + [True]
    assert content[:2] == b"\0\1" and int.from_bytes(content[2:10], "big") == len(content)
    assert content[10:26] != bytes(16)  # the lot of Bruno's that Anne had read
    messages, rest = messages_of(content[26:])
    assert [code for code, _ in messages] == [1, 2, 7]
    assert messages[0][1][:4] == b"\0\1\0\1" and messages[0][1][4:20] == b"b" * 16
    assert messages[1][1] == FEED + (1).to_bytes(8, "big") + b"one" * 10_000
    assert messages[2][1] == b"\1" and not any(rest)


def messages_of(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Code and body of each message up to Goodbye, and what follows."""
    found: list[tuple[int, bytes]] = []
    while not found or found[-1][0] != 7:
        length = int.from_bytes(content[:4], "big")
        found.append((content[4], content[5 : 5 + length]))
        content = content[5 + length :]
    return found, content


def test_a_stream_is_libsodiums_own() -> None:
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    key = bytes(range(32))
    header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    stream = Stream(key, header, "lot")
    for piece in (b"", b"one", b"x" * 20_000):
        theirs = bindings.crypto_secretstream_xchacha20poly1305_push(state, piece, b"confrere/v1/lot\0")
        assert stream.seal(piece) == theirs
