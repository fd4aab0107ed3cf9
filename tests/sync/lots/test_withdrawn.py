"""A withdrawal that comes by one road, and on the other, later, what it withdrew."""

from pathlib import Path

import pytest

from localstore.correspondence import ReceivedState
from sync import handing
from sync.receiving import inbox
from sync.sending import outbox
from sync.sending.outbox import SentState
from tests.sync.meetings import Town


def _ignore(*_: object) -> None: ...


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Two practices."""
    return Town(tmp_path / "town")


def test_a_lot_that_is_read_after_the_withdrawal_leaves_nothing(town: Town, tmp_path: Path) -> None:
    """Alpha's disk was put back to before the lot, so it knows of no extract; the withdrawal goes by the network."""
    alpha, beta, lot = town.alpha, town.beta, tmp_path / "stick.lot"
    consent = alpha.consent()
    town.exchange()
    before = alpha.back_up()
    alpha.share()
    handing.write(alpha.desk, alpha.other, lot, _ignore)
    alpha.restore(before)
    alpha.revoke(consent)
    town.exchange()
    handing.read(beta.desk, lot, _ignore)
    beta.collect()
    assert [(one.state, one.entries) for one in inbox.listing(beta.desk)] == [(ReceivedState.WITHDRAWN, ())]
    town.exchange()
    assert SentState.STORED in [one.state for one in outbox.listing(alpha.desk)]
    town.close()
