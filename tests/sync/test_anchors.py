"""Heads that colleagues keep: an old copy that was put back contradicts what one has seen; nothing else does."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localstore import anchors, head, history, practice, record
from localstore.anchors import Contradiction, Seen
from localstore.bodies import ProblemBody
from localstore.database import transaction
from localstore.head import Head
from localstore.values import Concept
from sync import anchoring
from sync import desk as desk_room
from sync.papers import documents
from sync.papers.documents import Receipt
from sync.protocol import RemoteProtocolError
from tests import practices
from tests.sync.meetings import House, Town


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two practices that have exchanged an extract each way; closed."""
    made = Town(tmp_path_factory.mktemp("base"))
    for house in (made.alpha, made.beta):
        house.consent()
        house.share()
    made.exchange()
    made.close()
    return made


@pytest.fixture
def town(base: Town, tmp_path: Path) -> Iterator[Town]:
    """The same two, open."""
    moved = base.elsewhere(tmp_path)
    yield moved
    moved.close()


def contradictions(house: House) -> list[Contradiction]:
    """What colleagues have seen of this practice and it does not hold."""
    return anchors.contradictions(house.desk.record)


def kept(house: House) -> anchors.Kept:
    """What a practice keeps of the other."""
    return anchors.newest(house.desk.record, house.other.num)


def meet_in_spite(town: Town) -> None:
    """Exchange; the first session after an old copy was put back ends with a receipt for more than was sent. A copy
    without the newest sealing key asks for what it cannot open: one round more."""
    with suppress(RemoteProtocolError):
        town.meet()
    town.exchange(4)


def test_each_keeps_a_head_of_the_other_and_gives_it_back(town: Town) -> None:
    for house in (town.alpha, town.beta):
        found = kept(house)
        assert len(found.theirs) == anchoring.ANCHOR_BYTES == 128
        now = head.current(house.desk.record)
        assert 0 < found.ours.line <= now.line
        assert 0 < found.ours.commits <= now.commits
        assert contradictions(house) == []


def test_the_receipt_for_an_extract_gives_back_the_head_that_came_with_it(town: Town) -> None:
    before = kept(town.alpha).ours
    record.add(town.alpha.desk.practice, town.alpha.patient, ProblemBody(Concept("Goutte")))
    line = head.current(town.alpha.desk.record).line
    town.alpha.share()
    town.meet()
    town.beta.collect()
    town.meet()
    town.alpha.collect()
    assert before.line < line <= kept(town.alpha).ours.line


def test_a_receipt_is_never_answered(town: Town) -> None:
    before = [head.current(house.desk.record) for house in (town.alpha, town.beta)]
    town.exchange()
    assert [head.current(house.desk.record) for house in (town.alpha, town.beta)] == before


def test_an_old_copy_that_was_put_back_contradicts_what_a_colleague_has_seen(town: Town) -> None:
    old = town.alpha.back_up()
    record.add(town.alpha.desk.practice, town.alpha.patient, ProblemBody(Concept("Goutte")))
    town.alpha.share()
    town.exchange()
    seen = kept(town.alpha).ours
    town.alpha.put_back(old)
    assert contradictions(town.alpha) == []  # the copy itself cannot tell: this is all that its own head knows
    meet_in_spite(town)
    (found,) = contradictions(town.alpha)
    assert (found.name, found.line, found.commits) == ("Dr Beta", seen.line, seen.commits)
    assert contradictions(town.beta) == []


def test_it_stays_told_whatever_is_written_afterwards(town: Town) -> None:
    old = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(old)
    meet_in_spite(town)
    for _ in range(20):
        record.add(town.alpha.desk.practice, town.alpha.patient, ProblemBody(Concept("Rhume")))
    town.exchange()
    assert len(contradictions(town.alpha)) == 1


# --- restored on purpose ---------------------------------------------------------------------------------------


def test_a_backup_that_was_restored_on_purpose_is_no_contradiction(town: Town) -> None:
    old = town.alpha.back_up()
    for _ in range(2):
        town.alpha.share()
        town.exchange()
    town.alpha.restore(old)
    town.exchange()
    town.alpha.share()
    town.exchange()
    assert contradictions(town.alpha) == []
    assert kept(town.alpha).ours.line > anchors.lineage(town.alpha.desk.record)[-1].first > 0


def test_what_was_known_when_a_backup_is_restored_is_settled(town: Town) -> None:
    old = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(old)
    meet_in_spite(town)
    assert contradictions(town.alpha)
    accepted = town.alpha.back_up("accepted")
    town.alpha.restore(accepted)
    assert contradictions(town.alpha) == []
    for _ in range(10):
        record.add(town.alpha.desk.practice, town.alpha.patient, ProblemBody(Concept("Rhume")))
    town.alpha.share()
    town.exchange()
    assert contradictions(town.alpha) == []


def test_it_is_settled_before_any_desk_has_opened(town: Town) -> None:
    old = town.alpha.back_up()
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(old)
    meet_in_spite(town)
    town.alpha.restore(town.alpha.back_up("accepted"), establish=False)
    opened = practice.unlock(town.alpha.folder, practices.PASSPHRASE)
    assert anchors.contradictions(opened.connection) == []
    opened.close()
    town.alpha.open()
    assert contradictions(town.alpha) == []


def test_a_copy_from_before_a_restore_is_a_contradiction(town: Town) -> None:
    old = town.alpha.back_up()
    town.alpha.restore(old)
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(old)
    meet_in_spite(town)
    assert [one.name for one in contradictions(town.alpha)] == ["Dr Beta"]


