"""Versions that compete between two practices: settled, they compete no more; what comes later competes again."""

from pathlib import Path

import pytest

from localstore import history, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.errors import BadInput
from localstore.kinds import Sensitivity
from localstore.model import Entry
from localstore.values import Concept
from sync.desk import Desk
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.sync.test_desk import Pair


class Talk(Pair):
    """Alpha told beta of Zoé's asthma; beta took it over, and each amended it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.share()
        self.carry()
        reception.collect(self.beta)
        self.theirs = inbox.take(self.beta, inbox.listing(self.beta)[0].id, new=True).patient
        sharing.grant(self.beta, self.theirs, self.of_alpha, purpose="soins")
        self.ours = self.amend(self.alpha, self.zoe.id, "léger")
        self.amend(self.beta, self.theirs, "sévère")

    def asthma(self, desk: Desk, patient: str) -> list[Entry]:
        """The versions of it that stand."""
        return [one for one in record.chart(desk.practice, patient).entries if one.id == self.problem.id]

    def amend(self, desk: Desk, patient: str, note: str) -> Entry:
        """A new version in the place of the one that stands."""
        (old,) = self.asthma(desk, patient)
        return record.amend(desk.practice, old.version, ProblemBody(Concept("Asthme"), note=note))

    def tell_back(self) -> inbox.Taken:
        """Beta sends what it has, and alpha takes it over."""
        sharing.share(self.beta, self.theirs, self.of_alpha)
        self.carry_back()
        reception.collect(self.alpha)
        return inbox.take(self.alpha, inbox.listing(self.alpha)[0].id, self.zoe.id)

    def notes(self) -> list[str]:
        """What stands at alpha's."""
        return sorted(
            one.body.note for one in self.asthma(self.alpha, self.zoe.id) if isinstance(one.body, ProblemBody)
        )


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


def test_what_was_settled_competes_no_more_and_nothing_is_lost(talk: Talk) -> None:
    assert talk.tell_back().competing == 1
    assert talk.notes() == ["léger", "sévère"]
    (theirs,) = [one for one in talk.asthma(talk.alpha, talk.zoe.id) if one.version != talk.ours.version]
    settled = record.settle(talk.alpha.practice, theirs.version)
    assert set(settled.parents) == {talk.ours.version, theirs.version}
    assert talk.notes() == ["sévère"]
    assert record.chart(talk.alpha.practice, talk.zoe.id).competing() == frozenset()
    every = record.all_versions(talk.alpha.practice, talk.problem.id)
    assert {talk.problem.version, talk.ours.version, theirs.version, settled.version} == {one.version for one in every}
    (line,) = [one for one in history.lines(talk.alpha.record) if one.action == "versions-settled"]
    assert line.subject == settled.version


def test_the_same_extract_again_does_not_bring_the_losing_version_back(talk: Talk) -> None:
    talk.tell_back()
    record.settle(talk.alpha.practice, talk.ours.version)
    talk.tell_back()
    assert talk.notes() == ["léger"]


def test_a_successor_of_the_losing_version_competes_again(talk: Talk) -> None:
    talk.tell_back()
    settled = record.settle(talk.alpha.practice, talk.ours.version)
    talk.amend(talk.beta, talk.theirs, "très sévère")
    talk.tell_back()
    assert talk.notes() == ["léger", "très sévère"]
    assert record.chart(talk.alpha.practice, talk.zoe.id).competing() == {talk.problem.id}
    both = ProblemBody(Concept("Asthme"), note="les deux")
    made = record.settle(talk.alpha.practice, settled.version, both)
    assert talk.notes() == ["les deux"]
    assert len(made.parents) == 2
    assert len(record.all_versions(talk.alpha.practice, talk.problem.id)) == 6


def test_what_was_settled_replaces_the_colleagues_version_where_he_takes_it(talk: Talk) -> None:
    """At beta's, alpha's settled version names beta's own as its parent: that is beta's to decide."""
    talk.tell_back()
    record.settle(talk.alpha.practice, talk.ours.version)
    sharing.share(talk.alpha, talk.zoe.id, talk.of_beta)
    talk.carry()
    reception.collect(talk.beta)
    taken = inbox.take(talk.beta, inbox.listing(talk.beta)[0].id, talk.theirs)
    assert taken.competing == 1
    assert len(talk.asthma(talk.beta, talk.theirs)) == 2


def test_a_restriction_of_one_stays_on_what_was_settled(talk: Talk) -> None:
    talk.tell_back()
    (theirs,) = [one for one in talk.asthma(talk.alpha, talk.zoe.id) if one.version != talk.ours.version]
    body = ProblemBody(Concept("Asthme"), note="secret")
    hidden = record.amend(talk.alpha.practice, talk.ours.version, body, sensitivity=Sensitivity.RESTRICTED)
    settled = record.settle(talk.alpha.practice, theirs.version)
    assert settled.sensitivity is Sensitivity.RESTRICTED
    with pytest.raises(BadInput, match="compete"):
        record.settle(talk.alpha.practice, hidden.version)


def test_the_identities_of_one_record_are_settled_too(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "a")
    zoe = practices.add_zoe(here)
    one, two = (record.amend(here, zoe.version, PatientBody("Dupont", ("Zoé",), phone=p)) for p in ("1", "2"))
    assert len(record.chart(here, zoe.id).identity) == 2
    record.settle(here, one.version)
    chart = record.chart(here, zoe.id)
    assert (len(chart.identity), chart.patient.phone) == (1, "1")
    assert len(record.all_versions(here, zoe.id)) == 4
    assert two.version in {one.version for one in record.all_versions(here, zoe.id)}
    here.close()
