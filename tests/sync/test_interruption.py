"""A sleep of the machine and a clock that was set are noticed; a busy machine is neither."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.post_office.interruption import JUMP_SECONDS, Interruption

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("jump", [JUMP_SECONDS, 3600, 86_400 * 400, -JUMP_SECONDS, -3600])
def test_a_jump_is_noticed_once(jump: float) -> None:
    one = Interruption(NOON, 100.0)
    assert not one.happened(NOON + timedelta(seconds=1), 101.0)
    assert one.happened(NOON + timedelta(seconds=2 + jump), 102.0)
    assert not one.happened(NOON + timedelta(seconds=3 + jump), 103.0)


@given(st.lists(st.tuples(st.floats(0, 10_000), st.floats(-1, 1)), max_size=20))
def test_two_clocks_that_run_together_are_no_interruption_however_rarely_they_are_looked_at(
    steps: list[tuple[float, float]],
) -> None:
    one, moment, seconds = Interruption(NOON, 0.0), NOON, 0.0
    for step, error in steps:
        moment, seconds = moment + timedelta(seconds=step + error), seconds + step
        assert not one.happened(moment, seconds)
