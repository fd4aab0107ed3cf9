"""An extract that came too late for its key, and a later one that was lost with the disk it waited on."""

from pathlib import Path

from localstore import correspondence, record
from localstore.bodies import ProblemBody
from localstore.values import Concept
from sync.sending import outbox
from sync.sending.outbox import SentState
from tests.sync.meetings import Town
from tests.sync.test_late_envelopes import lose_keys


def test_what_was_lost_replaces_nothing(tmp_path: Path) -> None:
    """So it is not said that what could not be opened went once more."""
    town = Town(tmp_path)
    alpha, beta = town.alpha, town.beta
    alpha.consent()
    alpha.share()
    town.exchange()
    record.add(alpha.desk.practice, alpha.patient, ProblemBody(Concept("Goutte")))
    lose_keys(beta.desk)
    alpha.share()
    town.meet()
    record.add(alpha.desk.practice, alpha.patient, ProblemBody(Concept("Migraine")))
    alpha.share()
    alpha.restore(alpha.back_up())
    town.exchange(4)
    fates = [one.anew for one in correspondence.outgoing(alpha.desk.record) if one.type == "extract"]
    assert fates == ["", "withheld", ""]
    states = [one.state for one in outbox.listing(alpha.desk) if one.sent.type == "extract"]
    assert SentState.SEALED_ANEW not in states
    assert len(beta.extracts()) == 1
    town.close()
