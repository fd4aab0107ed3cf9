"""What arrived beside the own record: the same entry, the same thing in other words, and what is new."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import record
from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    RelativeBody,
)
from localstore.correspondence import ReceivedState
from localstore.kinds import Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Quantity
from sync.receiving import beside, inbox, reception
from sync.receiving.beside import Relation
from sync.sending import sharing
from tests import practices
from tests.sync.test_desk import Pair

ASTHMA = Concept("Asthme", (Coding("urn:oid:cim10", "J45", "Asthme"),))
MOMENT = "2026-03-01T12:00:00.000Z"


def entry(number: int, body: Body, date: str = "", **changes: Any) -> Entry:
    name = f"{number:032x}"
    return msgspec.structs.replace(Entry(name, name, "a" * 32, date, Author("Dr B"), MOMENT, body), **changes)


def relation(theirs: Entry, *own: Entry) -> Relation:
    (found,) = beside.compare([theirs], own, frozenset(), frozenset())
    assert found.is_proposed == (found.relation in (Relation.NEW, Relation.VERSION))
    return found.relation


def value(number: str) -> MeasurementBody:
    return MeasurementBody(Concept("HbA1c"), Quantity(Decimal(number), "%"))


SAME: list[tuple[Body, str, Body, str]] = [
    (ProblemBody(ASTHMA), "2001", ProblemBody(Concept("asthme ")), "2019-04-02"),  # years apart: still one asthma
    (ProblemBody(Concept("BA", ASTHMA.codings)), "", ProblemBody(ASTHMA), "2001"),  # by its code
    (AllergyBody(Concept("Pénicilline")), "2019", AllergyBody(Concept("PENICILLINE")), ""),
    (AllergyBody(none_known=True), "2019", AllergyBody(none_known=True), "2026-01-01"),
    (MedicationBody(Concept("Lithium"), "1 le soir"), "2020", MedicationBody(Concept("Lithium"), "2 le soir"), "2021"),
    (value("7.1"), "2026-01-02", value("7.1"), "2026-01-02T09:30:00+01:00"),  # a day, and a moment of it
    (value("7.1"), "2026-01-02", value("7.4"), "2026-01-02"),  # two values of one day: the doctor must see both
    (value("7.1"), "2026-01", value("7.1"), "2026-01-02"),
    (ImmunisationBody(Concept("Grippe")), "", ImmunisationBody(Concept("Grippe")), "2025-10-10"),  # when in doubt
    (DocumentBody("Radiographie"), "2024-05-06", DocumentBody("radiographie", text="x"), "2024-05-06"),
    (RelativeBody("Luc Durand"), "", RelativeBody("LUC DURAND", Concept("père")), ""),
    (ConsultationBody("Toux"), "2025-01-10", ConsultationBody("toux"), "2025-01-10"),
]
OTHER: list[tuple[Body, str, Body, str]] = [
    (ProblemBody(ASTHMA), "2001", AllergyBody(ASTHMA), "2001"),
    (ProblemBody(Concept("")), "2001", ProblemBody(Concept("")), "2001"),  # about nothing: like nothing
    (value("7.1"), "2026-01-02", value("7.1"), "2026-01-03"),
    (ImmunisationBody(Concept("Grippe")), "2024-10-10", ImmunisationBody(Concept("Grippe")), "2025-10-10"),
    (RelativeBody("Luc", Concept("frère")), "", RelativeBody("Jean", Concept("frère")), ""),
    (ConsultationBody("Toux"), "2025-01-10", ConsultationBody("Entorse"), "2025-01-10"),
    (AllergyBody(none_known=True), "2019", AllergyBody(Concept("Noix")), "2019"),
]


@pytest.mark.parametrize(("theirs", "date", "ours", "day"), SAME)
def test_the_same_thing_is_a_possible_duplicate_and_not_proposed(theirs: Body, date: str, ours: Body, day: str) -> None:
    own = entry(2, ours, day)
    (found,) = beside.compare([entry(1, theirs, date)], [own], frozenset(), frozenset())
    assert (found.relation, found.own, found.duplicate_of) == (Relation.DUPLICATE, (own,), (own.id,))
    assert not found.is_proposed
    assert relation(entry(2, ours, day), entry(1, theirs, date)) is Relation.DUPLICATE  # whichever came first


@pytest.mark.parametrize(("theirs", "date", "ours", "day"), OTHER)
def test_what_is_another_thing_is_new(theirs: Body, date: str, ours: Body, day: str) -> None:
    assert relation(entry(1, theirs, date), entry(2, ours, day)) is Relation.NEW


def test_what_was_entered_in_error_is_like_nothing() -> None:
    wrong = entry(2, ProblemBody(ASTHMA), status=Status.ENTERED_IN_ERROR)
    assert relation(entry(1, ProblemBody(ASTHMA)), wrong) is Relation.NEW
    assert relation(wrong, entry(1, ProblemBody(ASTHMA))) is Relation.NEW


def test_versions_of_one_entry_come_before_its_like() -> None:
    theirs = entry(1, ProblemBody(ASTHMA))
    ours, like = entry(1, ProblemBody(Concept("Asthme sévère")), version="f" * 32), entry(3, ProblemBody(ASTHMA))
    (found,) = beside.compare([theirs], [like, ours], frozenset(), frozenset())
    assert (found.relation, found.own, found.duplicate_of) == (Relation.VERSION, (ours, like), ())
    (found,) = beside.compare([theirs], [like, ours], {theirs.version}, frozenset())
    assert found.relation is Relation.HERE
    (found,) = beside.compare([theirs], [like, ours], frozenset(), {theirs.version})
    assert found.relation is Relation.EARLIER


DATES = st.sampled_from(["", "2025", "2025-01", "2025-01-10", "2025-01-10T09:00:00+01:00", "2026", "2026-01-10"])


@given(DATES, DATES)
def test_a_date_that_could_be_the_same_is_symmetric(one: str, other: str) -> None:
    assert beside.may_be_same_day(one, other) == beside.may_be_same_day(other, one)
    assert beside.may_be_same_day(one, one) and beside.may_be_same_day(one, "")


# --- between two practices -------------------------------------------------------------------------------------------


@pytest.fixture
def both(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def received(both: Pair) -> list[inbox.Item]:
    both.carry()
    reception.collect(both.beta)
    return inbox.listing(both.beta)


def relations(both: Pair, item: inbox.Item, patient: str) -> dict[str, Relation]:
    own = record.chart(both.beta.practice, patient).entries
    return {one.entry.id: one.relation for one in inbox.compared(both.beta, item, own)}


def test_before_and_after_taking_over(both: Pair) -> None:
    both.share()
    (item,) = received(both)
    zoe = practices.add_zoe(both.beta.practice).id
    assert inbox.likely_owner(both.beta, item) == zoe
    record.add(both.beta.practice, zoe, ProblemBody(Concept("Asthme")), "2010")
    found = relations(both, item, zoe)
    assert found == {
        both.allergy.id: Relation.NEW,
        both.problem.id: Relation.DUPLICATE,
        both.medication.id: Relation.NEW,
    }
    inbox.take(both.beta, item.id, zoe, only=[both.allergy.id])
    assert relations(both, item, zoe)[both.allergy.id] is Relation.HERE


def test_a_later_version_is_proposed_and_an_earlier_one_is_not(both: Pair) -> None:
    both.share()
    (first,) = received(both)
    zoe = inbox.take(both.beta, first.id, new=True).patient
    newer = record.amend(both.alpha.practice, both.problem.version, ProblemBody(Concept("Asthme sévère")))
    sharing.share(both.alpha, both.zoe.id, both.of_beta)
    second = received(both)[0]
    (changed,) = (one for one in inbox.compared(both.beta, second, record.chart(both.beta.practice, zoe).entries)
                  if one.entry.id == newer.id)  # fmt: skip
    assert (changed.relation, changed.is_proposed) == (Relation.VERSION, True)
    assert [one.version for one in changed.own] == [both.problem.version]
    inbox.take(both.beta, second.id, zoe)
    # Who takes over the newer one in another practice first finds the older one later.
    third = practices.add_zoe(both.beta.practice).id
    assert relations(both, first, third)[newer.id] is Relation.HERE


def test_an_earlier_version_that_comes_after_its_successor(both: Pair) -> None:
    both.share()
    both.carry()
    record.amend(both.alpha.practice, both.problem.version, ProblemBody(Concept("Asthme sévère")))
    sharing.share(both.alpha, both.zoe.id, both.of_beta)
    second, first = received(both)
    zoe = inbox.take(both.beta, second.id, new=True).patient
    assert relations(both, first, zoe)[both.problem.id] is Relation.EARLIER
    assert (first.superseded_by, second.superseded_by, second.supersedes) == (second.id, "", first.id)
    assert inbox.show(both.beta, first.id).superseded_by == second.id


def test_the_newest_extract_of_a_chain_is_the_one_that_is_named(both: Pair) -> None:
    both.share()
    for _ in range(2):
        sharing.share(both.alpha, both.zoe.id, both.of_beta)
    third, second, first = received(both)
    assert (first.superseded_by, second.superseded_by, third.superseded_by) == (third.id, third.id, "")


def test_nothing_that_is_shown_beside_changes_anything(both: Pair) -> None:
    both.share(restricted=(both.secret.id,))
    (item,) = received(both)
    zoe = practices.add_zoe(both.beta.practice).id
    before = record.chart(both.beta.practice, zoe)
    relations(both, item, zoe)
    assert record.chart(both.beta.practice, zoe) == before
    assert inbox.listing(both.beta)[0].state in (ReceivedState.NEW,)
    assert any(one.sensitivity is Sensitivity.RESTRICTED for one in item.entries)


def test_a_large_extract_beside_a_large_record_is_compared_at_once() -> None:
    """Each entry finds its like by name: not every pair is looked at."""
    own = [entry(number, ProblemBody(Concept(f"P{number}"))) for number in range(1, 5001)]
    theirs = [entry(10_000 + number, ProblemBody(Concept(f"P{number}"))) for number in range(1, 5001)]
    found = beside.compare(theirs, own, frozenset(), frozenset())
    assert all(one.duplicate_of == (mine.id,) for one, mine in zip(found, own, strict=True))
