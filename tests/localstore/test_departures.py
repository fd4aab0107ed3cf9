"""What leaves: offers in order, receipts that agree and receipts that don't."""

import sys
from pathlib import Path

import pytest

from localstore import arrivals, departures, incarnations, opening, postbox
from localstore.database import transaction
from localstore.departures import OFFER_BYTES, OFFER_COUNT, Acknowledgement
from localstore.feeds import MAX_FEEDS, NO_HEAD, Holding
from localstore.postbox import IncidentKind
from localstore.postbox_tables import APPLICATION, MIGRATIONS
from tests.localstore.postboxes import (
    FEED,
    KEY,
    OTHER_FEED,
    SIGNATURE,
    acknowledge,
    fill,
    fresh,
    head_of,
    offered,
    take,
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


def test_a_peer_that_lost_what_it_had_acknowledged_ends_the_feed(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two", b"three", b"four")
    offered(connection)
    acknowledge(connection, 3, head_of(b"one", b"two", b"three"))
    before = departures.acknowledged(connection, "bernard")
    assert before == {FEED: 3}
    assert departures.reconcile(connection, "bernard", before, {FEED: 1}) == {}
    assert offered(connection, held=1) == []
    (ended,) = incarnations.ended(connection, "bernard")
    assert (ended.feed, ended.known, ended.acknowledged, ended.kept, ended.lost) == (FEED, 4, 3, 1, 2)
    assert [one.state.value for one in postbox.progress(connection)] == ["stored", "lost", "lost", "lost"]
    assert postbox.incidents(connection) == []
    assert departures.acknowledged(connection, "bernard") == {}


def test_what_another_session_acknowledged_since_is_no_loss(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two")
    before = departures.acknowledged(connection, "bernard")
    offered(connection)
    acknowledge(connection, 1, head_of(b"one"))
    assert departures.reconcile(connection, "bernard", before, {}) == {FEED: 1}
    assert incarnations.ended(connection) == []


def test_a_restored_postbox_offers_nothing_of_before_and_learns_what_was_sent_since(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one", b"two")
    offered(connection)
    acknowledge(connection, 1, head_of(b"one"))
    postbox.begin_incarnation(connection, b"i" * 16)
    postbox.begin_incarnation(connection, b"i" * 16)
    serving = incarnations.serving(connection)
    assert serving is not None
    assert (serving.incarnation, serving.restored, serving.settled) == (b"i" * 16, 1, False)
    assert offered(connection) == []
    assert not postbox.replace_unsent(connection, FEED, 2, b"x")
    assert [one.state.value for one in postbox.progress(connection)] == ["stored", "lost"]
    assert acknowledge(connection, 9, head_of(b"later")) is Acknowledgement.IGNORED
    assert acknowledge(connection, 4, head_of(b"begun later"), OTHER_FEED) is Acknowledgement.IGNORED
    assert [(one.feed, one.known, one.beyond) for one in incarnations.ended(connection)] == [
        (FEED, 2, 9),
        (OTHER_FEED, 0, 4),
    ]
    assert [one.state.value for one in postbox.progress(connection)] == ["stored", "stored"]
    assert postbox.incidents(connection) == []


def test_a_receipt_for_other_bytes_freezes_a_feed_that_ended_too(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    fill(connection, b"one")
    offered(connection)
    postbox.begin_incarnation(connection, b"i" * 16)
    assert acknowledge(connection, 1, head_of(b"other")) is Acknowledgement.MISMATCH
    assert [one.kind for one in postbox.incidents(connection)] == [IncidentKind.FORK_SENT]


def test_after_a_restore_a_feed_that_is_expected_still_tells_of_a_copy(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    postbox.begin_incarnation(connection, b"i" * 16)
    incarnations.expect(connection, "bernard", FEED)
    assert acknowledge(connection, 1, head_of(b"sent by the copy")) is Acknowledgement.MISMATCH
    assert [one.kind for one in postbox.incidents(connection)] == [IncidentKind.AHEAD]


def test_what_the_record_does_not_know_of_is_forgotten_and_comes_again(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    take(connection, (1, b"one"), (2, b"two"), (3, b"three"))
    assert not incarnations.rewind(connection, FEED, 0)  # nothing was opened: all of it still lies here
    for sequence in (1, 2):
        postbox.mark_opened(connection, FEED, sequence)
    assert not incarnations.rewind(connection, FEED, 2)
    assert incarnations.rewind(connection, FEED, 1)
    assert [(one.up_to, one.head) for one in arrivals.holdings(connection, "alice")] == [(1, head_of(b"one"))]
    assert take(connection, (2, b"two")) == [arrivals.Reception.STORED]
    postbox.mark_opened(connection, FEED, 2)
    assert incarnations.rewind(connection, FEED, 0)
    assert arrivals.holdings(connection, "alice") == []
    assert take(connection, (1, b"one")) == [arrivals.Reception.STORED]


def test_a_feed_that_the_first_release_froze_for_a_loss_goes_on_in_another(tmp_path: Path) -> None:
    old = opening.create(tmp_path / "old.db", KEY, APPLICATION, MIGRATIONS[:1])
    with transaction(old):
        old.execute("INSERT INTO outgoing_feed (feed, peer, frozen, up_to) VALUES (?, 'bernard', 'lost', 5)", (FEED,))
        old.execute(
            "INSERT INTO incident (peer, feed, sequence, kind, at) VALUES ('bernard', ?, 4, 'lost', '')", (FEED,)
        )
    old.close()
    connection = postbox.open_postbox(tmp_path / "old.db", KEY)
    assert [(one.feed, one.kept, one.lost) for one in incarnations.ended(connection)] == [(FEED, 3, 2)]
    assert postbox.incidents(connection) == []
    connection.close()


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