def test_a_branch_that_an_earlier_restore_left_behind_is_none(town: Town) -> None:
    """Restored from one backup, then from a later one of before: the colleague may still hold a head of between."""
    early = town.alpha.back_up("early")
    for _ in range(3):
        town.alpha.share()
        town.exchange()
    late = town.alpha.back_up("late")
    town.alpha.restore(early)
    town.alpha.share()
    town.exchange()
    town.alpha.restore(late)
    town.exchange()
    assert contradictions(town.alpha) == []


def test_what_came_before_the_restored_line_must_still_hold(town: Town) -> None:
    first = anchors.lineage(town.alpha.desk.record)[0]
    town.alpha.restore(town.alpha.back_up())
    seen = Seen(first.incarnation, first.began, Head(1, 1, bytes(32)))
    with transaction(town.alpha.desk.record):
        anchors.weigh(town.alpha.desk.record, town.alpha.other.num, seen, "")
    assert [one.line for one in contradictions(town.alpha)] == [1]


def test_commits_that_wrote_no_line_count_as_well(town: Town) -> None:
    connection = town.alpha.desk.record
    now, current = head.current(connection), anchors.lineage(connection)[-1]
    for commits, expected in ((now.commits, 0), (now.commits + 5, 1)):
        with transaction(connection):
            seen = Seen(current.incarnation, current.began, now._replace(commits=commits))
            anchors.weigh(connection, town.alpha.other.num, seen, "")
        assert len(contradictions(town.alpha)) == expected


# --- a colleague who lies --------------------------------------------------------------------------------------


def say(town: Town, anchor: bytes, echo: bytes) -> int:
    """Beta's program says this to Alpha; how many documents were set aside."""
    beta = town.beta
    with transaction(beta.desk.record):
        feed = desk_room.feed_towards(beta.desk, beta.other)
        desk_room.post(beta.desk, beta.other, Receipt(feed, anchor=anchor, echo=echo))
    desk_room.dispatch(beta.desk)
    town.meet()
    return town.alpha.collect().set_aside


@pytest.mark.parametrize("echo", [b"", b"x", b"x" * 128, bytes(128), b"x" * 256])
def test_what_is_none_of_our_anchors_proves_nothing(town: Town, echo: bytes) -> None:
    before = kept(town.alpha).ours
    assert say(town, b"anything that he wants kept", echo) == 0
    assert contradictions(town.alpha) == []
    assert kept(town.alpha) == anchors.Kept(b"anything that he wants kept", before)


@pytest.mark.parametrize("field", ["anchor", "echo"])
def test_more_than_the_limit_is_set_aside(town: Town, field: str) -> None:
    before = kept(town.alpha)
    large = bytes(documents.MAX_ANCHOR_BYTES + 1)
    assert say(town, **{"anchor": b"", "echo": b"", field: large}) == 1
    assert kept(town.alpha) == before


def test_an_anchor_that_another_colleague_keeps_means_nothing(town: Town, tmp_path: Path) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    of_gamma, _ = practices.pair(town.alpha.desk, gamma)
    for_gamma = anchoring.seal(town.alpha.desk, of_gamma)
    assert anchoring.open_(town.alpha.desk, of_gamma, for_gamma) is not None
    before = kept(town.alpha).ours
    assert say(town, b"", for_gamma) == 0
    assert kept(town.alpha).ours == before
    gamma.close()


def test_an_older_one_never_takes_the_place_of_a_newer_one(town: Town) -> None:
    old = anchoring.seal(town.alpha.desk, town.alpha.other)
    town.alpha.share()
    town.exchange()
    before = kept(town.alpha).ours
    assert say(town, b"", old) == 0
    assert kept(town.alpha).ours == before
    assert contradictions(town.alpha) == []


def test_an_older_one_does_not_hide_a_contradiction(town: Town) -> None:
    old_copy = town.alpha.back_up()
    old = anchoring.seal(town.alpha.desk, town.alpha.other)
    town.alpha.share()
    town.exchange()
    town.alpha.put_back(old_copy)
    meet_in_spite(town)
    assert contradictions(town.alpha)
    say(town, b"", old)
    assert contradictions(town.alpha)


def test_an_anchor_tells_nothing(town: Town) -> None:
    desk, other = town.alpha.desk, town.alpha.other
    one, two = anchoring.seal(desk, other), anchoring.seal(desk, other)
    assert len(one) == len(two) == anchoring.ANCHOR_BYTES
    assert not set(zip(one[:24], two[:24], strict=True)) >= set(zip(one[:24], one[:24], strict=True))
    assert head.current(desk.record).hash not in one
    assert anchoring.open_(town.beta.desk, town.beta.other, one) is None


def test_every_bit_of_an_anchor_counts(town: Town) -> None:
    desk, other = town.alpha.desk, town.alpha.other
    genuine = anchoring.seal(desk, other)
    for bit in range(0, 8 * len(genuine)):
        altered = bytearray(genuine)
        altered[bit // 8] ^= 1 << bit % 8
        assert anchoring.open_(desk, other, bytes(altered)) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_may_come_back(town: Town, data: bytes) -> None:
    assert anchoring.open_(town.alpha.desk, town.alpha.other, data) is None


def test_an_incarnation_begins_after_all_that_is_known_also_by_a_clock_that_runs_behind(town: Town) -> None:
    desk = town.alpha.desk
    before = anchors.lineage(desk.record)[-1].began
    for _ in range(2):
        with transaction(desk.record):
            practice.begin_incarnation(desk.record)
            anchors.settle(desk.record, "2001-01-01T00:00:00.000Z")
    began = [branch.began for branch in anchors.lineage(desk.record)]
    assert began == sorted(set(began)) and began[-2] > before
    assert began[-2] >= history.lines(desk.record)[-1].at
