"""What leaves: offers in order, receipts that agree and receipts that don't."""

import sys
from pathlib import Path

import pytest

from localstore import departures, postbox
from localstore.database import transaction
from localstore.departures import OFFER_BYTES, OFFER_COUNT, Acknowledgement
from localstore.feeds import MAX_FEEDS, NO_HEAD, Holding
from localstore.postbox import IncidentKind
from tests.localstore.postboxes import (
    FEED,
    OTHER_FEED,
    SIGNATURE,
    acknowledge,
    fill,
    fresh,
    head_of,
    offered,
)


def test_offers_continue_where_the_peer_is(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two", b"three")
    assert offered(connection) == [(1, b"one"), (2, b"two"), (3, b"three")]
    assert offered(connection, held=2) == [(3, b"three")]
    assert offered(connection, held=3) == []
    assert [one.state.value for one in postbox.progress(connection)] == ["sent"] * 3


def test_only_the_feeds_of_the_peer_are_offered_and_none_that_is_halted(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"for bernard")
    fill(connection, b"for carole", feed=OTHER_FEED, peer="carole")
    assert [piece.envelope for piece in departures.offer(connection, "carole", {})] == [b"for carole"]
    assert departures.offer(connection, "bernard", {}, halted={FEED}) == []
    assert postbox.progress(connection)[0].state.value == "queued"


def test_an_offer_is_committed_before_it_is_given(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    departures.offer(connection, "bernard", {})
    assert not connection.in_transaction
    desk = postbox.open_postbox(tmp_path / "postbox.db", bytes(range(32)))
    assert not postbox.replace_unsent(desk, FEED, 1, b"empty")


def test_a_batch_is_bounded_by_bytes_and_by_count(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, *[bytes([number]) * (OFFER_BYTES // 2) for number in range(1, 5)])
    assert [sequence for sequence, _ in offered(connection)] == [1, 2]
    assert [sequence for sequence, _ in offered(connection, held=2)] == [3, 4]
    fill(connection, *[b"x"] * (OFFER_COUNT + 1), feed=OTHER_FEED, peer="carole")
    assert len(departures.offer(connection, "carole", {})) == OFFER_COUNT
    assert [one.state.value for one in postbox.progress(connection)][-1] == "queued"


def test_a_receipt_stores_up_to_its_number(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two", b"three")
    offered(connection)
    assert acknowledge(connection, 2, head_of(b"one", b"two")) is Acknowledgement.TAKEN
    assert [one.state.value for one in postbox.progress(connection)] == ["stored", "stored", "sent"]
    assert offered(connection, held=2) == [(3, b"three")]


def test_an_older_receipt_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two")
    offered(connection)
    acknowledge(connection, 2, head_of(b"one", b"two"))
    assert acknowledge(connection, 1, head_of(b"one")) is Acknowledgement.TAKEN
    assert acknowledge(connection, 0, NO_HEAD) is Acknowledgement.TAKEN
    assert [one.up_to for one in postbox.receipts(connection)] == [2]


def test_a_receipt_for_other_bytes_freezes_the_feed(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    offered(connection)
    assert acknowledge(connection, 1, head_of(b"other")) is Acknowledgement.MISMATCH
    (incident,) = postbox.incidents(connection)
    assert (incident.kind, incident.sequence) == (IncidentKind.FORK_SENT, 1)
    assert offered(connection) == []
    assert acknowledge(connection, 1, head_of(b"one")) is Acknowledgement.IGNORED
    assert postbox.progress(connection)[0].state.value == "sent"


def test_a_receipt_for_what_was_never_offered_freezes_the_feed(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    assert acknowledge(connection, 1, head_of(b"one")) is Acknowledgement.MISMATCH
    assert [one.kind for one in postbox.incidents(connection)] == [IncidentKind.AHEAD]
    assert offered(connection) == []


def test_a_receipt_for_an_unknown_feed_tells_of_a_restored_backup(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert acknowledge(connection, 0, NO_HEAD) is Acknowledgement.IGNORED
    assert postbox.incidents(connection) == []
    for _ in range(2):
        assert acknowledge(connection, 7, head_of(b"lost")) is Acknowledgement.IGNORED
    (incident,) = postbox.incidents(connection)
    assert (incident.peer, incident.feed, incident.sequence) == ("bernard", FEED, 7)
    assert incident.kind is IncidentKind.AHEAD


def test_receipts_for_unknown_feeds_cannot_fill_the_postbox(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    with transaction(connection):
        for number in range(MAX_FEEDS):
            connection.execute(
                "INSERT INTO outgoing_feed (feed, peer, frozen) VALUES (?, 'bernard', 'ahead')",
                (number.to_bytes(16, "big"),),
            )
    assert acknowledge(connection, 7, head_of(b"lost")) is Acknowledgement.MISMATCH
    assert postbox.incidents(connection) == []


def test_a_receipt_for_somebody_elses_feed_changes_nothing(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"for carole", feed=OTHER_FEED, peer="carole")
    departures.offer(connection, "carole", {})
    assert acknowledge(connection, 1, head_of(b"for carole"), OTHER_FEED) is Acknowledgement.MISMATCH
    assert postbox.incidents(connection) == []
    holding = Holding(OTHER_FEED, 1, head_of(b"for carole"))
    assert departures.acknowledge(connection, "carole", holding, SIGNATURE) is Acknowledgement.TAKEN


def test_a_peer_that_lost_what_it_had_acknowledged_is_noticed(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two")
    offered(connection)
    acknowledge(connection, 2, head_of(b"one", b"two"))
    assert offered(connection, held=1) == []
    assert [(one.kind, one.sequence) for one in postbox.incidents(connection)] == [(IncidentKind.LOST, 2)]


def test_a_refusal_for_good_freezes_only_a_feed_to_that_peer(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"for carole", feed=OTHER_FEED, peer="carole")
    assert not departures.halt(connection, "bernard", OTHER_FEED, 1, IncidentKind.FORK_SENT)
    assert postbox.incidents(connection) == []
    assert departures.halt(connection, "carole", OTHER_FEED, 1, IncidentKind.FORK_SENT)
    assert departures.offer(connection, "carole", {}) == []
    assert [one.kind for one in postbox.incidents(connection)] == [IncidentKind.FORK_SENT]


@pytest.mark.skipif(sys.platform == "win32", reason="the mode of a file means nothing there")
def test_the_file_is_private(tmp_path: Path) -> None:
    fresh(tmp_path)
    assert (tmp_path / "postbox.db").stat().st_mode & 0o777 == 0o600
