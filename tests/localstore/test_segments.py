"""Sealed months: sealed at unlocking as time goes on, dropped when they are old, and the chain verifies nonetheless."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localstore import crypto, database, head, history, inspection, paths, retention, segments, staff, verification
from localstore.clock import Clock
from localstore.errors import DamagedStore, Refused
from localstore.keys import keyring
from localstore.practice import Practice, unlock
from localstore.segments import Segment
from localstore.verification import ALTERED, UNTOLD
from tests import practices
from tests.faults.reopening import keys_of, reopen
from tests.localstore.tampering import by_hand, first_finding

MONTHS = ((2026, 3), (2026, 4), (2026, 6), (2026, 7))
GOLDEN = Path(__file__).parent.parent / "golden" / "0.1.0.zip"


class Calendar:
    """A clock that stands where it is put, and moves by a second at each reading."""

    def __init__(self) -> None:
        self.stepping = practices.SteppingClock()

    def __call__(self) -> datetime:
        return self.stepping()

    def put(self, year: int, month: int, day: int = 5) -> None:
        """Go there, forwards or backwards."""
        self.stepping.moment = datetime(year, month, day, 9, 0, tzinfo=UTC)


def live(folder: Path, clock: Calendar, months: tuple[tuple[int, int], ...] = MONTHS) -> Practice:
    """A practice that was opened in each of these months, two patients a month, and is open in the last."""
    clock.put(*months[0])
    here = practices.make(folder, clock=clock)
    keys = keys_of(folder)
    for number, month in enumerate(months):
        if number:
            here.close()
            clock.put(*month)
            here = reopen(folder, keys, clock)
        for _ in range(2):
            practices.add_zoe(here)
    return here


def told(here: Practice) -> list[tuple[str, int, int, bool]]:
    """The segments, as (month, first line, last line, whether it was dropped)."""
    return [(one.month, one.first, one.last, bool(one.dropped)) for one in segments.listing(here.connection)]


def drop(here: Practice, before: str) -> int:
    """Drop what is older than this month, as a practice does, but for the years that it must wait."""
    return let_go(here, old(here, before))


def old(here: Practice, before: str, kept_from: str = "") -> list[Segment]:
    """What may be dropped before this month."""
    return segments.droppable(here.connection, before, kept_from=kept_from or before, present=here.now()[:7])


def let_go(here: Practice, chosen: list[Segment]) -> int:
    """Drop these segments, and tell of it."""
    with database.transaction(here.connection):
        dropped = segments.drop(here.connection, chosen, here.now())
        subject, detail = segments.statement(here.connection)
        here.log("history-dropped", subject=subject, detail=detail)
    return dropped


def is_whole(here: Practice) -> bool:
    """Whether everything verifies."""
    return verification.first_broken_line(here.connection) is None and first_finding(here) is None


def reopened(here: Practice, clock: Clock) -> Practice:
    """The same practice, closed and opened."""
    keys = keys_of(here.folder)
    here.close()
    return reopen(here.folder, keys, clock)


def test_months_are_sealed_when_the_next_has_begun(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock)
    assert told(here) == [("2026-03", 1, 3, False), ("2026-04", 4, 5, False), ("2026-06", 6, 7, False)]
    assert is_whole(here)
    here = reopened(here, clock)
    assert len(told(here)) == 3  # the present month stays open
    here.close()


def test_a_segment_ends_where_its_lines_do_and_begins_where_the_one_before_ended(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    lines = {line.num: line for line in history.stored(here.connection)}
    previous = history.START
    for one in segments.listing(here.connection):
        assert (one.previous, one.hash) == (previous, lines[one.last].hash)
        assert one.contents == lines[one.last].contents
        previous = one.hash
    here.close()


def test_dropped_months_leave_a_chain_that_verifies(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock)
    assert drop(here, "2026-06") == 5
    assert [line.id for line in history.lines(here.connection)] == [6, 7, 8, 9, 10]
    assert told(here)[:2] == [("2026-03", 1, 3, True), ("2026-04", 4, 5, True)]
    assert is_whole(here)
    here = reopened(here, clock)
    practices.add_zoe(here)
    assert is_whole(here)
    assert drop(here, "2026-06") == 0
    here.close()


def test_everything_that_is_sealed_can_be_dropped_and_the_practice_goes_on(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock)
    here.close()
    clock.put(2026, 9)
    here = reopen(here.folder, keys_of(here.folder), clock)
    assert drop(here, "2026-08") == 9
    assert [line.action for line in history.lines(here.connection)] == ["history-dropped"]
    assert head.current(here.connection).line == 10
    here = reopened(here, clock)
    practices.add_zoe(here)
    assert [line.id for line in history.lines(here.connection)] == [10, 11]
    assert is_whole(here)
    here.close()


def test_a_head_is_held_across_what_was_dropped(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    hashes = {line.num: line.hash for line in history.stored(here.connection)}
    drop(here, "2026-06")
    for line, digest in hashes.items():
        assert head.holds(here.connection, line, digest)
        # Inside of a dropped segment the hash can no longer be told; at its end, and in what is kept, it can.
        assert head.holds(here.connection, line, bytes(32)) is (line in (1, 2, 4))
    assert not head.holds(here.connection, 99, bytes(32))
    here.close()


@pytest.mark.parametrize("dropped", [False, True])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("month", "2026-02"),
        ("first", 5),
        ("last", 4),
        ("previous", bytes(32)),
        ("hash", bytes(32)),
        ("versions", 0),
        ("content", bytes(32)),
        ("signature", bytes(64)),
        ("key", 1_000),
    ],
)
def test_an_altered_segment_is_named(altered: dict[bool, Path], dropped: bool, column: str, value: object) -> None:
    here = reopen(altered[dropped], keys_of(altered[dropped]), july())
    before = database.row(here.connection, f"SELECT {column} FROM segment WHERE num = 2")  # noqa: S608
    assert before is not None
    try:
        with by_hand(here.folder, here.key) as connection:
            connection.execute(f"UPDATE segment SET {column} = ? WHERE num = 2", (value,))  # noqa: S608
        broken = verification.first_broken_line(here.connection)
        assert broken is not None and broken.line in (4, 5) and broken.seen == ALTERED
    finally:
        with by_hand(here.folder, here.key) as connection:
            connection.execute(f"UPDATE segment SET {column} = ? WHERE num = 2", before)  # noqa: S608
    assert is_whole(here)
    here.close()


def july() -> Calendar:
    """A clock in the last of the months."""
    clock = Calendar()
    clock.put(2026, 7, 20)
    return clock


@pytest.fixture(scope="module")
def altered(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Two practices with sealed months; in the second, the first two months were dropped."""
    found = {}
    for dropped in (False, True):
        here = live(tmp_path_factory.mktemp("sealed") / "alpha", Calendar())
        if dropped:
            drop(here, "2026-06")
        here.close()
        found[dropped] = here.folder
    return found


