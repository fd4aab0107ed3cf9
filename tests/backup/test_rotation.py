"""The laws of rotation."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from localstore.backup.rotation import AHEAD, DAYS, MONTHS, MOST, WEEKS, keep

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
near = st.integers(0, 60 * 24 * 500).map(lambda minutes: NOON + timedelta(minutes=minutes))
far = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)
moments = st.sets(near | far, max_size=80)


presents = near | far


@given(moments, presents)
def test_what_is_kept_was_there_and_is_never_too_much(some: set[datetime], now: datetime) -> None:
    kept = keep(some, now)
    assert kept <= some
    assert len({one for one in kept if one <= now}) <= MOST == 24
    assert len({one for one in kept if one > now}) <= AHEAD


@given(moments, presents)
def test_the_newest_that_has_come_is_always_kept(some: set[datetime], now: datetime) -> None:
    assert now in keep({*some, now}, now)


@given(moments, presents)
def test_what_is_still_to_come_takes_no_place_of_what_has_come(some: set[datetime], now: datetime) -> None:
    come = {one for one in some if one <= now}
    assert keep(some, now) == keep(come, now) | set(sorted(some - come)[:AHEAD])


@given(moments, presents)
def test_rotating_twice_is_rotating_once(some: set[datetime], now: datetime) -> None:
    assert keep(keep(some, now), now) == keep(some, now)


@given(moments, near | far, presents)
def test_rotating_after_each_backup_keeps_what_rotating_once_would(
    some: set[datetime], one: datetime, now: datetime
) -> None:
    assert keep({*keep(some, now), one}, now) == keep({*some, one}, now)
    assert keep({*some, one}, now) <= {*keep(some, now), one}


@given(st.sets(near, min_size=1, max_size=MOST))
def test_each_day_week_and_month_of_the_last_ones_has_its_newest(some: set[datetime]) -> None:
    for count, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        held = {moment.strftime(period) for moment in some}
        for one in sorted(held, reverse=True)[:count]:
            assert max(moment for moment in some if moment.strftime(period) == one) in keep(some, max(some))


def test_a_year_of_two_backups_a_day() -> None:
    year = [NOON + timedelta(hours=12 * number) for number in range(2 * 365)]
    held: set[datetime] = set()
    for moment in year:
        held = set(keep({*held, moment}, moment))
    assert held == keep(year, year[-1])
    newest_first = sorted(held, reverse=True)
    assert [(newest_first[0].date() - moment.date()).days for moment in newest_first[:DAYS]] == list(range(DAYS))
    assert len({(moment.year, moment.month) for moment in held}) == MONTHS


def test_a_practice_that_was_closed_keeps_what_it_had() -> None:
    before = {NOON + timedelta(days=number) for number in range(7)}
    later = NOON + timedelta(days=300)
    assert len(keep({*before, later}, later) & before) >= DAYS - 1
