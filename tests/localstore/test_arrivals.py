"""What arrives: in order, once, within limits, from its owner; forks; knocks; and both sides together."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstore import arrivals, departures, postbox
from localstore.arrivals import KNOCK_MEMORY_SLOTS, MAX_KNOCKS_IN_WINDOW, Reception
from localstore.feeds import MAX_ENVELOPE_BYTES, NO_HEAD, Holding, Piece
from localstore.postbox import IncidentKind
from tests.localstore.postboxes import FEED, KEY, OTHER_FEED, SIGNATURE, SMALL, fill, fresh, head_of, take

STORED, HELD, GAP, FULL, FORK = Reception.STORED, Reception.HELD, Reception.GAP, Reception.FULL, Reception.FORK


def test_envelopes_are_taken_in_order_and_once(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert take(connection, (1, b"one"), (2, b"two")) == [STORED, STORED]
    assert take(connection, (1, b"one"), (2, b"two"), (3, b"three")) == [HELD, HELD, STORED]
    assert arrivals.holdings(connection, "alice") == [Holding(FEED, 3, head_of(b"one", b"two", b"three"))]


def test_a_gap_is_not_taken(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert take(connection, (2, b"two")) == [GAP]
    assert take(connection, (1, b"one"), (3, b"three")) == [STORED, GAP]
    assert arrivals.holdings(connection, "alice") == [Holding(FEED, 1, head_of(b"one"))]


def test_a_feed_belongs_to_the_peer_it_came_from_first(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    take(connection, (1, b"one"))
    assert take(connection, (2, b"two"), peer="mallory") == [Reception.FOREIGN]
    assert take(connection, (1, b"one"), peer="mallory") == [Reception.FOREIGN]
    assert arrivals.holdings(connection, "mallory") == []
    assert take(connection, (2, b"two")) == [STORED]


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("sequence", [1, 2])
def test_other_bytes_under_a_number_freeze_the_feed(tmp_path: Path, opened: bool, sequence: int) -> None:
    connection = fresh(tmp_path)
    take(connection, (1, b"one"), (2, b"two"))
    if opened:
        postbox.mark_opened(connection, FEED, 1)
        postbox.mark_opened(connection, FEED, 2)
    assert take(connection, (sequence, b"other")) == [FORK]
    assert take(connection, (3, b"three")) == [FORK]
    (incident,) = postbox.incidents(connection)
    assert (incident.peer, incident.feed, incident.sequence) == ("alice", FEED, sequence)
    assert (incident.kind, incident.envelope) == (IncidentKind.FORK_RECEIVED, b"other")
    assert arrivals.holdings(connection, "alice") == [Holding(FEED, 2, head_of(b"one", b"two"))]
    assert take(connection, (1, b"one"), feed=OTHER_FEED) == [STORED]


def test_the_number_of_unopened_envelopes_is_limited(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    pieces = [Piece(FEED, sequence, b"x") for sequence in range(1, 7)]
    assert arrivals.receive(connection, "alice", pieces, SMALL) == [STORED] * 4 + [FULL, GAP]
    assert not arrivals.has_room(connection, "alice", SMALL)
    assert arrivals.receive(connection, "carole", [Piece(OTHER_FEED, 1, b"x")], SMALL) == [STORED]
    postbox.mark_opened(connection, FEED, 1)
    assert not arrivals.has_room(connection, "alice", SMALL)
    postbox.mark_opened(connection, FEED, 2)
    assert arrivals.has_room(connection, "alice", SMALL)
    assert arrivals.receive(connection, "alice", pieces[4:], SMALL) == [STORED, STORED]


def test_the_size_of_unopened_envelopes_is_limited(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert arrivals.receive(connection, "alice", [Piece(FEED, 1, bytes(60)), Piece(FEED, 2, bytes(41))], SMALL) == [
        STORED,
        FULL,
    ]
    assert arrivals.receive(connection, "alice", [Piece(FEED, 2, bytes(40))], SMALL) == [STORED]
    assert not arrivals.has_room(connection, "alice", SMALL)


def test_one_envelope_of_the_largest_size_always_fits_the_limits() -> None:
    assert arrivals.IncomingLimits().bytes >= 2 * MAX_ENVELOPE_BYTES


def test_the_number_of_feeds_is_limited(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    feeds = [bytes([number]) * 16 for number in range(1, 4)]
    outcomes = arrivals.receive(connection, "alice", [Piece(feed, 1, b"x") for feed in feeds], SMALL)
    assert outcomes == [STORED, STORED, Reception.TOO_MANY_FEEDS]
    assert arrivals.receive(connection, "alice", [Piece(feeds[0], 2, b"x")], SMALL) == [STORED]


def test_a_knock_is_admitted_once_and_never_again_not_after_a_restart_either(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert arrivals.admit_knock(connection, "alice", b"n" * 16, 100, 100)
    assert not arrivals.admit_knock(connection, "alice", b"n" * 16, 100, 100)
    assert arrivals.admit_knock(connection, "carole", b"n" * 16, 100, 100)
    connection.close()
    again = postbox.open_postbox(tmp_path / "postbox.db", KEY)
    assert not arrivals.admit_knock(again, "alice", b"n" * 16, 100, 101)


def test_knocks_are_remembered_for_longer_than_they_are_good_for(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    arrivals.admit_knock(connection, "alice", b"n" * 16, 100, 100)
    later = 100 + KNOCK_MEMORY_SLOTS
    assert not arrivals.admit_knock(connection, "alice", b"n" * 16, 100, later)
    arrivals.admit_knock(connection, "alice", b"m" * 16, later + 1, later + 1)
    assert connection.execute("SELECT count(*) FROM knock").fetchone() == (1,)


def test_a_peer_cannot_fill_the_memory_with_knocks(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    connection.execute("BEGIN")
    for number in range(MAX_KNOCKS_IN_WINDOW):
        assert arrivals.admit_knock(connection, "alice", number.to_bytes(16, "big"), 100 + number % 3, 101)
    assert not arrivals.admit_knock(connection, "alice", b"n" * 16, 101, 101)
    assert arrivals.admit_knock(connection, "carole", b"n" * 16, 101, 101)
    connection.execute("COMMIT")
    assert arrivals.admit_knock(connection, "alice", b"n" * 16, 105, 105)


def test_changes_by_another_connection_are_seen_and_own_ones_are_not(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    desk = postbox.open_postbox(tmp_path / "postbox.db", KEY)
    before = arrivals.changes(connection)
    take(connection, (1, b"one"))
    assert arrivals.changes(connection) == before
    fill(desk, b"one")
    assert arrivals.changes(connection) != before


STEPS = st.lists(st.sampled_from(["queue", "send", "send and lose", "receipt", "open"]), max_size=40)


@settings(max_examples=30)
@given(steps=STEPS)
def test_whatever_is_lost_on_the_way_both_sides_end_with_the_same_feed(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Sessions that break anywhere: what each side keeps suffices to go on, and nothing is stored twice."""
    folder = tmp_path_factory.mktemp("joined")
    alice, bernard = fresh(folder, "alice.db"), fresh(folder, "bernard.db")
    try:
        queued, opened = 0, list[bytes]()
        for step in [*steps, "queue", "send", "receipt", "open"]:
            if step == "queue":
                queued += 1
                postbox.queue(alice, "bernard", FEED, queued, b"envelope %d" % queued)
            elif step.startswith("send"):
                held = {one.feed: one.up_to for one in arrivals.holdings(bernard, "alice")}
                pieces = departures.offer(alice, "bernard", held)
                kept = pieces[: len(pieces) // 2] if step == "send and lose" else pieces
                assert set(arrivals.receive(bernard, "alice", kept)) <= {STORED}
            elif step == "receipt":
                for holding in arrivals.holdings(bernard, "alice"):
                    assert departures.acknowledge(alice, "bernard", holding, SIGNATURE).value == "taken"
            else:
                for one in postbox.arrived(bernard):
                    opened.append(one.envelope)
                    postbox.mark_opened(bernard, one.feed, one.sequence)
        everything = [b"envelope %d" % number for number in range(1, queued + 1)]
        assert opened == everything
        assert {one.state.value for one in postbox.progress(alice)} == {"stored"}
        assert [one.head for one in postbox.receipts(alice)] == [head_of(*everything)] != [NO_HEAD]
        assert postbox.incidents(alice) == postbox.incidents(bernard) == []
    finally:
        alice.close()
        bernard.close()
        shutil.rmtree(folder)