def test_a_removed_segment_is_missed(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    drop(here, "2026-04")
    with by_hand(here.folder, here.key) as connection:
        connection.execute("DELETE FROM segment WHERE num = 1")
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken.seen == ALTERED
    here.close()


def test_lines_cannot_hide_behind_a_segment_that_says_they_were_dropped(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    with by_hand(here.folder, here.key) as connection:
        connection.execute("UPDATE segment SET dropped = '2026-07-01T00:00:00.000Z' WHERE num = 1")
        connection.execute("UPDATE history SET detail = 'autre' WHERE num = 2")
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken.seen == ALTERED and broken.line <= 2
    here.close()


def test_a_month_that_was_dropped_by_hand_out_of_turn_is_named(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    with by_hand(here.folder, here.key) as connection:
        connection.execute("DELETE FROM history WHERE num IN (4, 5)")
        connection.execute("UPDATE segment SET dropped = 'x' WHERE num = 2")
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken.line == 4
    here.close()


def test_a_clock_that_was_set_back_makes_further_segments_and_breaks_nothing(tmp_path: Path) -> None:
    clock = Calendar()
    months = ((2026, 3), (2026, 5), (2026, 4), (2026, 5), (2026, 8))
    here = live(tmp_path / "alpha", clock, months)
    listed = [one.month for one in segments.listing(here.connection)]
    assert listed == ["2026-03", "2026-05", "2026-04", "2026-05"]
    assert is_whole(here)
    # From the oldest on: what stands behind a month that is kept is kept as well.
    assert [one.month for one in old(here, "2026-05")] == ["2026-03"]
    drop(here, "2026-08")
    assert is_whole(here)
    here.close()


def test_lines_of_the_first_release_are_sealed_and_dropped_with_the_rest(tmp_path: Path) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    clock = Calendar()
    clock.put(2026, 3, 20)
    here = unlock(tmp_path / "practice", practices.PASSPHRASE, clock=clock)
    unsigned = [line.num for line in history.stored(here.connection) if line.signature is None]
    assert unsigned and unsigned == list(range(1, len(unsigned) + 1))
    practices.add_zoe(here)
    assert is_whole(here)
    here.close()
    clock.put(2026, 5)
    here = unlock(tmp_path / "practice", practices.PASSPHRASE, clock=clock)
    (sealed,) = segments.listing(here.connection)
    assert (sealed.first, sealed.month) == (1, "2026-03") and sealed.last > unsigned[-1]
    practices.add_zoe(here)
    drop(here, "2026-04")
    assert is_whole(here)
    here.close()


def test_a_dropped_month_of_unsigned_lines_does_not_make_the_next_unsigned_ones_wrong(tmp_path: Path) -> None:
    """A practice that worked with the first release for two months, and drops the first of them."""
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    clock = Calendar()
    clock.put(2026, 3, 20)
    here = unlock(tmp_path / "practice", practices.PASSPHRASE, clock=clock)
    lines = list(history.stored(here.connection))
    middle = sum(line.signature is None for line in lines) // 2
    with database.transaction(here.connection):  # the month ends in the middle of what that release wrote
        here.connection.execute("DELETE FROM segment")
        segments._seal_run(here.connection, here.signer, 1, middle)
    (sealed,) = segments.listing(here.connection)
    assert isinstance(sealed, Segment) and sealed.contents is None and is_whole(here)
    let_go(here, [sealed])
    assert is_whole(here)
    here.close()


def test_the_head_file_of_a_practice_with_dropped_months_is_its_own(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    drop(here, "2026-07")
    assert head.read(paths.head(here.folder), here.key) == head.current(here.connection)
    inspection.require_sound(here.connection, "record.db")
    here.close()


# --- the line that tells of it, and clocks that were wrong -----------------------------------------------------------


def test_what_was_dropped_without_a_line_is_named(tmp_path: Path) -> None:
    """Whoever has the record's key can drop sealed months: not without a doctor's line about it."""
    here = live(tmp_path / "alpha", Calendar())
    hashes = {line.num: line.hash for line in history.stored(here.connection)}
    with database.transaction(here.connection):
        segments.drop(here.connection, old(here, "2026-06"), here.now())
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken.seen == UNTOLD
    assert [head.holds(here.connection, line, hashes[line]) for line in (2, 3, 4, 5)] == [False, True, False, True]
    here.close()


def test_more_than_the_line_tells_of_is_named_and_so_is_less(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    drop(here, "2026-04")
    assert is_whole(here)
    with database.transaction(here.connection):
        segments.drop(here.connection, old(here, "2026-06"), here.now())
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken == (history.lines(here.connection)[-1].id, UNTOLD)
    here.close()


def test_a_later_line_tells_of_everything_and_the_earlier_one_may_be_dropped(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock)
    drop(here, "2026-04")
    here.close()
    for month in (8, 9):
        clock.put(2026, month)
        here = reopen(here.folder, keys_of(here.folder), clock)
        practices.add_zoe(here)
        if month == 8:
            here.close()
    assert drop(here, "2026-08") == 7
    assert [line.action for line in history.lines(here.connection)].count("history-dropped") == 1
    assert is_whole(here)
    here.close()


@pytest.mark.parametrize("signer", ["secretary", "doctor"])
def test_only_a_doctors_line_tells_of_it(tmp_path: Path, signer: str) -> None:
    here = live(tmp_path / "alpha", Calendar())
    staff.add(here, "Somebody", signer, "une autre phrase", memory=keyring.MIN_MEMORY)
    theirs = unlock(here.folder, "une autre phrase", clock=july())
    with database.transaction(theirs.connection):
        segments.drop(theirs.connection, old(theirs, "2026-06"), theirs.now())
        subject, detail = segments.statement(theirs.connection)
        history.append(
            theirs.connection,
            theirs.signer,
            at=theirs.now(),
            user=theirs.user.id,
            action="history-dropped",
            subject=subject,
            detail=detail,
        )
    theirs.close()
    broken = verification.first_broken_line(here.connection)
    assert broken is None if signer == "doctor" else broken is not None and broken.seen == UNTOLD
    if signer == "secretary":
        with by_hand(here.folder, here.key) as connection:
            connection.execute("UPDATE user SET role = 'doctor'")
        found = first_finding(here)
        assert found is not None and found.check == "states"
    here.close()


def test_the_line_covers_the_keys_of_its_day(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    drop(here, "2026-06")
    with by_hand(here.folder, here.key) as connection:
        connection.execute(
            "INSERT INTO user_key (num, user, signing, sealing, voucher, made, ended)"
            " SELECT 0, user, zeroblob(32), sealing, voucher, made, '' FROM user_key"
        )
    broken = verification.first_broken_line(here.connection)
    assert broken is not None and broken.seen == UNTOLD
    here.close()


def test_one_line_of_a_clock_that_ran_ahead_does_not_end_the_sealing(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock, ((2026, 3), (2099, 1), (2026, 4), (2026, 5), (2026, 6), (2026, 7)))
    assert [one.month for one in segments.listing(here.connection)] == [
        "2026-03",
        "2099-01",
        "2026-04",
        "2026-05",
        "2026-06",
    ]
    # Nor the dropping: the month that has not begun yet is as old as what follows it.
    assert [one.month for one in old(here, "2026-05")] == ["2026-03", "2099-01", "2026-04"]
    drop(here, "2026-05")
    assert is_whole(here)
    here.close()


def test_lines_of_a_clock_that_ran_behind_are_not_old(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar(), ((2001, 1), (2026, 6), (2026, 7)))
    assert old(here, "2002-01", "2006-07") == []
    here.close()


def test_a_clock_that_is_set_forward_makes_nothing_old(tmp_path: Path) -> None:
    clock = Calendar()
    here = live(tmp_path / "alpha", clock)
    here.close()
    clock.put(2060, 1)
    here = reopen(here.folder, keys_of(here.folder), clock)
    assert retention.limit(here) == "2006-07"
    with pytest.raises(Refused):
        retention.drop(here, "2026-04")
    here.close()


def forge_key(here: Practice, number: int) -> None:
    """Write down a key in the doctor's name, and sign a line with it."""
    pair = crypto.signing_key(bytes(range(32)))
    with database.transaction(here.connection):
        here.connection.execute(
            "INSERT INTO user_key (num, user, signing, sealing, voucher, made, ended)"
            " SELECT ?, user, ?, sealing, voucher, made, '' FROM user_key WHERE num = 1",
            (number, pair.public),
        )
        signer = history.Signer(number, pair)
        history.append(here.connection, signer, at=here.now(), user=here.user.id, action="record-read")


def test_after_a_drop_keys_are_still_looked_at(tmp_path: Path) -> None:
    here = live(tmp_path / "alpha", Calendar())
    staff.add(here, "Before", "secretary", "une autre phrase", memory=keyring.MIN_MEMORY)
    drop(here, "2026-06")
    user = staff.add(here, "After", "secretary", "encore une autre", memory=keyring.MIN_MEMORY)
    staff.give_passphrase(here, user, "et une troisième", keyring.MIN_MEMORY)
    unlock(here.folder, "et une troisième", clock=july()).close()
    assert is_whole(here)
    forge_key(here, 99)
    found = first_finding(here)
    assert found is not None and found.check == "keys"
    here.close()


def test_nothing_is_dropped_while_a_key_is_nobodys(tmp_path: Path) -> None:
    """The line about it would vouch for that key."""
    clock = Calendar()
    here = live(tmp_path / "alpha", clock, ((2001, 1), (2001, 2), (2001, 3), (2026, 7)))
    assert retention.droppable(here, "2001-03").months == 2
    forge_key(here, 99)
    with pytest.raises(DamagedStore):
        retention.drop(here, "2001-03")
    with by_hand(here.folder, here.key) as connection:
        assert connection.execute("SELECT count(*) FROM segment WHERE dropped <> ''").fetchone() == (0,)
    here.close()
