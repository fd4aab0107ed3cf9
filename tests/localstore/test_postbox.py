"""The postbox as the desk sees it: identity, peers, what is to leave, what has arrived."""

from pathlib import Path

import pytest

from localstore import departures, postbox
from localstore.errors import (
    AlreadyThere,
    BadInput,
    DamagedStore,
    FeedConflict,
    NoPractice,
    NotFound,
    TooLarge,
)
from localstore.feeds import MAX_ENVELOPE_BYTES, Holding
from localstore.postbox import MAX_ADDRESSES, DeliveryState, Peer, Progress
from tests.localstore.postboxes import (
    BERNARD,
    CERTIFICATE,
    FEED,
    KEY,
    OTHER_FEED,
    SECRET,
    SIGNATURE,
    Hands,
    acknowledge,
    fill,
    fresh,
    head_of,
    offered,
    take,
)


def test_a_postbox_opens_with_its_key_and_with_no_other(tmp_path: Path) -> None:
    fresh(tmp_path).close()
    postbox.open_postbox(tmp_path / "postbox.db", KEY).close()
    with pytest.raises(DamagedStore):
        postbox.open_postbox(tmp_path / "postbox.db", bytes(32))
    with pytest.raises(NoPractice):
        postbox.open_postbox(tmp_path / "elsewhere.db", KEY)
    with pytest.raises(FileExistsError):
        fresh(tmp_path)


def test_nothing_of_an_envelope_stands_in_the_files(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"MARKER" * 100)
    take(connection, (1, b"MARKER" * 100), feed=OTHER_FEED)
    files = sorted(path for path in tmp_path.iterdir() if path.is_file())
    assert [path.name for path in files] == ["postbox.db", "postbox.db-shm", "postbox.db-wal"]
    assert all(b"MARKER" not in path.read_bytes() for path in files)


