"""Any sequence of merges, un-merges, additions and amendments keeps every version once, and taking everything apart
gives the same charts as never having merged."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from localstore import inspection, patients, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.identities import merging
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Concept
from tests import practices

PEOPLE = 4
FAMILIES = ("Durand", "Martin", "Petit", "Lenoir")


class Written(NamedTuple):
    """A version as it was written: of which record, of which entry, in the place of which version, what it says."""

    owner: str
    entry: str
    version: str
    parent: str
    label: str


class Records(RuleBasedStateMachine):
    """A practice with a few patients, beside a model of it: the list of what was written and a forest of who is read
    under whom."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.here: Practice = practices.make(Path(self._folder.name) / "here")
        self.under: dict[str, str] = {}
        self.written: list[Written] = []
        self.people: list[str] = []
        for number in range(PEOPLE):
            body = PatientBody(FAMILIES[number], ("Anne",), f"196{number}-05-04", "female")
            made = record.add_patient(self.here, body)
            self.people.append(made.id)
            self._wrote(made, made.id, FAMILIES[number])

    def teardown(self) -> None:
        for patient in list(self.under):
            merging.unmerge(self.here, patient, "fin")
            del self.under[patient]
        for patient in self.people:
            chart = record.chart(self.here, patient)
            mine = [one for one in self.written if one.owner == patient]
            standing = {one.version for one in mine} - {one.parent for one in mine}
            assert {entry.version for entry in (*chart.identity, *chart.entries)} == standing
            assert chart.also_registered == ()
            assert {entry.patient for entry in (*chart.identity, *chart.entries)} == {patient}
        assert [one for one in inspection.findings(self.here.connection) if not one.is_sound] == []
        self.here.close()
        self._folder.cleanup()

    def _wrote(self, entry: Entry, owner: str, label: str) -> None:
        self.written.append(Written(owner, entry.id, entry.version, "".join(entry.parents), label))

    def root(self, patient: str) -> str:
        """Under whom a record is read."""
        while patient in self.under:
            patient = self.under[patient]
        return patient

    @rule(one=st.integers(0, PEOPLE - 1), label=st.sampled_from(["asthme", "goutte"]))
    def add(self, one: int, label: str) -> None:
        """A problem in one of the records: it is written in the one that is kept."""
        entry = record.add(self.here, self.people[one], ProblemBody(Concept(label)), "2020")
        self._wrote(entry, self.root(self.people[one]), label)

    @rule(place=st.integers(0, 50), label=st.sampled_from(["eczéma", "migraine"]))
    def amend(self, place: int, label: str) -> None:
        """Another word for a problem, or another name for a person; also of a version that was replaced."""
        old = self.written[place % len(self.written)]
        is_identity = old.entry in self.people
        body = PatientBody(label, ("Anne",), "1960-05-04") if is_identity else ProblemBody(Concept(label))
        self._wrote(record.amend(self.here, old.version, body), old.owner, label)

    @rule(one=st.integers(0, PEOPLE - 1), other=st.integers(0, PEOPLE - 1))
    def merge(self, one: int, other: int) -> None:
        """Two records that are two."""
        keep, gone = self.root(self.people[one]), self.root(self.people[other])
        if keep != gone:
            merging.merge(self.here, self.people[one], self.people[other], "double")
            self.under[gone] = keep

    @precondition(lambda self: bool(self.under))
    @rule(place=st.integers(0, PEOPLE))
    def unmerge(self, place: int) -> None:
        """One of those that were merged, wherever it stands."""
        merged = [patient for patient in self.people if patient in self.under]
        patient = merged[place % len(merged)]
        merging.unmerge(self.here, patient, "deux personnes")
        del self.under[patient]

    @invariant()
    def every_version_stands_once_in_the_record_of_its_person(self) -> None:
        roots = {self.root(patient) for patient in self.people}
        assert {one.id for one in patients.listing(self.here.connection)} == roots
        assert patients.count(self.here.connection) == len(roots)
        for root in roots:
            found = [entry.version for entry in record.every_version(self.here, root)]
            assert sorted(found) == sorted(one.version for one in self.written if self.root(one.owner) == root)

    @invariant()
    def a_name_finds_the_record_that_is_kept(self) -> None:
        for family in (*FAMILIES, "eczéma", "migraine"):
            expected = set()
            for patient in self.people:
                # Of several that stand, each finds him.
                identity = [one for one in self.written if one.entry == patient]
                replaced = "".join(one.parent for one in identity)
                if any(one.label == family and one.version not in replaced for one in identity):
                    expected.add(self.root(patient))
            assert {one.id for one in patients.search(self.here.connection, family)} == expected


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Records,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        ),
    )


def test_any_sequence() -> None:
    _run(8, 12)


@pytest.mark.long
def test_any_long_sequence() -> None:
    _run(150, 40)
