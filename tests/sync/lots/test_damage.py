"""Damaged lots: any bit, any length, anything inside that is not as it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto, postbox
from localstore.arrivals import Reception
from localstore.feeds import NO_HEAD
from sync.errors import DamagedLot, LotRefused, MisshapenLot, NotALot, OtherLot
from sync.lots import layout
from sync.lots.content import END, NO_LOT, Content, Preamble, read_preamble, write_preamble
from sync.lots.layout import CHUNK_BYTES, HEAD_BYTES, SEALED_CHUNK_BYTES
from sync.lots.parties import parties
from sync.protocol import Envelope, Goodbye, Hello, Message, Ping, Reason, Receipt, Refusal, sign_receipt
from sync.protocol.events import Farewell
from sync.protocol.framing import frame
from tests.sync.lots.sticks import FEED, logical, read, written
from tests.sync.offices import Practice, make, pair, received

STRIDE = 997  # of bits, where not every one is flipped; a prime, so that every bit of a byte is met
LENGTHS = 211  # of bytes, the same
HINTED = HEAD_BYTES - crypto.STREAM_HEADER_BYTES  # without so many bytes nobody knows whose it is


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Practice, Practice]:
    """Two paired practices; the first has three envelopes for the other."""
    folder = tmp_path_factory.mktemp("two")
    anne, bruno = make(folder / "anne"), make(folder / "bruno")
    pair(anne, bruno)
    for sequence, envelope in enumerate((b"one", b"two" * 3000, b"three"), start=1):
        postbox.queue(anne.desk, "bruno", FEED, sequence, envelope)
    return anne, bruno


@pytest.fixture
def bruno(two: tuple[Practice, Practice]) -> Iterator[Practice]:
    """The reader, whose postbox says the same at the end of the test as before."""
    before = logical(two[1].desk)
    yield two[1]
    assert logical(two[1].desk) == before


def test_every_flipped_bit_is_refused(two: tuple[Practice, Practice], bruno: Practice, at_full_length: bool) -> None:
    lot = bytearray(written(two[0], "bruno"))
    changes, refused = bruno.desk.total_changes, 0
    for bit in range(0, 8 * len(lot), 1 if at_full_length else STRIDE):
        lot[bit // 8] ^= 1 << bit % 8
        with pytest.raises(LotRefused):
            read(bruno, bytes(lot))
        lot[bit // 8] ^= 1 << bit % 8
        refused += 1
    assert bruno.desk.total_changes == changes
    assert refused == (8 * len(lot) if at_full_length else -(-8 * len(lot) // STRIDE))


def test_every_flipped_bit_of_a_lot_of_several_chunks_is_refused(tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    postbox.queue(anne.desk, "bruno", FEED, 1, b"x" * 60_000)
    postbox.queue(anne.desk, "bruno", FEED, 2, b"y" * 60_000)
    lot = bytearray(written(anne, "bruno"))
    before = logical(bruno.desk)
    for bit in range(0, 8 * len(lot), 8 * STRIDE + 1):
        lot[bit // 8] ^= 1 << bit % 8
        with pytest.raises(LotRefused):
            read(bruno, bytes(lot))
        lot[bit // 8] ^= 1 << bit % 8
    assert logical(bruno.desk) == before
    assert read(bruno, bytes(lot)).stored == 2


def test_a_small_lot_that_was_cut_off_anywhere_is_refused(
    two: tuple[Practice, Practice], bruno: Practice, at_full_length: bool
) -> None:
    lot = written(two[0], "bruno")
    for length in (*range(HEAD_BYTES + 3), *range(HEAD_BYTES + 3, len(lot), 1 if at_full_length else LENGTHS)):
        with pytest.raises(NotALot if length < HINTED else DamagedLot):
            read(bruno, lot[:length])


def test_a_larger_lot_that_was_cut_off_gives_what_stands_before_the_cut(tmp_path: Path, at_full_length: bool) -> None:
    anne = make(tmp_path / "anne")
    bruno = make(tmp_path / "bruno")
    pair(anne, bruno)
    envelopes = [bytes([number]) * 9000 for number in range(1, 16)]
    for sequence, envelope in enumerate(envelopes, start=1):
        postbox.queue(anne.desk, "bruno", FEED, sequence, envelope)
    lot = written(anne, "bruno")
    assert len(lot) > 8 * SEALED_CHUNK_BYTES
    had = 0
    for length in range(HEAD_BYTES, len(lot), 101 if at_full_length else 4001):
        if length < HEAD_BYTES + SEALED_CHUNK_BYTES:
            with pytest.raises(DamagedLot):
                read(bruno, lot[:length])
            continue
        outcome = read(bruno, lot[:length])
        there = had + outcome.stored
        chunks = (length - HEAD_BYTES) // SEALED_CHUNK_BYTES
        assert there >= (chunks * CHUNK_BYTES - 1000) // 9100  # frames and the Hello take a little
        assert outcome.whole == (there == len(envelopes))
        assert set(outcome.envelopes) <= {Reception.STORED, Reception.HELD}
        had = there
    assert read(bruno, lot).whole
    assert received(bruno) == envelopes


def test_bytes_behind_the_end_are_refused(two: tuple[Practice, Practice], bruno: Practice) -> None:
    lot = written(two[0], "bruno")
    for more in (b"\0", b"x" * 100, lot, bytes(SEALED_CHUNK_BYTES)):
        with pytest.raises(DamagedLot):
            read(bruno, lot + more)


def test_chunks_that_change_places_are_refused(tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    postbox.queue(anne.desk, "bruno", FEED, 1, b"x" * 100_000)
    lot = written(anne, "bruno")
    before = logical(bruno.desk)
    head, body = lot[:HEAD_BYTES], lot[HEAD_BYTES:]
    chunks = [body[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(body), SEALED_CHUNK_BYTES)]
    for mixed in (
        [chunks[0], chunks[2], chunks[1], *chunks[3:]],
        [chunks[0], chunks[0], *chunks[2:]],
        [*chunks[:2], *chunks[3:]],
    ):
        with pytest.raises(DamagedLot):
            read(bruno, head + b"".join(mixed))
    assert logical(bruno.desk) == before


# --- from a colleague who is hostile ---------------------------------------------------------------------------------


def sealed(anne: Practice, content: bytes, preamble: bytes | None = None, *, ends: bool = True) -> bytes:
    """A lot with any content from Anne to Bruno, sealed as it should be."""
    (known,) = parties(anne.desk).pairs.values()
    length = layout.padded(26 + len(content))
    plain = (preamble or write_preamble(Preamble(length, NO_LOT))) + content
    plain = plain.ljust(length, b"\0")[:length]
    keys = layout.outgoing(known, crypto.random_bytes(16))
    header = crypto.random_bytes(24)
    stream = crypto.Stream(keys.key, header, layout.PURPOSE)
    pieces = [plain[at : at + CHUNK_BYTES] for at in range(0, length, CHUNK_BYTES)]
    parts = [stream.seal(one, last=ends and place == len(pieces) - 1) for place, one in enumerate(pieces)]
    return keys.lot + keys.hint + header + b"".join(parts)


def framed(*messages: Message) -> bytes:
    """Messages, one after the other."""
    return b"".join(map(frame, messages))


HELLO, BYE = Hello(), Goodbye(Farewell.STOPPING)
ONE = Envelope(FEED, 1, b"one")
FORK = Refusal(FEED, 1, Reason.FORK)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        END,
        framed(HELLO),
        framed(HELLO, ONE),
        framed(ONE, BYE),
        framed(HELLO, HELLO, BYE),
        framed(HELLO, ONE, FORK, BYE),
        framed(HELLO, ONE, HELLO, BYE),
        framed(HELLO, Ping(b"x" * 8), BYE),
        framed(HELLO, Receipt(FEED, 0, NO_HEAD, bytes(64)), BYE),
        framed(HELLO, Refusal(FEED, 1, Reason.FULL), BYE),
        framed(HELLO, BYE, ONE),
        framed(HELLO, BYE) + b"\0\1",
        framed(Hello((Receipt(FEED, 1, b"h" * 32, b"s" * 64),)), BYE),
        framed(HELLO) + b"\xff\xff\xff\xff\2" + bytes(100),
        framed(HELLO) + b"\0\0\0\1\x63x",
    ],
)
def test_what_stands_inside_is_checked_before_any_of_it_is_used(
    two: tuple[Practice, Practice], bruno: Practice, content: bytes
) -> None:
    with pytest.raises(MisshapenLot):
        read(bruno, sealed(two[0], content))


@pytest.mark.parametrize("length", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES + 1, layout.MAX_CONTENT + 2**26, 2**63])
def test_an_impossible_length_is_refused(two: tuple[Practice, Practice], bruno: Practice, length: int) -> None:
    preamble = write_preamble(Preamble(length, NO_LOT))
    with pytest.raises(MisshapenLot):
        read(bruno, sealed(two[0], framed(HELLO, BYE), preamble))


def test_a_length_that_is_not_that_of_the_file_is_a_cut_or_too_much(
    two: tuple[Practice, Practice], bruno: Practice
) -> None:
    longer = write_preamble(Preamble(layout.padded(40_000), NO_LOT))
    with pytest.raises(MisshapenLot):  # its first chunk says that it is the last
        read(bruno, sealed(two[0], framed(HELLO, BYE), longer))
    with pytest.raises(MisshapenLot):  # its last chunk does not
        read(bruno, sealed(two[0], framed(HELLO, BYE), ends=False))


def test_another_version_is_told(two: tuple[Practice, Practice], bruno: Practice) -> None:
    preamble = bytearray(write_preamble(Preamble(layout.SMALLEST, NO_LOT)))
    preamble[1] = 2
    with pytest.raises(OtherLot):
        read(bruno, sealed(two[0], framed(HELLO, BYE), bytes(preamble)))
    with pytest.raises(OtherLot):
        read(bruno, sealed(two[0], b"\0\0\0\4\1\0\2\0\0" + END))


def test_too_many_envelopes_are_refused(
    two: tuple[Practice, Practice], bruno: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.lots.content.MAX_ENVELOPES", 3)
    many = framed(HELLO, *(Envelope(FEED, sequence, b"x") for sequence in range(1, 5)), BYE)
    with pytest.raises(MisshapenLot):
        read(bruno, sealed(two[0], many))


def test_a_receipt_for_what_was_never_sent_freezes_the_feed_and_is_counted(tmp_path: Path) -> None:
    anne, bruno = make(tmp_path / "anne"), make(tmp_path / "bruno")
    pair(anne, bruno)
    postbox.queue(bruno.desk, "anne", FEED, 1, b"one")
    receipt = sign_receipt(anne.seed, FEED, 5, b"h" * 32)
    outcome = read(bruno, sealed(anne, framed(Hello((receipt,)), ONE, BYE)))
    assert (outcome.disputed, outcome.stored) == (1, 1)
    assert [one.kind.value for one in postbox.incidents(bruno.desk)] == ["ahead"]


# --- anything at all -------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_the_parser_raises_nothing_but_its_own_errors(first: bytes, second: bytes) -> None:
    for opening in (b"", framed(HELLO), framed(HELLO, ONE)):
        content = Content(b"k" * 32)
        try:
            for piece in (opening, first, second):
                for message in content.receive(piece):
                    assert isinstance(message, Hello | Refusal | Envelope | Goodbye)
        except LotRefused:
            pass


@given(st.lists(st.integers(1, 40), max_size=12), st.integers(0, 60), st.integers(1, 50))
def test_a_content_reads_the_same_however_it_is_cut(sizes: list[int], padding: int, step: int) -> None:
    messages: list[Message] = [
        HELLO,
        FORK,
        *(Envelope(FEED, at, b"e" * size) for at, size in enumerate(sizes, start=1)),
        BYE,
    ]
    data = framed(*messages) + bytes(padding)
    content = Content(b"k" * 32)
    found = [one for at in range(0, len(data), step) for one in content.receive(data[at : at + step])]
    assert found == messages
    assert (content.is_complete, content.envelopes) == (True, len(sizes))


@given(st.binary(min_size=26, max_size=26))
def test_a_preamble_reads_back_or_is_refused(piece: bytes) -> None:
    try:
        assert write_preamble(read_preamble(piece)) == piece
    except LotRefused:
        pass


@given(st.binary(max_size=2000))
def test_any_file_is_refused(two: tuple[Practice, Practice], data: bytes) -> None:
    with pytest.raises(LotRefused):
        read(two[1], data)


@given(st.integers(0, 16_464), st.binary(min_size=1, max_size=64))
def test_any_splice_is_refused(two: tuple[Practice, Practice], at: int, junk: bytes) -> None:
    lot = written(two[0], "bruno")
    spliced = lot[:at] + junk + lot[at + len(junk) :]
    if spliced != lot:
        with pytest.raises(LotRefused):
            read(two[1], spliced)