def test_the_transport_identity_is_kept(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    with pytest.raises(DamagedStore):
        postbox.transport(connection)
    postbox.set_transport(connection, b"s" * 32, CERTIFICATE)
    seed, certificate = postbox.transport(connection)
    assert (seed, certificate) == (b"s" * 32, CERTIFICATE)
    assert postbox.transport(connection).seed == seed


def test_peers_are_added_changed_and_removed(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    postbox.put_peer(connection, BERNARD)
    other = Peer("alice", b"d" * 176, b"q" * 32)
    postbox.put_peer(connection, other)
    assert postbox.peers(connection) == [other, BERNARD]
    moved = Peer("bernard", CERTIFICATE, SECRET, ("[fd00::1]:1", "cabinet.example:2"))
    postbox.put_peer(connection, moved)
    assert postbox.peers(connection) == [other, moved]
    assert postbox.remove_peer(connection, "bernard")
    assert not postbox.remove_peer(connection, "bernard")
    assert postbox.peers(connection) == [other]


@pytest.mark.parametrize("secret", [SECRET, b"q" * 32])
@pytest.mark.parametrize("certificate", [CERTIFICATE, b"d" * 176])
def test_two_peers_share_no_key(tmp_path: Path, secret: bytes, certificate: bytes) -> None:
    connection = fresh(tmp_path)
    postbox.put_peer(connection, BERNARD)
    twin = Peer("twin", certificate, secret)
    if secret == SECRET or certificate == CERTIFICATE:
        with pytest.raises(AlreadyThere):
            postbox.put_peer(connection, twin)
        assert postbox.peers(connection) == [BERNARD]
    else:
        postbox.put_peer(connection, twin)
        assert len(postbox.peers(connection)) == 2


@pytest.mark.parametrize(
    "peer",
    [
        Peer("", CERTIFICATE, SECRET),
        Peer("x" * 65, CERTIFICATE, SECRET),
        Peer("x", b"", SECRET),
        Peer("x", b"c" * 1025, SECRET),
        Peer("x", CERTIFICATE, b"p" * 31),
        Peer("x", CERTIFICATE, SECRET, ("h:1",) * (MAX_ADDRESSES + 1)),
        Peer("x", CERTIFICATE, SECRET, ("h" * 262,)),
        Peer("x", CERTIFICATE, SECRET, ("",)),
    ],
)
def test_a_malformed_peer_is_refused(tmp_path: Path, peer: Peer) -> None:
    connection = fresh(tmp_path)
    with pytest.raises(BadInput):
        postbox.put_peer(connection, peer)
    assert postbox.peers(connection) == []


# --- what is to leave ------------------------------------------------------------------------------------------


def test_queueing_again_changes_nothing(tmp_path: Path) -> None:
    connection, clock = fresh(tmp_path), Hands()
    postbox.queue(connection, "bernard", FEED, 1, b"one", clock)
    before = postbox.progress(connection)
    postbox.queue(connection, "bernard", FEED, 1, b"one", clock)
    assert postbox.progress(connection) == before
    assert before == [Progress("bernard", FEED, 1, DeliveryState.QUEUED, "2026-03-01T09:30:01.000Z")]


def test_queueing_again_changes_nothing_after_it_was_stored_either(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    offered(connection)
    acknowledge(connection, 1, head_of(b"one"))
    before = postbox.progress(connection)
    fill(connection, b"one")
    assert postbox.progress(connection) == before
    with pytest.raises(FeedConflict):
        fill(connection, b"other")


@pytest.mark.parametrize(
    ("peer", "sequence", "envelope"),
    [("bernard", 1, b"other"), ("bernard", 3, b"three"), ("carole", 2, b"two")],
    ids=["other bytes under its number", "a gap", "another recipient"],
)
def test_what_does_not_continue_the_feed_is_refused(tmp_path: Path, peer: str, sequence: int, envelope: bytes) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    before = postbox.progress(connection)
    with pytest.raises(FeedConflict):
        postbox.queue(connection, peer, FEED, sequence, envelope)
    assert postbox.progress(connection) == before
    assert offered(connection) == [(1, b"one")]


@pytest.mark.parametrize(("feed", "sequence", "envelope"), [(b"f", 1, b"x"), (FEED, 0, b"x"), (FEED, 1, b"")])
def test_a_malformed_envelope_is_refused(tmp_path: Path, feed: bytes, sequence: int, envelope: bytes) -> None:
    connection = fresh(tmp_path)
    with pytest.raises(BadInput):
        postbox.queue(connection, "bernard", feed, sequence, envelope)
    assert postbox.progress(connection) == []


def test_an_envelope_has_a_size_limit(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    with pytest.raises(TooLarge):
        postbox.queue(connection, "bernard", FEED, 1, bytes(MAX_ENVELOPE_BYTES + 1))
    with pytest.raises(TooLarge):
        postbox.replace_unsent(connection, FEED, 1, bytes(MAX_ENVELOPE_BYTES + 1))
    postbox.queue(connection, "bernard", FEED, 1, bytes(MAX_ENVELOPE_BYTES))
    assert len(offered(connection)[0][1]) == MAX_ENVELOPE_BYTES


def test_what_was_not_offered_is_replaced(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two", b"three")
    assert postbox.replace_unsent(connection, FEED, 2, b"empty")
    assert offered(connection) == [(1, b"one"), (2, b"empty"), (3, b"three")]


def test_what_was_offered_is_not_replaced(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    offered(connection)
    assert not postbox.replace_unsent(connection, FEED, 1, b"empty")
    assert offered(connection) == [(1, b"one")]
    acknowledge(connection, 1, head_of(b"one"))
    assert not postbox.replace_unsent(connection, FEED, 1, b"empty")


def test_what_is_not_there_is_not_replaced(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert not postbox.replace_unsent(connection, FEED, 1, b"empty")
    assert postbox.progress(connection) == []


def test_progress_says_when_each_state_began(tmp_path: Path) -> None:
    connection, clock = fresh(tmp_path), Hands()
    postbox.queue(connection, "bernard", FEED, 1, b"one", clock)
    departures.offer(connection, "bernard", {}, clock=clock)
    departures.offer(connection, "bernard", {}, clock=clock)
    assert [(one.state.value, one.at[17:19]) for one in postbox.progress(connection)] == [("sent", "02")]
    holding = Holding(FEED, 1, head_of(b"one"))
    departures.acknowledge(connection, "bernard", holding, SIGNATURE, clock)
    assert [(one.state.value, one.at[17:19]) for one in postbox.progress(connection)] == [("stored", "04")]


def test_progress_lists_every_colleague(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    fill(connection, b"for carole", feed=OTHER_FEED, peer="carole")
    offered(connection)
    found = [(one.peer, one.state.value) for one in postbox.progress(connection)]
    assert found == [("bernard", "sent"), ("carole", "queued")]


def test_the_receipt_is_kept_and_the_bytes_are_dropped(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two")
    offered(connection)
    assert postbox.receipts(connection) == []
    acknowledge(connection, 2, head_of(b"one", b"two"))
    (kept,) = postbox.receipts(connection)
    assert (kept.peer, kept.feed, kept.up_to, kept.head) == ("bernard", FEED, 2, head_of(b"one", b"two"))
    assert kept.signature == SIGNATURE
    assert connection.execute("SELECT count(*) FROM outgoing_bytes").fetchone() == (0,)


# --- what has arrived ------------------------------------------------------------------------------------------


def test_what_arrived_comes_as_it_came(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    take(connection, (1, b"one"), (2, b"two"))
    take(connection, (1, b"from carole"), feed=OTHER_FEED, peer="carole")
    take(connection, (3, b"three"))
    found = [(one.peer, one.feed, one.sequence, one.envelope) for one in postbox.arrived(connection)]
    assert found == [
        ("alice", FEED, 1, b"one"),
        ("alice", FEED, 2, b"two"),
        ("carole", OTHER_FEED, 1, b"from carole"),
        ("alice", FEED, 3, b"three"),
    ]


def test_opening_drops_the_bytes_and_keeps_the_number(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    take(connection, (1, b"one"), (2, b"two"))
    for one in postbox.arrived(connection):
        postbox.mark_opened(connection, one.feed, one.sequence)
        postbox.mark_opened(connection, one.feed, one.sequence)
    assert list(postbox.arrived(connection)) == []
    assert connection.execute("SELECT count(*) FROM incoming").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM incoming_bytes").fetchone() == (0,)
    assert take(connection, (3, b"three"))[0].value == "stored"


def test_only_what_arrived_can_be_opened(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    with pytest.raises(NotFound):
        postbox.mark_opened(connection, FEED, 1)
