"""One lot between two postboxes: what it brings, what it gives back, and that it gives nothing away."""

from pathlib import Path

import pytest

from localstore import arrivals, departures, postbox
from localstore.arrivals import IncomingLimits, Reception
from localstore.feeds import Piece
from localstore.postbox import IncidentKind
from sync.errors import NotALot, OwnLot
from sync.lots import layout, writing
from tests.sync.lots.sticks import FEED, OTHER_FEED, logical, plan_for, read, written
from tests.sync.offices import Practice, make, pair, received, states

COMMON_RUN = 8  # bytes; two random files of 16 kB share a run of eight once in 2**36 times


@pytest.fixture
def anne(tmp_path: Path) -> Practice:
    """One practice."""
    return make(tmp_path / "anne")


@pytest.fixture
def bruno(tmp_path: Path) -> Practice:
    """Another."""
    return make(tmp_path / "bruno")


def queue(here: Practice, peer: str, *envelopes: bytes, feed: bytes = FEED, first: int = 1) -> None:
    """Envelopes on their way to a peer."""
    for sequence, envelope in enumerate(envelopes, start=first):
        postbox.queue(here.desk, peer, feed, sequence, envelope)


def test_a_lot_brings_envelopes_and_the_answer_brings_receipts(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one", b"two")
    queue(anne, "bruno", b"x" * 70_000, feed=OTHER_FEED)
    outcome = read(bruno, written(anne, "bruno"))
    assert (outcome.peer, outcome.envelopes, outcome.whole) == ("anne", {Reception.STORED: 3}, True)
    assert received(bruno) == [b"one", b"two", b"x" * 70_000]
    assert states(anne) == ["sent"] * 3
    queue(bruno, "anne", b"back", feed=b"h" * 16)
    answer = read(anne, written(bruno, "anne"))
    assert (answer.confirmed, answer.stored, states(anne)) == (3, 1, ["stored"] * 3)
    assert plan_for(anne, "bruno").envelopes == 0
    assert read(bruno, written(anne, "bruno")).confirmed == 1


def test_what_is_in_a_lot_counts_as_offered_before_its_first_byte(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one")
    plan_for(anne, "bruno")
    assert not postbox.replace_unsent(anne.desk, FEED, 1, b"nothing")


def test_reading_again_changes_nothing(anne: Practice, bruno: Practice, at_full_length: bool) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one", b"two")
    lot = written(anne, "bruno")
    assert read(bruno, lot).changed
    before = logical(bruno.desk)
    for _ in range(1000 if at_full_length else 25):
        outcome = read(bruno, lot)
        assert (outcome.changed, outcome.envelopes) == (False, {Reception.HELD: 2})
    assert logical(bruno.desk) == before


def test_lots_in_any_order_give_the_same(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    lots = []
    for number in range(1, 5):
        queue(anne, "bruno", b"envelope %d" % number, first=number)
        lots.append(written(anne, "bruno"))
    assert read(bruno, lots[2]).stored == 3
    assert [read(bruno, lots[place]).stored for place in (0, 3, 1)] == [0, 1, 0]
    assert len(received(bruno)) == 4


def test_an_old_lot_after_live_sessions_is_only_old(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one")
    old_of_anne = written(anne, "bruno")
    old_of_bruno = written(bruno, "anne")
    queue(anne, "bruno", b"two", first=2)
    live(anne, bruno)
    assert states(anne) == ["stored", "stored"]
    before = [logical(one.desk) for one in (anne, bruno)]
    assert not read(bruno, old_of_anne).changed
    assert not read(anne, old_of_bruno).changed
    after = [logical(one.desk) for one in (anne, bruno)]
    for was, now in zip(before, after, strict=True):
        assert {name for name in was if was[name] != now[name]} == {"lot_read"}
    assert states(anne) == ["stored", "stored"]


def live(here: Practice, there: Practice) -> None:
    """What a session does: everything is offered, received and acknowledged."""
    name, other = here.folder.name, there.folder.name
    pieces = departures.offer(here.desk, other, departures.acknowledged(here.desk, other))
    arrivals.receive(there.desk, name, pieces)
    for holding in arrivals.holdings(there.desk, name):
        departures.acknowledge(here.desk, other, holding, bytes(64))


def test_what_is_acknowledged_while_a_lot_is_written_is_left_out(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"x" * 40_000, b"y" * 40_000)
    plan = plan_for(anne, "bruno")
    live(anne, bruno)
    data = b"".join(writing.pieces(anne.desk, plan))
    assert len(data) == plan.size
    assert read(bruno, data).envelopes == {}
    queue(anne, "bruno", b"three", first=3)
    assert read(bruno, written(anne, "bruno")).envelopes == {Reception.STORED: 1}


# --- what is refused -------------------------------------------------------------------------------------------------


def test_the_lot_of_a_stranger_is_none(anne: Practice, bruno: Practice, tmp_path: Path) -> None:
    carla, david = make(tmp_path / "carla"), make(tmp_path / "david")
    pair(carla, david)
    queue(carla, "david", b"one")
    before = logical(anne.desk)
    for data in (written(carla, "david"), b"", b"x" * 10, bytes(20_000)):
        with pytest.raises(NotALot):
            read(anne, data)
    assert logical(anne.desk) == before


def test_a_lot_for_another_colleague_is_none_here(anne: Practice, bruno: Practice, tmp_path: Path) -> None:
    carla = make(tmp_path / "carla")
    for other in (bruno, carla):
        pair(anne, other)
    queue(anne, "bruno", b"one")
    before = logical(carla.desk)
    with pytest.raises(NotALot):
        read(carla, written(anne, "bruno"))
    assert logical(carla.desk) == before


def test_a_lot_of_a_colleague_who_was_removed_is_none(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one")
    lot = written(anne, "bruno")
    postbox.remove_peer(bruno.desk, "anne")
    before = logical(bruno.desk)
    with pytest.raises(NotALot):
        read(bruno, lot)
    assert logical(bruno.desk) == before


def test_a_lot_from_before_a_key_was_changed_is_none(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one")
    lot = written(anne, "bruno")
    pair(anne, bruno)  # another secret, under the same names
    with pytest.raises(NotALot):
        read(bruno, lot)
    assert read(bruno, written(anne, "bruno")).stored == 1


def test_ones_own_lot_is_told_apart(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    lot = written(anne, "bruno")
    with pytest.raises(OwnLot):
        read(anne, lot)


def test_what_is_not_taken_is_counted_as_what_it_is(anne: Practice, bruno: Practice, tmp_path: Path) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", *(b"envelope %d" % number for number in range(1, 8)))
    lot = written(anne, "bruno")
    outcome = read(bruno, lot, IncomingLimits(envelopes=3))
    assert outcome.envelopes == {Reception.STORED: 3, Reception.FULL: 4}
    assert read(bruno, lot).envelopes == {Reception.HELD: 3, Reception.STORED: 4}


def test_a_fork_is_kept_and_counted_and_the_answer_freezes_it_there(
    anne: Practice, bruno: Practice, tmp_path: Path
) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one", b"two")
    arrivals.receive(bruno.desk, "anne", [Piece(FEED, 1, b"another one")])
    outcome = read(bruno, written(anne, "bruno"))
    assert outcome.envelopes == {Reception.FORK: 2}
    (incident,) = postbox.incidents(bruno.desk)
    assert (incident.kind, incident.envelope) == (IncidentKind.FORK_RECEIVED, b"one")
    answer = read(anne, written(bruno, "anne"))
    assert answer.disputed == 1
    assert [one.kind for one in postbox.incidents(anne.desk)] == [IncidentKind.FORK_SENT]
    assert plan_for(anne, "bruno").envelopes == 0


def test_a_fork_travels_back_as_a_refusal_too(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"one", b"two")
    assert read(bruno, written(anne, "bruno")).stored == 2
    arrivals.receive(bruno.desk, "anne", [Piece(FEED, 2, b"another two")])
    assert read(anne, written(bruno, "anne")).confirmed == 2  # the receipt is right, and the refusal is too
    assert [one.kind for one in postbox.incidents(anne.desk)] == [IncidentKind.FORK_SENT]


def test_a_feed_of_somebody_else_is_foreign(anne: Practice, bruno: Practice, tmp_path: Path) -> None:
    carla = make(tmp_path / "carla")
    pair(anne, bruno)
    pair(carla, bruno)
    for one in (anne, carla):
        queue(one, "bruno", b"one")
    assert read(bruno, written(anne, "bruno")).stored == 1
    assert read(bruno, written(carla, "bruno")).envelopes == {Reception.FOREIGN: 1}


# --- what it gives away ----------------------------------------------------------------------------------------------


def test_two_lots_to_one_colleague_have_no_run_of_bytes_in_common(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    queue(anne, "bruno", b"the very same bytes " * 2000)
    first, second = written(anne, "bruno"), written(anne, "bruno")
    assert len(first) == len(second)
    runs = {first[at : at + COMMON_RUN] for at in range(len(first) - COMMON_RUN)}
    assert [at for at in range(len(second) - COMMON_RUN) if second[at : at + COMMON_RUN] in runs] == []
    # Nor with one that goes the other way, and every byte has every value somewhere.
    back = written(bruno, "anne")
    assert [at for at in range(len(back) - COMMON_RUN) if back[at : at + COMMON_RUN] in runs] == []
    assert len(set(first)) == 256


def test_a_lot_with_nothing_in_it_is_as_long_as_one_with_a_little(anne: Practice, bruno: Practice) -> None:
    pair(anne, bruno)
    empty = written(anne, "bruno")
    queue(anne, "bruno", b"one", b"two" * 1000)
    assert len(written(anne, "bruno")) == len(empty) == layout.file_bytes(layout.SMALLEST)


@pytest.mark.parametrize("length", [0, 1, layout.SMALLEST, layout.SMALLEST + 1, 100_000, 2**24 + 5, 2**30])
def test_padding_adds_at_most_an_eighth(length: int) -> None:
    padded = layout.padded(length)
    assert layout.is_length(padded)
    assert length <= padded <= max(layout.SMALLEST, length * 1.12)
