"""The pure half of the agenda: moments in local time, the order of a day, overlaps, gaps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from localstore.agenda import day as rules
from localstore.agenda import moments
from localstore.agenda.day import Appointment
from localstore.bodies import AppointmentBody
from localstore.errors import BadInput
from localstore.kinds import Status
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.values import Author
from sync.papers import soundness

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # the clocks change at 2:00 and at 3:00
# All days, the days on which the clocks change above all.
days = st.sampled_from((SPRING, AUTUMN, "2027-03-28", "2027-10-31")) | st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(
    date.isoformat
)
clocks = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02}:{at[1]:02}")
instants = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


def entry(date: str, minutes: int = 15, number: int = 0, who: str = "", state: str = "booked") -> Entry:
    """An appointment as the record holds it."""
    name = f"{number:032x}"
    body = AppointmentBody(minutes=minutes, state=state, practitioner=who)
    return Entry(name, name, "f" * 32, date, Author("Dr A"), f"2026-01-01T00:00:{number % 60:02}.000Z", body)


def at(day: str, clock: str, minutes: int = 15, number: int = 0, who: str = "", state: str = "booked") -> Entry:
    """An appointment of a time in Paris."""
    return entry(moments.begin(day, clock, PARIS), minutes, number, who, state)


@given(days, clocks)
def test_a_time_that_there_is_comes_back_on_its_day(day: str, clock: str) -> None:
    try:
        text = moments.begin(day, clock, PARIS)
    except BadInput:
        assert day[5:7] == "03" and clock[:2] == "02"  # the hour that the clocks leave out
        return
    assert text.startswith(f"{day}T{clock}:00")
    assert is_date(text) and len(text) <= soundness.MAX_DATE_LENGTH
    moment = moments.moment(text, PARIS)
    assert moment is not None
    assert (moments.day_of(text, PARIS), moments.clock_of(moment, PARIS)) == (day, clock)
    assert moments.written(moment, PARIS) == text
    first, before = moments.bounds(day)
    assert first <= text < before


@pytest.mark.parametrize("clock", ["02:00", "2h30", "02:59"])
def test_a_time_that_the_clocks_leave_out_is_refused(clock: str) -> None:
    with pytest.raises(BadInput, match="forward"):
        moments.begin(SPRING, clock, PARIS)


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert moments.begin(AUTUMN, "2:30", PARIS) == "2026-10-25T02:30:00+02:00"


@given(instants)
def test_any_moment_is_found_on_its_local_day(moment: datetime) -> None:
    """However it was written: here, in UTC, or twelve hours away."""
    day = moments.day_of(moments.written(moment, PARIS), PARIS)
    for zone in (UTC, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles")):
        text = moments.written(moment, zone)
        assert moments.moment(text, PARIS) == moment
        assert moments.day_of(text, PARIS) == day
        first, before = moments.bounds(day)
        assert first <= text < before


@pytest.mark.parametrize("clock", ["", "24:00", "9:60", "9:5", "neuf heures", "-1:00", "٣:٠٠", "9h30m"])
def test_what_is_no_time_is_refused(clock: str) -> None:
    with pytest.raises(BadInput, match="time of day"):
        moments.begin(SPRING, clock, PARIS)


@pytest.mark.parametrize(
    "day", ["", "2026", "2026-02-30", "2026-3-1", "20260301", "2026-W10-1", "9999-12-31", "0001-01-01"]
)
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(BadInput):
        moments.bounds(day)


@given(st.text(max_size=40))
def test_any_date_of_an_import_is_read_or_has_no_time(text: str) -> None:
    moments.moment(text, PARIS)
    moments.moment(f"2026-01-01T{text}", PARIS)
    assert moments.day_of(text, PARIS) in ("", text[:10]) or "T" in text


@given(st.lists(st.tuples(instants, st.integers(-5, 10**9)), max_size=12), st.data())
def test_a_day_is_in_the_order_of_time(made: list[tuple[datetime, int]], data: st.DataObject) -> None:
    zones = st.sampled_from((PARIS, UTC, ZoneInfo("Pacific/Auckland")))
    entries = [
        entry(moments.written(moment, data.draw(zones)), minutes, number)
        for number, (moment, minutes) in enumerate(made)
    ]
    listed = [
        one
        for day in {moments.day_of(one.date, PARIS) for one in entries}
        for one in rules.ordered(entries, day, PARIS)
    ]
    assert sorted(one.entry.id for one in listed) == sorted(one.id for one in entries)  # each on one day
    for day in {moments.day_of(one.date, PARIS) for one in entries}:
        begins = [one.begins for one in rules.ordered(entries, day, PARIS) if one.begins]
        assert begins == sorted(begins)


def test_the_second_half_past_two_comes_after_the_first() -> None:
    first, second = entry(f"{AUTUMN}T02:30:00+02:00", number=2), entry(f"{AUTUMN}T02:15:00+01:00", number=1)
    assert [one.entry for one in rules.ordered([second, first], AUTUMN, PARIS)] == [first, second]
    assert rules.overlapping(rules.ordered([second, first], AUTUMN, PARIS)) == frozenset()


def test_one_without_a_time_stands_first_and_takes_none() -> None:
    listed = rules.ordered([at(SPRING, "9:00", number=1), entry(SPRING, number=2)], SPRING, PARIS)
    assert [one.begins is None for one in listed] == [True, False]
    assert rules.overlapping(listed) == frozenset()


minutes_of_day = st.integers(0, 24 * 60 - 1)
shapes = st.lists(
    st.tuples(
        minutes_of_day,
        st.integers(0, 120),
        st.sampled_from(("", "Dr A", "dr a", "Dr B")),
        st.sampled_from(sorted(rules.NEXT)),
    ),
    max_size=10,
)


def of_shapes(made: list[tuple[int, int, str, str]], day: str = AUTUMN) -> list[Appointment]:
    """A day of appointments, counted in minutes from its midnight."""
    midnight = moments.moment(moments.begin(day, "0:00", PARIS), PARIS)
    assert midnight is not None
    dates = [moments.written(midnight + timedelta(minutes=begins), PARIS) for begins, *_ in made]
    return [
        rules.read(entry(text, length, number, who, state), PARIS)
        for number, (text, (_, length, who, state)) in enumerate(zip(dates, made, strict=True))
    ]


@given(shapes)
def test_what_overlaps_is_what_two_by_two_collides(made: list[tuple[int, int, str, str]]) -> None:
    listed = of_shapes(made)
    expected = {one.entry.version for one in listed if rules.colliding(one, listed)}
    assert rules.overlapping(listed) == expected


@given(shapes)
def test_gaps_and_appointments_fill_the_day_and_never_meet(made: list[tuple[int, int, str, str]]) -> None:
    listed = of_shapes(made)
    begins, ends = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)  # 25 hours
    free = rules.gaps(listed, begins, ends)
    taken = [one for one in listed if one.takes_time]
    for gap in free:
        assert begins <= gap.begins < gap.ends <= ends
        assert not any(one.begins and one.ends and one.begins < gap.ends and gap.begins < one.ends for one in taken)
    for minute in range(0, 25 * 60, 7):
        moment = begins + timedelta(minutes=minute, seconds=30)
        is_taken = any(one.begins and one.ends and one.begins <= moment < one.ends for one in taken)
        assert is_taken != any(gap.begins <= moment < gap.ends for gap in free)
    for start in rules.starts(free, 20):
        assert any(gap.begins <= start and start + timedelta(minutes=20) <= gap.ends for gap in free)


def test_two_practitioners_do_not_collide_and_one_who_is_not_named_does() -> None:
    alone = rules.read(at(SPRING, "9:00", 30, 1, "Dr Léa"), PARIS)
    others = [
        rules.read(at(SPRING, "9:15", 15, 2 + place, who), PARIS) for place, who in enumerate(("Dr B", "dr lea", ""))
    ]
    assert [one.body.practitioner for one in rules.colliding(alone, others)] == ["dr lea", ""]


def test_one_that_ends_when_the_next_begins_leaves_it_alone() -> None:
    listed = [rules.read(at(SPRING, clock, 15, number), PARIS) for number, clock in enumerate(("9:00", "9:15", "9:30"))]
    assert rules.overlapping(listed) == frozenset()


@given(st.sampled_from(sorted(rules.NEXT)))
def test_every_state_can_be_undone(state: str) -> None:
    assume(state != rules.BOOKED)
    assert rules.BOOKED in rules.NEXT[state]


def test_what_was_entered_in_error_takes_no_time() -> None:
    wrong = Entry("a" * 32, "a" * 32, "f" * 32, "", Author("x"), "", AppointmentBody(), status=Status.ENTERED_IN_ERROR)
    assert not rules.read(wrong, PARIS).takes_time
