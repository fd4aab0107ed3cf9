"""Taking an extract over where a part of it lies in another record already, and after two records were taken apart."""

from pathlib import Path

import pytest

from localstore import history, inspection, patients, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.errors import BadInput
from localstore.identities import merging
from localstore.rights import account
from localstore.rights.erasure import Ground
from localstore.values import Concept
from sync.receiving import inbox, reception
from sync.sending import erasing, sharing
from tests import practices
from tests.sync.test_desk import Pair

OTHER = PatientBody("Autre", ("Jean",), "1970-01-01", "male")


@pytest.fixture
def both(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def received(both: Pair) -> str:
    both.share()
    both.carry()
    reception.collect(both.beta)
    return inbox.listing(both.beta)[0].id


def test_what_lies_with_somebody_else_is_an_error_before_anything_is_written(both: Pair) -> None:
    item = received(both)
    there = both.beta.practice
    wrong, right = record.add_patient(there, OTHER).id, practices.add_zoe(there).id
    assert inbox.take(both.beta, item, wrong).added == 3
    written = len(history.lines(there.connection))
    for chosen in ({"patient": right}, {"patient": "", "new": True}):
        with pytest.raises(BadInput, match=f"Autre Jean .{wrong[:16]}.*Nothing was changed.*merge the two records"):
            inbox.take(both.beta, item, **chosen)
    assert record.chart(there, right).entries == ()
    assert patients.count(there.connection) == 2
    assert len(history.lines(there.connection)) == written
    # As one person's, they are here.
    merging.merge(there, right, wrong, "double")
    assert inbox.take(both.beta, item, right) == inbox.Taken(right, 0, 3)


def test_a_newer_extract_is_not_torn_into_two_records(both: Pair) -> None:
    item = received(both)
    there = both.beta.practice
    first, second = practices.add_zoe(there).id, practices.add_zoe(there).id
    merging.merge(there, first, second, "double")
    inbox.take(both.beta, item, second)
    merging.unmerge(there, second, "deux personnes")
    record.add(both.alpha.practice, both.zoe.id, ProblemBody(Concept("Goutte")))
    sharing.share(both.alpha, both.zoe.id, both.of_beta)
    both.carry()
    reception.collect(both.beta)
    newer = inbox.listing(both.beta)[0].id
    with pytest.raises(BadInput, match=first[:16]):
        inbox.take(both.beta, newer, second)
    assert record.chart(there, second).entries == ()
    assert inbox.take(both.beta, newer, first) == inbox.Taken(first, 1, 3)


def test_who_saw_two_records_as_one_is_told_of_both_and_no_other(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    here = alpha.practice
    one, two, three = (
        record.add_patient(here, PatientBody(name, ("Zoé",), "1958-07-03", "female")).id for name in ("A", "B", "C")
    )
    record.add(here, one, AllergyBody(Concept("Noix")))
    sharing.grant(alpha, one, of_beta, purpose="soins")
    record.open_chart(here, two, "avant")
    merging.merge(here, two, one, "double")
    merging.merge(here, three, two, "double")
    record.open_chart(here, one, "ensemble")
    sharing.share(alpha, two, of_beta)
    merging.unmerge(here, two, "erreur")
    record.open_chart(here, three, "seule")
    merging.unmerge(here, one, "erreur")
    record.open_chart(here, two, "après")

    def seen(patient: str) -> list[str]:
        lines = history.lines(here.connection, patients.number(here.connection, patient))
        assert len(lines) == len(set(lines))
        return [line.detail or line.action for line in lines if line.action in ("record-read", "extract-shared")]

    sent = of_beta.id
    assert seen(one) == ["ensemble", sent]
    assert seen(two) == ["avant", "ensemble", sent, "après"]
    assert seen(three) == ["ensemble", sent, "seule"]
    told = account.of_patient(here, one).accesses
    assert [access.words for access in told if access.action == "record-read"] == ["ensemble"]
    assert [access.action for access in told].count("extract-shared") == 1
    practices.carry(alpha, of_beta, beta, of_alpha)
    gone = erasing.erase(alpha, two, Ground.MISTAKE, "inscrit par erreur")
    assert gone.holders == (erasing.Holder("Dr Beta", 1, False, 0),)
    assert [one for one in inspection.findings(alpha.record) if not one.is_sound] == []


def test_a_consent_of_merged_records_is_told_once(tmp_path: Path) -> None:
    alpha, _, of_beta, _ = practices.two_desks(tmp_path)
    here = alpha.practice
    people = [record.add_patient(here, PatientBody(name, ("Zoé",), "1958-07-03")).id for name in ("A", "B", "C")]
    sharing.grant(alpha, people[0], of_beta, purpose="soins")
    merging.merge(here, people[1], people[0], "double")
    merging.merge(here, people[2], people[1], "double")
    assert len(account.of_patient(here, people[0]).shares) == 1
